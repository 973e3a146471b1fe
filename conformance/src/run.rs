//! A run: every phase, then cleaning up, then the report.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use specs::claims::Verb;
use specs::contract::Contract;

use crate::director::Director;
use crate::finding::Finding;
use crate::options::{Options, Target};
use crate::phases;
use crate::report::{Access, Guard, Report, Tally};
use crate::session::{Session, Stop};
use crate::snapshot::{self, SnapshotError, SnapshotMode};
use crate::transport::Unreachable;
use crate::watch::Event;

/// Why a run cannot judge.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The target does not answer.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The run ended in the middle: the target stopped answering, or the user did not want to go on.
    #[error("{reason}{}", left(left_behind))]
    Stopped {
        /// Why.
        reason: String,
        /// What the run has made and could not remove.
        left_behind: Vec<String>,
    },
    /// What the run is about has not answered with a success, so nothing can be said of it.
    #[error("nothing can be judged: {0}")]
    Nothing(String),
    /// Snapshots cannot be compared.
    #[error(transparent)]
    Snapshots(#[from] SnapshotError),
}

fn left(left_behind: &[String]) -> String {
    if left_behind.is_empty() { String::new() } else { format!("; left behind: {}", left_behind.join(", ")) }
}

/// Holds a server to a contract.
pub async fn run(contract: &Contract, options: &Options) -> Result<Report, RunError> {
    let began = Instant::now();
    let mut session = Session::new(contract, options);
    if options.shard.is_none_or(|shard| shard.number() == 1) {
        phases::document::judge(&mut session);
    }
    if !options.needs_answers() {
        return judged(report(Director::new(session), Vec::new(), true, began), options);
    }
    session.target = base_of(&mut session, options).await?;
    let mut director = Director::new(session);
    let complete = perform(&mut director, options).await?;
    let retraced = Box::pin(director.retrace()).await;
    options.watch.tell(Event::CleaningUp);
    let left_behind = director.clean_up().await;
    if let Err(stop) = retraced {
        return Err(RunError::Stopped { reason: stop.to_string(), left_behind });
    }
    if director.session.sent > 0 || options.shard.is_none() {
        director.hindered()?;
    }
    judged(report(director, left_behind, complete, began), options)
}

/// Runs every phase that is wanted; whether the budget was enough for all of it. Where a run cannot go on, what it has made is removed.
async fn perform(director: &mut Director<'_>, options: &Options) -> Result<bool, RunError> {
    let mut phases = options.phases.clone();
    phases.sort();
    if director.own_endpoints().is_empty() {
        phases.clear();
    }
    for phase in phases {
        options.watch.tell(Event::Phase(phase));
        match Box::pin(phases::run(phase, director)).await {
            Ok(()) => {}
            Err(Stop::Budget) => {
                director.notes.push(director.session.spent());
                return Ok(false);
            }
            Err(stop @ (Stop::Unreachable(_) | Stop::Interrupted | Stop::Ledger(_))) => {
                return Err(RunError::Stopped { reason: stop.to_string(), left_behind: director.clean_up().await });
            }
        }
        if !director.session.tried.is_empty()
            && let Err(hindrance) = director.hindered()
        {
            // What could be made so far is removed all the same.
            let left_behind = director.clean_up().await;
            return Err(if left_behind.is_empty() { hindrance } else { RunError::Stopped { reason: hindrance.to_string(), left_behind } });
        }
    }
    Ok(true)
}

/// A report that judges something.
fn judged(report: Report, options: &Options) -> Result<Report, RunError> {
    // A shard has its part, however little is in it; whether all of them together judge anything is seen when they are.
    if options.shard.is_none() && report.checks().all(|(_, tally)| tally.cases() == 0) {
        return Err(RunError::Nothing("no check that was chosen applies to what was answered".to_owned()));
    }
    Ok(report)
}

