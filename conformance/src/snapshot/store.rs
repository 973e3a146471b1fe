//! Snapshots on disk, in the form that insta's own tools read, review and accept.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use insta::Snapshot;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::{Recorder, SnapshotSummary};

/// The most characters of an operation that stand in the name of its file, so that a number and the endings have room in the 255 bytes that systems
/// allow.
const LONGEST: usize = 200;

/// What to do with a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotMode {
    /// Write what was seen beside the snapshot, for review, and report the difference.
    Compare,
    /// Accept what was seen.
    Update,
}

/// Why snapshots cannot be compared.
#[derive(Debug, thiserror::Error)]
#[error("the snapshot {} cannot be {what}: {reason}", path.display())]
pub struct SnapshotError {
    path: PathBuf,
    what: &'static str,
    reason: String,
}

/// The part of a spec's snapshots that a run compares.
pub(crate) struct Part<'p> {
    /// The spec's name.
    pub(crate) spec: &'p str,
    /// Every operation of the document, so that each snapshot has the same name in every run.
    pub(crate) operations: BTreeSet<&'p str>,
    /// Those whose snapshots are compared.
    pub(crate) own: BTreeSet<&'p str>,
    /// Whether snapshots of no operation at all are this run's to tell of.
    pub(crate) strays: bool,
}

/// Compares what was recorded with the snapshots of a folder.
pub(crate) fn compare(recorder: &Recorder, part: &Part<'_>, folder: &Path, mode: SnapshotMode) -> Result<SnapshotSummary, SnapshotError> {
    let mut summary = SnapshotSummary::default();
    let (spec, stems) = (part.spec, stems(&part.operations));
    for (operation, seen) in recorder.texts().filter(|(operation, _)| part.own.contains(operation)) {
        let stem = &stems[operation];
        let name = format!("{spec}/{stem}");
        let path = folder.join(format!("{name}.snap"));
        let pending = folder.join(format!("{name}.snap.new"));
        let before = read(&path)?;
        summary.compared += 1;
        if before.as_deref() == Some(seen.as_str()) {
            remove(&pending)?;
            continue;
        }
        let text = written(spec, operation, &seen);
        summary.written += 1;
        match mode {
            SnapshotMode::Update => {
                write(&path, &text)?;
                remove(&pending)?;
            }
            SnapshotMode::Compare => {
                write(&pending, &text)?;
                summary.differences.push((name.clone(), difference(before.as_deref().unwrap_or_default(), &seen)));
                summary.changed.push(name);
            }
        }
    }
    for name in orphans(recorder, part, &stems, folder)? {
        match mode {
            SnapshotMode::Update => remove(&folder.join(format!("{name}.snap")))?,
            SnapshotMode::Compare => {
                summary.differences.push((name.clone(), "- no answer of this operation was seen".to_owned()));
                summary.changed.push(name);
            }
        }
    }
    Ok(summary)
}

/// Each operation with the name of its file, without ending. Paths that differ in marks alone get numbers.
fn stems<'o>(operations: &BTreeSet<&'o str>) -> BTreeMap<&'o str, String> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = |stem: String| {
        let times = taken.entry(stem.to_lowercase()).or_default();
        *times += 1;
        if *times == 1 { stem } else { format!("{stem}-{times}") }
    };
    operations.iter().map(|operation| (*operation, number(file_name(operation)))).collect()
}

/// Snapshots of operations that were not seen, and of none that there is.
fn orphans(recorder: &Recorder, part: &Part<'_>, stems: &BTreeMap<&str, String>, folder: &Path) -> Result<Vec<String>, SnapshotError> {
    let own = folder.join(part.spec);
    let failed = |error: io::Error| SnapshotError { path: own.clone(), what: "listed", reason: error.to_string() };
    if !own.exists() {
        return Ok(Vec::new());
    }
    let seen: BTreeSet<&str> = recorder.texts().map(|(operation, _)| operation).collect();
    let mut orphans = Vec::new();
    for entry in fs::read_dir(&own).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".snap") else { continue };
        let is_orphan = match stems.iter().find(|(_, known)| *known == stem) {
            Some((operation, _)) => part.own.contains(operation) && !seen.contains(operation),
            None => part.strays,
        };
        if is_orphan {
            orphans.push(format!("{}/{stem}", part.spec));
        }
    }
    orphans.sort();
    Ok(orphans)
}

/// `GET /v1/apps/{appId}` as `get_v1_apps_appId`; what is longer than a name can be is cut off.
fn file_name(operation: &str) -> String {
    let (method, path) = operation.split_once(' ').unwrap_or((operation, ""));
    let words = path.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').filter(|word| !word.is_empty());
    let mut name = std::iter::once(method.to_lowercase().as_str()).chain(words).collect::<Vec<_>>().join("_");
    name.truncate(LONGEST);
    name
}

/// A snapshot file: a header in YAML between two lines of dashes, then the text.
fn written(spec: &str, operation: &str, text: &str) -> String {
    // A string in JSON is one in YAML, whatever stands in it.
    let description = Value::from(format!("{spec}: {operation}"));
    format!("---\nsource: lockstep check\ndescription: {description}\n---\n{text}\n")
}

fn read(path: &Path) -> Result<Option<String>, SnapshotError> {
    if !path.exists() {
        return Ok(None);
    }
    let failed = |reason: String| SnapshotError { path: path.to_owned(), what: "read", reason };
    let snapshot = Snapshot::from_file(path).map_err(|error| failed(error.to_string()))?;
    match snapshot.as_text() {
        Some(text) => Ok(Some(text.to_string().trim_end().to_owned())),
        None => Err(failed("it is not text".to_owned())),
    }
}

fn write(path: &Path, text: &str) -> Result<(), SnapshotError> {
    let failed = |error: io::Error| SnapshotError { path: path.to_owned(), what: "written", reason: error.to_string() };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

fn remove(path: &Path) -> Result<(), SnapshotError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SnapshotError { path: path.to_owned(), what: "removed", reason: error.to_string() })
        }
        _ => Ok(()),
    }
}

/// The lines that went and came, with a little of what stands around them.
fn difference(before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(1) {
        for operation in group {
            for change in diff.iter_changes(&operation) {
                let sign = match change.tag() {
                    ChangeTag::Delete => "-",
                    ChangeTag::Insert => "+",
                    ChangeTag::Equal => " ",
                };
                lines.push(format!("{sign} {}", change.value().trim_end()));
            }
        }
    }
    lines.join("\n")
}
