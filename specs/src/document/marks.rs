//! Marks: where each node of a document stands in its file.
//!
//! They form a tree of the same shape as the value, so that an overlay can change both alike and a place never lies.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::pointer::Pointer;

/// A place in a file: name, line and column (both from 1), and the JSON Pointer of the node there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name as the user gave it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The node.
    pub pointer: Pointer,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)?;
        if self.pointer.is_root() { Ok(()) } else { write!(f, " at {}", self.pointer) }
    }
}

/// Where one node begins.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) file: Arc<str>,
    /// Half a word each: every node of a document has a mark.
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A line or a column as a mark holds it; no text that is read here has more than 32 bits of them.
pub(crate) fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Mark {
    /// The same as a place, for the node at `pointer`.
    pub(crate) fn place(&self, pointer: Pointer) -> Place {
        Place { file: Arc::clone(&self.file), line: self.line as usize, column: self.column as usize, pointer }
    }
}

/// A node's mark and those of its members or items, in the value's own order.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    pub(crate) mark: Mark,
    pub(crate) children: Vec<Marks>,
}

impl Marks {
    pub(crate) const fn leaf(mark: Mark) -> Self {
        Self { mark, children: Vec::new() }
    }

    /// The node at `pointer`, with its marks.
    pub(crate) fn node<'d>(&'d self, mut value: &'d Value, pointer: &Pointer) -> Option<(&'d Value, &'d Self)> {
        let mut marks = self;
        for token in pointer.tokens() {
            marks = marks.children.get(child_index(value, &token)?)?;
            value = if value.is_array() { value.get(token.parse::<usize>().ok()?)? } else { value.get(token.as_ref())? };
        }
        Some((value, marks))
    }

    /// The node at `pointer`, with its marks, to change both.
    pub(crate) fn node_mut<'d>(&'d mut self, mut value: &'d mut Value, pointer: &Pointer) -> Option<(&'d mut Value, &'d mut Self)> {
        let mut marks = self;
        for token in pointer.tokens() {
            marks = marks.children.get_mut(child_index(value, &token)?)?;
            value = if value.is_array() { value.get_mut(token.parse::<usize>().ok()?)? } else { value.get_mut(token.as_ref())? };
        }
        Some((value, marks))
    }

    /// The place of `pointer` in `value`; of its nearest ancestor where nothing stands there.
    pub(crate) fn place(&self, value: &Value, pointer: &Pointer) -> Place {
        let (mut marks, mut value) = (self, value);
        for token in pointer.tokens() {
            let Some(index) = child_index(value, &token) else { break };
            let (Some(child), Some(inner)) = (marks.children.get(index), child_at(value, index)) else { break };
            (marks, value) = (child, inner);
        }
        marks.mark.place(pointer.clone())
    }
}

/// The position of a member or item among its siblings.
pub(crate) fn child_index(value: &Value, token: &str) -> Option<usize> {
    match value {
        Value::Object(members) => members.keys().position(|key| key == token),
        Value::Array(items) => token.parse().ok().filter(|index| *index < items.len()),
        _ => None,
    }
}

fn child_at(value: &Value, index: usize) -> Option<&Value> {
    match value {
        Value::Object(members) => members.values().nth(index),
        Value::Array(items) => items.get(index),
        _ => None,
    }
}
