//! Links between the pages of a list (RFC 8288).

use super::form::pairs;
use super::outcome::PageFacts;
use super::send::urlencoded;
use crate::claims::Binding;
use crate::contract::Endpoint;

/// The links of a page to its neighbours and to both ends, each with the query of this request but for the page's number; none where one
/// page has everything. `target` is the path and the query of the request.
pub(super) fn links(endpoint: &Endpoint, page: &PageFacts, target: &str) -> Option<String> {
    let (input, ()) = endpoint.bound(|binding| (*binding == Binding::Page).then_some(())).next()?;
    let limit = page.limit.filter(|limit| *limit > 0)?;
    let first = usize::try_from(endpoint.paging().first.unwrap_or(1)).ok()?;
    let here = first + page.offset / limit;
    let last = first + page.total.saturating_sub(1) / limit;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let address = |number: usize| {
        let others = pairs(query).into_iter().filter(|(name, _)| name != input.name());
        let all: Vec<_> = others.chain([(input.name().to_owned(), number.to_string())]).collect();
        format!("{path}?{}", urlencoded(&all))
    };
    let back = (here > first).then_some([("prev", here - 1), ("first", first)]);
    let on = page.has_next.then_some([("next", here + 1), ("last", last)]);
    let links = back.into_iter().chain(on).flatten().map(|(relation, number)| format!("<{}>; rel=\"{relation}\"", address(number)));
    Some(links.collect::<Vec<_>>().join(", ")).filter(|links| !links.is_empty())
}
