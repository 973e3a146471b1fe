//! What a vendor promises, as data with a source.
//!
//! An OpenAPI document and its overlays become a contract: operations, schemas and resources, each promise with its grade and its
//! citation. The mock server keeps the contract and the conformance runner holds a server to it, so neither can lean on the other.

pub mod claims;
pub mod contract;
pub mod document;
mod infer;
pub mod overlay;
mod spec;
pub mod wire;

pub use spec::{Profile, Spec, SpecError, contracts, stays_put, vendors};
