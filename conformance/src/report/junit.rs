//! The report as `JUnit` XML, which build servers show: a test case per check.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{Report, Status};
use crate::checks::Check;
use crate::finding::Finding;

/// The report as XML.
pub(super) fn junit(report: &Report) -> String {
    let mut suite = TestSuite::new(report.spec.as_str());
    suite.set_time(std::time::Duration::from_secs_f64(report.seconds.max(0.0)));
    suite.add_property(("target", report.target.as_str()));
    suite.add_property(("seed", report.seed.to_string().as_str()));
    suite.add_property(("requests", report.requests.to_string().as_str()));
    suite.add_test_cases(report.checks().map(|(check, tally)| of_check(report, check, tally.status())));
    suite.add_test_cases(report.unserved.iter().map(|operation| unserved(report, operation)));
    for (name, difference) in report.snapshots.iter().flat_map(|snapshots| &snapshots.differences) {
        suite.add_test_case(failed(report, "snapshots", name, "the answers have another shape", difference));
    }
    let mut root = quick_junit::Report::new("lockstep");
    root.add_test_suite(suite);
    root.to_string().expect("XML of filtered text into memory")
}

fn of_check(report: &Report, check: &Check, status: Status) -> TestCase {
    let found = |violation: bool| {
        report.findings.iter().filter(move |own| own.check == check.id && own.is_violation() == violation && own.exempted.is_none())
    };
    let told = |violation: bool| found(violation).map(block).collect::<Vec<_>>().join("\n");
    let mut case = match status {
        Status::Violated => return failed(report, check.family(), check.id, check.sentence, &told(true)),
        Status::Passed | Status::Advised => TestCase::new(check.id, TestCaseStatus::success()),
        Status::Exempted | Status::Unexercised | Status::Skipped => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(status.name());
            TestCase::new(check.id, skipped)
        }
    };
    case.set_classname(classname(report, check.family()));
    if status == Status::Advised {
        case.set_system_out(told(false));
    }
    case
}

fn unserved(report: &Report, operation: &str) -> TestCase {
    failed(report, "served", operation, "documented but not served", "every request was answered as if there were no such path")
}

fn failed(report: &Report, family: &str, name: &str, message: &str, told: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(message).set_type("violation").set_description(told);
    let mut case = TestCase::new(name, status);
    case.set_classname(classname(report, family));
    case
}

fn classname(report: &Report, family: &str) -> String {
    format!("{}.{family}", report.spec)
}

/// One finding as lines.
fn block(finding: &Finding) -> String {
    let head = [
        format!("{}: {}", finding.kind(), finding.operation),
        format!("source    {}", finding.cite),
        format!("expected  {}", finding.expected),
        format!("actual    {}", finding.actual),
    ];
    let flaky = finding.flakiness().map(str::to_owned);
    let lines = head.into_iter().chain(flaky).chain(finding.reproduce.iter().cloned());
    lines.map(|line| line + "\n").collect()
}
