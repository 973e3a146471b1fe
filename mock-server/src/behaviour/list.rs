//! Listing: filtered, ordered, in pages.

use std::cmp::Ordering;
use std::hint::black_box;
use std::sync::Arc;

use serde_json::{Map, Value};
use specs::claims::{Blind, Direction, Missing, PageEdge, Paging, Situation};
use specs::contract::Resource;
use specs::wire::{Answered, PageFacts, Record, Records, Rejection};

use super::Context;
use super::present::Presenter;
use crate::fault::{Fault, worsen_page};
use crate::store::{Scope, Table, Thing};
use crate::world::text;

/// Lists the things of a scope.
pub(super) fn list(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    let resource = context.resource()?;
    let scope = match context.own_scope() {
        Ok(scope) => Some(scope),
        Err(refusal) if refusal.situation == Situation::ScopeNotFound && context.tolerates_missing_scope() => None,
        Err(refusal) => return Err(refusal),
    };
    let scope = scope.unwrap_or_default();
    if context.intent.equals.iter().any(|own| own.text.is_none()) {
        return Err(Rejection::new(Situation::Invalid).with("field", "filter"));
    }
    let presenter = Presenter::new(context.contract, &context.state.store, resource, &scope, None);
    if let Some((total, in_order)) = everything(context, resource, &scope) {
        let record = |thing: &Arc<Thing>| presenter.record(thing, true, None);
        return tell(context, total, |page| {
            let things: Vec<&Arc<Thing>> = in_order().skip(page.offset).take(page.returned).collect();
            fetch(&things);
            things.into_iter().map(record).collect()
        });
    }
    let things = ordered(context, resource, &scope);
    if let Some(separator) = context.endpoint.promises.folders.as_ref() {
        let names = folder(context, &things, &separator.value);
        return tell(context, names.len(), |page| names.iter().skip(page.offset).take(page.returned).cloned().map(Record::from).collect());
    }
    let record = |thing: &&Thing| presenter.record(thing, true, None);
    tell(context, things.len(), |page| things.iter().skip(page.offset).take(page.returned).map(record).collect())
}

/// Looks at every field of these things, one after the other and with nothing in between: what none of the processor's caches holds is then
/// fetched for all of them at the same time, instead of being waited for thing by thing while an answer is written.
fn fetch(things: &[&Arc<Thing>]) {
    black_box(things.iter().map(|thing| thing.fields.weight()).sum::<usize>());
}

/// A page of so many entries.
fn tell(context: &Context<'_>, total: usize, shown: impl Fn(&PageFacts) -> Vec<Record>) -> Result<Answered, Rejection> {
    if total == 0 && context.endpoint.promises.empty_list.as_ref().is_some_and(|claim| claim.value == Missing::Reject) {
        return Err(Rejection::new(Situation::NotFound));
    }
    let mut page = page(context, total)?;
    worsen_page(context.faults, &mut page);
    // Whoever says that there is more tells where.
    page.cursor = page.cursor.or_else(|| page.has_next.then(|| write_cursor(page.offset + page.returned)));
    Ok(Answered { records: Records::Many(shown(&page)), page: Some(page), ..Answered::default() })
}

/// What lies directly in the folder that is listed: names without the folder's own, and folders with the separator at their end.
fn folder(context: &Context<'_>, things: &[&Thing], separator: &str) -> Vec<Map<String, Value>> {
    let Some(field) = context.endpoint.promises.entries.as_ref().map(|claim| &claim.value) else { return Vec::new() };
    let prefix = context.intent.folder.as_ref().map_or_else(String::new, |folder| format!("{folder}{separator}"));
    let mut names: Vec<String> = Vec::new();
    for name in things.iter().filter_map(|thing| thing.fields.get(field)).map(text) {
        let Some(rest) = name.strip_prefix(&prefix).filter(|rest| !rest.is_empty()) else { continue };
        let entry = rest.find(separator).map_or(rest, |at| &rest[..at + separator.len()]).to_owned();
        // A folder is told once, however much lies in it.
        if !(entry.ends_with(separator) && names.contains(&entry)) {
            names.push(entry);
        }
    }
    names.into_iter().map(|name| Map::from_iter([(field.clone(), Value::from(name))])).collect()
}

