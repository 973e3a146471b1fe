//! Sending: a case becomes a request, its answer an exchange, and everything that a run counts is counted.

use specs::contract::Endpoint;
use specs::wire::{Exchange, Reading, Request, Response, secrets_in};

use crate::case::{Case, Validity, provoked};
use crate::ledger::text;
use crate::session::{Played, Session, Stop, declared_secrets};
use crate::trail::{self, Sent};
use crate::watch::Event;

/// A case that is ready to be sent.
pub(crate) struct Prepared {
    pub(crate) case: Case,
    /// What was meant, before the ledger had its say.
    meant: Case,
    pub(crate) request: Request,
    /// Its number in the ledger's file, if it may make something.
    pub(crate) noted: Option<usize>,
}

impl Session<'_> {
    /// Sends a case, without judging what comes back.
    pub(crate) async fn exchange(&mut self, case: Case) -> Result<(Case, Played), Stop> {
        self.settle().await?;
        self.learn_keys(&case).await?;
        let prepared = self.prepare(case)?;
        let (response, doubtful) = self.transport.send_and_tell(&self.target, &prepared.request).await?;
        Ok(self.arrived(prepared, response, doubtful))
    }

    /// Takes in an answer and counts it. What may have been made by a request that failed is looked for at the end, whatever became of its
    /// repetition.
    pub(crate) fn arrived(&mut self, prepared: Prepared, response: Response, doubtful: bool) -> (Case, Played) {
        let prepared = self.foreseen(prepared);
        let noted = prepared.noted.filter(|_| !doubtful);
        let (case, played) = self.received(Prepared { noted, ..prepared }, response);
        self.count(&case, &played);
        (case, played)
    }

    /// Makes a case ready to be sent: its secrets are noted, what it may make is written down, and it is counted.
    pub(crate) fn prepare(&mut self, mut case: Case) -> Result<Prepared, Stop> {
        if self.options.interrupt.is_set() {
            return Err(Stop::Interrupted);
        }
        if self.sent >= self.options.max_requests {
            return Err(Stop::Budget);
        }
        let endpoint = self.endpoint(case.endpoint);
        let meant = case.clone();
        if let Some(resource) = self.contract.resource_of(endpoint) {
            case.intent = case.intent.folded(resource);
            secrets_in(&case.intent.fields, resource).into_iter().for_each(|secret| self.canaries.note(secret));
        }
        for secret in declared_secrets(endpoint, &case) {
            self.canaries.note(&secret);
        }
        let noted = self.write_down(endpoint, &case)?;
        let request = self.request(endpoint, &case);
        self.sent += 1;
        Ok(Prepared { case, meant, request, noted })
    }

    /// A case with what must become of it, as far as the ledger tells: once everything that was sent before it is judged, and nothing that
    /// was sent after it.
    pub(crate) fn foreseen(&self, mut prepared: Prepared) -> Prepared {
        let (meant, case) = (&prepared.meant, &mut prepared.case);
        case.provokes = meant.provokes.or_else(|| provoked(self.contract, &self.ledger, meant));
        // Whether a patch fits depends on what is there, unless it sets whole fields.
        let patches = self.endpoint(case.endpoint).promises.json_patch.is_some() && specs::wire::plain_fields(&case.inputs).is_none();
        if case.validity == Validity::Valid && case.provokes.is_none() && (patches || self.lacks_key(case)) {
            case.validity = Validity::Open;
        }
        prepared
    }

    /// Takes in the answer to a case.
    pub(crate) fn received(&mut self, prepared: Prepared, response: Response) -> (Case, Played) {
        let Prepared { case, meant, request, noted } = prepared;
        let endpoint = self.endpoint(case.endpoint);
        self.tell(endpoint, &request, response.status.as_u16());
        let reading = Reading::of(self.contract, endpoint, &response);
        let sent = Sent {
            number: 0,
            told: format!("{} {} -> {}", request.method, request.path, response.status.as_u16()),
            request: request.clone(),
            about: self.about(endpoint, &case),
            writes: endpoint.verb.writes(),
            accepted: reading.accepted,
            page: None,
            in_pages: false,
            issued: trail::issued(self.contract, endpoint, &reading),
            case: meant,
        };
        self.trail.push(endpoint, sent);
        (case, Played { exchange: Exchange { request, response }, reading, noted })
    }

    /// Tells who watches. Of the path it tells the template alone: the rest may hold what nobody is to see.
    fn tell(&self, endpoint: &Endpoint, request: &Request, status: u16) {
        if self.options.watch.is_kept() {
            let operation = format!("{} {}", request.method, endpoint.operation.key.path);
            self.options.watch.tell(Event::Answered { operation: &operation, status, sent: self.sent });
        }
    }

    /// Counts an answer.
    fn count(&mut self, case: &Case, played: &Played) {
        let status = played.exchange.response.status.as_u16();
        self.coverage[case.endpoint].note(status);
        if case.is_proper() && case.provokes.is_none() {
            *self.statuses.entry((case.endpoint, status)).or_default() += 1;
        }
        if played.reading.accepted && case.method.is_none() {
            self.answered.insert(case.endpoint);
            self.coverage[case.endpoint].succeeded = true;
        }
        if !matches!(status, 404 | 405 | 501) && case.method.is_none() {
            self.served.insert(case.endpoint);
        }
        self.tried.insert(case.endpoint);
    }

    /// The name of the thing that a case is about: the one that is there, or the one that it would make.
    fn about(&self, endpoint: &Endpoint, case: &Case) -> Option<String> {
        let resource = self.contract.resource_of(endpoint)?;
        let known = self.ledger.subject(self.contract, endpoint, &case.intent).map(|thing| thing.name(resource));
        known.or_else(|| Some(format!("`{}`", text(case.intent.fields.get(resource.key()?)?))))
    }
}
