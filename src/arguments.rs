//! What the command line understands.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use conformance::{CheckGlob, Header, Identity, MAX_REQUESTS, Phase, Rate, Shard};
use mock_server::{Rule, Tls};
use specs::{Profile, Spec, SpecError};

use crate::examples;
use crate::output::Volume;
use crate::reports::{self, Wanted};

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

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub(crate) struct MockOptions {
    #[command(flatten)]
    pub(crate) spec: SpecOptions,
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4010")]
    pub(crate) listen: SocketAddr,
    /// The number that decides ids and choices
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Keep the state in this file: what was acknowledged is there again after a restart
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Accept only tokens named so; a role is one of the usual callers (reader, expired, other) or of the API's own, without one a token is the owner's
    // Read after clap has, for the same reason as headers.
    #[arg(long = "token", value_name = "T[=ROLE]")]
    pub(crate) tokens: Vec<String>,
    /// Answer on the control plane, /_lockstep/, to whoever sends this token; without one it answers on loopback only
    #[arg(long, value_name = "T")]
    pub(crate) control_token: Option<String>,
    /// Have this fault: NAME[=VALUE][,on=OPERATION][,sandbox=NAME][,next=N][,chance=P]; --list-faults describes each
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<Rule>,
    /// Describe every fault, and serve nothing
    #[arg(long)]
    pub(crate) list_faults: bool,
    /// Serve https, with a certificate that is made at the start; its path is printed
    #[arg(long, conflicts_with_all = ["tls_certificate", "tls_key"])]
    pub(crate) tls: bool,
    /// Serve https with this certificate and its chain, in PEM form
    #[arg(long = "tls-cert", value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The certificate's private key, in PEM form
    #[arg(long = "tls-key", value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Refuse requests beyond the vendor's rate limits, which are otherwise told in headers alone
    #[arg(long)]
    pub(crate) rate_limits: bool,
    /// End when the standard input does, so that the mock dies with the program that started it
    #[arg(long)]
    pub(crate) exit_with_stdin: bool,
}

#[derive(Args, Debug)]
pub(crate) struct CheckOptions {
    #[command(flatten)]
    pub(crate) spec: SpecOptions,
    /// Where the server is; without it, the mock is started and checked
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<String>,
    /// A header for every request
    // Read after clap has: its messages repeat what was typed, and that may be a credential.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// A value for a parameter that nothing in the document can create; the first is the scope to work in
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Another caller and a header that it sends: NAME is other, reader, writer or expired
    // Read after clap has, for the same reason as headers.
    #[arg(long = "identity", value_name = "NAME='HEADER: VALUE'")]
    pub(crate) identities: Vec<String>,
    /// The number that makes the run repeatable
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Judge this part of the documents alone, for instance 2/5; `lockstep report merge` makes one verdict of all parts
    #[arg(long, value_name = "NUMBER/OF")]
    pub(crate) shard: Option<Shard>,
    /// Only these checks, by id or pattern: `secrecy/*`
    #[arg(long = "checks", value_name = "GLOB", value_delimiter = ',')]
    pub(crate) checks: Vec<CheckGlob>,
    /// Only these phases: examples, coverage, properties, lifecycle, concurrency, access
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) phases: Vec<Phase>,
    /// Send no more requests than this for each spec, cleaning up apart
    #[arg(long, value_name = "N", default_value_t = MAX_REQUESTS)]
    pub(crate) max_requests: usize,
    /// Ask for no more things than this for each spec
    #[arg(long, value_name = "N")]
    pub(crate) max_creates: Option<usize>,
    /// Send requests no faster than this: 10/s, 30/m
    #[arg(long, value_name = "N/s")]
    pub(crate) rate: Option<Rate>,
    /// Have so many requests that do not depend on each other on their way at once: the same requests and verdicts, sooner
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=64))]
    pub(crate) workers: usize,
    /// Write down in this new file what is made on the target, rather than in a file in .lockstep/ that goes with the last of it
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// Compare the answers' shapes with the snapshots in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshots: Option<PathBuf>,
    /// Accept the answers' shapes as they are
    #[arg(long)]
    pub(crate) update_snapshots: bool,
    /// Read settings and known deviations from this file rather than from lockstep.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Write an [[exempt]] entry for each violation to this new file; the reasons are to be filled in
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Write a report: json, junit, sarif, html or markdown=PATH, where `{spec}` stands for the spec's name; or github
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = reports::wanted)]
    pub(crate) reports: Vec<Wanted>,
    /// Allow a target on this host, which is not this machine
    #[arg(long = "allow-host", value_name = "HOST")]
    pub(crate) allow_hosts: Vec<String>,
    /// Give the mock that is checked this fault, written as for `lockstep mock`
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<Rule>,
}

