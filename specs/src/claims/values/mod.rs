//! The values that claims have. Every one reads from YAML as written in an overlay and refuses what it does not know.

mod access;
mod exchange;
mod field;
mod input;
mod patch;
mod rate;
mod resource;
mod sealed;
mod version;

pub use access::{Combine, ForeignLook, Holds, ParameterCredentials, SignedToken};
pub use exchange::{Blind, Command, Compare, Form, Idempotency, JsonReading, Problem, ProblemCase, Stage};
pub use field::{Collected, FieldOf, FieldPath, Letters, Reference, Source};
pub use input::{Binding, Filter, PageEdge, PageFact, Paging, Several};
pub use patch::JsonPatch;
pub use rate::{RateLimit, RatePer, RateReset, RateWindow};
pub use resource::{Conflict, Direction, Guard, IdFormat, Identity, Issuer, Missing, Order, TimeFormat, Verb, Visibility};
pub use sealed::{Sealed, SealedBox};
pub use version::{Keep, VersionFact, Versions, Way};
