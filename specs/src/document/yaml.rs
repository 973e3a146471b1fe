//! YAML text into a value and its marks, by the YAML 1.2 core rules.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use serde_json::{Map, Number, Value};

use super::error::{DocumentError, DocumentErrorKind};
use super::marks::{Mark, Marks, Place, short};
use super::pointer::Pointer;
use super::references::{copies, remaining};

/// Deeper nesting than this is refused, as `serde_json` does for JSON: no API description needs it, and recursion over the value stays safe.
const DEEPEST: usize = 127;
pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<(Value, Marks), DocumentError> {
    let mut reader = Reader { file, events: Parser::new_from_str(text), anchors: HashMap::new(), copies: copies(text) };
    reader.document()
}

struct Reader<'f, 't> {
    file: &'f Arc<str>,
    events: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, (Value, Marks)>,
    /// How many nodes may still be copied for anchors and aliases.
    copies: usize,
}

impl<'t> Reader<'_, 't> {
    fn document(&mut self) -> Result<(Value, Marks), DocumentError> {
        let mut read = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
                _ if read.is_some() => {
                    let message = "a second YAML document begins here; one file holds one document".to_owned();
                    return Err(syntax(self.file, span.start, Pointer::root(), message));
                }
                event => read = Some(self.node(event, &Pointer::root(), (span.start, span.start), 0)?),
            }
        }
        read.ok_or_else(|| syntax(self.file, Marker::new(0, 1, 0), Pointer::root(), "the file is empty".to_owned()))
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), DocumentError> {
        let failed = |error: ScanError| syntax(self.file, *error.marker(), Pointer::root(), error.info().to_owned());
        self.events.next_event().unwrap_or_else(|| Ok((Event::StreamEnd, Span::default()))).map_err(failed)
    }

    /// Reads a node from its first event on; it begins at `here`, and a reader looks for it at `start`: at its key, or at the item itself.
    fn node(
        &mut self,
        event: Event<'t>,
        at: &Pointer,
        (start, here): (Marker, Marker),
        depth: usize,
    ) -> Result<(Value, Marks), DocumentError> {
        if depth > DEEPEST {
            return Err(syntax(self.file, here, at.clone(), format!("nested deeper than {DEEPEST} levels")));
        }
        let mark = mark(self.file, start);
        let (read, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(text, style, tag.as_ref()).map_err(|message| syntax(self.file, here, at.clone(), message.to_owned()))?;
                ((value, Marks::leaf(mark)), anchor)
            }
            Event::SequenceStart(anchor, _) => (self.sequence(at, mark, depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.mapping(at, mark, depth)?, anchor),
            Event::Alias(anchor) => (self.repeated(anchor, mark, at, here)?, 0),
            _ => return Err(syntax(self.file, here, at.clone(), "expected a value".to_owned())),
        };
        if anchor > 0 {
            self.count(&read.0, at, here)?;
            self.anchors.insert(anchor, read.clone());
        }
        Ok(read)
    }

    /// What an alias repeats.
    fn repeated(&mut self, anchor: usize, mark: Mark, at: &Pointer, here: Marker) -> Result<(Value, Marks), DocumentError> {
        let Some((value, marks)) = self.anchors.get(&anchor) else {
            return Err(syntax(self.file, here, at.clone(), "an alias may not stand inside what it repeats".to_owned()));
        };
        let (value, marks) = (value.clone(), Marks { mark, children: marks.children.clone() });
        self.count(&value, at, here)?;
        Ok((value, marks))
    }

    fn sequence(&mut self, at: &Pointer, mark: Mark, depth: usize) -> Result<(Value, Marks), DocumentError> {
        let (mut values, mut children) = (Vec::new(), Vec::new());
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                // Room for growth would be half of what a long list takes.
                values.shrink_to_fit();
                children.shrink_to_fit();
                return Ok((Value::Array(values), Marks { mark, children }));
            }
            let (value, marks) = self.node(event, &at.item(values.len()), (span.start, span.start), depth + 1)?;
            values.push(value);
            children.push(marks);
        }
    }

    fn mapping(&mut self, at: &Pointer, mark: Mark, depth: usize) -> Result<(Value, Marks), DocumentError> {
        let (mut object, mut children) = (Map::new(), Vec::new());
        loop {
            let (event, key) = self.next()?;
            if event == Event::MappingEnd {
                children.shrink_to_fit();
                return Ok((Value::Object(object), Marks { mark, children }));
            }
            let name = self.key(event, key.start, at)?;
            if object.contains_key(&name) {
                return Err(syntax(self.file, key.start, at.clone(), format!("the key `{name}` stands here twice")));
            }
            let (event, span) = self.next()?;
            let (value, marks) = self.node(event, &at.member(&name), (key.start, span.start), depth + 1)?;
            object.insert(name, value);
            children.push(marks);
        }
    }

    /// A key as text: `200:` and `'200':` name the same response.
    fn key(&mut self, event: Event<'t>, start: Marker, at: &Pointer) -> Result<String, DocumentError> {
        let value = match event {
            Event::Scalar(text, style, _, tag) => scalar(text, style, tag.as_ref()).unwrap_or_default(),
            _ => Value::Null,
        };
        let fail = |message: &str| Err(syntax(self.file, start, at.clone(), message.to_owned()));
        match value {
            Value::String(name) if name == "<<" => {
                fail("merge keys (`<<`) are not part of YAML 1.2, which OpenAPI uses; write the members out")
            }
            Value::String(name) => Ok(name),
            Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
            Value::Bool(flag) => Ok(flag.to_string()),
            _ => fail("a key must be plain text"),
        }
    }

    /// Pays for a copy of this value.
    fn count(&mut self, value: &Value, at: &Pointer, here: Marker) -> Result<(), DocumentError> {
        let message = "the aliases (`*name`) repeat more than the whole document holds; write it out, or use `$ref`";
        self.copies = remaining(value, self.copies).ok_or_else(|| syntax(self.file, here, at.clone(), message.to_owned()))?;
        Ok(())
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Cow<'_, Tag>>) -> Result<Value, &'static str> {
    // Whole numbers beyond 63 bits, which JSON holds and the YAML reader takes for fractions.
    if style == ScalarStyle::Plain
        && tag.is_none()
        && let Ok(number) = text.parse::<u64>()
    {
        return Ok(Value::Number(number.into()));
    }
    match Scalar::parse_from_cow_and_metadata(text, style, tag) {
        Some(scalar) => scalar_value(scalar).ok_or("not a number that JSON can hold"),
        None => Err("not a value that JSON can hold"),
    }
}

fn scalar_value(scalar: Scalar<'_>) -> Option<Value> {
    Some(match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(flag) => Value::Bool(flag),
        Scalar::Integer(number) => Value::Number(number.into()),
        Scalar::FloatingPoint(number) => Value::Number(Number::from_f64(number.into_inner())?),
        Scalar::String(text) => Value::String(text.into_owned()),
    })
}

