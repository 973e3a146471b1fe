//! What each resource is: the field that names it, its parent, its conflicts.

use std::collections::BTreeMap;

use super::ids;
use super::paths::Paths;
use super::prose::{may_mean_taken, upserts};
use super::shape::{Shape, call};
use super::words::{owner_of, same, words};
use super::{chosen, derived, documented, fill, guessed};
use crate::claims::{Claim, Claims, Conflict, IdFormat, Identity, Issuer, Missing, OperationKey, Verb};
use crate::contract::{Operation, Outline, SchemaNode};

pub(super) fn infer(outline: &Outline, paths: &Paths, claims: &mut Claims) {
    let mut names: BTreeMap<String, Vec<&Operation>> = claims.resources.keys().map(|name| (name.clone(), Vec::new())).collect();
    for operation in &outline.operations {
        if let Some(name) = claims.operations[&operation.key].promises.resource.as_ref() {
            names.entry(name.value.clone()).or_default().push(operation);
        }
    }
    for (name, operations) in names {
        let seen = Seen::new(&name, &operations, claims, paths);
        let promises = &mut claims.resources.entry(name.clone()).or_default().promises;
        fill(&mut promises.parent, || seen.parent());
        fill(&mut promises.identity, || Some(seen.identity()));
        let identity = promises.identity.clone().expect("it was just filled");
        fill(&mut promises.key, || seen.key(&identity.value));
        fill(&mut promises.conflict, || Some(seen.conflict()));
        fill(&mut promises.id, || seen.own_id(&identity.value));
        let issued = if identity.value.issued == Issuer::Server { Some(identity.value.field.clone()) } else { None };
        let issued = issued.or_else(|| promises.id.as_ref().map(|claim| claim.value.clone()));
        fill(&mut promises.id_format, || Some(seen.id_format(&issued?)));
        fill(&mut promises.delete_missing, || Some(seen.delete_missing()));
    }
}

/// The operations of one resource with what they do.
struct Seen<'o> {
    name: &'o str,
    operations: Vec<(&'o Operation, Verb)>,
    paths: &'o Paths,
}

