//! Coverage: every operation once as it should be, then each of its inputs at and past its bounds, then without credentials, about
//! what is not there, and by a wrong method.

use std::sync::Arc;

use specs::claims::{Issuer, Verb};
use specs::contract::Endpoint;
use specs::wire::{Intent, Selector};

use super::inputs::Varied;
use crate::case::{Case, Validity};
use crate::director::{Director, Extent};
use crate::drafting::{Fill, blank, is_valid, lay};
use crate::family::Family;
use crate::ledger::Tracked;
use crate::session::Stop;
use crate::together::{Lone, Order};
use crate::trail::named;

/// Covers every operation of the document.
pub(crate) async fn run(director: &mut Director<'_>) -> Result<(), Stop> {
    for index in director.own_endpoints() {
        if let Some(mut coverage) = Coverage::of(director, index).await? {
            coverage.cover().await?;
            coverage.thin_out().await?;
            coverage.director.session.settle().await?;
        }
    }
    Ok(())
}

/// One operation, with what is needed to act by it.
pub(super) struct Coverage<'d, 's> {
    pub(super) director: &'d mut Director<'s>,
    pub(super) index: usize,
    pub(super) family: Option<Family>,
    scope: Vec<Selector>,
    /// The thing on which requests about one thing are tried.
    pub(super) subject: Option<Tracked>,
    /// Things that are kept for other requests than the next one.
    pub(super) reserved: Vec<Tracked>,
}

impl<'d, 's> Coverage<'d, 's> {
    /// An operation of the contract; none if there is no scope to act in.
    pub(super) async fn of(director: &'d mut Director<'s>, index: usize) -> Result<Option<Self>, Stop> {
        let Some(family) = Family::of(&director.families, index).cloned() else {
            return Ok(Some(Self { director, index, family: None, scope: Vec::new(), subject: None, reserved: Vec::new() }));
        };
        let scope = director.scope(&family, 0).await?;
        Ok(scope.map(|scope| Self { director, index, family: Some(family), scope, subject: None, reserved: Vec::new() }))
    }
}

impl<'s> Coverage<'_, 's> {
    /// The operation.
    pub(super) fn endpoint(&self) -> &'s Endpoint {
        self.director.session.endpoint(self.index)
    }
}

impl Coverage<'_, '_> {
    async fn cover(&mut self) -> Result<(), Stop> {
        let endpoint = self.director.session.endpoint(self.index);
        let Some(base) = self.base().await? else {
            if matches!(endpoint.verb, Verb::Create | Verb::Put | Verb::List) {
                self.director.note(format!("{} was not tried: no valid request could be made up", endpoint.name()));
            }
            return Ok(());
        };
        self.credentials(&base).await?;
        self.begin();
        self.send(base.clone().named("valid")).await?;
        self.head(&base).await?;
        let mut generous = false;
        if let Some(full) = self.full().await? {
            self.begin();
            generous = self.send(full.named("valid, everything given")).await?;
        }
        let Some(base) = self.base().await? else { return Ok(()) };
        // Variants are made of a base that has everything, so that every input has a value to vary; if that was accepted.
        let rich = if generous { self.full().await?.map(|full| Case { generous: false, ..full }) } else { None };
        let rich = rich.unwrap_or_else(|| base.clone());
        let wire = Arc::clone(&self.director.wire);
        let Varied { cases, missed } = wire.all(endpoint, &rich, &mut self.director.session.generator);
        missed.into_iter().for_each(|(place, reason)| self.director.ungenerated(endpoint, place, reason));
        let broken = cases.iter().find(|case| matches!(case.validity, Validity::Broken(_))).cloned();
        let refused =
            [self.invalid_without_credentials(broken), self.missing_thing(&base), self.missing_scope(&base), self.wrong_method(&base)];
        self.send_all(cases, refused.into_iter().flatten().collect()).await?;
        self.unsealed(&base).await
    }

    /// Whether each request of this operation may make something.
    pub(super) fn makes(&self) -> bool {
        matches!(self.endpoint().verb, Verb::Create | Verb::Put)
    }

    /// Leaves a few of the things that were made.
    pub(super) async fn thin_out(&mut self) -> Result<(), Stop> {
        match self.family.clone() {
            Some(family) if self.makes() => self.director.thin_out(&family, &self.scope).await,
            // Of a thing whose update was doubtful nobody can say any more whether it is there, so others take its place.
            Some(family) => self.director.thin_out_unsure(&family, &self.scope).await,
            None => Ok(()),
        }
    }

    /// Starts a plan that holds what is needed to understand the next request.
    pub(super) fn begin(&mut self) {
        let contract = self.director.contract();
        let about = self.about().map(|thing| named(contract, thing));
        self.director.session.trail.begin_with(about.as_ref());
    }

