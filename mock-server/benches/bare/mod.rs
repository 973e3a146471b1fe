//! A bare server that does by hand what the mock does from a document: it looks at the token, reads and checks the body, stores, masks and
//! answers. Nothing but axum, serde and a map.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};

/// The token that it accepts.
pub(crate) const TOKEN: &str = "Bearer test-admin";

#[derive(Clone, Default)]
struct Bare {
    apps: Arc<Mutex<BTreeMap<u64, BTreeMap<String, Stored>>>>,
}

/// A secret as it is stored.
struct Stored {
    id: u64,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Shown<'s> {
    id: u64,
    name: &'s str,
    value: &'static str,
    created_at: &'static str,
    updated_at: &'static str,
}

#[derive(Serialize)]
struct List<'s> {
    secrets: Vec<Shown<'s>>,
}

/// Starts the server on a free port of the loopback interface.
pub(crate) async fn start() -> SocketAddr {
    let routes = Router::new()
        .route("/v1/apps/{app}/secrets", get(list).post(create))
        .route("/v1/apps/{app}/secrets/{name}", get(read))
        .with_state(Bare::default());
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

fn shown<'s>(name: &'s str, stored: &Stored) -> Shown<'s> {
    // A value never leaves the server; that there is one does.
    let value = if stored.value.is_empty() { "" } else { "********" };
    Shown { id: stored.id, name, value, created_at: "2026-01-01T00:00:00.000Z", updated_at: "2026-01-01T00:00:00.000Z" }
}

fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(body).expect("it is plain data");
    (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

fn refuse(status: StatusCode, error: &str) -> Response {
    answer(status, &BTreeMap::from([("error", error)]))
}

fn is_known(headers: &HeaderMap) -> bool {
    headers.get(header::AUTHORIZATION).is_some_and(|token| token == TOKEN)
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.len() <= 255
}

async fn list(State(bare): State<Bare>, Path(app): Path<u64>, headers: HeaderMap) -> Response {
    if !is_known(&headers) {
        return refuse(StatusCode::UNAUTHORIZED, "Invalid token");
    }
    let apps = bare.apps.lock().expect("no handler panics");
    let secrets = apps.get(&app).into_iter().flatten().map(|(name, stored)| shown(name, stored)).collect();
    answer(StatusCode::OK, &List { secrets })
}

async fn read(State(bare): State<Bare>, Path((app, name)): Path<(u64, String)>, headers: HeaderMap) -> Response {
    if !is_known(&headers) {
        return refuse(StatusCode::UNAUTHORIZED, "Invalid token");
    }
    let apps = bare.apps.lock().expect("no handler panics");
    match apps.get(&app).and_then(|secrets| secrets.get(&name)) {
        Some(stored) => answer(StatusCode::OK, &shown(&name, stored)),
        None => refuse(StatusCode::NOT_FOUND, "Secret not found"),
    }
}

async fn create(State(bare): State<Bare>, Path(app): Path<u64>, headers: HeaderMap, bytes: Bytes) -> Response {
    if !is_known(&headers) {
        return refuse(StatusCode::UNAUTHORIZED, "Invalid token");
    }
    let Ok(body) = serde_json::from_slice::<Body>(&bytes) else { return refuse(StatusCode::BAD_REQUEST, "Invalid body") };
    if !is_name(&body.name) || body.value.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "Invalid name or value");
    }
    let mut apps = bare.apps.lock().expect("no handler panics");
    let secrets = apps.entry(app).or_default();
    let (id, status) = match secrets.get(&body.name) {
        Some(stored) => (stored.id, StatusCode::OK),
        None => (secrets.len() as u64 + 1, StatusCode::CREATED),
    };
    let stored = Stored { id, value: body.value };
    let response = answer(status, &shown(&body.name, &stored));
    secrets.insert(body.name, stored);
    response
}
