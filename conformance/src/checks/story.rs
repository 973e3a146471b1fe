//! Stories: exchanges as text, with which each check shows what it passes and what breaks it.
//!
//! `# name` picks the sample document, `> METHOD target body` is a request, `! key: value` says more about it, `< status type body` is
//! the answer and `<< name: value` a header of it. `! race: CLIENT SENT-ANSWERED` makes a request one of a race, which is judged at the end:
//! a list after it is the list when all was over, and one without an answer was never answered. A check of the document has a document instead, without the lines that every one has.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};
use specs::claims::{Situation, Verb};
use specs::contract::Contract;
use specs::document::Document;
use specs::overlay::Overlay;
use specs::wire::{Exchange, Intent, Reading, Request, Response, Routed, Router, receive, secrets_in, validate};

use super::document::LAWS;
use super::{Check, Judgement, Scene};
use crate::canary::Canaries;
use crate::case::{Broken, Case, Credential, Mirror, Validity, provoked};
use crate::ledger::{Ledger, Trust};
use crate::race::{Listed, Race, Raced};
use crate::session::Played;
use crate::walk::Paged;

/// A sample whose keys are read and deleted one by one.
const ONE_KEY: &str = include_str!("one_key.yaml");

/// A sample whose keys are revealed where the box that holds them allows it.
const GUARDED_BOX: &str = include_str!("guarded_box.yaml");

/// A sample whose writes make versions, which are told in clear.
const VERSIONS: &str = include_str!("versions.yaml");

const SAMPLE: &str = include_str!("sample.yaml");

/// What a check says of each exchange of a story.
pub(super) fn judge(check: &Check, story: &str) -> Vec<Judgement> {
    if let Some(law) = LAWS.iter().find(|law| law.check.id == check.id) {
        let contract = compiled(&Document::parse("sample.yaml", &document(story)).expect("a document in YAML"));
        return contract.endpoints.iter().map(|endpoint| (law.judge)(&contract, endpoint)).collect();
    }
    let mut lines = story.lines().peekable();
    let contract = sample(lines.next_if(|line| line.starts_with('#')).map(|line| line[1..].trim()));
    let race = Race { raced: Vec::new(), listed: None };
    let mut theatre = Theatre { contract, ledger: Ledger::default(), canaries: Canaries::default(), race };
    let mut judgements = Vec::new();
    while let Some(line) = lines.next() {
        let request = line.strip_prefix("> ").expect("a request");
        let mut told = Vec::new();
        while let Some(more) = lines.next_if(|line| !line.starts_with("> ")) {
            told.push(more);
        }
        judgements.push(theatre.play(check, request, &told));
    }
    judgements.extend(theatre.judge_race(check));
    judgements
}

/// A sample's contract; each is compiled once.
fn sample(variant: Option<&str>) -> Contract {
    static COMPILED: Mutex<BTreeMap<String, Contract>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().expect("no story fails with it in hand");
    compiled.entry(variant.unwrap_or_default().to_owned()).or_insert_with(|| compiled_anew(variant)).clone()
}

fn compiled_anew(variant: Option<&str>) -> Contract {
    let mut document = Document::parse("sample.yaml", SAMPLE).expect("the sample is YAML");
    variant.into_iter().flat_map(|names| names.split(" and ")).for_each(|name| change(&mut document, name));
    compiled(&document)
}

/// Makes one change to a sample.
fn change(document: &mut Document, name: &str) {
    let actions = of_things(name).or_else(|| of_operations(name)).unwrap_or_else(|| panic!("no sample document is called {name}"));
    let whole = actions.starts_with("overlay: ");
    let text =
        if whole { actions.to_owned() } else { format!("overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n  - {actions}\n") };
    Overlay::parse("overlay", &text).and_then(|overlay| overlay.apply(document)).expect("the overlay fits the sample");
}

