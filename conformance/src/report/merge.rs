//! Merging: the parts of a run become one report with one verdict, if they are parts of one run and none is missing.

use std::collections::BTreeMap;

use super::{Access, Coverage, Report, Tally};
use crate::finding::Finding;
use crate::run::settle;
use crate::shard::Shard;
use crate::snapshot::SnapshotSummary;

/// A report and where it was read from.
#[derive(Debug)]
pub struct Part {
    /// The file's name, for messages.
    pub file: String,
    /// The report.
    pub report: Report,
}

/// Why parts do not make one report.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// They come from runs that were not the same.
    #[error("{one} and {other} are not parts of one run of `{spec}`: {what}")]
    Apart {
        /// The spec's name.
        spec: String,
        /// One file.
        one: String,
        /// Another.
        other: String,
        /// What differs.
        what: String,
    },
    /// One part is there more than once.
    #[error("{part} of `{spec}` is there twice, in {one} and in {other}: give each part once")]
    Twice {
        /// The spec's name.
        spec: String,
        /// Which.
        part: String,
        /// One file.
        one: String,
        /// Another.
        other: String,
    },
    /// A part is missing.
    #[error("{} missing for `{spec}`: a verdict needs every part", missing(shards))]
    Missing {
        /// The spec's name.
        spec: String,
        /// Which.
        shards: Vec<Shard>,
    },
    /// All parts together judge nothing.
    #[error("nothing can be judged: no check that was chosen applies to what was answered for `{0}`")]
    Nothing(String),
}

fn missing(shards: &[Shard]) -> String {
    let names: Vec<String> = shards.iter().map(|shard| format!("shard {shard}")).collect();
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}

/// Makes one report of the parts of each spec, in alphabetical order.
pub fn merge(parts: Vec<Part>) -> Result<Vec<Report>, MergeError> {
    let mut by_spec: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for part in parts {
        by_spec.entry(part.report.spec.clone()).or_default().push(part);
    }
    by_spec.into_values().map(merge_one).collect()
}

fn merge_one(mut parts: Vec<Part>) -> Result<Report, MergeError> {
    parts.sort_by_key(|part| part.report.shard);
    parts.windows(2).try_for_each(|pair| alike(&pair[0], &pair[1]))?;
    whole(&parts)?;
    let mut reports = parts.into_iter().map(|part| part.report);
    let first = reports.next().expect("a spec has at least one part");
    let merged = Report { shard: None, ..reports.fold(first, added) }.settled();
    if merged.tallies.values().all(|tally| tally.cases() == 0) && merged.unserved.is_empty() {
        return Err(MergeError::Nothing(merged.spec));
    }
    Ok(merged)
}

/// Whether two parts come from the same run, as far as they tell.
fn alike(one: &Part, other: &Part) -> Result<(), MergeError> {
    let (a, b) = (&one.report, &other.report);
    let of = |report: &Report| report.shard.map(Shard::of);
    let skipped = |report: &Report| report.tallies.iter().filter(|(_, tally)| tally.skipped).map(|(id, _)| *id).collect::<Vec<_>>();
    let what = if a.sha256 != b.sha256 {
        "the document is another".to_owned()
    } else if a.seed != b.seed {
        format!("one has the seed {}, the other {}", a.seed, b.seed)
    } else if a.phases != b.phases {
        "the phases are others".to_owned()
    } else if skipped(a) != skipped(b) {
        "the checks are others".to_owned()
    } else if of(a) != of(b) {
        let told = |report: &Report| report.shard.map_or_else(|| "a whole run".to_owned(), |shard| format!("shard {shard}"));
        format!("one is {}, the other {}", told(a), told(b))
    } else {
        return Ok(());
    };
    Err(MergeError::Apart { spec: a.spec.clone(), one: one.file.clone(), other: other.file.clone(), what })
}

/// Whether every part is there, once. They are sorted.
fn whole(parts: &[Part]) -> Result<(), MergeError> {
    let spec = || parts[0].report.spec.clone();
    if let Some(pair) = parts.windows(2).find(|pair| pair[0].report.shard == pair[1].report.shard) {
        let part = pair[0].report.shard.map_or_else(|| "a whole run".to_owned(), |shard| format!("shard {shard}"));
        return Err(MergeError::Twice { spec: spec(), part, one: pair[0].file.clone(), other: pair[1].file.clone() });
    }
    let there: Vec<Shard> = parts.iter().filter_map(|part| part.report.shard).collect();
    let missing: Vec<Shard> = there.first().map(|shard| shard.all()).into_iter().flatten().filter(|own| !there.contains(own)).collect();
    if missing.is_empty() { Ok(()) } else { Err(MergeError::Missing { spec: spec(), shards: missing }) }
}

