//! `lockstep cleanup`, and where a run's ledger goes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use conformance::{LedgerFile, LeftBehind, MAX_REQUESTS, Manners, Options, Source, Target, Watch, clean_up};
use specs::{Profile, Spec};

use crate::arguments::{CheckOptions, CleanUpOptions, ProfileName};
use crate::check::{given, headers, known};
use crate::exit;
use crate::files::there;
use crate::output::{Volume, print};

/// The folder of ledgers and plans, unless the user names a file.
pub(crate) const FOLDER: &str = ".lockstep";

/// Removes what an interrupted run has left behind. The ledger goes with the last thing.
pub(crate) async fn cleanup(options: CleanUpOptions, volume: Volume) -> anyhow::Result<u8> {
    there(
        &options.ledger,
        "a check against a target writes its ledger to .lockstep/, or to --ledger FILE, and removes it when nothing is left behind",
    )?;
    let left_behind = LeftBehind::read(&options.ledger)?;
    if left_behind.is_empty() {
        return done(&options.ledger, "nothing was left behind", volume);
    }
    let source = &left_behind.source;
    let profile = if source.observed { Profile::Observed } else { Profile::Documented };
    let contract = Spec::find(&source.spec, source.overlay.clone())?.contract(profile)?;
    known(&options.parameters, std::slice::from_ref(&contract))?;
    let url = options.target.as_ref().unwrap_or(&left_behind.target);
    let settings = Options {
        target: Target::new(url, &options.allow_hosts).map_err(anyhow::Error::msg)?,
        headers: headers(&options.headers)?,
        parameters: given(&options.parameters),
        identities: std::collections::BTreeMap::new(),
        seed: 0,
        shard: None,
        phases: Vec::new(),
        checks: Vec::new(),
        max_requests: MAX_REQUESTS,
        retrace: 0,
        manners: Manners { rate: options.rate, ..Manners::default() },
        interrupt: conformance::Interrupt::default(),
        watch: Watch::default(),
    };
    let told = clean_up(&contract, &settings, left_behind).await?;
    if volume != Volume::Quiet {
        told.removed.iter().try_for_each(|name| print(&format!("removed  {name}\n")))?;
    }
    if told.left.is_empty() {
        return done(&options.ledger, &format!("{} removed, nothing is left", told.removed.len()), volume);
    }
    told.left.iter().try_for_each(|name| print(&format!("left     {name}\n")))?;
    print(&format!("{} removed, {} left behind; the ledger stays: {}\n", told.removed.len(), told.left.len(), options.ledger.display()))?;
    Ok(exit::VIOLATED)
}

fn done(ledger: &Path, told: &str, volume: Volume) -> anyhow::Result<u8> {
    fs::remove_file(ledger).with_context(|| format!("cannot remove {}, which has no use any more", ledger.display()))?;
    if volume != Volume::Quiet {
        print(&format!("{told}\n"))?;
    }
    Ok(exit::CONFORMING)
}

/// The ledger of a run against a target that outlives it.
pub(crate) fn ledger(options: &CheckOptions, spec: &Spec, watch: &Watch) -> anyhow::Result<LedgerFile> {
    let path = options.ledger.clone().unwrap_or_else(|| usual_ledger(&spec.name()));
    Ok(LedgerFile { path, source: source(options, spec)?, keep: options.ledger.is_some(), announce: watch.clone() })
}

/// A ledger's file of its own.
pub(crate) fn usual_ledger(spec: &str) -> PathBuf {
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S");
    Path::new(FOLDER).join(format!("{spec}-{now}-{}.jsonl", std::process::id()))
}

/// What a contract was compiled from, so that it is found again from wherever.
pub(crate) fn source(options: &CheckOptions, spec: &Spec) -> anyhow::Result<Source> {
    let absolute = |path: &PathBuf| fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()));
    let observed = matches!(options.spec.profile, ProfileName::Observed);
    Ok(match spec {
        Spec::Vendor(vendor) => Source { spec: vendor.clone(), overlay: None, observed },
        Spec::File { path, overlay } => {
            Source { spec: absolute(path)?.display().to_string(), overlay: overlay.as_ref().map(absolute).transpose()?, observed }
        }
    })
}
