//! The report for people: two lines when all is well, one block per defect when it is not.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};

use super::defect::Defect;
use super::{Report, Status};
use crate::finding::Finding;
use crate::units::{counted, lasted};

/// The styles of a terminal that shows colours; whoever prints takes them out for one that does not.
const RIGHT: Style = AnsiColor::Green.on_default().bold();
const WRONG: Style = AnsiColor::Red.on_default().bold();
const ADVICE: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();

/// The most curl lines of one finding that the terminal shows; the JSON report has all.
const MOST_LINES: usize = 6;

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (style, verdict) = if self.conforms() { (RIGHT, "conforms") } else { (WRONG, "does not conform") };
        let (requests, lasted) = (counted(self.requests, "request"), lasted(self.seconds));
        let (operations, silent) = &self.operations;
        writeln!(
            f,
            "{:<12} {}{style}{verdict}{style:#} · {} {} · {requests} · {lasted}",
            self.spec,
            self.part_name(),
            self.title,
            self.version
        )?;
        let asked = self.requests > 0;
        let told = if asked {
            format!("{} of {operations} operations answered", operations - silent.len())
        } else {
            "nothing was sent".to_owned()
        };
        writeln!(f, "{:<12} {told} · {}", "", self.checks_line())?;
        super::access::lines(&self.access).iter().try_for_each(|line| writeln!(f, "{:<12} access {line}", ""))?;
        self.snapshot_lines(f)?;
        self.ungenerated_lines(f)?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{:<12} note: {note}", ""))?;
        self.silent_lines(f)?;
        for (defect, number) in self.defects().iter().zip(1..) {
            block(f, defect, number)?;
        }
        if !self.exempted.is_empty() {
            writeln!(f, "\n  known deviations:")?;
        }
        for own in &self.exempted {
            writeln!(f, "     exempted  {} · {} · {}", own.check, own.operation, own.reason)?;
        }
        if !self.left_behind.is_empty() {
            writeln!(f, "\n  left behind on the target: {}", self.left_behind.join(", "))?;
        }
        Ok(())
    }
}

impl Report {
    /// Which part of a run it is, in front of its verdict: nobody is to take a part for the whole.
    pub(super) fn part_name(&self) -> String {
        self.shard.map(|shard| format!("shard {shard} ")).unwrap_or_default()
    }

    fn checks_line(&self) -> String {
        let told = Status::ALL.into_iter().filter_map(|status| {
            let count = self.count(status);
            (count > 0).then(|| format!("{count} {}", status.name()))
        });
        format!("checks: {}", told.collect::<Vec<_>>().join(", "))
    }

    fn ungenerated_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ungenerated.is_empty() {
            return Ok(());
        }
        writeln!(f, "{:<12} {} values could not be generated and were not tried:", "", self.ungenerated.len())?;
        for missed in self.ungenerated.iter().take(MOST_LINES) {
            writeln!(f, "{:<14} {} · {} · {}", "", missed.operation, missed.place, missed.reason)?;
        }
        if self.ungenerated.len() > MOST_LINES {
            writeln!(f, "{:<14} and {} more; the JSON report has them all", "", self.ungenerated.len() - MOST_LINES)?;
        }
        Ok(())
    }

    /// The operations of which nothing good was heard, and those that are not served at all.
    fn silent_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quiet: Vec<&str> = self.operations.1.iter().filter(|name| !self.unserved.contains(name)).map(String::as_str).collect();
        if self.requests > 0 && !quiet.is_empty() {
            writeln!(f, "{:<12} never answered with a success: {}", "", quiet.join(", "))?;
        }
        if self.unserved.is_empty() {
            return Ok(());
        }
        let about = "documented but not served, every request was answered as if there were no such path:";
        writeln!(f, "{:<12} {WRONG}violation{WRONG:#}: {about}", "")?;
        self.unserved.iter().try_for_each(|name| writeln!(f, "{:<14} {name}", ""))
    }

    fn snapshot_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(snapshots) = &self.snapshots else { return Ok(()) };
        writeln!(
            f,
            "{:<12} {} snapshots compared, {} changed, {} written",
            "",
            snapshots.compared,
            snapshots.changed.len(),
            snapshots.written
        )?;
        for (name, difference) in &snapshots.differences {
            writeln!(f, "\n  snapshot {name} changed:")?;
            difference.lines().try_for_each(|line| writeln!(f, "    {line}"))?;
        }
        Ok(())
    }
}

/// One block per broken check: the first operation in full, the others by name.
fn block(f: &mut fmt::Formatter<'_>, defect: &Defect<'_>, number: usize) -> fmt::Result {
    let first = defect.first;
    let style = if first.is_violation() { WRONG } else { ADVICE };
    writeln!(f, "\n  {number}. {style}{} · {}{style:#}", defect.kind(), first.check)?;
    writeln!(f, "     {}", first.summary)?;
    writeln!(f, "     source    {}", first.cite)?;
    writeln!(f, "     operation {}{}", first.operation, times(first))?;
    writeln!(f, "     expected  {}", first.expected)?;
    writeln!(f, "     actual    {}", first.actual)?;
    steps(f, first)?;
    defect.others.iter().try_for_each(|other| writeln!(f, "     also      {}{}", other.operation, times(other)))
}

/// The requests by number, each as a curl line below what it came to.
fn steps(f: &mut fmt::Formatter<'_>, finding: &Finding) -> fmt::Result {
    finding.flakiness().iter().try_for_each(|told| writeln!(f, "     {told}"))?;
    let cut = finding.reproduce.len().saturating_sub(MOST_LINES);
    if cut > 0 {
        writeln!(f, "     ... {cut} requests before these; the JSON report has them all")?;
    }
    for ((told, line), number) in finding.plan.iter().zip(&finding.reproduce).zip(1..).skip(cut) {
        writeln!(f, "     {number}. {told}\n        {FAINT}{line}{FAINT:#}")?;
    }
    finding.saved.iter().try_for_each(|path| writeln!(f, "     again     lockstep replay {path}"))
}

fn times(finding: &Finding) -> String {
    if finding.cases > 1 { format!(" ({})", counted(finding.cases, "request")) } else { String::new() }
}
