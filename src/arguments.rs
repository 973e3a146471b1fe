//! What the command line understands.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use mock_server::Fault;
use specs::{Profile, Spec, SpecError};

/// A stateful mock server for secret-management APIs, and a conformance runner that holds any server to its OpenAPI document
#[derive(Debug, Parser)]
#[command(name = "lockstep", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve APIs as their vendors do, statefully
    Mock(MockOptions),
    /// Show the packs and what they promise
    #[command(subcommand)]
    Specs(SpecsCommand),
}

/// Which specs, and which of two truths about them.
#[derive(Args, Debug)]
pub(crate) struct SpecOptions {
    /// Vendors' names or paths to OpenAPI files; all five vendors if none is given
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
    pub(crate) fn find(&self) -> Result<Vec<Spec>, SpecError> {
        if self.specs.is_empty() {
            return Ok(specs::vendors().into_iter().map(Spec::Vendor).collect());
        }
        self.specs.iter().map(|word| Spec::find(word, self.overlay.clone())).collect()
    }
}

#[derive(Args, Debug)]
pub(crate) struct MockOptions {
    #[command(flatten)]
    pub(crate) spec: SpecOptions,
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4010")]
    pub(crate) listen: SocketAddr,
    /// The number that decides ids and choices
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Accept only tokens named so; without a role a token is the owner's
    #[arg(long = "token", value_name = "T[=ROLE]", value_parser = token)]
    pub(crate) tokens: Vec<(String, Option<String>)>,
    /// Have this defect
    #[arg(long = "fault", value_name = "NAME")]
    pub(crate) faults: Vec<Fault>,
    /// Describe the defects that the mock can have, and stop
    #[arg(long)]
    pub(crate) list_faults: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpecsCommand {
    /// List the packs
    List,
    /// Show a contract: its operations, and every claim with its grade and source
    Show {
        /// A vendor's name or a path to an OpenAPI file
        #[arg(value_name = "SPEC")]
        spec: String,
        /// An overlay for the OpenAPI file
        #[arg(long, value_name = "FILE")]
        overlay: Option<PathBuf>,
        /// Follow the documents, or the real servers where they differ
        #[arg(long = "as", value_name = "PROFILE", value_enum, default_value_t = ProfileName::Documented)]
        profile: ProfileName,
    },
    /// Tell what is wrong with a document
    Lint {
        /// A path to an OpenAPI file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// An overlay for it
        #[arg(long, value_name = "FILE")]
        overlay: Option<PathBuf>,
    },
}

fn token(text: &str) -> Result<(String, Option<String>), String> {
    match text.split_once('=') {
        Some(("", _)) => Err("the token is empty; write T or T=ROLE".to_owned()),
        Some((_, "")) => Err("the role is empty; write T or T=ROLE".to_owned()),
        Some((token, role)) => Ok((token.to_owned(), Some(role.to_owned()))),
        None if text.is_empty() => Err("the token is empty".to_owned()),
        None => Ok((text.to_owned(), None)),
    }
}
