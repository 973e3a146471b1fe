//! The report as one HTML file that needs nothing else: no script, no style, no image from anywhere.

use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde_json::{Value, json};

use super::defect::Defect;
use super::{Report, Status};

/// The page. Its name ends in `.html`, so everything that is put into it is escaped: text of a server's is hostile.
const PAGE: (&str, &str) = ("report.html", include_str!("page.html"));

/// The report as a page.
pub(super) fn html(report: &Report) -> String {
    let mut environment = Environment::new();
    environment.add_template(PAGE.0, PAGE.1).expect("the template is constant");
    let template = environment.get_template(PAGE.0).expect("it was added");
    template.render(context! { report => Serde(view(report)) }).expect("every name of the template is given")
}

/// What the page shows.
fn view(report: &Report) -> Value {
    let named = |status: Status| {
        let named = report.checks().filter(move |(_, tally)| tally.status() == status);
        named.map(|(check, _)| json!({"id": check.id, "sentence": check.sentence})).collect::<Vec<_>>()
    };
    let counts: Vec<Value> = Status::ALL.into_iter().map(|status| json!({"name": status.name(), "count": report.count(status)})).collect();
    let (operations, silent) = &report.operations;
    json!({
        "spec": report.spec, "title": report.title, "version": report.version, "sha256": report.sha256,
        "target": report.target, "seed": report.seed, "requests": report.requests, "seconds": format!("{:.1}", report.seconds),
        "tool": env!("CARGO_PKG_VERSION"), "conforms": report.conforms(), "part": report.part_name(),
        "counts": counts,
        "answered": operations - silent.len(), "operations": operations,
        "defects": report.defects().iter().map(defect).collect::<Vec<_>>(),
        "unserved": report.unserved,
        "coverage": report.coverage.iter().map(|own| {
            let unserved = report.unserved.contains(&own.operation);
            let found: Vec<&str> = report.findings.iter().filter(|found| found.operation == own.operation).map(|found| found.check.as_str()).collect();
            json!({"operation": own.operation, "requests": own.requests, "statuses": own.told(), "state": state(own.requests, own.succeeded, unserved), "found": found})
        }).collect::<Vec<_>>(),
        "identities": super::access::identities(&report.access), "access": access(report),
        "passed": named(Status::Passed), "unexercised": named(Status::Unexercised), "skipped": named(Status::Skipped),
        "exempted": report.exempted, "notes": report.notes, "left_behind": report.left_behind,
        "snapshots": report.snapshots.as_ref().map(|own| json!({"compared": own.compared, "differences": own.differences}))
    })
}

/// The access matrix, a row for each operation and a cell for each caller.
fn access(report: &Report) -> Vec<Value> {
    let identities = super::access::identities(&report.access);
    let cell = |operation: &str, identity: &str| {
        let own = report.access.iter().find(|access| access.operation == operation && access.identity == identity);
        own.map(|access| access.told().into_iter().map(|(place, statuses)| format!("{place} {statuses}")).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let asked = report.coverage.iter().filter(|own| report.access.iter().any(|access| access.operation == own.operation));
    asked
        .map(|own| {
            let cells: Vec<Vec<String>> = identities.iter().map(|identity| cell(&own.operation, identity)).collect();
            json!({"operation": own.operation, "cells": cells})
        })
        .collect()
}

fn state(requests: usize, succeeded: bool, unserved: bool) -> &'static str {
    match (requests, succeeded, unserved) {
        (_, _, true) => "not served",
        (_, true, _) => "succeeded",
        (0, ..) => "not tried",
        _ => "never succeeded",
    }
}

fn defect(defect: &Defect<'_>) -> Value {
    let first = defect.first;
    let steps: Vec<Value> = first.plan.iter().zip(&first.reproduce).map(|(told, line)| json!({"told": told, "line": line})).collect();
    json!({
        "kind": defect.kind(), "check": first.check, "summary": first.summary, "cite": first.cite,
        "expected": first.expected, "actual": first.actual, "steps": steps, "flaky": first.flakiness(), "saved": first.saved,
        "findings": defect.findings().map(|own| json!({"operation": own.operation, "cases": own.cases, "expected": own.expected, "actual": own.actual})).collect::<Vec<_>>()
    })
}
