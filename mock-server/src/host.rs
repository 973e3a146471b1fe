//! The host: which API, which sandbox and which control a request is for.

use std::sync::Arc;

use http::header;
use specs::wire::{Request, Response};

use crate::control::{self, Call, ControlToken};
use crate::delivery::Reply;
use crate::engine::Engine;
use crate::store::Store;

/// The largest body, in bytes, of a request that is for no API: a whole state may come in one.
const CONTROL_BODY: usize = 64 * 1024 * 1024;

/// The APIs of one server.
#[derive(Debug)]
pub(crate) struct Host {
    engines: Vec<Arc<Engine>>,
    /// How its addresses begin: `http`, or `https`.
    scheme: &'static str,
    /// What the control plane asks for.
    control_token: Option<ControlToken>,
}

/// Where a path leads.
struct Place<'p> {
    sandbox: &'p str,
    engine: Option<&'p Arc<Engine>>,
    path: &'p str,
}

impl Host {
    pub(crate) fn new(engines: Vec<Engine>, scheme: &'static str, control_token: Option<ControlToken>) -> Self {
        Self { engines: engines.into_iter().map(Arc::new).collect(), scheme, control_token }
    }

    pub(crate) fn engines(&self) -> &[Arc<Engine>] {
        &self.engines
    }

    /// One API is served at the root; several are served each below its name. `/~NAME/` in front of either is a sandbox.
    fn place<'p>(&'p self, path: &'p str) -> Place<'p> {
        let (sandbox, rest) = match path.strip_prefix("/~").map(|rest| rest.split_once('/').unwrap_or((rest, ""))) {
            Some((sandbox, rest)) => (sandbox, with_slash(path, rest)),
            None => ("", path),
        };
        if let [only] = self.engines.as_slice() {
            return Place { sandbox, engine: Some(only), path: rest };
        }
        let named = rest.strip_prefix('/').unwrap_or(rest);
        let (first, below) = named.split_once('/').unwrap_or((named, ""));
        let engine = self.engines.iter().find(|engine| engine.contract.name == first);
        let path = if engine.is_some() { with_slash(path, below) } else { rest };
        Place { sandbox, engine, path }
    }

    /// The largest body that a request may have, in bytes.
    pub(crate) fn largest_body(&self, path: &str) -> usize {
        let place = self.place(path);
        match place.engine.filter(|_| control::named(place.path).is_none()) {
            Some(engine) => engine.largest_body(),
            None => CONTROL_BODY,
        }
    }

    /// What a racing server sees before it acts; none where nothing races.
    pub(crate) async fn glimpse(&self, request: &Request) -> Option<Store> {
        let place = self.place(&request.path);
        let races = |engine: &&Arc<Engine>| control::named(place.path).is_none() && engine.lets_race(place.sandbox);
        let engine = place.engine.filter(races)?;
        engine.glimpse(place.sandbox, &Request { path: place.path.to_owned(), ..request.clone() }).await
    }

    /// Answers a request; `near` says that it comes from this machine, `now` is the present moment in milliseconds since 1970, and `glimpse`
    /// what was seen before.
    pub(crate) fn answer(&self, mut request: Request, near: bool, now: i64, glimpse: Option<&Store>) -> Reply {
        let original = std::mem::take(&mut request.path);
        let place = self.place(&original);
        if let Some(name) = control::named(place.path) {
            request.path.clone_from(&original);
            return self.control(name, &request, near, &place).into();
        }
        place.path.clone_into(&mut request.path);
        match place.engine {
            Some(engine) => {
                let reply = below(&original, &request.path, engine.answer(place.sandbox, &request, now, glimpse));
                linked(self.scheme, &original, &request, reply)
            }
            None => plain(404, &format!("no API is served here; try one of: {}\n", self.names().join(", "))).into(),
        }
    }

    /// Refuses a request whose body is too large to be read.
    pub(crate) fn refuse_too_large(&self, mut request: Request, now: i64) -> Reply {
        let original = request.path.clone();
        let place = self.place(&original);
        if control::named(place.path).is_some() {
            return control::refuse_too_large().into();
        }
        place.path.clone_into(&mut request.path);
        match place.engine {
            Some(engine) => engine.refuse_too_large(place.sandbox, &request, now),
            None => plain(413, "the body is too large\n").into(),
        }
    }

    fn names(&self) -> Vec<String> {
        self.engines.iter().map(|engine| format!("/{}/", engine.contract.name)).collect()
    }

    fn control(&self, name: &str, request: &Request, near: bool, place: &Place<'_>) -> Response {
        let named = self.engines.iter().filter(|own| place.engine.is_none_or(|one| Arc::ptr_eq(own, one)));
        let token = self.control_token.as_ref();
        control::answer(name, &Call { request, near, token, sandbox: place.sandbox, engines: named.collect() })
    }
}

/// What is left of a path, with the slash that stands before it; what is left is its end.
fn with_slash<'p>(path: &'p str, rest: &str) -> &'p str {
    let slash = path.len().checked_sub(rest.len() + 1).and_then(|at| path.get(at..));
    slash.filter(|rest| rest.starts_with('/')).unwrap_or("/")
}

/// A redirect leads where the client can follow: below the sandbox and the API that stand in front of the path.
fn below(original: &str, path: &str, mut reply: Reply) -> Reply {
    if !reply.response.headers.contains_key(header::LOCATION) {
        return reply;
    }
    let prefix = original.strip_suffix(path).unwrap_or_default();
    let location =
        reply.response.header("location").filter(|location| location.starts_with('/')).map(|location| format!("{prefix}{location}"));
    if let Some(location) = location.and_then(|location| http::HeaderValue::from_str(&location).ok()) {
        reply.response.headers.insert(header::LOCATION, location);
    }
    reply
}

/// Links lead to where the client found the mock, below the sandbox and the API: clients follow them as they are.
fn linked(scheme: &str, original: &str, request: &Request, mut reply: Reply) -> Reply {
    if !reply.response.headers.contains_key(header::LINK) {
        return reply;
    }
    let prefix = original.strip_suffix(request.path.as_str()).unwrap_or_default();
    let origin = request.header("host").map(|host| format!("{scheme}://{host}")).unwrap_or_default();
    let links = reply.response.header("link").map(|links| links.replace("</", &format!("<{origin}{prefix}/")));
    if let Some(links) = links.and_then(|links| http::HeaderValue::from_str(&links).ok()) {
        reply.response.headers.insert(header::LINK, links);
    }
    reply
}

pub(crate) fn plain(status: u16, text: &str) -> Response {
    let mut response = Response::new(status);
    response.headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("text/plain; charset=utf-8"));
    response.body = text.to_owned().into();
    response
}
