//! Claims: what a vendor promises, one value at a time, each with its grade and its source.

mod claim;
mod listing;
mod macros;
mod read;
mod set;
mod situation;
mod unsettled;
mod values;
mod vocabulary;

pub use claim::{Claim, Grade};
pub use listing::{ListedClaim, VOCABULARY, VocabularyEntry};
pub use set::{Claims, OperationClaims, OperationKey, ResourceClaims};
pub use situation::Situation;
pub use values::*;
pub use vocabulary::*;
