//! Shards: a run over several machines, each of which judges a part of the document on its own.
//!
//! What is split is what belongs together: the operations of a resource in one kind of scope, with all their phases, since each of them is
//! judged by what the others have made and acknowledged. An operation outside any resource is a unit of its own. Whatever a unit needs
//! besides, its parents above all, the shard makes itself. The document is judged by the first shard alone.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use specs::contract::Contract;

use crate::director::Director;
use crate::family::Family;

/// One of so many parts of a run: `2/5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// Which one, from 1.
    number: usize,
    /// How many there are.
    of: usize,
}

impl Shard {
    /// Which one, from 1.
    #[must_use]
    pub const fn number(self) -> usize {
        self.number
    }

    /// How many there are.
    #[must_use]
    pub const fn of(self) -> usize {
        self.of
    }

    /// Every part of the same run, itself among them.
    pub(crate) fn all(self) -> Vec<Self> {
        (1..=self.of).map(|number| Self { number, ..self }).collect()
    }

    /// The operations that are this shard's to judge, by their places in the contract.
    pub(crate) fn endpoints(self, contract: &Contract) -> BTreeSet<usize> {
        let mut units = units(contract);
        // The largest first, each to the shard that has the least: the same for everybody who has the same document.
        units.sort_by_key(|unit| (std::cmp::Reverse(unit.len()), unit.first().copied()));
        let first = usize::try_from(mixed(&contract.name) % self.of as u64).unwrap_or_default();
        let mut loads = vec![0; self.of];
        let mut own = BTreeSet::new();
        for unit in units {
            let turn = |place: usize| (place + self.of - first) % self.of;
            let lightest = (0..self.of).min_by_key(|place| (loads[*place], turn(*place))).unwrap_or_default();
            loads[lightest] += unit.len();
            if lightest + 1 == self.number {
                own.extend(unit);
            }
        }
        own
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("`{text}` is no shard; one is written NUMBER/OF, from 1/5 to 5/5");
        let (number, of) = text.split_once('/').ok_or_else(form)?;
        let shard = Self { number: number.parse().map_err(|_| form())?, of: of.parse().map_err(|_| form())? };
        if (1..=shard.of).contains(&shard.number) { Ok(shard) } else { Err(form()) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Director<'_> {
    /// The operations that are this run's to judge, in the document's order.
    pub(crate) fn own_endpoints(&self) -> Vec<usize> {
        match self.session.options.shard {
            Some(shard) => shard.endpoints(self.contract()).into_iter().collect(),
            None => (0..self.contract().endpoints.len()).collect(),
        }
    }

    /// The families that are this run's to take through their plans.
    pub(crate) fn own_families(&self) -> Vec<Family> {
        let own: BTreeSet<usize> = self.own_endpoints().into_iter().collect();
        self.families.iter().filter(|family| family.endpoints.iter().any(|index| own.contains(index))).cloned().collect()
    }
}

/// The operations of a contract by what belongs together: families that share an operation are one unit.
fn units(contract: &Contract) -> Vec<BTreeSet<usize>> {
    let mut units: Vec<BTreeSet<usize>> = Vec::new();
    let families = Family::all(contract).into_iter().map(|family| family.endpoints.into_iter().collect());
    let single = (0..contract.endpoints.len()).map(|index| BTreeSet::from([index]));
    for mut unit in families.chain(single) {
        let (joined, apart): (Vec<_>, Vec<_>) = units.into_iter().partition(|other: &BTreeSet<usize>| !other.is_disjoint(&unit));
        units = apart;
        joined.into_iter().for_each(|other| unit.extend(other));
        units.push(unit);
    }
    units
}

/// A number for a name (FNV-1a, 64 bits), so that the small documents of a run do not all fall to the first shard.
fn mixed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::{Profile, Spec};

    #[test]
    fn every_operation_is_one_shards_and_families_stay_together() {
        for vendor in specs::vendors() {
            let contract = Spec::Vendor(vendor.clone()).contract(Profile::Documented).expect("the pack is valid");
            for of in [1, 2, 5, 40] {
                let shards: Vec<BTreeSet<usize>> = (1..=of).map(|number| Shard { number, of }.endpoints(&contract)).collect();
                let all: Vec<usize> = shards.iter().flatten().copied().collect();
                assert_eq!(all.len(), contract.endpoints.len(), "{vendor}: an operation is missing or there twice");
                for family in Family::all(&contract) {
                    let holding = shards.iter().filter(|shard| family.endpoints.iter().any(|index| shard.contains(index)));
                    assert_eq!(holding.count(), 1, "{vendor}: {family:?}");
                }
            }
        }
    }

    #[test]
    fn a_shard_is_written_number_of_how_many() {
        assert_eq!("2/5".parse(), Ok(Shard { number: 2, of: 5 }));
        for text in ["0/5", "6/5", "2", "2/", "/5", "2/0", "a/b", "-1/5"] {
            assert!(text.parse::<Shard>().expect_err(text).contains("NUMBER/OF"));
        }
    }
}