/// What is changed of the things, by the sample's name.
fn of_things(name: &str) -> Option<&'static str> {
    Some(match name {
        "upsert" => "{target: \"$['x-lockstep-resources'].secret\", update: {conflict: {value: replace, grade: documented, cite: sample}}}",
        "guessed" => "{target: \"$['x-lockstep-resources'].secret\", update: {conflict: {value: replace, grade: guessed, cite: sample}}}",
        "chosen" => "{target: \"$['x-lockstep-resources'].secret\", update: {conflict: {value: replace, grade: chosen, cite: sample}}}",
        "unique keys" => {
            "{target: \"$['x-lockstep-resources'].key\", update: {conflict: {value: reject, grade: documented, cite: sample}}}"
        }
        "replaced keys" => {
            "{target: \"$['x-lockstep-resources'].key\", update: {conflict: {value: replace, grade: documented, cite: sample}}}"
        }
        "twin keys" => "{target: \"$['x-lockstep-resources'].key\", update: {conflict: {value: allow, grade: documented, cite: sample}}}",
        "by id" => {
            "{target: \"$['x-lockstep-resources'].secret\", update: {order: {value: {by: id, direction: descending}, grade: documented, cite: sample}}}"
        }
        "replaced" => {
            "{target: $, update: {x-lockstep-resources: {secret: {conflict: {value: replace, grade: documented, cite: sample}}}, \
             paths: {'/secrets': {post: {x-lockstep-operation: {replaced: {value: 200, grade: documented, cite: sample}}}}}}}"
        }
        "ordered" => {
            "{target: \"$['x-lockstep-resources'].secret\", update: {order: {value: {by: name, direction: ascending}, grade: documented, cite: sample}}}"
        }
        "guarded" => {
            "{target: $, update: {x-lockstep-resources: {secret: {guards: {value: [{field: note, equals: never, refuse: never-reveal}], grade: documented, cite: sample}}}, \
             paths: {'/secrets/{name}': {get: {x-lockstep-operation: {verb: {value: reveal, grade: documented, cite: sample}}}}}}}"
        }
        "length" => {
            "{target: \"$['x-lockstep-resources'].secret\", update: {fields: {length: {source: {value: length, grade: documented, cite: sample}}}}}"
        }
        "deletes chosen" => {
            "{target: \"$['x-lockstep-resources'].secret\", update: {delete-missing: {value: reject, grade: chosen, cite: sample}}}"
        }
        "told in clear" => {
            "{target: \"$['x-lockstep-resources'].secret\", update: {fields: {value: {visibility: {value: {any: plain}, grade: documented, cite: sample}}}}}"
        }
        "masked by a guess" => {
            "{target: \"$['x-lockstep-resources'].secret\", update: {fields: {value: {visibility: {value: {any: masked}, grade: guessed, cite: sample}}}}}"
        }
        "guarded box" => GUARDED_BOX,
        "kept keys" => "{target: \"$['x-lockstep-resources'].key['delete-missing']\", update: {value: accept}}",
        "one key" => ONE_KEY,
        "versions" => VERSIONS,
        "slug" => {
            "{target: \"$['x-lockstep-resources'].secret.identity\", remove: true}\n  - {target: \"$['x-lockstep-resources'].secret\", update: {identity: {value: {field: id, issued: {slug: name}}, grade: documented, cite: sample}}}"
        }
        _ => return None,
    })
}

