//! What each step of a request costs, for every operation of the five packs: route, validate, behave, encode; and the load of each pack.
//!
//! `cargo bench -p mock-server --bench engine`, with a part of a name to choose.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use http::{HeaderName, HeaderValue, header};
use mock_server::MockServer;
use serde_json::Value;
use specs::contract::{Contract, Endpoint, is_json, sample};
use specs::wire::{Answered, Inputs, Outcome, Payload, Record, Records, Request, Routed, Router, receive, respond, send, validate};
use specs::{Profile, Spec};

/// As the program has it: much of what is measured is allocating.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PACKS: [&str; 5] = ["nuon", "spice", "voximplant", "northflank", "bridgeport"];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
        .sample_size(10)
        .configure_from_args();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for pack in PACKS {
        criterion.bench_function(&format!("load/{pack}"), |bencher| bencher.iter(|| contract(pack)));
        let (contract, mock) = (contract(pack), runtime.block_on(MockServer::start(contract(pack))).expect("a free port"));
        let router = Router::new(&contract);
        for endpoint in &contract.endpoints {
            let call = Call::new(&contract, &router, endpoint, &mock);
            call.measure(&mut criterion, &mock);
        }
    }
    criterion.final_summary();
}

fn contract(pack: &str) -> Contract {
    Spec::Vendor(pack.to_owned()).contract(Profile::Documented).expect("the pack is valid")
}

/// A request to one operation, with all that the steps need.
struct Call<'c> {
    contract: &'c Contract,
    router: &'c Router,
    endpoint: &'c Endpoint,
    request: Request,
    /// The raw values of the path's parameters.
    path: Vec<(String, String)>,
    inputs: Inputs,
    outcome: Outcome,
}

impl<'c> Call<'c> {
    fn new(contract: &'c Contract, router: &'c Router, endpoint: &'c Endpoint, mock: &MockServer) -> Self {
        let stated = inputs(endpoint, &mock.parameters(&contract.name));
        let mut request = send(contract, endpoint, &stated);
        request.headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1"));
        for (name, value) in mock.credentials(&contract.name) {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
            request.headers.insert(name, HeaderValue::from_str(&value).expect("a header's value"));
        }
        let path = match router.route(&request.method, &request.path, request.query.as_deref()) {
            Routed::Found(_, path) => path,
            other => panic!("{} leads to {other:?}", endpoint.name()),
        };
        let inputs = receive(contract, endpoint, &request, &path).expect("it was written from the document");
        let outcome = Outcome::Answered(Answered { records: records(endpoint, &inputs), ..Answered::default() });
        Self { contract, router, endpoint, request, path, inputs, outcome }
    }

    fn measure(&self, criterion: &mut Criterion, mock: &MockServer) {
        let name = |step: &str| format!("{step}/{} {}", self.contract.name, self.endpoint.name());
        let Self { contract, router, endpoint, request, path, inputs, outcome } = self;
        criterion.bench_function(&name("route"), |bencher| {
            bencher.iter(|| router.route(&request.method, black_box(&request.path), request.query.as_deref()));
        });
        criterion.bench_function(&name("validate"), |bencher| {
            bencher.iter(|| {
                let inputs = receive(contract, endpoint, black_box(request), path);
                inputs.map(|inputs| validate(endpoint, &inputs))
            });
        });
        // All of it: route, authenticate, validate, act, encode and write down. What is not there is refused, which is an answer too.
        criterion.bench_function(&name("behave"), |bencher| bencher.iter(|| mock.answer(black_box(request.clone()))));
        criterion.bench_function(&name("encode"), |bencher| {
            bencher.iter(|| respond(contract, Some(endpoint), black_box(outcome), &|_| None));
        });
        black_box(inputs);
    }
}

/// Values for everything that an operation takes: the world's where it names some, else what the document shows.
fn inputs(endpoint: &Endpoint, named: &std::collections::BTreeMap<String, Vec<String>>) -> Inputs {
    let mut inputs = Inputs::default();
    for parameter in endpoint.operation.parameters.iter().filter(|parameter| parameter.required) {
        let shown = parameter.examples.first().cloned();
        let shown = shown.or_else(|| parameter.schema.as_ref().map(|schema| sample(schema.node()))).unwrap_or_default();
        let value = named.get(&parameter.name).and_then(|values| values.first()).map_or(shown, |value| Value::from(value.as_str()));
        // A path has no room for nothing.
        let value = if value == "" { Value::from("a") } else { value };
        inputs.parameters.insert((parameter.location, parameter.name.clone()), value);
    }
    let media = endpoint.operation.body.as_ref().and_then(|body| body.content.iter().find(|media| is_json(&media.name)));
    if let Some(schema) = media.and_then(|media| media.schema.as_ref()) {
        inputs.body = Some(Payload::Json(sample(schema.node())));
    }
    inputs
}

/// The thing that a request states, as the answer tells it: one, or twenty of it in a list.
fn records(endpoint: &Endpoint, inputs: &Inputs) -> Records {
    let Some(place) = &endpoint.answer.place else { return Records::None };
    let members = place.members.iter().map(|member| (member.name.clone(), member.fallback.clone()));
    let stated = inputs.json().and_then(Value::as_object).cloned().unwrap_or_default();
    let record = Record::from(members.chain(stated).collect::<serde_json::Map<_, _>>());
    if place.many { Records::Many(vec![record; 20]) } else { Records::One(record) }
}