    /// The thing that requests are about: the one on which they are tried, or one that a list shows.
    fn about(&self) -> Option<&Tracked> {
        let lists = self.endpoint().verb == Verb::List;
        let resource = self.family.as_ref().filter(|_| lists).map(|family| family.resource.as_str());
        let listed = resource.and_then(|resource| self.director.session.ledger.alive_in(resource, &self.scope).next());
        self.subject.as_ref().or(listed)
    }

    /// Whether a list is walked through page by page, so that it is judged as a whole.
    fn is_walked(&self, case: &Case) -> bool {
        let lists = self.director.session.endpoint(case.endpoint).verb == Verb::List && case.is_proper();
        let whole = case.intent.contains.is_empty() && case.intent.equals.is_empty() && case.intent.folder.is_none();
        lists && case.intent.page == specs::wire::PageRequest::default() && whole
    }

    /// Sends variants: those that change something one after another, then the others side by side, and with them what is `refused` anyway.
    async fn send_all(&mut self, variants: Vec<Case>, refused: Vec<Lone>) -> Result<(), Stop> {
        let (apart, in_turn): (Vec<Case>, Vec<Case>) = variants.into_iter().partition(|case| self.stands_alone(case));
        for variant in in_turn {
            let variant = self.refresh(variant).await?;
            self.begin();
            self.send(variant).await?;
        }
        let mut ready = Vec::new();
        for variant in apart {
            let variant = self.refresh_alone(variant).await?;
            ready.push(self.lone(variant));
        }
        ready.extend(refused);
        self.director.session.play_together(Order::SideBySide, ready).await
    }

    /// Whether what a request is answered does not depend on others of its kind, nor theirs on it: it is to be refused, or it only looks.
    pub(super) fn stands_alone(&self, case: &Case) -> bool {
        let looks = matches!(self.endpoint().verb, Verb::Read | Verb::Reveal | Verb::List);
        matches!(case.validity, Validity::Broken(_)) || looks && !self.is_walked(case)
    }

    /// Whether nobody may be able to say after a request what it has made of the thing that the next one is about.
    pub(super) fn leaves_doubt(&self, case: &Case) -> bool {
        let makes = matches!(self.endpoint().verb, Verb::Create | Verb::Put) && !self.replaces_alone();
        !makes && (case.validity != Validity::Valid || case.asks_more(self.endpoint()))
    }

    /// Sets requests on their way that stand alone.
    pub(super) async fn hand_in(&mut self, cases: Vec<Case>) -> Result<(), Stop> {
        let cases = cases.into_iter().map(|case| self.lone(case)).collect();
        self.director.session.hand_in(Order::SideBySide, cases).await
    }

    /// A request as a plan of its own.
    pub(super) fn lone(&self, case: Case) -> Lone {
        Lone { about: self.about().map(|thing| named(self.director.contract(), thing)), case }
    }

    /// A request that stands alone gets a name of its own: where it is carried out all the same, the next one must not meet what it made.
    pub(super) async fn refresh_alone(&mut self, case: Case) -> Result<Case, Stop> {
        match (self.endpoint().verb, self.family.clone()) {
            (Verb::Create | Verb::Put, Some(family)) if !self.replaces_alone() => {
                let resource = family.resource(self.director.contract());
                Ok(self.director.named_anew(case, resource))
            }
            _ => self.refresh(case).await,
        }
    }

    /// Sends a case; whether it was carried out.
    pub(super) async fn send(&mut self, case: Case) -> Result<bool, Stop> {
        if self.is_walked(&case) {
            self.director.session.walk(case).await?;
            return Ok(true);
        }
        Ok(self.director.session.play(case).await?.reading.accepted)
    }

    /// A valid request, made possible by making what it is about.
    pub(super) async fn base(&mut self) -> Result<Option<Case>, Stop> {
        let endpoint = self.director.session.endpoint(self.index);
        let Some(family) = self.family.clone() else { return Ok(self.plain(Fill::Minimal)) };
        match endpoint.verb {
            Verb::Put if self.replaces_alone() => self.replacement(&family, Fill::Minimal).await,
            Verb::Create | Verb::Put => Ok(self.director.write(&family, self.index, &self.scope, None, Fill::Minimal, 0)),
            Verb::List | Verb::SealingKey => Ok(self.director.listing(self.index, &self.scope)),
            _ => {
                let Some(subject) = self.ensure_subject(&family).await? else { return Ok(None) };
                Ok(self.director.about(self.index, &self.scope, &subject, Extent::Whole))
            }
        }
    }

