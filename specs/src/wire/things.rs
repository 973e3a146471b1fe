//! Things as an answer writes them: straight from what is stored into the body, without a copy in between.

use serde_json::Value;

use super::moment;
use super::outcome::Records;
use super::project::{project, veiled};
use super::record::{Held, Record};
use crate::claims::Visibility;
use crate::contract::{AnswerPlace, Member};
use crate::document::Pointer;

/// The body of an answer, with the things at their place in it.
pub(super) struct Body<'b> {
    /// Everything else that stands in it; without it the things are all.
    pub(super) around: Option<Value>,
    pub(super) place: &'b AnswerPlace,
    /// The one field that an entry of the list is.
    pub(super) entry: Option<&'b str>,
    pub(super) records: &'b Records,
}

impl Body<'_> {
    /// The body as JSON.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        match &self.around {
            None => self.things(&mut out),
            Some(around) => {
                let tokens: Vec<_> = self.place.pointer.tokens().collect();
                let tokens: Vec<&str> = tokens.iter().map(AsRef::as_ref).collect();
                self.around(around, &tokens, &mut out);
            }
        }
        out
    }

    /// What stands around the things, down to their place.
    fn around(&self, value: &Value, tokens: &[&str], out: &mut Vec<u8>) {
        match (value, tokens.split_first()) {
            (_, None) => self.things(out),
            (Value::Object(members), Some((token, rest))) => {
                object(members.iter().map(|(name, member)| (name.as_str(), member)), out, |name, member, out| {
                    if name == *token { self.around(member, rest, out) } else { json(member, out) }
                });
            }
            (other, Some(_)) => json(other, out),
        }
    }

    fn things(&self, out: &mut Vec<u8>) {
        match self.records {
            Records::None => json(&Value::Null, out),
            Records::One(record) if !self.place.many => self.thing(record, out),
            Records::One(record) => self.list(std::slice::from_ref(record), out),
            Records::Many(records) => self.list(records, out),
        }
    }

    fn list(&self, records: &[Record], out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, record) in records.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            match self.entry {
                Some(field) => write(record.held(field).unwrap_or(Held::Value(&Value::Null)), out),
                None => self.thing(record, out),
            }
        }
        out.push(b']');
    }

    fn thing(&self, record: &Record, out: &mut Vec<u8>) {
        if self.place.members.is_empty() || self.place.far_veils {
            return json(&project(record, self.place), out);
        }
        out.push(b'{');
        let before = out.len();
        for member in &self.place.members {
            let start = out.len();
            if start > before {
                out.push(b',');
            }
            out.extend_from_slice(&member.key);
            if !self.member(member, record, out) {
                out.truncate(start);
            }
        }
        out.push(b'}');
    }

    /// Writes a member's value as far as it may be seen; false where nothing is to be seen.
    fn member(&self, member: &Member, record: &Record, out: &mut Vec<u8>) -> bool {
        let Some(held) = record.held(&member.name).or(member.instead.as_ref().map(Held::Value)) else { return false };
        match member.veils.as_slice() {
            [] => write(held, out),
            [(path, Visibility::Masked)] if path.names().len() == 1 => text(&self.place.mask, out),
            [(path, Visibility::Absent)] if path.names().len() == 1 => return false,
            _ => {
                let Some(shown) = veiled(member, held.to_value(), &self.place.mask) else { return false };
                json(&shown, out);
            }
        }
        true
    }
}

fn write(held: Held<'_>, out: &mut Vec<u8>) {
    match held {
        Held::Value(Value::String(own)) => text(own, out),
        Held::Value(other) => json(other, out),
        Held::Moment(millis, format) => {
            out.push(b'"');
            moment::write(millis, format, out);
            out.push(b'"');
        }
    }
}

/// A text as JSON: most have nothing that must be escaped (RFC 8259, section 7).
fn text(text: &str, out: &mut Vec<u8>) {
    if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        return json(text, out);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// An object whose members are written by `write`.
fn object<'v>(
    members: impl Iterator<Item = (&'v str, &'v Value)>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(&str, &'v Value, &mut Vec<u8>),
) {
    out.push(b'{');
    for (index, (name, member)) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        json(name, out);
        out.push(b':');
        write(name, member, out);
    }
    out.push(b'}');
}

fn json(value: &(impl serde::Serialize + ?Sized), out: &mut Vec<u8>) {
    serde_json::to_writer(out, value).expect("memory can be written, and every name is text");
}

/// Whether two places in a body have nothing to do with each other.
pub(super) fn are_apart(one: &Pointer, other: &Pointer) -> bool {
    let within = |outer: &Pointer, inner: &Pointer| {
        inner.as_str().strip_prefix(outer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    !within(one, other) && !within(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    #[test]
    fn texts_are_written_as_json_has_them() {
        for plain in ["", "a", "a\"b", "a\\b", "a\nb", "ä\u{7f}\u{1}"] {
            let mut out = Vec::new();
            text(plain, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), Value::from(plain).to_string());
        }
    }

    #[test]
    fn places_are_apart_unless_one_holds_the_other() {
        let apart = |one: &str, other: &str| {
            let pointer = |text| Pointer::parse(text).expect("a pointer");
            are_apart(&pointer(one), &pointer(other))
        };
        assert!(apart("/a", "/b") && apart("/a", "/ab") && apart("/a/b", "/a/c"));
        assert!(!apart("", "/a") && !apart("/a", "/a") && !apart("/a/b", "/a"));
    }

    #[test]
    fn things_stand_where_they_belong() {
        let place = AnswerPlace { pointer: Pointer::parse("/data/list").expect("a pointer"), many: true, ..AnswerPlace::default() };
        let record = |name: &str| Record::from(Map::from_iter([("name".to_owned(), json!(name))]));
        let records = Records::Many(vec![record("a"), record("b")]);
        let around = Some(json!({"data": {"list": null, "count": 2}, "ok": true}));
        let body = Body { around, place: &place, entry: None, records: &records };
        assert_eq!(String::from_utf8_lossy(&body.to_json()), r#"{"data":{"list":[{"name":"a"},{"name":"b"}],"count":2},"ok":true}"#);
        let body = Body { entry: Some("name"), ..body };
        assert_eq!(String::from_utf8_lossy(&body.to_json()), r#"{"data":{"list":["a","b"],"count":2},"ok":true}"#);
    }
}
