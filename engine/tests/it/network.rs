//! Networks between people and servers: as pure links, as relays over real sockets, and as suites ask for
//! them on real servers.

mod link;
mod relay;
mod suites;
