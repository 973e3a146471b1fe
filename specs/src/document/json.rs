//! JSON text into a value and its marks.
//!
//! `serde_json` reads the value, exactly; the scanner beside it only notes where each node begins, which no JSON library tells.

use std::sync::Arc;

use serde_json::Value;

use super::error::{DocumentError, DocumentErrorKind};
use super::marks::{Mark, Marks, Place, short};
use super::pointer::Pointer;

pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<(Value, Marks), DocumentError> {
    let value = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line").next().unwrap_or_default().to_owned();
        fault(file, error.line(), error.column(), message)
    })?;
    let mut scanner = Scanner { file, chars: text.chars().peekable(), line: 1, column: 1 };
    let marks = scanner.node(None)?;
    Ok((value, marks))
}

/// Walks over text that is known to be JSON.
struct Scanner<'t> {
    file: &'t Arc<str>,
    chars: std::iter::Peekable<std::str::Chars<'t>>,
    line: usize,
    column: usize,
}

impl Scanner<'_> {
    /// The marks of the next node; `key` is where its member's key began.
    fn node(&mut self, key: Option<Mark>) -> Result<Marks, DocumentError> {
        self.skip_space();
        let mark = key.unwrap_or_else(|| self.here());
        match self.chars.peek() {
            Some('{') => self.object(mark),
            Some('[') => self.array(mark),
            Some('"') => {
                self.string();
                Ok(Marks::leaf(mark))
            }
            _ => {
                while self.chars.next_if(|c| !matches!(c, ',' | ']' | '}') && !c.is_whitespace()).is_some() {
                    self.column += 1;
                }
                Ok(Marks::leaf(mark))
            }
        }
    }

    fn object(&mut self, mark: Mark) -> Result<Marks, DocumentError> {
        let mut children = Vec::new();
        let mut names = std::collections::HashSet::new();
        while self.enter_or_continue('}') {
            let key = self.here();
            let name = self.string();
            self.skip_space();
            self.step(); // the colon
            if !names.insert(name.clone()) {
                return Err(fault(self.file, key.line as usize, key.column as usize, format!("the key {name} stands here twice")));
            }
            children.push(self.node(Some(key))?);
        }
        children.shrink_to_fit();
        Ok(Marks { mark, children })
    }

    fn array(&mut self, mark: Mark) -> Result<Marks, DocumentError> {
        let mut children = Vec::new();
        while self.enter_or_continue(']') {
            children.push(self.node(None)?);
        }
        children.shrink_to_fit();
        Ok(Marks { mark, children })
    }

    /// Steps over the opening bracket or the comma; `false` once the closing bracket was stepped over.
    fn enter_or_continue(&mut self, close: char) -> bool {
        self.skip_space();
        let closed = self.step() == Some(close);
        self.skip_space();
        if !closed && self.chars.peek() == Some(&close) {
            self.step();
            return false;
        }
        !closed
    }

    /// Steps over a string and gives its text as written, quotes included.
    fn string(&mut self) -> String {
        let mut text = String::new();
        let mut escaped = false;
        while let Some(c) = self.step() {
            let opening = text.is_empty();
            text.push(c);
            if c == '"' && !escaped && !opening {
                break;
            }
            escaped = c == '\\' && !escaped;
        }
        text
    }

    fn skip_space(&mut self) {
        while self.chars.peek().is_some_and(|c| c.is_whitespace()) {
            self.step();
        }
    }

    fn step(&mut self) -> Option<char> {
        let c = self.chars.next()?;
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn here(&self) -> Mark {
        Mark { file: Arc::clone(self.file), line: short(self.line), column: short(self.column) }
    }
}

fn fault(file: &Arc<str>, line: usize, column: usize, message: String) -> DocumentError {
    let place = Place { file: Arc::clone(file), line: line.max(1), column: column.max(1), pointer: Pointer::root() };
    DocumentError { place, kind: Box::new(DocumentErrorKind::Syntax(message)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<(Value, Marks), DocumentError> {
        parse(&Arc::from("api.json"), text)
    }

    #[test]
    fn numbers_and_surrogates_are_exact() {
        let (value, _) = read(r#"{"a":"\ud83d\ude00","b":18446744073709551615,"c":[]}"#).expect("valid JSON");
        assert_eq!(value, json!({"a": "😀", "b": u64::MAX, "c": []}));
    }

    #[test]
    fn a_place_points_at_the_key_or_the_item() {
        let text = "{ \"a\": {},\n  \"b\": [ 1, {\"c\\\"\": \"}\", \"d\":\n true}, [] ]\n}";
        let (value, marks) = read(text).expect("valid JSON");
        for (pointer, expected) in [("/b", "2:3"), ("/b/1/d", "2:26"), ("/b/2", "3:9"), ("/a", "1:3"), ("/b/0", "2:10")] {
            let pointer = Pointer::parse(pointer).expect("a pointer");
            let place = marks.place(&value, &pointer);
            assert_eq!(format!("{}:{}", place.line, place.column), expected, "{pointer}");
        }
    }

    #[test]
    fn faults_name_line_and_column() {
        for (text, expected) in [
            ("{\"a\":1,\n \"a\":2}", "api.json:2:2: the key \"a\" stands here twice"),
            ("{\"a\":\n 1,}", "api.json:2:4: trailing comma"),
            ("", "api.json:1:1: EOF while parsing a value"),
        ] {
            assert_eq!(read(text).expect_err(text).to_string(), expected);
        }
    }
}
