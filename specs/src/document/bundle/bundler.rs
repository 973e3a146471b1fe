//! The walk through all files from the document on, and what it brings home.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::error::{DocumentError, DocumentErrorKind};
use super::super::marks::{Mark, Marks};
use super::super::pointer::Pointer;
use super::super::read::{Document, digest};
use super::super::references::{in_place, percent_decoded};
use super::folder::{FileId, Folder, Refused};
use super::grammar::{Holds, Part};

/// More references than this, each replaced by what it leads to, are a circle.
const MOST_HOPS: usize = 32;

/// Brings everything that the document at `path` refers to in other files below its folder into the document.
pub(in super::super) fn bundle(document: &mut Document, path: &Path) -> Result<(), DocumentError> {
    let mut bundler = Bundler::new(document, path);
    let node = Node { value: &mut document.value, marks: &mut document.marks, file: 0, at: Pointer::root(), hops: 0 };
    bundler.one(node, Part::Document)?;
    while let Some(mut moved) = bundler.queue.pop() {
        let node = Node { value: &mut moved.value, marks: &mut moved.marks, file: moved.file, at: moved.at.clone(), hops: 0 };
        bundler.one(node, moved.part)?;
        moved.settle(document);
    }
    let digests = bundler.folder.digests();
    if !digests.is_empty() {
        document.sha256 = digest(&format!("{}\n{}", document.sha256, digests.concat()));
    }
    Ok(())
}

/// A node on the way, in which file, and where there.
struct Node<'n> {
    value: &'n mut Value,
    marks: &'n mut Marks,
    file: FileId,
    at: Pointer,
    /// How many references were replaced on the way here.
    hops: usize,
}

/// What moves to the components.
struct Moved {
    part: Part,
    section: &'static str,
    name: String,
    value: Value,
    marks: Marks,
    file: FileId,
    at: Pointer,
}

