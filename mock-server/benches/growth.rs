//! Whether a request costs the same however much there is: secrets, operations, sandboxes; and what the mock takes in memory and at its start.
//!
//! `cargo bench -p mock-server --bench growth`. The sizes take turns, and the ratio is of the medians: requests per second over sockets, then the
//! time of one without a socket, in one thread. Beside each stands what maps by hand of the same size take and lose: what nobody can keep off
//! who has so much to remember.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]

mod api;
#[expect(dead_code, reason = "throughput alone is looked at")]
mod client;
mod plain;

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::Instant;

use client::measure;
use http::Method;
use mock_server::MockServer;
use plain::Plain;
use specs::wire::Request;
use specs::{Profile, Spec};

/// As the program has it: much of what is measured is allocating.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many turns each size gets, with so many requests in each.
const ROUNDS: usize = 15;
const REQUESTS: usize = 2_000;

/// So many turns over sockets, over so many connections: fewer turns, since each creates things for good.
const SOCKET_ROUNDS: usize = 9;
const CONNECTIONS: usize = 16;

/// A million things are the most that a sandbox holds; what is created while it is measured must find room.
const MOST: usize = 1_000_000 - 50_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        start().await;
        idle().await;
        secrets().await;
        operations().await;
        sandboxes().await;
    });
}

/// A server of one size, and the requests that are sent to it.
struct Size<'s> {
    name: String,
    server: &'s MockServer,
    /// How many resources, sandboxes and secrets there are to choose from.
    resources: usize,
    sandboxes: usize,
    stored: usize,
}

