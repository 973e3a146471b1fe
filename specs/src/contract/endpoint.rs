//! An operation with everything that is claimed about it.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::operation::{Location, Operation};
use crate::claims::{Binding, Claim, OperationPromises, Paging, Problem, Situation, Verb};

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
}

impl Input {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Parameter(_, name) | Self::Member(name) => name,
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
    pub fn paging(&self) -> Paging {
        self.promises.paging.as_ref().map(|claim| claim.value.clone()).unwrap_or_default()
    }

    /// The groups of inputs of which exactly one must be given.
    #[must_use]
    pub fn alternatives(&self) -> &[Vec<String>] {
        self.promises.one_of.as_ref().map_or(&[], |claim| claim.value.as_slice())
    }

    /// Whether anybody may call it without credentials.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.security.is_empty() || self.security.iter().any(Vec::is_empty)
    }
}
