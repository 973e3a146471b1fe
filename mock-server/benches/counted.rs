//! One operation again and again, in one thread and without a socket: for a profiler that counts instructions.
//!
//! `valgrind --tool=callgrind BINARY OPERATION TIMES` with `get`, `list` or `create`; what one request costs is the difference of two runs
//! by the difference of their times. `BINARY load TIMES VENDOR` loads a vendor's pack instead.

use http::{HeaderValue, Method, header};
use mock_server::MockServer;
use specs::contract::Contract;
use specs::wire::Request;
use specs::{Profile, Spec};

/// As the program has it: much of what is measured is allocating.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many secrets are there to be read and listed.
const STORED: usize = 20;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let operation = arguments.next().unwrap_or_else(|| "get".to_owned());
    let times = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1);
    if operation == "load" {
        let vendor = arguments.next().expect("the name of a vendor");
        return (0..times).for_each(|_| drop(load(&vendor)));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mock = runtime.block_on(MockServer::start(load("spice"))).expect("a free port");
    (0..STORED).for_each(|number| send(&mock, create(1, &format!("KEY_{number}"))));
    for number in 0..times {
        send(&mock, request(&operation, number));
    }
}

fn load(vendor: &str) -> Contract {
    Spec::Vendor(vendor.to_owned()).contract(Profile::Documented).expect("the pack is valid")
}

fn request(operation: &str, number: usize) -> Request {
    match operation {
        "get" => bare(Method::GET, &format!("/v1/apps/1/secrets/KEY_{}", number % STORED)),
        "list" => bare(Method::GET, "/v1/apps/1/secrets"),
        "create" => create(2, &format!("NEW_{}", number % 100)),
        other => panic!("`{other}` is none of get, list and create"),
    }
}

fn create(app: u64, name: &str) -> Request {
    let mut request = bare(Method::POST, &format!("/v1/apps/{app}/secrets"));
    request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.body = format!("{{\"name\":\"{name}\",\"value\":\"a-value-of-some-length\"}}").into();
    request
}

fn bare(method: Method, path: &str) -> Request {
    let mut request = Request::new(method, path);
    request.headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1"));
    request.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer test-admin"));
    request
}

fn send(mock: &MockServer, request: Request) {
    let response = mock.answer(request);
    assert!(response.status.is_success(), "a refusal is no work: {}", response.status);
}
