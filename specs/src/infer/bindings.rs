//! What each parameter and each member of a body means.

use std::collections::BTreeMap;

use super::paths::Paths;
use super::prose::{required_unless, says, separator, word_for_all};
use super::resources::field_named;
use super::words::{owner_of, same, words};
use super::{derived, documented, fill, guessed};
use crate::claims::{Binding, Claim, Claims, FieldOf, Identity, Issuer, OperationClaims, Several, Verb};
use crate::contract::{Location, Operation, Outline, Parameter};

pub(super) fn infer(outline: &Outline, paths: &Paths, claims: &mut Claims) {
    let identities: BTreeMap<String, Identity> = claims
        .resources
        .iter()
        .filter_map(|(name, resource)| Some((name.clone(), resource.promises.identity.as_ref()?.value.clone())))
        .collect();
    for operation in &outline.operations {
        let own = claims.operations.get_mut(&operation.key).expect("every operation was entered before");
        let Some(resource) = own.promises.resource.as_ref().map(|claim| claim.value.clone()) else { continue };
        let verb = own.promises.verb.as_ref().map_or(Verb::Fixed, |claim| claim.value);
        let binder = Binder { operation, resource: &resource, verb, identities: &identities };
        binder.path(own, paths);
        binder.query(own);
        binder.body(own);
        fill(&mut own.promises.one_of, || binder.alternatives());
        fill(&mut own.promises.spans, || binder.spans());
    }
}

struct Binder<'b> {
    operation: &'b Operation,
    resource: &'b str,
    verb: Verb,
    identities: &'b BTreeMap<String, Identity>,
}

impl Binder<'_> {
    fn path(&self, own: &mut OperationClaims, paths: &Paths) {
        let from = format!("the path `{}`", self.operation.template);
        let Some(shape) = paths.shape(self.operation) else { return };
        for (parameter, parent) in &shape.parents {
            let field = self.identity_field(parent).unwrap_or_else(|| field_named(parameter, &[], &[]));
            bind(own, parameter, derived(Binding::Scope(FieldOf::new(parent, field)), from.clone()));
        }
        if let Some(item) = &shape.item {
            let field = self.identity_field(self.resource).unwrap_or_else(|| field_named(item, &[], &[]));
            bind(own, item, derived(Binding::Item(field), from));
        }
    }

    fn identity_field(&self, resource: &str) -> Option<String> {
        self.identities.get(resource).map(|identity| identity.field.clone())
    }

    fn query(&self, own: &mut OperationClaims) {
        for parameter in self.operation.parameters.iter().filter(|parameter| parameter.location == Location::Query) {
            if let Some(binding) = self.paging(parameter).or_else(|| self.called(parameter)) {
                bind(own, &parameter.name, guessed(binding, format!("the name `{}`", parameter.name)));
            }
        }
    }

    fn paging(&self, parameter: &Parameter) -> Option<Binding> {
        if self.verb != Verb::List {
            return None;
        }
        Some(match words(&parameter.name).join("_").as_str() {
            "limit" | "per_page" | "page_size" | "max_results" | "count" => Binding::Limit,
            "offset" | "skip" => Binding::Offset,
            "page" | "page_number" => Binding::Page,
            "cursor" | "page_token" | "after" | "next_token" => Binding::Cursor,
            _ => return None,
        })
    }

    /// The parameters of a call (`secret_name`, `application_id`), where they take the place of path and body.
    fn called(&self, parameter: &Parameter) -> Option<Binding> {
        if self.operation.template.parameters().next().is_some() || self.operation.body.is_some() {
            return None;
        }
        let name = &parameter.name;
        let words = words(name);
        if let [first, rest @ ..] = words.as_slice()
            && first == "new"
            && !rest.is_empty()
        {
            return Some(Binding::Field(name.split_once(['_', '-']).map_or(name.as_str(), |(_, field)| field).to_owned()));
        }
        let last = words.last()?;
        let owner = owner_of(name);
        if let Some(owner) = owner.as_ref().filter(|owner| *owner != self.resource) {
            return Some(Binding::Scope(FieldOf::new(owner.clone(), last.clone())));
        }
        if last == "part" && words.len() > 1 {
            return Some(Binding::Contains(name.rsplit_once(['_', '-']).map_or(name.as_str(), |(field, _)| field).to_owned()));
        }
        let selects = owner.is_some() || matches!(name.as_str(), "id" | "name" | "uuid" | "key" | "slug");
        match self.verb {
            Verb::Delete if selects && separator(&parameter.description).is_some() => {
                let separator = separator(&parameter.description)?.to_owned();
                Some(Binding::Items(Several { field: name.clone(), separator, all: word_for_all(&parameter.description) }))
            }
            Verb::Read | Verb::Reveal | Verb::Update | Verb::Delete if selects => Some(Binding::Item(name.clone())),
            Verb::Create | Verb::Put | Verb::Update => Some(Binding::Field(name.clone())),
            _ => None,
        }
    }

    fn body(&self, own: &mut OperationClaims) {
        if !matches!(self.verb, Verb::Create | Verb::Put | Verb::Update) {
            return;
        }
        let Some(schema) = self.operation.json_body().and_then(|media| media.schema.as_ref()) else { return };
        for (name, _) in schema.node().properties().into_iter().filter(|(_, node)| !node.flag("readOnly")) {
            let issued =
                self.identities.get(self.resource).is_some_and(|identity| identity.field == name && identity.issued == Issuer::Server);
            let claim = if issued {
                guessed(Binding::Ignored, "the server issues it")
            } else {
                derived(Binding::Field(name.to_owned()), "the body's member of that name")
            };
            bind(own, name, claim);
        }
    }

    /// Parameters of the path whose values may have slashes: OpenAPI has no keyword for it (3.1, section 4.8.12.1).
    fn spans(&self) -> Option<Claim<Vec<String>>> {
        let in_path = self.operation.parameters.iter().filter(|parameter| parameter.location == Location::Path);
        let spanning: Vec<String> =
            in_path.filter(|parameter| says(&parameter.description, "slashes")).map(|parameter| parameter.name.clone()).collect();
        (!spanning.is_empty()).then(|| guessed(spanning, format!("{}: the parameter's description: \"slashes\"", self.operation.key)))
    }

    /// "Required unless the other is given" stands in words where OpenAPI has no keyword.
    fn alternatives(&self) -> Option<Claim<Vec<Vec<String>>>> {
        let mut groups: Vec<Vec<String>> = Vec::new();
        for parameter in &self.operation.parameters {
            let Some(other) = required_unless(&parameter.description) else { continue };
            let known = self.operation.parameters.iter().any(|parameter| same(&parameter.name, &other));
            let mut pair = vec![parameter.name.clone(), other];
            pair.sort();
            if known && !groups.contains(&pair) {
                groups.push(pair);
            }
        }
        (!groups.is_empty()).then(|| documented(groups, format!("{}: the parameters' descriptions", self.operation.key)))
    }
}

fn bind(own: &mut OperationClaims, name: &str, claim: Claim<Binding>) {
    own.parameters.entry(name.to_owned()).or_insert(claim);
}
