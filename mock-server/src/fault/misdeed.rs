//! Faults at work inside the behaviours: what is overlooked, excused, stored wrongly or told of the wrong part of a list.

use std::sync::Arc;

use http::Method;
use serde_json::Value;
use specs::claims::{Situation, Verb};
use specs::contract::{Endpoint, Resource};
use specs::wire::{Fields, PageFacts, Rejection, Request};

use super::{Fault, Faults};
use crate::sandbox::State;
use crate::store::{By, Scope, Thing};
use crate::world::text;

/// So many characters of a name are stored where names are cut.
const CUT: usize = 10;

impl Faults {
    /// Whether a broken keyword of the schema goes unnoticed.
    pub(crate) fn overlooks(&self, keyword: &str) -> bool {
        match keyword {
            "required" => self.has(Fault::IgnoreRequired),
            "pattern" | "propertyNames" | "format" => self.has(Fault::IgnorePatterns),
            "type" | "enum" | "const" | "additionalProperties" => self.has(Fault::IgnoreTypes),
            "minLength" | "maxLength" | "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" | "minItems"
            | "maxItems" | "uniqueItems" => self.has(Fault::IgnoreBounds),
            _ => false,
        }
    }

    /// Whether a caller whose credentials are refused for this reason is taken for the owner.
    pub(crate) fn excuse(&self, refusal: Situation, endpoint: &Endpoint) -> bool {
        let spared = self.has(Fault::SkipAuthentication) || self.has(Fault::SkipAuthenticationOnDelete) && endpoint.verb == Verb::Delete;
        match refusal {
            Situation::MissingCredentials => spared,
            Situation::ExpiredCredentials if self.has(Fault::AcceptExpired) => true,
            _ => spared || self.has(Fault::AcceptAnyToken),
        }
    }

    /// The same request with the last word of its credentials as a bearer token, where any scheme will do.
    pub(crate) fn rewritten(&self, request: &Request) -> Option<Request> {
        let token = request.header("authorization").filter(|_| self.has(Fault::AcceptAnyScheme))?.rsplit(' ').next()?;
        let value = http::HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        let mut rewritten = request.clone();
        rewritten.headers.insert(http::header::AUTHORIZATION, value);
        Some(rewritten)
    }

    /// The first method of a request's path, which its own is taken for where any method will do.
    pub(crate) fn pardoned(&self, request: &Request, refusal: &Rejection) -> Option<Method> {
        if !self.has(Fault::AcceptAnyMethod) || request.method == Method::OPTIONS {
            return None;
        }
        refusal.values.get("allow")?.as_str()?.split(", ").next()?.parse().ok()
    }

    /// Whether deleted things are remembered.
    pub(crate) fn remember_deleted(&self) -> bool {
        [Fault::ReserveNames, Fault::ReviveFields, Fault::Resurrect, Fault::LeakDeleted].iter().any(|fault| self.has(*fault))
    }

    /// Whether a request makes a server fail that cannot read what it is written in.
    pub(crate) fn chokes_on(&self, request: &Request) -> bool {
        self.has(Fault::FailOnUnicode) && !request.body.is_ascii()
    }
}

/// The name that is stored, in place of the one that is stated.
pub(crate) fn alter_names(faults: &Faults, resource: &Resource, fields: &mut Fields) {
    let Some(Value::String(name)) = resource.key().and_then(|key| fields.get_mut(key)) else { return };
    if faults.has(Fault::FoldNames) {
        *name = name.to_lowercase();
    }
    if faults.has(Fault::CutNames) {
        *name = name.chars().take(CUT).collect();
    }
}

/// Whether a name counts as taken although nothing has it any more.
pub(crate) fn taken(faults: &Faults, state: &State, resource: &Resource, scope: &Scope, fields: &Fields) -> bool {
    let same = |thing: &Thing| resource.key().is_some_and(|key| thing.fields.get(key) == fields.get(key));
    faults.has(Fault::ReserveNames) && state.memory.deleted(&resource.name, scope, same).is_some()
}

/// What a create brings back: the fields of the thing that had the name before.
pub(crate) fn created(faults: &Faults, state: &mut State, resource: &Resource, scope: &Scope, thing: &mut Thing) {
    let same = |other: &Thing| resource.key().is_some_and(|key| thing.fields.get(key) == other.fields.get(key));
    if faults.has(Fault::ReviveFields)
        && let Some(old) = state.memory.deleted(&resource.name, scope, same)
    {
        thing.created = old.created;
        let kept = [resource.issued_id(), Some(resource.identity().field.as_str())];
        for (name, value) in old.fields.iter().filter(|(name, _)| !kept.contains(&Some(*name))) {
            if !thing.fields.has(name) {
                Arc::make_mut(&mut thing.fields).insert(name, value.clone());
            }
        }
    }
    let other = |old: &Thing| resource.key().is_some_and(|key| thing.fields.get(key) != old.fields.get(key));
    if faults.has(Fault::Resurrect)
        && let Some(old) = state.memory.take_deleted(&resource.name, scope, other)
        && !old.fields.get(resource.key().unwrap_or_default()).is_some_and(|name| is_there(state, resource, scope, name))
    {
        state.store.insert(&resource.name, scope, By::from(resource), old);
    }
}

fn is_there(state: &State, resource: &Resource, scope: &Scope, name: &Value) -> bool {
    let holds = |thing: &Thing| resource.key().and_then(|key| thing.fields.get(key)).map(text) == Some(text(name));
    state.store.table(&resource.name, scope).is_some_and(|table| table.things().any(|thing| holds(thing)))
}

/// Another part of a list than the one that is meant.
pub(crate) fn worsen_page(faults: &Faults, page: &mut PageFacts) {
    let total = page.total;
    if page.offset > 0 && faults.has(Fault::OverlapPages) {
        page.offset -= 1;
        page.returned = page.limit.unwrap_or(total).min(total.saturating_sub(page.offset));
    }
    if page.offset > 0 && faults.has(Fault::SkipBetweenPages) {
        page.offset += 1;
        page.returned = page.limit.unwrap_or(total).min(total.saturating_sub(page.offset));
    }
    if faults.has(Fault::PagesBeginAgain) {
        page.offset = if total > 0 { page.offset % total } else { 0 };
        page.returned = page.limit.unwrap_or(total).min(total.saturating_sub(page.offset));
        page.has_next = true;
    }
    if faults.has(Fault::WrongTotal) {
        page.total += 1;
    }
}