struct Bundler {
    folder: Folder,
    /// The components that there are, by section and name.
    taken: BTreeSet<(&'static str, String)>,
    /// The name of everything that has moved.
    names: BTreeMap<(FileId, String, &'static str), String>,
    queue: Vec<Moved>,
}

impl Bundler {
    fn new(document: &Document, path: &Path) -> Self {
        let mut bundler = Self { folder: Folder::of(path), taken: BTreeSet::new(), names: BTreeMap::new(), queue: Vec::new() };
        let components = document.value.get("components").cloned().unwrap_or_default();
        let (file, components) = bundler.followed(0, components);
        let sections: Vec<(&'static str, Value)> =
            components.as_object().into_iter().flatten().filter_map(|(name, named)| Some((known(name)?, named.clone()))).collect();
        for (section, named) in sections {
            let (_, held) = bundler.followed(file, named);
            let taken = held.as_object().into_iter().flat_map(Map::keys);
            bundler.taken.extend(taken.map(|name| (section, name.clone())));
        }
        bundler
    }

    /// What stands in a reference's place in the end; one that leads nowhere is told of on the walk.
    fn followed(&mut self, mut file: FileId, mut value: Value) -> (FileId, Value) {
        for _ in 0..MOST_HOPS {
            let Some(reference) = reference(&value) else { break };
            let at = Mark { file: Arc::from(""), line: 0, column: 0 };
            let node = Node { value: &mut value, marks: &mut Marks::leaf(at), file, at: Pointer::root(), hops: 0 };
            let Ok(Some((other, pointer))) = self.target(&node, &reference) else { break };
            let Some((found, _)) = self.folder.node(other, &pointer) else { break };
            (file, value) = (other, found);
        }
        (file, value)
    }

    fn one(&mut self, mut node: Node<'_>, part: Part) -> Result<(), DocumentError> {
        while let Some(reference) = reference(node.value) {
            let Some((file, pointer)) = self.target(&node, &reference)? else { break };
            match part.section() {
                _ if file == 0 => {
                    refer(node.value, &format!("#{pointer}"));
                    break;
                }
                Some(section) => {
                    let name = self.moved(&node, &reference, (file, pointer), (part, section))?;
                    refer(node.value, &format!("#{}", Pointer::root().member("components").member(section).member(&name)));
                    break;
                }
                None => self.replace(&mut node, &reference, file, pointer)?,
            }
        }
        if part == Part::Schema {
            self.mapping(&mut node)?;
        }
        self.members(node, |name| part.member(name))
    }

    fn each(&mut self, mut node: Node<'_>, part: Part) -> Result<(), DocumentError> {
        // Not what the specification allows, but many tools do: a whole section in a file of its own.
        while let Some(reference) = reference(node.value) {
            match self.target(&node, &reference)? {
                Some((file, pointer)) if file != 0 => self.replace(&mut node, &reference, file, pointer)?,
                _ => break,
            }
        }
        self.members(node, |_| Holds::One(part))
    }

    fn members(&mut self, node: Node<'_>, holds: impl Fn(&str) -> Holds) -> Result<(), DocumentError> {
        let Node { value, marks, file, at, hops } = node;
        let members: Vec<(String, &mut Value)> = match value {
            Value::Object(members) => members.iter_mut().map(|(name, value)| (name.clone(), value)).collect(),
            Value::Array(items) => items.iter_mut().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
            _ => return Ok(()),
        };
        for ((name, value), marks) in members.into_iter().zip(&mut marks.children) {
            let node = Node { value, marks, file, at: at.member(&name), hops };
            match holds(&name) {
                Holds::One(part) => self.one(node, part)?,
                Holds::Each(part) => self.each(node, part)?,
                Holds::Data => {}
            }
        }
        Ok(())
    }

    /// Where a reference leads; `None` if it stays in the document itself or says nothing that is understood.
    fn target(&mut self, node: &Node<'_>, reference: &str) -> Result<Option<(FileId, Pointer)>, DocumentError> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if path.is_empty() && node.file == 0 {
            return Ok(None);
        }
        let Some(pointer) = percent_decoded(fragment).and_then(|text| Pointer::parse(&text)) else {
            return Err(refused(node, reference, "its fragment is no JSON Pointer"));
        };
        let path = percent_decoded(path).unwrap_or_else(|| path.to_owned());
        let file = if path.is_empty() { Ok(node.file) } else { self.folder.open(node.file, &path) };
        match file {
            Ok(file) => Ok(Some((file, pointer))),
            Err(Refused::Because(words)) => Err(refused(node, reference, &words)),
            Err(Refused::Faulty(error)) => Err(error),
        }
    }

    /// Puts what a reference leads to in the reference's place; its other members stay.
    fn replace(&mut self, node: &mut Node<'_>, reference: &str, file: FileId, pointer: Pointer) -> Result<(), DocumentError> {
        if node.hops >= MOST_HOPS {
            return Err(refused(node, reference, "it leads back to itself"));
        }
        let found = self.found(node, reference, file, &pointer)?;
        in_place(node.value, node.marks, found);
        (node.file, node.at, node.hops) = (file, pointer, node.hops + 1);
        Ok(())
    }

    /// The name under which what a reference leads to moves to the components.
    fn moved(
        &mut self,
        node: &Node<'_>,
        reference: &str,
        (file, at): (FileId, Pointer),
        (part, section): (Part, &'static str),
    ) -> Result<String, DocumentError> {
        let key = (file, at.as_str().to_owned(), section);
        if let Some(name) = self.names.get(&key) {
            return Ok(name.clone());
        }
        let (value, marks) = self.found(node, reference, file, &at)?;
        let name = self.free(section, &self.folder.name(file, &at));
        self.names.insert(key, name.clone());
        self.queue.push(Moved { part, section, name: name.clone(), value, marks, file, at });
        Ok(name)
    }

    fn found(&self, node: &Node<'_>, reference: &str, file: FileId, pointer: &Pointer) -> Result<(Value, Marks), DocumentError> {
        self.folder.node(file, pointer).ok_or_else(|| refused(node, reference, &format!("there is nothing at `{pointer}`")))
    }

    fn free(&mut self, section: &'static str, wanted: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        names.find(|name| self.taken.insert((section, name.clone()))).unwrap_or_default()
    }

    /// A discriminator's mapping names schemas by name or by reference (OpenAPI 3.1, section 4.8.25).
    fn mapping(&mut self, node: &mut Node<'_>) -> Result<(), DocumentError> {
        let Some(Value::Object(mapping)) = node.value.pointer("/discriminator/mapping").cloned() else { return Ok(()) };
        let mut new = Map::new();
        for (value, named) in mapping {
            let named = match named.as_str().filter(|named| named.contains('/') || named.contains('.')) {
                Some(reference) => Value::String(self.mapped(node, reference)?),
                None => named,
            };
            new.insert(value, named);
        }
        if let Some(mapping) = node.value.pointer_mut("/discriminator/mapping") {
            *mapping = Value::Object(new);
        }
        Ok(())
    }

    fn mapped(&mut self, node: &Node<'_>, reference: &str) -> Result<String, DocumentError> {
        Ok(match self.target(node, reference)? {
            None => reference.to_owned(),
            Some((0, pointer)) => format!("#{pointer}"),
            Some(target) => format!("#/components/schemas/{}", self.moved(node, reference, target, (Part::Schema, "schemas"))?),
        })
    }
}

impl Moved {
    /// Takes its place among the document's components.
    fn settle(self, document: &mut Document) {
        let Document { value, marks, .. } = document;
        let (components, marks) = section((value, marks), "components");
        let (named, marks) = section((components, marks), self.section);
        if let Value::Object(named) = named {
            named.insert(self.name, self.value);
            marks.children.push(self.marks);
        }
    }
}

/// The member `name` of an object, made if it is not there.
fn section<'n>((value, marks): (&'n mut Value, &'n mut Marks), name: &str) -> (&'n mut Value, &'n mut Marks) {
    if let Value::Object(members) = &mut *value
        && !members.contains_key(name)
    {
        members.insert(name.to_owned(), Value::Object(Map::new()));
        marks.children.push(Marks::leaf(marks.mark.clone()));
    }
    let at = Pointer::root().member(name);
    marks.node_mut(value, &at).expect("it is there now")
}

fn known(section: &str) -> Option<&'static str> {
    match Part::Components.member(section) {
        Holds::Each(part) => part.section(),
        Holds::One(_) | Holds::Data => None,
    }
}

fn reference(node: &Value) -> Option<String> {
    node.as_object()?.get("$ref")?.as_str().map(str::to_owned)
}

fn refer(node: &mut Value, reference: &str) {
    if let Some(own) = node.get_mut("$ref") {
        *own = Value::String(reference.to_owned());
    }
}

fn refused(node: &Node<'_>, reference: &str, why: &str) -> DocumentError {
    let place = node.marks.mark.place(node.at.clone());
    let kind = DocumentErrorKind::OtherFile { reference: reference.to_owned(), why: why.to_owned() };
    DocumentError { place, kind: Box::new(kind) }
}
