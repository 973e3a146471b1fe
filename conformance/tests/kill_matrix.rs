//! Every fault is caught by the family that is there for it, and a mock without faults by nobody.

mod judged;

use std::collections::BTreeMap;
use std::sync::Arc;

use conformance::{Identity, Phase, Report};
use judged::{found, header, options, told};
use mock_server::{Fault, MockServer};
use specs::contract::Contract;
use specs::{Profile, Spec, vendors};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// What a run of these phases finds at a mock with these faults.
async fn judged_mock(contract: &Contract, faults: &[Fault], phases: &[Phase], seed: u64) -> Report {
    let builder = MockServer::builder().contract(contract.clone()).seed(seed);
    let server = faults.iter().fold(builder, |builder, fault| builder.fault(*fault)).start().await.expect("a free port");
    let (credentials, parameters) = (server.credentials(&contract.name), server.parameters(&contract.name));
    let mut options = options(&server.url(), &credentials, parameters, seed);
    options.phases = phases.to_vec();
    for identity in Identity::ALL {
        let headers = server.credentials_of(&contract.name, identity.name()).expect("every world has the usual callers");
        options.identities.insert(identity, headers.iter().map(header).collect());
    }
    found(contract, &options).await
}

/// The packs that every fault is tried at; the others are asked about what none of these shows.
const SUBJECTS: [&str; 5] = ["bridgeport", "northflank", "nuon", "spice", "voximplant"];

fn contract_of(vendor: &str, profile: Profile) -> Contract {
    Spec::Vendor(vendor.to_owned()).contract(profile).expect("the packs are valid")
}

fn contracts(profile: Profile) -> Vec<Contract> {
    SUBJECTS.into_iter().map(|vendor| contract_of(vendor, profile)).collect()
}

fn others(profile: Profile) -> Vec<Contract> {
    vendors().iter().filter(|vendor| !SUBJECTS.contains(&vendor.as_str())).map(|vendor| contract_of(vendor, profile)).collect()
}

/// The contracts without the operations that only spell others once more: what is wrong with one spelling is wrong with the other. The
/// largest one comes last.
fn once(profile: Profile) -> Vec<Contract> {
    let mut contracts = contracts(profile);
    contracts.sort_by_key(|contract| contract.endpoints.len());
    for contract in &mut contracts {
        contract.endpoints.retain(|endpoint| !endpoint.operation.key.path.starts_with("/v1/teams/"));
    }
    contracts
}

/// So many runs go on at the same time: more would wait for each other longer than a client waits for an answer.
const AT_ONCE: usize = 8;

/// Faults that no check of their family sees.
const UNSEEN: &[Fault] = &[];

/// Faults against which no more than advice can be given, each with the reason.
const ADVISED: &[(Fault, &str)] = &[
    (Fault::AuthenticateLate, "no pack's source says which of two reasons for a refusal comes first"),
    (Fault::NoChallenge, "RFC 9110 demands the header, and the vendors themselves do not send it"),
    (Fault::RenewId, "that an id is kept over a replacement is a habit, which no source promises"),
    (Fault::AcceptAnyMethod, "what a server does by a method that nobody documents is its own affair"),
];

/// The phases in which a defect is looked for. What a race shows is chance: only what nothing else could show is looked for in races.
fn phases(fault: Fault) -> Vec<Phase> {
    Phase::ALL.iter().copied().filter(|phase| *phase != Phase::Concurrency || fault.family() == RACES).collect()
}

/// The family whose findings are chance: which of its checks finds something, and at which API, differs from run to run.
const RACES: &str = "concurrency";

/// The family of what only versions can show.
const VERSIONS: &str = "version";

type Matrix = BTreeMap<Fault, BTreeMap<String, Vec<String>>>;

/// By fault, then by spec: the checks that found something. The other packs are asked about what none of the usual ones shows.
async fn matrix() -> Matrix {
    let mut matrix = Matrix::new();
    // What is wrong with versions shows where there are some, which the usual packs have not.
    let usual: Vec<Fault> = Fault::ALL.iter().copied().filter(|fault| fault.family() != VERSIONS).collect();
    fill(&mut matrix, &once(Profile::Documented), &usual).await;
    let left: Vec<Fault> = Fault::ALL.iter().copied().filter(|fault| !is_caught(&matrix, *fault)).collect();
    fill(&mut matrix, &others(Profile::Documented), &left).await;
    matrix
}

