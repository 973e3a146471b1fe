//! Replaying: a saved plan performed once more, against whatever target, and judged by its own check.

use std::fmt;

use specs::contract::Contract;

use crate::director::Director;
use crate::options::Options;
use crate::plan::{Plan, Verdict};
use crate::report::{Guard, Leak};
use crate::run::{RunError, base_of};
use crate::session::{Session, Stop};

/// What a plan came to.
pub struct Replayed {
    /// What was found.
    pub end: End,
    /// The check's id and the operation.
    about: (String, String),
    /// What should have come, and what came; or why nothing can be said.
    told: Vec<(&'static str, String)>,
    /// The steps in a few words each, with their curl lines.
    steps: Vec<(String, String)>,
    left_behind: Vec<String>,
    guard: Guard,
}

/// How a plan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The check is broken as it was.
    StillViolated,
    /// The check holds.
    NoLonger,
    /// Nothing can be said.
    CouldNotJudge,
}

/// Performs a plan, and removes what it has made.
pub async fn replay(contract: &Contract, options: &Options, plan: &Plan) -> Result<Replayed, RunError> {
    let mut session = Session::new(contract, options);
    session.target = base_of(&mut session, options).await?;
    let mut director = Director::new(session);
    let ended = Box::pin(director.perform(plan)).await;
    let left_behind = director.clean_up().await;
    let stopped = |stop: Stop| RunError::Stopped { reason: stop.to_string(), left_behind: left_behind.clone() };
    let outcome = ended.map_err(stopped)?;
    let sent: Vec<_> = outcome.sent.iter().collect();
    let session = &director.session;
    let (end, told) = match &outcome.verdict {
        Verdict::Broken(broken) => {
            let shown = session.shown(broken, &sent);
            (End::StillViolated, vec![("expected", shown.expected), ("actual", shown.actual)])
        }
        Verdict::Held => (End::NoLonger, Vec::new()),
        Verdict::Silent => (End::CouldNotJudge, vec![("because", "the check does not apply to what was answered".to_owned())]),
        Verdict::Lacking(lack) => (End::CouldNotJudge, vec![("because", session.canaries.redact(&lack.to_string()))]),
    };
    let lines = session.script().lines(&sent);
    let steps = sent.iter().map(|sent| session.canaries.redact(&sent.told)).zip(lines).collect();
    let guard = Guard::new(contract, &session.canaries, &session.credentials.texts());
    Ok(Replayed { end, about: (plan.check.clone(), plan.operation.clone()), told, steps, left_behind, guard })
}

impl Replayed {
    /// What is printed. An error if it would tell a value or a credential that was sent.
    pub fn render(&self) -> Result<String, Leak> {
        let text = self.to_string();
        self.guard.examine(&text)?;
        Ok(text)
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((told, line), number) in self.steps.iter().zip(1..) {
            writeln!(f, "  {number}. {told}\n     {line}")?;
        }
        let end = match self.end {
            End::StillViolated => "still violated",
            End::NoLonger => "no longer violated",
            End::CouldNotJudge => "could not judge",
        };
        writeln!(f, "{end}: {} · {}", self.about.0, self.about.1)?;
        self.told.iter().try_for_each(|(name, text)| writeln!(f, "  {name:<9} {text}"))?;
        if self.left_behind.is_empty() { Ok(()) } else { writeln!(f, "  left behind on the target: {}", self.left_behind.join(", ")) }
    }
}
