//! Hindrances: wrong credentials, a wrong place, a missing parameter. A run that they hinder says so, once, instead of judging.

use std::collections::BTreeMap;

use crate::director::Director;
use crate::finding::Finding;
use crate::run::RunError;
use crate::session::Session;

const CREDENTIALS: &str =
    "are the credentials right? give them with -H 'Authorization: Bearer TOKEN', or a key in the query with --param NAME=KEY";
const PLACE: &str = "is the target's base path right, and do the --param values exist?";

impl Director<'_> {
    /// Stops a run that cannot judge what it is about, with what is probably missing.
    pub(crate) fn hindered(&self) -> Result<(), RunError> {
        let session = &self.session;
        if session.is_refused() {
            return Err(RunError::Nothing(session.told(CREDENTIALS)));
        }
        let accused = session.findings.iter().any(Finding::is_violation);
        if session.is_astray() {
            return Err(RunError::Nothing(session.told(PLACE)));
        }
        if !session.answered.is_empty() {
            return if accused { Ok(()) } else { self.lacks_parameters() };
        }
        if accused && !session.all_statuses(|_| true, &[404]) {
            return Ok(());
        }
        let nothing = if session.sent == 0 { "no request was sent" } else { "" };
        let hint = if session.all_statuses(|_| true, &[404]) { PLACE } else { "" };
        let hints = [nothing.to_owned(), self.notes.join("; "), session.told(hint)];
        Err(RunError::Nothing(hints.into_iter().filter(|hint| !hint.is_empty()).collect::<Vec<_>>().join("; ")))
    }

    /// A kind of thing that keeps secrets and could not be tried anywhere, for want of a place: the rest says nothing of it.
    fn lacks_parameters(&self) -> Result<(), RunError> {
        let keeps = |name: &str| !self.contract().resources[name].secret().is_empty();
        let known = |resource: &str| {
            let families = self.families.iter().filter(|family| family.resource == resource && !family.makers(self.contract()).is_empty());
            families.map(|family| self.scopes.get(&(family.scope.clone(), 0)).cloned()).collect::<Vec<_>>()
        };
        let lacking = |resource: &&String| {
            let known = known(resource);
            !known.is_empty() && known.iter().all(|scope| matches!(scope, Some(None)))
        };
        let lacking: Vec<&String> = self.contract().resources.keys().filter(|name| keeps(name)).filter(lacking).collect();
        let told: Vec<&String> =
            self.notes.iter().filter(|note| lacking.iter().any(|name| note.starts_with(&format!("{name} was not tried")))).collect();
        if told.is_empty() {
            return Ok(());
        }
        Err(RunError::Nothing(told.into_iter().cloned().collect::<Vec<_>>().join("; ")))
    }
}

impl Session<'_> {
    /// Whether every proper request to these endpoints was answered so, and there was one.
    fn all_statuses(&self, among: impl Fn(usize) -> bool, wanted: &[u16]) -> bool {
        let mut statuses = self.statuses.keys().filter(|(endpoint, _)| among(*endpoint)).peekable();
        statuses.peek().is_some() && statuses.all(|(_, status)| wanted.contains(status))
    }

    fn none_answered(&self, among: impl Fn(usize) -> bool) -> bool {
        !self.answered.iter().any(|endpoint| among(*endpoint))
    }

    /// Whether nobody is let in wherever credentials are asked for.
    fn is_refused(&self) -> bool {
        let guarded = |index: usize| !self.endpoint(index).is_public();
        self.none_answered(guarded) && self.all_statuses(guarded, &[401, 403])
    }

    /// Whether nothing is found wherever the user's own parameters lead.
    fn is_astray(&self) -> bool {
        let given = |index: usize| self.endpoint(index).bindings.iter().any(|bound| self.given.contains_key(bound.input.name()));
        self.none_answered(given) && self.all_statuses(given, &[404])
    }

    /// How proper requests were answered, with what is probably wrong.
    fn told(&self, hint: &str) -> String {
        let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
        self.statuses.iter().for_each(|((_, status), count)| *counts.entry(*status).or_default() += count);
        let told: Vec<String> = counts.iter().map(|(status, count)| format!("{count} times {status}")).collect();
        let hint = if hint.is_empty() { String::new() } else { format!("; {hint}") };
        if told.is_empty() { String::new() } else { format!("proper requests were answered {}{hint}", told.join(", ")) }
    }
}
