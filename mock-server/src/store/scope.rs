//! Scopes: the chain of things that enclose a thing.

use smol_str::SmolStr;

/// The things that enclose a thing, outermost first: resource and identity of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Scope(Vec<(SmolStr, SmolStr)>);

impl Scope {
    /// What nothing encloses.
    pub(crate) const fn root() -> Self {
        Self(Vec::new())
    }

    /// The scope inside a thing of this scope.
    pub(crate) fn inside(&self, resource: &str, identity: &str) -> Self {
        let mut chain = Vec::with_capacity(self.0.len() + 1);
        chain.extend_from_slice(&self.0);
        chain.push((resource.into(), identity.into()));
        Self(chain)
    }

    /// Whether this scope is `outer` or lies inside it.
    pub(crate) fn starts_with(&self, outer: &Self) -> bool {
        self.0.starts_with(&outer.0)
    }

    /// The enclosing things, outermost first.
    pub(crate) fn chain(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.0.iter().map(|(resource, identity)| (resource.as_str(), identity.as_str()))
    }

    /// This scope and every scope around it, innermost first; each with the thing that makes it.
    pub(crate) fn outwards(&self) -> impl Iterator<Item = Self> {
        (0..=self.0.len()).rev().map(|length| Self(self.0[..length].to_vec()))
    }
}
