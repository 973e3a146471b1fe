//! Who may do what.

use std::collections::BTreeMap;

use super::words::{resource_name, words};
use super::{chosen, derived, documented, fill};
use crate::claims::{Claim, Claims, Combine, ForeignLook, Holds, Verb};
use crate::contract::{Location, Operation, Outline, SchemeKind, SecurityScheme};

pub(super) fn infer(outline: &Outline, claims: &mut Claims) {
    let access = &mut claims.access;
    fill(&mut access.combine, || Some(derived(Combine::Any, "alternatives in `security` (OpenAPI 3.1, section 4.8.2)")));
    fill(&mut access.foreign, || Some(chosen(ForeignLook::NotFound, "nobody says how things of somebody else look")));
    fill(&mut access.security, || undeclared(outline));
    fill(&mut access.holds, || holds(&outline.schemes));
    for operation in &outline.operations {
        let promises = &mut claims.operations.get_mut(&operation.key).expect("every operation was entered before").promises;
        let verb = promises.verb.as_ref().map_or(Verb::Fixed, |claim| claim.value);
        let resource = promises.resource.as_ref().map(|claim| claim.value.as_str());
        fill(&mut promises.permission, || permission(operation, verb, resource));
    }
}

/// A document that declares a scheme and applies it nowhere, but takes a header parameter `Authorization`, means that scheme.
fn undeclared(outline: &Outline) -> Option<Claim<Vec<String>>> {
    let takes_header =
        |operation: &Operation| operation.security.is_none() && operation.parameter(Location::Header, "Authorization").is_some();
    let operation = outline.operations.iter().find(|operation| takes_header(operation))?;
    let scheme = outline.schemes.iter().find(|scheme| scheme.kind.header() == Some("Authorization"))?;
    Some(derived(vec![scheme.name.clone()], format!("{}: the header parameter `Authorization`", operation.key)))
}

fn holds(schemes: &[SecurityScheme]) -> Option<Claim<BTreeMap<String, Holds>>> {
    let held = |scheme: &SecurityScheme| match &scheme.kind {
        SchemeKind::Bearer => Holds::Bearer,
        SchemeKind::ApiKey(_, name) if name.eq_ignore_ascii_case("authorization") => Holds::Bearer,
        SchemeKind::ApiKey(_, name)
            if words(name).iter().any(|word| matches!(word.as_str(), "org" | "tenant" | "organization" | "account" | "team")) =>
        {
            Holds::Tenant
        }
        SchemeKind::Basic | SchemeKind::Http(_) | SchemeKind::ApiKey(..) => Holds::Token,
    };
    let map: BTreeMap<String, Holds> = schemes.iter().map(|scheme| (scheme.name.clone(), held(scheme))).collect();
    (!map.is_empty()).then(|| derived(map, "the security schemes"))
}

fn permission(operation: &Operation, verb: Verb, resource: Option<&str>) -> Option<Claim<String>> {
    let scopes = || operation.security.iter().flatten().flat_map(BTreeMap::values).flatten();
    let about = |scope: &&String| resource.is_some_and(|resource| words(scope).iter().any(|word| resource_name(word) == resource));
    if let Some(scope) = scopes().filter(about).min().or_else(|| scopes().min()) {
        return Some(documented(scope.clone(), format!("{}: the scope in its `security`", operation.key)));
    }
    let name = match verb {
        Verb::Fixed | Verb::WhoAmI | Verb::IssueToken => return None,
        Verb::Create | Verb::Put | Verb::Update | Verb::Delete | Verb::SoftDelete | Verb::Undelete | Verb::Destroy => "write",
        Verb::List | Verb::Read | Verb::Reveal | Verb::SealingKey => "read",
    };
    Some(chosen(name.to_owned(), "nobody names the permission"))
}
