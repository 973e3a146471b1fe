//! Without a target: what was recorded is judged as it is in a run, and what is made up is what it is said to be.

#[expect(dead_code, reason = "recordings are judged here")]
mod judged;
mod recorder;

use std::collections::BTreeSet;

use conformance::Finding;
use conformance::offline::{Cases, Judge, Sender};
use mock_server::MockServer;
use recorder::{Recording, contract, recorded};
use specs::contract::Contract;
use specs::wire::{Exchange, Request, Routed, Router, receive, validate};

fn found(contract: &Contract, recording: &Recording) -> Vec<Finding> {
    let mut judge = Judge::new(contract);
    recording.iter().flat_map(|(exchange, sender)| judge.judge(exchange, *sender)).collect()
}

#[tokio::test]
async fn nothing_is_found_in_recordings_of_servers_that_are_right() {
    for vendor in specs::vendors() {
        let contract = contract(&vendor);
        let recording = recorded(&contract, &[], 0).await;
        assert!(recording.len() > 40, "{vendor}: {} exchanges", recording.len());
        let findings = found(&contract, &recording);
        assert!(findings.is_empty(), "{vendor}: {findings:#?}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_found_in_a_recording_and_told_without_a_value() {
    let contract = contract("spice");
    for (fault, check) in [
        ("keep-deleted", "lifecycle/deleted-is-gone"),
        ("leak-in-list", "secrecy/no-plaintext"),
        ("forget-create", "lifecycle/created-is-readable"),
        ("omit-newest", "list/contains-created"),
    ] {
        let recording = recorded(&contract, &[fault], 0).await;
        let findings = found(&contract, &recording);
        assert!(findings.iter().any(|finding| finding.check == check && finding.is_violation()), "{fault}: {findings:#?}");
        let told = format!("{findings:?}");
        let secrets = recording.iter().filter_map(|(exchange, _)| serde_json::from_slice::<serde_json::Value>(&exchange.request.body).ok());
        let secrets: BTreeSet<String> = secrets.filter_map(|body| body["value"].as_str().map(str::to_owned)).collect();
        assert!(secrets.len() > 5);
        assert!(!secrets.iter().any(|secret| secret.len() > 8 && told.contains(secret.as_str())), "{fault}: {told}");
    }
}

/// Of a caller of whom nothing is known, an answer is believed and not judged.
#[tokio::test]
async fn strangers_and_conditions_are_not_judged() {
    let contract = contract("spice");
    let recording = recorded(&contract, &["keep-deleted"], 0).await;
    let strange: Recording = recording.iter().map(|(exchange, _)| (exchange.clone(), Sender::Somebody)).collect();
    assert!(found(&contract, &strange).is_empty());
    let conditional = |exchange: &Exchange| {
        let mut exchange = exchange.clone();
        exchange.request.headers.insert("if-none-match", "\"1\"".parse().expect("a header's value"));
        exchange
    };
    let conditional: Recording = recording.iter().map(|(exchange, sender)| (conditional(exchange), *sender)).collect();
    assert!(found(&contract, &conditional).is_empty());
}

/// What a server would make of a request: whether the document allows it.
fn is_allowed(contract: &Contract, router: &Router, operation: usize, request: &Request) -> bool {
    let way = router.route(&request.method, &request.path, request.query.as_deref());
    let Routed::Found(found, path) = way else { return false };
    let endpoint = &contract.endpoints[found];
    found == operation && receive(contract, endpoint, request, &path).is_ok_and(|inputs| validate(endpoint, &inputs).is_empty())
}

#[tokio::test]
async fn what_is_made_up_is_what_it_is_said_to_be() {
    for vendor in specs::vendors() {
        let contract = contract(&vendor);
        let (mock, router) = (MockServer::start(contract.clone()).await.expect("a free port"), Router::new(&contract));
        let mut made_up = 0;
        for operation in 0..contract.endpoints.len() {
            let name = contract.endpoints[operation].name();
            let cases = || Cases::of(&contract, operation, &mock.parameters(&vendor), 7).unwrap_or_else(|| panic!("{vendor}: {name}"));
            let (mut one, mut other) = (cases(), cases());
            for number in 0..8 {
                let (one, other) = (one.allowed(), other.allowed());
                assert_eq!((one.request.target(), &one.request.body), (other.request.target(), &other.request.body), "{vendor}: {name}");
                assert!(one.broken.is_none() && is_allowed(&contract, &router, operation, &one.request), "{vendor}: {name}, {number}");
            }
            for own in cases().variants() {
                let allowed = is_allowed(&contract, &router, operation, &own.request);
                assert_eq!(allowed, own.broken.is_none(), "{vendor}: {name}: {:?}, {:?}", own.broken, own.request);
                made_up += usize::from(own.broken.is_some());
            }
        }
        assert!(made_up > contract.endpoints.len(), "{vendor}: {made_up} broken ones");
    }
}
