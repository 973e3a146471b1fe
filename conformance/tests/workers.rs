//! One seed gives the same requests and the same verdicts, however many requests are on their way at once.

#[expect(dead_code, reason = "these runs are against a server that copes")]
mod arena;
#[expect(dead_code, reason = "these runs choose phases and workers")]
mod judged;

use std::collections::BTreeMap;
use std::path::PathBuf;

use arena::{Habit, Running, start};
use conformance::{MAX_REQUESTS, Options, Phase, Report, run};
use judged::options;
use mock_server::MockServer;
use specs::contract::Contract;
use specs::{Profile, Spec};

/// The key that the server accepts.
const KEY: &str = "Right-key-4711-Xy";

fn contract() -> Contract {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents/vault.yaml");
    Spec::File { path, overlay: None }.contract(Profile::Documented).unwrap_or_else(|error| panic!("{error}"))
}

/// A report as text, without the port and the time.
fn text(report: &Report) -> String {
    let mut json = report.json();
    json["summary"]["seconds"] = 0.into();
    json.to_string().replace(&report.target, "http://target")
}

/// A run against a server that checks little, so that there is much to be found.
async fn recorded(workers: usize, seed: u64, phases: &[Phase]) -> (String, Running) {
    recorded_long(workers, seed, phases, 1).await
}

/// One that is so many times as long as usual.
async fn recorded_long(workers: usize, seed: u64, phases: &[Phase], times: usize) -> (String, Running) {
    let server = start(Habit::Right).await;
    let credentials = [("x-api-key".to_owned(), KEY.to_owned())];
    let parameters = BTreeMap::from([("projectId".to_owned(), vec!["p1".to_owned()])]);
    let mut options = Options { phases: phases.to_vec(), ..options(&server.url, &credentials, parameters, seed) };
    options.manners.workers = workers;
    options.max_requests = times * MAX_REQUESTS;
    let report = run(&contract(), &options).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(!report.findings.is_empty() && server.names().is_empty(), "{report}");
    (text(&report), server)
}

fn sorted(server: &Running) -> Vec<String> {
    let mut heard = server.heard();
    heard.sort();
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_workers_send_the_same_and_find_the_same() {
    let (alone, first) = recorded(1, 3, &Phase::ALL).await;
    for workers in [4, 16] {
        let (together, second) = recorded(workers, 3, &Phase::ALL).await;
        assert_eq!(sorted(&first), sorted(&second), "{workers} workers");
        assert_eq!(alone, together, "{workers} workers");
    }
}

/// A longer run tries what is about one thing on several in turns.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_workers_find_the_same_in_a_longer_run() {
    let (alone, first) = recorded_long(1, 7, &[Phase::Properties], 30).await;
    let (together, second) = recorded_long(8, 7, &[Phase::Properties], 30).await;
    assert!(first.heard().len() > 500, "{}", first.heard().len());
    assert!(first.most() == 1 && second.most() > 1, "{} and {}", first.most(), second.most());
    assert_eq!(sorted(&first), sorted(&second));
    assert_eq!(alone, together);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_is_on_its_way_at_once_than_was_allowed() {
    let phases = [Phase::Examples, Phase::Coverage, Phase::Properties, Phase::Lifecycle];
    for workers in [1, 4] {
        let (_, server) = recorded(workers, 6, &phases).await;
        assert!(server.heard().len() > 100 && (workers.min(2)..=workers).contains(&server.most()), "{workers}: {}", server.most());
    }
}

/// One worker alone sends the same bytes in the same order, races apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_seed_gives_the_same_requests_byte_by_byte() {
    let phases = [Phase::Examples, Phase::Coverage, Phase::Properties, Phase::Lifecycle];
    let (_, first) = recorded(1, 4, &phases).await;
    let (_, second) = recorded(1, 4, &phases).await;
    let (_, other) = recorded(1, 5, &phases).await;
    assert!(first.heard().len() > 100);
    assert_eq!(first.heard(), second.heard());
    assert_ne!(first.heard(), other.heard());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mock_is_judged_alike_by_any_number_of_workers() {
    for vendor in ["spice", "nuon", "bridgeport", "voximplant"] {
        let contract = Spec::Vendor(vendor.to_owned()).contract(Profile::Documented).expect("the pack is valid");
        let mut reports = Vec::new();
        for workers in [1, 4] {
            let server = MockServer::builder().contract(contract.clone()).seed(0).start().await.expect("a free port");
            let (credentials, parameters) = (server.credentials(vendor), server.parameters(vendor));
            let mut options = options(&server.url(), &credentials, parameters, 0);
            options.manners.workers = workers;
            reports.push(text(&run(&contract, &options).await.unwrap_or_else(|error| panic!("{vendor}: {error}"))));
        }
        assert_eq!(reports[0], reports[1], "{vendor}");
    }
}
