//! What the command line understands.

mod command;
mod judging;
mod serving;
mod showing;

pub(crate) use command::{Arguments, Command, ProfileName, SpecOptions, told_apart};
pub(crate) use judging::{CheckOptions, CleanUpOptions, MergeOptions, ReplayOptions, ReportCommand, identity};
pub(crate) use serving::{MockOptions, token};
pub(crate) use showing::{ChecksCommand, SpecsCommand};