#[derive(Args, Debug)]
pub(crate) struct CleanUpOptions {
    /// The file in which the run wrote down what it made
    #[arg(value_name = "LEDGER")]
    pub(crate) ledger: PathBuf,
    /// Where the server is now; where it was if it is not given
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<String>,
    /// A header for every request
    // Read after clap has: its messages repeat what was typed, and that may be a credential.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// A value for a parameter, as the run had it
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Send requests no faster than this: 10/s, 30/m
    #[arg(long, value_name = "N/s")]
    pub(crate) rate: Option<Rate>,
    /// Allow a target on this host, which is not this machine
    #[arg(long = "allow-host", value_name = "HOST")]
    pub(crate) allow_hosts: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ReplayOptions {
    /// The plan, as a run has saved it in .lockstep/plans/
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// Where the server is; without it, the mock is started
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<String>,
    /// A header for every request
    // Read after clap has: its messages repeat what was typed, and that may be a credential.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// A value for a parameter, as the run had it
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Another caller and a header that it sends, as the run had it
    // Read after clap has, for the same reason as headers.
    #[arg(long = "identity", value_name = "NAME='HEADER: VALUE'")]
    pub(crate) identities: Vec<String>,
    /// Send requests no faster than this: 10/s, 30/m
    #[arg(long, value_name = "N/s")]
    pub(crate) rate: Option<Rate>,
    /// Allow a target on this host, which is not this machine
    #[arg(long = "allow-host", value_name = "HOST")]
    pub(crate) allow_hosts: Vec<String>,
    /// Give the mock this fault, written as for `lockstep mock`
    #[arg(long = "fault", value_name = "FAULT", conflicts_with = "target")]
    pub(crate) faults: Vec<Rule>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Make one verdict of the parts of a run: 0 if it conforms, 1 if not, 2 if a part is missing or of another run
    #[command(after_help = examples::REPORT_MERGE)]
    Merge(MergeOptions),
}

#[derive(Args, Debug)]
pub(crate) struct MergeOptions {
    /// The parts, as `lockstep check --shard NUMBER/OF --report json=FILE` writes them, of one spec or of several
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Write a report of the whole: json, junit, sarif, html or markdown=PATH, where `{spec}` stands for the spec's name; or github
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = reports::wanted)]
    pub(crate) reports: Vec<Wanted>,
}

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

impl MockOptions {
    /// How https is served, if it is.
    pub(crate) fn tls(&self) -> Option<Tls> {
        match (&self.tls_certificate, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::files(certificate, key)),
            _ => self.tls.then(Tls::made),
        }
    }
}

/// A token with its role, if it has one.
pub(crate) fn token(text: &str) -> anyhow::Result<(String, Option<String>)> {
    match text.split_once('=') {
        Some((token, role)) if !token.is_empty() && !role.is_empty() => Ok((token.to_owned(), Some(role.to_owned()))),
        None if !text.is_empty() => Ok((text.to_owned(), None)),
        _ => anyhow::bail!("a token is written T or T=ROLE, for instance --token abc=reader"),
    }
}

/// Another caller with a header that it sends.
pub(crate) fn identity(text: &str) -> anyhow::Result<(Identity, Header)> {
    let form = "another caller is written NAME='Header: value', for instance --identity other='Authorization: Bearer TOKEN'";
    let (name, header) = text.split_once('=').ok_or_else(|| anyhow::anyhow!("{form}"))?;
    Ok((name.parse().map_err(anyhow::Error::msg)?, header.parse().map_err(anyhow::Error::msg)?))
}

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a parameter is written NAME=VALUE, for instance --param appId=1".to_owned()),
    }
}
