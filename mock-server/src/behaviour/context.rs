//! What a behaviour works with.

use std::sync::Arc;

use serde_json::Value;
use specs::claims::{Binding, Blind, Situation};
use specs::contract::{Contract, Endpoint, Resource};
use specs::wire::{Answered, Fields, Inputs, Intent, Items, Record, Records, Rejection};

use super::present::Presenter;
use crate::access::Principal;
use crate::fault::{Fault, Faults};
use crate::sandbox::State;
use crate::store::{Scope, Store, Thing};
use crate::world::{World, text};

/// One request, understood, with the state that it acts on.
pub(crate) struct Context<'c> {
    pub(crate) contract: &'c Contract,
    pub(crate) world: &'c World,
    pub(crate) faults: &'c Faults,
    pub(crate) endpoint: &'c Endpoint,
    /// The resource that it acts on.
    pub(crate) resource: Option<&'c Resource>,
    pub(crate) principal: &'c Principal<'c>,
    pub(crate) inputs: &'c Inputs,
    pub(crate) intent: &'c mut Intent<Fields>,
    /// What a racing server saw before it acted.
    pub(crate) glimpse: Option<&'c Store>,
    pub(crate) state: &'c mut State,
}

impl<'c> Context<'c> {
    /// The resource that the endpoint acts on.
    pub(crate) fn resource(&self) -> Result<&'c Resource, Rejection> {
        self.resource.ok_or_else(|| Rejection::new(Situation::Internal))
    }

    /// The things that the intent names, with their scope.
    pub(crate) fn named(&self) -> Result<(Scope, Vec<Arc<Thing>>), Rejection> {
        let resource = self.resource()?;
        let Items::Named(field, values) = &self.intent.items else { return Err(Rejection::new(Situation::NotFound)) };
        let mut found = Vec::with_capacity(values.len());
        let mut scope = if self.is_blind_to(Blind::Scope) { None } else { self.scope()? };
        for value in values {
            let home = scope.take().or_else(|| self.state.store.home(&resource.name, value).cloned());
            let here = home.and_then(|scope| self.state.store.find(&resource.name, &scope, field, value).map(|thing| (scope, thing)));
            let found_here = here.or_else(|| self.elsewhere(&resource.name, field, value));
            let Some((home, thing)) = found_here else { return Err(not_found(field, value)) };
            self.check_sees(&home, (&resource.name, &thing.identity), field, value)?;
            found.push(Arc::clone(thing));
            scope = Some(home);
        }
        Ok((scope.unwrap_or_default(), found))
    }

    /// The thing of another scope, for a server that does not keep scopes apart.
    fn elsewhere(&self, resource: &str, field: &str, value: &Value) -> Option<(Scope, &Arc<Thing>)> {
        let holds = |thing: &Thing| thing.fields.get(field).is_some_and(|own| text(own) == text(value));
        let mut all = self.state.store.everywhere(resource).filter(|_| self.faults.has(Fault::FindEverywhere));
        all.find(|(_, thing)| holds(thing)).map(|(scope, thing)| (scope.clone(), thing))
    }

    /// The one thing that the intent names.
    pub(crate) fn one(&self) -> Result<(Scope, Arc<Thing>), Rejection> {
        let (scope, mut found) = self.named()?;
        let thing = found.pop().ok_or_else(|| Rejection::new(Situation::NotFound))?;
        Ok((scope, thing))
    }

    /// The name of the parameter, or of the body's member, in which the client states a field.
    pub(crate) fn input_of(&self, field: &str) -> String {
        let states = |binding: &Binding| matches!(binding, Binding::Field(own) if own == field).then_some(());
        let input = self.endpoint.bound(states).next();
        input.map_or_else(|| field.to_owned(), |(input, ())| input.name().to_owned())
    }

    /// An answer that tells about one thing.
    pub(crate) fn tell(&self, scope: &Scope, thing: &Thing, stored: bool) -> Result<Answered, Rejection> {
        let presenter = Presenter::new(self.contract, &self.state.store, self.resource()?, scope, None);
        let record = presenter.record(thing, stored, self.intent.show.as_deref());
        Ok(Answered { records: Records::One(record), ..Answered::default() })
    }

    /// All that can be told of a thing in one of its versions, or in the latest.
    pub(crate) fn record(&self, scope: &Scope, thing: &Thing, version: Option<u64>) -> Result<Record, Rejection> {
        let presenter = Presenter::new(self.contract, &self.state.store, self.resource()?, scope, version);
        Ok(presenter.record(thing, true, self.intent.show.as_deref()))
    }
}

/// Nothing has this value in this field.
pub(crate) fn not_found(field: &str, value: &Value) -> Rejection {
    Rejection::new(Situation::NotFound).with("field", field).with("item", value.clone())
}
