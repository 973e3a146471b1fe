//! A state as JSON, secrets included: that is what it is for. Its debug form shows none of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::transfer::ImportError;
use crate::sandbox::State;
use crate::store::{Scope, Thing, Version};

/// What an export calls itself.
const KIND: &str = "state";

/// The version of its form.
const VERSION: u32 = 1;

/// The state of one sandbox in several APIs.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Export {
    lockstep: String,
    version: u32,
    /// By API.
    pub(crate) apis: BTreeMap<String, Saved>,
}

impl Export {
    /// An export of these.
    pub(crate) fn new(apis: BTreeMap<String, Saved>) -> Self {
        Self { lockstep: KIND.to_owned(), version: VERSION, apis }
    }

    /// Reads an export; the error says what is wrong and where, and repeats no value.
    pub(crate) fn read(text: &[u8]) -> Result<Self, ImportError> {
        let export: Self = explain(&mut serde_json::Deserializer::from_slice(text)).map_err(ImportError::Wrong)?;
        if export.lockstep != KIND || export.version != VERSION {
            return Err(ImportError::Wrong(format!("`lockstep` must be \"{KIND}\" and `version` must be {VERSION}")));
        }
        Ok(export)
    }
}

/// Reads JSON to its end; the error says what is wrong and where, and repeats no value.
pub(super) fn explain<'d, T: Deserialize<'d>>(text: &mut serde_json::Deserializer<serde_json::de::SliceRead<'d>>) -> Result<T, String> {
    let read: Result<T, _> = serde_path_to_error::deserialize(&mut *text);
    let read = read.map_err(|error| format!("{}: {}", place(&error), without_values(error.inner())))?;
    text.end().map_err(|error| without_values(&error))?;
    Ok(read)
}

/// Where it is wrong. The name of a member that is not known is no place.
fn place(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    let unknown = error.inner().to_string().starts_with("unknown field");
    if unknown { path.rsplit_once('.').map_or(".", |(around, _)| around).to_owned() } else { path }
}

/// What serde says, without the value or the name that it says it of.
fn without_values(error: &serde_json::Error) -> String {
    let (text, place) = (error.to_string(), format!("line {}, column {}", error.line(), error.column()));
    let kinds = ["invalid type", "invalid value", "invalid length", "unknown field", "unknown variant", "duplicate field"];
    let Some(kind) = kinds.into_iter().find(|kind| text.starts_with(kind)) else {
        let harmless = ["missing field", "EOF", "expected", "trailing", "key must be", "lone leading", "control character"];
        let told = if harmless.iter().any(|start| text.starts_with(start)) { text } else { "it cannot be read".to_owned() };
        return if told.contains("line ") { told } else { format!("{told} at {place}") };
    };
    let expected = text.find(", expected ").map_or("", |at| &text[at..]);
    let expected = expected.split(" at line ").next().unwrap_or_default();
    format!("{kind}{expected} at {place}")
}

/// Everything that requests change in one sandbox of one API; or, where it tells of changes alone, those.
#[derive(Clone, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    pub(crate) clock: SavedClock,
    pub(crate) chance: SavedChance,
    /// How many things were created so far.
    pub(crate) created: u64,
    /// How many requests came so far.
    pub(crate) requests: u64,
    /// In the order of their creation.
    pub(crate) things: Vec<SavedThing>,
    /// Tokens that were issued.
    pub(crate) issued: Vec<SavedToken>,
    /// How often each caller has asked.
    pub(crate) limits: Vec<SavedLimit>,
    /// Answers that can be repeated, oldest first.
    pub(crate) replays: Vec<SavedReplay>,
}

/// How often a caller has asked: for each window when it began, in milliseconds since 1970, and how many requests came in it.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedLimit {
    /// What it is known by, a credential perhaps.
    pub(crate) caller: String,
    pub(crate) windows: Vec<(i64, u32)>,
}

/// A clock, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedClock {
    /// Since 1970.
    pub(crate) now: i64,
    /// By how much it was put forward.
    pub(crate) advanced: i64,
}

