//! A server of `fixtures/documents/vault.yaml` that is right for one client at a time, and for several unless told otherwise.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::sync::Notify;

/// How the server copes with several clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// One after another.
    Right,
    /// Whoever comes while another one writes the same secret is refused with a 409.
    Locks,
    /// Every third request is told to come again.
    Busy,
    /// Every fourth write is carried out and answered with a 503.
    Loses,
    /// A create looks whether the name is free, and makes the secret later.
    ChecksThenActs,
    /// Who finds a name taken is told that the request is invalid.
    Miscalls,
    /// An update reads the secret, and writes all of it back later.
    WritesBack,
    /// A read puts what it has read into a cache, later; a write empties the cache.
    CachesLate,
    /// An update is answered before it is carried out.
    AnswersEarly,
}

#[derive(Clone, Debug)]
struct Secret {
    note: Option<String>,
}

#[derive(Clone)]
struct Arena {
    habit: Habit,
    secrets: Arc<Mutex<BTreeMap<String, Secret>>>,
    cache: Arc<Mutex<BTreeMap<String, Secret>>>,
    writers: Arc<Mutex<BTreeMap<String, usize>>>,
    requests: Arc<AtomicUsize>,
    /// Somebody else has come as far, or has written.
    moved: Arc<Notify>,
    /// Everything that was asked for: method, path, body and headers.
    heard: Arc<Mutex<Vec<String>>>,
    /// How many requests are here, and the most that ever were at once.
    here: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

/// A running server.
pub(crate) struct Running {
    pub(crate) url: String,
    arena: Arena,
}

impl Running {
    /// The names of the secrets that are there.
    pub(crate) fn names(&self) -> Vec<String> {
        locked(&self.arena.secrets).keys().cloned().collect()
    }

    /// How many requests it had before it at once, at most.
    pub(crate) fn most(&self) -> usize {
        self.arena.most.load(Ordering::SeqCst)
    }

    /// Everything that it was asked, in the order in which it came.
    pub(crate) fn heard(&self) -> Vec<String> {
        locked(&self.arena.heard).clone()
    }
}

/// Starts the server, on a free port of the loopback interface, until the test ends.
pub(crate) async fn start(habit: Habit) -> Running {
    let arena = Arena {
        habit,
        secrets: Arc::default(),
        cache: Arc::default(),
        writers: Arc::default(),
        requests: Arc::default(),
        moved: Arc::default(),
        heard: Arc::default(),
        here: Arc::default(),
        most: Arc::default(),
    };
    let kept = arena.clone();
    let routes = Router::new()
        .route("/api/projects/{project}/secrets", get(list).post(create))
        .route("/api/projects/{project}/secrets/{name}", get(read).patch(update).delete(remove))
        .layer(middleware::from_fn_with_state(arena.clone(), admit))
        .with_state(arena);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
    let url = format!("http://{}/api", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Running { url, arena: kept }
}

async fn admit(State(arena): State<Arena>, request: Request, next: Next) -> Response {
    arena.most.fetch_max(arena.here.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    // Whoever else is on its way comes in meanwhile.
    tokio::task::yield_now().await;
    let response = answered(&arena, request, next).await;
    arena.here.fetch_sub(1, Ordering::SeqCst);
    response
}

async fn answered(arena: &Arena, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a small body");
    let headers = parts.headers.iter().filter(|(name, _)| *name != header::HOST);
    let mut headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort();
    locked(&arena.heard).push(format!("{} {} {}\n{}", parts.method, parts.uri, String::from_utf8_lossy(&bytes), headers.join("\n")));
    if parts.headers.get("x-api-key").is_none_or(|key| key != crate::KEY) {
        return refuse(401, "who are you?");
    }
    let number = arena.requests.fetch_add(1, Ordering::SeqCst);
    if arena.habit == Habit::Busy && number % 3 == 2 {
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")]).into_response();
    }
    let writes = !parts.method.is_safe();
    let response = next.run(Request::from_parts(parts, bytes.into())).await;
    if arena.habit == Habit::Loses && writes && number % 4 == 3 {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "0")]).into_response();
    }
    response
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refuse(status: u16, message: &str) -> Response {
    answer(status, &json!({"code": status.to_string(), "message": message}))
}

fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn shown(name: &str, secret: &Secret) -> Value {
    let mut shown = json!({"name": name, "created_at": "2026-01-01T00:00:00Z"});
    if let Some(note) = &secret.note {
        shown["note"] = note.as_str().into();
    }
    shown
}

impl Arena {
    /// Waits until somebody else has moved on; a lone client waits a moment in vain.
    async fn linger(&self, habit: Habit) {
        if self.habit == habit {
            let mut moved = std::pin::pin!(self.moved.notified());
            moved.as_mut().enable();
            // Whether somebody came or not: what follows is the same.
            let _ = tokio::time::timeout(Duration::from_millis(15), moved).await;
        }
    }