/// Things in the promised order.
type InOrder<'t> = Box<dyn Iterator<Item = &'t Arc<Thing>> + 't>;

/// Everything in a scope, without looking at each thing, where the caller sees it all and nothing is filtered.
fn everything<'t>(context: &'t Context<'_>, resource: &'t Resource, scope: &Scope) -> Option<(usize, impl Fn() -> InOrder<'t>)> {
    let (endpoint, intent, caller) = (context.endpoint, &context.intent, &context.principal.caller);
    let foreign = endpoint.promises.lists_foreign.as_ref().is_some_and(|claim| claim.value);
    let limited = !foreign && caller.sees.contains_key(&resource.name);
    let filtered = !intent.contains.is_empty() || !intent.equals.is_empty() || endpoint.promises.folders.is_some();
    let hides = resource.versions().is_some() && !endpoint.is_blind_to(Blind::Deletion);
    if limited || filtered || hides || !context.faults.is_empty() {
        return None;
    }
    let table = context.state.store.table(&resource.name, scope)?;
    let order = &resource.order().value;
    let created = resource.time_fields().0 == Some(order.by.as_str());
    table.in_order(&order.by, created)?;
    let walk = move || -> InOrder<'t> {
        match (table.in_order(&order.by, created), order.direction) {
            (None, _) => Box::new(std::iter::empty()),
            (Some(things), Direction::Ascending) => Box::new(things),
            (Some(things), Direction::Descending) => Box::new(things.rev()),
        }
    };
    Some((table.len(), walk))
}

/// The things that the caller sees and the filters let through, in the promised order.
fn ordered<'t>(context: &'t Context<'_>, resource: &Resource, scope: &Scope) -> Vec<&'t Thing> {
    let store = &context.state.store;
    let here = store.table(&resource.name, scope).into_iter().flat_map(Table::things);
    let elsewhere = store.everywhere(&resource.name).filter(|(own, _)| *own != scope && context.faults.has(Fault::ListEverywhere));
    let caller = &context.principal.caller;
    let foreign = context.endpoint.promises.lists_foreign.as_ref().is_some_and(|claim| claim.value);
    let seen = |thing: &Thing| foreign || caller.sees(&resource.name, &thing.identity);
    let contains = |thing: &Thing| {
        let holds = |(field, part): &(String, String)| thing.fields.get(field).is_some_and(|value| text(value).contains(part));
        context.intent.contains.iter().all(holds)
    };
    let equals = |thing: &Thing| context.intent.equals.iter().all(|own| thing.fields.get(&own.field).map(text) == own.text);
    let all = here.chain(elsewhere.map(|(_, thing)| thing));
    let hides = resource.versions().is_some() && !context.endpoint.is_blind_to(Blind::Deletion);
    let now = context.state.clock.now();
    let there = |thing: &Thing| !hides || thing.version(None).is_some_and(|latest| !latest.is_hidden(now));
    let mut things: Vec<&Thing> =
        all.map(AsRef::as_ref).filter(|thing| seen(thing) && contains(thing) && equals(thing) && there(thing)).collect();
    sort(&mut things, resource);
    apply_faults(context, &mut things);
    things
}

fn sort(things: &mut [&Thing], resource: &Resource) {
    let order = &resource.order().value;
    let (created, updated) = resource.time_fields();
    let by = |a: &Thing, b: &Thing| {
        if created == Some(order.by.as_str()) {
            a.created.cmp(&b.created)
        } else if updated == Some(order.by.as_str()) {
            a.updated.cmp(&b.updated)
        } else {
            compare(a.fields.get(&order.by), b.fields.get(&order.by))
        }
    };
    things.sort_by(|a, b| by(a, b).then(a.sequence.cmp(&b.sequence)));
    if order.direction == Direction::Descending {
        things.reverse();
    }
}

