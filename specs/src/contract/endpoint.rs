//! An operation with everything that is claimed about it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::answer::Answer;
use super::operation::{Location, Operation, essence};
use crate::claims::{Binding, Blind, Claim, OperationPromises, Paging, Problem, Situation, Verb};

/// An operation and what it means.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What the document describes.
    pub operation: Operation,
    /// What it does.
    pub verb: Verb,
    /// The resource it acts on.
    pub resource: Option<String>,
    /// What its parameters and its body's members mean.
    pub bindings: Vec<Bound>,
    /// How its success looks.
    pub answer: Answer,
    /// How a success looks that has replaced what was there, where that is told apart.
    pub replaced: Option<Answer>,
    /// Everything that is claimed of it, with grades and sources.
    pub promises: OperationPromises,
    /// How its refusals look, where they differ from the API's.
    pub problems: BTreeMap<Situation, Claim<Problem>>,
    /// The alternatives of schemes that protect it; an empty alternative lets everybody in.
    pub security: Vec<Vec<String>>,
}

/// A parameter or a member of the body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// A parameter.
    Parameter(Location, String),
    /// A member of the body.
    Member(String),
    /// A member of an object in the body: names with `/` between them.
    Inner(String),
}

impl Input {
    /// The names that lead from the body to a member.
    #[must_use]
    pub fn way(&self) -> Vec<&str> {
        match self {
            Self::Parameter(_, name) | Self::Member(name) => vec![name],
            Self::Inner(names) => names.split('/').collect(),
        }
    }

    /// The member of the body in which an inner one stands.
    pub(super) fn enclosing(&self) -> Option<&str> {
        if let Self::Inner(names) = self { names.split('/').next() } else { None }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Parameter(_, name) | Self::Member(name) | Self::Inner(name) => name,
        }
    }
}

/// An input and what it means.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The input.
    pub input: Input,
    /// What it means.
    pub binding: Claim<Binding>,
    /// Whether another input is a part of it, so that it means something else as well.
    pub(crate) shared: bool,
}

impl Endpoint {
    /// Method and path template.
    #[must_use]
    pub fn name(&self) -> String {
        self.operation.key.to_string()
    }

    /// The bindings of this kind of meaning, in order.
    pub fn bound<'e, T>(&'e self, pick: impl Fn(&'e Binding) -> Option<T> + 'e) -> impl Iterator<Item = (&'e Input, T)> {
        self.bindings.iter().filter_map(move |bound| Some((&bound.input, pick(&bound.binding.value)?)))
    }

    /// How its list comes in pages.
    #[must_use]
    pub fn paging(&self) -> &Paging {
        static NONE: LazyLock<Paging> = LazyLock::new(Paging::default);
        self.promises.paging.as_ref().map_or(&*NONE, |claim| &claim.value)
    }

    /// The groups of inputs of which exactly one must be given.
    #[must_use]
    pub fn alternatives(&self) -> &[Vec<String>] {
        self.promises.one_of.as_ref().map_or(&[], |claim| claim.value.as_slice())
    }

    /// Whether its body is a JSON merge patch (RFC 7396): what is null is removed, objects are merged, everything else is replaced.
    #[must_use]
    pub fn merges(&self) -> bool {
        let bodies = self.operation.body.iter().flat_map(|body| &body.content);
        bodies.into_iter().any(|media| essence(&media.name) == "application/merge-patch+json")
    }

    /// Whether it does not look at this, although its path or its credentials name it.
    #[must_use]
    pub fn is_blind_to(&self, what: Blind) -> bool {
        self.promises.blind_to.as_ref().is_some_and(|claim| claim.value.contains(&what))
    }

    /// Whether an update makes the thing where nothing is there.
    #[must_use]
    pub fn makes_missing(&self) -> bool {
        self.promises.makes_missing.as_ref().is_some_and(|claim| claim.value)
    }

    /// Whether anybody may call it without credentials.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.security.is_empty() || self.security.iter().any(Vec::is_empty)
    }
}
