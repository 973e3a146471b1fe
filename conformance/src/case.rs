//! Cases: one request that is about to be sent, with what is known about it.

use http::Method;
use serde::{Deserialize, Serialize};
use specs::claims::{Binding, Blind, Conflict, Grade, Issuer, Missing, Situation, Verb, Versions};
use specs::contract::{Contract, Endpoint, Input, Location};
use specs::wire::{Inputs, Intent};

use crate::ledger::{Ledger, Life, Tracked};
use crate::options::Identity;

/// One request with what is known about it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The endpoint's position in the contract.
    pub(crate) endpoint: usize,
    /// What the request says.
    pub(crate) inputs: Inputs,
    /// What it means.
    pub(crate) intent: Intent,
    /// Whether the document allows it.
    pub(crate) validity: Validity,
    /// Who sends it.
    pub(crate) credential: Credential,
    /// The refusal that it is made to provoke.
    pub(crate) provokes: Option<Situation>,
    /// Its name in the snapshot; cases that depend on the seed have none.
    pub(crate) scenario: Option<String>,
    /// Another method than the operation's.
    pub(crate) method: Option<Method>,
    /// What a GET was answered, where this is the HEAD of it.
    pub(crate) mirrors: Option<Mirror>,
    /// Whether it has everything that is declared, made up: more than a schema says may stand against that.
    pub(crate) generous: bool,
    /// How what travels sealed is sealed.
    pub(crate) seal: Seal,
}

/// How what travels sealed is sealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Seal {
    /// For the key that the target tells.
    #[default]
    Right,
    /// Not at all.
    Open,
    /// For a key that is not the target's.
    OtherKey,
    /// For the right key, under an id that no key has.
    OtherId,
}

/// What a GET was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mirror {
    /// The status.
    pub(crate) status: u16,
    /// The media type, if there was one.
    pub(crate) media_type: Option<String>,
}

/// Whether the document allows a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Validity {
    /// Every input is as declared.
    Valid,
    /// One keyword is broken.
    Broken(Broken),
    /// The document allows it, and many a server refuses it for good reasons of its own: only that it does not fail is asked.
    Open,
}

/// What is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Broken {
    /// Where: `query parameter limit`, `body /name`.
    pub(crate) place: String,
    /// The keyword.
    pub(crate) keyword: String,
    /// How, in words.
    pub(crate) how: String,
}

/// Who sends a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Credential {
    /// The caller whose headers were given.
    #[default]
    Given,
    /// Nobody.
    Missing,
    /// Somebody with a token that was never issued.
    Unknown,
    /// The caller whose headers were given, behind the name of a scheme that nobody has.
    Malformed,
    /// Another caller.
    As(Identity),
}

impl Credential {
    /// Whether no operation but a public one is for this caller.
    pub(crate) const fn is_nobody(self) -> bool {
        matches!(self, Self::Missing | Self::Unknown | Self::Malformed | Self::As(Identity::Expired))
    }
}

impl Credential {
    /// How reports call the caller.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Missing => "nobody",
            Self::Unknown => "unknown",
            Self::Malformed => "malformed",
            Self::As(identity) => identity.name(),
        }
    }
}

impl Case {
    /// A valid request that means this.
    pub(crate) fn new(endpoint: usize, inputs: Inputs, intent: Intent) -> Self {
        Self {
            endpoint,
            inputs,
            intent,
            validity: Validity::Valid,
            credential: Credential::Given,
            provokes: None,
            scenario: None,
            method: None,
            mirrors: None,
            generous: false,
            seal: Seal::Right,
        }
    }

    /// The same request, with everything that is declared.
    pub(crate) fn generous(self) -> Self {
        Self { generous: true, ..self }
    }

    /// Whether it gives an optional parameter of which no claim says what it means.
    pub(crate) fn asks_more(&self, endpoint: &Endpoint) -> bool {
        let means = |location: Location, name: &str| {
            endpoint.bindings.iter().any(|bound| bound.input == Input::Parameter(location, name.to_owned()))
        };
        let optional = |location: Location, name: &str| endpoint.operation.parameter(location, name).is_some_and(|own| !own.required);
        self.inputs.parameters.keys().any(|(location, name)| optional(*location, name) && !means(*location, name))
    }

    /// The same request under a name in the snapshot.
    pub(crate) fn named(mut self, scenario: impl Into<String>) -> Self {
        self.scenario = Some(scenario.into());
        self
    }

    /// The same request, made to provoke a refusal.
    pub(crate) fn provoking(mut self, situation: Situation) -> Self {
        self.provokes = Some(situation);
        self
    }

