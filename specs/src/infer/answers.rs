//! How a success looks: its status, and where in its body the thing or the list stands.

use std::collections::{BTreeMap, BTreeSet};

use super::resources::sent_names;
use super::words::same;
use super::{by_resource, chosen, derived, documented, fill};
use crate::claims::{Claim, Claims, Verb};
use crate::contract::{Candidate, Operation, Outline, StatusPattern, candidates};
use crate::document::Pointer;

pub(super) fn infer(outline: &Outline, claims: &mut Claims) {
    let siblings = by_resource(outline, claims);
    let known: BTreeMap<&str, BTreeSet<String>> =
        siblings.iter().map(|(resource, operations)| (resource.as_str(), known_fields(resource, operations, claims))).collect();
    let nothing = BTreeSet::new();
    for operation in &outline.operations {
        let promises = &mut claims.operations.get_mut(&operation.key).expect("every operation was entered before").promises;
        let verb = promises.verb.as_ref().map_or(Verb::Fixed, |claim| claim.value);
        fill(&mut promises.replaced, || {
            replaced(operation, verb).filter(|_| promises.success.as_ref().is_none_or(|claim| claim.value == 201))
        });
        fill(&mut promises.success, || Some(success(operation, promises.replaced.is_some())));
        let status = promises.success.as_ref().map_or(200, |claim| claim.value);
        let known = promises.resource.as_ref().and_then(|resource| known.get(resource.value.as_str())).unwrap_or(&nothing);
        fill(&mut promises.answer, || answer(operation, verb, status, known));
    }
}

/// The statuses of success that the document names.
fn successes(operation: &Operation) -> impl Iterator<Item = u16> {
    operation.responses.iter().filter_map(|response| match response.status {
        StatusPattern::Exactly(status) if (200..300).contains(&status) => Some(status),
        StatusPattern::Range(2) => Some(200),
        _ => None,
    })
}

/// A PUT that also answers otherwise than with 201 does so where it replaces (RFC 9110, section 9.3.4).
fn replaced(operation: &Operation, verb: Verb) -> Option<Claim<u16>> {
    let both = verb == Verb::Put && successes(operation).any(|status| status == 201);
    let other = successes(operation).filter(|status| matches!(status, 200 | 204)).min().filter(|_| both)?;
    Some(derived(other, format!("{}: responses 201 and {other} (RFC 9110, section 9.3.4)", operation.key)))
}

fn success(operation: &Operation, replaces_otherwise: bool) -> Claim<u16> {
    let making = successes(operation).find(|status| *status == 201 && replaces_otherwise);
    match making.or_else(|| successes(operation).min()) {
        Some(status) => documented(status, format!("{}: response {status}", operation.key)),
        None => chosen(200, "the document names no success"),
    }
}

/// The fields by which a thing of a resource is recognised in an answer.
fn known_fields(resource: &str, operations: &[&Operation], claims: &Claims) -> BTreeSet<String> {
    let writes = operations.iter().filter(|other| {
        let verb = claims.operations[&other.key].promises.verb.as_ref();
        verb.is_some_and(|verb| matches!(verb.value, Verb::Create | Verb::Put | Verb::Update))
    });
    let mut known: BTreeSet<String> = writes.flat_map(|other| sent_names(other)).map(str::to_owned).collect();
    if let Some(claimed) = claims.resources.get(resource) {
        known.extend(claimed.promises.identity.iter().map(|identity| identity.value.field.clone()));
        known.extend(claimed.promises.key.iter().map(|key| key.value.clone()));
        known.extend(claimed.fields.keys().map(|path| path.split('/').next().unwrap_or_default().to_owned()));
    }
    for usual in ["id", "name", "key", "created_at", "updated_at", "createdAt", "updatedAt"] {
        known.insert(usual.to_owned());
    }
    known.extend(["id", "name", "value"].map(|word| format!("{}_{word}", resource.replace('-', "_"))));
    known
}

fn answer(operation: &Operation, verb: Verb, status: u16, known: &BTreeSet<String>) -> Option<Claim<Pointer>> {
    let schema = operation.response(status)?.json()?.schema.as_ref()?;
    let candidates = candidates(schema.node());
    let chosen = match verb {
        Verb::Fixed | Verb::Delete => return None,
        Verb::WhoAmI | Verb::IssueToken | Verb::SealingKey => {
            candidates.iter().filter(|candidate| !candidate.many).max_by_key(|candidate| candidate.fields())
        }
        Verb::List => best(&candidates, known, true),
        _ => best(&candidates, known, false).or_else(|| best(&candidates, known, true)),
    }?;
    let from = format!("{}: the members of response {status}", operation.key);
    Some(derived(chosen.pointer.clone(), from))
}

/// The candidate with the most known fields; the outermost of several.
fn best<'c, 's>(candidates: &'c [Candidate<'s>], known: &BTreeSet<String>, many: bool) -> Option<&'c Candidate<'s>> {
    let score = |candidate: &Candidate<'_>| {
        let names = candidate.node.properties();
        names.iter().filter(|(name, _)| known.iter().any(|field| same(field, name))).count()
    };
    let fitting = candidates.iter().rev().filter(|candidate| candidate.many == many);
    // A list of things without declared members is still the list.
    let least = usize::from(!many);
    let scored = fitting.map(|candidate| (candidate, score(candidate))).filter(|(_, score)| *score >= least);
    scored.max_by_key(|(_, score)| *score).map(|(candidate, _)| candidate)
}
