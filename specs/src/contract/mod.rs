//! The contract: a document and its claims, compiled once and immutable from then on.

mod answer;
mod canonical;
mod checked;
mod compile;
mod dialect;
mod endpoint;
mod kinds;
mod minimal;
mod node;
mod operation;
mod outline;
mod place;
mod problem;
mod resource;
mod schema;
mod security;
mod standalone;
mod template;
mod violation;

pub use answer::{Answer, AnswerPlace, Member};
pub use canonical::{Judge, canonical, difference};
pub use compile::Contract;
pub use endpoint::{Bound, Endpoint, Input};
pub(crate) use kinds::Kinds;
pub use minimal::{minimal, sample};
pub use node::SchemaNode;
pub use operation::{
    Body, DocumentedHeader, DocumentedResponse, Location, Media, Operation, Parameter, StatusPattern, Style, bare, covers, essence, is_json,
};
pub(crate) use outline::Outline;
pub(crate) use place::{Candidate, Place, candidates, place};
pub use problem::ResolvedProblem;
pub use resource::{Chore, Resource};
pub use schema::Schema;
pub use security::{SchemeKind, SecurityScheme};
pub use template::{Piece, Segment, Template};
pub use violation::Violation;
