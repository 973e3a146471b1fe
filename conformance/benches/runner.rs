//! How fast a run is, judging included, against a server that costs next to nothing: beside a client that sends as much and judges nothing.
//!
//! `cargo bench -p conformance --bench runner` prints requests per second for runs with one and with more workers, for the bare client, and
//! their ratio. One seed after the other, in turns.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]

#[expect(dead_code, reason = "nothing is found here")]
#[path = "../tests/judged/mod.rs"]
mod judged;
#[expect(dead_code, reason = "the vault is right here")]
#[path = "../tests/vault/mod.rs"]
mod vault;

use std::time::{Duration, Instant};

use conformance::{Manners, Phase, run};
use judged::options;
use vault::{Defect, Running, contract, credentials, parameters, start};

/// So many runs, each with a seed of its own.
const RUNS: u64 = 40;

const WORKERS: [usize; 4] = [1, 2, 4, 8];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(compare());
}

async fn compare() {
    println!("{:<10} {:>10} {:>10} {:>8}", "", "requests", "req/s", "ratio");
    for workers in WORKERS {
        let (mut judged, mut bare) = ((0, Duration::ZERO), Duration::ZERO);
        for seed in 0..RUNS {
            // A vault of its own for each: it remembers every request that it has seen.
            let server = start(Defect::Nothing).await;
            let began = Instant::now();
            let requests = judged_run(&server, workers, seed).await;
            judged = (judged.0 + requests, judged.1 + began.elapsed());
            let began = Instant::now();
            sent(&server, requests, workers).await;
            bare += began.elapsed();
        }
        let (own, other) = (per_second(judged.0, judged.1), per_second(judged.0, bare));
        println!("{:<10} {:>10} {own:>10.0} {:>8.2}", format!("{workers} workers"), judged.0, own / other);
        println!("{:<10} {:>10} {other:>10.0}", "  bare", judged.0);
    }
}

/// How many requests a whole run has sent.
async fn judged_run(server: &Running, workers: usize, seed: u64) -> usize {
    let mut options = options(&server.url, &credentials(), parameters(), seed);
    options.phases.retain(|phase| *phase != Phase::Concurrency);
    options.manners = Manners { workers, ..Manners::default() };
    let report = run(&contract(), &options).await.expect("it can be judged");
    assert!(report.conforms(), "{report}");
    report.requests
}

/// Sends as many requests as a run, side by side, and does nothing with the answers.
async fn sent(server: &Running, requests: usize, workers: usize) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut senders = tokio::task::JoinSet::new();
    for worker in 0..workers {
        let project = parameters()["projectId"][0].clone();
        let (client, url, credentials) = (client.clone(), format!("{}/projects/{project}/secrets", server.url), credentials());
        let share = requests / workers + usize::from(worker < requests % workers);
        senders.spawn(async move {
            for _ in 0..share {
                let request = credentials.iter().fold(client.get(&url), |request, (name, value)| request.header(name, value));
                request.send().await.expect("it answers").bytes().await.expect("a body");
            }
        });
    }
    senders.join_all().await;
}

fn per_second(requests: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(requests).expect("a bench is small")) / time.as_secs_f64()
}
