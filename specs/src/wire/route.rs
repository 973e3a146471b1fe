//! Routing: a method and a path to an operation. Concrete paths win over templated ones (OpenAPI 3.1, section 4.8.8.2).

use ahash::HashMap;
use http::Method;

use super::form::pairs;
use crate::contract::{Contract, Endpoint, Segment, Template};

/// Finds the operation of a request, in time that does not grow with the number of operations.
#[derive(Debug)]
pub struct Router {
    root: Node,
    bases: Vec<String>,
    slash: bool,
    more_methods: Vec<Method>,
}

/// Where a request leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routed<T = String> {
    /// To this endpoint, with the raw values of the path's parameters and those that the way gives to others.
    Found(usize, Vec<(T, T)>),
    /// The path exists, but only with these methods.
    MethodNotAllowed(Vec<Method>),
    /// No operation has this path.
    NotFound,
}

/// The values of parameters, by name.
type Values<'n, 'p> = Vec<(&'n str, &'p str)>;

/// Looks at a node with the values that led to it; whether it is the one.
type Visit<'v, 'n, 'p> = dyn FnMut(&'n Node, &mut Values<'n, 'p>) -> bool + 'v;

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    parameters: Vec<(Segment, Node)>,
    /// Those that ask for something in the query come first.
    ways: Vec<Leaf>,
}

/// A way into an endpoint.
#[derive(Clone, Debug)]
struct Leaf {
    method: Method,
    endpoint: usize,
    /// What the query must say.
    query: Vec<(String, String)>,
    /// The values that parameters have where the request does not say them.
    gives: Vec<(String, String)>,
}

impl Router {
    /// A router for all operations of a contract, below each of its base paths and without one.
    #[must_use]
    pub fn new(contract: &Contract) -> Self {
        let mut root = Node::default();
        for (index, endpoint) in contract.endpoints.iter().enumerate() {
            for (template, leaf) in ways(index, endpoint) {
                root.insert(template.segments(), leaf);
            }
        }
        let mut bases = contract.bases.clone();
        bases.sort_by_key(|base| std::cmp::Reverse(base.len()));
        let methods = contract.wire().methods.iter().flat_map(|claim| &claim.value);
        Self {
            root,
            bases,
            slash: contract.wire().trailing_slash.as_ref().is_some_and(|claim| claim.value),
            more_methods: methods.filter_map(|name| Method::from_bytes(name.as_bytes()).ok()).collect(),
        }
    }

    /// Where a method, a raw path and a query lead. HEAD leads where GET does (RFC 9110, section 9.3.2).
    #[must_use]
    pub fn route(&self, method: &Method, path: &str, query: Option<&str>) -> Routed {
        match self.lead(method, path, query) {
            Routed::Found(endpoint, values) => {
                Routed::Found(endpoint, values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
            }
            Routed::MethodNotAllowed(methods) => Routed::MethodNotAllowed(methods),
            Routed::NotFound => Routed::NotFound,
        }
    }

    /// The same, with names and values as they stand here and in the path.
    #[must_use]
    pub fn lead<'r>(&'r self, method: &Method, path: &'r str, query: Option<&str>) -> Routed<&'r str> {
        let mut allowed = Vec::new();
        for base in &self.bases {
            let Some(rest) = path.strip_prefix(base.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/')) else { continue };
            match self.below_base(method, rest, query) {
                Routed::NotFound => {}
                Routed::MethodNotAllowed(methods) => allowed = methods,
                found @ Routed::Found(..) => return found,
            }
        }
        if allowed.is_empty() { Routed::NotFound } else { Routed::MethodNotAllowed(allowed) }
    }

    /// The path without its base path, if it is below one of them.
    #[must_use]
    pub fn without_base<'p>(&self, path: &'p str) -> Vec<&'p str> {
        let below = |base: &String| path.strip_prefix(base.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        self.bases.iter().filter_map(below).collect()
    }

    fn below_base<'r>(&'r self, method: &Method, path: &'r str, query: Option<&str>) -> Routed<&'r str> {
        let path = if self.slash && path.len() > 1 { path.trim_end_matches('/') } else { path };
        let (mut found, mut passed) = (None, Vec::new());
        self.root.find(Some(path.trim_start_matches('/')), &mut Vec::new(), &mut |node, values| {
            let Some(leaf) = self.leaf(node, method, query) else {
                passed.push(node);
                return false;
            };
            let gives = leaf.gives.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            found = Some(Routed::Found(leaf.endpoint, std::mem::take(values).into_iter().chain(gives).collect()));
            true
        });
        found.unwrap_or_else(|| self.refused(&passed))
    }

    /// Where no way fits that leads into these nodes.
    fn refused(&self, passed: &[&Node]) -> Routed<&'static str> {
        let mut allowed: Vec<Method> = passed.iter().flat_map(|node| self.methods_of(node)).collect();
        allowed.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        allowed.dedup();
        if allowed.is_empty() { Routed::NotFound } else { Routed::MethodNotAllowed(allowed) }
    }

