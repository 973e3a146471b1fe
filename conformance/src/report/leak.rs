//! The guard: a report that would tell what the run has kept secret is not handed out.

use std::collections::HashSet;
use std::fmt;

use specs::contract::Contract;

use crate::canary::Canaries;
use crate::needles::Needles;

/// Shorter texts than this stand in a report by accident.
const SHORTEST: usize = 8;

/// A report would tell a value or a credential that the run has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the report would tell secret {number} that the run has sent, so it is not written: this is a defect of the runner itself")]
pub struct Leak {
    /// Which secret, as reports number them.
    number: usize,
}

/// Finds what no report may tell.
pub(crate) struct Guard {
    /// Each with the number of the secret that it tells.
    needles: Needles<usize>,
    /// Those that stand in the document itself.
    said: HashSet<String>,
}

impl Guard {
    /// Watches for nothing: for a report that is put together of others, each of which was examined when it was written.
    pub(crate) fn blind() -> Self {
        Self { needles: Needles::new(false), said: HashSet::new() }
    }

    /// Watches for every secret that is unlike any other and for every credential, plain and encoded; what stands in the document itself is
    /// no secret.
    pub(crate) fn new(contract: &Contract, canaries: &Canaries, credentials: &[String]) -> Self {
        let mut needles = Needles::new(false);
        let told = canaries.needles(credentials).filter(|(needle, _)| needle.len() >= SHORTEST);
        told.for_each(|(needle, number)| needles.add(&needle, number));
        let document = said(contract);
        let said = needles.find(document.as_bytes()).into_iter().map(|hit| document[hit.start..hit.end].to_owned()).collect();
        Self { needles, said }
    }

    /// Refuses a text that tells a secret.
    pub(crate) fn examine(&self, text: &str) -> Result<(), Leak> {
        let hits = self.needles.find(text.as_bytes());
        match hits.iter().find(|hit| !self.said.contains(&text[hit.start..hit.end])) {
            Some(hit) => Err(Leak { number: hit.meaning + 1 }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("needles", &self.needles.len()).finish_non_exhaustive()
    }
}

/// Everything of a document that a report repeats.
fn said(contract: &Contract) -> String {
    let operations = contract.endpoints.iter().map(specs::contract::Endpoint::name);
    let own = [contract.name.clone(), contract.title.clone(), contract.version.clone(), contract.sha256.clone()];
    let checks = crate::checks::all().flat_map(|check| [check.id, check.sentence, check.cite]).map(str::to_owned);
    own.into_iter().chain(operations).chain(checks).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use specs::{Profile, Spec};

    #[test]
    fn a_text_that_tells_a_secret_in_any_dress_is_refused() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents/boxes.yaml");
        let contract = Spec::File { path, overlay: None }.contract(Profile::Documented).expect("the document is valid");
        let mut canaries = Canaries::default();
        canaries.note("an ordinary text that was written");
        canaries.plant("Zz9Yy8Xx7Ww6Vv5Uu4");
        canaries.note("test-credential");
        canaries.note("/boxes/{boxId}/keys");
        let credentials = ["test-credential", "/boxes/{boxId}/keys"].map(str::to_owned);
        let guard = Guard::new(&contract, &canaries, &credentials);
        assert_eq!(guard.examine("{\"value\":\"Zz9Yy8Xx7Ww6Vv5Uu4\"}"), Err(Leak { number: 2 }));
        assert_eq!(guard.examine("authorization: test-credential"), Err(Leak { number: 3 }));
        assert_eq!(guard.examine("5a7a3959793858783757773656763555753 4"), Ok(()));
        assert_eq!(guard.examine("5a7a39597938587837577736567635557534"), Err(Leak { number: 2 }));
        // What the document says itself is no secret, and what may stand anywhere is not looked for.
        assert_eq!(guard.examine("GET /boxes/{boxId}/keys: an ordinary text that was written"), Ok(()));
    }
}
