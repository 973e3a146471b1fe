//! A secrets server that nobody generated: plain handlers, written by hand from `fixtures/documents/vault.yaml`, right unless told otherwise.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};
use specs::contract::Contract;
use specs::{Profile, Spec};

/// What is wrong with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    Nothing,
    /// A read shows the value in a field that nobody documents.
    ShowsValueInRead,
    /// A list shows the last eight characters of each value in its note.
    ShowsTailInList,
    /// A refusal repeats the body that it refuses.
    EchoesBody,
    /// The value stands in a header, in base64.
    TellsInHeader,
    /// A deleted secret is hidden from lists alone.
    ReadsDeleted,
    /// Deleting asks nobody for credentials.
    DeletesForAnybody,
    /// A duplicate is told as one and replaces the note all the same.
    ReplacesOnConflict,
    /// A patch forgets the note that it does not name.
    PatchForgets,
    /// A body that is no object ends in a 500.
    FailsOnArray,
    /// Names are stored in lower case.
    FoldsNames,
    /// The last page of a list is left out.
    LosesLastPage,
    /// A list shows its first entry twice.
    RepeatsEntry,
    /// A list tells one entry more in all than there are.
    CountsOneMore,
    /// A read finds the secrets of every project.
    SharesProjects,
    /// A delete is answered as if it were done.
    KeepsDeleted,
    /// What is not there is deleted with a success.
    DeletesNothing,
    /// A patch is answered as if it were done.
    IgnoresPatch,
    /// A duplicate replaces what is there, as a success.
    TakesDuplicate,
    /// An empty value is taken.
    TakesEmptyValue,
    /// A new secret is answered with a 200, which nobody documents.
    MakesWith200,
    /// JSON is called plain text.
    CallsItText,
    /// One list breaks off the connection, after some secrets were made.
    BreaksOff,
    /// The value stands in a member's name and in the media type, the caller's key in the note.
    TellsInNames,
    /// The time of creation is written as a number.
    TimeAsNumber,
    /// A secret with a note is made, and the answer is a failure.
    MakesAndFails,
    /// Not a defect: every third request is asked to come again.
    Busy,
    /// Not a defect: it remembers neither what it was sent nor what was deleted, however long it runs.
    Forgets,
    /// Not a defect: the same, and every answer takes [`TIME`], however many are asked for at once.
    TakesItsTime,
}

impl Defect {
    fn forgets(self) -> bool {
        matches!(self, Self::Forgets | Self::TakesItsTime)
    }
}

/// How long an answer takes of a server that takes its time: as one that is some hundred kilometres away.
const TIME: Duration = Duration::from_millis(5);

#[derive(Clone)]
struct Vault {
    defect: Defect,
    /// By project, then by name: what is shown, and the value beside it.
    projects: Arc<Mutex<BTreeMap<String, BTreeMap<String, Stored>>>>,
    seen: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Stored {
    note: Option<String>,
    value: String,
    deleted: bool,
}

/// A running server.
pub(crate) struct Running {
    pub(crate) url: String,
    vault: Vault,
}

impl Running {
    /// Every value that was ever sent to it.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.vault.seen.lock().expect("no handler panics").clone()
    }

    /// The names of the secrets that are there.
    pub(crate) fn names(&self) -> Vec<String> {
        let projects = self.vault.projects.lock().expect("no handler panics");
        let there = projects.values().flatten().filter(|(_, stored)| !stored.deleted);
        there.map(|(name, _)| name.clone()).collect()
    }
}

pub(crate) fn contract() -> Contract {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents/vault.yaml");
    Spec::File { path, overlay: None }.contract(Profile::Documented).unwrap_or_else(|error| panic!("{error}"))
}

/// The key that it accepts.
pub(crate) const KEY: &str = "Right-key-4711-Xy";

pub(crate) fn credentials() -> Vec<(String, String)> {
    vec![("x-api-key".to_owned(), KEY.to_owned())]
}

pub(crate) fn parameters() -> BTreeMap<String, Vec<String>> {
    BTreeMap::from([("projectId".to_owned(), vec!["p1".to_owned(), "p2".to_owned()])])
}

/// Starts the server, on a free port of the loopback interface, until the test ends.
pub(crate) async fn start(defect: Defect) -> Running {
    let projects = ["p1", "p2"].map(|name| (name.to_owned(), BTreeMap::new()));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let vault = Vault { defect, projects: Arc::new(Mutex::new(projects.into())), seen };
    let kept = vault.clone();
    let routes = Router::new()
        .route("/api/projects/{project}/secrets", get(list).post(create))
        .route("/api/projects/{project}/secrets/{name}", get(read).patch(update).delete(remove))
        .fallback(|| async { refuse(404, "not found", None) })
        .layer(middleware::from_fn_with_state((defect, Arc::new(AtomicUsize::new(0))), authenticate))
        .with_state(vault);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
    let url = format!("http://{}/api", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Running { url, vault: kept }
}

async fn authenticate(State((defect, requests)): State<(Defect, Arc<AtomicUsize>)>, request: Request, next: Next) -> Response {
    if defect == Defect::Busy && requests.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")]).into_response();
    }
    if defect == Defect::TakesItsTime {
        tokio::time::sleep(TIME).await;
    }
    let known = request.headers().get("x-api-key").is_some_and(|key| key == KEY);
    let spared = defect == Defect::DeletesForAnybody && request.method() == "DELETE";
    if known || spared {
        return next.run(request).await;
    }
    let mut response = refuse(401, "who are you?", None);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, "ApiKey".parse().expect("a header value"));
    response
}

