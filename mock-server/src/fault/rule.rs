//! Rules: a fault, with the limits within which it holds.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;
use specs::contract::Endpoint;
use specs::document::nearest;

use super::Fault;
use super::disturbance::{Disturbance, KINDS};
use super::pattern::Pattern;

/// A fault, and when it holds: always, unless something limits it.
///
/// ```
/// use mock_server::{Fault, Rule};
///
/// let slow: Rule = "latency=50ms..300ms,on=GET /v1/apps/*,next=3".parse().expect("a rule");
/// assert_eq!(slow.to_string(), "latency=50ms..300ms,on=GET /v1/apps/*,next=3");
/// assert_eq!(Rule::from(Fault::LeakInList).to_string(), "leak-in-list");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub(super) effect: Effect,
    pub(super) on: Option<Pattern>,
    pub(super) sandbox: Option<String>,
    pub(super) next: Option<u64>,
    pub(super) chance: Option<f64>,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The server is wrong.
    Defect(Fault),
    /// The server is right, and something is in the way.
    Disturbance(Disturbance),
}

/// Why a rule cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// No fault has this name.
    #[error("no fault is called `{name}`{}; `lockstep mock --list-faults` describes them", meant(near.as_ref()))]
    UnknownFault {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// The fault does not take this value.
    #[error("`{name}` {}", takes(form, value.as_ref()))]
    Value {
        /// The fault.
        name: String,
        /// How its value is written; empty where it has none.
        form: &'static str,
        /// What was given.
        value: Option<String>,
    },
    /// No limit has this name.
    #[error("no limit is called `{name}`{}; the limits are on, sandbox, next and chance", meant(near.as_ref()))]
    UnknownLimit {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// The limit does not take this value.
    #[error("`{name}={value}` is not understood: {form}")]
    Limit {
        /// The limit.
        name: &'static str,
        /// What was given.
        value: String,
        /// How it is written.
        form: &'static str,
    },
    /// A limit is given twice.
    #[error("`{0}` is given twice")]
    Twice(&'static str),
    /// No operation of the APIs that are served is meant.
    #[error("no operation is called `{pattern}`{}; an operation is written as its operationId or as `METHOD /path/{{template}}`, `*` stands for any text", meant(near.as_ref()))]
    UnknownOperation {
        /// What was asked for.
        pattern: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// None of the operations that are meant can answer with the status.
    #[error("no operation{} documents status {status}; documented are {documented}; 429, 500, 502, 503 and 504 always work", pattern.as_ref().map(|pattern| format!(" that `{pattern}` names")).unwrap_or_default())]
    UndocumentedStatus {
        /// The status.
        status: u16,
        /// The operations that are meant, if that is limited.
        pattern: Option<String>,
        /// What they document.
        documented: String,
    },
}

fn meant(near: Option<&String>) -> String {
    near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default()
}

fn takes(form: &str, value: Option<&String>) -> String {
    match (form, value) {
        ("", _) => "takes no value".to_owned(),
        (form, Some(value)) => format!("does not take `{value}`: its value is {form}, and a TIME is written 200ms, 2s or 1m"),
        (form, None) => format!("needs a value: {form}, and a TIME is written 200ms, 2s or 1m"),
    }
}

/// A rule as the control plane takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleText {
    fault: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    on: Option<String>,
    #[serde(default)]
    sandbox: Option<String>,
    #[serde(default)]
    next: Option<u64>,
    #[serde(default)]
    chance: Option<f64>,
}

impl TryFrom<RuleText> for Rule {
    type Error = RuleError;

    fn try_from(text: RuleText) -> Result<Self, RuleError> {
        let on = text.on.as_deref().map(pattern).transpose()?;
        let sandbox = text.sandbox.as_deref().map(sandbox).transpose()?;
        let chance = text.chance.map(|chance| within_one(chance, &chance.to_string())).transpose()?;
        Ok(Self { effect: effect(&text.fault, text.value.as_deref())?, on, sandbox, next: text.next, chance })
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    /// `NAME[=VALUE][,on=OPERATION][,sandbox=NAME][,next=N][,chance=P]`
    fn from_str(text: &str) -> Result<Self, RuleError> {
        let mut parts = text.split(',');
        let first = parts.next().unwrap_or_default();
        let (name, value) = first.split_once('=').map_or((first, None), |(name, value)| (name, Some(value)));
        let mut rule = Self { effect: effect(name, value)?, on: None, sandbox: None, next: None, chance: None };
        for part in parts {
            rule.limit(part)?;
        }
        Ok(rule)
    }
}

impl From<Fault> for Rule {
    fn from(fault: Fault) -> Self {
        Self { effect: Effect::Defect(fault), on: None, sandbox: None, next: None, chance: None }
    }
}

impl From<Disturbance> for Rule {
    fn from(disturbance: Disturbance) -> Self {
        Self { effect: Effect::Disturbance(disturbance), on: None, sandbox: None, next: None, chance: None }
    }
}

impl Rule {
    fn limit(&mut self, part: &str) -> Result<(), RuleError> {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name {
            "on" => set("on", &mut self.on, pattern(value)?),
            "sandbox" => set("sandbox", &mut self.sandbox, sandbox(value)?),
            "next" => set("next", &mut self.next, value.parse().map_err(|_| limit("next", value, "a number of requests"))?),
            "chance" => {
                let chance = value.parse().map_err(|_| limit("chance", value, PROBABILITY))?;
                set("chance", &mut self.chance, within_one(chance, value)?)
            }
            _ => {
                let near = nearest(name, ["on", "sandbox", "next", "chance"]);
                Err(RuleError::UnknownLimit { name: name.to_owned(), near })
            }
        }
    }

    /// Its members as the control plane takes them.
    pub(crate) fn members(&self) -> impl Iterator<Item = (String, Value)> {
        let (name, value) = match &self.effect {
            Effect::Defect(fault) => (fault.name(), None),
            Effect::Disturbance(disturbance) => (disturbance.name(), disturbance.value()),
        };
        let members = [
            ("fault", Some(Value::from(name))),
            ("value", value.map(Value::from)),
            ("on", self.on.as_ref().map(|on| on.to_string().into())),
            ("sandbox", self.sandbox.clone().map(Value::from)),
            ("next", self.next.map(Value::from)),
            ("chance", self.chance.map(Value::from)),
        ];
        members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)))
    }

    /// Whether it holds for an operation; a request that reaches none is met by what is not limited to some.
    pub(super) fn is_on(&self, endpoint: Option<&Endpoint>) -> bool {
        self.on.as_ref().is_none_or(|pattern| endpoint.is_some_and(|endpoint| pattern.names(endpoint)))
    }
}

