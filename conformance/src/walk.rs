//! Walks through lists, page by page.

use serde_json::{Map, Value};
use specs::claims::{Binding, PageFact};
use specs::contract::Endpoint;
use specs::wire::Reading;

use crate::case::Case;
use crate::drafting::is_valid;
use crate::race::Listed;
use crate::session::{Played, Session, Stop};

/// Longer walks through a list end here: a cursor may have no end.
const MOST_PAGES: usize = 50;

impl Session<'_> {
    /// Walks through a list page by page; the last page is judged with the whole list in view.
    pub(crate) async fn walk(&mut self, case: Case) -> Result<Vec<Map<String, Value>>, Stop> {
        Ok(self.walk_through(case, true).await?.records)
    }

    /// Walks through a list after a race, of which nobody can say what must be in it.
    pub(crate) async fn walk_after(&mut self, case: Case) -> Result<Listed, Stop> {
        self.walk_through(case, false).await
    }

    async fn walk_through(&mut self, case: Case, judged: bool) -> Result<Listed, Stop> {
        let mut list: Vec<Map<String, Value>> = Vec::new();
        let mut pages: Vec<Vec<Map<String, Value>>> = Vec::new();
        let mut known = false;
        let mut next = case;
        for page in 0..MOST_PAGES {
            self.trail.page = Some(page);
            let (case, played) = self.exchange(next).await?;
            list.extend(played.reading.records.clone().unwrap_or_default());
            let more = more_pages(self.endpoint(case.endpoint), &played.reading, list.len());
            // A link to a next page, of whatever form, says that there is one.
            let more = if more == Some(false) && names_next(&played) { None } else { more };
            let whole = more == Some(false) && played.reading.records.is_some();
            known = whole;
            if judged {
                self.judge(&case, &played, whole.then_some(list.as_slice()))?;
            }
            let page = played.reading.records.clone().unwrap_or_default();
            let again = more == Some(true) && !page.is_empty() && pages.contains(&page);
            pages.push(page);
            // A page that comes again is followed by what followed it before.
            if again {
                let endless = Paged { whole: pages[..pages.len() - 1].concat(), pages, ended: false };
                if judged {
                    self.judge_pages(&case, &played, &endless);
                }
                break;
            }
            match turned(self.endpoint(case.endpoint), &case, &played.reading, list.len()) {
                Some(turned) if more == Some(true) && played.reading.records.as_ref().is_some_and(|page| !page.is_empty()) => next = turned,
                _ => break,
            }
        }
        self.trail.page = None;
        Ok(Listed { records: list, whole: known })
    }

    /// Walks through a list without judging it.
    pub(crate) async fn walk_unjudged(&mut self, case: Case) -> Result<Vec<Map<String, Value>>, Stop> {
        let mut list: Vec<Map<String, Value>> = Vec::new();
        let mut next = case;
        for _ in 0..MOST_PAGES {
            let (_, reading) = self.send_unjudged(&next).await?;
            list.extend(reading.records.clone().unwrap_or_default());
            let endpoint = self.endpoint(next.endpoint);
            let more =
                more_pages(endpoint, &reading, list.len()) == Some(true) && reading.records.as_ref().is_some_and(|page| !page.is_empty());
            match turned(endpoint, &next, &reading, list.len()).filter(|_| more) {
                Some(turned) => next = turned,
                None => break,
            }
        }
        Ok(list)
    }
}

/// Whether an answer is known to be a whole list.
pub(crate) fn is_whole(endpoint: &Endpoint, played: &Played) -> bool {
    let records = played.reading.records.as_ref();
    let ends = |records: &Vec<Map<String, Value>>| more_pages(endpoint, &played.reading, records.len()) == Some(false);
    records.is_some_and(ends) && !names_next(played)
}

/// A list, whole and in pages.
pub(crate) struct Paged {
    /// The whole list.
    pub(crate) whole: Vec<Map<String, Value>>,
    /// The same in pages.
    pub(crate) pages: Vec<Vec<Map<String, Value>>>,
    /// Whether the pages came to an end.
    pub(crate) ended: bool,
}

