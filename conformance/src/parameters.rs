//! Parameters: the names to which a user may give a value.

use std::collections::BTreeSet;

use specs::contract::{Contract, Endpoint, SchemaNode, SchemeKind};

/// Every name in a contract to which a value can be given: parameters, members of bodies, and keys that do not travel in a header.
#[must_use]
pub fn parameter_names(contract: &Contract) -> BTreeSet<String> {
    let keys = contract.schemes.iter().filter_map(|scheme| match &scheme.kind {
        SchemeKind::ApiKey(_, name) => Some(name.clone()),
        SchemeKind::Bearer | SchemeKind::Basic | SchemeKind::Http(_) => None,
    });
    contract.endpoints.iter().flat_map(of_endpoint).chain(keys).collect()
}

fn of_endpoint(endpoint: &Endpoint) -> Vec<String> {
    let parameters = endpoint.operation.parameters.iter().map(|parameter| parameter.name.clone());
    let schemas = endpoint.operation.body.iter().flat_map(|body| &body.content).filter_map(|media| media.schema.as_ref());
    let mut names: Vec<String> = parameters.collect();
    schemas.for_each(|schema| members(schema.node(), &mut names));
    names
}

fn members(node: SchemaNode<'_>, names: &mut Vec<String>) {
    names.extend(node.properties().into_iter().map(|(name, _)| name.to_owned()));
    node.alternatives().into_iter().flat_map(SchemaNode::properties).for_each(|(name, _)| names.push(name.to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::{Profile, Spec};

    #[test]
    fn parameters_members_and_keys_can_be_given() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/documents/careless.yaml").into();
        let contract = Spec::File { path, overlay: None }.contract(Profile::Documented).expect("the document is valid");
        let names = parameter_names(&contract);
        assert!(["name", "key"].iter().all(|name| names.contains(*name)), "{names:?}");
    }
}
