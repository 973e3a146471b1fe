//! `lockstep report merge`: the parts of a run become one verdict.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use conformance::{Format, Part, Report, merge};

use crate::arguments::MergeOptions;
use crate::check::summary;
use crate::files::there;
use crate::output::{Volume, print};
use crate::{exit, reports};

/// Reads the parts, and tells of the whole what `check` would have told.
pub(crate) fn merge_reports(options: &MergeOptions, volume: Volume) -> anyhow::Result<u8> {
    let parts = options.files.iter().map(part).collect::<anyhow::Result<Vec<_>>>()?;
    let merged = merge(parts)?;
    reports::can_be_written(&options.reports, &merged.iter().map(|report| report.spec.clone()).collect::<Vec<_>>())?;
    for report in &merged {
        if volume != Volume::Quiet || !report.conforms() {
            print(&report.render(Format::Terminal)?)?;
        }
        reports::write(&options.reports, report)?;
    }
    let conforming = merged.iter().all(Report::conforms);
    if volume != Volume::Quiet || !conforming {
        let longest = merged.iter().map(|report| report.seconds).fold(0.0, f64::max);
        print(&summary(&merged, Duration::from_secs_f64(longest)))?;
    }
    Ok(if conforming { exit::CONFORMING } else { exit::VIOLATED })
}

fn part(path: &PathBuf) -> anyhow::Result<Part> {
    there(path, "`lockstep check --report json=FILE` writes one")?;
    let file = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    let report = Report::read(&text).with_context(|| file.clone())?;
    Ok(Part { file, report })
}
