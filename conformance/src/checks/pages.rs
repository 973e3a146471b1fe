//! A list in pages is the list.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use specs::claims::{Grade, Verb};

use super::{Check, Judgement, Level, Scene};
use crate::walk::Paged;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "list/pages-complete",
        level: Level::Must,
        sentence: "Every entry of a list is on one of its pages.",
        cite: "OpenAPI 3.1, section 4.8.12: what the parameters for the page say that they do",
        passes: "> GET /secrets\n! pages: a | b\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"b\"}]}",
        breaks: "> GET /secrets\n! pages: a\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"b\"}]}",
        judge: pages_complete,
    },
    Check {
        id: "list/pages-disjoint",
        level: Level::Must,
        sentence: "No entry of a list is on two of its pages.",
        cite: "OpenAPI 3.1, section 4.8.12: what the parameters for the page say that they do",
        passes: "> GET /secrets\n! pages: a | b\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"b\"}]}",
        breaks: "> GET /secrets\n! pages: a | a b\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"b\"}]}",
        judge: pages_disjoint,
    },
    Check {
        id: "list/pages-end",
        level: Level::Must,
        sentence: "The pages of a list come to an end.",
        cite: "OpenAPI 3.1, section 4.8.12: what the parameters for the page say that they do",
        passes: "> GET /secrets\n! pages: a | b\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"b\"}]}",
        breaks: "> GET /secrets\n! pages: a | b | a | b | ...\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"b\"}]}",
        judge: pages_end,
    },
    Check {
        id: "list/total-exists",
        level: Level::Must,
        sentence: "There are as many entries as a list says that it has in all.",
        cite: "the promise on the member or the header that tells the number of all entries",
        passes: "# total\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"}],\"total\":1}",
        breaks: "# total\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"}],\"total\":0}",
        judge: total_exists,
    },
];

/// How often each entry is on the pages, after those that came to an end.
fn counts(paged: &Paged) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for record in paged.pages.iter().flatten() {
        *counts.entry(name_of(record)).or_default() += 1;
    }
    counts
}

/// An entry as a text by which it can be told from the others.
fn name_of(record: &Map<String, Value>) -> String {
    Value::Object(record.clone()).to_string()
}

fn ended<'s>(scene: &Scene<'s>) -> Option<&'s Paged> {
    scene.paged.filter(|paged| paged.ended)
}

fn pages_complete(scene: &Scene<'_>) -> Judgement {
    let Some(paged) = ended(scene) else { return Judgement::NotApplicable };
    let counts = counts(paged);
    let absent = paged.whole.iter().filter(|record| !counts.contains_key(&name_of(record))).count();
    let expected = || format!("{} entries on {} pages", paged.whole.len(), paged.pages.len());
    Judgement::hold(absent == 0, expected, || format!("{absent} of them on none")).at_most(Grade::Derived)
}

fn pages_disjoint(scene: &Scene<'_>) -> Judgement {
    let Some(paged) = ended(scene) else { return Judgement::NotApplicable };
    let mut whole: BTreeMap<String, usize> = BTreeMap::new();
    paged.whole.iter().for_each(|record| *whole.entry(name_of(record)).or_default() += 1);
    let twice = counts(paged).into_iter().filter(|(name, count)| whole.get(name).is_some_and(|once| count > once)).count();
    Judgement::hold(twice == 0, || "each entry on one page".to_owned(), || format!("{twice} of them on more than one"))
        .at_most(Grade::Derived)
}

fn pages_end(scene: &Scene<'_>) -> Judgement {
    let Some(paged) = scene.paged else { return Judgement::NotApplicable };
    let expected = || format!("an end, for a list of {} entries", paged.whole.len());
    Judgement::hold(paged.ended, expected, || format!("{} pages and more to come", paged.pages.len())).at_most(Grade::Derived)
}

/// A page behind the last entry, or one that shows more than there are, proves the number wrong.
fn total_exists(scene: &Scene<'_>) -> Judgement {
    let page = &scene.case.intent.page;
    let (Some(total), Some(records)) = (scene.reading.page.total, &scene.reading.records) else { return Judgement::NotApplicable };
    if !scene.is_plain() || scene.verb() != Verb::List || page.cursor.is_some() || page.page.is_some() {
        return Judgement::NotApplicable;
    }
    let skipped = page.offset.and_then(|offset| u64::try_from(offset).ok()).unwrap_or(0);
    let shown = u64::try_from(records.len()).unwrap_or(u64::MAX);
    let beyond = records.is_empty() && skipped < total && page.limit != Some(0) && (skipped > 0 || page.limit.is_none());
    let over = shown > 0 && skipped + shown > total;
    Judgement::hold(!beyond && !over, || format!("{total} entries in all"), || format!("{shown} entries behind the first {skipped}"))
        .at_most(Grade::Derived)
}
