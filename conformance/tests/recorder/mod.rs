//! A recorder: a mock behind a socket of the test's own, which keeps every exchange of a run.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use conformance::offline::Sender;
use conformance::{Phase, run};
use mock_server::{MockServer, Rule};
use specs::contract::Contract;
use specs::wire::{Exchange, Request, pairs};
use specs::{Profile, Spec};
use tokio::net::TcpListener;

use crate::judged::options;

/// What was kept of a run, and who has sent each request.
pub(crate) type Recording = Vec<(Exchange, Sender)>;

/// The contract of a pack.
pub(crate) fn contract(vendor: &str) -> Contract {
    Spec::Vendor(vendor.to_owned()).contract(Profile::Documented).expect("the pack is valid")
}

/// Records a run of one client against the mock of a pack, with these faults.
pub(crate) async fn recorded(contract: &Contract, faults: &[&str], seed: u64) -> Recording {
    let builder = MockServer::builder().contract(contract.clone());
    let spoilt = faults.iter().fold(builder, |builder, fault| builder.fault(fault.parse::<Rule>().expect("a fault")));
    let mock = Arc::new(spoilt.start().await.expect("a free port"));
    let kept: Arc<Mutex<Vec<Exchange>>> = Arc::default();
    let url = serve(Arc::clone(&mock), Arc::clone(&kept)).await;
    let mut options = options(&url, &mock.credentials(&contract.name), mock.parameters(&contract.name), seed);
    options.parameters.extend(mock.keys(&contract.name).into_iter().map(|(name, key)| (name, vec![key])));
    options.phases = vec![Phase::Examples, Phase::Coverage, Phase::Properties, Phase::Lifecycle];
    run(contract, &options).await.expect("it can be judged");
    let kept = std::mem::take(&mut *kept.lock().expect("no handler panics"));
    kept.into_iter().map(|exchange| (sender(&exchange.request, &mock, &contract.name), exchange)).map(|(who, own)| (own, who)).collect()
}

async fn serve(mock: Arc<MockServer>, kept: Arc<Mutex<Vec<Exchange>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let app = axum::Router::new().fallback(move |request: axum::extract::Request| {
        let (mock, kept) = (Arc::clone(&mock), Arc::clone(&kept));
        async move {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a whole body");
            let (path, query) = (head.uri.path().to_owned(), head.uri.query().map(str::to_owned));
            let request = Request { method: head.method, path, query, headers: head.headers, body };
            let response = mock.answer(request.clone());
            let mut answer = http::Response::new(Body::from(response.body.clone()));
            (*answer.status_mut(), *answer.headers_mut()) = (response.status, response.headers.clone());
            kept.lock().expect("no handler panics").push(Exchange { request, response });
            answer
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// Who has sent a request, by the credentials that a run has.
fn sender(request: &Request, mock: &MockServer, vendor: &str) -> Sender {
    let query = request.query.as_deref().map(pairs).unwrap_or_default();
    let headers = mock.credentials(vendor).into_iter().map(|(name, value)| (request.header(&name).map(str::to_owned), value));
    let keys =
        mock.keys(vendor).into_iter().map(|(name, value)| (query.iter().find(|(own, _)| *own == name).map(|(_, own)| own.clone()), value));
    let told: Vec<(Option<String>, String)> = headers.chain(keys).collect();
    match told {
        told if told.iter().all(|(told, own)| told.as_ref() == Some(own)) => Sender::Owner,
        told if told.iter().all(|(told, _)| told.is_none()) => Sender::Nobody,
        _ => Sender::Somebody,
    }
}
