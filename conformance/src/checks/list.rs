//! Lists are complete, without ghosts and doubles, and in the promised order.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};
use specs::claims::{Conflict, Direction, Grade, Verb};
use specs::contract::{Endpoint, Resource, Segment};

use super::lifecycle::documents_change;
use super::{Broken, Check, Judgement, Level, Scene};
use crate::ledger::{Life, Tracked, text};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "list/contains-created",
        level: Level::Must,
        sentence: "A list contains everything that was created and not deleted.",
        cite: "OpenAPI 3.1, section 4.8.10: what the operation says that it returns",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\",\"value\":\"****\"}]}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[]}",
        judge: contains_created,
    },
    Check {
        id: "list/omits-deleted",
        level: Level::Must,
        sentence: "A list does not contain what was deleted.",
        cite: "RFC 9110, section 9.3.5",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204\n> GET /secrets\n< 200 application/json {\"secrets\":[]}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\",\"value\":\"****\"}]}",
        judge: omits_deleted,
    },
    Check {
        id: "list/names-each-once",
        level: Level::Must,
        sentence: "A list contains each thing once.",
        cite: "the promise on what is unique within the scope",
        passes: "> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\",\"value\":\"****\"},{\"id\":2,\"name\":\"b\",\"value\":\"****\"}]}",
        breaks: "> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\",\"value\":\"****\"},{\"id\":2,\"name\":\"a\",\"value\":\"****\"}]}",
        judge: names_each_once,
    },
    Check {
        id: "list/order-as-promised",
        level: Level::Must,
        sentence: "A list is in the promised order.",
        cite: "the promise on the order of the list",
        passes: "# ordered\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\",\"value\":\"****\"},{\"id\":2,\"name\":\"b\",\"value\":\"****\"}]}",
        breaks: "# ordered\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"b\",\"value\":\"****\"},{\"id\":2,\"name\":\"a\",\"value\":\"****\"}]}",
        judge: order_as_promised,
    },
];

/// The resource and the whole list, where one was walked through.
fn listing<'s>(scene: &Scene<'s>) -> Option<(&'s Resource, &'s [Map<String, Value>])> {
    if !scene.is_plain() || scene.verb() != Verb::List {
        return None;
    }
    let resource = scene.resource()?;
    Some((resource, scene.listing?)).filter(|_| lists_what_is_made(scene, resource))
}

/// Whether a list is that of the collection in which things are made: another word in its path makes it another list, of the trash
/// perhaps.
fn lists_what_is_made(scene: &Scene<'_>, resource: &Resource) -> bool {
    let words = |endpoint: &Endpoint| -> BTreeSet<String> {
        let literals = endpoint.operation.template.segments().iter();
        literals.filter_map(|segment| if let Segment::Literal(name) = segment { Some(name.clone()) } else { None }).collect()
    };
    let own = words(scene.endpoint);
    let makes =
        |endpoint: &&Endpoint| matches!(endpoint.verb, Verb::Create | Verb::Put) && endpoint.resource.as_ref() == Some(&resource.name);
    let mut collections = scene.contract.endpoints.iter().filter(makes).map(words).peekable();
    collections.peek().is_none() || collections.any(|maker| own == maker || !own.is_superset(&maker))
}

fn contains_created(scene: &Scene<'_>) -> Judgement {
    let Some((resource, list)) = listing(scene).filter(|(resource, _)| !documents_change(scene, resource)) else {
        return Judgement::NotApplicable;
    };
    // A list of links, say, tells neither names nor ids: nobody can look anything up in it.
    let tells = |record: &Map<String, Value>| {
        [Some(resource.identity().field.as_str()), resource.key()].into_iter().flatten().any(|name| record.contains_key(name))
    };
    if !list.is_empty() && !list.iter().any(tells) {
        return Judgement::NotApplicable;
    }
    let mut alive = scene
        .ledger
        .alive_in(&resource.name, &scene.case.intent.scope)
        .filter(|thing| thing.scope.len() == scene.case.intent.scope.len())
        .peekable();
    if alive.peek().is_none() {
        return Judgement::NotApplicable;
    }
    let shown: HashSet<*const Tracked> = list.iter().flat_map(|record| scene.shown(record)).map(std::ptr::from_ref).collect();
    match alive.find(|thing| !shown.contains(&std::ptr::from_ref(*thing))) {
        None => Judgement::Passed,
        Some(absent) => broken(format!("an entry for {}", absent.name(resource)), format!("{} entries without it", list.len())),
    }
}

fn omits_deleted(scene: &Scene<'_>) -> Judgement {
    let Some((resource, list)) = listing(scene) else { return Judgement::NotApplicable };
    if !scene.ledger.within(&resource.name, &scene.case.intent.scope).any(|thing| thing.life == Life::Gone) {
        return Judgement::NotApplicable;
    }
    let only_gone = |record: &&Map<String, Value>| scene.shown(record).all(|thing| thing.life == Life::Gone);
    match list.iter().filter(only_gone).find_map(|record| scene.shown(record).next()) {
        None => Judgement::Passed,
        Some(ghost) => broken(format!("no entry for {}, which was deleted", ghost.name(resource)), "an entry for it".to_owned()),
    }
}

fn names_each_once(scene: &Scene<'_>) -> Judgement {
    let Some((resource, list)) = listing(scene) else { return Judgement::NotApplicable };
    let unique_key = resource.promises.conflict.as_ref().is_some_and(|claim| claim.value != Conflict::Allow && claim.grade.condemns());
    let key = resource.key().filter(|_| unique_key);
    let fields = [Some(resource.identity().field.as_str()), key];
    let mut counted = false;
    for field in fields.into_iter().flatten() {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for value in list.iter().filter_map(|record| record.get(field)) {
            counted = true;
            *seen.entry(text(value)).or_default() += 1;
        }
        if let Some((value, count)) = seen.into_iter().find(|(_, count)| *count > 1) {
            return broken(format!("one entry with `{field}` {value}"), format!("{count} of them"));
        }
    }
    if counted { Judgement::Passed } else { Judgement::NotApplicable }
}

fn order_as_promised(scene: &Scene<'_>) -> Judgement {
    let Some((resource, list)) = listing(scene) else { return Judgement::NotApplicable };
    let order = resource.order();
    let values: Vec<&Value> = list.iter().filter_map(|record| record.get(&order.value.by)).collect();
    if order.grade == Grade::Chosen || values.len() < 2 || values.len() != list.len() {
        return Judgement::NotApplicable;
    }
    let ordered = values.windows(2).all(|pair| match order.value.direction {
        Direction::Ascending => at_most(pair[0], pair[1]),
        Direction::Descending => at_most(pair[1], pair[0]),
    });
    let direction = if order.value.direction == Direction::Ascending { "ascending" } else { "descending" };
    Judgement::hold(ordered, || format!("entries by `{}`, {direction}", order.value.by), || "another order".to_owned()).on(order)
}

/// Numbers by value, everything else by its text: times in one format compare so as well.
fn at_most(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a <= b,
        _ => text(a) <= text(b),
    }
}

fn broken(expected: String, actual: String) -> Judgement {
    Judgement::Broken(Broken { grade: Grade::Derived, cite: None, expected, actual })
}
