//! All paths of a document together: which literals are collections, and which resources are called alike without being the same.

use std::collections::{BTreeMap, BTreeSet};

use super::operations::{creates, lists};
use super::shape::{Shape, call};
use super::words::same;
use crate::contract::{Operation, Outline, Segment};

/// What the paths of a document tell about each other.
pub(super) struct Paths {
    collections: BTreeSet<String>,
    /// A resource that answers with the schema of another one, which bears the schema's name.
    aliases: BTreeMap<String, String>,
    /// A resource and the one that encloses it, with the name of its own that it has there.
    own_names: BTreeMap<(String, String), String>,
}

impl Paths {
    pub(super) fn of(outline: &Outline) -> Self {
        let mut paths = Self { collections: collections(outline), aliases: BTreeMap::new(), own_names: BTreeMap::new() };
        paths.aliases = paths.aliased(outline);
        paths.own_names = paths.named_apart(outline);
        paths
    }

    /// The shape of an operation's path; none where the path is a call or names nothing.
    pub(super) fn shape(&self, operation: &Operation) -> Option<Shape> {
        if call(&operation.template).is_some() {
            return None;
        }
        let mut shape = Shape::of(&operation.template, |literal| self.collections.contains(literal))?;
        let mut enclosing: Option<String> = None;
        for (_, resource) in &mut shape.parents {
            *resource = self.name(resource, enclosing.as_deref());
            enclosing = Some(resource.clone());
        }
        shape.resource = self.name(&shape.resource, enclosing.as_deref());
        Some(shape)
    }

    fn name(&self, resource: &str, enclosing: Option<&str>) -> String {
        let name = self.aliases.get(resource).map_or(resource, String::as_str).to_owned();
        let own = enclosing.and_then(|enclosing| self.own_names.get(&(name.clone(), enclosing.to_owned())));
        own.cloned().unwrap_or(name)
    }

    /// `GET /projects/{id}` that answers with the schema `App`, beside `GET /apps/{id}` that does as well, is the same under another name.
    fn aliased(&self, outline: &Outline) -> BTreeMap<String, String> {
        let mut read: Vec<(Shape, &str)> = Vec::new();
        for operation in outline.operations.iter().filter(|operation| operation.method == http::Method::GET) {
            if let (Some(shape), Some(schema)) = (self.shape(operation), answered(operation)) {
                read.push((shape, schema));
            }
        }
        let is_item = |shape: &Shape| shape.item.is_some() && shape.view.is_none();
        let mut owners: BTreeMap<&str, &Shape> = BTreeMap::new();
        for (shape, schema) in read.iter().filter(|(shape, schema)| is_item(shape) && same(&shape.resource, schema)) {
            owners.entry(schema).or_insert(shape);
        }
        let alias = |told: &(Shape, &str)| {
            let owner = owners.get(told.1).filter(|owner| is_item(&told.0) && owner.parents.len() == told.0.parents.len())?;
            (owner.resource != told.0.resource).then(|| (told.0.resource.clone(), owner.resource.clone()))
        };
        read.iter().filter_map(alias).collect()
    }

    /// Collections of one name inside different things hold different things. The one with the fewest things around it keeps the name.
    fn named_apart(&self, outline: &Outline) -> BTreeMap<(String, String), String> {
        let mut enclosing: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
        for shape in outline.operations.iter().filter_map(|operation| self.shape(operation)).filter(|shape| shape.view.is_none()) {
            let Some((_, parent)) = shape.parents.last() else { continue };
            let known = enclosing.entry(shape.resource).or_default();
            if !known.iter().any(|(_, other)| other == parent) {
                known.push((shape.parents.len(), parent.clone()));
            }
        }
        let mut names = BTreeMap::new();
        for (resource, mut parents) in enclosing {
            parents.sort_by_key(|(depth, _)| *depth);
            for (_, parent) in parents.into_iter().skip(1) {
                names.insert((resource.clone(), parent.clone()), format!("{parent}-{resource}"));
            }
        }
        names
    }
}

/// The name of the schema with which an operation answers.
fn answered(operation: &Operation) -> Option<&str> {
    operation.response(200)?.json()?.schema.as_ref()?.node().reference()?.rsplit('/').next()
}

/// Literals that are collections although a parameter stands before them: something is made, listed or named below them.
fn collections(outline: &Outline) -> BTreeSet<String> {
    let mut collections = BTreeSet::new();
    for operation in &outline.operations {
        let segments = operation.template.segments();
        for pair in segments.windows(2) {
            if let [Segment::Literal(literal), Segment::Parameter(_) | Segment::Spanning(_)] = pair {
                collections.insert(literal.clone());
            }
        }
        if let Some(Segment::Literal(last)) = last_named(operation)
            && (lists(operation) || operation.method == http::Method::POST && creates(operation))
        {
            collections.insert(last.clone());
        }
    }
    collections
}

/// The last segment that is not empty, as the one after a trailing slash is.
pub(super) fn last_named(operation: &Operation) -> Option<&Segment> {
    operation.template.segments().iter().rev().find(|segment| !matches!(segment, Segment::Literal(name) if name.is_empty()))
}
