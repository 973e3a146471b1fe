//! A session: cases out, exchanges in, every check over each of them, the ledger kept.

use std::collections::{BTreeMap, BTreeSet};

use http::{Method, StatusCode};
use serde_json::{Map, Value};
use specs::claims::Verb;
use specs::contract::{Contract, Endpoint};
use specs::wire::{Exchange, Reading, Request, secrets_in, send};

use crate::canary::Canaries;
use crate::case::{Case, Credential, Validity, provoked};
use crate::checks::{self, Broken, Check, Judgement, Level, Scene};
use crate::credentials::Credentials;
use crate::drafting::Given;
use crate::finding::{Finding, level_of};
use crate::generate::Generator;
use crate::lead::Lead;
use crate::ledger::{Ledger, LedgerError, Trust, Writer, text};
use crate::options::{Options, Target};
use crate::plan::Trial;
use crate::report::{Coverage, Tally};
use crate::snapshot::Recorder;
use crate::trail::{self, Sent, Trail};
use crate::transport::{Transport, Unreachable};

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
    /// The statuses of proper requests, with the endpoint that answered.
    pub(crate) statuses: Vec<(usize, u16)>,
    transport: Transport,
    /// Where everything that is made is written down.
    pub(crate) record: Writer,
    /// How many things were asked for.
    pub(crate) asked: usize,
    checks: Vec<&'static Check>,
    /// The requests of the present plan, for findings.
    pub(crate) trail: Trail,
    /// The requests that led to each violation.
    pub(crate) leads: Vec<Lead>,
    /// The check that judges alone, while a plan is repeated.
    pub(crate) trial: Option<Trial>,
    pub(crate) credentials: Credentials,
    /// The user's values for parameters and members; keys are no such values.
    pub(crate) given: Given,
}

