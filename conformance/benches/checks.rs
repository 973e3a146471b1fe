//! What a run costs beside sending: how long it takes to make up a request, and how long each check takes to judge an exchange.
//!
//! `cargo bench -p conformance --bench checks`, with a part of a name to choose (`allowed/`, `variants/`, `read/`, `every/`, `check/`), and `-- --quick`
//! for a short one. Requests are made up for every operation of every pack: random ones that the document allows, and all variants of one, most of
//! which break a keyword. The exchanges are those of a run against the mock of each pack, recorded; each is judged with what the target had
//! acknowledged until then. Where several requests or exchanges are behind one figure, criterion prints how many of them go by in a second.

#[expect(dead_code, reason = "nothing is found here")]
#[path = "../tests/judged/mod.rs"]
mod judged;
#[path = "../tests/recorder/mod.rs"]
mod recorder;

use std::hint::black_box;
use std::time::{Duration, Instant};

use conformance::checks::{Check, all};
use conformance::offline::{Cases, Judge, Recorded};
use criterion::{Criterion, Throughput};
use mock_server::MockServer;
use recorder::{Recording, contract, recorded};
use specs::contract::Contract;

/// As the program has it: much of what is measured is allocating.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
        .sample_size(10)
        .configure_from_args();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    for vendor in specs::vendors() {
        let contract = contract(&vendor);
        let mock = runtime.block_on(MockServer::start(contract.clone())).expect("a free port");
        generation(&mut criterion, &contract, &mock);
        let recording = runtime.block_on(recorded(&contract, &[], 0));
        judging(&mut criterion, &contract, &recording);
    }
    criterion.final_summary();
}

fn generation(criterion: &mut Criterion, contract: &Contract, mock: &MockServer) {
    let given = mock.parameters(&contract.name);
    for operation in 0..contract.endpoints.len() {
        let name = contract.endpoints[operation].name();
        let cases = || Cases::of(contract, operation, &given, 0).expect("a request can be made up");
        let mut group = criterion.benchmark_group("allowed");
        let mut own = cases();
        group.bench_function(format!("{} {name}", contract.name), |bencher| bencher.iter(|| own.allowed()));
        group.finish();
        let all = cases().variants();
        let broken = all.iter().filter(|own| own.broken.is_some()).count();
        let mut group = criterion.benchmark_group("variants");
        group.throughput(Throughput::Elements(all.len() as u64));
        let mut own = cases();
        let id = format!("{} {name}: {} of which {broken} are broken", contract.name, all.len());
        group.bench_function(id, |bencher| bencher.iter(|| own.variants()));
        group.finish();
    }
}

fn judging(criterion: &mut Criterion, contract: &Contract, recording: &Recording) {
    let name = format!("{}, {} exchanges", contract.name, recording.len());
    let mut measure = |group: &str, id: String, step: Step<'_>| {
        let mut group = criterion.benchmark_group(group);
        group.throughput(Throughput::Elements(recording.len() as u64));
        group.bench_function(id, |bencher| bencher.iter_custom(|times| replayed(contract, recording, times, step)));
        group.finish();
    };
    // Reading searches the answer for every secret that was written before; it is done once for all checks.
    measure("read", name.clone(), Step::Read);
    measure("every", name.clone(), Step::Every);
    for check in all().filter(|check| check.family() != "document") {
        measure("check", format!("{} {name}", check.id), Step::One(check));
    }
}

/// What is measured of each exchange.
#[derive(Clone, Copy)]
enum Step<'s> {
    /// Understanding it, and learning from it.
    Read,
    /// Every check.
    Every,
    /// One check.
    One(&'s Check),
}

/// How long one step takes for a whole recording, so many times; what stands around it is not counted.
fn replayed(contract: &Contract, recording: &Recording, times: u64, step: Step<'_>) -> Duration {
    let mut spent = Duration::ZERO;
    let rounds = if matches!(step, Step::Read) { times } else { 1 };
    for _ in 0..rounds {
        let mut judge = Judge::new(contract);
        for (exchange, sender) in recording {
            let began = Instant::now();
            let read = judge.read(exchange, *sender);
            let reading = began.elapsed();
            let Some(read) = read else { continue };
            let judging = judged_by(&judge, &read, step, times);
            let began = Instant::now();
            judge.learn(&read);
            spent += if matches!(step, Step::Read) { reading + began.elapsed() } else { judging };
        }
    }
    spent
}

fn judged_by(judge: &Judge<'_>, read: &Recorded<'_>, step: Step<'_>, times: u64) -> Duration {
    let began = Instant::now();
    match step {
        Step::Read => {}
        Step::Every => (0..times).for_each(|_| all().for_each(|check| drop(black_box(judge.rule(check, black_box(read)))))),
        Step::One(check) => (0..times).for_each(|_| drop(black_box(judge.rule(check, black_box(read))))),
    }
    began.elapsed()
}
