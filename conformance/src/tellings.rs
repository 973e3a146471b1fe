//! Tellings: every way in which a secret may stand in an answer.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Pieces of a secret shorter than this are found by accident.
pub(crate) const PIECE: usize = 8;

/// How a secret is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Telling {
    /// As it is.
    Plain,
    /// In base64.
    Base64,
    /// In hexadecimal.
    Hex,
    /// Percent-encoded.
    Percent,
    /// Read backwards.
    Reversed,
    /// A part of at least eight characters.
    Piece,
}

impl fmt::Display for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "in clear",
            Self::Base64 => "in base64",
            Self::Hex => "in hexadecimal",
            Self::Percent => "percent-encoded",
            Self::Reversed => "read backwards",
            Self::Piece => "in part",
        })
    }
}

/// Every text by which a secret may be told.
pub(crate) fn tellings(secret: &str) -> Vec<(String, Telling)> {
    let mut told = vec![(secret.to_owned(), Telling::Plain)];
    let escaped = serde_json::to_string(secret).unwrap_or_default();
    told.push((escaped.trim_matches('"').to_owned(), Telling::Plain));
    told.extend(base64_cores(secret).into_iter().map(|core| (core, Telling::Base64)));
    let hex = hex(secret);
    told.push((hex.to_uppercase(), Telling::Hex));
    told.push((hex, Telling::Hex));
    told.push((utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(), Telling::Percent));
    told.push((secret.chars().rev().collect(), Telling::Reversed));
    let characters: Vec<char> = secret.chars().collect();
    if characters.len() > PIECE {
        let ends = [&characters[..PIECE], &characters[characters.len() - PIECE..]];
        told.extend(ends.into_iter().map(|piece| (piece.iter().collect(), Telling::Piece)));
    }
    let mut known = BTreeSet::new();
    told.retain(|(text, _)| known.insert(text.clone()));
    told
}

/// A text's bytes in lower-case hexadecimal.
pub(crate) fn hex(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.bytes().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// What stays of a text in base64 whatever stands before and after it: one core for each of the three alignments.
fn base64_cores(secret: &str) -> Vec<String> {
    (0..3)
        .map(|shift| {
            let padded = [vec![b'x'; shift], secret.as_bytes().to_vec()].concat();
            let encoded = BASE64_STANDARD.encode(&padded);
            let start = if shift == 0 { 0 } else { 4 };
            // The last whole group may be mixed with what follows.
            let end = padded.len() / 3 * 4;
            encoded.get(start..end).unwrap_or_default().to_owned()
        })
        .collect()
}
