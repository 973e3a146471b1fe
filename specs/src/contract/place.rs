//! Where in an answer's body the things stand.

use super::node::SchemaNode;
use super::operation::Operation;
use crate::claims::OperationPromises;
use crate::document::Pointer;

/// An object in a schema, or the items of an array in it: something that could be a thing.
#[derive(Clone, Debug)]
pub(crate) struct Candidate<'s> {
    /// Where it stands in a body; of the array, if it is an array's item.
    pub(crate) pointer: Pointer,
    /// Whether it is an array's item.
    pub(crate) many: bool,
    /// Its schema.
    pub(crate) node: SchemaNode<'s>,
}

impl Candidate<'_> {
    /// How many members it declares.
    pub(crate) fn fields(&self) -> usize {
        self.node.properties().len()
    }
}

/// How deep in an envelope a thing is looked for.
const DEEPEST: usize = 3;

/// Every candidate in a schema, outermost first.
pub(crate) fn candidates(node: SchemaNode<'_>) -> Vec<Candidate<'_>> {
    let mut found = Vec::new();
    collect(node, &Pointer::root(), DEEPEST, &mut found);
    found
}

fn collect<'s>(node: SchemaNode<'s>, at: &Pointer, depth: usize, found: &mut Vec<Candidate<'s>>) {
    if let Some(items) = node.items() {
        found.push(Candidate { pointer: at.clone(), many: true, node: items });
        return;
    }
    if !node.types().contains(&"object") {
        return;
    }
    found.push(Candidate { pointer: at.clone(), many: false, node });
    if depth > 0 {
        node.properties().into_iter().for_each(|(name, member)| collect(member, &at.member(name), depth - 1, found));
    }
}

/// The place of an operation's things, as claimed.
#[derive(Clone, Debug)]
pub(crate) struct Place<'s> {
    pub(crate) many: bool,
    pub(crate) node: SchemaNode<'s>,
}

/// The place that the claim `answer` names, if the success's schema has it.
pub(crate) fn place<'o>(operation: &'o Operation, promises: &OperationPromises) -> Option<Place<'o>> {
    let pointer = &promises.answer.as_ref()?.value;
    let status = promises.success.as_ref().map_or(200, |claim| claim.value);
    let schema = operation.response(status)?.json()?.schema.as_ref()?;
    let found = candidates(schema.node()).into_iter().find(|candidate| candidate.pointer == *pointer)?;
    Some(Place { many: found.many, node: found.node })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_and_items_are_candidates() {
        let root = json!({
            "type": "object",
            "properties": {
                "data": {"type": "object", "properties": {"secrets": {"type": "array", "items": {"type": "object"}}}},
                "page": {"type": "integer"}
            }
        });
        let found = candidates(SchemaNode::at(&root, &Pointer::root()));
        let found: Vec<_> = found.iter().map(|candidate| (candidate.pointer.as_str(), candidate.many)).collect();
        assert_eq!(found, [("", false), ("/data", false), ("/data/secrets", true)]);
    }
}
