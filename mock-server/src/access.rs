//! Who is calling, and what may they do?

use std::borrow::Cow;
use std::sync::LazyLock;

use ahash::HashMap;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::AUTHORIZATION;
use specs::claims::{Combine, Holds, Situation};
use specs::contract::{Contract, Endpoint, Location, SchemeKind};
use specs::wire::{Rejection, Request, form_pairs, pairs};

use crate::world::{Caller, World, text};

/// Finds the caller behind a request's credentials.
pub(crate) struct Gate<'g, 's> {
    pub(crate) contract: &'g Contract,
    pub(crate) world: &'g World,
    /// Tokens that were issued since the start, each with the world's token for which it stands.
    pub(crate) issued: &'s HashMap<String, Issued>,
    /// By how much the sandbox's clock was put forward, in milliseconds.
    pub(crate) advanced: i64,
    /// Whether the user has named the tokens that count, so that no other does.
    pub(crate) pinned: bool,
    /// The present moment, in seconds since 1970: the machine's, and by how much the clock was put forward. Signed tokens expire by it.
    pub(crate) now: i64,
}

/// A token that was issued since the start. It expires by the clock's being put forward alone, so that a run is the same however long it takes.
#[derive(Clone)]
pub(crate) struct Issued {
    /// The world's token for which it stands.
    pub(crate) stands_for: String,
    /// By how much the clock must have been put forward for it to expire, in milliseconds.
    pub(crate) expires: i64,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// A caller and the tenant for which it acts.
#[derive(Clone, Debug)]
pub(crate) struct Principal<'p> {
    pub(crate) caller: Cow<'p, Caller>,
    pub(crate) tenant: Option<String>,
}

impl Default for Principal<'_> {
    /// Nobody, as long as it is not known who.
    fn default() -> Self {
        static NOBODY: LazyLock<Caller> = LazyLock::new(Caller::default);
        Self { caller: Cow::Borrowed(&NOBODY), tenant: None }
    }
}

