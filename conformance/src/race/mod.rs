//! Races: requests that are sent side by side, each client over a connection of its own, and the order in which they went out and came back.

mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value};
use specs::claims::Verb;
use specs::contract::Contract;
use specs::wire::{Request, Response};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::case::Case;
use crate::ledger::{Life, Tracked};
use crate::sending::Prepared;
use crate::session::{Played, Session, Stop};
use crate::trail::{self, Sent};

/// Counts requests and answers: what has a lower number was sent, or had come back whole, before what has a higher one.
#[derive(Clone, Default)]
pub(crate) struct Clock(Arc<AtomicUsize>);

impl Clock {
    pub(crate) fn tick(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// Requests about one name, in the order in which they were sent.
pub(crate) struct Race {
    pub(crate) raced: Vec<Raced>,
    /// The list of the scope when all was over, if it could be walked through.
    pub(crate) listed: Option<Listed>,
}

/// A list that was walked through.
pub(crate) struct Listed {
    pub(crate) records: Vec<Map<String, Value>>,
    /// Whether it is known to be the whole list.
    pub(crate) whole: bool,
}

/// One request of a race.
pub(crate) struct Raced {
    /// Who sent it, from one.
    pub(crate) client: usize,
    pub(crate) invoked: usize,
    pub(crate) returned: usize,
    pub(crate) case: Case,
    pub(crate) request: Request,
    /// What came of it; none if no answer came.
    pub(crate) played: Option<Played>,
}

impl Race {
    /// The requests that were answered.
    pub(crate) fn answered(&self) -> impl Iterator<Item = (&Raced, &Played)> {
        self.raced.iter().filter_map(|raced| Some((raced, raced.played.as_ref()?)))
    }

    /// The requests that were certainly carried out.
    pub(crate) fn accepted(&self) -> impl Iterator<Item = (&Raced, &Played)> {
        self.answered().filter(|(_, played)| played.reading.accepted && played.exchange.response.status.as_u16() != 202)
    }

    /// The request under whose operation the race is told: a change rather than a replacement rather than a create.
    fn face(&self, contract: &Contract) -> Option<(&Raced, &Played)> {
        let rank = |raced: &Raced| match contract.endpoints[raced.case.endpoint].verb {
            Verb::Update => 0,
            Verb::Put => 1,
            Verb::Create => 2,
            _ => 3,
        };
        self.answered().min_by_key(|(raced, _)| rank(raced))
    }
}

impl Raced {
    /// The request as a step of what is told of a race: each of them is needed to understand the last.
    fn step(&self, contract: &Contract, told: String) -> Sent {
        let endpoint = &contract.endpoints[self.case.endpoint];
        let issued = self.played.as_ref().map(|played| trail::issued(contract, endpoint, &played.reading));
        let (case, request) = (self.case.clone(), self.request.clone());
        let accepted = self.played.as_ref().is_some_and(|played| played.reading.accepted);
        Sent {
            number: self.invoked,
            case,
            request,
            told,
            about: None,
            writes: true,
            accepted,
            page: None,
            in_pages: false,
            issued: issued.unwrap_or_default(),
        }
    }
}

/// When a request went out, when its answer came back, and the answer, if one came.
type Moment = (usize, usize, Option<Response>);

impl Session<'_> {
    /// Sends the cases of several clients: those of one client one after another, the clients side by side. All of them are fixed before
    /// the first is sent.
    pub(crate) async fn race(&mut self, clients: Vec<Vec<Case>>, clock: &Clock) -> Result<Vec<Raced>, Stop> {
        self.affords(&clients)?;
        for case in clients.iter().flatten().filter(|case| self.contract.endpoints[case.endpoint].verb.writes()) {
            self.ledger.doubt(self.contract, &self.contract.endpoints[case.endpoint], &case.intent);
        }
        for case in clients.iter().flatten() {
            self.learn_keys(case).await?;
        }
        let mut ready: Vec<Vec<Prepared>> = Vec::new();
        for cases in clients {
            // What must become of each is what the ledger tells before the first of them is sent.
            let foreseen = cases.into_iter().map(|case| self.prepare(case).map(|prepared| self.foreseen(prepared)));
            ready.push(foreseen.collect::<Result<_, _>>()?);
        }
        let moments = self.run_together(&ready, clock).await;
        let mut raced: Vec<Raced> = Vec::new();
        for ((client, prepared), moments) in (1..).zip(ready).zip(moments) {
            // A client that was interrupted has sent less than it was to send.
            for (prepared, (invoked, returned, response)) in prepared.into_iter().zip(moments) {
                raced.push(self.over(client, prepared, (invoked, returned, response))?);
            }
        }
        raced.sort_by_key(|raced| raced.invoked);
        Ok(raced)
    }

    /// Whether the budgets have room for all of these: half a race says nothing.
    fn affords(&self, clients: &[Vec<Case>]) -> Result<(), Stop> {
        let verb = |case: &Case| self.contract.endpoints[case.endpoint].verb;
        let makes = |case: &&Case| matches!(verb(case), Verb::Create | Verb::Put);
        let creates = clients.iter().flatten().filter(makes).count();
        let requests: usize = clients.iter().map(Vec::len).sum();
        let most = self.options.manners.max_creates.unwrap_or(usize::MAX);
        let fits = self.sent.saturating_add(requests) <= self.options.max_requests && self.asked.saturating_add(creates) <= most;
        if fits { Ok(()) } else { Err(Stop::Budget) }
    }

    /// Every client in a task of its own; all begin at the same moment.
    async fn run_together(&self, ready: &[Vec<Prepared>], clock: &Clock) -> Vec<Vec<Moment>> {
        let start = Arc::new(Barrier::new(ready.len()));
        let mut tasks = JoinSet::new();
        for (place, prepared) in ready.iter().enumerate() {
            let requests: Vec<Request> = prepared.iter().map(|own| own.request.clone()).collect();
            let (transport, target) = (Arc::clone(&self.transport), self.target.clone());
            let (interrupt, clock, start) = (self.options.interrupt.clone(), clock.clone(), Arc::clone(&start));
            tasks.spawn(async move {
                start.wait().await;
                let mut moments = Vec::new();
                for request in requests.iter().take_while(|_| !interrupt.is_set()) {
                    let invoked = clock.tick();
                    let response = transport.send_in_race(&target, request).await.ok();
                    moments.push((invoked, clock.tick(), response));
                }
                (place, moments)
            });
        }
        let mut all = tasks.join_all().await;
        all.sort_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, moments)| moments).collect()
    }

    /// Takes in what came of one request: it is judged for itself, and what it may have made is remembered as something unsure.
    fn over(&mut self, client: usize, prepared: Prepared, (invoked, returned, response): Moment) -> Result<Raced, Stop> {
        let (noted, request) = (prepared.noted, prepared.request.clone());
        // Which answer comes is left to chance, and a report must not be.
        self.coverage[prepared.case.endpoint].note_raced();
        let (case, played) = match response {
            None => (prepared.case, None),
            Some(response) => {
                let (case, played) = self.received(prepared, response);
                self.judge_raced(&case, &played);
                (case, Some(played))
            }
        };
        self.suspect(&case, played.as_ref());
        let clearly = played.as_ref().is_some_and(|played| !played.exchange.response.status.is_server_error());
        self.record.answered(self.contract, &mut self.ledger, noted, clearly)?;
        Ok(Raced { client, invoked, returned, case, request, played })
    }

    /// Which of several writes came last nobody knows: what one of them may have made may be there.
    fn suspect(&mut self, case: &Case, played: Option<&Played>) {
        let endpoint = self.endpoint(case.endpoint);
        let Some(resource) = self.contract.resource_of(endpoint).filter(|_| endpoint.verb.writes()) else { return };
        let refused = played.is_some_and(|played| played.reading.refused);
        if matches!(endpoint.verb, Verb::Create | Verb::Put) && !refused {
            let nothing = specs::wire::Reading::default();
            let reading = played.map_or(&nothing, |played| &played.reading);
            let mut made = Tracked::new(resource, &case.intent, reading);
            made.life = Life::Unsure;
            self.ledger.suspect(made, resource);
        }
    }

    /// Judges a race as a whole.
    pub(crate) fn judge_race(&mut self, race: &Race) {
        let Some((face, played)) = race.face(self.contract) else { return };
        let shown = race.shown(self.contract);
        let lines = race.timeline(self.contract, &shown);
        let steps = shown.iter().zip(lines).map(|(id, told)| race.raced[*id].step(self.contract, told)).collect();
        self.trail.show(steps);
        self.judge_by_races(&face.case, played, race);
    }
}
