//! `$ref`: following references, and finding those that lead nowhere (OpenAPI 3.1, section 4.8.23).

use serde_json::Value;

use super::error::{DocumentError, DocumentErrorKind, nearest};
use super::marks::Marks;
use super::pointer::Pointer;
use super::read::Document;

/// More hops than this are a circle of references that never arrive.
const MOST_HOPS: usize = 32;

/// The node that `pointer` names once every `$ref` on the way there is followed, and the pointer where it really stands.
pub(crate) fn resolve<'v>(root: &'v Value, pointer: &Pointer) -> Option<(Pointer, &'v Value)> {
    let mut pointer = pointer.clone();
    for _ in 0..MOST_HOPS {
        let node = pointer.of(root)?;
        match reference(node) {
            None => return Some((pointer, node)),
            Some(reference) => pointer = local(reference)?,
        }
    }
    None
}

/// Puts what each path item's `$ref` leads to within the document in its place, as OpenAPI means it ("the referenced structure"): what is
/// claimed of an operation can then stand at its path. Its other members stay, and hold before those that it refers to. A reference that leads nowhere stays, and is a fault later.
pub(super) fn inline_path_items(document: &mut Document) -> Result<(), DocumentError> {
    let at = Pointer::root().member("paths");
    let items = document.value.get("paths").and_then(Value::as_object).into_iter().flatten();
    let referring: Vec<Pointer> = items.filter(|(_, item)| reference(item).is_some()).map(|(path, _)| at.member(path)).collect();
    for at in referring {
        let Some((target, value)) = resolve(&document.value, &at) else { continue };
        let Some(rest) = remaining(value, document.copies) else {
            let message = "the path items that references repeat are larger than the document; write fewer paths".to_owned();
            return Err(document.error(&at, DocumentErrorKind::Invalid(message)));
        };
        document.copies = rest;
        let found = document.marks.node(&document.value, &target).map(|(value, marks)| (value.clone(), marks.clone()));
        let own = document.marks.node_mut(&mut document.value, &at);
        if let (Some(found), Some((value, marks))) = (found, own) {
            in_place(value, marks, found);
        }
    }
    Ok(())
}

/// Puts what a reference leads to in the reference's place; its other members stay.
pub(super) fn in_place(own: &mut Value, own_marks: &mut Marks, (mut value, mut marks): (Value, Marks)) {
    if let (Value::Object(own), Value::Object(into)) = (&*own, &mut value) {
        for ((name, member), mark) in own.iter().zip(&own_marks.children).filter(|((name, _), _)| *name != "$ref") {
            if let Some(index) = into.keys().position(|key| key == name) {
                (into[name.as_str()], marks.children[index]) = (member.clone(), mark.clone());
            } else {
                into.insert(name.clone(), member.clone());
                marks.children.push(mark.clone());
            }
        }
    }
    (*own, *own_marks) = (value, marks);
}

/// So many nodes may be copied in any document, however short.
const FREE_COPIES: usize = 1000;
/// Beyond them one node for so many bytes of text: what repeats what repeats cannot outgrow the document.
const BYTES_A_COPY: usize = 8;

/// How many nodes of a document of this text may be copied, by aliases or by references that are replaced by what they lead to.
pub(super) const fn copies(text: &str) -> usize {
    FREE_COPIES + text.len() / BYTES_A_COPY
}

/// What is left of a number of nodes once all those of a value are taken from it; none if there are more.
pub(super) fn remaining(value: &Value, left: usize) -> Option<usize> {
    let left = left.checked_sub(1)?;
    match value {
        Value::Array(items) => items.iter().try_fold(left, |left, item| remaining(item, left)),
        Value::Object(members) => members.values().try_fold(left, |left, member| remaining(member, left)),
        _ => Some(left),
    }
}

fn reference(node: &Value) -> Option<&str> {
    node.as_object()?.get("$ref")?.as_str()
}

/// The pointer of a reference into the same document; its fragment is percent-encoded (RFC 6901, section 6).
fn local(reference: &str) -> Option<Pointer> {
    Pointer::parse(&percent_decoded(reference.strip_prefix('#')?)?)
}

