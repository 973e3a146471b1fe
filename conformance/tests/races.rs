//! Clients that race: a server that copes with them is accused of nothing, one that does not of what it does.

mod arena;
#[expect(dead_code, reason = "these runs go through one phase, not through all")]
mod judged;

use std::collections::BTreeMap;
use std::path::PathBuf;

use arena::{Habit, Running, start};
use conformance::{Options, Phase, Report, run};
use judged::{options, told};
use mock_server::{Fault, MockServer};
use specs::contract::Contract;
use specs::{Profile, Spec};

/// The key that the server accepts.
const KEY: &str = "Right-key-4711-Xy";

fn contract() -> Contract {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents/vault.yaml");
    Spec::File { path, overlay: None }.contract(Profile::Documented).unwrap_or_else(|error| panic!("{error}"))
}

fn racing(server: &Running, seed: u64) -> Options {
    let credentials = [("x-api-key".to_owned(), KEY.to_owned())];
    let parameters = BTreeMap::from([("projectId".to_owned(), vec!["p1".to_owned()])]);
    Options { phases: vec![Phase::Concurrency], ..options(&server.url, &credentials, parameters, seed) }
}

async fn raced(habit: Habit, seed: u64) -> (Report, Running) {
    let server = start(habit).await;
    let report = run(&contract(), &racing(&server, seed)).await.unwrap_or_else(|error| panic!("{habit:?}: {error}"));
    (report, server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_copes_is_accused_of_nothing() {
    for habit in [Habit::Right, Habit::Locks, Habit::Busy] {
        for seed in 0..6 {
            let (report, server) = raced(habit, seed).await;
            // That nobody documents a 409 for an update is no less true.
            let accused: Vec<String> = told(&report).into_iter().filter(|told| !told.starts_with("status/refusal-documented")).collect();
            assert_eq!(accused, Vec::<String>::new(), "{habit:?}, seed {seed}:\n{report}");
            let judged = report.checks().filter(|(check, tally)| check.family() == "concurrency" && tally.cases() > 0).count();
            assert!(judged >= 3, "{habit:?}: {judged} checks were exercised\n{report}");
            assert_eq!((server.names(), report.left_behind), (Vec::new(), Vec::<String>::new()), "{habit:?}");
            assert!(server.most() > 1, "{habit:?}: no two clients were there at once");
        }
    }
}

/// Of a write that was answered with a failure nobody can say what became of it: no history is bad for that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_a_failed_write_is_left_open() {
    for seed in 0..6 {
        let (report, server) = raced(Habit::Loses, seed).await;
        let accused: Vec<String> = told(&report).into_iter().filter(|told| told.starts_with("concurrency/")).collect();
        assert_eq!(accused, Vec::<String>::new(), "seed {seed}:\n{report}");
        assert_eq!(server.names(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_cope_is_told_what_it_does() {
    let habits = [
        (Habit::ChecksThenActs, "concurrency/one-create-wins"),
        (Habit::WritesBack, "concurrency/linearizable"),
        (Habit::CachesLate, "concurrency/linearizable"),
        (Habit::AnswersEarly, "concurrency/linearizable"),
    ];
    for (habit, check) in habits {
        let (report, server) = found(habit, check).await;
        let finding = report.findings.iter().find(|finding| finding.check == check).expect("it was found");
        assert!(server.names().is_empty() && report.left_behind.is_empty(), "{report}");
        let shown = format!("{report}\n{}", report.json());
        let values: Vec<String> = server.heard().iter().filter_map(|heard| value_in(heard)).collect();
        assert!(values.len() > 10 && values.iter().all(|value| !shown.contains(value)), "{habit:?}: a value is shown");
        if check == "concurrency/linearizable" {
            assert!((2..=6).contains(&finding.plan.len()), "a minimal history is short: {:#?}", finding.plan);
            assert!(finding.plan.iter().all(|line| line.contains("client ")), "{:#?}", finding.plan);
        }
    }
}

/// Who loses is refused, but nobody could know why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn losers_of_a_race_are_to_be_told_so() {
    let (report, _server) = raced(Habit::Miscalls, 0).await;
    assert!(told(&report).contains(&"concurrency/losers-are-told (advice) 1".to_owned()), "{report}");
}

/// Where a write replaces what is there, two that race make two things: a list shows both, and each has an id of its own. Whether two
/// meet is left to chance.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upserts_that_race_make_one_thing() {
    let contract = Spec::Vendor("spice".to_owned()).contract(Profile::Documented).unwrap_or_else(|error| panic!("{error}"));
    let mut missed = vec!["concurrency/one-thing-after-race", "concurrency/one-id-after-race"];
    for seed in 0..8 {
        let server = MockServer::builder().contract(contract.clone()).fault(Fault::RacingCreates).start().await.expect("a free port");
        let (credentials, parameters) = (server.credentials("spice"), server.parameters("spice"));
        let options = Options { phases: vec![Phase::Concurrency], ..options(&server.url(), &credentials, parameters, seed) };
        let report = run(&contract, &options).await.unwrap_or_else(|error| panic!("{error}"));
        missed.retain(|check| !report.findings.iter().any(|finding| finding.check == *check));
        if missed.is_empty() {
            return;
        }
    }
    panic!("not found in eight runs: {missed:?}");
}

/// A run that finds a habit. Which client comes first is left to chance, so a run may miss it: of several one must not.
async fn found(habit: Habit, check: &str) -> (Report, Running) {
    for seed in 0..8 {
        let (report, server) = raced(habit, seed).await;
        if report.findings.iter().any(|finding| finding.check == check && finding.is_violation()) {
            return (report, server);
        }
    }
    panic!("{habit:?} is not told as {check} in eight runs");
}

/// The secret of a request, as the server has heard it.
fn value_in(heard: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(heard.lines().next()?.splitn(3, ' ').nth(2)?).ok()?;
    body["value"].as_str().map(str::to_owned)
}

/// The same seed gives the same requests, in whatever order they come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_seed_gives_one_set_of_requests() {
    let sorted = |server: Running| {
        let mut heard = server.heard();
        heard.sort();
        heard
    };
    let (_, first) = raced(Habit::Right, 5).await;
    let (_, second) = raced(Habit::Right, 5).await;
    let (_, other) = raced(Habit::Right, 6).await;
    let first = sorted(first);
    assert_eq!(first, sorted(second));
    assert_ne!(first, sorted(other));
}

/// A race that does not fit into what is left of a budget is not begun, and what was made is removed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_keeps_to_the_budgets() {
    for (requests, creates) in [(30, None), (5_000, Some(9))] {
        let server = start(Habit::Right).await;
        let mut options = racing(&server, 0);
        options.max_requests = requests;
        options.manners.max_creates = creates;
        let report = run(&contract(), &options).await.expect("a report");
        let made = server.heard().iter().filter(|heard| heard.starts_with("POST")).count();
        assert!(!report.complete && report.requests <= requests && made <= creates.unwrap_or(usize::MAX), "{made} creates: {report}");
        assert_eq!(server.names(), Vec::<String>::new());
    }
}
