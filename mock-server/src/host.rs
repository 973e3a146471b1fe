//! The host: which API, which sandbox and which control a request is for.

use std::sync::Arc;

use http::{Method, StatusCode, header};
use specs::wire::{Request, Response};

use crate::engine::Engine;

/// The largest body, in bytes, of a request that is for no API: it is read and does not matter.
const CONTROL_BODY: usize = 65_536;

/// The APIs of one server.
#[derive(Debug)]
pub(crate) struct Host {
    engines: Vec<Arc<Engine>>,
}

/// Where a path leads.
struct Place<'p> {
    sandbox: &'p str,
    engine: Option<&'p Arc<Engine>>,
    path: String,
}

impl Host {
    pub(crate) fn new(engines: Vec<Engine>) -> Self {
        Self { engines: engines.into_iter().map(Arc::new).collect() }
    }

    pub(crate) fn engines(&self) -> &[Arc<Engine>] {
        &self.engines
    }

    /// One API is served at the root; several are served each below its name. `/~NAME/` in front of either is a sandbox.
    fn place<'p>(&'p self, path: &'p str) -> Place<'p> {
        let (sandbox, rest) = match path.strip_prefix("/~").map(|rest| rest.split_once('/').unwrap_or((rest, ""))) {
            Some((sandbox, rest)) => (sandbox, format!("/{rest}")),
            None => ("", path.to_owned()),
        };
        if let [only] = self.engines.as_slice() {
            return Place { sandbox, engine: Some(only), path: rest };
        }
        let named = rest.strip_prefix('/').unwrap_or(&rest);
        let (first, below) = named.split_once('/').unwrap_or((named, ""));
        let engine = self.engines.iter().find(|engine| engine.contract.name == first);
        let path = if engine.is_some() { format!("/{below}") } else { rest };
        Place { sandbox, engine, path }
    }

    /// The largest body that a request may have, in bytes.
    pub(crate) fn largest_body(&self, path: &str) -> usize {
        self.place(path).engine.map_or(CONTROL_BODY, |engine| engine.largest_body())
    }

    /// Answers a request; `now` is the present moment in seconds since 1970.
    pub(crate) fn answer(&self, mut request: Request, now: i64) -> Response {
        let original = request.path.clone();
        let place = self.place(&original);
        if let Some(control) = place.path.strip_prefix("/_lockstep/").or_else(|| (place.path == "/_lockstep").then_some("")) {
            return self.control(&request.method, control, place.sandbox, place.engine);
        }
        request.path = place.path;
        match place.engine {
            Some(engine) => engine.answer(place.sandbox, &request, now),
            None => plain(404, &format!("no API is served here; try one of: {}\n", self.names().join(", "))),
        }
    }

    /// Refuses a request whose body is too large to be read.
    pub(crate) fn refuse_too_large(&self, mut request: Request) -> Response {
        let original = request.path.clone();
        let place = self.place(&original);
        request.path = place.path;
        place.engine.map_or_else(|| plain(413, "the body is too large\n"), |engine| engine.refuse_too_large(place.sandbox, &request))
    }

    fn names(&self) -> Vec<String> {
        self.engines.iter().map(|engine| format!("/{}/", engine.contract.name)).collect()
    }

    fn control(&self, method: &Method, name: &str, sandbox: &str, engine: Option<&Arc<Engine>>) -> Response {
        match (name, method.as_str()) {
            ("health", "GET" | "HEAD") => {
                let specs: Vec<&str> = self.engines.iter().map(|engine| engine.contract.name.as_str()).collect();
                json(200, &serde_json::json!({"status": "ok", "specs": specs}))
            }
            ("reset", "POST") => {
                let all = self.engines.iter().filter(|own| engine.is_none_or(|one| Arc::ptr_eq(own, one)));
                all.for_each(|engine| engine.reset(sandbox));
                Response::new(204)
            }
            ("health", _) => not_allowed("GET, HEAD"),
            ("reset", _) => not_allowed("POST"),
            _ => plain(404, "no such control; try GET /_lockstep/health or POST /_lockstep/reset\n"),
        }
    }
}

fn plain(status: u16, text: &str) -> Response {
    body(status, "text/plain; charset=utf-8", text.to_owned())
}

fn json(status: u16, value: &serde_json::Value) -> Response {
    body(status, "application/json", value.to_string())
}

fn body(status: u16, media_type: &'static str, text: String) -> Response {
    let mut response = Response::new(status);
    response.headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static(media_type));
    response.body = text.into();
    response
}

fn not_allowed(methods: &'static str) -> Response {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED.as_u16(), "the method is not allowed here\n");
    response.headers.insert(header::ALLOW, http::HeaderValue::from_static(methods));
    response
}