/// What is measured, each with how its request of a number is made, and the same by hand.
type Make = fn(&Size<'_>, usize) -> Request;
type ByHand = fn(&Size<'_>, &mut Plain, usize) -> Vec<u8>;

const OPERATIONS: [(&str, Make, ByHand); 3] = [
    ("get", |size, number| size.get(number), |size, plain, number| plain.get(size.at(number), &size.key(number))),
    ("page", |size, number| size.page(number), |size, plain, number| plain.page(size.at(number))),
    (
        "create",
        |size, number| size.create(number),
        |size, plain, number| plain.create(size.at(number), &format!("NEW_{number}"), api::VALUE),
    ),
];

impl Size<'_> {
    /// Numbers that follow each other are far apart.
    const fn spread(number: usize, of: usize) -> usize {
        number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % of
    }

    const fn at(&self, number: usize) -> (usize, usize) {
        (Self::spread(number, self.sandboxes), Self::spread(number, self.resources))
    }

    fn place(&self, number: usize) -> (String, usize) {
        let (sandbox, resource) = self.at(number);
        (format!("/~s{sandbox}"), resource)
    }

    fn key(&self, number: usize) -> String {
        format!("KEY_{}", Self::spread(number, self.stored))
    }

    fn get(&self, number: usize) -> Request {
        let (sandbox, resource) = self.place(number);
        api::request(Method::GET, &sandbox, resource, &format!("/{}", self.key(number)))
    }

    fn page(&self, number: usize) -> Request {
        let (sandbox, resource) = self.place(number);
        api::request(Method::GET, &sandbox, resource, "?limit=10&offset=0")
    }

    fn create(&self, number: usize) -> Request {
        let (sandbox, resource) = self.place(number);
        api::create(&sandbox, resource, &format!("NEW_{number}"))
    }

    fn fill(&self) {
        for sandbox in 0..self.sandboxes {
            for resource in 0..self.resources {
                (0..self.stored)
                    .for_each(|number| send(self.server, api::create(&format!("/~s{sandbox}"), resource, &format!("KEY_{number}"))));
            }
        }
    }
}

/// The same by hand.
fn filled(size: &Size<'_>) -> Plain {
    let mut plain = Plain::default();
    for sandbox in 0..size.sandboxes {
        for resource in 0..size.resources {
            (0..size.stored).for_each(|number| drop(plain.create((sandbox, resource), &format!("KEY_{number}"), api::VALUE)));
        }
    }
    plain
}

fn send(server: &MockServer, request: Request) {
    let response = server.answer(request);
    assert!(response.status.is_success(), "a refusal is no work: {}", response.status);
}

async fn serve(resources: usize) -> MockServer {
    MockServer::start(api::contract(resources)).await.expect("a free port")
}

async fn secrets() {
    let mut servers = Vec::new();
    for stored in [10, 10_000, MOST] {
        servers.push((stored, serve(1).await));
    }
    let sizes = servers.iter().map(|(stored, server)| Size {
        name: format!("{stored} secrets"),
        server,
        resources: 1,
        sandboxes: 1,
        stored: *stored,
    });
    let sizes: Vec<Size<'_>> = sizes.collect();
    for size in &sizes {
        let before = resident();
        size.fill();
        let name = "KEY_".len() + size.stored.to_string().len();
        let own = name + api::VALUE.len();
        if let (Some(before), Some(after)) = (before, resident()) {
            let each = after.saturating_sub(before) / size.stored;
            println!("{:<16} {:>8} bytes each beyond their own {own}", size.name, each.saturating_sub(own));
        }
    }
    compare(&sizes).await;
}

async fn operations() {
    let (few, many) = (serve(1).await, serve(200).await);
    let size = |name: &str, server, resources| Size { name: name.to_owned(), server, resources, sandboxes: 1, stored: 10 };
    let sizes = [size("5 operations", &few, 1), size("1000 operations", &many, 200)];
    sizes.iter().for_each(Size::fill);
    compare(&sizes).await;
}

async fn sandboxes() {
    let (few, many) = (serve(1).await, serve(1).await);
    let size = |name: &str, server, sandboxes| Size { name: name.to_owned(), server, resources: 1, sandboxes, stored: 10 };
    let sizes = [size("1 sandbox", &few, 1), size("10000 sandboxes", &many, 10_000)];
    sizes.iter().for_each(Size::fill);
    compare(&sizes).await;
}

/// What a size's turns have come to: requests per second over sockets, microseconds without one, and those of the maps.
#[derive(Default)]
struct Turns {
    sockets: Vec<f64>,
    engine: Vec<f64>,
    by_hand: Vec<f64>,
}

/// The sizes take turns with each operation; what is told is how much of the first one's throughput each of them has, and what the maps have.
async fn compare(sizes: &[Size<'_>]) {
    let mut plains: Vec<Plain> = sizes.iter().map(filled).collect();
    for (name, make, by_hand) in OPERATIONS {
        let mut all: Vec<Turns> = sizes.iter().map(|_| Turns::default()).collect();
        for round in 0..ROUNDS {
            for ((size, plain), turns) in sizes.iter().zip(&mut plains).zip(&mut all) {
                let numbers = round * REQUESTS..(round + 1) * REQUESTS;
                let requests: Vec<Request> = numbers.clone().map(|number| make(size, number)).collect();
                turns.engine.push(timed(|| requests.into_iter().for_each(|request| send(size.server, request))));
                turns.by_hand.push(timed(|| numbers.for_each(|number| drop(black_box(by_hand(size, plain, number))))));
            }
        }
        for round in ROUNDS..ROUNDS + SOCKET_ROUNDS {
            for (size, turns) in sizes.iter().zip(&mut all) {
                let make = |number| bytes(&make(size, round * REQUESTS + number));
                turns.sockets.push(measure(address(size.server), REQUESTS, CONNECTIONS, make).await.per_second);
            }
        }
        tell(name, sizes, all);
    }
}

fn tell(name: &str, sizes: &[Size<'_>], all: Vec<Turns>) {
    let mut first = None;
    for (size, turns) in sizes.iter().zip(all) {
        let (rate, micros, plain) = (median(turns.sockets), median(turns.engine), median(turns.by_hand));
        let (fastest, engine, bare) = *first.get_or_insert((rate, micros, plain));
        println!(
            "{:<16} {name:<8} {rate:>8.0} req/s {:>6.2}   engine {micros:>6.2} us {:>6.2}   by hand {plain:>6.2} us {:>6.2}",
            size.name,
            rate / fastest,
            engine / micros,
            bare / plain
        );
    }
}

fn address(server: &MockServer) -> SocketAddr {
    server.url().trim_start_matches("http://").parse().expect("an address")
}

/// A request as it is sent.
fn bytes(request: &Request) -> Vec<u8> {
    let body = std::str::from_utf8(&request.body).expect("JSON is text");
    client::request(request.method.as_str(), &request.target(), api::TOKEN, body)
}

/// How long each request of a turn takes, in microseconds.
fn timed(act: impl FnOnce()) -> f64 {
    let began = Instant::now();
    act();
    began.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(REQUESTS).expect("a turn is small"))
}

fn median(mut turns: Vec<f64>) -> f64 {
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 2]
}

/// How long it takes from nothing to a first answer, in a process that has done nothing before.
async fn start() {
    for spec in ["spice", "nuon"] {
        let began = Instant::now();
        let server = MockServer::start(contract(spec)).await.expect("a free port");
        let _ = server.answer(Request::new(Method::GET, "/"));
        println!("{spec:<16} {:>8.1} ms from its document to its first answer", began.elapsed().as_secs_f64() * 1000.0);
    }
}

/// What the mock takes with every pack served and nothing asked.
async fn idle() {
    let packs = specs::vendors();
    let began = Instant::now();
    let builder = packs.iter().fold(MockServer::builder(), |builder, spec| builder.contract(contract(spec)));
    let server = builder.start().await.expect("a free port");
    let took = began.elapsed().as_secs_f64() * 1000.0;
    if let Some(bytes) = resident() {
        println!("{:<16} {:>8} KiB resident with all {}, which took {took:.1} ms", "idle", bytes / 1024, packs.len());
    }
    drop(server);
}

fn contract(spec: &str) -> specs::contract::Contract {
    Spec::Vendor(spec.to_owned()).contract(Profile::Documented).expect("the pack is valid")
}

/// How much memory this process has, in bytes, where the system tells (Linux, `proc(5)`).
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<usize>().ok().map(|kibibytes| kibibytes * 1024)
}
