//! Versions: hiding, bringing back and destroying them, telling about one of them, and which one a write expects.

use std::sync::Arc;

use serde_json::{Map, Value};
use specs::claims::{Blind, Missing, Situation, Verb, VersionFact, Versions};
use specs::contract::Resource;
use specs::wire::{Answered, Rejection};

use super::Context;
use crate::fault::Fault;
use crate::store::{Scope, Thing, Version};

/// Does to the versions that are named, or to the latest, what the verb says. What is in that state already stays as it is.
pub(super) fn change(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    let resource = context.resource()?;
    let rule = resource.versions().ok_or_else(|| Rejection::new(Situation::Internal))?;
    let (scope, thing) = match context.one() {
        Ok(found) => found,
        Err(missing) if missing.situation == Situation::NotFound && resource.delete_missing().value == Missing::Accept => {
            return Ok(Answered::default());
        }
        Err(refusal) => return Err(refusal),
    };
    let mut thing = Thing::clone(&thing);
    let now = context.state.clock.tick();
    let latest = i64::try_from(thing.latest()).unwrap_or(i64::MAX);
    let meant = context.intent.versions.clone().unwrap_or_else(|| vec![latest]);
    for version in thing.versions.iter_mut().filter(|version| i64::try_from(version.number).is_ok_and(|number| meant.contains(&number))) {
        change_one(context, version, now);
    }
    mirror(rule, &mut thing);
    store(context, resource, &scope, &thing);
    Ok(Answered::default())
}

fn change_one(context: &Context<'_>, version: &mut Version, now: i64) {
    match context.endpoint.verb {
        Verb::SoftDelete if !version.is_hidden(now) && !context.faults.has(Fault::KeepSoftDeleted) => version.deleted = Some(now),
        Verb::Undelete if !version.destroyed && version.deleted.is_some() => {
            version.deleted = None;
            if context.faults.has(Fault::UndeleteLoses) {
                version.fields.values_mut().for_each(empty);
            }
        }
        // What is destroyed by this fault is only softly deleted, so that it can be brought back.
        Verb::Destroy if context.faults.has(Fault::DestroyKeeps) => version.deleted = version.deleted.or(Some(now)),
        Verb::Destroy => {
            version.destroyed = true;
            version.fields.clear();
        }
        _ => {}
    }
}

/// A value of the same type with nothing in it.
fn empty(value: &mut Value) {
    *value = match value {
        Value::Object(_) => Value::Object(Map::new()),
        Value::Array(_) => Value::Array(Vec::new()),
        _ => Value::from(""),
    };
}

/// The thing's own fields as its latest version has them.
fn mirror(rule: &Versions, thing: &mut Thing) {
    let latest = thing.version(None).map(|version| version.fields.clone()).unwrap_or_default();
    let fields = Arc::make_mut(&mut thing.fields);
    fields.retain(|name| !rule.of.iter().any(|own| own == name));
    fields.extend(latest);
}

fn store(context: &mut Context<'_>, resource: &Resource, scope: &Scope, thing: &Thing) {
    context.state.store.change(&resource.name, scope, thing, |stored| {
        stored.fields.clone_from(&thing.fields);
        stored.versions.clone_from(&thing.versions);
    });
}

/// Makes a version of what a thing is now, where writes make some.
pub(super) fn add(context: &Context<'_>, resource: &Resource, thing: &mut Thing, now: i64) {
    let Some(rule) = resource.versions() else { return };
    let before = thing.versions.last().cloned().filter(|_| context.faults.has(Fault::ReuseVersion));
    thing.add_version(rule, now);
    if let (Some(before), Some(latest)) = (before, thing.versions.last_mut()) {
        latest.number = before.number;
        thing.versions.retain(|version| version.number != before.number || version.created == now);
    }
}

