//! Routing: a method and a path to an operation. Concrete paths win over templated ones (OpenAPI 3.1, section 4.8.8.2).

use std::collections::HashMap;

use http::Method;

use crate::contract::{Contract, Segment};

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
pub enum Routed {
    /// To this endpoint, with the raw values of the path's parameters.
    Found(usize, Vec<(String, String)>),
    /// The path exists, but only with these methods.
    MethodNotAllowed(Vec<Method>),
    /// No operation has this path.
    NotFound,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    parameters: Vec<(Segment, Node)>,
    endpoints: Vec<(Method, usize)>,
}

impl Router {
    /// A router for all operations of a contract, below each of its base paths and without one.
    #[must_use]
    pub fn new(contract: &Contract) -> Self {
        let mut root = Node::default();
        for (index, endpoint) in contract.endpoints.iter().enumerate() {
            root.insert(endpoint.operation.template.segments(), endpoint.operation.method.clone(), index);
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

    /// Where a method and a raw path lead. HEAD leads where GET does (RFC 9110, section 9.3.2).
    #[must_use]
    pub fn route(&self, method: &Method, path: &str) -> Routed {
        let mut allowed = Vec::new();
        for base in &self.bases {
            let Some(rest) = path.strip_prefix(base.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/')) else { continue };
            match self.below_base(method, rest) {
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

    fn below_base(&self, method: &Method, path: &str) -> Routed {
        let path = if self.slash && path.len() > 1 { path.trim_end_matches('/') } else { path };
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let mut found = Vec::new();
        self.root.find(&parts, &mut Vec::new(), &mut found);
        for (node, values) in &found {
            if let Some(index) = self.endpoint(node, method) {
                let owned = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
                return Routed::Found(index, owned);
            }
        }
        let mut allowed: Vec<Method> = found.iter().flat_map(|(node, _)| self.methods_of(node)).collect();
        allowed.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        allowed.dedup();
        if allowed.is_empty() { Routed::NotFound } else { Routed::MethodNotAllowed(allowed) }
    }

    fn endpoint(&self, node: &Node, method: &Method) -> Option<usize> {
        let named = |wanted: &Method| node.endpoints.iter().find(|(own, _)| own == wanted).map(|(_, index)| *index);
        let as_get = || if method == Method::HEAD { named(&Method::GET) } else { None };
        let more = || self.more_methods.contains(method).then(|| node.endpoints.first().map(|(_, index)| *index)).flatten();
        named(method).or_else(as_get).or_else(more)
    }

    fn methods_of(&self, node: &Node) -> Vec<Method> {
        let mut methods: Vec<Method> = node.endpoints.iter().map(|(method, _)| method.clone()).collect();
        if methods.contains(&Method::GET) {
            methods.push(Method::HEAD);
        }
        if !methods.is_empty() {
            methods.extend(self.more_methods.iter().cloned());
        }
        methods
    }
}

impl Node {
    fn insert(&mut self, segments: &[Segment], method: Method, index: usize) {
        let Some((first, rest)) = segments.split_first() else {
            self.endpoints.push((method, index));
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
        next.insert(rest, method, index);
    }

    /// All nodes that fit, the most concrete first.
    fn find<'n, 'p>(
        &'n self,
        parts: &[&'p str],
        values: &mut Vec<(&'n str, &'p str)>,
        found: &mut Vec<(&'n Self, Vec<(&'n str, &'p str)>)>,
    ) {
        let Some((first, rest)) = parts.split_first() else {
            if !self.endpoints.is_empty() {
                found.push((self, values.clone()));
            }
            return;
        };
        if let Some(next) = self.literals.get(*first) {
            next.find(rest, values, found);
        }
        for (segment, next) in &self.parameters {
            if let Some(own) = segment.matches(first) {
                let before = values.len();
                values.extend(own);
                next.find(rest, values, found);
                values.truncate(before);
            }
        }
    }
}
