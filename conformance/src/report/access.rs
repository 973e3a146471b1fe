//! The access matrix: how each operation answered each caller, about things that are there, that belong elsewhere, and that are not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// How one operation answered one caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Method and path template.
    pub operation: String,
    /// Who called: `given`, `nobody`, `unknown`, or another caller's name.
    pub identity: String,
    /// The statuses about what is there, in the scope in which the run works.
    pub own: BTreeSet<u16>,
    /// The statuses about what is there, looked for from another scope.
    pub other: BTreeSet<u16>,
    /// The statuses about what is not there.
    pub missing: BTreeSet<u16>,
}

/// Where a request's thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whereabouts {
    /// In the scope in which it is looked for.
    Own,
    /// In another scope.
    Other,
    /// Nowhere.
    Missing,
}

impl Whereabouts {
    const ALL: [Self; 3] = [Self::Own, Self::Other, Self::Missing];

    /// The word that reports use.
    const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Other => "other's",
            Self::Missing => "missing",
        }
    }
}

impl Access {
    /// Notes an answer in a matrix. Operations and callers stand in the order in which they came.
    pub(crate) fn note(matrix: &mut Vec<Self>, operation: &str, identity: &str, place: Whereabouts, status: u16) {
        let known = matrix.iter().position(|own| own.operation == operation && own.identity == identity);
        let index = known.unwrap_or_else(|| {
            let (own, other, missing) = Default::default();
            matrix.push(Self { operation: operation.to_owned(), identity: identity.to_owned(), own, other, missing });
            matrix.len() - 1
        });
        let own = &mut matrix[index];
        let statuses = match place {
            Whereabouts::Own => &mut own.own,
            Whereabouts::Other => &mut own.other,
            Whereabouts::Missing => &mut own.missing,
        };
        statuses.insert(status);
    }

    const fn statuses(&self, place: Whereabouts) -> &BTreeSet<u16> {
        match place {
            Whereabouts::Own => &self.own,
            Whereabouts::Other => &self.other,
            Whereabouts::Missing => &self.missing,
        }
    }

    /// The statuses by whereabouts, as words; nothing where nothing was asked.
    pub(crate) fn told(&self) -> Vec<(&'static str, String)> {
        let told = |statuses: &BTreeSet<u16>| statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let asked = |place: &Whereabouts| !self.statuses(*place).is_empty();
        Whereabouts::ALL.into_iter().filter(asked).map(|place| (place.name(), told(self.statuses(place)))).collect()
    }
}

/// The callers of a matrix, in the order in which they came.
pub(super) fn identities(matrix: &[Access]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    matrix.iter().map(|access| access.identity.as_str()).filter(|identity| seen.insert(*identity)).collect()
}

/// A line for each caller: the statuses by whereabouts, each with the number of operations that answered so.
pub(super) fn lines(matrix: &[Access]) -> Vec<String> {
    let line = |identity: &str| {
        let mut line = format!("{identity:<8}");
        let own: Vec<&Access> = matrix.iter().filter(|access| access.identity == identity).collect();
        for place in Whereabouts::ALL {
            let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
            own.iter().flat_map(|access| access.statuses(place)).for_each(|status| *counts.entry(*status).or_default() += 1);
            let told: Vec<String> = counts.iter().map(|(status, count)| format!("{status} ({count})")).collect();
            if !told.is_empty() {
                // Writing to a text cannot fail.
                let _ = write!(line, " {} {} ·", place.name(), told.join(", "));
            }
        }
        line.trim_end_matches(" ·").to_owned()
    };
    identities(matrix).into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_keep_their_order_and_statuses_are_counted_by_operation() {
        let mut matrix = Vec::new();
        for (operation, identity, place, status) in [
            ("GET /a", "given", Whereabouts::Own, 200),
            ("GET /a", "given", Whereabouts::Own, 200),
            ("GET /a", "given", Whereabouts::Missing, 404),
            ("GET /b", "given", Whereabouts::Own, 200),
            ("GET /b", "given", Whereabouts::Other, 404),
            ("GET /a", "nobody", Whereabouts::Own, 401),
        ] {
            Access::note(&mut matrix, operation, identity, place, status);
        }
        assert_eq!(lines(&matrix), ["given    own 200 (2) · other's 404 (1) · missing 404 (1)", "nobody   own 401 (1)"]);
        assert_eq!(matrix[0].told(), [("own", "200".to_owned()), ("missing", "404".to_owned())]);
    }
}
