//! Networks between people and servers: as pure links, as relays over real sockets,
//! as cables of the kernel, and as suites ask for
//! them on real servers.

mod cable;
mod link;
mod relay;
mod suites;
