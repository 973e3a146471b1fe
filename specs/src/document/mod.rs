//! Documents: OpenAPI text, read as a value whose every node knows its place.

mod bundle;
mod error;
mod faults;
mod json;
mod marks;
mod official;
mod pointer;
mod read;
mod references;
mod schemas;
mod unsupported;
mod yaml;

pub use error::{DocumentError, DocumentErrorKind, nearest};
pub use marks::Place;
pub(crate) use marks::{Marks, child_index};
pub use pointer::Pointer;
pub(crate) use pointer::Way;
pub use read::{Document, Version};
pub(crate) use references::resolve;
pub(crate) use schemas::{SchemaPlaces, holds_one, holds_several, subschemas};
pub use unsupported::Warning;