/// A server's base path is a part of its URL (OpenAPI 3.1, section 4.8.5), but a target may name it or not: where the first list or
/// read is found, there the API is.
pub(crate) async fn base_of(session: &mut Session<'_>, options: &Options) -> Result<Target, RunError> {
    let mut candidates: Vec<Target> =
        session.contract.bases.iter().filter(|base| !base.is_empty()).map(|base| options.target.below(base)).collect();
    candidates.retain(|_| !session.contract.bases.iter().any(|base| !base.is_empty() && options.target.path().ends_with(base.as_str())));
    candidates.push(options.target.clone());
    let probe = session.contract.endpoints.iter().find(|endpoint| matches!(endpoint.verb, Verb::List | Verb::Read | Verb::Fixed));
    let probe = probe.or_else(|| session.contract.endpoints.first());
    let Some(probe) = probe else { return Ok(options.target.clone()) };
    for candidate in &candidates {
        if session.finds(candidate, probe).await? {
            return Ok(candidate.clone());
        }
    }
    Ok(options.target.clone())
}

fn report(director: Director<'_>, left_behind: Vec<String>, complete: bool, began: Instant) -> Report {
    let contract = director.session.contract;
    let own = director.own_endpoints();
    let name = |index: &usize| contract.endpoints[*index].name();
    let silent: Vec<String> = own.iter().filter(|index| !director.session.answered.contains(index)).map(name).collect();
    let unserved = unserved(&director);
    let guard = Guard::new(contract, &director.session.canaries, &director.session.credentials.texts());
    let mut findings = director.session.findings;
    let mut tallies = director.session.tallies;
    // An operation that is not served at all is one defect, not one for each request that shows it.
    findings.retain(|finding| !unserved.contains(&finding.operation));
    settle(&mut tallies, &findings);
    findings.sort_by_key(|finding| (!finding.is_violation(), finding.check.clone(), finding.operation.clone()));
    Report {
        spec: contract.name.clone(),
        title: contract.title.clone(),
        version: contract.version.clone(),
        sha256: contract.sha256.clone(),
        target: director.session.target.url().to_owned(),
        seed: director.session.options.seed,
        shard: director.session.options.shard,
        phases: director.session.options.phases.clone(),
        requests: director.session.sent,
        seconds: began.elapsed().as_secs_f64(),
        tallies,
        findings,
        coverage: director.session.coverage,
        access: sorted(director.session.access, contract),
        operations: (own.len(), silent),
        own: own.iter().map(name).collect(),
        unserved,
        exempted: Vec::new(),
        complete,
        notes: director.notes,
        ungenerated: director.ungenerated,
        left_behind,
        snapshots: None,
        shapes: director.session.shapes,
        guard,
    }
}

/// A matrix in the document's order, the run's own caller first.
fn sorted(mut matrix: Vec<Access>, contract: &Contract) -> Vec<Access> {
    let places: BTreeMap<String, usize> = contract.endpoints.iter().map(specs::contract::Endpoint::name).zip(0..).collect();
    matrix.sort_by_key(|access| (places.get(&access.operation).copied(), access.identity != "given", access.identity.clone()));
    matrix
}

/// The operations that answered every request as if they did not exist, although they were asked properly.
fn unserved(director: &Director<'_>) -> Vec<String> {
    let session = &director.session;
    let absent = session.tried.iter().filter(|index| !session.served.contains(index));
    absent.map(|index| session.contract.endpoints[*index].name()).collect()
}

/// A check whose findings were all about operations that are not served is not violated.
pub(crate) fn settle(tallies: &mut BTreeMap<&'static str, Tally>, findings: &[Finding]) {
    for (id, tally) in tallies {
        let found = |violation: bool| findings.iter().any(|finding| finding.check == *id && finding.is_violation() == violation);
        tally.violated = if found(true) { tally.violated } else { 0 };
        tally.advised = if found(false) { tally.advised } else { 0 };
    }
}

impl Report {
    /// The snapshots that are this run's to compare.
    fn part(&self) -> snapshot::Part<'_> {
        snapshot::Part {
            spec: &self.spec,
            operations: self.coverage.iter().map(|own| own.operation.as_str()).collect(),
            own: self.own.iter().map(String::as_str).collect(),
            strays: self.shard.is_none_or(|shard| shard.number() == 1),
        }
    }

    /// Compares what was seen with the snapshots of a folder, or accepts it as they are to be.
    pub fn compare(&mut self, folder: &Path, mode: SnapshotMode) -> Result<(), RunError> {
        self.snapshots = Some(snapshot::compare(&self.shapes, &self.part(), folder, mode)?);
        Ok(())
    }
}
