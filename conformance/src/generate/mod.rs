//! Generation: values that a schema allows, and values that break one named keyword of it.

mod language;
mod strings;
mod valid;
mod variants;

pub(crate) use language::Language;
pub(crate) use valid::Generator;
pub(crate) use variants::{Variant, variants};
