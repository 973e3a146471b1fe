//! Tellings: every way in which a secret may stand in an answer.

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
    let mut add = |text: String, telling| {
        if told.iter().all(|(known, _)| *known != text) {
            told.push((text, telling));
        }
    };
    let escaped = serde_json::to_string(secret).unwrap_or_default();
    add(escaped.trim_matches('"').to_owned(), Telling::Plain);
    base64_cores(secret).into_iter().for_each(|core| add(core, Telling::Base64));
    let hex = hex(secret);
    add(hex.to_ascii_uppercase(), Telling::Hex);
    add(hex, Telling::Hex);
    add(utf8_percent_encode(secret, NON_ALPHANUMERIC).collect(), Telling::Percent);
    add(secret.chars().rev().collect(), Telling::Reversed);
    ends(secret).into_iter().flatten().for_each(|end| add(end.to_owned(), Telling::Piece));
    told
}

/// The first and the last characters of a secret that has more of them than a piece.
fn ends(secret: &str) -> Option<[&str; 2]> {
    let (first, _) = secret.char_indices().nth(PIECE)?;
    let (last, _) = secret.char_indices().nth_back(PIECE - 1)?;
    Some([&secret[..first], &secret[last..]])
}

/// A text's bytes in lower-case hexadecimal.
pub(crate) fn hex(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.bytes().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// What stays of a text in base64 whatever stands before and after it: one core for each of the three alignments.
fn base64_cores(secret: &str) -> Vec<String> {
    let padded = [b"xx", secret.as_bytes()].concat();
    (0..3)
        .map(|shift| {
            let padded = &padded[2 - shift..];
            let mut encoded = BASE64_STANDARD.encode(padded);
            // The last whole group may be mixed with what follows.
            encoded.truncate(padded.len() / 3 * 4);
            if shift == 0 { encoded } else { encoded.get(4..).unwrap_or_default().to_owned() }
        })
        .collect()
}