/// What became of a case.
pub(crate) struct Played {
    pub(crate) exchange: Exchange,
    pub(crate) reading: Reading,
    /// Its number in the ledger's file, if it may make something.
    pub(crate) noted: Option<usize>,
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
            statuses: Vec::new(),
            transport: Transport::new(options.manners.rate),
            record: Writer::new(options.manners.ledger.as_ref(), options.target.url()),
            asked: 0,
            checks: checks::all().filter(wanted).collect(),
            trail: Trail::default(),
            leads: Vec::new(),
            trial: None,
            given: options.parameters.clone().into_iter().filter(|(name, _)| !credentials.names_key(name)).collect(),
            credentials,
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
        let endpoint = self.endpoint(case.endpoint);
        let request = self.request(endpoint, case);
        let response = self.transport.send(&self.target, &request).await?;
        Ok((response.status, Reading::of(self.contract, endpoint, &response)))
    }

    /// Sends a case, without judging what comes back.
    pub(crate) async fn exchange(&mut self, mut case: Case) -> Result<(Case, Played), Stop> {
        if self.options.interrupt.is_set() {
            return Err(Stop::Interrupted);
        }
        if self.sent >= self.options.max_requests {
            return Err(Stop::Budget);
        }
        let endpoint = self.endpoint(case.endpoint);
        let meant = case.clone();
        case.provokes = case.provokes.or_else(|| provoked(self.contract, &self.ledger, &case));
        if let Some(resource) = self.contract.resource_of(endpoint) {
            secrets_in(&case.intent.fields, resource).into_iter().for_each(|secret| self.canaries.note(secret));
        }
        for secret in declared_secrets(endpoint, &case) {
            self.canaries.note(&secret);
        }
        let noted = self.write_down(endpoint, &case)?;
        let request = self.request(endpoint, &case);
        self.sent += 1;
        let response = self.transport.send(&self.target, &request).await?;
        let reading = Reading::of(self.contract, endpoint, &response);
        let sent = Sent {
            number: 0,
            told: format!("{} {} -> {}", request.method, request.path, response.status.as_u16()),
            request: request.clone(),
            about: self.about(endpoint, &case),
            writes: endpoint.verb.writes(),
            accepted: reading.accepted,
            page: None,
            issued: trail::issued(self.contract, endpoint, &reading, &response),
            case: meant,
        };
        self.trail.push(endpoint, sent);
        self.coverage[case.endpoint].note(response.status.as_u16());
        if case.is_proper() && case.provokes.is_none() {
            self.statuses.push((case.endpoint, response.status.as_u16()));
        }
        if reading.accepted && case.method.is_none() {
            self.answered.insert(case.endpoint);
            self.coverage[case.endpoint].succeeded = true;
        }
        if !matches!(response.status.as_u16(), 404 | 405 | 501) && case.method.is_none() {
            self.served.insert(case.endpoint);
        }
        self.tried.insert(case.endpoint);
        Ok((case, Played { exchange: Exchange { request, response }, reading, noted }))
    }

    /// The name of the thing that a case is about: the one that is there, or the one that it would make.
    fn about(&self, endpoint: &Endpoint, case: &Case) -> Option<String> {
        let resource = self.contract.resource_of(endpoint)?;
        let known = self.ledger.subject(self.contract, endpoint, &case.intent).map(|thing| thing.name(resource));
        known.or_else(|| Some(format!("`{}`", text(case.intent.fields.get(resource.key()?)?))))
    }

    /// The request of a case, with the headers that belong to its sender.
    fn request(&mut self, endpoint: &Endpoint, case: &Case) -> Request {
        let mut request = send(self.contract, endpoint, &case.inputs);
        if let Some(method) = &case.method {
            request.method = method.clone();
            request.body.clear();
            request.headers.clear();
        }
        self.credentials.sign(&mut request, case.credential, &mut self.generator);
        request
    }

    /// Judges an exchange by every check, and learns from it. `listing` is the whole list, where this was its last page.
    pub(crate) fn judge(&mut self, case: &Case, played: &Played, listing: Option<&[Map<String, Value>]>) -> Result<(), Stop> {
        let endpoint = self.endpoint(case.endpoint);
        let sightings = self.canaries.sightings(&played.exchange.response);
        let scene = Scene {
            contract: self.contract,
            endpoint,
            case,
            exchange: &played.exchange,
            reading: &played.reading,
            ledger: &self.ledger,
            canaries: &self.canaries,
            sightings: &sightings,
            answered: self.succeeded.contains(&case.endpoint),
            listing,
        };
        let checks = self.trial.as_ref().map_or(self.checks.as_slice(), |trial| std::slice::from_ref(&trial.check));
        let judgements: Vec<(&Check, Judgement)> = checks.iter().map(|check| (*check, (check.judge)(&scene))).collect();
        for (check, judgement) in judgements {
            self.record(check, endpoint, judgement);
        }
        if let Some(scenario) = &case.scenario {
            self.shapes.note(&endpoint.name(), scenario, &played.exchange.response, &self.canaries);
        }
        let trust = match &case.validity {
            _ if played.exchange.response.status.is_server_error() => Trust::Lost,
            _ if played.exchange.response.status == StatusCode::ACCEPTED => Trust::Pending,
            Validity::Valid if !case.asks_more(endpoint) => Trust::Certain,
            Validity::Valid | Validity::Broken(_) | Validity::Open => Trust::Doubtful,
        };
        if played.reading.accepted && case.is_proper() {
            self.succeeded.insert(case.endpoint);
        }
        if case.method.is_none() {
            self.ledger.learn(self.contract, endpoint, &case.intent, &played.reading, trust);
            self.note_birth(case, endpoint, played);
        }
        let clearly = !played.exchange.response.status.is_server_error();
        Ok(self.record.answered(self.contract, &self.ledger, played.noted, clearly)?)
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
        let tally = self.tallies.entry(check.id).or_default();
        match judgement {
            Judgement::NotApplicable => {}
            Judgement::Passed => tally.passed += 1,
            Judgement::Broken(broken) => {
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
        let same = |finding: &&mut Finding| finding.check == check.id && finding.operation == operation && finding.level == level.name();
        if let Some(known) = self.findings.iter_mut().find(same) {
            known.cases += 1;
            return;
        }
        let mut finding = Finding::new(check, level, &operation, broken);
        let steps = self.trail.steps(self.contract, endpoint, broken);
        let shown = self.shown(broken, &steps);
        (finding.expected, finding.actual) = (shown.expected, shown.actual);
        (finding.plan, finding.reproduce) = (shown.plan, shown.reproduce);
        if finding.is_violation() && !steps.is_empty() {
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
