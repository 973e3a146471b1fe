//! Bundling: a document that is spread over several files, brought together into one value.
//!
//! What another file holds moves to `components`, under a name of its own, and the reference follows it there; a path item, for which
//! 3.0 has no place in `components`, takes the place of its reference. Marks move along, so that a place always names the right file.

mod bundler;
mod folder;
mod grammar;

pub(super) use bundler::bundle;
pub(super) use grammar::{Holds, Part};