const PROBABILITY: &str = "a probability from 0 to 1";

fn effect(name: &str, value: Option<&str>) -> Result<Effect, RuleError> {
    let wrong = |form| RuleError::Value { name: name.to_owned(), form, value: value.map(str::to_owned) };
    if let Some(fault) = Fault::ALL.iter().find(|fault| fault.name() == name) {
        return if value.is_none() { Ok(Effect::Defect(*fault)) } else { Err(wrong("")) };
    }
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        let names = Fault::ALL.iter().map(|fault| fault.name()).chain(KINDS.iter().map(|kind| kind.name));
        return Err(RuleError::UnknownFault { name: name.to_owned(), near: nearest(name, names) });
    };
    kind.with(value).map(Effect::Disturbance).ok_or_else(|| wrong(kind.value))
}

fn pattern(text: &str) -> Result<Pattern, RuleError> {
    Pattern::read(text).ok_or_else(|| limit("on", text, "an operationId or `METHOD /path/{template}`, where `*` stands for any text"))
}

fn sandbox(name: &str) -> Result<String, RuleError> {
    let fits = !name.is_empty() && !name.contains('/');
    if fits { Ok(name.to_owned()) } else { Err(limit("sandbox", name, "the NAME of `/~NAME/`")) }
}

fn within_one(chance: f64, written: &str) -> Result<f64, RuleError> {
    if (0.0..=1.0).contains(&chance) { Ok(chance) } else { Err(limit("chance", written, PROBABILITY)) }
}

fn limit(name: &'static str, value: &str, form: &'static str) -> RuleError {
    RuleError::Limit { name, value: value.to_owned(), form }
}

fn set<T>(name: &'static str, place: &mut Option<T>, value: T) -> Result<(), RuleError> {
    if place.replace(value).is_some() { Err(RuleError::Twice(name)) } else { Ok(()) }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.effect {
            Effect::Defect(fault) => write!(f, "{fault}")?,
            Effect::Disturbance(disturbance) => write!(f, "{disturbance}")?,
        }
        if let Some(on) = &self.on {
            write!(f, ",on={on}")?;
        }
        if let Some(sandbox) = &self.sandbox {
            write!(f, ",sandbox={sandbox}")?;
        }
        if let Some(next) = self.next {
            write!(f, ",next={next}")?;
        }
        self.chance.map_or(Ok(()), |chance| write!(f, ",chance={chance}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_back() {
        for text in [
            "leak-in-list",
            "latency=200ms,on=GET /v1/apps/{appId}/secrets,sandbox=a,next=3,chance=0.5",
            "reset-after,on=create*,next=1",
            "rate-limit=5/2s",
        ] {
            assert_eq!(text.parse::<Rule>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, told) in [
            ("leak-in-lst", "did you mean `leak-in-list`?"),
            ("latencyy=1s", "did you mean `latency`?"),
            ("latency", "needs a value: TIME or TIME..TIME"),
            ("latency=fast", "does not take `fast`"),
            ("leak-in-list=1", "takes no value"),
            ("reset-after,nxt=1", "did you mean `next`?"),
            ("reset-after,next=x", "`next=x` is not understood: a number of requests"),
            ("reset-after,chance=2", "a probability from 0 to 1"),
            ("reset-after,chance=NaN", "a probability from 0 to 1"),
            ("reset-after,next=1,next=2", "`next` is given twice"),
            ("reset-after,sandbox=a/b", "`/~NAME/`"),
            ("reset-after,on=", "operationId"),
            ("", "no fault is called ``"),
        ] {
            let error = text.parse::<Rule>().expect_err(text).to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
