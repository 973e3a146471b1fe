//! What `lockstep check` understands, and what is done about its findings: `cleanup`, `replay`, `report`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use conformance::{CheckGlob, Header, Identity, MAX_REQUESTS, Phase, Rate, Shard};
use mock_server::Rule;

use super::SpecOptions;
use crate::examples;
use crate::reports::{self, Wanted};

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
