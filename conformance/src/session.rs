//! A session: cases out, exchanges in, every check over each of them, the ledger kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value};
use specs::claims::Verb;
use specs::contract::{Contract, Endpoint};
use specs::wire::{Exchange, Reading, Request, send};

use crate::canary::{Canaries, Sighting};
use crate::case::{Case, Credential, Validity};
use crate::checks::{self, Broken, Check, Judgement, Level, Scene};
use crate::credentials::Credentials;
use crate::drafting::Given;
use crate::finding::{Finding, level_of};
use crate::flight::Flight;
use crate::generate::Generator;
use crate::lead::Lead;
use crate::ledger::{Ledger, LedgerError, Trust, Writer};
use crate::options::{Options, Target};
use crate::plan::Trial;
use crate::race::Race;
use crate::report::{Access, Coverage, Tally};
use crate::sealing::Keys;
use crate::snapshot::Recorder;
use crate::trail::Trail;
use crate::transport::{Transport, Unreachable};
use crate::walk::Paged;

/// Why a session cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// The target does not answer.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The user does not want to go on.
    #[error("the run was interrupted")]
    Interrupted,
    /// As many requests were sent, or things asked for, as the user allows.
    #[error("the budget of requests is used up")]
    Budget,
    /// What is about to be made cannot be written down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Everything that a run keeps.
pub(crate) struct Session<'s> {
    pub(crate) contract: &'s Contract,
    pub(crate) options: &'s Options,
    pub(crate) target: Target,
    pub(crate) ledger: Ledger,
    pub(crate) canaries: Canaries,
    pub(crate) generator: Generator,
    pub(crate) tallies: BTreeMap<&'static str, Tally>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) shapes: Recorder,
    pub(crate) sent: usize,
    /// What was sent to each endpoint.
    pub(crate) coverage: Vec<Coverage>,
    /// The endpoints that have answered with a success.
    pub(crate) answered: BTreeSet<usize>,
    /// The endpoints that have answered with anything but "there is no such path" or "there is no such method".
    pub(crate) served: BTreeSet<usize>,
    /// The endpoints that have carried out a proper request, as far as judged.
    pub(crate) succeeded: BTreeSet<usize>,
    /// The endpoints to which anything was sent.
    pub(crate) tried: BTreeSet<usize>,
    /// How often each endpoint has answered a proper request with each status.
    pub(crate) statuses: BTreeMap<(usize, u16), usize>,
    pub(crate) transport: Arc<Transport>,
    /// What is on its way and was not judged yet.
    pub(crate) flight: Option<Flight>,
    /// Where everything that is made is written down.
    pub(crate) record: Writer,
    /// How many things were asked for.
    pub(crate) asked: usize,
    checks: Vec<&'static Check>,
    /// The requests of the present plan, for findings.
    pub(crate) trail: Trail,
    /// Whether what is judged is a race.
    racing: bool,
    /// How each operation answered each caller.
    pub(crate) access: Vec<Access>,
    /// The requests that led to each violation.
    pub(crate) leads: Vec<Lead>,
    /// The check that judges alone, while a plan is repeated.
    pub(crate) trial: Option<Trial>,
    pub(crate) credentials: Credentials,
    /// The keys with which the target wants values sealed.
    pub(crate) keys: Keys,
    /// The user's values for parameters and members; keys are no such values.
    pub(crate) given: Given,
    /// How many requests it had sent when it looked over what it knows last.
    pub(crate) looked: usize,
}

/// What became of a case.
pub(crate) struct Played {
    pub(crate) exchange: Exchange,
    pub(crate) reading: Reading,
    /// Its number in the ledger's file, if it may make something.
    pub(crate) noted: Option<usize>,
}

impl Played {
    /// How much the answer to a case tells.
    pub(crate) fn trust(&self, case: &Case, endpoint: &Endpoint) -> Trust {
        match &case.validity {
            _ if self.exchange.response.status.is_server_error() => Trust::Lost,
            _ if self.exchange.response.status == StatusCode::ACCEPTED => Trust::Pending,
            Validity::Valid if !case.asks_more(endpoint) => Trust::Certain,
            Validity::Valid | Validity::Broken(_) | Validity::Open => Trust::Doubtful,
        }
    }
}

impl<'s> Session<'s> {
    pub(crate) fn new(contract: &'s Contract, options: &'s Options) -> Self {
        let wanted = |check: &&Check| options.wants(check);
        let skipped = checks::all().filter(|check| !wanted(check)).map(|check| (check.id, Tally { skipped: true, ..Tally::default() }));
        let credentials = Credentials::new(contract, options);
        let mut canaries = Canaries::default();
        credentials.texts().iter().for_each(|text| canaries.note(text));
        Self {
            contract,
            options,
            target: options.target.clone(),
            ledger: Ledger::default(),
            canaries,
            generator: Generator::new(options.seed),
            tallies: skipped.collect(),
            findings: Vec::new(),
            shapes: Recorder::default(),
            sent: 0,
            coverage: contract.endpoints.iter().map(|endpoint| Coverage::of(endpoint.name())).collect(),
            answered: BTreeSet::new(),
            served: BTreeSet::new(),
            succeeded: BTreeSet::new(),
            tried: BTreeSet::new(),
            statuses: BTreeMap::new(),
            transport: Arc::new(Transport::new(options.manners.rate, &options.target)),
            flight: None,
            record: Writer::new(options.manners.ledger.as_ref(), options.target.url()),
            asked: 0,
            checks: checks::all().filter(wanted).collect(),
            trail: Trail::default(),
            access: Vec::new(),
            leads: Vec::new(),
            racing: false,
            trial: None,
            given: options.parameters.clone().into_iter().filter(|(name, _)| !credentials.names_key(name)).collect(),
            credentials,
            keys: Keys::default(),
            looked: 0,
        }
    }

