//! The values that claims have. Every one reads from YAML as written in an overlay and refuses what it does not know.

mod exchange;
mod field;
mod input;
mod rate;
mod resource;

pub use exchange::{Combine, Command, ForeignLook, Form, Holds, Idempotency, Problem, Stage};
pub use field::{Collected, FieldOf, FieldPath, Reference, Source};
pub use input::{Binding, PageFact, Paging, Several};
pub use rate::{RateLimit, RatePer, RateReset, RateWindow};
pub use resource::{Conflict, Direction, Guard, IdFormat, Identity, Issuer, Missing, Order, TimeFormat, Verb, Visibility};
