//! The figure of a pack: what its overlays claim, and what of it stands in the claims that its document gives without them.

use std::collections::BTreeMap;

use specs::claims::{Grade, ListedClaim};
use specs::contract::Contract;
use specs::document::Document;
use specs::{Profile, Spec};

use super::aligned::aligned;

/// How many were read of how many.
pub(crate) type Share = (usize, usize);

pub(crate) struct Figure {
    /// Of the claims that an OpenAPI document has words for.
    pub(crate) sayable: Share,
    /// Of all claims of the pack.
    pub(crate) all: Share,
    missed: Vec<(ListedClaim, Option<ListedClaim>)>,
}

impl Figure {
    pub(crate) fn of(vendor: &str) -> Self {
        let pack = Spec::Vendor(vendor.to_owned()).contract(Profile::Documented).expect("packs load").claims.list();
        let inferred = from_document(vendor);
        let (pack, inferred) = aligned(pack, inferred);
        let by_name: BTreeMap<(&str, &str), &ListedClaim> =
            inferred.iter().map(|claim| ((claim.subject.as_str(), claim.key.as_str()), claim)).collect();
        let mut figure = Self { sayable: (0, 0), all: (0, 0), missed: Vec::new() };
        for claim in &pack {
            let read = by_name.get(&(claim.subject.as_str(), claim.key.as_str())).copied();
            figure.count(claim, read);
        }
        figure
    }

    fn count(&mut self, claim: &ListedClaim, read: Option<&ListedClaim>) {
        let right = read.is_some_and(|read| read.value == claim.value);
        let sayable = is_sayable(claim);
        self.all = (self.all.0 + usize::from(right), self.all.1 + 1);
        if sayable {
            self.sayable = (self.sayable.0 + usize::from(right), self.sayable.1 + 1);
        }
        if sayable && !right {
            self.missed.push((claim.clone(), read.cloned()));
        }
    }

    /// What was not read, with what stands in its place.
    pub(crate) fn missed(&self) -> String {
        let line = |(claim, read): &(ListedClaim, Option<ListedClaim>)| {
            let read = read.as_ref().map_or_else(|| "nothing".to_owned(), |read| read.value.to_string());
            format!("{} · {}: {} <- {read}\n", claim.subject, claim.key, claim.value)
        };
        self.missed.iter().map(line).collect()
    }
}

/// What a document has words for. A schema's claims correct the document itself; how a refusal is worded stands on the vendor's pages; what was
/// only ever observed, and what was chosen because nobody says it, stands nowhere.
fn is_sayable(claim: &ListedClaim) -> bool {
    let worded = claim.subject == "problem" || claim.key.starts_with("problem");
    let grounded = matches!(claim.grade, Grade::Documented | Grade::Derived | Grade::Guessed);
    grounded && !worded && !claim.subject.starts_with("schema ")
}

fn from_document(vendor: &str) -> Vec<ListedClaim> {
    let path = format!("{}/vendors/{vendor}/openapi.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("a pack has a document");
    let document = Document::parse("openapi.yaml", &text).expect("it is YAML");
    Contract::compile(vendor, &document).expect("it compiles without its overlays").claims.list()
}

/// The whole number of percent.
pub(crate) fn aim((read, all): Share) -> usize {
    100 * read / all.max(1)
}

pub(crate) fn sum(shares: impl Iterator<Item = Share>) -> Share {
    shares.fold((0, 0), |(read, all), share| (read + share.0, all + share.1))
}

pub(crate) fn table(figures: &[(String, Figure)]) -> String {
    let row = |name: &str, sayable: Share, all: Share| {
        let share = |share: Share| format!("{} of {}, {} %", share.0, share.1, aim(share));
        format!("{name:20} {:22} {}\n", share(sayable), share(all))
    };
    let rows: String = figures.iter().map(|(vendor, figure)| row(vendor, figure.sayable, figure.all)).collect();
    let total = |of: fn(&Figure) -> Share| sum(figures.iter().map(|(_, figure)| of(figure)));
    let head = format!("{:20} {:22} {}\n", "pack", "what documents can say", "all claims");
    head + &rows + &row("together", total(|figure| figure.sayable), total(|figure| figure.all))
}
