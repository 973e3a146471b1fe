//! A scene: one exchange with everything that a check may look at.

use serde_json::{Map, Value};
use specs::claims::{Claim, Grade, Situation, Verb, Visibility};
use specs::contract::{Contract, DocumentedResponse, Endpoint, Resource};
use specs::wire::{Exchange, Reading};

use super::Judgement;
use crate::canary::{Canaries, Sighting};
use crate::case::{Case, Credential};
use crate::ledger::{Ledger, Life, Tracked};
use crate::race::Race;
use crate::session::Played;
use crate::walk::Paged;

/// One exchange, what was meant by it, and what came before it.
pub(crate) struct Scene<'s> {
    pub(crate) contract: &'s Contract,
    pub(crate) endpoint: &'s Endpoint,
    pub(crate) case: &'s Case,
    pub(crate) exchange: &'s Exchange,
    pub(crate) reading: &'s Reading,
    /// What the target had acknowledged before this exchange.
    pub(crate) ledger: &'s Ledger,
    /// The secrets that were written so far, this request's among them.
    pub(crate) canaries: &'s Canaries,
    /// Those of them that the response holds.
    pub(crate) sightings: &'s [Sighting],
    /// The thing that the request is about, as the target had acknowledged it.
    pub(crate) subject: Option<&'s Tracked>,
    /// Whether this operation has carried out a request before.
    pub(crate) answered: bool,
    /// The whole list, on the last page of a walk through it.
    pub(crate) listing: Option<&'s [Map<String, Value>]>,
    /// Requests that were sent side by side, once all of them were answered.
    pub(crate) race: Option<&'s Race>,
    /// The list whole and in pages, after a walk through both.
    pub(crate) paged: Option<&'s Paged>,
}

impl<'s> Scene<'s> {
    /// An exchange by itself, of an operation that has not answered before.
    pub(crate) fn of(
        contract: &'s Contract,
        ledger: &'s Ledger,
        canaries: &'s Canaries,
        case: &'s Case,
        played: &'s Played,
        sightings: &'s [Sighting],
    ) -> Self {
        let endpoint = &contract.endpoints[case.endpoint];
        Self {
            contract,
            endpoint,
            case,
            exchange: &played.exchange,
            reading: &played.reading,
            ledger,
            canaries,
            sightings,
            subject: ledger.subject(contract, endpoint, &case.intent),
            answered: false,
            listing: None,
            race: None,
            paged: None,
        }
    }

    /// The status.
    pub(crate) fn status(&self) -> u16 {
        self.exchange.response.status.as_u16()
    }

