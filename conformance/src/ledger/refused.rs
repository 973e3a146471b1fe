//! Names for which creates were refused: nothing can have them.

use std::collections::{HashMap, VecDeque};

use specs::wire::Selector;

use super::same_scope;

/// No more names than this are remembered: of an older one nothing is said any more.
const MOST: usize = 4_096;

/// Names for which a create was refused and nothing else was, the oldest of many forgotten.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// The scopes of each, by resource and name.
    scopes: HashMap<(String, String), Vec<Vec<Selector>>>,
    /// In the order in which they were refused.
    order: VecDeque<(String, String)>,
}

impl Refused {
    /// Whether the create of a name was refused in a scope.
    pub(super) fn has(&self, resource: &str, scope: &[Selector], name: &str) -> bool {
        let known = self.scopes.get(&(resource.to_owned(), name.to_owned()));
        known.into_iter().flatten().any(|known| same_scope(known, scope))
    }

    /// Notes that the create of a name was refused in a scope.
    pub(super) fn add(&mut self, resource: &str, scope: &[Selector], name: &str) {
        let key = (resource.to_owned(), name.to_owned());
        if !self.scopes.contains_key(&key) {
            self.order.push_back(key.clone());
        }
        self.scopes.entry(key).or_default().push(scope.to_vec());
        if self.order.len() > MOST {
            self.order.pop_front().map(|oldest| self.scopes.remove(&oldest));
        }
    }

    /// Notes that something may have a name in a scope after all.
    pub(super) fn remove(&mut self, resource: &str, scope: &[Selector], name: &str) {
        if let Some(scopes) = self.scopes.get_mut(&(resource.to_owned(), name.to_owned())) {
            scopes.retain(|known| !same_scope(known, scope));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_in_its_scope_until_something_has_it_or_many_are_known() {
        let scope = |name: &str| vec![Selector { resource: "project".to_owned(), field: "id".to_owned(), value: name.into() }];
        let mut refused = Refused::default();
        refused.add("secret", &scope("1"), "a");
        refused.add("secret", &scope("2"), "a");
        assert!(
            refused.has("secret", &scope("1"), "a") && !refused.has("secret", &scope("3"), "a") && !refused.has("app", &scope("1"), "a")
        );
        refused.remove("secret", &scope("1"), "a");
        assert!(!refused.has("secret", &scope("1"), "a") && refused.has("secret", &scope("2"), "a"));
        (0..MOST).for_each(|number| refused.add("secret", &scope("1"), &number.to_string()));
        assert!(!refused.has("secret", &scope("2"), "a") && refused.has("secret", &scope("1"), "0"));
        assert_eq!((refused.scopes.len(), refused.order.len()), (MOST, MOST));
    }
}