    /// The same with everything that the body declares.
    pub(super) async fn full(&mut self) -> Result<Option<Case>, Stop> {
        let endpoint = self.director.session.endpoint(self.index);
        match (self.family.clone(), endpoint.verb) {
            (None, _) => Ok(self.plain(Fill::Full)),
            (Some(family), Verb::Put) if self.replaces_alone() => self.replacement(&family, Fill::Full).await,
            (Some(family), Verb::Create | Verb::Put) => Ok(self.director.write(&family, self.index, &self.scope, None, Fill::Full, 0)),
            (Some(_), Verb::Update) => {
                let Some(base) = self.base().await? else { return Ok(None) };
                let Some(blank) = blank(endpoint, &mut self.director.session.generator, &self.director.session.given, Fill::Full) else {
                    return Ok(None);
                };
                let inputs = lay(&base.intent, endpoint, blank);
                let intent = Intent::read(endpoint, &inputs);
                Ok(is_valid(endpoint, &inputs).then(|| Case::new(self.index, inputs, intent).generous()))
            }
            _ => Ok(None),
        }
    }

    /// Whether the operation puts something in the place of a thing and makes none: the server decides the name in its path.
    pub(super) fn replaces_alone(&self) -> bool {
        let resource = self.director.contract().resource_of(self.endpoint());
        self.endpoint().verb == Verb::Put && resource.is_some_and(|resource| resource.identity().issued == Issuer::Server)
    }

    /// A valid request that replaces the thing that is there.
    async fn replacement(&mut self, family: &Family, fill: Fill) -> Result<Option<Case>, Stop> {
        let Some(subject) = self.ensure_subject(family).await? else { return Ok(None) };
        Ok(self.director.write(family, self.index, &self.scope, Some(&subject), fill, 0))
    }

    /// A request to an operation outside any resource.
    fn plain(&mut self, fill: Fill) -> Option<Case> {
        let endpoint = self.director.session.endpoint(self.index);
        // What an operation changes of which nothing is known, nobody can put right again.
        if endpoint.verb == Verb::Fixed && !endpoint.operation.method.is_safe() {
            let method = &endpoint.operation.method;
            self.director.note(format!("{} was not tried: nobody says what this {method} changes", endpoint.name()));
            return None;
        }
        let given = &self.director.session.given;
        let inputs = blank(endpoint, &mut self.director.session.generator, given, fill)?;
        // A token endpoint wants a client that only the user can name.
        if endpoint.verb == Verb::IssueToken && !given.contains_key("client_id") || !is_valid(endpoint, &inputs) {
            return None;
        }
        let intent = Intent::read(endpoint, &inputs);
        Some(Case::new(self.index, inputs, intent))
    }

    /// The thing to act on: the one that is there, or a new one.
    async fn ensure_subject(&mut self, family: &Family) -> Result<Option<Tracked>, Stop> {
        let contract = self.director.contract();
        let alive = |thing: &&Tracked| thing.resource == family.resource && thing.is_in(&self.scope);
        let known = self.subject.as_ref().and_then(|subject| {
            let same = |thing: &&Tracked| thing.identity == subject.identity && thing.resource == subject.resource;
            self.director.session.ledger.alive().rev().find(same).filter(alive)
        });
        let free = |thing: &&Tracked| alive(thing) && self.reserved.iter().all(|other| other.identity != thing.identity);
        let found = known.or_else(|| self.director.session.ledger.alive().rev().find(free)).cloned();
        self.subject = match found {
            Some(found) => Some(found),
            None => match self.director.make(family, &self.scope.clone(), 0).await? {
                Some(made) => Some(made),
                None => self.given_subject(contract.endpoints[self.index].resource.as_deref()),
            },
        };
        Ok(self.subject.clone())
    }

    /// A thing that the document cannot create but the user has named, as a parameter for a parent.
    fn given_subject(&self, resource: Option<&str>) -> Option<Tracked> {
        let resource = self.director.contract().resources.get(resource?)?;
        self.director.given_thing(self.index, resource)
    }

    /// A variant is about the thing that is there now; a create of a name that is taken meanwhile gets a new one.
    pub(super) async fn refresh(&mut self, case: Case) -> Result<Case, Stop> {
        let endpoint = self.director.session.endpoint(self.index);
        let Some(family) = self.family.clone() else { return Ok(case) };
        let resource = family.resource(self.director.contract());
        match endpoint.verb {
            Verb::Create | Verb::Put if !self.replaces_alone() => Ok(self.director.renamed(case, resource)),
            Verb::Put | Verb::Read | Verb::Reveal | Verb::Update | Verb::Delete | Verb::SoftDelete | Verb::Undelete | Verb::Destroy => {
                let before = self.subject.as_ref().and_then(|subject| subject.identity.clone());
                let Some(subject) = self.ensure_subject(&family).await? else { return Ok(case) };
                Ok(self.director.redirected(case, resource, before.as_ref(), &subject))
            }
            _ => Ok(case),
        }
    }
}