impl Session<'_> {
    /// Walks through a list whole, then in pages of half of it, then whole again: if nobody changed it meanwhile, the pages are judged.
    pub(crate) async fn walk_in_pages(&mut self, case: Case) -> Result<(), Stop> {
        let endpoint = self.endpoint(case.endpoint);
        let limits = endpoint.bound(|binding| (*binding == Binding::Limit).then_some(())).next().is_some();
        if !limits {
            return Ok(());
        }
        self.trail.in_pages = true;
        let walked = self.walk_both_ways(case).await;
        self.trail.in_pages = false;
        walked
    }

    async fn walk_both_ways(&mut self, case: Case) -> Result<(), Stop> {
        let endpoint = self.endpoint(case.endpoint);
        let whole = self.walk(case.clone()).await?;
        let Ok(limit) = i64::try_from(whole.len() / 2) else { return Ok(()) };
        let mut intent = case.intent.clone();
        intent.page.limit = Some(limit);
        let mut inputs = case.inputs.clone();
        intent.write_into(endpoint, &mut inputs);
        if limit == 0 || whole.len() > MOST_PAGES || !is_valid(endpoint, &inputs) {
            return Ok(());
        }
        let first = Case { inputs, intent, scenario: None, ..case.clone() };
        let Some((last, played, pages, ended)) = self.pages(first, whole.len()).await? else { return Ok(()) };
        if self.walk(case).await? == whole {
            self.judge_pages(&last, &played, &Paged { whole, pages, ended });
        }
        Ok(())
    }

    /// Page after page, to the end or to one more than there can be. None if nobody can tell where the next one begins.
    async fn pages(&mut self, first: Case, most: usize) -> Result<Option<(Case, Played, Vec<Vec<Map<String, Value>>>, bool)>, Stop> {
        let mut pages: Vec<Vec<Map<String, Value>>> = Vec::new();
        let mut next = first;
        loop {
            let (case, played) = self.exchange(next).await?;
            self.judge(&case, &played, None)?;
            let Some(page) = played.reading.records.clone().filter(|_| played.reading.accepted) else { return Ok(None) };
            let empty = page.is_empty();
            pages.push(page);
            let got = pages.iter().map(Vec::len).sum();
            let more = more_pages(self.endpoint(case.endpoint), &played.reading, got);
            match (more, turned(self.endpoint(case.endpoint), &case, &played.reading, got)) {
                (Some(false), _) => return Ok(Some((case, played, pages, true))),
                (Some(true), _) if pages.len() > most + 1 => return Ok(Some((case, played, pages, false))),
                (Some(true), Some(turned)) if !empty => next = turned,
                _ => return Ok(None),
            }
        }
    }
}

/// Whether an answer links to another page: in a `Link` header (RFC 8288), or in a member that is called so.
fn names_next(played: &Played) -> bool {
    let linked = played.exchange.response.header("link").is_some_and(|link| link.contains("rel=\"next\"") || link.contains("rel=next"));
    let Some(body) = &played.reading.json else { return linked };
    let is_next = |(name, value): (&String, &Value)| {
        let told = !value.is_null() && value.as_str() != Some("");
        told && (name == "next"
            || name.starts_with("next_")
            || name.starts_with("next") && name.len() > 4 && name.as_bytes()[4].is_ascii_uppercase())
    };
    let places = [Some(body), body.get("links"), body.get("_links"), body.get("meta"), body.get("pagination"), body.get("paging")];
    linked || places.into_iter().flatten().filter_map(Value::as_object).any(|members| members.iter().any(is_next))
}

/// Whether there are more pages; `None` if nobody can tell.
fn more_pages(endpoint: &Endpoint, reading: &Reading, got: usize) -> Option<bool> {
    let paging = endpoint.paging();
    let tells = |fact| paging.members.values().chain(paging.headers.values()).any(|own| *own == fact);
    if let Some(more) = reading.page.has_next {
        return Some(more);
    }
    if tells(PageFact::Cursor) {
        return Some(reading.page.cursor.is_some());
    }
    if let Some(total) = reading.page.total {
        return Some(u64::try_from(got).is_ok_and(|got| got < total));
    }
    let pages = |binding: &Binding| matches!(binding, Binding::Limit | Binding::Offset | Binding::Page | Binding::Cursor).then_some(());
    endpoint.bound(pages).next().is_none().then_some(false)
}

/// The same list one page on.
fn turned(endpoint: &Endpoint, case: &Case, reading: &Reading, got: usize) -> Option<Case> {
    let takes = |wanted: Binding| endpoint.bound(move |binding| (*binding == wanted).then_some(())).next().is_some();
    let mut intent = case.intent.clone();
    let first = i64::try_from(endpoint.paging().first.unwrap_or(1)).ok()?;
    if let Some(cursor) = reading.page.cursor.clone().filter(|_| takes(Binding::Cursor)) {
        intent.page.cursor = Some(cursor);
    } else if takes(Binding::Offset) {
        intent.page.offset = Some(i64::try_from(got).ok()?);
    } else if takes(Binding::Page) {
        intent.page.page = Some(intent.page.page.unwrap_or(first) + 1);
    } else {
        return None;
    }
    let mut inputs = case.inputs.clone();
    intent.write_into(endpoint, &mut inputs);
    Some(Case { inputs, intent, scenario: None, ..case.clone() })
}
