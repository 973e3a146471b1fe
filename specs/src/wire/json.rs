//! JSON bodies as they are read: by RFC 8259, or as leniently as the vendor reads them.
//!
//! Of two members with one name the last counts, as in most readers: the RFC (section 4) leaves it open.

use serde_json::{Map, Value};

use super::receive::Unreadable;
use crate::claims::JsonReading;
use crate::contract::Media;

/// Reads a body.
pub(super) fn read(bytes: &[u8], reading: JsonReading, media: &Media) -> Result<Value, Unreadable> {
    let value = if reading.trailing {
        serde_json::Deserializer::from_slice(bytes).into_iter().next().transpose()
    } else {
        serde_json::from_slice(bytes).map(Some)
    };
    let value: Value = value.ok().flatten().ok_or(Unreadable::Malformed)?;
    Ok(match value {
        Value::Null if reading.null_is_absent => Value::Object(Map::new()),
        Value::Object(members) if reading.any_case || reading.null_is_absent => Value::Object(settle(members, reading, media)),
        other => other,
    })
}

fn settle(members: Map<String, Value>, reading: JsonReading, media: &Media) -> Map<String, Value> {
    let declared = media.schema.as_ref().map(|schema| schema.node().properties()).unwrap_or_default();
    let mut settled = Map::new();
    for (name, member) in members {
        let known = declared.iter().map(|(own, _)| *own).find(|own| reading.any_case && own.eq_ignore_ascii_case(&name));
        let name = known.map_or(name, str::to_owned);
        if member.is_null() && reading.null_is_absent {
            continue;
        }
        settled.insert(name, member);
    }
    settled
}
