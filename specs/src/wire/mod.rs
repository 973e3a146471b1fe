//! The wire, both ways: requests become intents and outcomes become responses for the mock; intents become requests and responses
//! become readings for the runner.

mod exchange;
mod fields;
mod forced;
mod form;
mod inputs;
mod intent;
mod json;
mod links;
mod moment;
mod outcome;
mod parameters;
mod patch;
mod project;
mod reading;
mod receive;
mod record;
mod respond;
mod route;
mod send;
mod style;
mod template;
mod things;
mod told;
mod validate;

pub use exchange::{Exchange, Request, Response};
pub use fields::Fields;
pub use forced::{GATEWAY_STATUSES, can_answer, forced};
pub use form::{FormError, form_pairs, pairs};
pub use inputs::{Inputs, Payload};
pub use intent::{Equality, Intent, Items, PageRequest, Selector, Stated};
pub use moment::{http_date, written};
pub use outcome::{Answered, Facts, Outcome, PageFacts, Records, Rejection};
pub use parameters::Parameters;
pub use patch::plain_fields;
pub use project::secrets_in;
pub use reading::{PageReading, Reading};
pub use receive::{Unreadable, receive};
pub use record::{Record, Times};
pub use respond::respond;
pub use route::{Routed, Router};
pub use send::send;
pub use style::decode;
pub use template::fill;
pub use validate::{Invalid, validate};
