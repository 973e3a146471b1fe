//! The report as SARIF 2.1.0 (OASIS), which code hosts and editors show: a rule per check, a result per finding.

use serde_json::{Value, json};

use super::{Report, UNSERVED};
use crate::checks::{self, Check, Level};
use crate::finding::Finding;

/// The report as a SARIF log.
pub(super) fn sarif(report: &Report) -> Value {
    let rules: Vec<Value> = checks::all().map(rule).chain([unserved_rule()]).collect();
    let results: Vec<Value> = report.findings.iter().map(result).chain(report.unserved.iter().map(|name| unserved(name))).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "lockstep", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "automationDetails": {"id": format!("lockstep/{}/", report.spec)},
            "invocations": [{
                "executionSuccessful": true,
                "exitCode": i32::from(!report.conforms()),
                "toolExecutionNotifications": report.notes.iter().map(|note| json!({"level": "note", "message": {"text": note}})).collect::<Vec<_>>()
            }],
            "results": results,
            "properties": {
                "spec": {"name": report.spec, "version": report.version, "sha256": report.sha256},
                "target": report.target,
                "seed": report.seed,
                "requests": report.requests
            }
        }]
    })
}

fn rule(check: &Check) -> Value {
    let level = if check.level == Level::Must { "error" } else { "note" };
    json!({
        "id": check.id,
        "shortDescription": {"text": check.sentence},
        "fullDescription": {"text": format!("{} Source: {}", check.sentence, check.cite)},
        "help": {"text": format!("`lockstep checks show {}` shows an exchange that passes it and one that breaks it.", check.id)},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": [check.family()]}
    })
}

fn unserved_rule() -> Value {
    json!({
        "id": UNSERVED,
        "shortDescription": {"text": "Every documented operation is served."},
        "defaultConfiguration": {"level": "error"}
    })
}

fn result(finding: &Finding) -> Value {
    let suppressions: Vec<Value> =
        finding.exempted.iter().map(|reason| json!({"kind": "external", "status": "accepted", "justification": reason})).collect();
    let steps = finding.plan.iter().zip(&finding.reproduce);
    let told: Vec<Value> = steps.map(|(told, line)| json!({"location": {"message": {"text": format!("{told}\n{line}")}}})).collect();
    let flow = if told.is_empty() { json!([]) } else { json!([{"threadFlows": [{"locations": told}]}]) };
    let flaky = finding.flakiness().map(|told| format!(" ({told})")).unwrap_or_default();
    json!({
        "ruleId": finding.check,
        "level": if finding.is_violation() { "error" } else { "note" },
        "message": {"text": format!("{} Expected {}, actual {}.{flaky} Source: {}", finding.summary, finding.expected, finding.actual, finding.cite)},
        "locations": [location(&finding.operation)],
        "partialFingerprints": {"checkAndOperation/v1": format!("{} {}", finding.check, finding.operation)},
        "codeFlows": flow,
        "suppressions": suppressions
    })
}

fn unserved(operation: &str) -> Value {
    json!({
        "ruleId": UNSERVED,
        "level": "error",
        "message": {"text": "Documented but not served: every request was answered as if there were no such path."},
        "locations": [location(operation)],
        "partialFingerprints": {"checkAndOperation/v1": format!("{UNSERVED} {operation}")}
    })
}

fn location(operation: &str) -> Value {
    json!({"logicalLocations": [{"fullyQualifiedName": operation, "kind": "resource"}]})
}
