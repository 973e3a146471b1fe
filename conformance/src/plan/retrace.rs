//! Retracing: after the phases every violation is repeated in fresh names, and shrunk if it is seen again; else it is flaky.

use super::Plan;
use super::shrink::Shrinking;
use super::trial::{Outcome, Verdict};
use crate::director::Director;
use crate::lead::Lead;
use crate::session::Stop;
use crate::watch::Event;

/// A violation gets so many requests, and every one is repeated so often before it counts as flaky.
const REQUESTS: usize = 150;
const REPETITIONS: usize = 2;

/// What became of a violation when it was repeated.
enum Traced {
    /// It was seen again, and this is the smallest plan that shows it.
    Again(Box<(Plan, Outcome)>),
    /// It was not.
    Flaky,
    /// The budget did not suffice.
    Unknown,
}

impl Director<'_> {
    /// Repeats and shrinks every violation. What the run has seen so far is as it was afterwards, but for the requests that were sent.
    pub(crate) async fn retrace(&mut self) -> Result<(), Stop> {
        let leads = std::mem::take(&mut self.session.leads);
        if leads.is_empty() || self.session.options.retrace == 0 {
            return Ok(());
        }
        self.session.options.watch.tell(Event::Retracing(leads.len()));
        let open = self.session.record.open();
        self.tidy_up(open).await;
        let until = (self.session.sent + self.session.options.retrace).min(self.session.options.max_requests);
        let seen = self.session.seen();
        let ended = self.retrace_each(leads, until).await;
        self.session.see(seen);
        match ended {
            // What was found is found, whether or not it could be shrunk.
            Err(Stop::Budget) => Ok(()),
            Err(Stop::Unreachable(error)) => {
                self.note(format!("violations were not repeated to the end: {error}"));
                Ok(())
            }
            ended => ended,
        }
    }

    async fn retrace_each(&mut self, mut leads: Vec<Lead>, until: usize) -> Result<(), Stop> {
        // Of each check the one that reports show in full comes before the others.
        let names: Vec<(&str, &str)> = self.session.findings.iter().map(|own| (own.check.as_str(), own.operation.as_str())).collect();
        let first = |(check, operation): (&str, &str)| !names.iter().any(|own| own.0 == check && own.1 < operation);
        leads.sort_by_key(|lead| !first(names[lead.finding]));
        for lead in leads {
            let own = until.min(self.session.sent + REQUESTS);
            match self.traced(&lead, own).await? {
                Traced::Again(found) => self.show(lead.finding, *found),
                Traced::Flaky => self.session.findings[lead.finding].flaky = true,
                Traced::Unknown => {}
            }
        }
        Ok(())
    }

    async fn traced(&mut self, lead: &Lead, until: usize) -> Result<Traced, Stop> {
        let finding = &self.session.findings[lead.finding];
        let plans = [&lead.narrow, &lead.wide].map(|trail| Plan::drawn(&self.session, finding, trail));
        for plan in std::iter::repeat_n(&plans, REPETITIONS).flatten() {
            if self.session.sent + plan.steps.len() > until {
                return Ok(Traced::Unknown);
            }
            let outcome = self.perform(plan).await?;
            if matches!(outcome.verdict, Verdict::Broken(_)) {
                let shrunk = Shrinking::new(self, plan, outcome, until).shrink().await?;
                return Ok(Traced::Again(Box::new(shrunk)));
            }
        }
        Ok(Traced::Flaky)
    }

    /// Shows a violation by the smallest plan that was found.
    fn show(&mut self, finding: usize, (plan, outcome): (Plan, Outcome)) {
        let Verdict::Broken(broken) = &outcome.verdict else { return };
        let sent: Vec<_> = outcome.sent.iter().collect();
        let shown = self.session.shown(broken, &sent);
        let finding = &mut self.session.findings[finding];
        (finding.expected, finding.actual) = (shown.expected, shown.actual);
        (finding.plan, finding.reproduce) = (shown.plan, shown.reproduce);
        finding.shrunk = Some(plan);
    }
}
