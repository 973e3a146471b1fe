//! Overlays: files that add to a document, or take from it, without touching it (OpenAPI Overlay Specification 1.0 and 1.1).

mod action;
mod apply;

use serde_json::Value;

use crate::document::{Document, DocumentError, DocumentErrorKind, Pointer};
use action::Action;

/// An Overlay document, read and ready to be applied.
#[derive(Clone, Debug)]
pub struct Overlay {
    document: Document,
    actions: Vec<Action>,
}

impl Overlay {
    /// Reads an overlay (section "Overlay Object"). `file` is the name that errors show.
    pub fn parse(file: &str, text: &str) -> Result<Self, DocumentError> {
        let document = Document::parse(file, text)?;
        let root = Pointer::root();
        let fail = |pointer: &Pointer, message: &str| Err(document.error(pointer, DocumentErrorKind::Overlay(message.to_owned())));
        match document.value.get("overlay").and_then(Value::as_str) {
            Some(version) if version.starts_with("1.0.") || version.starts_with("1.1.") => {}
            _ => return fail(&root.member("overlay"), "expected a member `overlay: 1.0.x` or `overlay: 1.1.x`"),
        }
        for name in ["title", "version"] {
            if document.value["info"][name].as_str().is_none() {
                return fail(&root.member("info"), &format!("expected a text `{name}` in `info`"));
            }
        }
        let at = root.member("actions");
        let items = match document.value.get("actions").and_then(Value::as_array) {
            Some(items) if !items.is_empty() => items,
            _ => return fail(&at, "expected at least one action in `actions`"),
        };
        let actions =
            items.iter().enumerate().map(|(index, item)| Action::read(&document, item, &at.item(index))).collect::<Result<_, _>>()?;
        Ok(Self { document, actions })
    }

    /// Applies every action in order. A target that selects nothing changes nothing (Overlay 1.1, section "Action Object"), and is told by
    /// [`Document::warnings`]: it may be a typing mistake, or an outdated overlay.
    pub fn apply(&self, target: &mut Document) -> Result<(), DocumentError> {
        self.actions.iter().try_for_each(|action| apply::apply(&self.document, action, target))
    }
}
