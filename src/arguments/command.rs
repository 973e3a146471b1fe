//! The command line as a whole: what every command understands, and which commands there are.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use specs::{Profile, Spec, SpecError};

use super::{CheckOptions, ChecksCommand, CleanUpOptions, MockOptions, ReplayOptions, ReportCommand, SpecsCommand};
use crate::examples;
use crate::output::Volume;

/// A stateful mock server for secret-management APIs, and a conformance runner that holds any server to its OpenAPI document
#[derive(Debug, Parser)]
#[command(name = "lockstep", version, arg_required_else_help = true, after_help = examples::PROGRAM)]
pub(crate) struct Arguments {
    /// Tell only what is wrong, and what was asked for
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Tell each request on the error stream, by its operation and its status; no value, no header and no body
    #[arg(short, long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve APIs as their vendors do, statefully
    #[command(after_help = examples::MOCK)]
    Mock(MockOptions),
    /// Hold a server to what its document and its vendor promise; without a target, the mock itself
    #[command(after_help = examples::CHECK)]
    Check(Box<CheckOptions>),
    /// Remove what an interrupted run has left behind on its target
    #[command(after_help = examples::CLEANUP)]
    Cleanup(CleanUpOptions),
    /// Repeat a saved plan: 0 if the check holds now, 1 if it is still violated; without a target, against the mock
    #[command(after_help = examples::REPLAY)]
    Replay(ReplayOptions),
    /// Work with reports that were written as JSON
    #[command(subcommand, after_help = examples::REPORT)]
    Report(ReportCommand),
    /// Show the packs and what they promise
    #[command(subcommand, after_help = examples::SPECS)]
    Specs(SpecsCommand),
    /// Show the catalogue of checks
    #[command(subcommand, after_help = examples::CHECKS)]
    Checks(ChecksCommand),
    /// Print a shell's completions
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Write the manual's pages into a folder, one for each command
    #[command(after_help = examples::MANUAL)]
    Manual {
        /// The folder; it is made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

impl Arguments {
    /// How much is told beside the verdict.
    pub(crate) const fn volume(&self) -> Volume {
        match (self.quiet, self.verbose) {
            (true, _) => Volume::Quiet,
            (false, true) => Volume::Verbose,
            (false, false) => Volume::Usual,
        }
    }
}

/// Which specs, and which of two truths about them.
#[derive(Args, Debug)]
pub(crate) struct SpecOptions {
    /// Vendors' names or paths to OpenAPI files; all vendors if none is given
    #[arg(value_name = "SPEC")]
    pub(crate) specs: Vec<String>,
    /// An overlay for the OpenAPI file
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// Follow the documents, or the real servers where they differ
    #[arg(long = "as", value_name = "PROFILE", value_enum, default_value_t = ProfileName::Documented)]
    pub(crate) profile: ProfileName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProfileName {
    /// What is documented; what was observed only where the document is silent
    Documented,
    /// The real server's deviations laid over it
    Observed,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Documented => Self::Documented,
            ProfileName::Observed => Self::Observed,
        }
    }
}

impl SpecOptions {
    /// The specs that are meant.
    pub(crate) fn find(&self) -> anyhow::Result<Vec<Spec>> {
        if self.overlay.is_some() && self.specs.len() != 1 {
            bail!("--overlay is for one OpenAPI file; name it");
        }
        if self.specs.is_empty() {
            return Ok(specs::vendors().into_iter().map(Spec::Vendor).collect());
        }
        Ok(self.specs.iter().map(|word| Spec::find(word, self.overlay.clone())).collect::<Result<_, SpecError>>()?)
    }
}

/// Specs are told apart by their names: in URLs, reports and snapshots.
pub(crate) fn told_apart(specs: &[Spec]) -> anyhow::Result<()> {
    let names: Vec<String> = specs.iter().map(Spec::name).collect();
    match names.iter().enumerate().find(|(place, name)| names[..*place].contains(name)) {
        Some((_, name)) => bail!("two specs are called `{name}`; rename one of the files"),
        None => Ok(()),
    }
}
