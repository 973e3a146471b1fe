//! The report for GitHub: workflow commands that become annotations, and Markdown for the step's summary.

use super::defect::Defect;
use super::{Report, Status};

/// An annotation per defect, as workflow commands: errors for violations, notices for advice.
pub(super) fn annotations(report: &Report) -> String {
    let defects = report.defects();
    let told = defects.iter().map(|defect| {
        let command = if defect.first.is_violation() { "error" } else { "notice" };
        annotation(command, &format!("{}: {}", report.spec, defect.first.check), &message(defect))
    });
    let unserved = report.unserved.iter().map(|name| annotation("error", &format!("{}: not served", report.spec), name));
    let changed = report.snapshots.iter().flat_map(|snapshots| &snapshots.changed);
    let changed = changed.map(|name| annotation("error", &format!("{}: snapshot changed", report.spec), name));
    told.chain(unserved).chain(changed).collect()
}

/// A workflow command. Text of a server's cannot end it and begin another.
fn annotation(command: &str, title: &str, message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!("::{command} title={}::{}\n", property(title), data(message))
}

fn message(defect: &Defect<'_>) -> String {
    let first = defect.first;
    let operations: Vec<&str> = defect.findings().map(|finding| finding.operation.as_str()).collect();
    let flaky = first.flakiness().map(|told| format!("{told}\n")).unwrap_or_default();
    let (expected, actual) = (&first.expected, &first.actual);
    format!("{}\n{}\nexpected {expected}, actual {actual}\n{flaky}source: {}", first.summary, operations.join(", "), first.cite)
}

/// The step's summary: the verdict, then a row per defect.
pub(super) fn summary(report: &Report) -> String {
    let verdict = if report.conforms() { "conforms" } else { "does not conform" };
    let count = |status| report.count(status);
    let head = format!(
        "### {} {}{verdict}\n\n{} {} · {} requests · {} violated, {} advised, {} passed, {} unexercised\n\n",
        cell(&report.spec),
        report.part_name(),
        cell(&report.title),
        cell(&report.version),
        report.requests,
        count(Status::Violated),
        count(Status::Advised),
        count(Status::Passed),
        count(Status::Unexercised)
    );
    let rows: String = report.defects().iter().map(row).chain(report.unserved.iter().map(|name| unserved(name))).collect();
    if rows.is_empty() {
        return head;
    }
    format!("{head}| | check | operations | expected | actual |\n|---|---|---|---|---|\n{rows}\n")
}

fn row(defect: &Defect<'_>) -> String {
    let first = defect.first;
    let operations: Vec<String> = defect.findings().map(|finding| cell(&finding.operation)).collect();
    format!(
        "| {} | {} | {} | {} | {} |\n",
        defect.kind(),
        cell(&first.check),
        operations.join("<br>"),
        cell(&first.expected),
        cell(&[Some(first.actual.as_str()), first.flakiness()].into_iter().flatten().collect::<Vec<_>>().join("; "))
    )
}

fn unserved(name: &str) -> String {
    format!("| violation | documented but not served | {} | | every request was answered as if there were no such path |\n", cell(name))
}

/// A text as what it is, in a cell of a table: neither Markdown nor HTML.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in text.chars() {
        match c {
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '\r' | '\n' => cell.push(' '),
            // CommonMark, section 2.4: any ASCII punctuation may be escaped.
            c if c.is_ascii_punctuation() && !matches!(c, '-' | '/' | ',' | '.' | ';' | ':' | '\'' | '"') => cell.extend(['\\', c]),
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_text_ends_no_command_and_no_cell() {
        let told = annotation("error", "a:b,c", "x\n::stop-commands::y\r%");
        assert_eq!(told, "::error title=a%3Ab%2Cc::x%0A::stop-commands::y%0D%25\n");
        assert_eq!(cell("a|b <script>\n`x` [y](z)"), "a\\|b &lt;script&gt; \\`x\\` \\[y\\]\\(z\\)");
    }
}
