//! Two lists of claims made comparable: the names of resources and of permissions are nobody's words, and some values have two spellings.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use specs::claims::ListedClaim;

/// The pack's claims and the inferred ones, with the same names for the same things.
pub(crate) fn aligned(pack: Vec<ListedClaim>, inferred: Vec<ListedClaim>) -> (Vec<ListedClaim>, Vec<ListedClaim>) {
    let resources = renaming(&pack, &inferred, &resource_words);
    let permissions = renaming(&pack, &inferred, &|claim| (claim.key == "permission").then(|| text(&claim.value)).flatten());
    let renamed = inferred.into_iter().map(|claim| renamed(claim, &resources, &permissions)).collect();
    let (pack, inferred) = (unspelt(pack), unspelt(renamed));
    let hidden = hidden(&pack);
    let nameless = |claims: Vec<ListedClaim>| claims.into_iter().map(|claim| without_hidden_names(claim, &hidden)).collect();
    (nameless(pack), nameless(inferred))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The name of a resource that a claim holds, if it does.
fn resource_words(claim: &ListedClaim) -> Option<String> {
    match claim.key.as_str() {
        "resource" | "parent" => text(&claim.value),
        _ => Some(claim.value.get("scope")?.as_str()?.split_once('.')?.0.to_owned()),
    }
}

/// Inferred words with the pack's words for the same: those that stand in the same places most often, each used once.
fn renaming(pack: &[ListedClaim], inferred: &[ListedClaim], word: &dyn Fn(&ListedClaim) -> Option<String>) -> BTreeMap<String, String> {
    let mut votes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for claim in pack {
        let other = inferred.iter().find(|other| other.subject == claim.subject && other.key == claim.key);
        if let (Some(theirs), Some(ours)) = (other.and_then(word), word(claim)) {
            *votes.entry((theirs, ours)).or_default() += 1;
        }
    }
    let mut votes: Vec<_> = votes.into_iter().collect();
    votes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let (mut renaming, mut taken) = (BTreeMap::new(), BTreeSet::new());
    for ((theirs, ours), _) in votes {
        if !renaming.contains_key(&theirs) && taken.insert(ours.clone()) {
            renaming.insert(theirs, ours);
        }
    }
    renaming
}

type Renaming = BTreeMap<String, String>;

fn renamed(mut claim: ListedClaim, resources: &Renaming, permissions: &Renaming) -> ListedClaim {
    let of = |name: &str| resources.get(name).cloned().unwrap_or_else(|| name.to_owned());
    if let Some(name) = claim.subject.strip_prefix("resource ") {
        claim.subject = format!("resource {}", of(name));
    } else if let Some((name, path)) = claim.subject.strip_prefix("field ").and_then(|field| field.split_once('.')) {
        claim.subject = format!("field {}.{path}", of(name));
    }
    let field_of = |text: &str| text.split_once('.').map_or_else(|| of(text), |(name, field)| format!("{}.{field}", of(name)));
    claim.value = match (claim.key.as_str(), &claim.value) {
        ("resource" | "parent" | "relates-to" | "refers-to", Value::String(name)) => json!(of(name)),
        ("permission", Value::String(name)) => json!(permissions.get(name).unwrap_or(name)),
        (_, Value::Object(members)) if members.contains_key("scope") => json!({"scope": field_of(members["scope"].as_str().unwrap_or(""))}),
        (_, value) => value.clone(),
    };
    claim
}

/// `any` in a visibility stands for the verbs of the resource that are not named.
fn unspelt(claims: Vec<ListedClaim>) -> Vec<ListedClaim> {
    let verbs = verbs(&claims);
    let spelt = |mut claim: ListedClaim| {
        if let (Some(field), "visibility", Value::Object(shown)) = (claim.subject.strip_prefix("field "), claim.key.as_str(), &claim.value)
        {
            let resource = field.split('.').next().unwrap_or_default();
            let of = |verb: &String| Some((verb.clone(), shown.get(verb).or_else(|| shown.get("any"))?.clone()));
            claim.value = Value::Object(verbs.get(resource).into_iter().flatten().filter_map(of).collect::<Map<_, _>>());
        }
        claim
    };
    claims.into_iter().map(spelt).collect()
}

/// The verbs of each resource whose answers show things.
fn verbs(claims: &[ListedClaim]) -> BTreeMap<String, BTreeSet<String>> {
    let of = |subject: &str, key: &str| {
        let found = claims.iter().find(|claim| claim.subject == subject && claim.key == key);
        found.and_then(|claim| text(&claim.value))
    };
    let mut verbs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| claim.key == "answer") {
        if let (Some(resource), Some(verb)) = (of(&claim.subject, "resource"), of(&claim.subject, "verb")) {
            verbs.entry(resource).or_default().insert(verb);
        }
    }
    verbs
}

/// Resources that no operation tells of: they enclose others, and no answer shows a field of theirs.
fn hidden(pack: &[ListedClaim]) -> BTreeSet<String> {
    let told: BTreeSet<String> = pack.iter().filter(|claim| claim.key == "resource").filter_map(|claim| text(&claim.value)).collect();
    let all = pack.iter().filter_map(|claim| claim.subject.strip_prefix("resource ").map(str::to_owned));
    all.filter(|name| !told.contains(name)).collect()
}

/// The name of a field that nobody sees is nobody's word either.
fn without_hidden_names(mut claim: ListedClaim, hidden: &BTreeSet<String>) -> ListedClaim {
    let is_hidden = |name: &str| hidden.contains(name);
    if claim.key == "identity" && claim.subject.strip_prefix("resource ").is_some_and(is_hidden) {
        claim.value["field"] = json!("*");
    }
    if let Some(name) = claim.value.get("scope").and_then(Value::as_str).and_then(|scope| scope.split_once('.')).map(|(name, _)| name)
        && is_hidden(name)
    {
        claim.value = json!({"scope": format!("{name}.*")});
    }
    claim
}
