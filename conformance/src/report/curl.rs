//! Requests as curl lines that work when they are pasted, one after the other, into a POSIX shell.
//!
//! Credentials are environment variables; an id that the server issued in an earlier line is captured by `jq`; secrets are stand-ins.

use http::{HeaderName, HeaderValue};
use serde_json::Value;
use specs::contract::{Contract, Input};
use specs::wire::{Inputs, Payload, Request, send};

use super::shell::{Piece, argument, pieces, printing, quoted};
use crate::canary::Canaries;
use crate::credentials::Credentials;
use crate::trail::{Issued, Sent};

/// What is needed to write lines.
pub(crate) struct Script<'s> {
    pub(crate) contract: &'s Contract,
    pub(crate) base: &'s str,
    pub(crate) credentials: &'s Credentials,
    pub(crate) canaries: &'s Canaries,
}

/// A text in whose place a shell variable stands, but for what it begins with.
struct Mark {
    kept: String,
    replaced: String,
    variable: String,
}

/// An id that an earlier line has captured.
struct Captured<'s> {
    variable: String,
    issued: &'s Issued,
}

impl Script<'_> {
    /// A line for each step. What a later one gives back to the server is captured from the answer that told it.
    pub(crate) fn lines(&self, steps: &[&Sent]) -> Vec<String> {
        let mut captured: Vec<Captured<'_>> = Vec::new();
        let mut lines = Vec::new();
        for (number, sent) in steps.iter().enumerate() {
            let line = self.line(sent, &captured);
            let given = |issued: &&Issued| steps[number + 1..].iter().any(|later| later.gives(self.contract, issued).next().is_some());
            match sent.issued.iter().find(given) {
                Some(issued) => {
                    let variable = format!("ID_{}", captured.len() + 1);
                    lines.push(format!("{variable}=$({line} | jq -r {})", quoted(&filter(&issued.pointer))));
                    captured.push(Captured { variable, issued });
                }
                None => lines.push(line),
            }
        }
        lines
    }

    fn line(&self, sent: &Sent, captured: &[Captured<'_>]) -> String {
        let (request, marks) = self.marked(sent, captured);
        let url = self.url(&request, &marks);
        let verb = if request.method == http::Method::HEAD { "--head".to_owned() } else { format!("-X {}", request.method) };
        // Without these, curl takes out dots from a path and reads brackets as patterns.
        let dots = request.path.split('/').any(|segment| matches!(segment, "." | ".."));
        let globs = request.target().contains(['[', ']', '{', '}']);
        let as_is =
            [(dots, "--path-as-is"), (globs, "--globoff")].into_iter().filter(|(needed, _)| *needed).map(|(_, option)| option.to_owned());
        let headers = request.headers.iter().map(|(name, value)| self.header(name, value));
        let start = ["curl -sS".to_owned(), verb].into_iter().chain(as_is).chain([url]).chain(headers);
        if request.body.is_empty() {
            return start.collect::<Vec<_>>().join(" ");
        }
        // curl names a media type of its own where none is given.
        let none = (!request.headers.contains_key("content-type")).then(|| "-H 'content-type:'".to_owned());
        let line = start.chain(none).collect::<Vec<_>>().join(" ");
        let body = with_variables(pieces(&self.shown_bytes(&request.body)), &marks);
        match argument(&body) {
            Some(argument) => format!("{line} --data-raw {argument}"),
            None => format!("{} | {line} --data-binary @-", printing(&body)),
        }
    }

    /// The request with a mark wherever it gives back what an earlier line has captured.
    fn marked(&self, sent: &Sent, captured: &[Captured<'_>]) -> (Request, Vec<Mark>) {
        let mut inputs = sent.case.inputs.clone();
        let mut marks = Vec::new();
        for own in captured {
            let mark = format!("LOCKSTEP{}CAPTURED", own.variable.replace('_', ""));
            for input in sent.gives(self.contract, own.issued) {
                mark_input(&mut inputs, input, &mark);
                // A number stands in JSON without quotation marks.
                let quoted = matches!((input, &own.issued.id), (Input::Member(_) | Input::Inner(_), Value::Number(_)));
                let replaced = if quoted { format!("\"{mark}\"") } else { mark.clone() };
                marks.push(Mark { kept: String::new(), replaced, variable: own.variable.clone() });
            }
        }
        let endpoint = &self.contract.endpoints[sent.case.endpoint];
        let mut request = sent.request.clone();
        if !marks.is_empty() && sent.case.method.is_none() {
            let (plain, marked) = (send(self.contract, endpoint, &sent.case.inputs), send(self.contract, endpoint, &inputs));
            let keys = key_part(request.query.as_deref(), plain.query.as_deref());
            request.path = marked.path;
            request.query = join(marked.query, keys);
            request.body = marked.body;
        }
        (request, marks)
    }

    fn url(&self, request: &Request, marks: &[Mark]) -> String {
        let keys: Vec<Mark> = self.credentials.keys().map(|(kept, replaced, variable)| Mark { kept, replaced, variable }).collect();
        let url = vec![Piece::Bytes(format!("{}{}", self.base, request.target()).into_bytes())];
        let pieces = with_variables(with_variables(url, &keys), marks);
        let shown = |piece: Piece| match piece {
            Piece::Bytes(bytes) => Piece::Bytes(self.canaries.redact(&String::from_utf8_lossy(&bytes)).into_bytes()),
            other => other,
        };
        let told = |piece: Piece| match shown(piece) {
            Piece::Bytes(bytes) | Piece::Repeated(bytes, _) => quoted(&String::from_utf8_lossy(&bytes)),
            Piece::Variable(name) => format!("\"${name}\""),
        };
        pieces.into_iter().map(told).collect()
    }

    fn header(&self, name: &HeaderName, value: &HeaderValue) -> String {
        if let Some(variable) = self.credentials.variable_of(name, value) {
            return format!("-H \"{name}: ${variable}\"");
        }
        let value = self.canaries.redact(&String::from_utf8_lossy(value.as_bytes()));
        // An empty header is written with a semicolon, or curl leaves it out.
        if value.is_empty() { format!("-H '{name};'") } else { format!("-H {}", quoted(&format!("{name}: {value}"))) }
    }

    /// A body with stand-ins for its secrets; what is no text stays as it is between them.
    fn shown_bytes(&self, body: &[u8]) -> Vec<u8> {
        let mut shown = Vec::new();
        for chunk in body.utf8_chunks() {
            shown.extend(self.canaries.stand_in(chunk.valid()).into_bytes());
            shown.extend(chunk.invalid());
        }
        shown
    }
}

fn mark_input(inputs: &mut Inputs, input: &Input, mark: &str) {
    match (input, &mut inputs.body) {
        (Input::Member(name), Some(Payload::Json(Value::Object(members)))) => drop(members.insert(name.clone(), mark.into())),
        (Input::Parameter(..), _) => inputs.set(input, mark.into()),
        // What lies deeper in a body is no id that an answer tells.
        (Input::Member(_) | Input::Inner(_), _) => {}
    }
}

/// The keys that were added to a query when it was signed.
fn key_part(signed: Option<&str>, plain: Option<&str>) -> Option<String> {
    let rest = signed?.strip_prefix(plain.unwrap_or_default())?;
    Some(rest.trim_start_matches('&').to_owned()).filter(|rest| !rest.is_empty())
}

fn join(query: Option<String>, more: Option<String>) -> Option<String> {
    match (query, more) {
        (Some(query), Some(more)) => Some(format!("{query}&{more}")),
        (query, more) => query.or(more),
    }
}

/// Pieces with variables in the place of certain texts.
fn with_variables(pieces: Vec<Piece>, marks: &[Mark]) -> Vec<Piece> {
    marks.iter().fold(pieces, |pieces, mark| pieces.into_iter().flat_map(|piece| split(piece, mark)).collect())
}

fn split(piece: Piece, mark: &Mark) -> Vec<Piece> {
    let Piece::Bytes(bytes) = piece else { return vec![piece] };
    let mut parts = Vec::new();
    let mut rest = bytes.as_slice();
    let found = format!("{}{}", mark.kept, mark.replaced);
    while let Some(at) = rest.windows(found.len()).position(|window| window == found.as_bytes()) {
        parts.extend([Piece::Bytes(rest[..at + mark.kept.len()].to_vec()), Piece::Variable(mark.variable.clone())]);
        rest = &rest[at + found.len()..];
    }
    parts.push(Piece::Bytes(rest.to_vec()));
    parts.retain(|part| !matches!(part, Piece::Bytes(bytes) if bytes.is_empty()));
    parts
}

/// A JSON Pointer as a filter of jq's.
fn filter(pointer: &str) -> String {
    let names = pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
    let step = |name: String| match name.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!("[{}]", Value::from(name)),
    };
    format!(".{}", names.map(step).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_becomes_a_filter() {
        assert_eq!(filter("/data/0/odd \"name\""), r#".["data"][0]["odd \"name\""]"#);
        assert_eq!(filter(""), ".");
    }

    #[test]
    fn a_mark_becomes_a_variable_wherever_it_stands() {
        let mark = |kept: &str| Mark { kept: kept.to_owned(), replaced: "MARK".to_owned(), variable: "ID_1".to_owned() };
        let told = split(Piece::Bytes(b"a=MARK&b=MARK".to_vec()), &mark(""));
        assert_eq!(argument(&told).as_deref(), Some("'a='\"$ID_1\"'&b='\"$ID_1\""));
        let told = split(Piece::Bytes(b"a=MARK&b=MARK".to_vec()), &mark("b="));
        assert_eq!(argument(&told).as_deref(), Some("'a=MARK&b='\"$ID_1\""));
    }

    #[test]
    fn keys_that_a_signature_adds_are_kept() {
        assert_eq!(key_part(Some("a=1&key=x"), Some("a=1")).as_deref(), Some("key=x"));
        assert_eq!(key_part(Some("key=x"), None).as_deref(), Some("key=x"));
        assert_eq!(key_part(Some("a=1"), Some("a=1")), None);
    }
}
