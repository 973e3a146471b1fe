//! What `lockstep mock` understands.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use mock_server::{Rule, Tls};

use super::SpecOptions;

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
