//! Path templates (OpenAPI 3.1, section 4.8.8.1): `/v1/apps/{appId}/secrets`.

use std::fmt;

/// A path template, split into segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    segments: Vec<Segment>,
}

/// What stands between two slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Fixed text.
    Literal(String),
    /// One parameter and nothing else.
    Parameter(String),
    /// One parameter that may hold slashes.
    Spanning(String),
    /// Text and parameters mixed, as in `{id}:pin`.
    Mixed(Vec<Piece>),
}

/// A part of a mixed segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Fixed text.
    Literal(String),
    /// A parameter.
    Parameter(String),
}

impl Template {
    /// Splits a template; one trailing slash belongs to the path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let segments = text.trim_start_matches('/').split('/').map(segment).collect();
        Self { text: text.to_owned(), segments }
    }

    /// The same, with parameters of these names holding slashes where they are a segment of their own.
    #[must_use]
    pub fn spanned(mut self, names: &[String]) -> Self {
        for segment in &mut self.segments {
            if let Segment::Parameter(name) = segment
                && names.contains(name)
            {
                *segment = Segment::Spanning(std::mem::take(name));
            }
        }
        self
    }

    /// Whether a parameter may hold slashes.
    #[must_use]
    pub fn spans(&self, name: &str) -> bool {
        self.segments.iter().any(|segment| matches!(segment, Segment::Spanning(own) if own == name))
    }

    /// The template as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The segments in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The parameters' names in order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flat_map(|segment| match segment {
            Segment::Literal(_) => Vec::new(),
            Segment::Parameter(name) | Segment::Spanning(name) => vec![name.as_str()],
            Segment::Mixed(pieces) => pieces.iter().filter_map(Piece::parameter).collect(),
        })
    }

    /// The path with each parameter replaced by what `fill` gives for it, already encoded.
    pub fn fill<'v>(&self, mut fill: impl FnMut(&str) -> std::borrow::Cow<'v, str>) -> String {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            match segment {
                Segment::Literal(text) => path.push_str(text),
                Segment::Parameter(name) | Segment::Spanning(name) => path.push_str(&fill(name)),
                Segment::Mixed(pieces) => pieces.iter().for_each(|piece| match piece {
                    Piece::Literal(text) => path.push_str(text),
                    Piece::Parameter(name) => path.push_str(&fill(name)),
                }),
            }
        }
        path
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Segment {
    /// The values of the parameters if `text` is of this form; each value is at least one character.
    #[must_use]
    pub fn matches<'t>(&self, text: &'t str) -> Option<Vec<(&str, &'t str)>> {
        match self {
            Self::Literal(literal) => (literal == text).then(Vec::new),
            Self::Parameter(name) => (!text.is_empty()).then(|| vec![(name.as_str(), text)]),
            // A slash at the end is the path's, not the parameter's.
            Self::Spanning(name) => (!text.is_empty() && !text.ends_with('/')).then(|| vec![(name.as_str(), text)]),
            Self::Mixed(pieces) => mixed(pieces, text),
        }
    }
}

impl Piece {
    fn parameter(&self) -> Option<&str> {
        match self {
            Self::Parameter(name) => Some(name),
            Self::Literal(_) => None,
        }
    }
}

fn segment(text: &str) -> Segment {
    let pieces = pieces(text);
    match pieces.as_slice() {
        [] => Segment::Literal(String::new()),
        [Piece::Literal(literal)] => Segment::Literal(literal.clone()),
        [Piece::Parameter(name)] => Segment::Parameter(name.clone()),
        _ => Segment::Mixed(pieces),
    }
}

fn pieces(mut text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some((before, name, after)) = next_parameter(text) {
        if !before.is_empty() {
            pieces.push(Piece::Literal(before.to_owned()));
        }
        pieces.push(Piece::Parameter(name.to_owned()));
        text = after;
    }
    if !text.is_empty() {
        pieces.push(Piece::Literal(text.to_owned()));
    }
    pieces
}

fn next_parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// Leftmost-shortest: a parameter ends where the next literal first occurs, the last one takes the rest.
fn mixed<'p, 't>(pieces: &'p [Piece], text: &'t str) -> Option<Vec<(&'p str, &'t str)>> {
    let mut rest = text;
    let mut values = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
            Piece::Parameter(name) => {
                let end = match &pieces[index + 1..] {
                    [Piece::Literal(last)] => rest.strip_suffix(last.as_str())?.len(),
                    [Piece::Literal(next), ..] => rest.find(next.as_str())?,
                    _ => rest.len(),
                };
                let (value, after) = rest.split_at(end);
                if value.is_empty() {
                    return None;
                }
                values.push((name.as_str(), value));
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_split_and_fill() {
        let template = Template::parse("/v1/apps/{appId}/secrets/{name}:reveal");
        assert_eq!(template.parameters().collect::<Vec<_>>(), ["appId", "name"]);
        assert_eq!(template.fill(|name| name.to_uppercase().into()), "/v1/apps/APPID/secrets/NAME:reveal");
    }

    #[test]
    fn segments_match_whole_texts_only() {
        assert_eq!(segment("{id}:pin").matches("a:b:pin"), Some(vec![("id", "a:b")]));
        assert_eq!(segment("{id}:pin").matches(":pin"), None);
        assert_eq!(segment("{a}.{b}").matches("x.y.z"), Some(vec![("a", "x"), ("b", "y.z")]));
        assert_eq!(segment("{a}").matches(""), None);
        assert_eq!(segment("secrets").matches("secret"), None);
    }
}