/// A part of a reference without its percent-encoding; `None` if it is no UTF-8.
pub(super) fn percent_decoded(part: &str) -> Option<String> {
    percent_encoding::percent_decode_str(part).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

pub(super) fn faults(document: &Document) -> Vec<DocumentError> {
    let mut faults = Vec::new();
    collect(document, &document.value, &Pointer::root(), &mut faults);
    faults
}

fn collect(document: &Document, node: &Value, at: &Pointer, faults: &mut Vec<DocumentError>) {
    if let Some(reference) = reference(node)
        && local(reference).and_then(|_| resolve(&document.value, at)).is_none()
    {
        faults.push(fault(document, at, reference));
    }
    match node {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| !holds_data(name)) {
                collect(document, member, &at.member(name), faults);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(document, item, &at.item(index), faults);
            }
        }
        _ => {}
    }
}

/// Below these members stand plain values, in which `$ref` means nothing.
fn holds_data(name: &str) -> bool {
    matches!(name, "example" | "default" | "enum" | "const") || name.starts_with("x-")
}

fn fault(document: &Document, at: &Pointer, reference: &str) -> DocumentError {
    if !reference.starts_with('#') {
        let why = "a reference to another file is not followed here".to_owned();
        return document.error(at, DocumentErrorKind::OtherFile { reference: reference.to_owned(), why });
    }
    let target = local(reference);
    if target.as_ref().is_some_and(|pointer| pointer.of(&document.value).is_some_and(|node| self::reference(node).is_some())) {
        return circle(document, at, reference);
    }
    let near = target.and_then(|pointer| sibling(&document.value, &pointer));
    document.error(at, DocumentErrorKind::Reference { reference: reference.to_owned(), near })
}

/// A reference to a reference: its end is a place where nothing is, or there is none.
fn circle(document: &Document, at: &Pointer, written: &str) -> DocumentError {
    let mut pointer = at.clone();
    for _ in 0..MOST_HOPS {
        match pointer.of(&document.value).map(reference) {
            Some(Some(next)) => match local(next) {
                Some(next) => pointer = next,
                None => break,
            },
            Some(None) => break,
            None => {
                return document.error(
                    at,
                    DocumentErrorKind::Reference { reference: format!("#{pointer}"), near: sibling(&document.value, &pointer) },
                );
            }
        }
    }
    document.error(at, DocumentErrorKind::Circle(written.to_owned()))
}

/// The reference that exists beside the one that does not.
fn sibling(root: &Value, pointer: &Pointer) -> Option<String> {
    let parent = pointer.parent()?;
    let names = parent.of(root)?.as_object()?;
    let name = nearest(&pointer.last(), names.keys().map(String::as_str))?;
    Some(format!("#{}", parent.member(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n";

    fn faults_of(schemas: &str) -> Vec<String> {
        let document = Document::parse("api.yaml", &format!("{HEAD}{schemas}")).expect("YAML");
        document.faults().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_reference_that_leads_nowhere_names_its_nearest_neighbour() {
        let faults = faults_of("    app.Secret: {type: string}\n    B: {$ref: '#/components/schemas/app.Secrets'}\n");
        assert_eq!(
            faults,
            ["api.yaml:7:5 at /components/schemas/B: `$ref` leads nowhere: `#/components/schemas/app.Secrets`; \
              did you mean `#/components/schemas/app.Secret`?"]
        );
    }

    #[test]
    fn a_circle_and_another_file_are_faults_but_recursion_is_not() {
        assert_eq!(faults_of("    A: {$ref: '#/components/schemas/A'}\n").len(), 1);
        assert!(faults_of("    A: {$ref: 'other.yaml#/A'}\n")[0].contains("is not followed here"));
        let recursive = "    A: {type: object, properties: {next: {$ref: '#/components/schemas/A'}}, example: {$ref: nowhere}}\n";
        assert_eq!(faults_of(recursive), Vec::<String>::new());
    }

    #[test]
    fn chains_are_followed_to_their_end() {
        let root = serde_json::json!({"a": {"$ref": "#/b"}, "b": {"$ref": "#/c~1d"}, "c/d": 1});
        let (pointer, value) = resolve(&root, &Pointer::root().member("a")).expect("it ends");
        assert_eq!((pointer.as_str(), value), ("/c~1d", &serde_json::json!(1)));
    }
}
