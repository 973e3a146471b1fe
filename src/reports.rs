//! Reports: which are wanted, where they go, and that they can go there before anything is sent.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use conformance::{Format, Report};

use crate::output::print;

/// The file to which GitHub reads a step's summary from.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A report that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// One in a file; `{spec}` in the path stands for the spec's name.
    File(Format, String),
    /// Annotations on standard output, and the step's summary where GitHub names a file for it.
    Github,
}

/// Reads `FORMAT=PATH`, or `github`.
pub(crate) fn wanted(text: &str) -> Result<Wanted, String> {
    match text.split_once('=') {
        None if text == "github" => Ok(Wanted::Github),
        Some(("github", _)) => {
            Err(format!("github takes no path: it annotates on standard output, and appends to the file that {STEP_SUMMARY} names"))
        }
        Some((format, path)) if !path.is_empty() => Ok(Wanted::File(format.parse()?, path.to_owned())),
        _ => Err("a report is written FORMAT=PATH, for instance --report json=report.json, or github".to_owned()),
    }
}

/// Notices before the run that a report could not be written after it, or that two would be written to one file.
pub(crate) fn can_be_written(wanted: &[Wanted], specs: &[String]) -> anyhow::Result<()> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for (report, spec) in wanted.iter().flat_map(|report| specs.iter().map(move |spec| (report, spec))) {
        match report {
            Wanted::File(_, path) if specs.len() > 1 && !path.contains("{spec}") => {
                bail!("several specs need several reports; write {{spec}} in the path, for instance --report json=out-{{spec}}.json")
            }
            Wanted::File(_, path) => paths.push(place(path, spec)),
            Wanted::Github => {}
        }
    }
    if let Some((_, twice)) = paths.iter().enumerate().find(|(place, path)| paths[..*place].contains(path)) {
        bail!("two reports go to {}", twice.display());
    }
    paths.iter().try_for_each(|path| can_write(path))
}

/// Opens a file for writing without changing it; one that was not there is not there afterwards.
fn can_write(path: &Path) -> anyhow::Result<()> {
    let existed = path.exists();
    OpenOptions::new().append(true).create(true).open(path).with_context(|| cannot_write(path))?;
    if existed { Ok(()) } else { fs::remove_file(path).with_context(|| cannot_write(path)) }
}

/// Writes a report in every way that is wanted.
pub(crate) fn write(wanted: &[Wanted], report: &Report) -> anyhow::Result<()> {
    for own in wanted {
        match own {
            Wanted::File(format, path) => {
                let path = place(path, &report.spec);
                fs::write(&path, report.render(*format)?).with_context(|| cannot_write(&path))?;
            }
            Wanted::Github => github(report)?,
        }
    }
    Ok(())
}

fn github(report: &Report) -> anyhow::Result<()> {
    print(&report.render(Format::GithubAnnotations)?)?;
    let Some(path) = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()).map(PathBuf::from) else { return Ok(()) };
    let summary = report.render(Format::Markdown)?;
    let mut file = OpenOptions::new().append(true).create(true).open(&path).with_context(|| cannot_write(&path))?;
    file.write_all(summary.as_bytes()).with_context(|| cannot_write(&path))
}

fn place(path: &str, spec: &str) -> PathBuf {
    PathBuf::from(path.replace("{spec}", spec))
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write the report to {}", path.display())
}
