//! What `lockstep specs` and `lockstep checks` understand.

use std::path::PathBuf;

use clap::Subcommand;

use super::ProfileName;
use crate::examples;

#[derive(Debug, Subcommand)]
pub(crate) enum ChecksCommand {
    /// List every check with its level
    #[command(after_help = examples::CHECKS_LIST)]
    List,
    /// Show one check: its sentence, its source, an exchange that it passes and one that breaks it
    #[command(after_help = examples::CHECKS_SHOW)]
    Show {
        /// The check's id, for instance secrecy/no-plaintext
        #[arg(value_name = "ID")]
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpecsCommand {
    /// List the packs
    #[command(after_help = examples::SPECS_LIST)]
    List,
    /// Show a contract: its operations, and every claim with its grade and source
    #[command(after_help = examples::SPECS_SHOW)]
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
    #[command(after_help = examples::SPECS_LINT)]
    Lint {
        /// A path to an OpenAPI file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// An overlay for it
        #[arg(long, value_name = "FILE")]
        overlay: Option<PathBuf>,
    },
}
