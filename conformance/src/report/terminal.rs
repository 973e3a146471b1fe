//! The report for people: one line when all is well, one block per defect when it is not.

use std::fmt::{self, Display, Write as _};

use super::{Report, Status};
use crate::finding::Finding;

/// The most curl lines of one finding that the terminal shows; the JSON report has all.
const MOST_LINES: usize = 6;

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.conforms() { "conforms" } else { "does not conform" };
        let (operations, silent) = &self.operations;
        writeln!(f, "{:<12} {verdict} · {} {} · {} requests · {:.1} s", self.spec, self.title, self.version, self.requests, self.seconds)?;
        writeln!(f, "{:<12} {} of {operations} operations answered · {}", "", operations - silent.len(), self.checks_line())?;
        if let Some(snapshots) = &self.snapshots {
            writeln!(
                f,
                "{:<12} {} snapshots compared, {} changed, {} written",
                "",
                snapshots.compared,
                snapshots.changed.len(),
                snapshots.written
            )?;
            for (name, difference) in &snapshots.differences {
                writeln!(f, "\n  snapshot {name} changed:\n{}", indented(difference, "    "))?;
            }
        }
        for note in &self.notes {
            writeln!(f, "{:<12} note: {note}", "")?;
        }
        if !silent.is_empty() {
            writeln!(f, "{:<12} never answered with a success: {}", "", silent.join(", "))?;
        }
        for (finding, number) in self.findings.iter().zip(1..) {
            write!(f, "\n{}", block(finding, number))?;
        }
        if !self.left_behind.is_empty() {
            writeln!(f, "\n  left behind on the target: {}", self.left_behind.join(", "))?;
        }
        Ok(())
    }
}

impl Report {
    fn checks_line(&self) -> String {
        let told =
            [Status::Violated, Status::Advised, Status::Passed, Status::Unexercised, Status::Skipped].into_iter().filter_map(|status| {
                let count = self.count(status);
                (count > 0).then(|| format!("{count} {}", status.name()))
            });
        format!("checks: {}", told.collect::<Vec<_>>().join(", "))
    }
}

fn block(finding: &Finding, number: usize) -> String {
    let mut text = String::new();
    let kind = if finding.is_violation() { "violation" } else { "advice" };
    let cases = if finding.cases > 1 { format!(" · {} requests", finding.cases) } else { String::new() };
    let lines = [
        format!("  {number}. {kind} · {} · {}{cases}", finding.check, finding.operation),
        format!("     {}", finding.summary),
        format!("     source    {}", finding.cite),
        format!("     expected  {}", finding.expected),
        format!("     actual    {}", finding.actual),
    ];
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    let shown = finding.reproduce.len().saturating_sub(MOST_LINES);
    if shown > 0 {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "     ... {shown} requests before these; the JSON report has them all");
    }
    for line in &finding.reproduce[shown..] {
        let _ = writeln!(text, "     {line}");
    }
    text
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}")).collect::<Vec<_>>().join("\n")
}
