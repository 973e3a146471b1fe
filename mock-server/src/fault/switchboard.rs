//! The switchboard of one API: which rules are in force where.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use specs::claims::Verb;
use specs::contract::{Contract, Endpoint};
use specs::document::nearest;
use specs::wire::can_answer;

use super::Fault;
use super::armed::{Armed, ArmedRule};
use super::disturbance::Disturbance;
use super::met::Faults;
use super::rule::{Effect, Rule, RuleError};
use crate::sandbox::MOST_SANDBOXES;

/// The rules of one API. Each sandbox counts for itself, and a sandbox that was given rules of its own follows those alone.
#[derive(Debug)]
pub(crate) struct Switchboard {
    seed: u64,
    /// Whether no sandbox has any rule, so that most requests need not look further.
    quiet: AtomicBool,
    rules: Mutex<Rules>,
}

#[derive(Debug)]
struct Rules {
    /// Where a sandbox has none of its own.
    common: Vec<Rule>,
    own: HashMap<String, Vec<Rule>>,
    armed: HashMap<String, Armed>,
}

impl Switchboard {
    pub(crate) fn new(rules: Vec<Rule>, seed: u64) -> Self {
        let quiet = AtomicBool::new(rules.is_empty());
        Self { seed, quiet, rules: Mutex::new(Rules { common: rules, own: HashMap::new(), armed: HashMap::new() }) }
    }

    /// What a request meets; `now` is in milliseconds since 1970.
    pub(crate) fn meet(&self, sandbox: &str, endpoint: Option<&Endpoint>, now: i64) -> Faults {
        if self.is_quiet() {
            return Faults::default();
        }
        let mut rules = self.lock();
        if rules.of(sandbox).is_empty() {
            return Faults::default();
        }
        rules.armed(sandbox, self.seed).meet(endpoint, now)
    }

    /// Whether any of these rules lets requests race.
    pub(crate) fn lets_race(&self, sandbox: &str) -> bool {
        let lets = |rule: &Rule| matches!(rule.effect, Effect::Defect(Fault::RacingCreates | Fault::RacingWrites));
        !self.is_quiet() && self.lock().of(sandbox).iter().any(lets)
    }

    /// Whether a server with these rules looks first and acts later, so that others can act in between.
    pub(crate) fn races(&self, sandbox: &str, verb: Verb) -> bool {
        let races = |rule: &Rule| match rule.effect {
            Effect::Defect(Fault::RacingCreates) => matches!(verb, Verb::Create | Verb::Put),
            Effect::Defect(Fault::RacingWrites) => verb == Verb::Update,
            Effect::Defect(_) | Effect::Disturbance(_) => false,
        };
        self.lock().of(sandbox).iter().any(races)
    }

    /// Replaces the rules: of the sandbox of this name, or of every sandbox that has none of its own. False when too many have their own.
    #[must_use]
    pub(crate) fn replace(&self, sandbox: &str, new: Vec<Rule>) -> bool {
        let mut rules = self.lock();
        if sandbox.is_empty() {
            rules.common = new;
            let Rules { own, armed, .. } = &mut *rules;
            armed.retain(|name, _| own.contains_key(name));
            self.listen(&rules);
            return true;
        }
        if !rules.own.contains_key(sandbox) && rules.own.len() >= MOST_SANDBOXES {
            return false;
        }
        rules.own.insert(sandbox.to_owned(), new);
        rules.armed.remove(sandbox);
        self.listen(&rules);
        true
    }

    /// Lets a sandbox begin anew: with the common rules, and with nothing counted.
    pub(crate) fn reset(&self, sandbox: &str) {
        let mut rules = self.lock();
        rules.own.remove(sandbox);
        rules.armed.remove(sandbox);
        self.listen(&rules);
    }

    /// The rules that are in force in a sandbox, with what is left of them.
    pub(crate) fn active(&self, sandbox: &str) -> Vec<ArmedRule> {
        let rules = self.lock();
        match rules.armed.get(sandbox) {
            Some(armed) => armed.rules().to_vec(),
            None => Armed::new(self.seed, rules.of(sandbox), sandbox).rules().to_vec(),
        }
    }

    /// Whether no sandbox has any rule.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Acquire)
    }

    /// Notes whether there are any rules, once they have changed.
    fn listen(&self, rules: &Rules) {
        let quiet = rules.common.is_empty() && rules.own.values().all(Vec::is_empty);
        self.quiet.store(quiet, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rules {
    fn of(&self, sandbox: &str) -> &[Rule] {
        self.own.get(sandbox).unwrap_or(&self.common)
    }

    fn armed(&mut self, sandbox: &str, seed: u64) -> &mut Armed {
        if !self.armed.contains_key(sandbox) {
            let armed = Armed::new(seed, self.of(sandbox), sandbox);
            self.armed.insert(sandbox.to_owned(), armed);
        }
        self.armed.get_mut(sandbox).expect("it was armed just now")
    }
}

/// Refuses a rule that means no operation of these APIs, or a status with which none of those can answer.
pub(crate) fn check<'c>(rule: &Rule, contracts: impl Iterator<Item = &'c Contract>) -> Result<(), RuleError> {
    let all: Vec<&Endpoint> = contracts.flat_map(|contract| &contract.endpoints).collect();
    let meant: Vec<&Endpoint> = all.iter().copied().filter(|endpoint| rule.is_on(Some(endpoint))).collect();
    if let Some(pattern) = rule.on.as_ref().filter(|_| meant.is_empty()) {
        let names: Vec<String> =
            all.iter().flat_map(|endpoint| endpoint.operation.id.clone().into_iter().chain([endpoint.name()])).collect();
        let pattern = pattern.to_string();
        let near = nearest(&pattern, names.iter().map(String::as_str));
        return Err(RuleError::UnknownOperation { pattern, near });
    }
    match &rule.effect {
        Effect::Disturbance(Disturbance::Status(status)) if !meant.iter().any(|endpoint| can_answer(Some(endpoint), *status)) => {
            let pattern = rule.on.as_ref().map(ToString::to_string);
            Err(RuleError::UndocumentedStatus { status: *status, pattern, documented: documented(&meant) })
        }
        _ => Ok(()),
    }
}

/// The statuses that operations document, each once and in order.
pub(crate) fn documented(endpoints: &[&Endpoint]) -> String {
    let patterns = endpoints.iter().flat_map(|endpoint| endpoint.operation.responses.iter().map(|response| response.status.to_string()));
    let statuses: std::collections::BTreeSet<String> = patterns.collect();
    statuses.into_iter().collect::<Vec<_>>().join(", ")
}
