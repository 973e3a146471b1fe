//! What one half of the wire writes, the other half reads: the runner's requests mean to the mock what they were meant to mean.

use proptest::prelude::*;
use serde_json::Value;
use specs::contract::{Contract, Endpoint, Location, Parameter, is_json};
use specs::wire::{Inputs, Intent, Payload, Routed, Router, decode, receive, send};
use specs::{Profile, Spec, vendors};

fn contracts() -> Vec<Contract> {
    vendors().into_iter().map(|vendor| Spec::Vendor(vendor).contract(Profile::Documented).expect("the packs are valid")).collect()
}

/// Texts with everything that a URL or a form could trip over.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9_-]{1,24}",
        2 => "[0-9]{1,9}",
        2 => "[ -~]{1,24}",
        1 => "\\PC{1,12}",
        1 => Just("a/b%2F..;c=d&e?f#g+h i".to_owned()),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![text().prop_map(Value::from), any::<i32>().prop_map(Value::from), any::<bool>().prop_map(Value::from)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(text(), inner, 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A header's value is printable and has no space around it (RFC 9110, section 5.5).
fn sendable(parameter: &Parameter, text: &str) -> bool {
    match parameter.location {
        Location::Header => text.chars().all(|c| (' '..='~').contains(&c)) && text.trim() == text,
        Location::Path | Location::Query | Location::Cookie => true,
    }
}

/// Inputs made of texts: whatever the parameter's type makes of them.
fn inputs(endpoint: &Endpoint, texts: &[String], body: &[Value]) -> Inputs {
    let mut inputs = Inputs::default();
    for (parameter, text) in endpoint.operation.parameters.iter().zip(texts.iter().cycle()) {
        let governed = parameter.location == Location::Header && parameter.name.eq_ignore_ascii_case("authorization");
        if !governed && sendable(parameter, text) {
            inputs.parameters.insert((parameter.location, parameter.name.clone()), decode(parameter, text));
        }
    }
    inputs.body = payload(endpoint, texts, body);
    inputs
}

/// A body with every declared member; in a form everything is text.
fn payload(endpoint: &Endpoint, texts: &[String], body: &[Value]) -> Option<Payload> {
    let media = endpoint.operation.body.as_ref()?.content.first()?;
    let names = media.schema.as_ref().map(|schema| schema.node().properties()).unwrap_or_default();
    let json = is_json(&media.name);
    let values = names.iter().zip(texts.iter().zip(body)).map(|((name, _), (text, value))| {
        let value = if json { value.clone() } else { Value::from(text.as_str()) };
        ((*name).to_owned(), value)
    });
    Some(Payload::Json(Value::Object(values.collect())))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_request_is_read_as_it_was_meant(texts in proptest::collection::vec(text(), 7), body in proptest::collection::vec(json(), 5)) {
        for contract in contracts_once() {
            let router = Router::new(contract);
            for (index, endpoint) in contract.endpoints.iter().enumerate() {
                let meant = inputs(endpoint, &texts, &body);
                let request = send(contract, endpoint, &meant);
                let Routed::Found(found, path) = router.route(&request.method, &request.path, request.query.as_deref()) else {
                    panic!("{}: `{}` leads nowhere", endpoint.name(), request.path);
                };
                prop_assert_eq!(found, index, "{} is routed to {}", endpoint.name(), contract.endpoints[found].name());
                let read = receive(contract, endpoint, &request, &path).expect("a readable request");
                prop_assert!(read == meant, "{}: {:?}", endpoint.name(), difference(&meant, &read));
                prop_assert!(Intent::read(endpoint, &read) == Intent::read(endpoint, &meant));
            }
        }
    }

    #[test]
    fn an_intent_written_into_inputs_is_read_back(texts in proptest::collection::vec(text(), 7), body in proptest::collection::vec(json(), 5)) {
        for contract in contracts_once() {
            for endpoint in &contract.endpoints {
                let intent = Intent::read(endpoint, &inputs(endpoint, &texts, &body));
                let mut written = Inputs::default();
                intent.write_into(endpoint, &mut written);
                prop_assert!(Intent::read(endpoint, &written) == intent, "{}", endpoint.name());
            }
        }
    }
}

fn contracts_once() -> &'static [Contract] {
    static CONTRACTS: std::sync::OnceLock<Vec<Contract>> = std::sync::OnceLock::new();
    CONTRACTS.get_or_init(contracts)
}

/// Inputs keep themselves to themselves in `Debug`; a failing test must tell what differs.
fn difference(meant: &Inputs, read: &Inputs) -> Vec<String> {
    let names = meant.parameters.keys().chain(read.parameters.keys());
    let differing = names.filter(|name| meant.parameters.get(name) != read.parameters.get(name));
    let mut told: Vec<String> =
        differing.map(|name| format!("{name:?}: {:?} read as {:?}", meant.parameters.get(name), read.parameters.get(name))).collect();
    if meant.json() != read.json() {
        told.push(format!("body: {:?} read as {:?}", meant.json(), read.json()));
    }
    told
}
