//! Calls by name: operations that can also be called at one path, with a parameter that names them.

use std::collections::HashMap;

use specs::claims::{Command, Form, Situation};
use specs::contract::{Contract, Segment};
use specs::wire::{Rejection, Request, Router, form_pairs, pairs};

/// The operations that can be called by name.
#[derive(Debug)]
pub(crate) struct Commands {
    rule: Option<Command>,
    forms: Vec<Form>,
    names: HashMap<String, usize>,
}

impl Commands {
    pub(crate) fn new(contract: &Contract) -> Self {
        let last = |index: usize| match contract.endpoints[index].operation.template.segments().last() {
            Some(Segment::Literal(name)) => Some((name.clone(), index)),
            _ => None,
        };
        Self {
            rule: contract.wire().command.as_ref().map(|claim| claim.value.clone()),
            forms: contract.wire().forms.as_ref().map(|claim| claim.value.clone()).unwrap_or_default(),
            names: (0..contract.endpoints.len()).filter_map(last).collect(),
        }
    }

    /// The endpoint that a request calls by name; `None` if its path is not the one for that.
    pub(crate) fn named(&self, router: &Router, request: &Request) -> Option<Result<usize, Rejection>> {
        let rule = self.rule.as_ref()?;
        let wanted = rule.path.trim_matches('/');
        let here = router.without_base(&request.path).into_iter().any(|path| path.trim_matches('/') == wanted);
        if !here {
            return None;
        }
        let mut given = request.query.as_deref().map(pairs).unwrap_or_default();
        if self.forms.iter().any(|form| *form != Form::Query) {
            given.extend(form_pairs(request));
        }
        let Some((_, name)) = given.into_iter().find(|(name, _)| *name == rule.parameter) else {
            return Some(Err(Rejection::new(Situation::MissingCommand)));
        };
        Some(self.names.get(&name).copied().ok_or_else(|| Rejection::new(Situation::UnknownCommand)))
    }
}