/// What is changed of the operations and of the wire, by the sample's name.
fn of_operations(name: &str) -> Option<&'static str> {
    Some(match name {
        "rich" => {
            "{target: \"$.paths['/secrets'].post.requestBody.content['application/json'].schema.properties\", update: {expires_at: {type: string}, \
             expiresAt: {type: string}, due_date: {type: string}, timer: {type: string}, settings: {type: object}, tags: {type: array, items: {}}, \
             share: {type: number}, shown: {type: boolean}}}"
        }
        "trash" => {
            "{target: $.paths, update: {/secrets/trash: {get: {x-lockstep-operation: {resource: {value: secret, grade: documented, cite: sample}, \
             verb: {value: list, grade: documented, cite: sample}}, responses: {'200': {description: all, content: {application/json: {schema: \
             {type: object, properties: {secrets: {type: array, items: {$ref: '#/components/schemas/Secret'}}}}}}}}}}}}"
        }
        "kept" => "{target: \"$.paths['/secrets/{name}'].delete\", update: {description: What is deleted stays in the trash.}}",
        "kept elsewhere" => {
            "{target: \"$.paths['/boxes/{boxId}/keys'].post\", update: {description: Some labels are reserved and stored in upper case.}}"
        }
        "upper case" => "{target: \"$.paths['/secrets'].post\", update: {description: Names are stored in upper case.}}",
        "total" => {
            "{target: \"$.paths['/secrets'].get\", update: {x-lockstep-operation: {paging: {value: {members: {/total: total}}, grade: documented, cite: sample}}}}"
        }
        "stages" => {
            "{target: $, update: {x-lockstep-wire: {stages: {value: [authenticate, read, validate], grade: documented, cite: sample}}}}"
        }
        "offset" => {
            "{target: \"$.paths['/secrets'].get\", update: {parameters: [{name: offset, in: query, schema: {type: integer}}, \
             {name: limit, in: query, schema: {type: integer}}], x-lockstep-operation: {paging: {value: {members: {/total: total}}, grade: documented, cite: sample}}}}"
        }
        "cursor" => {
            "{target: \"$.paths['/secrets'].get\", update: {parameters: [{name: cursor, in: query, schema: {type: string}}], \
             x-lockstep-operation: {paging: {value: {members: {/total: total}}, grade: documented, cite: sample}}}}"
        }
        "page" => {
            "{target: \"$.paths['/secrets'].get\", update: {parameters: [{name: page, in: query, schema: {type: integer}}], \
             x-lockstep-operation: {paging: {value: {members: {/total: total}}, grade: documented, cite: sample}}}}"
        }
        "gone" => {
            "{target: \"$.paths['/secrets/{name}'].get\", update: {x-lockstep-operation: {problems: {not-found: {value: {status: 410}, grade: documented, cite: sample}}}}}"
        }
        "teapot" => "{target: \"$.paths['/secrets/{name}'].get.responses\", update: {'418': {$ref: '#/components/responses/Error'}}}",
        "body refusals" => "{target: $, update: {x-lockstep-wire: {rejection: {value: /error, grade: documented, cite: sample}}}}",
        "forbidden" => "{target: \"$.paths['/secrets'].post.responses\", update: {'403': {$ref: '#/components/responses/Error'}}}",
        "makes missing" => {
            "{target: \"$.paths['/secrets/{name}']\", update: {patch: {x-lockstep-operation: {makes-missing: {value: true, grade: documented, \
             cite: sample}}, requestBody: {content: {application/json: {schema: {type: object, properties: {note: {type: string}}}}}}, \
             responses: {'200': {$ref: '#/components/responses/Secret'}, '404': {$ref: '#/components/responses/Error'}}}}}"
        }
        "put" => {
            "{target: \"$.paths['/secrets/{name}']\", update: {put: {x-lockstep-operation: {verb: {value: put, grade: documented, cite: sample}}, \
             requestBody: {content: {application/json: {schema: {type: object, properties: {value: {type: string}, note: {type: string}}}}}}, \
             responses: {'200': {$ref: '#/components/responses/Secret'}, '409': {$ref: '#/components/responses/Error'}}}}}"
        }
        "open" => {
            "{target: $.paths, update: {/secrets: {get: {x-lockstep-operation: {lists-foreign: {value: true, grade: documented, cite: sample}}}}, \
             '/secrets/{name}': {get: {x-lockstep-operation: {blind-to: {value: [owner], grade: documented, cite: sample}}}}}}"
        }
        "merge patch" => {
            "{target: \"$.paths['/secrets/{name}']\", update: {patch: {requestBody: {content: {application/json: {schema: {type: object, properties: \
             {settings: {type: object}}}}, application/merge-patch+json: {schema: {type: object, properties: {settings: {type: object}}}}}}, \
             responses: {'200': {$ref: '#/components/responses/Secret'}}}}}"
        }
        "with more" => "{target: \"$.paths['/secrets'].get\", update: {parameters: [{name: more, in: query, schema: {type: string}}]}}",
        "guessed read" => {
            "{target: \"$.paths['/secrets/{name}'].get\", update: {x-lockstep-operation: {verb: {value: read, grade: guessed, cite: sample}}}}"
        }
        "expecting change" => {
            "{target: \"$.paths['/secrets/{name}']\", update: {patch: {x-lockstep-operation: {parameters: {expected: {value: expected-version, \
             grade: documented, cite: sample}}}, requestBody: {content: {application/json: {schema: {type: object, properties: {value: {type: string}, \
             expected: {type: integer}}}}}}, responses: {'200': {$ref: '#/components/responses/Secret'}}}}}"
        }
        "hiding what is known" => {
            "{target: \"$.paths['/secrets/{name}/hide'].post\", update: {x-lockstep-operation: {parameters: {value: {value: {field: value}, grade: documented, \
             cite: sample}}}, requestBody: {content: {application/json: {schema: {properties: {value: {}}}}}}, responses: {'200': {$ref: '#/components/responses/Secret'}}}}"
        }
        "late stages" => {
            "{target: $, update: {x-lockstep-wire: {stages: {value: [read, validate, authenticate], grade: documented, cite: sample}}}}"
        }
        "stages without credentials" => {
            "{target: $, update: {x-lockstep-wire: {stages: {value: [read, validate], grade: documented, cite: sample}}}}"
        }
        _ => return None,
    })
}

