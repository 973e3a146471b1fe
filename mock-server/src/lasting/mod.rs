//! State that lasts: a state as JSON, and a file that has every change before it is acknowledged.
//!
//! The file begins with a line that says what it is. Each further line is a batch of changes with a checksum that continues the one before it,
//! so that a line that is lost, cut or changed is found. The first batch is a snapshot. A batch is written and brought to the disk before any
//! of its changes is acknowledged, so what a kill or a crash can leave behind is a last line that is not whole, of which nobody was told. A new
//! snapshot is written beside the file and then takes its name, so that there is always one whole file.

mod attach;
mod batch;
mod build;
mod engine;
mod keeper;
mod log;
mod mark;
mod saved;
mod transfer;

pub(crate) use attach::{attach, fill, settle_the_rest};
pub(crate) use batch::{Change, Folded, Kind};
pub(crate) use build::{BuildError, build};
pub(crate) use engine::{Grip, at_once, settle_all};
pub(crate) use keeper::{KeepError, Keeper};
pub use log::StateFileError;
pub(crate) use mark::Kept;
pub(crate) use saved::{Export, SavedChance, SavedClock, SavedLimit, SavedReplay, SavedThing, save};
pub(crate) use transfer::{ImportError, export_of, import_into};