/// Where ids and choices go on.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedChance {
    pub(crate) seed: u64,
    /// How many words were drawn.
    pub(crate) position: u64,
    /// How many ids were issued.
    pub(crate) issued: u64,
}

/// A thing, its fields as stored.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedThing {
    pub(crate) resource: String,
    /// The things that enclose it, outermost first: resource and identity.
    #[serde(rename = "in")]
    pub(crate) scope: Vec<(String, String)>,
    pub(crate) identity: String,
    pub(crate) sequence: u64,
    pub(crate) fields: Map<String, Value>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    /// Oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) versions: Vec<Version>,
}

/// A token that was issued.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedToken {
    pub(crate) token: String,
    /// The world's token for which it stands.
    pub(crate) stands_for: String,
    pub(crate) expires: i64,
}

/// An answer that can be repeated. Bodies are base64.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedReplay {
    pub(crate) key: String,
    pub(crate) credential: String,
    pub(crate) path: String,
    pub(crate) body: String,
    /// When it was given, by how much the clock had been put forward.
    pub(crate) since: i64,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) answer: String,
}

impl SavedThing {
    pub(crate) fn of(resource: &str, scope: &Scope, thing: &Thing) -> Self {
        Self {
            resource: resource.to_owned(),
            scope: scope.chain().map(|(resource, identity)| (resource.to_owned(), identity.to_owned())).collect(),
            identity: thing.identity.to_string(),
            sequence: thing.sequence,
            fields: thing.fields.to_map(),
            created: thing.created,
            updated: thing.updated,
            versions: thing.versions.clone(),
        }
    }
}

/// The whole of a state.
pub(crate) fn save(state: &State) -> Saved {
    let mut saved = brief(state);
    let tables = state.store.tables();
    saved.things =
        tables.flat_map(|(resource, scope, table)| table.things().map(move |thing| SavedThing::of(resource, scope, thing))).collect();
    saved.things.sort_by_key(|thing| thing.sequence);
    saved.replays = state.replays.saved(usize::MAX);
    saved
}

/// What changed of a state: what is small as it is now, things and answers that are new or changed, and the numbers of those that are gone.
pub(super) fn save_changes(state: &mut State, replays: usize) -> (Saved, Vec<u64>) {
    let mut saved = brief(state);
    let (touched, gone) = state.store.take_touched();
    (saved.things, saved.replays) = (touched, state.replays.saved(replays));
    (saved, gone)
}

/// What is small. Everything in a state is named here, so that nothing new is forgotten.
fn brief(state: &State) -> Saved {
    let State { store, clock, chance, issued, replays: _, limiter, requests, journal: _, past: _, memory: _, gone: _, kept: _ } = state;
    let token = |(token, issued): (&String, &crate::access::Issued)| SavedToken {
        token: token.clone(),
        stands_for: issued.stands_for.clone(),
        expires: issued.expires,
    };
    let mut issued: Vec<SavedToken> = issued.iter().map(token).collect();
    issued.sort_by(|a, b| a.token.cmp(&b.token));
    Saved {
        clock: clock.saved(),
        chance: chance.saved(),
        created: store.created(),
        requests: *requests,
        things: Vec::new(),
        issued,
        limits: limiter.saved(),
        replays: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_values() {
        let whole = r#"{"lockstep":"state","version":1,"apis":{}}"#;
        assert!(Export::read(whole.as_bytes()).is_ok());
        for (text, place) in [
            (r#"{"lockstep":"state","version":"hush","apis":{}}"#, "version: invalid type, expected u32"),
            (r#"{"lockstep":"state","version":1,"apis":{"a":{"hush":1}}}"#, "apis.a"),
            (r#"{"lockstep":"state","version":2,"apis":{}}"#, "`version` must be 1"),
            (r#"{"lockstep":"state","version":1,"apis":{"hush""#, "EOF"),
            (r#"{"lockstep":"state","version":1,"apis":{}} hush"#, "trailing"),
            ("hush", "expected"),
        ] {
            let error = Export::read(text.as_bytes()).map(|_| ()).expect_err(text).to_string();
            assert!(error.contains(place) && !error.contains("hush"), "{error}");
        }
    }
}
