//! Which resource an operation acts on, and what it does to it.

use std::collections::BTreeSet;

use super::paths::{Paths, last_named};
use super::resources::success_objects;
use super::sealing;
use super::shape::{Shape, call};
use super::words::{is_plural, words};
use super::{chosen, derived, fill, guessed};
use crate::claims::{Claim, Claims, JsonPatch, Verb};
use crate::contract::{Media, Operation, Outline, SchemaNode, Segment, essence};

pub(super) fn infer(outline: &Outline, paths: &Paths, claims: &mut Claims) {
    let posts = |operation: &&Operation| operation.method == http::Method::POST;
    let posted: BTreeSet<&str> = outline.operations.iter().filter(posts).map(|operation| operation.template.as_str()).collect();
    for operation in &outline.operations {
        let promises = &mut claims.operations.entry(operation.key.clone()).or_default().promises;
        let found = read(operation, paths, posted.contains(operation.template.as_str()));
        fill(&mut promises.verb, || found.as_ref().map(|found| found.verb.clone()));
        fill(&mut promises.verb, || issues_token(operation));
        fill(&mut promises.verb, || Some(chosen(Verb::Fixed, "the path names no resource")));
        fill(&mut promises.json_patch, || patches(operation));
        let acts = promises.verb.as_ref().is_some_and(|verb| !matches!(verb.value, Verb::Fixed | Verb::WhoAmI | Verb::IssueToken));
        fill(&mut promises.resource, || found.and_then(|found| found.resource).filter(|_| acts));
    }
}

/// A POST that answers as a token endpoint does (RFC 6749, section 5.1).
fn issues_token(operation: &Operation) -> Option<Claim<Verb>> {
    let answered = success_objects(operation).into_iter().next()?;
    let issues =
        operation.method == http::Method::POST && answered.property("access_token").is_some() && answered.property("token_type").is_some();
    issues.then(|| derived(Verb::IssueToken, format!("{}: `access_token` and `token_type` (RFC 6749, section 5.1)", operation.key)))
}

/// A PATCH that takes nothing but JSON Patch.
fn patches(operation: &Operation) -> Option<Claim<JsonPatch>> {
    let content = &operation.body.as_ref().filter(|_| operation.method == http::Method::PATCH)?.content;
    let is_patch = |media: &Media| essence(&media.name) == "application/json-patch+json";
    let from = format!("{}: the media type of its body (RFC 6902, section 6)", operation.key);
    (!content.is_empty() && content.iter().all(is_patch)).then(|| derived(JsonPatch::default(), from))
}

struct Found {
    resource: Option<Claim<String>>,
    verb: Claim<Verb>,
}

fn read(operation: &Operation, paths: &Paths, has_post: bool) -> Option<Found> {
    let path = operation.template.as_str();
    if let Some((verb, resource)) = call(&operation.template) {
        let from = format!("the words of `{path}`");
        return Some(Found { resource: Some(guessed(resource, from.clone())), verb: guessed(verb, from) });
    }
    if let Some(Segment::Literal(last)) = operation.template.segments().last()
        && operation.method == http::Method::GET
        && matches!(words(last).last().map(String::as_str), Some("me" | "whoami" | "self"))
    {
        return Some(Found { resource: None, verb: guessed(Verb::WhoAmI, format!("the last word of `{path}`")) });
    }
    let shape = paths.shape(operation)?;
    let verb = verb(operation, &shape, has_post)?;
    let resource = derived(shape.resource, format!("the path `{path}`"));
    Some(Found { resource: Some(resource), verb })
}

/// What the method does to the thing or the collection that the path names (RFC 9110, section 9.3).
fn verb(operation: &Operation, shape: &Shape, has_post: bool) -> Option<Claim<Verb>> {
    let method = operation.method.as_str();
    let derive = |verb| Some(derived(verb, format!("{method} on {}", if shape.item.is_some() { "one thing" } else { "a collection" })));
    match (&shape.view, shape.item.is_some(), method) {
        (Some(view), _, "GET") if sealing::tells_key(operation, view) => {
            Some(guessed(Verb::SealingKey, format!("GET on the view `{view}`, which answers with a key")))
        }
        (Some(view), true, "GET")
            if words(view).iter().any(|word| {
                matches!(word.as_str(), "value" | "reveal" | "access" | "plaintext" | "payload" | "decrypted" | "decrypt" | "raw")
            }) =>
        {
            Some(guessed(Verb::Reveal, format!("GET on the view `{view}` of one thing")))
        }
        (Some(view), true, "GET") => Some(guessed(Verb::Read, format!("GET on the view `{view}` of one thing"))),
        (Some(view), true, "PATCH" | "PUT") => Some(guessed(Verb::Update, format!("{method} on the view `{view}` of one thing"))),
        (Some(view), true, "POST") if words(view).iter().any(|word| word == "reveal") => {
            Some(guessed(Verb::Reveal, format!("POST on the view `{view}` of one thing")))
        }
        (None, false, "GET") => lists(operation).then(|| derive(Verb::List)).flatten(),
        (None, false, "POST") => {
            let noun = matches!(last_named(operation), Some(Segment::Literal(last)) if is_plural(last));
            (noun || creates(operation)).then(|| derive(Verb::Create)).flatten()
        }
        (None, true, "POST" | "PATCH") => derive(Verb::Update),
        // Beside a POST it puts one thing into the collection; alone it replaces settings, or all there is.
        (None, false, "PUT") => has_post.then(|| derive(Verb::Put)).flatten(),
        (None, true, "PUT") => derive(Verb::Put),
        (None, true, "GET") => derive(Verb::Read),
        (None, true, "DELETE") => derive(Verb::Delete),
        _ => None,
    }
}

/// Whether a success holds an array, bare or as a member of an envelope.
pub(super) fn lists(operation: &Operation) -> bool {
    let success = operation.responses.iter().find(|response| response.status.covers(200).is_some_and(|exactness| exactness > 0));
    let schema = success.and_then(|response| response.json()?.schema.as_ref());
    schema.is_some_and(|schema| holds_array(schema.node(), 2))
}

fn holds_array(node: SchemaNode<'_>, depth: usize) -> bool {
    if node.types().contains(&"array") {
        return true;
    }
    // What has an id or a name is a thing with a list in it, not the envelope of a list.
    let members = node.properties();
    let is_thing = members.iter().any(|(name, _)| matches!(*name, "id" | "name" | "uuid"));
    depth > 0 && !is_thing && members.iter().any(|(_, member)| holds_array(*member, depth - 1))
}

pub(super) fn creates(operation: &Operation) -> bool {
    let id = operation.id.as_deref().map(words).unwrap_or_default();
    let prose = words(&operation.prose);
    id.iter()
        .chain(prose.first())
        .any(|word| matches!(word.as_str(), "create" | "creates" | "add" | "adds" | "new" | "put" | "upsert" | "set"))
}
