//! One action of an overlay.

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::document::{Document, DocumentError, DocumentErrorKind, Pointer, nearest};

/// What an action does to each node that its target selects.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Merge the value that stands at this pointer of the overlay.
    Update(Pointer),
    /// Merge the one node of the target document that this path selects (1.1).
    Copy(JsonPath),
    /// Take the node out.
    Remove,
}

/// A target and a change.
#[derive(Clone, Debug)]
pub(super) struct Action {
    pub(super) at: Pointer,
    pub(super) target: JsonPath,
    pub(super) change: Change,
}

impl Action {
    pub(super) fn read(overlay: &Document, item: &Value, at: &Pointer) -> Result<Self, DocumentError> {
        let fail = |pointer: &Pointer, message: String| Err(overlay.error(pointer, DocumentErrorKind::Overlay(message)));
        let Some(members) = item.as_object() else { return fail(at, "expected an object".to_owned()) };
        let known = ["target", "description", "update", "remove", "copy"];
        if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str()) && !name.starts_with("x-")) {
            let near = nearest(unknown, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return fail(&at.member(unknown), format!("the member `{unknown}` is not expected in an action{near}"));
        }
        let target = path(overlay, item, at, "target")?;
        let Some(target) = target else { return fail(at, "expected a `target`".to_owned()) };
        let change = match (members.get("remove"), members.contains_key("update"), path(overlay, item, at, "copy")?) {
            (Some(Value::Bool(true)), _, _) => Change::Remove,
            (Some(Value::Bool(false)) | None, true, None) => Change::Update(at.member("update")),
            (Some(Value::Bool(false)) | None, false, Some(copy)) => Change::Copy(copy),
            (Some(Value::Bool(false)) | None, _, _) => return fail(at, "expected one of `update`, `copy` and `remove: true`".to_owned()),
            (Some(_), _, _) => return fail(&at.member("remove"), "expected true or false".to_owned()),
        };
        Ok(Self { at: at.clone(), target, change })
    }
}

/// The JSONPath (RFC 9535) in a member, if the member is there.
fn path(overlay: &Document, item: &Value, at: &Pointer, name: &str) -> Result<Option<JsonPath>, DocumentError> {
    let Some(value) = item.get(name) else { return Ok(None) };
    let fail = |message: String| Err(overlay.error(&at.member(name), DocumentErrorKind::Overlay(message)));
    match value.as_str().map(JsonPath::parse) {
        Some(Ok(path)) => Ok(Some(path)),
        Some(Err(error)) => fail(format!("not a JSONPath (RFC 9535): {error}")),
        None => fail("expected a JSONPath as text".to_owned()),
    }
}
