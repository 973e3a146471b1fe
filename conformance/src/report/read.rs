//! Reading: a report as JSON, back into what it was written from, so that parts of a run become one and formats can be made later.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Access, Coverage, Guard, Report, Tally, Ungenerated};
use crate::checks;
use crate::exempt::Exempted;
use crate::finding::Finding;
use crate::options::Phase;
use crate::shard::Shard;
use crate::snapshot::{Recorder, SnapshotSummary};

/// Why a text is no report that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not one.
    #[error("it is no report of lockstep's as `--report json=FILE` writes one: {0}")]
    Foreign(String),
    /// Another version has written it, which may judge otherwise.
    #[error("lockstep {0} has written it, and this is {own}: have one version judge and merge", own = env!("CARGO_PKG_VERSION"))]
    Version(String),
}

/// A report as JSON, `conformance/schemas/report.schema.json`.
#[derive(Deserialize)]
struct Written {
    spec: WrittenSpec,
    target: String,
    seed: u64,
    shard: Option<Shard>,
    phases: Vec<String>,
    summary: WrittenSummary,
    checks: Vec<WrittenCheck>,
    findings: Vec<Finding>,
    snapshots: Value,
    left_behind: Vec<String>,
    operations: Vec<Coverage>,
    access: Vec<Access>,
    unserved: Vec<String>,
    exempted: Vec<Exempted>,
    complete: bool,
    notes: Vec<String>,
    ungenerated: Vec<Ungenerated>,
}

#[derive(Deserialize)]
struct WrittenSpec {
    name: String,
    title: String,
    version: String,
    sha256: String,
}

#[derive(Deserialize)]
struct WrittenSummary {
    requests: usize,
    seconds: f64,
}

#[derive(Deserialize)]
struct WrittenCheck {
    id: String,
    status: String,
    passed: usize,
    violated: usize,
    advised: usize,
    exempted: usize,
}

impl Report {
    /// Reads a report that this version has written as JSON.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        let foreign = |error: serde_json::Error| ReadError::Foreign(error.to_string());
        let value: Value = serde_json::from_str(text).map_err(foreign)?;
        let version = value["tool"]["version"].as_str().filter(|_| value["tool"]["name"] == "lockstep");
        match version {
            None => return Err(ReadError::Foreign("its `tool` is another".to_owned())),
            Some(version) if version != env!("CARGO_PKG_VERSION") => return Err(ReadError::Version(version.to_owned())),
            Some(_) => {}
        }
        Self::of(serde_json::from_value(value).map_err(foreign)?)
    }

    fn of(written: Written) -> Result<Self, ReadError> {
        let WrittenSpec { name, title, version, sha256 } = written.spec;
        // Reports and plans are written to paths with this name in them.
        if !specs::stays_put(&name) {
            return Err(ReadError::Foreign(format!("no spec can be called {name:?}")));
        }
        let phases: Result<Vec<Phase>, String> = written.phases.iter().map(|phase| phase.parse()).collect();
        let silent = written.operations.iter().filter(|own| !own.succeeded).map(|own| own.operation.clone()).collect();
        Ok(Self {
            spec: name,
            title,
            version,
            sha256,
            target: written.target,
            seed: written.seed,
            shard: written.shard,
            phases: phases.map_err(ReadError::Foreign)?,
            requests: written.summary.requests,
            seconds: written.summary.seconds,
            tallies: written.checks.into_iter().map(tally).collect::<Result<_, _>>()?,
            findings: written.findings,
            operations: (written.operations.len(), silent),
            own: Vec::new(),
            coverage: written.operations,
            access: written.access,
            unserved: written.unserved,
            exempted: written.exempted,
            complete: written.complete,
            notes: written.notes,
            ungenerated: written.ungenerated,
            left_behind: written.left_behind,
            snapshots: snapshots(&written.snapshots),
            shapes: Recorder::default(),
            guard: Guard::blind(),
        })
    }
}

fn tally(written: WrittenCheck) -> Result<(&'static str, Tally), ReadError> {
    let WrittenCheck { id, status, passed, violated, advised, exempted } = written;
    let check = checks::all().find(|check| check.id == id).ok_or_else(|| ReadError::Foreign(format!("no check is called `{id}`")))?;
    Ok((check.id, Tally { passed, violated, advised, exempted, skipped: status == "skipped" }))
}

/// How the answers compared, if they were.
fn snapshots(written: &Value) -> Option<SnapshotSummary> {
    let compared = usize::try_from(written["compared"].as_u64()?).ok().filter(|count| *count > 0)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let changed: Vec<String> = written["changed"].as_array()?.iter().map(text).collect();
    let differences: BTreeMap<String, String> =
        written["differences"].as_object().into_iter().flatten().map(|(name, own)| (name.clone(), text(own))).collect();
    Some(SnapshotSummary { compared, changed, differences: differences.into_iter().collect(), written: 0 })
}