    /// Whether it is a valid request of the given caller: one that should be carried out.
    pub(crate) fn is_proper(&self) -> bool {
        self.validity == Validity::Valid && self.credential == Credential::Given && self.method.is_none()
    }
}

/// The refusal that a request must provoke, as far as the ledger and the document tell: nothing is provoked by a proper request about
/// things that are as it takes them to be.
pub(crate) fn provoked(contract: &Contract, ledger: &Ledger, case: &Case) -> Option<Situation> {
    let endpoint = &contract.endpoints[case.endpoint];
    match (case.credential, &case.validity) {
        _ if case.mirrors.is_some() => return None,
        _ if case.method.is_some() => return Some(Situation::MethodNotAllowed),
        // Of two reasons for a refusal, nobody need say which one is told.
        (Credential::Missing, Validity::Broken(_)) if !endpoint.is_public() => return None,
        (Credential::Missing, _) if !endpoint.is_public() => return Some(Situation::MissingCredentials),
        (Credential::Unknown, _) if !endpoint.is_public() => return Some(Situation::UnknownCredentials),
        (Credential::Malformed, _) if !endpoint.is_public() => return Some(Situation::MalformedCredentials),
        (Credential::As(Identity::Expired), _) if !endpoint.is_public() => return Some(Situation::ExpiredCredentials),
        (Credential::As(Identity::Reader), _) if !endpoint.is_public() && endpoint.verb.writes() => return Some(Situation::Forbidden),
        // How a stranger is refused is a matter of its own: nobody need tell it whether there is anything.
        (Credential::As(Identity::Other), _) => return None,
        (_, Validity::Broken(broken)) if broken.place == "body" && broken.keyword == "type" => return Some(Situation::WrongBody),
        (_, Validity::Broken(_)) => return Some(Situation::Invalid),
        _ => {}
    }
    let resource = contract.resource_of(endpoint)?;
    let subject = ledger.subject(contract, endpoint, &case.intent);
    if let Some(situation) = resource.versions().and_then(|rule| provoked_by_versions(endpoint, rule, subject, &case.intent)) {
        return Some(situation);
    }
    let life = subject.map(|thing| thing.life);
    match endpoint.verb {
        Verb::Create
            if life == Some(Life::Alive) && resource.conflict().value == Conflict::Reject && resource.conflict().grade != Grade::Chosen =>
        {
            Some(Situation::Duplicate)
        }
        Verb::Delete if life == Some(Life::Gone) && resource.delete_missing().value == Missing::Reject => Some(Situation::NotFound),
        Verb::Update if endpoint.makes_missing() => None,
        Verb::Read | Verb::Reveal | Verb::Update if life == Some(Life::Gone) => Some(Situation::NotFound),
        // Nobody but the server can make what the server names.
        Verb::Put if life == Some(Life::Gone) && resource.identity().issued == Issuer::Server => Some(Situation::NotFound),
        Verb::Update if subject.is_some_and(|thing| thing.is_latched_against(resource, &case.intent)) => Some(Situation::LatchedField),
        _ => None,
    }
}

/// The refusal that a request must provoke because of the version that it names, expects, or does not say that it expects.
fn provoked_by_versions(endpoint: &Endpoint, rule: &Versions, subject: Option<&Tracked>, intent: &Intent) -> Option<Situation> {
    let there = subject.filter(|thing| thing.life != Life::Gone);
    match endpoint.verb {
        Verb::Create | Verb::Put | Verb::Update => {
            let latest = there.map_or(Some(0), |thing| thing.versions.latest())?;
            let takes = endpoint.bound(|binding| matches!(binding, Binding::ExpectedVersion).then_some(())).next().is_some();
            let demanded = || there?.field(rule.expected_by.as_ref()?)?.as_bool();
            let writes = endpoint.verb != Verb::Update || there.is_some();
            match intent.expected_version.filter(|_| takes) {
                _ if !writes => None,
                Some(expected) if expected != latest => Some(Situation::VersionMismatch),
                None if takes && demanded() == Some(true) => Some(Situation::VersionRequired),
                _ => hidden(endpoint, there, None).filter(|_| endpoint.verb == Verb::Update),
            }
        }
        Verb::Read | Verb::Reveal => hidden(endpoint, there, intent.version),
        _ => None,
    }
}

/// Whether the version that a request is about was softly deleted or destroyed.
fn hidden(endpoint: &Endpoint, there: Option<&Tracked>, number: Option<i64>) -> Option<Situation> {
    let thing = there.filter(|_| !endpoint.is_blind_to(Blind::Deletion))?;
    if thing.versions.latest() == Some(0) {
        return Some(Situation::NotFound);
    }
    let version = thing.versions.get(number)?;
    matches!(version.life, Life::Hidden | Life::Gone).then_some(Situation::Deleted)
}