/// Two parts as one.
fn added(mut one: Report, other: Report) -> Report {
    if one.target != other.target {
        one.notes.push(format!("a part was run against {}", other.target));
    }
    one.requests += other.requests;
    one.seconds = one.seconds.max(other.seconds);
    one.complete &= other.complete;
    // Each part judges by its own view of what is served; an operation that any of them was served is served.
    let tried = |report: &Report, name: &String| report.coverage.iter().any(|own| own.operation == *name && own.requests > 0);
    let agreed = |name: &String, mine: &Report, its: &Report| its.unserved.contains(name) || !tried(its, name) || !tried(mine, name);
    let unserved: Vec<String> = one.unserved.iter().filter(|name| agreed(name, &one, &other)).cloned().collect();
    let more: Vec<String> = other.unserved.iter().filter(|name| agreed(name, &other, &one) && !unserved.contains(name)).cloned().collect();
    one.unserved = unserved.into_iter().chain(more).collect();
    other.tallies.into_iter().for_each(|(id, tally)| one.tallies.entry(id).or_default().add(tally));
    other.coverage.into_iter().for_each(|own| cover(&mut one.coverage, own));
    other.access.into_iter().for_each(|own| allow(&mut one.access, own));
    other.findings.into_iter().for_each(|own| find(&mut one.findings, own));
    extend(&mut one.exempted, other.exempted);
    extend(&mut one.notes, other.notes);
    extend(&mut one.ungenerated, other.ungenerated);
    extend(&mut one.left_behind, other.left_behind);
    one.snapshots = compared(one.snapshots, other.snapshots);
    one
}

/// What is not there yet.
fn extend<T: PartialEq>(one: &mut Vec<T>, other: Vec<T>) {
    for own in other {
        if !one.contains(&own) {
            one.push(own);
        }
    }
}

fn cover(coverage: &mut Vec<Coverage>, own: Coverage) {
    match coverage.iter_mut().find(|known| known.operation == own.operation) {
        None => coverage.push(own),
        Some(known) => {
            known.requests += own.requests;
            known.succeeded |= own.succeeded;
            own.statuses.into_iter().for_each(|(status, count)| *known.statuses.entry(status).or_default() += count);
        }
    }
}

fn allow(matrix: &mut Vec<Access>, own: Access) {
    match matrix.iter_mut().find(|known| known.operation == own.operation && known.identity == own.identity) {
        None => matrix.push(own),
        Some(known) => {
            known.own.extend(own.own);
            known.other.extend(own.other);
            known.missing.extend(own.missing);
        }
    }
}

/// One row per defect and operation; of two, the one that was seen again is shown.
fn find(findings: &mut Vec<Finding>, own: Finding) {
    let same = |known: &&mut Finding| (&known.check, &known.operation, known.level) == (&own.check, &own.operation, own.level);
    match findings.iter_mut().find(same) {
        None => findings.push(own),
        Some(known) => {
            let cases = known.cases + own.cases;
            if known.flaky && !own.flaky {
                *known = own;
            }
            known.cases = cases;
        }
    }
}

fn compared(one: Option<SnapshotSummary>, other: Option<SnapshotSummary>) -> Option<SnapshotSummary> {
    let (Some(mut one), Some(other)) = (one.clone(), other.clone()) else { return one.or(other) };
    one.compared += other.compared;
    one.written += other.written;
    extend(&mut one.changed, other.changed);
    extend(&mut one.differences, other.differences);
    Some(one)
}

impl Tally {
    const fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.violated += other.violated;
        self.advised += other.advised;
        self.exempted += other.exempted;
    }
}

impl Report {
    /// What follows from the whole alone: order, counts, and that what is not served at all is one defect.
    fn settled(mut self) -> Self {
        let unserved = &self.unserved;
        self.findings.retain(|finding| !unserved.contains(&finding.operation));
        settle(&mut self.tallies, &self.findings);
        self.findings.sort_by_key(|own| (own.exempted.is_some(), !own.is_violation(), own.check.clone(), own.operation.clone()));
        let places: BTreeMap<String, usize> = self.coverage.iter().map(|own| own.operation.clone()).zip(0..).collect();
        let place = |operation: &String| places.get(operation).copied();
        self.access.sort_by_key(|own| (place(&own.operation), own.identity != "given", own.identity.clone()));
        self.unserved.sort_by_key(place);
        if let Some(snapshots) = &mut self.snapshots {
            snapshots.changed.sort();
            snapshots.differences.sort();
        }
        let silent = self.coverage.iter().filter(|own| !own.succeeded).map(|own| own.operation.clone()).collect();
        self.operations = (self.coverage.len(), silent);
        self
    }
}
