//! Coverage: every operation once as it should be, then each of its inputs at and past its bounds, then without credentials, about
//! what is not there, and by a wrong method.

use std::sync::Arc;

use http::Method;
use specs::claims::{Issuer, Situation, Verb};
use specs::contract::Endpoint;
use specs::wire::{Intent, Items, Selector};

use super::inputs::Varied;
use crate::case::{Broken, Case, Credential, Seal, Validity};
use crate::director::{Director, Extent, stranger};
use crate::drafting::{Fill, blank, is_valid, lay};
use crate::family::Family;
use crate::ledger::Tracked;
use crate::sealing::{SEALED, sealed_inputs};
use crate::session::{Stop, other_method};
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
        self.send_all(cases).await?;
        self.invalid_without_credentials(broken).await?;
        self.missing_thing(&base).await?;
        self.missing_scope(&base).await?;
        self.wrong_method(&base).await?;
        self.unsealed(&base).await
    }

    /// The same request with what travels sealed left open, closed for another key, or with a key that nobody has.
    async fn unsealed(&mut self, base: &Case) -> Result<(), Stop> {
        let Some((input, sealed)) = sealed_inputs(self.director.contract(), self.endpoint()).into_iter().next() else { return Ok(()) };
        let stated = format!("body /{}", sealed.stated);
        let ways = [
            (Seal::Open, format!("body /{}", input.name()), "not sealed", Situation::BrokenSeal),
            (Seal::OtherKey, format!("body /{}", input.name()), "sealed for another key", Situation::BrokenSeal),
            (Seal::OtherId, stated, "a key that nobody has", Situation::UnknownSealingKey),
        ];
        for (seal, place, how, situation) in ways {
            let broken = Broken { place, keyword: SEALED.to_owned(), how: how.to_owned() };
            let scenario = format!("{}: {how} ({SEALED})", broken.place);
            let case = Case { seal, validity: Validity::Broken(broken), ..base.clone() };
            let case = self.refresh_alone(case.named(scenario).provoking(situation)).await?;
            self.begin();
            self.send(case).await?;
        }
        Ok(())
    }

    /// Leaves a few of the things that were made.
    pub(super) async fn thin_out(&mut self) -> Result<(), Stop> {
        let makes = matches!(self.endpoint().verb, Verb::Create | Verb::Put);
        match self.family.clone() {
            Some(family) if makes => self.director.thin_out(&family, &self.scope).await,
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

    /// Sends variants: those that change something one after another, then the others side by side.
    async fn send_all(&mut self, variants: Vec<Case>) -> Result<(), Stop> {
        let (apart, in_turn): (Vec<Case>, Vec<Case>) = variants.into_iter().partition(|case| self.stands_alone(case));
        for variant in in_turn {
            let variant = self.refresh(variant).await?;
            self.begin();
            self.send(variant).await?;
        }
        let mut ready = Vec::new();
        for variant in apart {
            ready.push(self.refresh_alone(variant).await?);
        }
        self.hand_in(ready).await?;
        self.director.session.settle().await
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
    fn replaces_alone(&self) -> bool {
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

    async fn credentials(&mut self, base: &Case) -> Result<(), Stop> {
        if self.director.session.endpoint(self.index).is_public() || !self.director.session.credentials.can_be_withheld() {
            return Ok(());
        }
        for (credential, scenario) in [(Credential::Missing, "without credentials"), (Credential::Unknown, "with unknown credentials")] {
            self.begin();
            let case = Case { credential, ..base.clone() };
            self.director.session.play(case.named(scenario)).await?;
        }
        if self.director.session.credentials.names_scheme() {
            self.begin();
            self.director.session.play(Case { credential: Credential::Malformed, ..base.clone() }).await?;
        }
        Ok(())
    }

    /// A request that is wrong in two ways shows what is looked at first.
    async fn invalid_without_credentials(&mut self, broken: Option<Case>) -> Result<(), Stop> {
        let withheld = !self.endpoint().is_public() && self.director.session.credentials.can_be_withheld();
        let Some(case) = broken.filter(|_| withheld) else { return Ok(()) };
        self.begin();
        self.director.session.play(Case { credential: Credential::Missing, scenario: None, provokes: None, ..case }).await?;
        Ok(())
    }

    /// The same request about a thing that never existed.
    async fn missing_thing(&mut self, base: &Case) -> Result<(), Stop> {
        let endpoint = self.director.session.endpoint(self.index);
        let Items::Named(field, values) = &base.intent.items else { return Ok(()) };
        if matches!(endpoint.verb, Verb::Create | Verb::Put) && !self.replaces_alone() {
            return Ok(());
        }
        let values = values.iter().map(stranger).collect();
        let intent = Intent { items: Items::Named(field.clone(), values), ..base.intent.clone() };
        self.send_changed(base, intent, "about a thing that never existed", Situation::NotFound).await
    }

    /// The same request in a scope that does not exist.
    async fn missing_scope(&mut self, base: &Case) -> Result<(), Stop> {
        let mut intent = base.intent.clone();
        let Some(selector) = intent.scope.last_mut() else { return Ok(()) };
        selector.value = stranger(&selector.value);
        self.send_changed(base, intent, "in a scope that does not exist", Situation::ScopeNotFound).await
    }

    async fn send_changed(&mut self, base: &Case, intent: Intent, scenario: &str, situation: Situation) -> Result<(), Stop> {
        let endpoint = self.director.session.endpoint(self.index);
        let inputs = lay(&intent, endpoint, base.inputs.clone());
        if is_valid(endpoint, &inputs) {
            self.director.session.trail.begin();
            let case = Case { inputs, intent, ..base.clone() };
            self.director.session.play(case.named(scenario).provoking(situation)).await?;
        }
        Ok(())
    }

    /// The same request as a HEAD, where it is a GET.
    async fn head(&mut self, base: &Case) -> Result<(), Stop> {
        if self.director.session.endpoint(self.index).operation.method != Method::GET || self.knows_head() {
            return Ok(());
        }
        self.director.session.trail.begin();
        self.director.session.mirror(base.clone(), Some("as a HEAD")).await
    }

    /// Whether the document has a HEAD of its own for the path.
    fn knows_head(&self) -> bool {
        let path = &self.director.session.endpoint(self.index).operation.key.path;
        let head = |endpoint: &Endpoint| endpoint.operation.method == Method::HEAD && endpoint.operation.key.path == *path;
        self.director.contract().endpoints.iter().any(head)
    }

    async fn wrong_method(&mut self, base: &Case) -> Result<(), Stop> {
        let endpoint = self.director.session.endpoint(self.index);
        let Some(method) = other_method(self.director.contract(), endpoint) else { return Ok(()) };
        self.director.session.trail.begin();
        let case = Case { method: Some(method.clone()), ..base.clone() };
        self.director.session.play(case.named(format!("by {method}, which is not documented"))).await?;
        Ok(())
    }
}
