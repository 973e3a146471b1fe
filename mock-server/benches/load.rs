//! How much of a bare server's throughput the mock has, over real sockets: both in one process, in turns, with the same client.
//!
//! `cargo bench -p mock-server --bench load` prints the requests per second of each, the ratio of the medians of all rounds, and the ratio
//! of the slowest hundredth. The mock validates, authenticates, keeps its journal and tells its clock; the bare server does by hand what the
//! same three operations need.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]

mod bare;
mod client;

use std::net::SocketAddr;

use bare::TOKEN;
use client::{Measured, measure};
use mock_server::MockServer;
use specs::{Profile, Spec};

/// As the program has it: much of what is measured is allocating.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many turns each server gets.
const ROUNDS: usize = 15;

/// So many requests are sent in a turn, over so many connections.
const REQUESTS: usize = 6_000;
const CONNECTIONS: usize = 16;

/// So many secrets are there to be read and listed.
const STORED: usize = 20;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(compare());
}

async fn compare() {
    let contract = Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid");
    let mock = MockServer::start(contract).await.expect("a free port");
    let address: SocketAddr = mock.url().trim_start_matches("http://").parse().expect("an address");
    let servers = [bare::start().await, address];
    for server in servers {
        fill(server).await;
    }
    println!("{:<8} {:>12} {:>12} {:>8} {:>11} {:>11} {:>8}", "", "bare req/s", "mock req/s", "ratio", "bare p99", "mock p99", "ratio");
    for (name, request) in operations() {
        let mut turns = [Vec::new(), Vec::new()];
        for round in 0..=ROUNDS {
            for (server, turns) in servers.into_iter().zip(&mut turns) {
                let measured = measure(server, REQUESTS, CONNECTIONS, |number| request(round * REQUESTS + number)).await;
                // The first round warms both up.
                if round > 0 {
                    turns.push(measured);
                }
            }
        }
        tell(name, &turns);
    }
    mock.stop().await;
}

/// Makes the request of a number.
type Make = fn(usize) -> Vec<u8>;

/// The operations, each with how its requests are made.
fn operations() -> [(&'static str, Make); 3] {
    let get = |number: usize| client::request("GET", &format!("/v1/apps/1/secrets/KEY_{}", number % STORED), TOKEN, "");
    let list = |_: usize| client::request("GET", "/v1/apps/1/secrets", TOKEN, "");
    // Each round writes the names of the one before once more, in another app: neither server grows without end.
    let create = |number: usize| {
        let body = format!("{{\"name\":\"NEW_{}\",\"value\":\"a-value-of-some-length-{number}\"}}", number % REQUESTS);
        client::request("POST", "/v1/apps/2/secrets", TOKEN, &body)
    };
    [("get", get), ("list", list), ("create", create)]
}

async fn fill(server: SocketAddr) {
    let create = |number: usize| {
        client::request("POST", "/v1/apps/1/secrets", TOKEN, &format!("{{\"name\":\"KEY_{number}\",\"value\":\"a-value\"}}"))
    };
    measure(server, STORED, 1, create).await;
}

fn tell(name: &str, [bare, mock]: &[Vec<Measured>; 2]) {
    let rates = |turns: &[Measured]| median(turns.iter().map(|measured| measured.per_second).collect());
    let slowest = |turns: &[Measured]| median(turns.iter().map(|measured| measured.slowest_hundredth.as_secs_f64()).collect());
    let (bare_rate, mock_rate, bare_slow, mock_slow) = (rates(bare), rates(mock), slowest(bare), slowest(mock));
    println!(
        "{name:<8} {bare_rate:>12.0} {mock_rate:>12.0} {:>8.2} {:>9.2}ms {:>9.2}ms {:>8.2}",
        mock_rate / bare_rate,
        bare_slow * 1000.0,
        mock_slow * 1000.0,
        mock_slow / bare_slow
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
