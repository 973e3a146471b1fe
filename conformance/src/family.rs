//! Families: the endpoints that act on one resource in one kind of scope, so that a plan can use them together.

use specs::claims::{Binding, Verb};
use specs::contract::{Contract, Endpoint, Resource};

/// Endpoints that act on the same things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Family {
    /// The resource.
    pub(crate) resource: String,
    /// The resources that enclose it, outermost first.
    pub(crate) scope: Vec<String>,
    /// The endpoints, in the document's order.
    pub(crate) endpoints: Vec<usize>,
}

impl Family {
    /// The families of a contract. An endpoint that names things without their scope belongs to every family of its resource.
    pub(crate) fn all(contract: &Contract) -> Vec<Self> {
        let mut families: Vec<Self> = Vec::new();
        let mut everywhere = Vec::new();
        for (index, endpoint) in contract.endpoints.iter().enumerate() {
            let Some(resource) = contract.resource_of(endpoint) else { continue };
            let scope = scope_of(endpoint);
            if scope.is_empty() && resource.promises.parent.is_some() {
                everywhere.push((index, resource.name.clone()));
                continue;
            }
            match families.iter_mut().find(|family| family.resource == resource.name && family.scope == scope) {
                Some(family) => family.endpoints.push(index),
                None => families.push(Self { resource: resource.name.clone(), scope, endpoints: vec![index] }),
            }
        }
        for (index, resource) in everywhere {
            let mut known = false;
            for family in families.iter_mut().filter(|family| family.resource == resource) {
                family.endpoints.push(index);
                known = true;
            }
            if !known {
                families.push(Self { resource, scope: Vec::new(), endpoints: vec![index] });
            }
        }
        families
    }

    /// The family of an endpoint.
    pub(crate) fn of(families: &[Self], endpoint: usize) -> Option<&Self> {
        families.iter().find(|family| family.endpoints.contains(&endpoint))
    }

    /// The resource.
    pub(crate) fn resource<'c>(&self, contract: &'c Contract) -> &'c Resource {
        &contract.resources[&self.resource]
    }

    /// The endpoints with this verb.
    pub(crate) fn with(&self, contract: &Contract, verb: Verb) -> Vec<usize> {
        self.endpoints.iter().copied().filter(|index| contract.endpoints[*index].verb == verb).collect()
    }

    /// The endpoints that make things: creates, else puts.
    pub(crate) fn makers(&self, contract: &Contract) -> Vec<usize> {
        let creates = self.with(contract, Verb::Create);
        if creates.is_empty() { self.with(contract, Verb::Put) } else { creates }
    }
}

/// The resources whose things an endpoint's inputs name as enclosing, outermost first, each once.
pub(crate) fn scope_of(endpoint: &Endpoint) -> Vec<String> {
    let mut scope: Vec<String> = Vec::new();
    for bound in &endpoint.bindings {
        if let Binding::Scope(of) = &bound.binding.value
            && !scope.contains(&of.resource)
        {
            scope.push(of.resource.clone());
        }
    }
    scope
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use specs::document::Document;

    /// Boxes and keys in them, with a second spelling of the path of the keys, and the same keys in the boxes of a room.
    const PATHS: [&str; 7] = [
        "/boxes",
        "/boxes/{boxId}",
        "/boxes/{boxId}/keys",
        "/boxes/{boxId}/keys/{keyId}",
        "/v2/boxes/{boxId}/keys",
        "/rooms/{roomId}/boxes/{boxId}/keys",
        "/rooms/{roomId}/boxes/{boxId}/keys/{keyId}",
    ];

    /// What can be done at a path: list and make, or read and delete.
    fn item(path: &str) -> Value {
        let thing = json!({"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}});
        let told = |schema: &Value| json!({"description": "it", "content": {"application/json": {"schema": schema}}});
        let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters: Vec<Value> =
            names.map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})).collect();
        if path.ends_with('}') {
            let gone = json!({"responses": {"204": {"description": "gone"}}});
            return json!({"parameters": parameters, "get": {"responses": {"200": told(&thing)}}, "delete": gone});
        }
        let list = json!({"responses": {"200": told(&json!({"type": "array", "items": thing}))}});
        let make = json!({"requestBody": {"content": {"application/json": {"schema": thing}}}, "responses": {"201": told(&thing)}});
        json!({"parameters": parameters, "get": list, "post": make})
    }

    #[test]
    fn spellings_of_one_path_are_one_family_and_scopes_keep_apart() {
        let paths: serde_json::Map<String, Value> = PATHS.iter().map(|path| ((*path).to_owned(), item(path))).collect();
        let document = json!({"openapi": "3.1.0", "info": {"title": "Boxes", "version": "1"}, "paths": paths});
        let document = Document::parse("boxes.json", &document.to_string()).expect("it is JSON");
        let contract = Contract::compile("boxes", &document).unwrap_or_else(|faults| panic!("{faults:?}"));
        let families = Family::all(&contract).into_iter();
        let told: Vec<_> = families.map(|family| (family.resource, family.scope.join("/"), family.endpoints.len())).collect();
        let own = |resource: &str, scope: &str, count| (resource.to_owned(), scope.to_owned(), count);
        assert_eq!(told, [own("box", "", 4), own("key", "box", 6), own("key", "room/box", 4)]);
    }
}
