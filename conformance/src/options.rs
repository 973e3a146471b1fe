//! What a run is asked to do.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderName, HeaderValue, Uri};
use serde::{Deserialize, Serialize};

use crate::checks::{self, Check};
use crate::manners::Manners;
use crate::report::UNSERVED;
use crate::shard::Shard;
use crate::watch::Watch;

/// What a run is asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the server is.
    pub target: Target,
    /// Headers for every request: credentials above all.
    pub headers: Vec<Header>,
    /// Other callers, each with the headers that it sends instead of the same ones among `headers`.
    pub identities: BTreeMap<Identity, Vec<Header>>,
    /// Values for parameters that nothing in the document can create: the first is the scope to work in.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The number that makes the run repeatable.
    pub seed: u64,
    /// The part of the run that is meant; all of it if none is.
    pub shard: Option<Shard>,
    /// The phases to run, in their own order.
    pub phases: Vec<Phase>,
    /// Which checks judge; all if empty.
    pub checks: Vec<CheckGlob>,
    /// No more requests than this are sent, cleaning up apart.
    pub max_requests: usize,
    /// So many requests at most repeat and shrink the violations; none if they are to stay as they came.
    pub retrace: usize,
    /// How the run behaves towards its target.
    pub manners: Manners,
    /// Ends the run before its time: what it has made is removed all the same.
    pub interrupt: Interrupt,
    /// Who is told how far the run has come.
    pub watch: Watch,
}

impl Options {
    /// Whether a check is among those that were chosen.
    pub(crate) fn wants(&self, check: &Check) -> bool {
        self.checks.is_empty() || self.checks.iter().any(|glob| glob.matches(check))
    }

    /// Whether what was chosen needs an answer of the target's: the document alone can be judged without one.
    pub(crate) fn needs_answers(&self) -> bool {
        let own: Vec<&Check> = checks::all().filter(|check| self.wants(check)).collect();
        own.is_empty() || own.iter().any(|check| check.family() != checks::document::FAMILY)
    }
}

/// Another caller, named by what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// A stranger to the scopes of the run.
    Other,
    /// One who may read them and not write.
    Reader,
    /// One who may read and write them.
    Writer,
    /// One whose credentials have expired.
    Expired,
}

impl Identity {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Other, Self::Reader, Self::Writer, Self::Expired];

    /// The name that the command line uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Expired => "expired",
        }
    }
}

impl FromStr for Identity {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|identity| identity.name() == name).ok_or_else(|| {
            let near = specs::document::nearest(name, names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            format!("no identity is called `{name}`{near} (the identities are {})", names.join(", "))
        })
    }
}

/// A wish to end a run before its time; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Asks the run to end.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The most requests of a run, unless the user says otherwise.
pub const MAX_REQUESTS: usize = 5_000;

/// So many requests at most repeat and shrink the violations of a run.
pub const RETRACE: usize = 600;

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The document's own examples.
    Examples,
    /// Each constraint at its bound and just past it, each type wrong, each required input missing.
    Coverage,
    /// Random valid and invalid requests, and odd but legal texts.
    Properties,
    /// Plans over a resource's verbs.
    Lifecycle,
    /// Several clients at the same time.
    Concurrency,
    /// Other callers and other scopes.
    Access,
}

impl Phase {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [Self::Examples, Self::Coverage, Self::Properties, Self::Lifecycle, Self::Concurrency, Self::Access];

    /// The name that the command line uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Examples => "examples",
            Self::Coverage => "coverage",
            Self::Properties => "properties",
            Self::Lifecycle => "lifecycle",
            Self::Concurrency => "concurrency",
            Self::Access => "access",
        }
    }
}

impl FromStr for Phase {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|phase| phase.name() == name).ok_or_else(|| {
            let near = specs::document::nearest(name, names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            format!("no phase is called `{name}`{near} (the phases are {})", names.join(", "))
        })
    }
}

/// A header for every request. Its value is a secret and is never shown.
#[derive(Clone)]
pub struct Header {
    /// Its name.
    pub name: HeaderName,
    pub(crate) value: HeaderValue,
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header").field("name", &self.name).finish_non_exhaustive()
    }
}

impl FromStr for Header {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "a header is written `Name: value`, for instance -H 'Authorization: Bearer TOKEN'";
        let (name, value) = text.split_once(':').ok_or_else(|| form.to_owned())?;
        let name =
            HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| format!("`{}` is not a header's name; {form}", name.trim()))?;
        let value =
            HeaderValue::from_str(value.trim()).map_err(|_| format!("the value of `{name}` has characters that no header can hold"))?;
        Ok(Self { name, value })
    }
}

