//! Formats: the same report for people, for programs, and for the tools in between.

use std::str::FromStr;

use super::leak::Leak;
use super::{Report, github, html, junit, sarif};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for a terminal.
    Terminal,
    /// JSON, as `conformance/schemas/report.schema.json` has it.
    Json,
    /// `JUnit` XML: a test case per check.
    Junit,
    /// SARIF 2.1.0: a result per finding.
    Sarif,
    /// One HTML file that needs nothing else.
    Html,
    /// GitHub's workflow commands: an annotation per defect.
    GithubAnnotations,
    /// Markdown: the verdict and a row per defect, as for GitHub's step summary.
    Markdown,
}

impl Format {
    /// Those that are written to a file of the user's choice, by the names that the command line uses.
    pub const FILES: [(&'static str, Self); 5] =
        [("json", Self::Json), ("junit", Self::Junit), ("sarif", Self::Sarif), ("html", Self::Html), ("markdown", Self::Markdown)];
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = || Self::FILES.iter().map(|(own, _)| *own);
        Self::FILES.iter().find(|(own, _)| *own == name).map(|(_, format)| *format).ok_or_else(|| {
            let near = specs::document::nearest(name, names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            format!(
                "no report format is called `{name}`{near} (the formats are {}, and github without a path)",
                names().collect::<Vec<_>>().join(", ")
            )
        })
    }
}

impl Report {
    /// The report in a format. An error if it would tell a value or a credential that the run has sent: such a report is not handed out.
    pub fn render(&self, format: Format) -> Result<String, Leak> {
        let text = match format {
            Format::Terminal => self.to_string(),
            Format::Json => format!("{:#}\n", self.json()),
            Format::Junit => junit::junit(self),
            Format::Sarif => format!("{:#}\n", sarif::sarif(self)),
            Format::Html => html::html(self),
            Format::GithubAnnotations => github::annotations(self),
            Format::Markdown => github::summary(self),
        };
        self.guard.examine(&text)?;
        Ok(text)
    }
}