impl<'g> Gate<'g, '_> {
    /// The caller, or why there is none. An operation that anybody may call gives the owner.
    pub(crate) fn authenticate(&self, endpoint: &Endpoint, request: &Request) -> Result<Principal<'g>, Rejection> {
        if endpoint.is_public() {
            return Ok(Principal { caller: self.owner(), tenant: None });
        }
        let all = self.contract.access().combine.as_ref().is_some_and(|claim| claim.value == Combine::All);
        let mut refusal: Option<Rejection> = None;
        for alternative in endpoint.security.iter().take(if all { 1 } else { usize::MAX }) {
            let schemes = if all { endpoint.security.as_slice() } else { std::slice::from_ref(alternative) };
            match self.satisfy(endpoint, schemes.iter().flatten(), request) {
                Ok(principal) => return self.switched(endpoint, principal, request),
                // What was presented and failed says more than what was not presented.
                Err(error) if refusal.as_ref().is_none_or(|known| is_absence(known) && !is_absence(&error)) => refusal = Some(error),
                Err(_) => {}
            }
        }
        let refusal = refusal.unwrap_or_else(|| Rejection::new(Situation::MissingCredentials));
        let elsewhere = is_absence(&refusal).then(|| self.in_parameters(request)).flatten();
        elsewhere.unwrap_or(Err(refusal))
    }

    fn owner(&self) -> Cow<'g, Caller> {
        self.world.callers.first().map(Cow::Borrowed).unwrap_or_default()
    }

    /// Every scheme of one alternative.
    fn satisfy<'s>(
        &self,
        endpoint: &Endpoint,
        schemes: impl Iterator<Item = &'s String>,
        request: &Request,
    ) -> Result<Principal<'g>, Rejection> {
        let (mut caller, mut tenant) = (None, None);
        for name in schemes {
            match self.holds(name) {
                Holds::Tenant => {
                    let stated = self.credential(name, request).map(Cow::into_owned).or_else(|| self.in_query(name, request));
                    tenant = Some(stated.ok_or_else(|| Rejection::new(Situation::MissingTenant))?);
                }
                holds => caller = Some(self.caller(name, holds, request)?),
            }
        }
        let acts = |caller: &Caller, tenant: &str| caller.tenants.iter().any(|own| own == tenant);
        let caller = match (caller, &tenant) {
            (Some(caller), _) => caller,
            (None, Some(tenant)) => {
                self.world.callers.iter().find(|caller| acts(caller, tenant)).map(Cow::Borrowed).ok_or_else(|| unknown_tenant(tenant))?
            }
            (None, None) => self.owner(),
        };
        match &tenant {
            Some(tenant) if !acts(&caller, tenant) => Err(self.foreign_tenant(endpoint, tenant)),
            _ => Ok(Principal { caller, tenant }),
        }
    }

    /// A tenant for which the caller may not act: somebody else's, or nobody's.
    fn foreign_tenant(&self, endpoint: &Endpoint, tenant: &str) -> Rejection {
        if !self.world.callers.iter().any(|other| other.tenants.iter().any(|own| own == tenant)) {
            return unknown_tenant(tenant);
        }
        let permission = endpoint.promises.permission.as_ref().map(|claim| claim.value.clone()).unwrap_or_default();
        Rejection::new(Situation::ForeignTenant).with("tenant", tenant).with("permission", permission)
    }

    /// The caller, acting for the tenant that a header names beside its credentials.
    fn switched(&self, endpoint: &Endpoint, principal: Principal<'g>, request: &Request) -> Result<Principal<'g>, Rejection> {
        let header = self.contract.access().tenant_header.as_ref().and_then(|claim| request.header(&claim.value));
        match header {
            Some(tenant) if !principal.caller.tenants.iter().any(|own| own == tenant) => Err(self.foreign_tenant(endpoint, tenant)),
            Some(tenant) => Ok(Principal { tenant: Some(tenant.to_owned()), ..principal }),
            None => Ok(principal),
        }
    }

    fn is_exact(&self) -> bool {
        self.contract.access().exact_scheme.as_ref().is_some_and(|claim| claim.value)
    }

    fn holds(&self, scheme: &str) -> Holds {
        self.contract.access().holds.as_ref().and_then(|claim| claim.value.get(scheme)).copied().unwrap_or(Holds::Token)
    }

    /// The text of a scheme's credential, wherever it travels.
    fn credential<'r>(&self, scheme: &str, request: &'r Request) -> Option<Cow<'r, str>> {
        let text: Cow<'r, str> = match &self.contract.scheme(scheme)?.kind {
            SchemeKind::Bearer | SchemeKind::Basic | SchemeKind::Http(_) => request.headers.get(AUTHORIZATION)?.to_str().ok()?.into(),
            SchemeKind::ApiKey(Location::Header, name) => request.header(name)?.into(),
            SchemeKind::ApiKey(Location::Query, name) => {
                pairs(request.query.as_deref()?).into_iter().find(|(own, _)| own == name).map(|(_, value)| value)?.into()
            }
            SchemeKind::ApiKey(Location::Cookie, name) => {
                let cookies = request.header("cookie")?.split(';').filter_map(|pair| pair.trim().split_once('='));
                cookies.into_iter().find(|(own, _)| own == name).map(|(_, value)| value)?.into()
            }
            SchemeKind::ApiKey(Location::Path, _) => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A scheme's credential in the query, where it may travel there too: bare, without the name of any scheme.
    fn in_query(&self, scheme: &str, request: &Request) -> Option<String> {
        let name = self.contract.access().in_query.as_ref()?.value.get(scheme)?;
        let (_, value) = pairs(request.query.as_deref()?).into_iter().find(|(own, _)| own == name)?;
        (!value.is_empty()).then_some(value)
    }

    fn caller(&self, scheme: &str, holds: Holds, request: &Request) -> Result<Cow<'g, Caller>, Rejection> {
        let Some(text) = self.credential(scheme, request) else {
            let token = self.in_query(scheme, request).ok_or_else(|| Rejection::new(Situation::MissingCredentials))?;
            return self.known(&token);
        };
        let kind = self.contract.scheme(scheme).map(|scheme| &scheme.kind);
        let token = match (holds, kind) {
            (Holds::Bearer, _) if self.is_exact() => text.strip_prefix("Bearer ").map(Cow::Borrowed),
            (Holds::Bearer, _) => after_word(&text, "Bearer").map(Cow::Borrowed),
            (_, Some(SchemeKind::Basic)) => basic_password(&text).map(Cow::Owned),
            (_, Some(SchemeKind::Http(word))) => after_word(&text, word).map(Cow::Borrowed),
            _ => Some(Cow::Borrowed(&*text)),
        };
        self.known(&token.ok_or_else(|| Rejection::new(Situation::MalformedCredentials))?)
    }

    fn known(&self, token: &str) -> Result<Cow<'g, Caller>, Rejection> {
        let token = match self.issued.get(token) {
            Some(issued) if issued.expires <= self.advanced => return Err(Rejection::new(Situation::ExpiredCredentials)),
            Some(issued) => issued.stands_for.as_str(),
            None => token,
        };
        match self.world.callers.iter().find(|caller| caller.token == token) {
            Some(caller) if caller.revoked => Err(Rejection::new(Situation::RevokedCredentials)),
            Some(caller) if caller.expired => Err(Rejection::new(Situation::ExpiredCredentials)),
            Some(caller) => Ok(Cow::Borrowed(caller)),
            None if self.self_signed() => self.signed(token),
            None => Err(Rejection::new(Situation::UnknownCredentials)),
        }
    }

    fn self_signed(&self) -> bool {
        !self.pinned && self.contract.access().self_signed.as_ref().is_some_and(|claim| claim.value)
    }

    /// A token that its caller signed: anybody's is the owner's, if its form and its times are right.
    fn signed(&self, token: &str) -> Result<Cow<'g, Caller>, Rejection> {
        let access = self.contract.access();
        let form = access.signed_token.as_ref().map(|claim| claim.value.clone()).unwrap_or_default();
        let longest = access.longest_life.as_ref().map(|claim| claim.value);
        crate::signed::check(token, &form, longest, self.now).map_err(Rejection::new)?;
        Ok(self.owner())
    }

    /// The caller whom parameters name, where they may; `None` if the request has none of them.
    fn in_parameters(&self, request: &Request) -> Option<Result<Principal<'g>, Rejection>> {
        let rule = &self.contract.access().parameters.as_ref()?.value;
        let mut given = request.query.as_deref().map(pairs).unwrap_or_default();
        given.extend(form_pairs(request));
        let first = |names: &[String]| given.iter().find(|(name, _)| names.contains(name));
        let (name, secret) = match (first(&rule.names), first(&rule.secrets)) {
            (None, None) => return None,
            (Some(name), Some(secret)) => (name, secret),
            _ => return Some(Err(Rejection::new(Situation::MissingCredentials))),
        };
        let is = |caller: &Caller| caller.attributes.get(&name.0).is_some_and(|own| text(own) == name.1);
        let known = self.known(&secret.1).ok().filter(|caller| is(caller));
        let principal = known.map(|caller| Principal { caller, tenant: None });
        Some(principal.ok_or_else(|| Rejection::new(Situation::UnknownCredentials)))
    }

    /// Whether the caller's role has the permission that an endpoint needs.
    pub(crate) fn authorize(&self, endpoint: &Endpoint, principal: &Principal<'_>) -> Result<(), Rejection> {
        let Some(permission) = endpoint.promises.permission.as_ref().filter(|_| !endpoint.is_public()) else { return Ok(()) };
        let role = &principal.caller.role;
        let allowed = match &self.contract.access().roles {
            Some(roles) => roles.value.get(role).is_some_and(|permissions| permissions.contains(&permission.value)),
            None => role != "reader" || !endpoint.verb.writes(),
        };
        if allowed {
            return Ok(());
        }
        let tenant = principal.tenant.clone().unwrap_or_default();
        Err(Rejection::new(Situation::Forbidden).with("permission", permission.value.as_str()).with("tenant", tenant))
    }
}

/// Whether a refusal says that something was not presented at all.
fn is_absence(refusal: &Rejection) -> bool {
    matches!(refusal.situation, Situation::MissingCredentials | Situation::MissingTenant)
}

fn unknown_tenant(tenant: &str) -> Rejection {
    Rejection::new(Situation::UnknownTenant).with("tenant", tenant)
}

/// What follows the name of a scheme, which is known in upper and lower case (RFC 9110, section 11.1).
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let end = text.bytes().position(|byte| byte == b' ')?;
    let (own, rest) = (&text[..end], &text[end + 1..]);
    (own.eq_ignore_ascii_case(word) && !rest.is_empty()).then(|| rest.trim_start())
}

/// The password of `Basic` credentials (RFC 7617, section 2).
fn basic_password(text: &str) -> Option<String> {
    let encoded = after_word(text, "Basic")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}
