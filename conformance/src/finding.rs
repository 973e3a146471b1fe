//! Findings: what is told of a broken check, once per operation however often it breaks.

use serde::{Deserialize, Serialize};

use crate::checks::{Broken, Check, Level};
use crate::plan::Plan;

/// One broken check of one operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// The check's id.
    pub check: String,
    /// `must` for a violation, `should` for advice.
    pub level: Level,
    /// Method and path template.
    pub operation: String,
    /// The sentence that is broken.
    pub summary: String,
    /// Where it is written.
    pub cite: String,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// The requests that led there, with their answers.
    pub plan: Vec<String>,
    /// The same as curl lines; credentials are environment variables.
    pub reproduce: Vec<String>,
    /// Why it is put up with, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exempted: Option<String>,
    /// How many requests broke it.
    pub cases: usize,
    /// Whether it was not seen again when its plan was repeated.
    pub flaky: bool,
    /// The file of its plan, for `lockstep replay`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<String>,
    /// The smallest plan that shows it.
    #[serde(skip)]
    pub(crate) shrunk: Option<Plan>,
}

impl Finding {
    pub(crate) fn new(check: &Check, level: Level, operation: &str, broken: &Broken) -> Self {
        let cite = broken.cite.as_ref().map_or_else(|| check.cite.to_owned(), |claim| format!("{}; {claim}", check.cite));
        Self {
            check: check.id.to_owned(),
            level,
            operation: operation.to_owned(),
            summary: check.sentence.to_owned(),
            cite,
            expected: broken.expected.clone(),
            actual: broken.actual.clone(),
            plan: Vec::new(),
            reproduce: Vec::new(),
            exempted: None,
            cases: 1,
            flaky: false,
            saved: None,
            shrunk: None,
        }
    }

    /// That it was not seen again, if it was not.
    pub(crate) fn flakiness(&self) -> Option<&'static str> {
        self.flaky.then_some("flaky: it was not seen again when its requests were repeated")
    }

    /// `violation` or `advice`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.is_violation() { "violation" } else { "advice" }
    }

    /// Whether it is a violation rather than advice.
    #[must_use]
    pub fn is_violation(&self) -> bool {
        self.level == Level::Must
    }
}

/// Advice where the check is, or where the promise that is broken is only guessed.
pub(crate) const fn level_of(check: &Check, broken: &Broken) -> Level {
    if broken.grade.condemns() { check.level } else { Level::Should }
}
