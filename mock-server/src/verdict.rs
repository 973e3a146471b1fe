//! What is to be answered to a request, and how it is written: as the vendor does, or as a fault has it.

use specs::contract::Endpoint;
use specs::wire::{Facts, Inputs, Outcome, Rejection, Response, respond};

use crate::fault::{corrupt, corrupt_refusal, leak_stored};
use crate::idempotency::ReplayKey;
use crate::journal::Seen;
use crate::passage::Passage;
use crate::sandbox::State;
use crate::store::Scope;

/// What is to be answered.
pub(crate) enum Verdict<'v> {
    /// This, as it is.
    Written(Response),
    /// What has become of a request; nobody has to wait while it is written down.
    Decided(Box<Decided<'v>>),
}

/// What has become of a request.
pub(crate) struct Decided<'d> {
    /// The operation that was meant, if one was.
    pub(crate) endpoint: Option<&'d Endpoint>,
    pub(crate) outcome: Outcome,
    /// What the request said, if it was asked.
    pub(crate) inputs: Option<Inputs>,
    /// Under which key the answer is kept.
    pub(crate) replay: Option<ReplayKey>,
    /// Where the request acted, where a fault wants to know.
    pub(crate) scope: Option<Scope>,
}

impl<'e> Passage<'e> {
    /// Refuses a request before it is carried out.
    pub(crate) fn refuse(&self, rejection: Rejection, seen: &mut Seen<'_>) -> Verdict<'e> {
        seen.situation = Some(rejection.situation);
        let endpoint = seen.endpoint.map(|index| &self.contract.endpoints[index]);
        let outcome = Outcome::Rejected(rejection);
        Verdict::Decided(Box::new(Decided { endpoint, outcome, inputs: None, replay: None, scope: None }))
    }

    /// Whether an answer can only be written with the state in hand: it is kept there, or a fault tells what stands there.
    pub(crate) fn needs_state(&self, verdict: &Verdict<'_>) -> bool {
        matches!(verdict, Verdict::Decided(decided) if decided.replay.is_some() || !self.faults.is_empty())
    }

    /// Writes an answer as the vendor does, with the state in hand where it needs it.
    pub(crate) fn write(&self, verdict: Verdict<'_>, facts: &Facts<'_>, state: Option<&mut State>) -> Response {
        let decided = match verdict {
            Verdict::Written(response) => return response,
            Verdict::Decided(decided) => decided,
        };
        let mut response = respond(self.contract, decided.endpoint, &decided.outcome, facts);
        if let Some(state) = state {
            self.corrupt(&decided, &mut response, state);
            if let (Some(key), Outcome::Answered(_)) = (decided.replay, &decided.outcome) {
                state.replays.keep(key, &response, state.clock.advanced());
            }
        }
        response
    }

    /// Lets the faults have their way with an answer.
    fn corrupt(&self, decided: &Decided<'_>, response: &mut Response, state: &State) {
        let Decided { endpoint, outcome, inputs, scope, .. } = decided;
        if let (Some(endpoint), Some(inputs)) = (endpoint, inputs) {
            self.faults.iter().for_each(|fault| corrupt(fault, self.contract, endpoint, inputs, outcome, response));
            if matches!(outcome, Outcome::Answered(_)) {
                leak_stored(&self.faults, self.contract, endpoint, scope.as_ref(), state, response);
            }
        } else if let Outcome::Rejected(rejection) = outcome {
            self.faults.iter().for_each(|fault| corrupt_refusal(fault, self.contract, rejection.situation, response));
        }
    }
}
