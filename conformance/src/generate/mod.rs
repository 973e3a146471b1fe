//! Generation: values that a schema allows, in every branch and at every bound, and values that break one named keyword of it.

mod algebra;
mod breaking;
mod containers;
#[cfg(test)]
mod corpus;
mod language;
mod layers;
mod numbers;
mod odd;
mod reach;
mod sample;
mod strings;
mod valid;
mod variants;

pub(crate) use language::Language;
pub(crate) use odd::{LONG, Odd, long_text, odd_name, odd_texts};
pub(crate) use valid::Generator;
pub(crate) use variants::{Variant, Variants, names_keyword, variants};
