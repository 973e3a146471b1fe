//! The other fields: times, and what descriptions say of them.

use std::collections::BTreeMap;

use super::prose::number_after;
use super::words::words;
use super::{chosen, documented, fill, guessed};
use crate::claims::{Binding, Claim, Claims, Direction, Order, TimeFormat};
use crate::contract::{Outline, place};

pub(super) fn infer(outline: &Outline, claims: &mut Claims) {
    let mut members: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    let mut cuts: Vec<(String, String, Claim<usize>)> = Vec::new();
    for operation in &outline.operations {
        let own = &claims.operations[&operation.key];
        let Some(resource) = own.promises.resource.as_ref() else { continue };
        if let Some(place) = place(operation, &own.promises) {
            let fields = place.node.properties().into_iter();
            let known = members.entry(resource.value.clone()).or_default();
            known.extend(fields.map(|(name, node)| (name.to_owned(), node.text("format") == Some("date-time"))));
        }
        for parameter in &operation.parameters {
            if let (Some(length), Some(Binding::Field(field))) = (
                number_after(&parameter.description.to_lowercase(), "truncated"),
                own.parameters.get(&parameter.name).map(|claim| &claim.value),
            ) {
                let from = format!("{}: parameter `{}`: \"truncated\"", operation.key, parameter.name);
                cuts.push((resource.value.clone(), field.clone(), documented(length, from)));
            }
        }
    }
    for (resource, field, claim) in cuts {
        let fields = &mut claims.resources.entry(resource).or_default().fields;
        fill(&mut fields.entry(field).or_default().truncate, || Some(claim));
    }
    for (name, resource) in &mut claims.resources {
        let members = members.remove(name).unwrap_or_default();
        let promises = &mut resource.promises;
        fill(&mut promises.created, || time_field(&members, &["created", "creation"]));
        fill(&mut promises.updated, || time_field(&members, &["updated", "modified", "changed"]));
        fill(&mut promises.time_format, || Some(chosen(TimeFormat::Rfc3339(3), "nobody says how times are written")));
        fill(&mut promises.order, || {
            let by = promises.created.as_ref().or(promises.updated.as_ref()).map_or("created_at", |claim| claim.value.as_str());
            Some(chosen(Order { by: by.to_owned(), direction: Direction::Ascending }, "nobody says how lists are ordered"))
        });
    }
}

/// `created_at`, `createdAt`, `created`: a member whose first word says when, and nothing says who.
fn time_field(members: &[(String, bool)], first: &[&str]) -> Option<Claim<String>> {
    let fits = |name: &str| {
        let words = words(name);
        words.first().is_some_and(|word| first.contains(&word.as_str()))
            && words.get(1).is_none_or(|word| matches!(word.as_str(), "at" | "on" | "time" | "date"))
    };
    let (name, is_time) = members.iter().find(|(name, _)| fits(name))?;
    let from = format!("the name `{name}`");
    Some(if *is_time { super::derived(name.clone(), format!("{from} with `format: date-time`")) } else { guessed(name.clone(), from) })
}