/// Numbers by value, everything else by the bytes of its text.
fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a.and_then(Value::as_f64), b.and_then(Value::as_f64)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.map(text).cmp(&b.map(text)),
    }
}

fn apply_faults(context: &Context<'_>, things: &mut Vec<&Thing>) {
    if context.faults.has(Fault::OmitNewest)
        && let Some(newest) = things.iter().map(|thing| thing.sequence).max()
    {
        things.retain(|thing| thing.sequence != newest);
    }
    if context.faults.has(Fault::RepeatFirst)
        && let Some(first) = things.first().copied()
    {
        things.insert(0, first);
    }
    if context.faults.has(Fault::ReverseOrder) {
        things.reverse();
    }
}

/// Which part of so many things is meant.
fn page(context: &Context<'_>, total: usize) -> Result<PageFacts, Rejection> {
    let paging = context.endpoint.paging();
    let asked = &context.intent.page;
    let natural = |number: i64| usize::try_from(number).unwrap_or(0);
    let most = paging.maximum.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let usual = paging.default.and_then(|usual| usize::try_from(usual).ok());
    let least = paging.minimum.and_then(|least| usize::try_from(least).ok()).unwrap_or(0);
    let limit = limit(paging, asked.limit, usual, total)?.map(|limit| limit.max(least).min(most));
    let first = i64::try_from(paging.first.unwrap_or(1)).unwrap_or(1);
    let offset = match (&asked.cursor, asked.page) {
        (Some(cursor), _) => read_cursor(cursor)?,
        (None, Some(page)) if page >= first => natural(page.saturating_sub(first)).saturating_mul(limit.unwrap_or(total)),
        (None, _) => asked.offset.map_or(0, natural),
    };
    let page = asked.page.filter(|page| *page >= first);
    if context.faults.endless && total > 0 {
        return Ok(endless(offset, limit, page, total));
    }
    let returned = total.saturating_sub(offset).min(limit.unwrap_or(total));
    let has_next = offset.saturating_add(returned) < total;
    let cursor = has_next.then(|| write_cursor(offset + returned));
    Ok(PageFacts { returned, total, offset, limit, page, has_next, cursor })
}

/// A page of a list that begins again after its end, and of which there is always more.
fn endless(asked: usize, limit: Option<usize>, page: Option<i64>, things: usize) -> PageFacts {
    let offset = asked % things;
    let returned = (things - offset).min(limit.unwrap_or(things).max(1));
    let next = asked.saturating_add(returned);
    PageFacts { returned, total: next.saturating_add(1), offset, limit, page, has_next: true, cursor: Some(write_cursor(next)) }
}

/// The length of a page, if it is limited: the usual one where none is asked for, and of odd lengths what the vendor makes of them.
fn limit(paging: &Paging, asked: Option<i64>, usual: Option<usize>, total: usize) -> Result<Option<usize>, Rejection> {
    let Some(asked) = asked else { return Ok(usual) };
    let edge = match asked {
        0 => paging.zero,
        _ if asked < 0 => paging.negative,
        _ => None,
    };
    match edge {
        None | Some(PageEdge::Empty) => Ok(Some(usize::try_from(asked).unwrap_or(0))),
        Some(PageEdge::Usual) => Ok(usual),
        Some(PageEdge::Everything) => Ok(None),
        Some(PageEdge::Reject) => Err(Rejection::new(Situation::Invalid).with("field", "limit")),
        Some(PageEdge::OneLess) if asked == -1 || total == 0 => Err(Rejection::new(Situation::Internal)),
        Some(PageEdge::OneLess) => Ok(Some(total - 1)),
    }
}

fn write_cursor(offset: usize) -> String {
    format!("c{offset:x}")
}

fn read_cursor(cursor: &str) -> Result<usize, Rejection> {
    let digits = cursor.strip_prefix('c').and_then(|digits| usize::from_str_radix(digits, 16).ok());
    digits.ok_or_else(|| Rejection::new(Situation::Invalid).with("field", "cursor"))
}
