//! How lists come in pages.

use std::collections::BTreeMap;

use super::words::words;
use super::{fill, guessed};
use crate::claims::{Binding, Claim, Claims, PageFact, Paging, Verb};
use crate::contract::{Operation, Outline, SchemaNode};
use crate::document::Pointer;

pub(super) fn infer(outline: &Outline, claims: &mut Claims) {
    for operation in &outline.operations {
        let own = claims.operations.get_mut(&operation.key).expect("every operation was entered before");
        if own.promises.verb.as_ref().is_none_or(|verb| verb.value != Verb::List) {
            continue;
        }
        let limit = own.parameters.iter().find(|(_, claim)| claim.value == Binding::Limit).map(|(name, _)| name.clone());
        let pages = own.parameters.iter().find(|(_, claim)| claim.value == Binding::Page).map(|(name, _)| name.clone());
        let status = own.promises.success.as_ref().map_or(200, |claim| claim.value);
        fill(&mut own.promises.paging, || paging(operation, status, limit.as_deref(), pages.as_deref()));
    }
}

fn paging(operation: &Operation, status: u16, limit: Option<&str>, pages: Option<&str>) -> Option<Claim<Paging>> {
    let mut members = BTreeMap::new();
    let response = operation.response(status)?;
    if let Some(schema) = response.json().and_then(|media| media.schema.as_ref()) {
        facts(schema.node(), &Pointer::root(), 2, &mut members);
    }
    let schema = limit.and_then(|name| operation.parameter(crate::contract::Location::Query, name)?.schema.as_ref());
    let number = |keyword: &str| schema.and_then(|schema| schema.node().keyword(keyword)?.as_u64());
    let headers: BTreeMap<String, PageFact> =
        response.headers.iter().filter_map(|header| Some((header.name.clone(), fact(&header.name)?))).collect();
    let first = first_page(operation, pages);
    let paging = Paging { default: number("default"), maximum: number("maximum"), first, headers, members, ..Paging::default() };
    (paging != Paging::default()).then(|| guessed(paging, format!("{}: names in the parameters and in response {status}", operation.key)))
}

/// Pages count from 0 where the parameter says so by its default or its least value.
fn first_page(operation: &Operation, parameter: Option<&str>) -> Option<u64> {
    let node = operation.parameter(crate::contract::Location::Query, parameter?)?.schema.as_ref()?.node();
    let zero = |keyword: &str| node.keyword(keyword).and_then(serde_json::Value::as_u64) == Some(0);
    (zero("default") || node.keyword("default").is_none() && zero("minimum")).then_some(0)
}

/// Members beside the list that tell about the page, or in a member of their own that is called so.
fn facts(node: SchemaNode<'_>, at: &Pointer, depth: usize, members: &mut BTreeMap<Pointer, PageFact>) {
    for (name, member) in node.properties() {
        let here = at.member(name);
        let scalar = ["integer", "number", "boolean", "string"].iter().any(|kind| member.types().contains(kind));
        match fact(name) {
            Some(fact) if scalar => drop(members.insert(here, fact)),
            _ if depth > 0 && member.items().is_none() && about_pages(name) => facts(member, &here, depth - 1, members),
            _ => {}
        }
    }
}

fn about_pages(name: &str) -> bool {
    let all =
        ["meta", "metadata", "page", "paging", "pagination", "pages", "info", "data", "result", "results", "response", "list", "cursor"];
    words(name).iter().any(|word| all.contains(&word.as_str()))
}

fn fact(name: &str) -> Option<PageFact> {
    let words = words(name).into_iter().filter(|word| word != "x").collect::<Vec<_>>().join("_");
    Some(match words.as_str() {
        "count" | "returned" => PageFact::Returned,
        "total" | "total_count" | "total_results" => PageFact::Total,
        "has_next_page" | "has_next" | "has_more" => PageFact::HasNext,
        "cursor" | "next_cursor" | "next_page_token" | "next_token" => PageFact::Cursor,
        "offset" => PageFact::Offset,
        "limit" | "per_page" | "page_size" => PageFact::Limit,
        "page" | "page_number" => PageFact::Page,
        _ => return None,
    })
}