async fn fill(matrix: &mut Matrix, contracts: &[Contract], faults: &[Fault]) {
    let mut runs = JoinSet::new();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    // The largest contracts first, so that none of them goes on alone at the end.
    for contract in contracts.iter().rev() {
        for fault in faults.iter().copied() {
            let (contract, turns) = (contract.clone(), Arc::clone(&turns));
            runs.spawn(async move {
                let _turn = turns.acquire().await.expect("the semaphore stays open");
                (fault, contract.name.clone(), told(&judged_mock(&contract, &[fault], &phases(fault), 0).await))
            });
        }
    }
    for (fault, spec, told) in runs.join_all().await {
        matrix.entry(fault).or_default().insert(spec, told);
    }
}

/// Whether a check of the fault's own family condemns it, or advises against it where that is all that there can be.
fn is_caught(matrix: &Matrix, fault: Fault) -> bool {
    let family = format!("{}/", fault.family());
    let advised = ADVISED.iter().any(|(own, _)| *own == fault);
    matrix
        .get(&fault)
        .into_iter()
        .flat_map(BTreeMap::values)
        .flatten()
        .any(|told| told.starts_with(&family) && (advised || !told.contains("(advice)")))
}

/// Whether a check has found something in some run.
fn finds(matrix: &Matrix, id: &str) -> bool {
    matrix.values().flat_map(BTreeMap::values).flatten().any(|told| told.split(' ').next() == Some(id))
}

/// What no defect of the mock trips, each with where else it is shown to bite: documents are judged in `tests/document.rs`, races in
/// `tests/races.rs`, and what the mock's own HTTP library would not send in `tests/bare_bytes.rs`.
fn is_found_elsewhere(id: &str) -> bool {
    id.starts_with("document/") || id.starts_with("concurrency/") || id == "http/no-content-has-no-body"
}

fn text(matrix: &Matrix) -> String {
    let mut lines = Vec::new();
    for (fault, specs) in matrix {
        lines.push(format!("{fault} ({}): {}", fault.family(), fault.about()));
        if fault.family() == RACES {
            lines.push("  seen by a check of its family at one API or another".to_owned());
            continue;
        }
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
    insta::with_settings!({snapshot_path => "../../snapshots/conformance", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("kill_matrix", text(&matrix));
    });
    let idle: Vec<&str> =
        conformance::checks::all().map(|check| check.id).filter(|id| !finds(&matrix, id) && !is_found_elsewhere(id)).collect();
    assert_eq!(idle, Vec::<&str>::new(), "the checks that catch nothing");
    let survivors: Vec<Fault> = Fault::ALL.iter().copied().filter(|fault| !is_caught(&matrix, *fault)).collect();
    assert_eq!(survivors, UNSEEN, "the faults that no check of their family sees");
}

/// So many seeds accuse nobody of anything, at every contract; each of them is tried in one profile, in turn.
const SEEDS: u64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mock_without_faults_is_accused_of_nothing() {
    let profiles = [Profile::Documented, Profile::Observed];
    let mut runs = JoinSet::new();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    for (seed, profile) in (0..SEEDS).zip(profiles.into_iter().cycle()) {
        // Once with every spelling.
        let all = || contracts(profile).into_iter().chain(others(profile)).collect();
        for contract in if seed < 2 { all() } else { once(profile) } {
            let turns = Arc::clone(&turns);
            runs.spawn(async move {
                let _turn = turns.acquire().await.expect("the semaphore stays open");
                let report = judged_mock(&contract, &[], &Phase::ALL, seed).await;
                let accused = !told(&report).is_empty() || !report.conforms();
                accused.then(|| format!("{} {profile:?}, seed {seed}:\n{report}", contract.name))
            });
        }
    }
    let accused: Vec<String> = runs.join_all().await.into_iter().flatten().collect();
    assert!(accused.is_empty(), "{}", accused.join("\n"));
}