    fn leaf<'n>(&self, node: &'n Node, method: &Method, query: Option<&str>) -> Option<&'n Leaf> {
        let named = |wanted: &Method| node.ways.iter().find(|leaf| leaf.method == *wanted && leaf.is_meant(query));
        let as_get = || if method == Method::HEAD { named(&Method::GET) } else { None };
        let more = || self.more_methods.contains(method).then(|| node.ways.first()).flatten();
        named(method).or_else(as_get).or_else(more)
    }

    fn methods_of(&self, node: &Node) -> Vec<Method> {
        let mut methods: Vec<Method> = node.ways.iter().map(|leaf| leaf.method.clone()).collect();
        if methods.contains(&Method::GET) {
            methods.push(Method::HEAD);
        }
        if !methods.is_empty() {
            methods.extend(self.more_methods.iter().cloned());
        }
        methods
    }
}

/// Every way into an endpoint: its own, and those that are claimed.
fn ways(index: usize, endpoint: &Endpoint) -> Vec<(Template, Leaf)> {
    let leaf = |method: Method| Leaf { method, endpoint: index, query: Vec::new(), gives: Vec::new() };
    let own = (endpoint.operation.template.clone(), leaf(endpoint.operation.method.clone()));
    let spans = endpoint.promises.spans.as_ref().map_or(&[][..], |claim| &claim.value);
    let further = endpoint.promises.reached_by.iter().flat_map(|claim| &claim.value).filter_map(|way| {
        let template = way.path.as_ref().map_or_else(|| endpoint.operation.template.clone(), |path| Template::parse(path).spanned(spans));
        let (query, gives) = (way.query.clone().into_iter().collect(), way.gives.clone().into_iter().collect());
        Some((template, Leaf { query, gives, ..leaf(Method::from_bytes(way.method.as_bytes()).ok()?) }))
    });
    std::iter::once(own).chain(further).collect()
}

impl Leaf {
    /// Whether the query says what this way asks for.
    fn is_meant(&self, query: Option<&str>) -> bool {
        self.query.is_empty() || {
            let said = pairs(query.unwrap_or_default());
            self.query.iter().all(|wanted| said.contains(wanted))
        }
    }
}

impl Node {
    fn insert(&mut self, segments: &[Segment], leaf: Leaf) {
        let Some((first, rest)) = segments.split_first() else {
            let place = if leaf.query.is_empty() { self.ways.len() } else { 0 };
            self.ways.insert(place, leaf);
            return;
        };
        let next = match first {
            Segment::Literal(text) => self.literals.entry(text.clone()).or_default(),
            segment => {
                let known = self.parameters.iter().position(|(own, _)| own == segment);
                let position = known.unwrap_or_else(|| {
                    self.parameters.push((segment.clone(), Self::default()));
                    self.parameters.len() - 1
                });
                &mut self.parameters[position].1
            }
        };
        next.insert(rest, leaf);
    }

    /// Visits the nodes that fit what is left of a path, the most concrete first, until one of them is the one; whether one was.
    fn find<'n, 'p>(&'n self, left: Option<&'p str>, values: &mut Values<'n, 'p>, visit: &mut Visit<'_, 'n, 'p>) -> bool {
        let Some(left) = left else { return !self.ways.is_empty() && visit(self, values) };
        let first = split(left, left.bytes().position(|byte| byte == b'/'));
        if self.literals.get(first.0).is_some_and(|next| next.find(first.1, values, visit)) {
            return true;
        }
        self.parameters.iter().any(|(segment, next)| {
            if !matches!(segment, Segment::Spanning(_)) {
                return next.find_behind(segment, first, values, visit);
            }
            let mut further = left.match_indices('/').map(|(at, _)| Some(at)).chain([None]);
            further.any(|end| next.find_behind(segment, split(left, end), values, visit))
        })
    }

    /// The same from here on, behind a segment that a text may be of the form of.
    fn find_behind<'n, 'p>(
        &'n self,
        segment: &'n Segment,
        (text, after): (&'p str, Option<&'p str>),
        values: &mut Values<'n, 'p>,
        visit: &mut Visit<'_, 'n, 'p>,
    ) -> bool {
        let before = values.len();
        match segment {
            Segment::Parameter(name) if !text.is_empty() => values.push((name, text)),
            other => match other.matches(text) {
                Some(own) => values.extend(own),
                None => return false,
            },
        }
        let found = self.find(after, values, visit);
        values.truncate(before);
        found
    }
}

/// What stands before a slash and what stands after it; all of it and nothing where there is none.
fn split(path: &str, slash: Option<usize>) -> (&str, Option<&str>) {
    slash.map_or((path, None), |at| (&path[..at], Some(&path[at + 1..])))
}
