//! YAML text into a value and its marks, by the YAML 1.2 core rules.

use std::sync::Arc;

use saphyr::{LoadableYamlNode, MarkedYaml, Marker, Scalar, YamlData};
use serde_json::{Map, Number, Value};

use super::error::{DocumentError, DocumentErrorKind};
use super::marks::{Mark, Marks, Place};
use super::pointer::Pointer;

/// Deeper nesting than this is refused: no API description needs it, and recursion over the value stays safe.
const DEEPEST: usize = 256;

pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<(Value, Marks), DocumentError> {
    let nodes = MarkedYaml::load_from_str(text).map_err(|error| syntax(file, *error.marker(), Pointer::root(), error.info().to_owned()))?;
    match nodes.as_slice() {
        [node] => Reader { file }.node(node, &Pointer::root(), node.span.start, 0),
        [] => Err(syntax(file, Marker::new(0, 1, 0), Pointer::root(), "the file is empty".to_owned())),
        [_, second, ..] => {
            let message = "a second YAML document begins here; one file holds one document".to_owned();
            Err(syntax(file, second.span.start, Pointer::root(), message))
        }
    }
}

struct Reader<'f> {
    file: &'f Arc<str>,
}

impl Reader<'_> {
    /// Converts a node; `start` is where a reader looks for it: at its key, or at the item itself.
    fn node(&self, node: &MarkedYaml<'_>, at: &Pointer, start: Marker, depth: usize) -> Result<(Value, Marks), DocumentError> {
        let fail = |message: &str| Err(syntax(self.file, node.span.start, at.clone(), message.to_owned()));
        if depth > DEEPEST {
            return fail(&format!("nested deeper than {DEEPEST} levels"));
        }
        let mark = mark(self.file, start);
        match &node.data {
            YamlData::Value(scalar) => match scalar_value(scalar) {
                Some(value) => Ok((value, Marks::leaf(mark))),
                None => fail("not a number that JSON can hold"),
            },
            YamlData::Sequence(items) => self.sequence(items, at, mark, depth),
            YamlData::Mapping(members) => self.mapping(members.iter(), at, mark, depth),
            YamlData::Tagged(_, inner) => self.node(inner, at, start, depth),
            YamlData::Representation(..) | YamlData::Alias(_) | YamlData::BadValue => fail("not a value that JSON can hold"),
        }
    }

    fn sequence(&self, items: &[MarkedYaml<'_>], at: &Pointer, mark: Mark, depth: usize) -> Result<(Value, Marks), DocumentError> {
        let mut values = Vec::with_capacity(items.len());
        let mut children = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let (value, marks) = self.node(item, &at.item(index), item.span.start, depth + 1)?;
            values.push(value);
            children.push(marks);
        }
        Ok((Value::Array(values), Marks { mark, children }))
    }

    fn mapping<'n, 'y: 'n>(
        &self,
        members: impl Iterator<Item = (&'n MarkedYaml<'y>, &'n MarkedYaml<'y>)>,
        at: &Pointer,
        mark: Mark,
        depth: usize,
    ) -> Result<(Value, Marks), DocumentError> {
        let mut object = Map::new();
        let mut children = Vec::new();
        for (key, value) in members {
            let name = self.key(key, at)?;
            let (value, marks) = self.node(value, &at.member(&name), key.span.start, depth + 1)?;
            if object.insert(name.clone(), value).is_some() {
                return Err(syntax(self.file, key.span.start, at.clone(), format!("the key `{name}` stands here twice")));
            }
            children.push(marks);
        }
        Ok((Value::Object(object), Marks { mark, children }))
    }

    /// A key as text: `200:` and `'200':` name the same response.
    fn key(&self, key: &MarkedYaml<'_>, at: &Pointer) -> Result<String, DocumentError> {
        let name = match &key.data {
            YamlData::Value(Scalar::String(text)) => text.to_string(),
            YamlData::Value(Scalar::Integer(number)) => number.to_string(),
            YamlData::Value(Scalar::Boolean(flag)) => flag.to_string(),
            _ => return Err(syntax(self.file, key.span.start, at.clone(), "a key must be plain text".to_owned())),
        };
        if name == "<<" {
            let message = "merge keys (`<<`) are not part of YAML 1.2, which OpenAPI uses; write the members out";
            return Err(syntax(self.file, key.span.start, at.clone(), message.to_owned()));
        }
        Ok(name)
    }
}

fn scalar_value(scalar: &Scalar<'_>) -> Option<Value> {
    Some(match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(flag) => Value::Bool(*flag),
        Scalar::Integer(number) => Value::Number((*number).into()),
        Scalar::FloatingPoint(number) => Value::Number(Number::from_f64(number.into_inner())?),
        Scalar::String(text) => Value::String(text.to_string()),
    })
}

fn mark(file: &Arc<str>, marker: Marker) -> Mark {
    Mark { file: Arc::clone(file), line: marker.line(), column: marker.col() + 1 }
}

fn syntax(file: &Arc<str>, marker: Marker, pointer: Pointer, message: String) -> DocumentError {
    let Mark { file, line, column } = mark(file, marker);
    DocumentError { place: Place { file, line, column, pointer }, kind: Box::new(DocumentErrorKind::Syntax(message)) }
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
            ("a: 1\na: 2", "api.yaml:2:1: duplicated key in mapping"),
            ("200: a\n'200': b", "api.yaml:2:1: the key `200` stands here twice"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let flow = read(&format!("{}{}", "[".repeat(400), "]".repeat(400))).expect_err("too deep");
        assert!(flow.to_string().contains("recursion limit"), "{flow}");
        let block = (0..300).fold(String::new(), |text, depth| format!("{text}{}a:\n", " ".repeat(depth)));
        let block = read(&block).expect_err("too deep");
        assert!(block.to_string().contains("nested deeper than 256"), "{block}");
    }
}
