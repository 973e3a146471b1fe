//! Known deviations as `lockstep.toml` has them: read, applied, and told when they are expired or needed no more.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use conformance::{Exemption, Finding, Report};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::settings::Settings;

/// The entries of a settings file.
#[derive(Default)]
pub(crate) struct Exemptions {
    entries: Vec<Entry>,
}

struct Entry {
    exemption: Exemption,
    /// File, line and column.
    place: String,
    expired: bool,
    used: bool,
    /// Whether any run could have shown that it is needed.
    tried: bool,
}

impl Exemptions {
    /// Reads the entries. What is expired exempts nothing any more.
    pub(crate) fn read(settings: &Settings) -> anyhow::Result<Self> {
        let tables = settings.tables()?;
        let Some((key, value)) = tables.get_key_value("exempt") else { return Ok(Self::default()) };
        let DeValue::Array(items) = value.get_ref() else {
            bail!("{}: each entry begins with [[exempt]]", settings.place(key.span().start))
        };
        Ok(Self { entries: items.iter().map(|item| Entry::read(settings, item)).collect::<anyhow::Result<_>>()? })
    }

    /// Sets apart what they cover in a report. `whole` says that everything was tried, so that an entry that covers nothing is needed no more.
    pub(crate) fn apply(&mut self, report: &mut Report, whole: bool) {
        let (live, exemptions): (Vec<usize>, Vec<Exemption>) = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| !entry.expired)
            .map(|(place, entry)| (place, entry.exemption.clone()))
            .unzip();
        for (place, used) in live.into_iter().zip(report.exempt(&exemptions)) {
            let entry = &mut self.entries[place];
            entry.used |= used;
            entry.tried |= whole && report.complete && entry.exemption.concerns(&report.spec) && report.judged(&entry.exemption.check);
        }
    }

    /// A line for each entry that is expired or needed no more; they fail the run.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let told = |entry: &Entry| match (entry.expired, entry.used, entry.tried) {
            (true, ..) => Some(format!("{}: this exemption is expired: mend what it covers, or say why it stays", entry.place)),
            (false, false, true) => Some(format!("{}: this exemption covers nothing any more: remove it", entry.place)),
            _ => None,
        };
        self.entries.iter().filter_map(told).collect()
    }
}

impl Entry {
    fn read(settings: &Settings, item: &Spanned<DeValue<'_>>) -> anyhow::Result<Self> {
        let place = settings.place(item.span().start);
        let DeValue::Table(entry) = item.get_ref() else { bail!("{place}: each entry begins with [[exempt]]") };
        for key in entry.keys() {
            settings.known(key.get_ref(), key.span().start, &["check", "operation", "spec", "reason", "expires"])?;
        }
        let check = text(settings, entry, "check")?.with_context(|| format!("{place}: an exemption names its `check`"))?;
        let reason = text(settings, entry, "reason")?.filter(|reason| !reason.trim().is_empty());
        let exemption = Exemption {
            check: check.parse().map_err(|error| anyhow::anyhow!("{place}: {error}"))?,
            operation: text(settings, entry, "operation")?,
            spec: text(settings, entry, "spec")?,
            reason: reason.with_context(|| format!("{place}: an exemption says why: `reason`"))?,
        };
        Ok(Self { exemption, expired: expired(settings, entry)?, place, used: false, tried: false })
    }
}

fn text(settings: &Settings, entry: &DeTable<'_>, key: &str) -> anyhow::Result<Option<String>> {
    match entry.get(key).map(|value| (value.get_ref(), value.span().start)) {
        None => Ok(None),
        Some((DeValue::String(text), _)) => Ok(Some(text.to_string())),
        Some((_, at)) => bail!("{}: `{key}` is a text", settings.place(at)),
    }
}

/// Whether the last day of an entry is over, in UTC.
fn expired(settings: &Settings, entry: &DeTable<'_>) -> anyhow::Result<bool> {
    let Some(value) = entry.get("expires") else { return Ok(false) };
    let written = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        _ => String::new(),
    };
    let form = || format!("{}: `expires` is a date, for instance 2027-01-31", settings.place(value.span().start));
    let last: jiff::civil::Date = written.parse().with_context(form)?;
    Ok(last < jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// Notices before the run that a baseline could not be written, or would replace reasons that somebody has given.
pub(crate) fn can_be_written(path: &Path) -> anyhow::Result<()> {
    if path.exists() {
        bail!("{} is there already; a baseline goes to a new file", path.display());
    }
    write(path, &[])?;
    fs::remove_file(path).with_context(|| cannot_write(path))
}

/// Writes an entry for each violation. Its reason is left to be filled in: an entry without one is refused.
pub(crate) fn write(path: &Path, reports: &[Report]) -> anyhow::Result<()> {
    let mut text =
        String::from("# Known deviations. Each needs its reason before it is accepted; `expires` takes the last day on which it holds.\n");
    for report in reports {
        let findings = report.findings.iter().filter(|finding| finding.is_violation() && finding.exempted.is_none());
        findings.for_each(|finding| text.push_str(&entry(&report.spec, finding)));
        report.unserved.iter().for_each(|operation| text.push_str(&written(&report.spec, conformance::UNSERVED, operation)));
    }
    fs::write(path, text).with_context(|| cannot_write(path))
}

fn entry(spec: &str, finding: &Finding) -> String {
    let told = format!("expected {}, actual {}", finding.expected, finding.actual);
    let comment: String = told.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("\n# {comment}{}", written(spec, &finding.check, &finding.operation))
}

fn written(spec: &str, check: &str, operation: &str) -> String {
    let mut text = String::from("\n[[exempt]]\n");
    for (key, value) in [("check", check), ("operation", operation), ("spec", spec), ("reason", "")] {
        // A string in JSON is a basic string in TOML.
        let _ = writeln!(text, "{key} = {}", serde_json::Value::from(value));
    }
    text
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write the baseline to {}", path.display())
}