impl<'o> Seen<'o> {
    fn new(name: &'o str, operations: &[&'o Operation], claims: &Claims, paths: &'o Paths) -> Self {
        let verb = |key: &OperationKey| claims.operations[key].promises.verb.as_ref().map_or(Verb::Fixed, |claim| claim.value);
        let operations = operations.iter().map(|operation| (*operation, verb(&operation.key))).collect();
        Self { name, operations, paths }
    }

    fn with(&self, verb: Verb) -> impl Iterator<Item = &'o Operation> {
        self.operations.iter().filter(move |(_, own)| *own == verb).map(|(operation, _)| *operation)
    }

    fn shapes(&self) -> impl Iterator<Item = (Shape, &'o Operation)> {
        self.operations.iter().filter_map(|(operation, _)| Some((self.paths.shape(operation)?, *operation)))
    }

    fn parent(&self) -> Option<Claim<String>> {
        let told = self.shapes().find_map(|(shape, operation)| Some((shape.parents.last()?.1.clone(), operation)));
        let Some((parent, operation)) = told else { return self.parent_of_a_call() };
        (parent != self.name).then(|| derived(parent, format!("the path `{}`", operation.template)))
    }

    /// What the parameters of a call that makes things select besides: `AddSecret?application_id=`.
    fn parent_of_a_call(&self) -> Option<Claim<String>> {
        let makers = self.with(Verb::Create).filter(|operation| call(&operation.template).is_some() && operation.body.is_none());
        makers.flat_map(|operation| &operation.parameters).find_map(|parameter| {
            let owner = owner_of(&parameter.name).filter(|owner| owner != self.name)?;
            Some(guessed(owner, format!("the name `{}`", parameter.name)))
        })
    }

    /// The item path's parameter tells; without one, a member called `id`, else the first member that a create takes.
    fn identity(&self) -> Claim<Identity> {
        let answered = self.answered();
        let sent = self.sent();
        // Where a thing is made by a PUT to its own path alone, the path is where the client names it.
        let put_alone = self.with(Verb::Create).next().is_none() && self.with(Verb::Put).next().is_some();
        let issued = |field: &str| if put_alone || self.names_itself(field) { Issuer::Client } else { Issuer::Server };
        let parameter = self.shapes().find_map(|(shape, operation)| Some((shape.item.filter(|_| shape.view.is_none())?, operation)));
        if let Some((parameter, operation)) = parameter {
            let field = field_named(&parameter, &answered, &sent);
            let from = format!("the path `{}`", operation.template);
            return derived(Identity { issued: issued(&field), field }, from);
        }
        let own_id = answered.iter().find(|field| same(field, &format!("{} id", self.name)) || **field == "id");
        if let Some(field) = own_id {
            return derived(Identity { field: (*field).to_owned(), issued: issued(field) }, "the answers' schema");
        }
        let field = name_among(self.name, &sent).unwrap_or("id").to_owned();
        guessed(Identity { issued: issued(&field), field }, "the members that a create takes")
    }

    /// Whether the client sends the field. An id that a create may leave out is what the server answers, in a schema shared by both.
    fn names_itself(&self, field: &str) -> bool {
        let is_id = words(field).last().is_some_and(|last| matches!(last.as_str(), "id" | "uuid"));
        let bodies = self.with(Verb::Create).filter_map(|operation| operation.json_body()?.schema.as_ref());
        let echo = is_id && self.answered().contains(&field) && bodies.into_iter().any(|schema| !schema.node().required().contains(field));
        self.sent().contains(&field) && !echo
    }

    fn key(&self, identity: &Identity) -> Option<Claim<String>> {
        if identity.issued == Issuer::Client {
            return Some(derived(identity.field.clone(), "the client chooses the identity"));
        }
        let sent = self.sent();
        name_among(self.name, &sent).map(|field| guessed(field.to_owned(), "the name among the members that a create takes"))
    }

    fn conflict(&self) -> Claim<Conflict> {
        for operation in self.with(Verb::Create) {
            // What the statuses say counts for more than what a sentence seems to say.
            if let Some(response) = operation.responses.iter().find(|response| response.status.covers(409) == Some(2)) {
                let from = format!("{}: response 409", operation.key);
                let taken = may_mean_taken(&response.description);
                return if taken { documented(Conflict::Reject, from) } else { guessed(Conflict::Reject, from) };
            }
            if let Some(phrase) = upserts(&operation.prose) {
                return documented(Conflict::Replace, format!("{}: \"{phrase}\"", operation.key));
            }
        }
        if self.with(Verb::Create).next().is_none() && self.with(Verb::Put).next().is_some() {
            return derived(Conflict::Replace, "PUT replaces (RFC 9110, section 9.3.4)");
        }
        chosen(Conflict::Reject, "the document does not say what a second create does")
    }

    /// A member `id` that the client does not send, beside a name that it does.
    fn own_id(&self, identity: &Identity) -> Option<Claim<String>> {
        let sent = self.sent();
        let own = |field: &&str| *field == "id" || same(field, &format!("{} id", self.name));
        let field = self.answered().into_iter().find(|field| own(field) && !sent.contains(field) && *field != identity.field)?;
        Some(derived(field.to_owned(), "the answers have it and no request sends it"))
    }

    fn id_format(&self, field: &str) -> Claim<IdFormat> {
        ids::id_format(self.answer_nodes().into_iter().find_map(|node| node.property(field)))
    }

    fn delete_missing(&self) -> Claim<Missing> {
        let answered = self
            .with(Verb::Delete)
            .find_map(|operation| Some((operation, operation.responses.iter().find(|response| response.status.covers(404) == Some(2))?)));
        match answered {
            // Below another thing, a 404 may be all about that one.
            Some((operation, response))
                if self.parent().is_some() && !words(&response.description).iter().any(|word| word == self.name) =>
            {
                guessed(Missing::Reject, format!("{}: response 404", operation.key))
            }
            Some((operation, _)) => documented(Missing::Reject, format!("{}: response 404", operation.key)),
            None => chosen(Missing::Reject, "the document does not say what deleting nothing does"),
        }
    }

    /// The fields that a create or put takes.
    fn sent(&self) -> Vec<&'o str> {
        let writers = self.with(Verb::Create).chain(self.with(Verb::Put));
        writers.flat_map(sent_names).collect()
    }

    fn answered(&self) -> Vec<&'o str> {
        self.answer_nodes().into_iter().flat_map(SchemaNode::properties).map(|(name, _)| name).collect()
    }

    /// The object schemas in the successes of all operations that tell of things, envelopes included.
    fn answer_nodes(&self) -> Vec<SchemaNode<'o>> {
        let tells = |(_, verb): &&(&Operation, Verb)| *verb != Verb::SealingKey;
        self.operations.iter().filter(tells).flat_map(|(operation, _)| success_objects(operation)).collect()
    }
}

