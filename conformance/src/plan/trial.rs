//! Trials: a plan performed once, in fresh names, judged by one check alone, and tidied up after.

use std::sync::Arc;

use serde_json::Value;

use super::Plan;
use super::actor::{Actor, Lack};
use super::step::Step;
use crate::checks::{self, Broken, Check, Judgement};
use crate::director::Director;
use crate::session::Stop;
use crate::trail::{Sent, Trail};

/// The one check that judges a trial, and what it has said so far.
pub(crate) struct Trial {
    pub(crate) check: &'static Check,
    /// What it said of each exchange with the operation that the plan is about.
    said: Vec<Judgement>,
    operation: String,
}

impl Trial {
    /// Notes what the check says.
    pub(crate) fn note(&mut self, operation: &str, judgement: Judgement) {
        if operation == self.operation {
            self.said.push(judgement);
        }
    }

    /// How the check was broken, if it was.
    fn broken(&self) -> Option<&Broken> {
        self.said.iter().find_map(|judgement| match judgement {
            Judgement::Broken(broken) if broken.grade.condemns() => Some(broken),
            _ => None,
        })
    }
}

/// What a trial came to.
pub(crate) struct Outcome {
    /// What was found.
    pub(crate) verdict: Verdict,
    /// The requests, as they were sent.
    pub(crate) sent: Vec<Sent>,
    /// How many of the plan's steps were taken.
    pub(super) taken: usize,
}

/// What a trial found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// The check is broken as it was.
    Broken(Broken),
    /// It holds.
    Held,
    /// It did not apply to anything that was answered.
    Silent,
    /// A step could not be taken.
    Lacking(Lack),
}

impl Director<'_> {
    /// Performs a plan once. What it makes is removed again, and what the run has learnt is left as it was.
    pub(crate) async fn perform(&mut self, plan: &Plan) -> Result<Outcome, Stop> {
        let Some(check) = checks::all().find(|check| check.id == plan.check) else {
            let lack = Lack::Malformed(format!("no check is called `{}`", plan.check));
            return Ok(Outcome { verdict: Verdict::Lacking(lack), sent: Vec::new(), taken: 0 });
        };
        let before = std::mem::take(&mut self.session.ledger);
        let page = self.session.record.turn_page();
        let trail = std::mem::take(&mut self.session.trail);
        self.session.trial = Some(Trial { check, said: Vec::new(), operation: plan.operation.clone() });
        let ended = self.take_steps(plan).await;
        let said = self.session.trial.take();
        let sent = std::mem::replace(&mut self.session.trail, trail).into_thread();
        let open = self.session.record.open();
        let left = self.tidy_up(open).await;
        let trials = std::mem::replace(&mut self.session.ledger, before);
        self.session.record.turn_back(page);
        if left {
            let contract = self.session.contract;
            trials.into_things().into_iter().for_each(|thing| self.session.ledger.restore(contract, thing));
        }
        let (taken, lack) = ended?;
        let carried = |sent: &Sent| sent.accepted && sent.case.is_proper();
        let refused = plan.steps.iter().any(|step| step.carried_out) && !sent.iter().any(carried);
        let lack = lack.or(refused.then_some(Lack::Refused));
        let verdict = said.map_or(Verdict::Silent, |trial| verdict(&trial, lack));
        Ok(Outcome { verdict, sent, taken })
    }

    /// Takes the steps of a plan until the check is broken: how many, and what was lacking for the next one.
    async fn take_steps(&mut self, plan: &Plan) -> Result<(usize, Option<Lack>), Stop> {
        let mut actor = Actor::new(plan, self);
        for (number, step) in plan.steps.iter().enumerate() {
            match actor.case(step, self) {
                Ok(case) => {
                    let answer = self.take_step(step, case).await?;
                    actor.hear(step, answer);
                }
                Err(lack) => return Ok((number, Some(lack))),
            }
            if self.session.trial.as_ref().is_some_and(|trial| trial.broken().is_some()) {
                return Ok((number + 1, None));
            }
        }
        Ok((plan.steps.len(), None))
    }

    async fn take_step(&mut self, step: &Step, case: crate::case::Case) -> Result<Option<Value>, Stop> {
        if step.pages {
            self.session.walk_in_pages(case).await?;
            return Ok(None);
        }
        if step.mirrors {
            self.session.mirror(crate::case::Case { method: None, ..case }, None).await?;
            return Ok(None);
        }
        if step.walks {
            self.session.walk(case).await?;
            return Ok(None);
        }
        Ok(self.session.play(case).await?.exchange.response.json())
    }
}

fn verdict(trial: &Trial, lack: Option<Lack>) -> Verdict {
    match (trial.broken(), lack) {
        (Some(broken), _) => Verdict::Broken(broken.clone()),
        (None, Some(lack)) => Verdict::Lacking(lack),
        (None, None) if trial.said.iter().any(|judgement| *judgement != Judgement::NotApplicable) => Verdict::Held,
        (None, None) => Verdict::Silent,
    }
}

impl Trail {
    /// The requests of the present plan.
    fn into_thread(self) -> Vec<Sent> {
        self.thread.into_iter().map(Arc::unwrap_or_clone).collect()
    }
}
