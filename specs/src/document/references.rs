//! `$ref`: following references, and finding those that lead nowhere (OpenAPI 3.1, section 4.8.23).

use serde_json::Value;

use super::error::{DocumentError, DocumentErrorKind, nearest};
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
    let near = local(reference).and_then(|pointer| sibling(&document.value, &pointer));
    document.error(at, DocumentErrorKind::Reference { reference: reference.to_owned(), near })
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
