//! Every fault is caught by the family that is there for it, and a mock without faults by nobody.

mod judged;

use std::collections::BTreeMap;

use conformance::Report;
use judged::{judged, told};
use mock_server::{Fault, MockServer};
use specs::contract::Contract;
use specs::{Profile, Spec, vendors};
use tokio::task::JoinSet;

/// What a run finds at a mock with these faults.
async fn judged_mock(contract: &Contract, faults: &[Fault], seed: u64) -> Report {
    let builder = MockServer::builder().contract(contract.clone()).seed(seed);
    let server = faults.iter().fold(builder, |builder, fault| builder.fault(*fault)).start().await.expect("a free port");
    let (credentials, parameters) = (server.credentials(&contract.name), server.parameters(&contract.name));
    judged(contract, &server.url(), &credentials, parameters, seed).await
}

fn contracts(profile: Profile) -> Vec<Contract> {
    vendors().into_iter().map(|vendor| Spec::Vendor(vendor).contract(profile).expect("the packs are valid")).collect()
}

/// By fault, then by spec: the checks that found something.
async fn matrix() -> BTreeMap<Fault, BTreeMap<String, Vec<String>>> {
    let mut runs = JoinSet::new();
    for contract in contracts(Profile::Documented) {
        for fault in Fault::ALL.iter().copied() {
            let contract = contract.clone();
            runs.spawn(async move { (fault, contract.name.clone(), told(&judged_mock(&contract, &[fault], 0).await)) });
        }
    }
    let mut matrix: BTreeMap<Fault, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for (fault, spec, told) in runs.join_all().await {
        matrix.entry(fault).or_default().insert(spec, told);
    }
    matrix
}

fn text(matrix: &BTreeMap<Fault, BTreeMap<String, Vec<String>>>) -> String {
    let mut lines = Vec::new();
    for (fault, specs) in matrix {
        lines.push(format!("{fault} ({}): {}", fault.family(), fault.about()));
        for (spec, told) in specs {
            let told = if told.is_empty() { "-".to_owned() } else { told.join(", ") };
            lines.push(format!("  {spec:<12} {told}"));
        }
    }
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_caught_by_its_family() {
    let matrix = matrix().await;
    for (fault, specs) in &matrix {
        let family = format!("{}/", fault.family());
        let caught = specs.values().flatten().any(|told| told.starts_with(&family) && !told.contains("(advice)"));
        assert!(caught, "{fault} survives the checks of {family}: {specs:?}");
    }
    insta::with_settings!({snapshot_path => "../../snapshots/conformance", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("kill_matrix", text(&matrix));
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mock_without_faults_is_accused_of_nothing() {
    for seed in 0..6 {
        for profile in [Profile::Documented, Profile::Observed] {
            for contract in contracts(profile) {
                let report = judged_mock(&contract, &[], seed).await;
                assert_eq!(told(&report), Vec::<String>::new(), "{} {profile:?}, seed {seed}:\n{report}", contract.name);
                assert!(report.conforms());
            }
        }
    }
}
