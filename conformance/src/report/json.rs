//! The report for programs.

use serde_json::{Value, json};

use super::{Report, Status, Tally};
use crate::checks::Check;

impl Report {
    /// The report as JSON, in the form that other programs read.
    #[must_use]
    pub fn json(&self) -> Value {
        let checks: Vec<Value> = self.checks().map(|(check, tally)| of_check(check, tally)).collect();
        let snapshots = self.snapshots.clone().unwrap_or_default();
        let differences: serde_json::Map<String, Value> = snapshots.differences.into_iter().map(|(name, own)| (name, own.into())).collect();
        json!({
            "tool": {"name": "lockstep", "version": env!("CARGO_PKG_VERSION")},
            "spec": {"name": self.spec, "version": self.version, "sha256": self.sha256, "title": self.title},
            "target": self.target,
            "seed": self.seed,
            "summary": {
                "requests": self.requests,
                "seconds": self.seconds,
                "checks": self.counts()
            },
            "checks": checks,
            "findings": self.findings,
            "snapshots": {"compared": snapshots.compared, "changed": snapshots.changed, "differences": differences},
            "left_behind": self.left_behind,
            "conforms": self.conforms(),
            "operations": self.coverage,
            "access": self.access,
            "unserved": self.unserved,
            "exempted": self.exempted,
            "complete": self.complete,
            "notes": self.notes,
            "ungenerated": self.ungenerated,
            "phases": self.phases.iter().map(|phase| phase.name()).collect::<Vec<_>>(),
            "shard": self.shard
        })
    }

    /// How many checks ended how.
    fn counts(&self) -> Value {
        let count = |status| self.count(status);
        json!({
            "passed": count(Status::Passed),
            "violated": count(Status::Violated),
            "advised": count(Status::Advised),
            "unexercised": count(Status::Unexercised),
            "skipped": count(Status::Skipped),
            "exempted": count(Status::Exempted)
        })
    }
}

fn of_check(check: &Check, tally: Tally) -> Value {
    json!({
        "id": check.id, "level": check.level.name(), "status": tally.status().name(), "cases": tally.cases(),
        "passed": tally.passed, "violated": tally.violated, "advised": tally.advised, "exempted": tally.exempted
    })
}