fn compiled(document: &Document) -> Contract {
    Contract::compile("sample", document).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The document of which a story is the part that matters.
fn document(story: &str) -> String {
    format!("openapi: 3.1.0\ninfo: {{title: Sample, version: '1'}}\n{story}\n")
}

struct Theatre {
    contract: Contract,
    ledger: Ledger,
    canaries: Canaries,
    race: Race,
}

impl Theatre {
    fn play(&mut self, check: &Check, request: &str, told: &[&str]) -> Judgement {
        let contract = &self.contract;
        let request = read_request(request);
        let Routed::Found(index, path) = Router::new(contract).route(&request.method, &request.path, request.query.as_deref()) else {
            panic!("no such operation")
        };
        let endpoint = &contract.endpoints[index];
        let inputs = receive(contract, endpoint, &request, &path).expect("the body reads");
        let intent = Intent::read(endpoint, &inputs);
        let mut case = Case::new(index, inputs, intent);
        if let Some(first) = validate(endpoint, &case.inputs).first() {
            let place = format!("{} {}", first.location, first.name);
            case.validity = Validity::Broken(Broken { place, keyword: first.keyword.clone(), how: "broken".to_owned() });
        }
        direct(&mut case, told);
        let unknown_item = self.ledger.subject(contract, endpoint, &case.intent).is_none() && case.intent.items != specs::wire::Items::None;
        case.provokes =
            case.provokes.or_else(|| provoked(contract, &self.ledger, &case)).or_else(|| unknown_item.then_some(Situation::NotFound));
        if let Some(resource) = contract.resource_of(endpoint) {
            secrets_in(&case.intent.fields, resource).into_iter().for_each(|secret| self.canaries.plant(secret));
        }
        let race = told.iter().find_map(|line| line.strip_prefix("! race: ")).map(moment);
        if let Some((client, invoked, returned)) = race.filter(|_| !told.iter().any(|line| line.starts_with("< "))) {
            self.race.raced.push(Raced { client, invoked, returned, case, request, played: None });
            return Judgement::NotApplicable;
        }
        let exchange = Exchange { request, response: read_response(told) };
        let reading = Reading::of(contract, endpoint, &exchange.response);
        let sightings = self.canaries.sightings(&exchange.response);
        if let Some((client, invoked, returned)) = race {
            let request = exchange.request.clone();
            let played = Some(Played { exchange, reading, noted: None });
            self.race.raced.push(Raced { client, invoked, returned, case, request, played });
            return Judgement::NotApplicable;
        }
        let listing = reading.records.clone().filter(|_| endpoint.verb == Verb::List);
        self.race.listed = listing.clone().map(|records| Listed { records, whole: true });
        let paged = listing.as_ref().and_then(|whole| pages(told, whole));
        let scene = Scene {
            contract,
            endpoint,
            case: &case,
            exchange: &exchange,
            reading: &reading,
            ledger: &self.ledger,
            canaries: &self.canaries,
            sightings: &sightings,
            subject: self.ledger.subject(contract, endpoint, &case.intent),
            answered: true,
            listing: listing.as_deref(),
            race: None,
            paged: paged.as_ref(),
        };
        let judgement = (check.judge)(&scene);
        let trust = if told.contains(&"! trust: pending") { Trust::Pending } else { Trust::Certain };
        self.ledger.learn(contract, endpoint, &case.intent, &reading, trust);
        judgement
    }

    fn judge_race(&self, check: &Check) -> Option<Judgement> {
        let (raced, played) = self.race.answered().next()?;
        let scene = Scene {
            contract: &self.contract,
            endpoint: &self.contract.endpoints[raced.case.endpoint],
            case: &raced.case,
            exchange: &played.exchange,
            reading: &played.reading,
            ledger: &self.ledger,
            canaries: &self.canaries,
            sightings: &[],
            subject: self.ledger.subject(&self.contract, &self.contract.endpoints[raced.case.endpoint], &raced.case.intent),
            answered: true,
            listing: None,
            race: Some(&self.race),
            paged: None,
        };
        Some((check.judge)(&scene)).filter(|_| super::RACES.iter().any(|own| own.id == check.id))
    }
}

/// `2 3-6`: the second client's request, sent at three and answered at six.
fn moment(text: &str) -> (usize, usize, usize) {
    let number = |text: &str| text.parse().expect("a number");
    let (client, moments) = text.split_once(' ').expect("a client and its moments");
    let (invoked, returned) = moments.split_once('-').expect("two moments");
    (number(client), number(invoked), number(returned))
}

fn read_request(line: &str) -> Request {
    let mut parts = line.splitn(3, ' ');
    let method = parts.next().and_then(|method| method.parse::<Method>().ok()).expect("a method");
    let mut request = Request::new(method, parts.next().expect("a target"));
    if let Some(body) = parts.next() {
        request.headers.insert("content-type", HeaderValue::from_static("application/json"));
        request.body = Bytes::copy_from_slice(body.as_bytes());
    }
    request
}

fn direct(case: &mut Case, told: &[&str]) {
    for line in told.iter().filter_map(|line| line.strip_prefix("! ")) {
        match line.split_once(": ").expect("a key and a value") {
            ("credentials", "missing") => case.credential = Credential::Missing,
            ("credentials", "unknown") => case.credential = Credential::Unknown,
            ("race" | "pages" | "trust", _) => {}
            ("credentials", "malformed") => case.credential = Credential::Malformed,
            ("credentials", name) => case.credential = Credential::As(name.parse().expect("an identity")),
            ("mirrors", told) => {
                let (status, media_type) = told.split_once(' ').expect("a status and a media type");
                case.mirrors = Some(Mirror { status: status.parse().expect("a status"), media_type: Some(media_type.to_owned()) });
            }
            ("method", method) => case.method = method.parse().ok(),
            ("case", "generous") => case.generous = true,
            ("case", "open") => case.validity = Validity::Open,
            ("provokes", name) => case.provokes = Situation::ALL.iter().find(|situation| situation.to_string() == name).copied(),
            ("broken", told) => case.validity = Validity::Broken(broken(told)),
            other => panic!("no such direction: {other:?}"),
        }
    }
}

/// What is wrong with a request: the place, the keyword and in which way.
fn broken(told: &str) -> Broken {
    let parts: Vec<&str> = told.split(", ").collect();
    let [place, keyword, how] = parts[..] else { panic!("a place, a keyword and a way") };
    Broken { place: place.to_owned(), keyword: keyword.to_owned(), how: how.to_owned() }
}

/// The pages of a list, told as names: `a | b`, and `| ...` where there is no end.
fn pages(told: &[&str], whole: &[Map<String, Value>]) -> Option<Paged> {
    let line = told.iter().find_map(|line| line.strip_prefix("! pages: "))?;
    let named = |name: &str| whole.iter().find(|record| record["name"] == name).cloned().expect("an entry of the list");
    let page = |page: &str| page.split_whitespace().map(named).collect();
    let pages = line.split('|').filter(|page| page.trim() != "...").map(page).collect();
    Some(Paged { whole: whole.to_vec(), pages, ended: !line.ends_with("...") })
}

fn read_response(told: &[&str]) -> Response {
    let line = told.iter().find_map(|line| line.strip_prefix("< ")).expect("an answer");
    let mut parts = line.splitn(3, ' ');
    let mut response = Response::new(parts.next().and_then(|status| status.parse().ok()).expect("a status"));
    if let Some(media_type) = parts.next() {
        response.headers.insert("content-type", media_type.parse().expect("a media type"));
    }
    response.body = Bytes::copy_from_slice(parts.next().unwrap_or_default().as_bytes());
    for header in told.iter().filter_map(|line| line.strip_prefix("<< ")) {
        let (name, value) = header.split_once(": ").expect("a header");
        response.headers.insert(name.parse::<HeaderName>().expect("a header name"), value.parse().expect("a header value"));
    }
    response
}
