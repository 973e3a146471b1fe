//! A runner that holds any server to its contract, over the wire alone.
//!
//! Cases are drafted from the contract, sent, and read back; every check judges every exchange by the contract, the ledger of what the
//! target has acknowledged, and the bytes. Nothing here knows a server: a mock and a real one are judged alike.

mod callers;
mod canary;
mod case;
pub mod checks;
mod cleanup;
mod connection;
mod credentials;
mod director;
mod drafting;
mod exempt;
mod family;
mod finding;
mod flight;
mod forgotten;
mod generate;
mod hidden;
mod hindrance;
mod history;
mod keeping;
mod lead;
mod ledger;
mod manners;
mod mirror;
mod needles;
pub mod offline;
mod options;
mod parameters;
mod phases;
mod plan;
mod race;
mod removing;
mod replay;
mod report;
mod run;
mod scopes;
mod sealing;
mod sending;
mod session;
mod shard;
mod snapshot;
mod tellings;
mod together;
mod trail;
mod transport;
pub mod units;
mod walk;
mod watch;

pub use cleanup::{CleanUp, clean_up};
pub use exempt::{Exempted, Exemption};
pub use finding::Finding;
pub use ledger::{LedgerError, LeftBehind};
pub use manners::{LedgerFile, Manners, Rate, Source};
pub use options::{CheckGlob, Header, Identity, Interrupt, MAX_REQUESTS, Options, Phase, RETRACE, Target};
pub use parameters::parameter_names;
pub use plan::{Plan, PlanError};
pub use replay::{End, Replayed, replay};
pub use report::{Access, Coverage, Format, Leak, MergeError, Part, ReadError, Report, Status, Tally, UNSERVED, Ungenerated, merge};
pub use run::{RunError, run};
pub use shard::Shard;
pub use snapshot::{SnapshotError, SnapshotMode, SnapshotSummary};
pub use transport::Unreachable;
pub use watch::{Event, Watch};
