//! Shrinking: a plan made smaller as long as the same check breaks at the same operation, under a budget of requests.

use std::collections::BTreeSet;

use super::Plan;
use super::trial::{Outcome, Verdict};
use crate::director::Director;
use crate::session::Stop;

/// A plan that breaks its check, and the smallest trial of it so far.
pub(super) struct Shrinking<'d, 's> {
    pub(super) director: &'d mut Director<'s>,
    pub(super) plan: Plan,
    pub(super) outcome: Outcome,
    /// Shrinking ends when so many requests have been sent in all.
    pub(super) until: usize,
    /// What was tried and did not break the check.
    tried: BTreeSet<String>,
}

impl<'d, 's> Shrinking<'d, 's> {
    pub(super) fn new(director: &'d mut Director<'s>, plan: &Plan, outcome: Outcome, until: usize) -> Self {
        Self { director, plan: plan.first(outcome.taken), outcome, until, tried: BTreeSet::new() }
    }

    /// Makes the plan as small as the budget allows.
    pub(super) async fn shrink(mut self) -> Result<(Plan, Outcome), Stop> {
        self.fewer_steps().await?;
        while self.simpler_once().await? {}
        Ok((self.plan.renumbered(), self.outcome))
    }

    /// Leaves out half of the steps, then a quarter, down to single ones.
    async fn fewer_steps(&mut self) -> Result<(), Stop> {
        let mut size = self.plan.steps.len() / 2;
        while size > 0 {
            let mut start = 0;
            // The last step is the one that breaks the check.
            while start + 1 < self.plan.steps.len() {
                let end = (start + size).min(self.plan.steps.len() - 1);
                let dropped: Vec<usize> = (start..end).collect();
                let smaller = self.plan.without(&dropped);
                if !self.accepts(smaller).await? {
                    start = end;
                }
            }
            size /= 2;
        }
        Ok(())
    }

    /// Whether some plan that is simpler in one input still breaks the check; it takes the place of this one.
    async fn simpler_once(&mut self) -> Result<bool, Stop> {
        for simpler in self.plan.simpler(self.director.contract()) {
            if self.accepts(Some(simpler)).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn accepts(&mut self, smaller: Option<Plan>) -> Result<bool, Stop> {
        let Some(smaller) = smaller.filter(|plan| self.director.session.sent + plan.steps.len() <= self.until) else { return Ok(false) };
        if !self.tried.insert(serde_json::to_string(&smaller).unwrap_or_default()) {
            return Ok(false);
        }
        let outcome = self.director.perform(&smaller).await?;
        let breaks = matches!(outcome.verdict, Verdict::Broken(_));
        if breaks {
            self.plan = smaller.first(outcome.taken);
            self.outcome = outcome;
        }
        Ok(breaks)
    }
}
