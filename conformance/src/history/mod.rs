//! Histories: what several clients did to one key at the same time, and whether it can be told as if they had come one after another.
//!
//! A history is *linearizable* (Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects", 1990) if each
//! operation can be given one moment between its request and its answer at which it took effect, so that the answers are those of
//! a server which does one thing at a time. Nothing here knows HTTP, a contract or a value.

#[cfg(test)]
mod brute;
#[cfg(test)]
mod literature;
mod model;
mod search;
mod shrink;

pub(crate) use model::{Act, Address, Change, History, Operation};
pub(crate) use search::is_linearizable;
pub(crate) use shrink::core;
