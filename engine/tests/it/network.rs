//! Networks between people and servers: as pure links, and as relays over real sockets.

mod link;
mod relay;
