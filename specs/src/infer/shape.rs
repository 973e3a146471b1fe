//! The shape of a path: which resource it is about, inside which others, and whether it names one thing or all.

use super::words::{is_plural, owner_of, resource_name, words};
use crate::claims::Verb;
use crate::contract::{Segment, Template};

/// What a path's form says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// The resource.
    pub(super) resource: String,
    /// Path parameters that name enclosing things, with the resource that each names.
    pub(super) parents: Vec<(String, String)>,
    /// The path parameter that names the thing; none on a collection.
    pub(super) item: Option<String>,
    /// What follows the thing's name: `value` in `/secrets/{id}/value`.
    pub(super) view: Option<String>,
}

impl Shape {
    /// The shape of a path in which resources are nouns. `collections` tells of a literal after a parameter whether it is one.
    pub(super) fn of(template: &Template, is_collection: impl Fn(&str) -> bool) -> Option<Self> {
        let segments: Vec<&Segment> = template.segments().iter().filter(|segment| !is_prefix(segment)).collect();
        let pairs = pairs(&segments);
        let (last_literal, last_parameter) = pairs.last()?.clone();
        let parents_of = |pairs: &[(String, Option<String>)]| {
            let named = |(literal, parameter): &(String, Option<String>)| Some((parameter.clone()?, resource_name(literal)));
            pairs.iter().filter_map(named).collect::<Vec<_>>()
        };
        let before = &pairs[..pairs.len() - 1];
        if last_parameter.is_some() || before.iter().all(|(_, parameter)| parameter.is_none()) || is_collection(&last_literal) {
            let resource = resource_name(&last_literal);
            return Some(Self { resource, parents: parents_of(before), item: last_parameter, view: None });
        }
        // Literals after the last parameter that are no collection are a view of the thing which it names, or of the collection before them.
        let joined = |pairs: &[(String, Option<String>)]| pairs.iter().map(|(literal, _)| literal.as_str()).collect::<Vec<_>>().join("/");
        let named = before.iter().rposition(|(_, parameter)| parameter.is_some())?;
        if let Some(of) = before[named + 1..].iter().rposition(|(literal, _)| is_collection(literal)) {
            let of = named + 1 + of;
            let (resource, view) = (resource_name(&before[of].0), Some(joined(&pairs[of + 1..])));
            return Some(Self { resource, parents: parents_of(&before[..of]), item: None, view });
        }
        let (literal, parameter) = &before[named];
        let view = joined(&pairs[named + 1..]);
        Some(Self { resource: resource_name(literal), parents: parents_of(&before[..named]), item: parameter.clone(), view: Some(view) })
    }
}

/// Literals with the parameter that follows each. Of several parameters the last is the one that the literal is about: in
/// `/repos/{owner}/{repo}` it is the repository, and the owner is a thing around it that has no path of its own.
fn pairs(segments: &[&Segment]) -> Vec<(String, Option<String>)> {
    let owner = |parameter: &String| owner_of(parameter).unwrap_or_else(|| parameter.clone());
    let mut pairs: Vec<(String, Option<String>)> = Vec::new();
    for segment in segments {
        match segment {
            Segment::Literal(literal) => pairs.push((literal.clone(), None)),
            Segment::Parameter(name) | Segment::Spanning(name) => match pairs.last_mut() {
                Some((_, parameter @ None)) => *parameter = Some(name.clone()),
                Some((literal, Some(earlier))) => {
                    let literal = std::mem::replace(literal, owner(earlier));
                    pairs.push((literal, Some(name.clone())));
                }
                None => pairs.push((owner(name), Some(name.clone()))),
            },
            Segment::Mixed(_) => {}
        }
    }
    pairs
}

/// `v1`, `api`: segments that say nothing about resources.
fn is_prefix(segment: &Segment) -> bool {
    let Segment::Literal(literal) = segment else { return false };
    let version = literal.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()));
    version || matches!(literal.as_str(), "" | "api" | "rest")
}

/// A path segment that is a call: `AddSecret`, `get-secrets`.
pub(super) fn call(template: &Template) -> Option<(Verb, String)> {
    let Some(Segment::Literal(name)) = template.segments().last() else { return None };
    if template.parameters().next().is_some() {
        return None;
    }
    let words = words(name);
    let (first, rest) = words.split_first()?;
    let (last, _) = rest.split_last()?;
    let noun = |words: &[String]| resource_name(&words.join("-"));
    let stripped = |suffixes: &[&str]| match rest.split_last() {
        Some((suffix, stem)) if !stem.is_empty() && suffixes.contains(&suffix.as_str()) => noun(stem),
        _ => noun(rest),
    };
    Some(match first.as_str() {
        "add" | "create" | "new" => (Verb::Create, noun(rest)),
        "get" | "list" | "find" | "describe" if is_plural(last) => (Verb::List, noun(rest)),
        "get" | "read" | "reveal" | "access" | "fetch" if matches!(last.as_str(), "value" | "plaintext") && rest.len() > 1 => {
            (Verb::Reveal, stripped(&["value", "plaintext"]))
        }
        "get" | "read" | "describe" | "fetch" => (Verb::Read, stripped(&["info", "details"])),
        "set" | "update" | "edit" | "modify" => (Verb::Update, stripped(&["info", "value"])),
        "put" | "upsert" => (Verb::Put, stripped(&["info", "value"])),
        "del" | "delete" | "remove" | "destroy" => (Verb::Delete, noun(rest)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(path: &str) -> Shape {
        Shape::of(&Template::parse(path), |literal| literal == "secrets").expect(path)
    }

    #[test]
    fn collections_items_and_views_are_told_apart() {
        let collection = shape("/v1/apps/{appId}/secrets");
        assert_eq!((collection.resource.as_str(), collection.item), ("secret", None));
        assert_eq!(collection.parents, [("appId".to_owned(), "app".to_owned())]);
        assert_eq!(shape("/v1/apps/{appId}/secrets/{name}").item.as_deref(), Some("name"));
        let view = shape("/api/secrets/{id}/value");
        assert_eq!((view.resource.as_str(), view.item.as_deref(), view.view.as_deref()), ("secret", Some("id"), Some("value")));
        let deep = shape("/api/environments/{id}/settings/configuration");
        assert_eq!((deep.resource.as_str(), deep.view.as_deref()), ("environment", Some("settings/configuration")));
        assert_eq!(shape("/v1/apps").resource, "app");
        let below = shape("/repos/{owner}/{repo}/actions/secrets/public-key");
        assert_eq!((below.resource.as_str(), below.item, below.view.as_deref()), ("secret", None, Some("public-key")));
        assert_eq!(below.parents, [("owner".to_owned(), "owner".to_owned()), ("repo".to_owned(), "repo".to_owned())]);
        assert_eq!(shape("/{tenantId}/{userId}/secrets").parents[0].1, "tenant");
    }

    #[test]
    fn calls_are_read_from_their_words() {
        let call = |path: &str| call(&Template::parse(path));
        assert_eq!(call("/AddSecret"), Some((Verb::Create, "secret".to_owned())));
        assert_eq!(call("/GetSecrets"), Some((Verb::List, "secret".to_owned())));
        assert_eq!(call("/GetSecretValue"), Some((Verb::Reveal, "secret".to_owned())));
        assert_eq!(call("/SetSecretInfo"), Some((Verb::Update, "secret".to_owned())));
        assert_eq!(call("/DelSecret"), Some((Verb::Delete, "secret".to_owned())));
        assert_eq!(call("/v1/health"), None);
    }
}