    /// The endpoint of a case.
    pub(crate) fn endpoint(&self, index: usize) -> &'s Endpoint {
        &self.contract.endpoints[index]
    }

    /// Sends a case and judges what comes back.
    pub(crate) async fn play(&mut self, case: Case) -> Result<Played, Stop> {
        let (case, played) = self.exchange(case).await?;
        self.judge(&case, &played, None)?;
        Ok(played)
    }

    /// Whether an endpoint is found below this target: anything but a 404 says so.
    pub(crate) async fn finds(&mut self, target: &Target, endpoint: &Endpoint) -> Result<bool, Unreachable> {
        let path = endpoint.operation.template.fill(|name| {
            let given = self.options.parameters.get(name).and_then(|values| values.first());
            given.map_or_else(|| "1".to_owned(), Clone::clone).into()
        });
        let mut request = Request::new(endpoint.operation.method.clone(), &path);
        self.credentials.sign(&mut request, Credential::Given, &mut self.generator);
        let response = self.transport.send(target, &request).await?;
        Ok(response.status.as_u16() != 404)
    }

    /// Sends a case for its effect alone: cleaning up is not judged and has no budget.
    pub(crate) async fn send_unjudged(&mut self, case: &Case) -> Result<(StatusCode, Reading), Stop> {
        self.settle().await?;
        let endpoint = self.endpoint(case.endpoint);
        let request = self.request(endpoint, case);
        let response = self.transport.send(&self.target, &request).await?;
        Ok((response.status, Reading::of(self.contract, endpoint, &response)))
    }

    /// The request of a case, with the headers that belong to its sender.
    pub(crate) fn request(&mut self, endpoint: &Endpoint, case: &Case) -> Request {
        let mut request = send(self.contract, endpoint, &self.sealed(endpoint, case));
        if let Some(method) = &case.method {
            request.method = method.clone();
            request.body.clear();
            request.headers.clear();
        }
        self.credentials.sign(&mut request, case.credential, &mut self.generator);
        request
    }

    /// Judges the pages of a list, by the checks that look at nothing else.
    pub(crate) fn judge_pages(&mut self, case: &Case, played: &Played, paged: &Paged) {
        let endpoint = self.endpoint(case.endpoint);
        let mut scene = self.scene(case, played, &[]);
        scene.paged = Some(paged);
        let judgements = self.judgements(&scene, |check| checks::PAGES.iter().any(|own| own.id == check.id));
        self.record_all(endpoint, judgements);
    }

    /// Judges a race by the checks that look at nothing else.
    pub(crate) fn judge_by_races(&mut self, case: &Case, played: &Played, race: &Race) {
        let endpoint = self.endpoint(case.endpoint);
        let mut scene = self.scene(case, played, &[]);
        scene.race = Some(race);
        let judgements = self.judgements(&scene, |check| checks::RACES.iter().any(|own| own.id == check.id));
        self.racing = true;
        self.record_all(endpoint, judgements);
        self.racing = false;
    }

    /// Judges an exchange that raced with others by the checks for which it does not matter what came before. That it passes them is not
    /// counted: which answer comes is left to chance.
    pub(crate) fn judge_raced(&mut self, case: &Case, played: &Played) {
        let endpoint = self.endpoint(case.endpoint);
        let scene = self.scene(case, played, &[]);
        let mut judgements = self.judgements(&scene, |check| matches!(check.family(), "schema" | "status" | "http" | "error"));
        judgements.retain(|(_, judgement)| matches!(judgement, Judgement::Broken(_)));
        self.racing = true;
        self.record_all(endpoint, judgements);
        self.racing = false;
    }

    fn judgements(&self, scene: &Scene<'_>, wanted: impl Fn(&Check) -> bool) -> Vec<(&'static Check, Judgement)> {
        let checks = self.trial.as_ref().map_or(self.checks.as_slice(), |trial| std::slice::from_ref(&trial.check));
        checks.iter().filter(|check| wanted(check)).map(|check| (*check, (check.judge)(scene))).collect()
    }

    fn record_all(&mut self, endpoint: &Endpoint, judgements: Vec<(&'static Check, Judgement)>) {
        for (check, judgement) in judgements {
            self.record(check, endpoint, judgement);
        }
    }

    fn scene<'v>(&'v self, case: &'v Case, played: &'v Played, sightings: &'v [Sighting]) -> Scene<'v> {
        let scene = Scene::of(self.contract, &self.ledger, &self.canaries, case, played, sightings);
        Scene { answered: self.succeeded.contains(&case.endpoint), ..scene }
    }

    /// Judges an exchange by every check, and learns from it. `listing` is the whole list, where this was its last page.
    pub(crate) fn judge(&mut self, case: &Case, played: &Played, listing: Option<&[Map<String, Value>]>) -> Result<(), Stop> {
        let endpoint = self.endpoint(case.endpoint);
        self.note_access(case, played.exchange.response.status.as_u16());
        let sightings = self.canaries.sightings(&played.exchange.response);
        let mut scene = self.scene(case, played, &sightings);
        scene.listing = listing;
        let judgements = self.judgements(&scene, |_| true);
        self.record_all(endpoint, judgements);
        if let Some(scenario) = &case.scenario {
            self.shapes.note(&endpoint.name(), scenario, &played.exchange.response, &self.canaries);
        }
        let trust = played.trust(case, endpoint);
        if played.reading.accepted && case.is_proper() {
            self.succeeded.insert(case.endpoint);
        }
        if case.method.is_none() {
            self.ledger.learn(self.contract, endpoint, &case.intent, &played.reading, trust);
            self.note_birth(case, endpoint, played);
        }
        let clearly = !played.exchange.response.status.is_server_error();
        self.record.answered(self.contract, &mut self.ledger, played.noted, clearly)?;
        self.forget_now_and_then();
        Ok(())
    }

    fn note_birth(&mut self, case: &Case, endpoint: &Endpoint, played: &Played) {
        let makes = matches!(endpoint.verb, Verb::Create | Verb::Put) && played.reading.accepted;
        let made = self.ledger.subject(self.contract, endpoint, &case.intent).filter(|_| makes);
        if let Some(thing) = made {
            self.trail.note_birth(self.contract, thing);
        }
    }

    /// Counts a judgement, and tells what is broken.
    pub(crate) fn record(&mut self, check: &'static Check, endpoint: &Endpoint, judgement: Judgement) {
        if let Some(trial) = &mut self.trial {
            trial.note(&endpoint.name(), judgement);
            return;
        }
        match judgement {
            Judgement::NotApplicable => {}
            Judgement::Passed => self.tallies.entry(check.id).or_default().passed += 1,
            Judgement::Broken(broken) => {
                let tally = self.tallies.entry(check.id).or_default();
                let level = level_of(check, &broken);
                match level {
                    Level::Must => tally.violated += 1,
                    Level::Should => tally.advised += 1,
                }
                self.find(check, level, endpoint, &broken);
            }
        }
    }

    /// One row per defect and operation, however many requests show it.
    fn find(&mut self, check: &Check, level: Level, endpoint: &Endpoint, broken: &Broken) {
        let operation = endpoint.name();
        let same = |finding: &&mut Finding| finding.check == check.id && finding.operation == operation && finding.level == level;
        if let Some(known) = self.findings.iter_mut().find(same) {
            known.cases += 1;
            return;
        }
        let mut finding = Finding::new(check, level, &operation, broken);
        let steps = self.trail.steps(self.contract, endpoint, broken);
        let shown = self.shown(broken, &steps);
        (finding.expected, finding.actual) = (shown.expected, shown.actual);
        (finding.plan, finding.reproduce) = (shown.plan, shown.reproduce);
        // A race is not repeated: that it comes out well the next time excuses nothing.
        if finding.is_violation() && !steps.is_empty() && !self.racing {
            let narrow = self.trail.walk_from_its_start(steps.into_iter().cloned().collect());
            let wide = self.trail.walk_from_its_start(self.trail.wide(self.contract, endpoint, broken));
            self.leads.push(Lead { finding: self.findings.len(), narrow, wide });
        }
        self.findings.push(finding);
    }
}

/// The texts of the body's members that the document itself calls secret, where the operation is about no resource: a client's secret.
pub(crate) fn declared_secrets(endpoint: &Endpoint, case: &Case) -> Vec<String> {
    let media = endpoint.operation.body.as_ref().and_then(|body| body.content.iter().find_map(|media| media.schema.as_ref()));
    let (Some(schema), Some(body)) = (media, case.inputs.json()) else { return Vec::new() };
    let secret =
        |name: &str| schema.node().property(name).is_some_and(|node| node.flag("writeOnly") || node.text("format") == Some("password"));
    let members = body.as_object().into_iter().flatten().filter(|(name, _)| secret(name));
    members.filter_map(|(_, value)| value.as_str().map(str::to_owned)).collect()
}

/// A method that the document does not have for a path and that asks for no change: what it does where it is carried out is not known.
pub(crate) fn other_method(contract: &Contract, endpoint: &Endpoint) -> Option<Method> {
    let taken = |method: &Method| {
        contract.endpoints.iter().any(|other| other.operation.key.path == endpoint.operation.key.path && other.operation.method == *method)
    };
    [Method::PATCH, Method::PUT].into_iter().find(|method| !taken(method))
}