/// The names of the body's members, or of the parameters of a call without a body.
pub(super) fn sent_names(operation: &Operation) -> Vec<&str> {
    match operation.json_body().and_then(|media| media.schema.as_ref()) {
        // What is read-only is no part of a request (OpenAPI 3.0.3, section 4.7.24.2; JSON Schema 2020-12, Validation, section 9.4).
        Some(schema) => schema.node().properties().into_iter().filter(|(_, node)| !node.flag("readOnly")).map(|(name, _)| name).collect(),
        None => operation.parameters.iter().filter(|p| p.location == crate::contract::Location::Query).map(|p| p.name.as_str()).collect(),
    }
}

/// Every object schema within the successes of an operation, outermost first.
pub(super) fn success_objects(operation: &Operation) -> Vec<SchemaNode<'_>> {
    let mut found = Vec::new();
    for response in operation.responses.iter().filter(|response| is_success(response)) {
        if let Some(schema) = response.json().and_then(|media| media.schema.as_ref()) {
            objects_below(schema.node(), 3, &mut found);
        }
    }
    found
}

fn is_success(response: &crate::contract::DocumentedResponse) -> bool {
    (200..300).any(|status| response.status.covers(status).is_some_and(|exactness| exactness > 0))
}

fn objects_below<'s>(node: SchemaNode<'s>, depth: usize, found: &mut Vec<SchemaNode<'s>>) {
    let node = node.items().unwrap_or(node);
    let properties = node.properties();
    if !properties.is_empty() {
        found.push(node);
    }
    if depth > 0 {
        properties.into_iter().for_each(|(_, member)| objects_below(member, depth - 1, found));
    }
}

/// The field that a path parameter names: itself if it is a field, else its last word (`secretName` -> `name`).
pub(super) fn field_named(parameter: &str, answered: &[&str], sent: &[&str]) -> String {
    let mut known = answered.iter().chain(sent);
    if let Some(field) = known.clone().find(|field| same(field, parameter)) {
        return (*field).to_owned();
    }
    let words = words(parameter);
    let last = words.last().map_or("id", String::as_str);
    if let Some(field) = known.clone().find(|field| **field == last) {
        return (*field).to_owned();
    }
    if last == "uuid" && known.any(|field| *field == "id") {
        return "id".to_owned();
    }
    match last {
        "id" | "name" | "key" | "slug" | "uuid" => last.to_owned(),
        _ => parameter.to_owned(),
    }
}

/// The member that names the thing: `name`, `key` or `title`, perhaps with the resource's name in front.
fn name_among<'f>(resource: &str, fields: &[&'f str]) -> Option<&'f str> {
    let candidates = ["name", "key", "title", "slug"];
    let is = |field: &str, word: &str| field == word || same(field, &format!("{resource} {word}"));
    candidates.iter().find_map(|word| fields.iter().find(|field| is(field, word)).copied())
}