    /// The resource that the operation acts on.
    pub(crate) fn resource(&self) -> Option<&'s Resource> {
        self.contract.resource_of(self.endpoint)
    }

    /// The thing that the request is about, as the target had acknowledged it.
    pub(crate) const fn subject(&self) -> Option<&'s Tracked> {
        self.subject
    }

    /// The thing, if it is alive for certain.
    pub(crate) fn alive(&self) -> Option<&'s Tracked> {
        self.subject().filter(|thing| thing.life == Life::Alive)
    }

    /// Whether the request is about the latest version of a thing, as it is about a thing that has none.
    pub(crate) fn is_about_latest(&self) -> bool {
        self.case.intent.version.is_none()
    }

    /// Whether a 4xx or a refusal in the body came; `answer` tells which.
    pub(crate) fn refused(&self) -> bool {
        self.reading.refused
    }

    /// Whether the request should be carried out, as far as document and credentials go.
    pub(crate) fn is_proper(&self) -> bool {
        // Who is told to slow down learns nothing else (RFC 6585, section 4).
        self.case.is_proper() && self.status() != 429
    }

    /// Whether it also asks for nothing whose meaning nobody knows: a filter, a condition, a dry run.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_proper() && !self.case.asks_more(self.endpoint)
    }

    /// The claim that says what the operation does, if it is no more than a guess.
    pub(crate) fn guessed_verb(&self) -> Option<&'s Claim<Verb>> {
        self.endpoint.promises.verb.as_ref().filter(|claim| !claim.grade.condemns())
    }

    /// Whether the request was sent with good credentials and the operation's own method.
    pub(crate) fn is_given(&self) -> bool {
        self.case.credential == Credential::Given && self.case.method.is_none()
    }

    pub(crate) fn verb(&self) -> Verb {
        self.endpoint.verb
    }

    /// The response that the document has for the status.
    pub(crate) fn documented(&self) -> Option<&'s DocumentedResponse> {
        self.endpoint.operation.response(self.status())
    }

    /// The status that a claim promises for the refusal which the case provokes.
    pub(crate) fn promised(&self) -> Option<Claim<u16>> {
        let situation = self.case.provokes?;
        self.promised_for(situation)
    }

    pub(crate) fn promised_for(&self, situation: Situation) -> Option<Claim<u16>> {
        let (status, grade) = self.contract.problem_status(Some(self.endpoint), situation);
        if grade == Grade::Chosen {
            return None;
        }
        let own = self.endpoint.problems.get(&situation).or_else(|| self.contract.claims.problems.get(&situation));
        let cite = own.map_or_else(|| self.default_cite(status), |claim| claim.cite.clone());
        Some(Claim::new(status, grade, cite))
    }

    /// The source of a status that no claim names: the documented response.
    pub(crate) fn default_cite(&self, status: u16) -> String {
        format!("{}: response {status}", self.endpoint.name())
    }

    /// Whether the refusal has a documented status that is not for credentials, unless credentials are what it is about.
    pub(crate) fn refuses_as_documented(&self) -> bool {
        let status = self.status();
        let credentials = self.case.credential.is_nobody();
        self.endpoint.operation.names(status) && matches!(status, 401 | 403) == credentials
            || status == 403 && self.endpoint.operation.names(403)
    }

    /// How much of the resource's secrets the answer may show, with the claim that says so.
    pub(crate) fn visibility(&self) -> Option<Claim<Visibility>> {
        let resource = self.resource()?;
        resource.secret().first().and_then(|path| resource.visibility(path, self.verb()))
    }

    /// The records of the answer.
    pub(crate) fn records(&self) -> &'s [Map<String, Value>] {
        self.reading.records.as_deref().unwrap_or_default()
    }

    /// The things in the request's scope that a record shows, the first made first.
    pub(crate) fn shown(&self, record: &Map<String, Value>) -> impl Iterator<Item = &'s Tracked> + use<'s> {
        let scope = &self.case.intent.scope;
        let showing = self.resource().into_iter().flat_map(|resource| self.ledger.showing(resource, record)).collect::<Vec<_>>();
        showing.into_iter().filter(move |thing| thing.is_in(scope))
    }

    /// Whether a create of this name would be a second one.
    pub(crate) fn is_duplicate(&self) -> bool {
        matches!(self.verb(), Verb::Create | Verb::Put) && self.alive().is_some()
    }

    /// What came, in a few words.
    pub(crate) fn answer(&self) -> String {
        let status = self.exchange.response.status;
        let words = status.canonical_reason().unwrap_or("unknown");
        match (self.reading.accepted, status.is_success()) {
            (false, true) => format!("{} {words} with a refusal in the body", status.as_u16()),
            _ => format!("{} {words}", status.as_u16()),
        }
    }

    /// Whether the answer says that there is no such thing. Where refusals stand in the body every refusal may say so; elsewhere another
    /// status has another reason: the thing is locked, protected, used up, or the request came too often.
    pub(crate) fn is_not_found(&self) -> bool {
        self.status() == 404 || self.refused() && self.exchange.response.status.is_success()
    }

    /// Judges that a refusal came.
    pub(crate) fn expects_refusal(&self, why: &str) -> Judgement {
        if self.exchange.response.status.is_server_error() {
            return Judgement::NotApplicable;
        }
        Judgement::hold(self.refused(), || format!("a refusal: {why}"), || self.answer())
    }
}
