//! Claims checked against the document that they speak of: nothing may be promised of what is not there.

use std::collections::BTreeSet;

use super::endpoint::Endpoint;
use super::operation::Operation;
use super::outline::Outline;
use super::place::place;
use super::resource::Resource;
use crate::claims::{Binding, Claims, OperationKey, Verb};
use crate::document::{Document, DocumentError, DocumentErrorKind, Pointer, nearest};

const VERBS: [Verb; 14] = [
    Verb::Create,
    Verb::Put,
    Verb::List,
    Verb::Read,
    Verb::Reveal,
    Verb::Update,
    Verb::Delete,
    Verb::SoftDelete,
    Verb::Undelete,
    Verb::Destroy,
    Verb::WhoAmI,
    Verb::IssueToken,
    Verb::SealingKey,
    Verb::Fixed,
];

/// Every claim that contradicts the document.
pub(super) fn faults(document: &Document, outline: &Outline, claims: &Claims) -> Vec<DocumentError> {
    let mut checker = Checker { document, faults: Vec::new() };
    checker.operations(outline, claims);
    checker.resources(outline, claims);
    checker.access(outline, claims);
    checker.faults
}

struct Checker<'d> {
    document: &'d Document,
    faults: Vec<DocumentError>,
}

impl Checker<'_> {
    fn operations(&mut self, outline: &Outline, claims: &Claims) {
        for operation in &outline.operations {
            let own = &claims.operations[&operation.key];
            let block = operation.pointer.member("x-lockstep-operation");
            if own.promises.answer.is_some() && place(operation, &own.promises).is_none() {
                let message = "the schema of the success has no object or array there";
                self.fault(&block.member("answer"), "answer", message.to_owned());
            }
            for name in own.parameters.keys() {
                if Endpoint::input(operation, name).is_none() {
                    let message = "the operation has no such parameter, and its body no such member";
                    self.fault(&block.member("parameters").member(name), name, message.to_owned());
                }
            }
            for name in own.promises.spans.iter().flat_map(|claim| &claim.value) {
                if !operation.template.parameters().any(|own| own == name) {
                    self.fault(&block.member("spans"), "spans", format!("the path has no parameter `{name}`"));
                }
            }
            let versioned = own.promises.resource.as_ref().and_then(|claim| claims.resources.get(&claim.value)?.promises.versions.as_ref());
            if let Some(verb) = own.promises.verb.as_ref().filter(|verb| verb.value.acts_on_versions() && versioned.is_none()) {
                let message = format!("`{}` acts on versions, and its resource has none: `versions` is not claimed", verb.value);
                self.fault(&block.member("verb"), "verb", message);
            }
            if let Some(resource) = own.promises.resource.as_ref()
                && !claims.resources.contains_key(&resource.value)
            {
                self.unknown_resource(&block.member("resource"), "resource", &resource.value, claims);
            }
        }
        let keys: BTreeSet<&OperationKey> = outline.operations.iter().map(|operation| &operation.key).collect();
        for key in claims.operations.keys() {
            if !keys.contains(key) {
                self.fault(&key.pointer(), "x-lockstep-operation", format!("`{key}` is not an operation"));
            }
        }
    }

    fn resources(&mut self, outline: &Outline, claims: &Claims) {
        let known = known(claims, outline);
        for (name, resource) in &claims.resources {
            let block = Pointer::root().member("x-lockstep-resources").member(name);
            for key in ["parent", "relates-to"] {
                let claim = if key == "parent" { &resource.promises.parent } else { &resource.promises.relates_to };
                if let Some(other) = claim.as_ref().filter(|other| !known.contains(&other.value)) {
                    self.unknown_resource(&block.member(key), key, &other.value, claims);
                }
            }
            for (path, field) in &resource.fields {
                if let Some(keys) = field.sealed.as_ref().map(|claim| &claim.value.keys) {
                    let tells = |operation: &&Operation| operation.id.as_ref() == Some(keys) || operation.key.to_string() == *keys;
                    let known = outline.operations.iter().any(|operation| tells(&operation));
                    let at = block.member("fields").member(path).member("sealed");
                    if !known {
                        self.fault(&at, "sealed", format!("the document has no operation `{keys}`"));
                    }
                }
                let at = block.member("fields").member(path).member("visibility");
                for verb in field.visibility.iter().flat_map(|claim| claim.value.keys()) {
                    if verb != "any" && !VERBS.iter().any(|known| known.name() == verb) {
                        let near = nearest(verb, VERBS.map(Verb::name)).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                        self.fault(&at, "visibility", format!("`{verb}` is not a verb{near}"));
                    }
                }
            }
        }
    }

    fn access(&mut self, outline: &Outline, claims: &Claims) {
        let at = Pointer::root().member("x-lockstep-access");
        let holds = claims.access.holds.iter().flat_map(|claim| claim.value.keys().map(|name| ("holds", name)));
        let security = claims.access.security.iter().flat_map(|claim| claim.value.iter().map(|name| ("security", name)));
        let unknown: Vec<(&str, &String)> =
            holds.chain(security).filter(|(_, name)| !outline.schemes.iter().any(|scheme| scheme.name == **name)).collect();
        for (key, name) in unknown {
            self.fault(&at.member(key), key, format!("the document has no security scheme `{name}`"));
        }
    }

    fn unknown_resource(&mut self, at: &Pointer, key: &str, name: &str, claims: &Claims) {
        let near = nearest(name, claims.resources.keys().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
        self.fault(at, key, format!("`{name}` is not a resource{}", near.unwrap_or_default()));
    }

    fn fault(&mut self, at: &Pointer, key: &str, message: String) {
        self.faults.push(self.document.error(at, DocumentErrorKind::Claim { key: key.to_owned(), message }));
    }
}

/// The names of resources. A parent may be one without operations, that exists only in the world: a path or a binding names it.
fn known(claims: &Claims, outline: &Outline) -> BTreeSet<String> {
    let segments: BTreeSet<&str> = outline.operations.iter().flat_map(|operation| operation.template.as_str().split('/')).collect();
    let bound = claims.operations.values().flat_map(|operation| operation.parameters.values()).filter_map(|claim| match &claim.value {
        Binding::Scope(field) => Some(field.resource.clone()),
        _ => None,
    });
    claims.resources.keys().cloned().chain(segments.into_iter().map(crate::infer::resource_name)).chain(bound).collect()
}

impl Resource {
    /// A resource about which nothing is promised: a parent that exists only in the world.
    pub(super) fn bare(name: &str, identity_field: &str) -> Self {
        use crate::claims::{Claim, Conflict, Direction, Grade, Identity, Issuer, Missing, Order, ResourcePromises};
        let chosen = "it exists only in the world";
        let promises = ResourcePromises {
            identity: Some(Claim::new(Identity { field: identity_field.to_owned(), issued: Issuer::Server }, Grade::Derived, chosen)),
            conflict: Some(Claim::new(Conflict::Reject, Grade::Chosen, chosen)),
            delete_missing: Some(Claim::new(Missing::Reject, Grade::Chosen, chosen)),
            order: Some(Claim::new(Order { by: identity_field.to_owned(), direction: Direction::Ascending }, Grade::Chosen, chosen)),
            ..ResourcePromises::default()
        };
        Self::new(name, promises, std::collections::BTreeMap::new())
    }
}
