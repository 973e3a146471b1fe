//! How fast a run is, judging included, against a server that costs next to nothing: beside a client that sends as much and judges nothing.
//!
//! `cargo bench -p conformance --bench runner` prints requests per second for runs with one and with more workers, for the bare client, and
//! their ratio: first for whole short runs, one seed after the other, in turns; then for one long run of random requests, with the memory of
//! this process (the server's included, which forgets) after each tenth and at the end; then for one against a target of which each answer takes
//! five milliseconds, however many are asked for at once. `-- 1000000` makes one run so long, with one worker, and nothing else.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]

#[expect(dead_code, reason = "nothing is found here")]
#[path = "../tests/judged/mod.rs"]
mod judged;
#[expect(dead_code, reason = "the vault is right here")]
#[path = "../tests/vault/mod.rs"]
mod vault;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conformance::{Event, MAX_REQUESTS, Manners, Options, Phase, Watch, run};
use judged::options;
use vault::{Defect, Running, contract, credentials, parameters, start};

/// As the program has it: much of what is measured is allocating.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many short runs, each with a seed of its own.
const RUNS: u64 = 40;

/// So many requests has a long run, about, unless an argument says otherwise.
const LONG: usize = 20_000;

/// So many a run against a target that takes five milliseconds for each answer.
const SLOW: usize = 3_000;

/// So many requests of the vault's operations a run of the usual length makes up at random.
const DRAWN: usize = 24;

const WORKERS: [usize; 4] = [1, 2, 4, 8];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    // A thread outside of the runtime would have to be woken for each answer.
    let compared = runtime.spawn(async move {
        if asked.is_none() {
            compare_short().await;
        }
        match asked {
            None => {
                compare_long("a long run", Defect::Forgets, LONG, &WORKERS).await;
                compare_long("a slow target", Defect::TakesItsTime, SLOW, &WORKERS).await;
            }
            Some(requests) => compare_long("a long run", Defect::Forgets, requests, &[1]).await,
        }
    });
    runtime.block_on(compared).expect("nothing panics");
}

async fn compare_short() {
    println!("{:<16} {:>10} {:>10} {:>8}", "short runs", "requests", "req/s", "ratio");
    for workers in WORKERS {
        let (mut judged, mut bare) = ((0, Duration::ZERO), Duration::ZERO);
        for seed in 0..RUNS {
            // A vault of its own for each: it remembers every request that it has seen.
            let server = start(Defect::Nothing).await;
            let mut options = options(&server.url, &credentials(), parameters(), seed);
            options.phases.retain(|phase| *phase != Phase::Concurrency);
            options.manners = Manners { workers, ..Manners::default() };
            let (requests, time) = judged_run(&options).await;
            judged = (judged.0 + requests, judged.1 + time);
            bare += sent(&server, requests, workers).await;
        }
        tell(workers, judged.0, judged.1, bare);
    }
}

/// One run of random requests for each number of workers.
async fn compare_long(title: &str, defect: Defect, requests: usize, workers: &[usize]) {
    println!("\n{title:<16} {:>10} {:>10} {:>8}", "requests", "req/s", "ratio");
    for workers in workers.iter().copied() {
        let server = start(defect).await;
        let mut options = options(&server.url, &credentials(), parameters(), 0);
        options.phases = vec![Phase::Properties];
        options.manners = Manners { workers, ..Manners::default() };
        options.max_requests = MAX_REQUESTS * (requests / DRAWN).max(1);
        let resident = Arc::new(Mutex::new(Vec::new()));
        options.watch = watch(requests, &resident);
        let (judged, time) = judged_run(&options).await;
        resident.lock().expect("nobody panics").push(status("VmRSS"));
        let at_most = status("VmHWM");
        let bare = sent(&server, judged, workers).await;
        tell(workers, judged, time, bare);
        let resident = resident.lock().expect("nobody panics").join(", ");
        println!("{:<16} {resident} MiB; at most {at_most}", "  resident");
    }
}

/// Notes how much is resident after each tenth of so many requests.
fn watch(requests: usize, resident: &Arc<Mutex<Vec<String>>>) -> Watch {
    let resident = Arc::clone(resident);
    Watch::by(move |event| {
        let Event::Answered { sent, .. } = event else { return };
        let mut resident = resident.lock().expect("nobody panics");
        // What is judged together is sent before the first of it is told.
        if resident.len() < 9 && *sent >= (resident.len() + 1) * (requests / 10) {
            resident.push(status("VmRSS"));
        }
    })
}

/// What the system says of this process, in mebibytes: `VmRSS` is what is resident, `VmHWM` the most that ever was.
fn status(name: &str) -> String {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let told = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kibibytes = told.and_then(|told| told.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.map_or_else(|| "unknown".to_owned(), |kibibytes| (kibibytes / 1024).to_string())
}

fn tell(workers: usize, requests: usize, judged: Duration, bare: Duration) {
    let (own, other) = (per_second(requests, judged), per_second(requests, bare));
    println!("{:<16} {requests:>10} {own:>10.0} {:>8.2}", format!("{workers} workers"), own / other);
    println!("{:<16} {requests:>10} {other:>10.0}", "  bare");
}

/// How many requests a run has sent, and how long it took.
async fn judged_run(options: &Options) -> (usize, Duration) {
    let contract = contract();
    let began = Instant::now();
    let report = run(&contract, options).await.expect("it can be judged");
    assert!(report.conforms(), "{report}");
    (report.requests, began.elapsed())
}

/// Sends as many requests as a run, side by side, and does nothing with the answers; how long it took.
async fn sent(server: &Running, requests: usize, workers: usize) -> Duration {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let began = Instant::now();
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
    began.elapsed()
}

fn per_second(requests: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(requests).expect("a bench is small")) / time.as_secs_f64()
}
