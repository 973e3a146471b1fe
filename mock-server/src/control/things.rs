//! `things` and `sandboxes`: what there is, by name; never a value.

use serde_json::{Map, Value, json};
use specs::claims::TimeFormat;
use specs::contract::Resource;
use specs::wire::{Response, written};

use super::{Call, answer};
use crate::engine::Engine;
use crate::sandbox::hold;
use crate::store::{Store, Thing};

/// More things than this are counted and not shown.
const MOST_SHOWN: usize = 500;

/// The things of the sandbox: resource, scope, identity, name and times of each.
pub(super) fn things(call: &Call<'_>) -> Response {
    let apis: Map<String, Value> = call
        .known()
        .map(|(engine, state)| {
            let state = hold(&state);
            (engine.contract.name.clone(), json!({"count": state.store.count(), "things": shown(engine, &state.store)}))
        })
        .collect();
    answer::told(200, &json!({"apis": apis}))
}

fn shown(engine: &Engine, store: &Store) -> Vec<Value> {
    let mut things = Vec::new();
    for (resource, scope, table) in store.tables() {
        let place: Vec<Value> = scope.chain().map(|(resource, identity)| json!([resource, identity])).collect();
        let promises = engine.contract.resources.get(resource);
        let rest = MOST_SHOWN - things.len();
        things.extend(table.things().take(rest).map(|thing| {
            let moment = |millis: i64| written(millis, TimeFormat::Rfc3339(0));
            json!({"resource": resource, "in": place, "identity": &*thing.identity, "name": promises.and_then(|own| name(own, thing)),
                "created": moment(thing.created), "updated": moment(thing.updated)})
        }));
    }
    things
}

/// The key of a thing, unless that is what must not leak.
fn name<'t>(resource: &Resource, thing: &'t Thing) -> Option<&'t Value> {
    let key = resource.key().filter(|key| resource.secret().iter().all(|path| path.field() != *key))?;
    thing.fields.get(key)
}

/// The sandboxes of each API that are in use.
pub(super) fn sandboxes(call: &Call<'_>) -> Response {
    let apis: Map<String, Value> = call
        .engines
        .iter()
        .map(|engine| (engine.contract.name.clone(), json!({"title": engine.contract.title, "sandboxes": engine.sandboxes.names()})))
        .collect();
    answer::told(200, &json!({"apis": apis}))
}
