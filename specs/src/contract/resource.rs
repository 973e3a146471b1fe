//! A resource: a thing with a lifecycle, and all that is promised of it.

use std::collections::BTreeMap;

use crate::claims::{
    Claim, Conflict, FieldPath, FieldPromises, Guard, IdFormat, Identity, Inherits, Issuer, Missing, Order, ResourcePromises, Source,
    TimeFormat, Verb, VersionFact, Versions, Visibility,
};

/// A thing with a lifecycle.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its name.
    pub name: String,
    /// What is promised of it, with grades and sources.
    pub promises: ResourcePromises,
    /// What is promised of its fields, by path.
    pub fields: BTreeMap<String, FieldPromises>,
    /// The fields with which something is to be done, by what that is.
    chores: [Vec<String>; Chore::ALL.len()],
}

/// What a promise of a field may give to do when a thing is written or told. Most fields give nothing, so that it is noted which do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chore {
    /// The letters are kept in one case.
    Letters,
    /// A text is cut.
    Truncate,
    /// It travels sealed.
    Unseal,
    /// It refers to another thing.
    Refer,
    /// It says who wrote.
    Sign,
    /// The server fills it when it stores the thing.
    Fill,
    /// It is made when the thing is told about, and not stored.
    Derive,
}

impl Chore {
    const ALL: [Self; 7] = [Self::Letters, Self::Truncate, Self::Unseal, Self::Refer, Self::Sign, Self::Fill, Self::Derive];

    /// Whether a field gives this to do.
    fn concerns(self, field: &FieldPromises) -> bool {
        let source = field.source.as_ref().map(|claim| &claim.value);
        match self {
            Self::Letters => field.letters.is_some(),
            Self::Truncate => field.truncate.is_some(),
            Self::Unseal => field.sealed.is_some(),
            Self::Refer => field.refers_to.is_some(),
            Self::Sign => matches!(source, Some(Source::Caller(_))),
            Self::Fill => field.default.is_some() || matches!(source, Some(Source::Issued(_) | Source::Writes)),
            Self::Derive => {
                source.is_some_and(|source| !matches!(source, Source::Client | Source::Caller(_) | Source::Issued(_) | Source::Writes))
            }
        }
    }
}

impl Resource {
    pub(super) fn new(name: &str, promises: ResourcePromises, fields: BTreeMap<String, FieldPromises>) -> Self {
        let concerned = |chore: Chore| fields.iter().filter(|(_, field)| chore.concerns(field)).map(|(name, _)| name.clone()).collect();
        let chores = Chore::ALL.map(concerned);
        Self { name: name.to_owned(), promises, fields, chores }
    }

    /// The fields that give this to do, in order, with what is promised of them.
    pub fn concerned(&self, chore: Chore) -> impl Iterator<Item = (&String, &FieldPromises)> {
        self.chores[chore as usize].iter().filter_map(|name| self.fields.get_key_value(name))
    }

    /// Whether any field gives this to do.
    #[must_use]
    pub const fn has(&self, chore: Chore) -> bool {
        !self.chores[chore as usize].is_empty()
    }

    /// The field that names it, and who decides it.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.promises.identity.as_ref().expect("inference gives every resource an identity").value
    }

    /// The field that holds the id which the server issues, if it issues one.
    #[must_use]
    pub fn issued_id(&self) -> Option<&str> {
        let identity = self.identity();
        let own = self.promises.id.as_ref().map(|claim| claim.value.as_str());
        if identity.issued == Issuer::Server { Some(&identity.field) } else { own }
    }

    /// The field that is unique within the scope, if there is one.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.promises.key.as_ref().map(|claim| claim.value.as_str())
    }

    /// What a create does when the key is there already.
    #[must_use]
    pub fn conflict(&self) -> &Claim<Conflict> {
        self.promises.conflict.as_ref().expect("inference gives every resource a conflict policy")
    }

    /// What deleting does when nothing is there.
    #[must_use]
    pub fn delete_missing(&self) -> &Claim<Missing> {
        self.promises.delete_missing.as_ref().expect("inference says what deleting nothing does")
    }

    /// The order of its lists.
    #[must_use]
    pub fn order(&self) -> &Claim<Order> {
        self.promises.order.as_ref().expect("inference gives every resource an order")
    }

    /// How its times are written.
    #[must_use]
    pub fn time_format(&self) -> TimeFormat {
        self.promises.time_format.as_ref().map_or(TimeFormat::Rfc3339(3), |claim| claim.value)
    }

    /// The form of the ids that the server issues.
    #[must_use]
    pub fn id_format(&self) -> IdFormat {
        let sequence = || IdFormat::Sequence(1);
        self.promises.id_format.as_ref().map_or_else(sequence, |claim| claim.value.clone())
    }

    /// The fields that hold what must not leak.
    #[must_use]
    pub fn secret(&self) -> &[FieldPath] {
        self.promises.secret.as_ref().map_or(&[], |claim| claim.value.as_slice())
    }

    /// The text that stands for a secret.
    #[must_use]
    pub fn mask(&self) -> &str {
        self.promises.mask.as_ref().map_or("********", |claim| claim.value.as_str())
    }

    /// The fields that hold the times of creation and of the last change.
    #[must_use]
    pub fn time_fields(&self) -> (Option<&str>, Option<&str>) {
        let promises = &self.promises;
        (promises.created.as_ref().map(|claim| claim.value.as_str()), promises.updated.as_ref().map(|claim| claim.value.as_str()))
    }

    /// How much of a secret field a verb's answer shows; nothing is claimed where the answer has no place for it.
    #[must_use]
    pub fn visibility(&self, path: &FieldPath, verb: Verb) -> Option<Claim<Visibility>> {
        let claim = self.fields.get(&path.to_string())?.visibility.as_ref()?;
        let visibility = claim.value.get(verb.name()).or_else(|| claim.value.get("any"))?;
        Some(claim.map(|_| *visibility))
    }

    /// Conditions under which the value is not revealed.
    #[must_use]
    pub fn guards(&self) -> &[Guard] {
        self.promises.guards.as_ref().map_or(&[], |claim| claim.value.as_slice())
    }

    /// Fields that an update refuses to be sent.
    #[must_use]
    pub fn read_only(&self) -> &[String] {
        self.promises.read_only.as_ref().map_or(&[], |claim| claim.value.as_slice())
    }

    /// Fields whose members an update merges one by one.
    #[must_use]
    pub fn merged(&self) -> &[String] {
        self.promises.merge.as_ref().map_or(&[], |claim| claim.value.as_slice())
    }

    /// The field that a read completes from the thing's relations.
    #[must_use]
    pub fn inherits(&self) -> Option<&Inherits> {
        self.promises.inherits.as_ref().map(|claim| &claim.value)
    }

    /// That writes make versions, if they do.
    #[must_use]
    pub fn versions(&self) -> Option<&Versions> {
        self.promises.versions.as_ref().map(|claim| &claim.value)
    }

    /// The field that holds this fact about a version.
    #[must_use]
    pub fn version_field(&self, fact: &VersionFact) -> Option<&str> {
        let holds =
            |field: &FieldPromises| matches!(field.source.as_ref().map(|claim| &claim.value), Some(Source::Version(own)) if own == fact);
        self.fields.iter().find(|(_, field)| holds(field)).map(|(name, _)| name.as_str())
    }

    /// Whether the server decides the identity, so that a client learns it from the answer.
    #[must_use]
    pub fn is_server_named(&self) -> bool {
        self.identity().issued != Issuer::Client
    }
}
