//! Without a target: the requests that a seed makes up for an operation, and recorded exchanges, judged.
//!
//! Nothing is sent here. Who has a client of their own takes the requests from here, and who has a recording (a proxy's, a test's, a HAR file's)
//! has it judged by the same checks as the exchanges of a run.

mod cases;
mod recorded;

pub use cases::{Broken, Cases, MadeUp};
pub use recorded::{Judge, Recorded, Ruling, Sender};
