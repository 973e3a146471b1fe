//! Scopes: where things are tried, as the user names them or as the runner makes them.

use specs::claims::Binding;
use specs::contract::{Endpoint, Input};
use specs::wire::Selector;

use crate::director::{Director, typed};
use crate::family::Family;
use crate::session::Stop;

impl Director<'_> {
    /// The scope in which a family is tried: from the user's parameters, or made by the runner. `which` is 0 for the first, 1 for another.
    pub(crate) async fn scope(&mut self, family: &Family, which: usize) -> Result<Option<Vec<Selector>>, Stop> {
        let key = (family.scope.clone(), which);
        if let Some(known) = self.scopes.get(&key) {
            return Ok(known.clone());
        }
        let found = self.find_scope(family, which).await?;
        self.scopes.insert(key, found.clone());
        Ok(found)
    }

    async fn find_scope(&mut self, family: &Family, which: usize) -> Result<Option<Vec<Selector>>, Stop> {
        let mut scope = Vec::new();
        for resource in &family.scope {
            let selector = match self.given_selector(family, resource, which) {
                Some(given) => Some(given),
                None => Box::pin(self.made_selector(resource, &scope)).await?,
            };
            let Some(selector) = selector else {
                let names = self.parameters_for(family, resource);
                self.note(format!("{} was not tried: give a value with {}", family.resource, names.join(" or ")));
                return Ok(None);
            };
            scope.push(selector);
        }
        Ok(Some(scope))
    }

    /// The inputs of a family's endpoints that name a resource as enclosing, with the field by which each names it.
    fn scope_inputs<'f>(&'f self, family: &'f Family, resource: &'f str) -> impl Iterator<Item = (&'f Endpoint, &'f Input, &'f str)> {
        family.endpoints.iter().flat_map(move |index| {
            let endpoint = &self.contract().endpoints[*index];
            let field = move |binding: &'f Binding| match binding {
                Binding::Scope(of) if of.resource == resource => Some(of.field.as_str()),
                _ => None,
            };
            endpoint.bound(field).map(move |(input, field)| (endpoint, input, field))
        })
    }

    fn parameters_for(&self, family: &Family, resource: &str) -> Vec<String> {
        let mut names: Vec<String> =
            self.scope_inputs(family, resource).map(|(_, input, _)| format!("--param {}=...", input.name())).collect();
        names.sort();
        names.dedup();
        names
    }

    fn given_selector(&self, family: &Family, resource: &str, which: usize) -> Option<Selector> {
        self.scope_inputs(family, resource).find_map(|(endpoint, input, field)| {
            let values = self.session.given.get(input.name())?;
            let text = values.get(which).or_else(|| values.first())?;
            Some(Selector { resource: resource.to_owned(), field: field.to_owned(), value: typed(endpoint, input, text) })
        })
    }

    /// An enclosing thing that the document can create.
    async fn made_selector(&mut self, resource: &str, scope: &[Selector]) -> Result<Option<Selector>, Stop> {
        let chain: Vec<&str> = scope.iter().map(|selector| selector.resource.as_str()).collect();
        let family = self.families.iter().find(|family| family.resource == resource && family.scope == chain).cloned();
        let Some(family) = family.filter(|family| !family.makers(self.contract()).is_empty()) else { return Ok(None) };
        let made = self.make(&family, scope, 0).await?;
        let field = self.contract().resources[resource].identity().field.clone();
        Ok(made.and_then(|thing| Some(Selector { resource: resource.to_owned(), field, value: thing.identity? })))
    }
}