fn refuse(status: u16, message: &str, echo: Option<&[u8]>) -> Response {
    let echo = echo.map(|bytes| format!(": {}", String::from_utf8_lossy(bytes))).unwrap_or_default();
    answer(status, &json!({"code": status.to_string(), "message": format!("{message}{echo}")}))
}

fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

impl Vault {
    fn shown(&self, name: &str, stored: &Stored) -> Value {
        let mut shown = json!({"name": name, "created_at": "2026-01-01T00:00:00Z"});
        if let Some(note) = &stored.note {
            shown["note"] = note.as_str().into();
        }
        if self.defect == Defect::TimeAsNumber {
            shown["created_at"] = 1_767_225_600.into();
        }
        shown
    }

    /// The members of a body, if it is one that the document allows.
    fn body(&self, headers: &HeaderMap, bytes: &[u8], required: &[&str]) -> Result<Map<String, Value>, Box<Response>> {
        let echo = (self.defect == Defect::EchoesBody).then_some(bytes);
        let json = headers.get(header::CONTENT_TYPE).is_some_and(|media| media.as_bytes().starts_with(b"application/json"));
        if !json && !bytes.is_empty() {
            return Err(Box::new(refuse(415, "JSON, please", None)));
        }
        let invalid = |message: &str| Box::new(refuse(400, message, echo));
        let body = match serde_json::from_slice(bytes) {
            Ok(Value::Object(body)) => body,
            Ok(_) if self.defect == Defect::FailsOnArray => return Err(Box::new(refuse(500, "oops", None))),
            _ => return Err(invalid("an object, please")),
        };
        let text = |name: &str| body.get(name).map(|value| value.as_str().map(|text| text.chars().count()));
        let fits = |name: &str, longest: usize| text(name).is_none_or(|length| length.is_some_and(|length| length <= longest));
        let named = body.get("name").and_then(Value::as_str).is_none_or(|name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        });
        if let Some(Value::String(value)) = body.get("value").filter(|_| !self.defect.forgets()) {
            self.seen.lock().expect("no handler panics").push(value.clone());
        }
        let empty = text("value") == Some(Some(0)) && self.defect != Defect::TakesEmptyValue;
        let valid = named && fits("name", 64) && fits("note", 40) && fits("value", usize::MAX) && !empty;
        if !valid || required.iter().any(|name| !body.contains_key(*name)) {
            return Err(invalid("invalid"));
        }
        Ok(body)
    }

    /// Where a name is looked for: in its own project, or in whichever has it.
    fn place(&self, project: String, name: &str) -> String {
        let projects = self.projects.lock().expect("no handler panics");
        let there = |secrets: &BTreeMap<String, Stored>| secrets.get(name).is_some_and(|stored| !stored.deleted);
        let other = projects.iter().find(|(_, secrets)| self.defect == Defect::SharesProjects && there(secrets));
        if projects.get(&project).is_some_and(there) { project } else { other.map_or(project, |(other, _)| other.clone()) }
    }

    fn with<T>(&self, project: &str, act: impl FnOnce(&mut BTreeMap<String, Stored>) -> T) -> Option<T> {
        self.projects.lock().expect("no handler panics").get_mut(project).map(act)
    }
}

fn missing() -> Response {
    refuse(404, "no such thing", None)
}

async fn list(State(vault): State<Vault>, Path(project): Path<String>, RawQuery(query): RawQuery) -> Response {
    let given = |name: &str| {
        query.as_deref().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
    };
    let number = |name: &str, usual: usize, range: std::ops::RangeInclusive<usize>| match given(name) {
        None => Some(usual),
        Some(text) => text.parse().ok().filter(|number| range.contains(number)),
    };
    let (Some(limit), Some(offset)) = (number("limit", 100, 1..=100), number("offset", 0, 0..=usize::MAX)) else {
        return refuse(400, "invalid page", None);
    };
    let enough = vault.defect == Defect::BreaksOff && vault.seen.lock().expect("no handler panics").len() > 20;
    assert!(!enough, "this connection is broken off on purpose");
    let listed = vault.with(&project, |secrets| {
        let mut items: Vec<Value> = secrets
            .iter()
            .filter(|(_, stored)| !stored.deleted)
            .map(|(name, stored)| {
                let mut shown = vault.shown(name, stored);
                if vault.defect == Defect::ShowsTailInList {
                    shown["note"] = stored.value.chars().skip(stored.value.chars().count().saturating_sub(8)).collect::<String>().into();
                }
                shown
            })
            .collect();
        match (vault.defect, items.first().cloned()) {
            (Defect::LosesLastPage, Some(_)) => drop(items.pop()),
            (Defect::RepeatsEntry, Some(first)) => items.insert(0, first),
            _ => {}
        }
        let total = items.len() + usize::from(vault.defect == Defect::CountsOneMore);
        let page: Vec<Value> = items.into_iter().skip(offset).take(limit).collect();
        json!({"items": page, "total": total})
    });
    listed.map_or_else(missing, |listed| answer(200, &listed))
}