fn mark(file: &Arc<str>, marker: Marker) -> Mark {
    Mark { file: Arc::clone(file), line: short(marker.line()), column: short(marker.col() + 1) }
}

fn syntax(file: &Arc<str>, marker: Marker, pointer: Pointer, message: String) -> DocumentError {
    let place = Place { file: Arc::clone(file), line: marker.line(), column: marker.col() + 1, pointer };
    DocumentError { place, kind: Box::new(DocumentErrorKind::Syntax(message)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<(Value, Marks), DocumentError> {
        parse(&Arc::from("api.yaml"), text)
    }

    #[test]
    fn words_that_yaml_1_1_took_for_booleans_stay_words() {
        let (value, _) = read("a: no\nb: [y, on]\nc: 1_000\nd: 2024-01-01\n200: ok").expect("valid YAML");
        assert_eq!(value, json!({"a": "no", "b": ["y", "on"], "c": "1_000", "d": "2024-01-01", "200": "ok"}));
    }

    #[test]
    fn a_place_points_at_the_key() {
        let (value, marks) = read("a:\n  - x\n  - b:\n      c: 1\n").expect("valid YAML");
        let place = marks.place(&value, &Pointer::parse("/a/1/b/c").expect("a pointer"));
        assert_eq!(place.to_string(), "api.yaml:4:7 at /a/1/b/c");
    }

    #[test]
    fn what_json_cannot_hold_is_refused_with_its_place() {
        for (text, expected) in [
            ("", "api.yaml:1:1: the file is empty"),
            ("a: .inf", "api.yaml:1:4 at /a: not a number that JSON can hold"),
            ("x: 1\n<<: {a: 1}", "api.yaml:2:1: merge keys"),
            ("a: 1\n---\nb: 1", "api.yaml:3:1: a second YAML document begins here"),
            ("a: 1\na: 2", "api.yaml:2:1: the key `a` stands here twice"),
            ("a: &x [*x]", "api.yaml:1:8 at /a/0: an alias may not stand inside"),
            ("a: *x", "api.yaml:1:4: while parsing node, found unknown anchor"),
            ("a: !!int x", "api.yaml:1:4 at /a: not a value that JSON can hold"),
            ("200: a\n'200': b", "api.yaml:2:1: the key `200` stands here twice"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn whole_numbers_of_64_bits_are_exact() {
        let (value, _) = read("a: 18446744073709551615\nb: -9223372036854775808\nc: '1'\nd: 0x10").expect("valid YAML");
        assert_eq!(value, json!({"a": u64::MAX, "b": i64::MIN, "c": "1", "d": 16}));
    }

    #[test]
    fn aliases_repeat_but_not_without_end() {
        let (value, marks) = read("a: &x {b: [1]}\nc: *x").expect("valid YAML");
        assert_eq!(value, json!({"a": {"b": [1]}, "c": {"b": [1]}}));
        assert_eq!(marks.place(&value, &Pointer::parse("/c/b/0").expect("a pointer")).to_string(), "api.yaml:1:12 at /c/b/0");
        let bomb = (1..9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
            format!("{text}a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", "))
        });
        let error = read(&bomb).expect_err("a bomb").to_string();
        assert!(error.starts_with("api.yaml:3:") && error.contains("the aliases (`*name`) repeat more"), "{error}");
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let flow = read(&format!("{}{}", "[".repeat(400), "]".repeat(400))).expect_err("too deep");
        assert!(flow.to_string().contains("recursion limit"), "{flow}");
        let block = (0..300).fold(String::new(), |text, depth| format!("{text}{}a:\n", " ".repeat(depth)));
        let block = read(&block).expect_err("too deep");
        assert!(block.to_string().contains("nested deeper than 127"), "{block}");
    }
}
