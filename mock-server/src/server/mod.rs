//! The server: sockets around the engine.
//!
//! A listener accepts connections, a connection carries exchanges one after the other, and an exchange is one request and its answer.

mod builder;
mod connection;
mod exchange;
mod inside;
mod listener;
mod mock_server;
mod outgoing;
mod patience;
mod tls;

pub use builder::{Builder, StartError};
pub use inside::{Inside, StateError};
pub use mock_server::MockServer;
pub use tls::{Tls, TlsError};
