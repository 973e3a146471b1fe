//! Situations: the closed set of reasons for which a request is refused.

use serde::{Deserialize, Serialize};

/// Declares the enum and its table in one place.
macro_rules! situations {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal $statuses:expr, $message:literal;)*) => {
        /// Why a request is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Situation {
            $($(#[doc = $doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Situation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name that claims use.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The statuses that fit, best first (RFC 9110, section 15): the first that the operation documents is used.
            #[must_use]
            pub const fn statuses(self) -> &'static [u16] {
                match self { $(Self::$variant => &$statuses),* }
            }

            /// What to say where the vendor's own words are not known.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),* }
            }

            /// What the situation is.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*)),* }
            }
        }
    };
}

situations! {
    /// The request carries no credentials.
    MissingCredentials "missing-credentials" [401, 403], "credentials are missing";
    /// The credentials are not of the declared form.
    MalformedCredentials "malformed-credentials" [401, 403], "credentials are malformed";
    /// The credentials belong to nobody.
    UnknownCredentials "unknown-credentials" [401, 403], "credentials are not valid";
    /// The credentials were valid once.
    ExpiredCredentials "expired-credentials" [401, 403], "credentials have expired";
    /// The credentials were taken back.
    RevokedCredentials "revoked-credentials" [401, 403], "credentials are not valid";
    /// The credentials are valid for longer than the vendor allows.
    OverlongCredentials "overlong-credentials" [401, 403], "credentials are valid for too long";
    /// The credentials were issued at a time that is still to come.
    PrematureCredentials "premature-credentials" [401, 403], "credentials are not valid yet";
    /// The request does not say for which tenant it acts.
    MissingTenant "missing-tenant" [403, 401, 400], "the tenant is missing";
    /// The tenant does not exist.
    UnknownTenant "unknown-tenant" [403, 401, 404], "the tenant is not known";
    /// The tenant exists, and the caller may not act for it.
    ForeignTenant "foreign-tenant" [403, 401, 404], "the tenant is somebody else's";
    /// The caller exists but may not do this.
    Forbidden "forbidden" [403, 401], "not allowed";
    /// The thing belongs to somebody else, and the vendor says so.
    Foreign "foreign" [403, 404], "not allowed here";
    /// The body is not of the declared media type's syntax.
    MalformedBody "malformed-body" [400, 422], "the body cannot be read";
    /// The body's media type is not declared.
    UnsupportedMediaType "unsupported-media-type" [415, 400, 422], "the media type is not supported";
    /// The body is larger than the server takes.
    TooLarge "too-large" [413, 400, 422], "the body is too large";
    /// The body is needed and missing.
    EmptyBody "empty-body" [400, 422], "a body is required";
    /// The body as a whole is of another type than declared.
    WrongBody "wrong-body" [400, 422], "the body is of the wrong type";
    /// A member of the body is of another type than declared.
    WrongType "wrong-type" [400, 422], "a value is of the wrong type";
    /// A parameter in the path is not valid.
    InvalidPath "invalid-path" [400, 404, 422], "the path is not valid";
    /// A parameter or the body is not valid.
    Invalid "invalid" [400, 422], "the request is not valid";
    /// None of several alternative parameters is given.
    MissingAlternative "missing-alternative" [400, 422], "one of several parameters is needed";
    /// Two alternative parameters are given together.
    AmbiguousAlternative "ambiguous-alternative" [400, 422], "only one of several parameters may be given";
    /// The thing that should enclose this one does not exist.
    ScopeNotFound "scope-not-found" [404, 400, 410], "not found";
    /// The thing does not exist.
    NotFound "not-found" [404, 410, 400], "not found";
    /// The thing exists, and the version that is asked for was softly deleted or destroyed.
    Deleted "deleted" [410, 404, 400], "it was deleted";
    /// The latest version is another than the request expects.
    VersionMismatch "version-mismatch" [412, 409, 400], "the latest version is another one";
    /// The request does not say which version it expects, and must.
    VersionRequired "version-required" [428, 400, 409], "the request must say which version it expects";
    /// A thing of that name or id exists.
    Duplicate "duplicate" [409, 422, 400], "it exists already";
    /// The request sets a field that only the server sets.
    ReadOnlyField "read-only-field" [422, 400, 409, 403], "the field is read-only";
    /// The request takes back a setting that cannot be taken back.
    LatchedField "latched-field" [422, 409, 403, 400], "the setting cannot be taken back";
    /// Revealing is switched off for everything in the scope.
    RevealDisabled "reveal-disabled" [403, 404], "revealing is switched off here";
    /// This one thing may never be revealed.
    NeverReveal "never-reveal" [403, 404], "the value cannot be revealed";
    /// A patch cannot be applied to the thing as it is (RFC 5789, section 2.2).
    UnfitPatch "unfit-patch" [422, 409, 400], "the patch does not fit";
    /// The request names a key for sealing that the server does not have.
    UnknownSealingKey "unknown-sealing-key" [422, 400], "the key is not known";
    /// What should be sealed cannot be opened.
    BrokenSeal "broken-seal" [422, 400], "the sealed value cannot be opened";
    /// An idempotency key comes again with another request.
    IdempotencyReused "idempotency-reused" [409, 422], "the idempotency key was used for another request";
    /// An idempotency key is not of its form.
    IdempotencyInvalid "idempotency-invalid" [400, 422], "the idempotency key is not valid";
    /// The caller has asked too often.
    RateLimited "rate-limited" [429, 503], "too many requests";
    /// No operation has this path.
    RouteNotFound "route-not-found" [404], "no such path";
    /// The path exists, but not with this method.
    MethodNotAllowed "method-not-allowed" [405], "the method is not allowed here";
    /// A request by command names none.
    MissingCommand "missing-command" [400, 404], "the command is missing";
    /// A request by command names one that does not exist.
    UnknownCommand "unknown-command" [404, 400], "the command is not known";
    /// The server does not serve for a while.
    Unavailable "unavailable" [503, 500], "the service is unavailable";
    /// The server holds as much as it can.
    Full "full" [507, 429, 500], "no room for more";
    /// The server failed.
    Internal "internal" [500], "internal error";
}

impl Situation {
    /// The wider situation of which this is a case: its words are used where a vendor has none of its own for the case.
    #[must_use]
    pub const fn case_of(self) -> Option<Self> {
        match self {
            Self::RevokedCredentials => Some(Self::UnknownCredentials),
            Self::ForeignTenant => Some(Self::UnknownTenant),
            Self::WrongBody => Some(Self::WrongType),
            Self::Deleted => Some(Self::NotFound),
            Self::EmptyBody | Self::WrongType | Self::InvalidPath => Some(Self::Invalid),
            _ => None,
        }
    }
}

impl std::fmt::Display for Situation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for situation in Situation::ALL {
            let read: Situation = serde_json::from_value(situation.name().into()).expect("its own name");
            assert_eq!(read, *situation);
            assert!(!situation.statuses().is_empty());
        }
    }
}