/// Where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Scheme, host, port and base path, without a trailing slash.
    base: String,
    /// The base path alone.
    path: String,
}

impl Target {
    /// Reads a URL. A host that is not loopback must be among `allowed`: a run writes and deletes.
    pub fn new(url: &str, allowed: &[String]) -> Result<Self, String> {
        let form = "a target is a URL like http://127.0.0.1:8080";
        let uri: Uri = url.parse().map_err(|_| format!("`{url}` is not a URL; {form}"))?;
        let host = uri.host().map(|host| host.trim_matches(['[', ']']).to_owned());
        let (Some("http" | "https"), Some(host)) = (uri.scheme_str(), host) else {
            return Err(format!("`{url}` is not an http or https URL; {form}"));
        };
        // The URL is shown with every finding, so it must hold no password.
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err("the target's URL holds a user name; give credentials with -H 'Authorization: Basic ...'".to_owned());
        }
        if url.contains('#') {
            return Err(format!("`{url}` has a fragment, which no server sees; {form}"));
        }
        if uri.query().is_some() {
            return Err(format!("`{url}` has a query; {form}"));
        }
        if !is_loopback(&host) && !allowed.contains(&host) {
            return Err(format!("`{host}` is not this machine, and a run writes and deletes; add --allow-host {host} if that is meant"));
        }
        let path = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { base: url.trim_end_matches('/').to_owned(), path })
    }

    /// The URL without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.base
    }

    /// Whether it is asked over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.base.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }

    /// The base path without a trailing slash.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same server with a further base path.
    pub(crate) fn below(&self, base: &str) -> Self {
        Self { base: format!("{}{base}", self.base), path: format!("{}{base}", self.path) }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A pattern over check ids: `secrecy/*`, `list/contains-created`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckGlob(String);

impl CheckGlob {
    /// Whether a check is meant; `*` stands for any characters.
    #[must_use]
    pub fn matches(&self, check: &Check) -> bool {
        self.matches_id(check.id)
    }

    /// Whether the check of this id is meant.
    pub(crate) fn matches_id(&self, id: &str) -> bool {
        matches(&self.0, id)
    }
}

impl FromStr for CheckGlob {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let glob = Self(text.to_owned());
        if checks::all().any(|check| glob.matches(check)) || glob.matches_id(UNSERVED) {
            return Ok(glob);
        }
        let near = specs::document::nearest(text, checks::all().map(|check| check.id)).map(|near| format!("; did you mean `{near}`?"));
        Err(format!("no check is called `{text}`{}; `lockstep checks list` shows them", near.unwrap_or_default()))
    }
}

fn matches(glob: &str, text: &str) -> bool {
    match glob.split_once('*') {
        None => glob == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| (0..=rest.len()).any(|start| matches(after, &rest[start..]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_touches_this_machine_unless_told_otherwise() {
        for url in ["http://localhost:1", "http://127.0.0.1:1/base/", "https://[::1]:1"] {
            assert!(Target::new(url, &[]).is_ok(), "{url}");
        }
        let error = Target::new("https://api.example.com", &[]).expect_err("not loopback");
        assert!(error.contains("--allow-host api.example.com"), "{error}");
        assert!(Target::new("https://api.example.com", &["api.example.com".to_owned()]).is_ok());
        for url in ["api.example.com", "ftp://localhost", "http://localhost?x=1", ""] {
            assert!(Target::new(url, &[]).is_err(), "{url}");
        }
    }

    #[test]
    fn a_wrong_header_is_told_with_its_right_form() {
        let error = "Authorization Bearer x".parse::<Header>().expect_err("no colon");
        assert!(error.contains("-H 'Authorization: Bearer TOKEN'"), "{error}");
        let header = "Authorization: Bearer hush".parse::<Header>().expect("well-formed");
        assert!(!format!("{header:?}").contains("hush"));
    }

    #[test]
    fn globs_pick_checks_and_typing_mistakes_are_noticed() {
        let glob: CheckGlob = "secrecy/*".parse().expect("a family");
        assert!(checks::all().filter(|check| glob.matches(check)).all(|check| check.family() == "secrecy"));
        assert!("*-refused".parse::<CheckGlob>().is_ok());
        assert!("secrecy/no-plaintex".parse::<CheckGlob>().expect_err("a typo").contains("secrecy/no-plaintext"));
    }
}
