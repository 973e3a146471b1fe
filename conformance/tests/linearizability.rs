//! The mock's store is linearizable: clients race over real sockets on a runtime of several threads, and the checker of histories finds
//! an order for what every one of them was answered. With a defect planted it finds none, so the proof can fail.
//!
//! The histories are those of the concurrency phase: duels of updates and melees of creates, updates, reads, lists and deletes of one
//! name, each request and answer numbered by one clock. The seed fixes what is sent; who comes first is left to the threads.

#[expect(dead_code, reason = "these runs go through one phase, not through all")]
mod judged;

use std::path::Path;

use conformance::{Options, Phase, Report, run};
use judged::options;
use mock_server::{Fault, MockServer};
use specs::contract::Contract;
use specs::{Profile, Spec};

/// A second create is refused, replaces what is there, or makes a version of it that a delete only hides.
const PACKS: [&str; 3] = ["bridgeport", "spice", "vault-kv"];

/// So many seeds for each pack.
const SEEDS: u64 = 24;

/// What judges a history.
const CHECK: &str = "concurrency/linearizable";

fn contract(vendor: &str) -> Contract {
    Spec::Vendor(vendor.to_owned()).contract(Profile::Documented).unwrap_or_else(|error| panic!("{error}"))
}

/// What clients find that race at a mock with these faults; with a file it keeps its state there.
async fn raced(contract: &Contract, faults: &[Fault], state: Option<&Path>, seed: u64) -> Report {
    let builder = faults.iter().fold(MockServer::builder().contract(contract.clone()).seed(seed), |builder, fault| builder.fault(*fault));
    let builder = state.into_iter().fold(builder, mock_server::Builder::state);
    let server = builder.start().await.unwrap_or_else(|error| panic!("{}: {error}", contract.name));
    let (credentials, parameters) = (server.credentials(&contract.name), server.parameters(&contract.name));
    let options = Options { phases: vec![Phase::Concurrency], ..options(&server.url(), &credentials, parameters, seed) };
    run(contract, &options).await.unwrap_or_else(|error| panic!("{}: {error}", contract.name))
}

/// How many histories were judged.
fn histories(report: &Report) -> usize {
    report.checks().filter(|(check, _)| check.id == CHECK).map(|(_, tally)| tally.cases()).sum()
}

fn accused(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.check.as_str()).filter(|check| check.starts_with("concurrency/")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_history_of_the_store_has_an_order() {
    for vendor in PACKS {
        let (contract, mut judged) = (contract(vendor), 0);
        for seed in 0..SEEDS {
            let report = raced(&contract, &[], None, seed).await;
            assert_eq!(accused(&report), Vec::<&str>::new(), "{vendor}, seed {seed}:\n{report}");
            judged += histories(&report);
        }
        assert!(judged > 50, "{vendor}: no more than {judged} histories were judged");
    }
}

/// What is written to a file before it is answered takes effect between request and answer all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_history_of_a_lasting_store_has_an_order() {
    let folder = tempfile::tempdir().expect("a folder");
    for vendor in PACKS {
        let report = raced(&contract(vendor), &[], Some(&folder.path().join(vendor)), 0).await;
        assert_eq!(accused(&report), Vec::<&str>::new(), "{vendor}:\n{report}");
        assert!(histories(&report) > 0, "{vendor}: no history was judged");
    }
}

/// A lost update and a stale read have no order. Whether two requests meet is left to chance: of several runs one must tell it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lost_update_and_a_stale_read_have_none() {
    for (fault, vendor) in [(Fault::RacingWrites, "bridgeport"), (Fault::LagBehind, "bridgeport"), (Fault::LagBehind, "vault-kv")] {
        let (contract, mut caught) = (contract(vendor), false);
        for seed in 0..SEEDS {
            caught = caught || accused(&raced(&contract, &[fault], None, seed).await).contains(&CHECK);
            if caught {
                break;
            }
        }
        assert!(caught, "{fault} at {vendor} is told by none of {SEEDS} runs");
    }
}