/// The thing as it was in the version that is meant; refused where that is hidden.
pub(super) fn told(
    context: &Context<'_>,
    resource: &Resource,
    scope: &Scope,
    thing: Arc<Thing>,
) -> Result<(Arc<Thing>, Option<u64>), Rejection> {
    if resource.versions().is_none() || context.endpoint.is_blind_to(Blind::Deletion) {
        return Ok((thing, None));
    }
    let asked = context.intent.version.and_then(|number| u64::try_from(number).ok());
    let asked = asked.filter(|_| !context.faults.has(Fault::LatestForEvery));
    let Some(version) = thing.version(asked) else { return Err(Rejection::new(Situation::NotFound)) };
    let number = version.number;
    if version.is_hidden(context.state.clock.now()) {
        return Err(hidden(context, resource, scope, &thing, number));
    }
    Ok((thing, Some(number)))
}

/// The refusal to tell a version that is hidden: it says everything but what each version has of its own.
fn hidden(context: &Context<'_>, resource: &Resource, scope: &Scope, thing: &Thing, number: u64) -> Rejection {
    let refusal = Rejection::new(Situation::Deleted).with("item", &*thing.identity);
    let Ok(record) = context.record(scope, thing, Some(number)) else { return refusal };
    let mut record = record.whole();
    if !context.faults.has(Fault::LeakSoftDeleted) {
        record.retain(|name, _| !resource.versions().is_some_and(|rule| rule.of.contains(name)));
    }
    let usual = resource.fields.iter().filter_map(|(name, field)| Some((name.clone(), field.default.as_ref()?.value.clone())));
    usual.for_each(|(name, value)| {
        record.entry(name).or_insert(value);
    });
    record.into_iter().fold(refusal, |refusal, (name, value)| refusal.with(&name, value))
}

/// The latest version must be the one that a write expects, if it says so or must say so.
pub(super) fn check_expected(context: &Context<'_>, resource: &Resource, existing: Option<&Thing>) -> Result<(), Rejection> {
    let Some(rule) = resource.versions().filter(|_| !context.faults.has(Fault::IgnoreExpected)) else { return Ok(()) };
    let takes = context.endpoint.bound(|binding| matches!(binding, specs::claims::Binding::ExpectedVersion).then_some(())).next();
    let demanded = || {
        let field = rule.expected_by.as_ref().filter(|_| takes.is_some())?;
        existing?.fields.get(field)?.as_bool()
    };
    match context.intent.expected_version {
        Some(expected) if u64::try_from(expected).ok() != Some(existing.map_or(0, Thing::latest)) => {
            Err(Rejection::new(Situation::VersionMismatch))
        }
        Some(1..) if context.faults.has(Fault::RefuseExpected) => Err(Rejection::new(Situation::VersionMismatch)),
        None if demanded() == Some(true) => Err(Rejection::new(Situation::VersionRequired)),
        _ => Ok(()),
    }
}

/// A fact about a version of a thing; `None` where there is nothing to say.
pub(super) fn fact(
    fact: &VersionFact,
    thing: &Thing,
    version: Option<&Version>,
    write: &dyn Fn(i64) -> Value,
    usual: &Value,
) -> Option<Value> {
    Some(match fact {
        VersionFact::Number => version?.number.into(),
        VersionFact::Created => write(version?.created),
        VersionFact::Deleted => return version?.deleted.map(write),
        VersionFact::Destroyed => version?.destroyed.into(),
        VersionFact::Current => thing.latest().into(),
        VersionFact::Oldest => thing.versions.first().map_or(0, |oldest| if oldest.number > 1 { oldest.number } else { 0 }).into(),
        VersionFact::All(facts) => {
            let told = |version: &Version| {
                let member = |(name, own): (&String, &VersionFact)| {
                    (name.clone(), self::fact(own, thing, Some(version), write, usual).unwrap_or_else(|| usual.clone()))
                };
                (version.number.to_string(), Value::Object(facts.iter().map(member).collect()))
            };
            Value::Object(thing.versions.iter().map(told).collect())
        }
    })
}