    /// Lets the writers of one secret in one by one; none if another one is there already and nobody waits here.
    fn enter(&self, name: &str) -> Option<Turn<'_>> {
        let mut writers = locked(&self.writers);
        let inside = writers.entry(name.to_owned()).or_default();
        if self.habit == Habit::Locks && *inside > 0 {
            return None;
        }
        *inside += 1;
        Some(Turn { arena: self, name: name.to_owned() })
    }

    fn written(&self, name: &str) {
        locked(&self.cache).remove(name);
        self.moved.notify_waiters();
    }
}

/// A writer's turn.
struct Turn<'a> {
    arena: &'a Arena,
    name: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(inside) = locked(&self.arena.writers).get_mut(&self.name) {
            *inside -= 1;
        }
    }
}

async fn list(State(arena): State<Arena>) -> Response {
    let items: Vec<Value> = locked(&arena.secrets).iter().map(|(name, secret)| shown(name, secret)).collect();
    answer(200, &json!({"total": items.len(), "items": items}))
}

async fn create(State(arena): State<Arena>, bytes: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let (Some(name), Some(_)) = (text("name"), text("value")) else { return refuse(400, "invalid") };
    let Some(_turn) = arena.enter(&name) else { return refuse(409, "somebody else is writing") };
    tokio::task::yield_now().await;
    let early = arena.habit == Habit::ChecksThenActs;
    if early && locked(&arena.secrets).contains_key(&name) {
        return refuse(409, "taken");
    }
    arena.moved.notify_waiters();
    arena.linger(Habit::ChecksThenActs).await;
    let secret = Secret { note: text("note") };
    {
        let mut secrets = locked(&arena.secrets);
        if !early && secrets.contains_key(&name) {
            return refuse(if arena.habit == Habit::Miscalls { 400 } else { 409 }, "taken");
        }
        secrets.insert(name.clone(), secret.clone());
    }
    arena.written(&name);
    answer(201, &shown(&name, &secret))
}

async fn read(State(arena): State<Arena>, Path((_, name)): Path<(String, String)>) -> Response {
    let caches = arena.habit == Habit::CachesLate;
    if let Some(secret) = locked(&arena.cache).get(&name).filter(|_| caches) {
        return answer(200, &shown(&name, secret));
    }
    let found = locked(&arena.secrets).get(&name).cloned();
    let Some(secret) = found else { return refuse(404, "no such secret") };
    if caches {
        arena.linger(Habit::CachesLate).await;
        locked(&arena.cache).insert(name.clone(), secret.clone());
    }
    answer(200, &shown(&name, &secret))
}

async fn update(State(arena): State<Arena>, Path((_, name)): Path<(String, String)>, bytes: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let Some(_turn) = arena.enter(&name) else { return refuse(409, "somebody else is writing") };
    let apply = move |secret: &mut Secret| {
        if let Some(note) = body["note"].as_str() {
            secret.note = Some(note.to_owned());
        }
    };
    tokio::task::yield_now().await;
    let Some(mut before) = locked(&arena.secrets).get(&name).cloned() else { return refuse(404, "no such secret") };
    match arena.habit {
        Habit::WritesBack => {
            arena.moved.notify_waiters();
            arena.linger(Habit::WritesBack).await;
            apply(&mut before);
            locked(&arena.secrets).insert(name.clone(), before.clone());
            arena.written(&name);
            answer(200, &shown(&name, &before))
        }
        Habit::AnswersEarly => {
            apply(&mut before);
            let (later, of) = (arena.clone(), name.clone());
            tokio::spawn(async move {
                later.linger(Habit::AnswersEarly).await;
                locked(&later.secrets).entry(of).and_modify(apply);
            });
            answer(200, &shown(&name, &before))
        }
        _ => {
            let mut secrets = locked(&arena.secrets);
            let Some(secret) = secrets.get_mut(&name) else { return refuse(404, "no such secret") };
            apply(secret);
            let now = shown(&name, secret);
            drop(secrets);
            arena.written(&name);
            answer(200, &now)
        }
    }
}

async fn remove(State(arena): State<Arena>, Path((_, name)): Path<(String, String)>) -> Response {
    let Some(_turn) = arena.enter(&name) else { return refuse(409, "somebody else is writing") };
    tokio::task::yield_now().await;
    let removed = locked(&arena.secrets).remove(&name);
    arena.written(&name);
    if removed.is_some() { StatusCode::NO_CONTENT.into_response() } else { refuse(404, "no such secret") }
}
