//! Plans as files: JSON, in which no secret and no credential stands.

use std::path::{Path, PathBuf};

use super::{Plan, VERSION};
use crate::manners::Source;
use crate::report::{Leak, Report};

/// Why a plan cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It would tell a secret.
    #[error(transparent)]
    Leak(#[from] Leak),
}

impl PlanError {
    fn at(path: &Path, reason: &dyn std::fmt::Display) -> Self {
        Self::File { path: path.to_owned(), reason: reason.to_string() }
    }
}

impl Plan {
    /// What its contract was compiled from.
    pub fn source(&self) -> Result<&Source, PlanError> {
        self.source.as_ref().ok_or_else(|| PlanError::at(Path::new("the plan"), &"it does not say which document it is of"))
    }

    /// Reads a plan that a run has saved.
    pub fn read(path: &Path) -> Result<Self, PlanError> {
        let text = std::fs::read_to_string(path).map_err(|error| PlanError::at(path, &error))?;
        let plan: Self = serde_json::from_str(&text).map_err(|error| PlanError::at(path, &format!("this is no plan of a run: {error}")))?;
        if plan.lockstep != VERSION {
            return Err(PlanError::at(
                path,
                &format!("this program reads plans of version {VERSION}, and this is one of {}", plan.lockstep),
            ));
        }
        Ok(plan)
    }
}

impl Report {
    /// Saves the plan of every violation that was seen again in `folder/<spec>/<check>-<number>.json`; without one, nothing is made. Plans of
    /// an earlier run of this spec are replaced.
    pub fn save_plans(&mut self, folder: &Path, source: &Source) -> Result<(), PlanError> {
        let part = self.shard.map(|shard| format!("-{}-of-{}", shard.number(), shard.of())).unwrap_or_default();
        let folder = folder.join(format!("{}{part}", self.spec));
        forget(&folder)?;
        let mut numbers = std::collections::BTreeMap::new();
        for place in 0..self.findings.len() {
            let finding = &self.findings[place];
            let Some(plan) = finding.shrunk.clone().filter(|_| finding.exempted.is_none()) else { continue };
            let number = numbers.entry(finding.check.clone()).and_modify(|number| *number += 1).or_insert(1);
            let path = folder.join(format!("{}-{number}.json", finding.check.replace('/', "-")));
            let plan = Plan { source: Some(source.clone()), ..plan };
            let text = format!("{}\n", serde_json::to_string_pretty(&plan).map_err(|error| PlanError::at(&path, &error))?);
            self.guard.examine(&text)?;
            std::fs::create_dir_all(&folder).map_err(|error| PlanError::at(&folder, &error))?;
            std::fs::write(&path, text).map_err(|error| PlanError::at(&path, &error))?;
            self.findings[place].saved = Some(path.display().to_string());
        }
        Ok(())
    }
}

/// Removes the plans of an earlier run: they would be taken for this one's.
fn forget(folder: &Path) -> Result<(), PlanError> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.extension().is_some_and(|own| own == "json")) {
        std::fs::remove_file(&path).map_err(|error| PlanError::at(&path, &error))?;
    }
    Ok(())
}
