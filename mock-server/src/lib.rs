//! A server that keeps the promises of a contract, statefully.
//!
//! A request is routed, authenticated, validated and understood as an intent; one behaviour per verb carries it out over a store; the
//! outcome is written as the vendor writes it. Nothing here knows a vendor: what they differ in stands in the contract.

mod access;
mod answering;
mod behaviour;
mod clock;
mod command;
mod control;
mod delivery;
mod engine;
mod fault;
mod host;
mod idempotency;
mod instead;
mod journal;
mod lasting;
mod limiter;
mod owner;
mod passage;
mod preference;
mod reading;
mod sandbox;
mod sealed;
mod server;
mod signed;
mod store;
mod tally;
mod verdict;
mod world;

pub use fault::{Disturbance, Fault, FaultEntry, Rule, RuleError, fault_catalogue};
pub use journal::ReceivedRequest;
pub use lasting::StateFileError;
pub use server::{Builder, Inside, MockServer, StartError, StateError, Tls, TlsError};
pub use world::{Caller, Client, SeedThing, UnknownRole, World, WorldError};