async fn create(State(vault): State<Vault>, Path(project): Path<String>, headers: HeaderMap, bytes: Bytes) -> Response {
    let body = match vault.body(&headers, &bytes, &["name", "value"]) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let (name, value) = (text("name").unwrap_or_default(), text("value").unwrap_or_default());
    let name = if vault.defect == Defect::FoldsNames { name.to_lowercase() } else { name };
    let created = vault.with(&project, |secrets| {
        if let Some(own) = secrets.get_mut(&name).filter(|own| !own.deleted) {
            if vault.defect == Defect::ReplacesOnConflict {
                own.note = Some("replaced".to_owned());
            }
            if vault.defect != Defect::TakesDuplicate {
                return refuse(409, "taken", None);
            }
        }
        let stored = Stored { note: text("note"), value: value.clone(), deleted: false };
        let status = if vault.defect == Defect::MakesWith200 { 200 } else { 201 };
        let mut response = answer(status, &vault.shown(&name, &stored));
        if vault.defect == Defect::TellsInHeader {
            use base64::Engine as _;
            let told = base64::prelude::BASE64_STANDARD.encode(format!("value={value}"));
            response.headers_mut().insert("x-trace", told.parse().expect("base64 is plain"));
        }
        if vault.defect == Defect::TellsInNames {
            let mut shown = vault.shown(&name, &stored);
            shown[&value] = 1.into();
            shown["note"] = KEY.into();
            response = answer(201, &shown);
            let told = format!("application/{value}+json").parse();
            told.into_iter().for_each(|told| drop(response.headers_mut().insert(header::CONTENT_TYPE, told)));
        }
        let fails = vault.defect == Defect::MakesAndFails && stored.note.is_some();
        secrets.insert(name, stored);
        if fails { refuse(500, "out of order", None) } else { response }
    });
    created.unwrap_or_else(missing)
}

async fn read(State(vault): State<Vault>, Path((project, name)): Path<(String, String)>) -> Response {
    let project = vault.place(project, &name);
    let found = vault.with(&project, |secrets| {
        let stored = secrets.get(&name).filter(|stored| !stored.deleted || vault.defect == Defect::ReadsDeleted)?;
        let mut shown = vault.shown(&name, stored);
        if vault.defect == Defect::ShowsValueInRead {
            shown["debug"] = stored.value.as_str().into();
        }
        Some(shown)
    });
    let mut response = found.flatten().map_or_else(missing, |shown| answer(200, &shown));
    if vault.defect == Defect::CallsItText {
        response.headers_mut().insert(header::CONTENT_TYPE, "text/plain".parse().expect("a header value"));
    }
    response
}

async fn update(State(vault): State<Vault>, Path((project, name)): Path<(String, String)>, headers: HeaderMap, bytes: Bytes) -> Response {
    let body = match vault.body(&headers, &bytes, &[]) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let updated = vault.with(&project, |secrets| {
        let stored = secrets.get_mut(&name).filter(|stored| !stored.deleted)?;
        if vault.defect == Defect::IgnoresPatch {
            return Some(vault.shown(&name, stored));
        }
        if text("note").is_some() || vault.defect == Defect::PatchForgets {
            stored.note = text("note").filter(|_| vault.defect != Defect::PatchForgets);
        }
        stored.value = text("value").unwrap_or_else(|| stored.value.clone());
        Some(vault.shown(&name, stored))
    });
    updated.flatten().map_or_else(missing, |shown| answer(200, &shown))
}

async fn remove(State(vault): State<Vault>, Path((project, name)): Path<(String, String)>) -> Response {
    let removed = vault.with(&project, |secrets| {
        let stored = secrets.get_mut(&name).filter(|stored| !stored.deleted)?;
        stored.deleted = vault.defect != Defect::KeepsDeleted;
        if vault.defect.forgets() {
            secrets.remove(&name);
        }
        Some(StatusCode::NO_CONTENT.into_response())
    });
    let missing = || if vault.defect == Defect::DeletesNothing { StatusCode::NO_CONTENT.into_response() } else { missing() };
    removed.flatten().unwrap_or_else(missing)
}
