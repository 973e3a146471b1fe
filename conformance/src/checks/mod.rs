//! Checks: one sentence each that a server must satisfy, with its source, judged over one exchange and what came before it.
//!
//! A check sees the contract, the ledger and the wire, and nothing else: it cannot tell a mock from a real server.

mod auth;
mod concurrency;
mod conflict;
pub(crate) mod document;
#[cfg(test)]
mod edges;
mod error;
mod http;
mod identity;
mod input;
mod isolation;
mod lifecycle;
mod list;
mod pages;
mod scene;
mod schema;
mod secrecy;
mod status;
#[cfg(test)]
mod story;
mod version;

use serde::{Deserialize, Serialize};
use specs::claims::Grade;

pub(crate) use scene::Scene;

/// How binding a check's source is (RFC 2119).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Breaking it is a violation.
    Must,
    /// Breaking it is told as advice.
    Should,
}

impl Level {
    /// The word that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
        }
    }
}

/// One sentence that a server, or its document, must satisfy.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// `family/kebab-sentence`; never changed once released.
    pub id: &'static str,
    /// How binding it is.
    pub level: Level,
    /// The sentence.
    pub sentence: &'static str,
    /// Where it is written.
    pub cite: &'static str,
    /// An exchange that it passes, with what came before; or a document, if that is what it is about.
    pub passes: &'static str,
    /// The same that breaks it.
    pub breaks: &'static str,
    pub(crate) judge: fn(&Scene<'_>) -> Judgement,
}

impl Check {
    /// The part of the id before the slash.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// What a check says of one exchange.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Judgement {
    /// The exchange says nothing about the sentence.
    NotApplicable,
    /// The sentence holds.
    Passed,
    /// The sentence is broken.
    Broken(Broken),
}

/// How a sentence is broken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Broken {
    /// How well the promise is founded on which the check rests.
    pub(crate) grade: Grade,
    /// Where that promise is written, if it is a claim.
    pub(crate) cite: Option<String>,
    /// What should have come.
    pub(crate) expected: String,
    /// What came.
    pub(crate) actual: String,
}

impl Judgement {
    /// Passed if it holds; else broken on the document's own word.
    fn hold(holds: bool, expected: impl FnOnce() -> String, actual: impl FnOnce() -> String) -> Self {
        if holds {
            Self::Passed
        } else {
            Self::Broken(Broken { grade: Grade::Documented, cite: None, expected: expected(), actual: actual() })
        }
    }

    /// The same judgement, where that it holds says nothing.
    fn only_broken(self) -> Self {
        if self == Self::Passed { Self::NotApplicable } else { self }
    }

    /// The same judgement, founded no better than this.
    fn at_most(self, grade: Grade) -> Self {
        match self {
            Self::Broken(broken) => Self::Broken(Broken { grade: broken.grade.min(grade), ..broken }),
            other => other,
        }
    }

    /// The same judgement, resting on a claim.
    fn on<T>(self, claim: &specs::claims::Claim<T>) -> Self {
        match self {
            Self::Broken(broken) => Self::Broken(Broken { grade: claim.grade, cite: Some(claim.cite.clone()), ..broken }),
            other => other,
        }
    }
}

/// Every check, by family.
pub const CATALOGUE: &[&[Check]] = &[
    schema::CHECKS,
    status::CHECKS,
    http::CHECKS,
    input::CHECKS,
    error::CHECKS,
    secrecy::CHECKS,
    identity::CHECKS,
    conflict::CHECKS,
    lifecycle::CHECKS,
    version::CHECKS,
    list::CHECKS,
    pages::CHECKS,
    auth::CHECKS,
    concurrency::CHECKS,
    isolation::CHECKS,
    document::CHECKS,
];

/// The checks that look at races.
pub(crate) const RACES: &[Check] = concurrency::CHECKS;

/// The checks that look at a list and its pages.
pub(crate) const PAGES: &[Check] = pages::CHECKS;

/// Every check, in the catalogue's order.
pub fn all() -> impl Iterator<Item = &'static Check> {
    CATALOGUE.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_its_own_id_a_sentence_and_a_source() {
        let mut ids = std::collections::BTreeSet::new();
        for check in all() {
            assert!(ids.insert(check.id), "{} stands twice", check.id);
            assert!(check.id.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '/' | '-')), "{}", check.id);
            assert!(check.sentence.ends_with('.') && !check.cite.is_empty(), "{}", check.id);
            assert!(check.id.strip_prefix(check.family()).is_some_and(|rest| rest.starts_with('/')), "{}", check.id);
        }
        assert_eq!([Level::Must.name(), Level::Should.name()], ["must", "should"]);
    }

    #[test]
    fn what_rests_on_a_claim_is_as_good_as_the_claim_and_names_its_source() {
        let claim = specs::claims::Claim::new((), Grade::Guessed, "a page");
        let Judgement::Broken(broken) = Judgement::hold(false, String::new, String::new).on(&claim) else { panic!("it does not hold") };
        assert_eq!((broken.grade, broken.cite.as_deref()), (Grade::Guessed, Some("a page")));
    }

    #[test]
    fn every_check_passes_its_own_example_and_breaks_on_the_other() {
        for check in all() {
            let passed = story::judge(check, check.passes);
            assert!(passed.contains(&Judgement::Passed), "{}: its passing example is not applicable: {passed:?}", check.id);
            assert!(!passed.iter().any(|judgement| matches!(judgement, Judgement::Broken(_))), "{}: {passed:?}", check.id);
            let broken = story::judge(check, check.breaks);
            assert!(broken.iter().any(|judgement| matches!(judgement, Judgement::Broken(_))), "{}: {broken:?}", check.id);
        }
    }
}
