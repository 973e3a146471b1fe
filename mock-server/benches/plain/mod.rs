//! The least that a store of the same size costs: maps by hand, a key that is looked for, and JSON that is written of what is found. No document,
//! no validation, no caller, no journal. What it loses as it grows is what the machine's memory takes from anything of that size.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

/// Secrets by sandbox and resource, and within them by name.
#[derive(Default)]
pub(crate) struct Plain {
    tables: HashMap<(usize, usize), Table>,
    made: u64,
}

/// The secrets of one resource in the order of their creation, and where each name stands.
#[derive(Default)]
struct Table {
    things: BTreeMap<u64, Box<Stored>>,
    names: HashMap<String, u64>,
}

/// A secret as it is stored.
struct Stored {
    id: String,
    name: String,
    value: String,
}

impl Stored {
    fn shown(&self) -> serde_json::Value {
        json!({"id": self.id, "name": self.name, "value": if self.value.is_empty() { "" } else { "********" }})
    }
}

impl Plain {
    /// The bytes of an answer about one secret.
    pub(crate) fn get(&self, place: (usize, usize), name: &str) -> Vec<u8> {
        let table = self.tables.get(&place).expect("it was filled");
        let thing = table.names.get(name).and_then(|number| table.things.get(number)).expect("it was filled");
        thing.shown().to_string().into_bytes()
    }

    /// The bytes of a page of ten.
    pub(crate) fn page(&self, place: (usize, usize)) -> Vec<u8> {
        let table = self.tables.get(&place).expect("it was filled");
        table.things.values().take(10).map(|thing| thing.shown()).collect::<serde_json::Value>().to_string().into_bytes()
    }

    /// Stores a secret, and gives the bytes of the answer.
    pub(crate) fn create(&mut self, place: (usize, usize), name: &str, value: &str) -> Vec<u8> {
        self.made += 1;
        let table = self.tables.entry(place).or_default();
        let number = *table.names.entry(name.to_owned()).or_insert(self.made);
        let stored = Stored { id: number.to_string(), name: name.to_owned(), value: value.to_owned() };
        let answer = stored.shown().to_string().into_bytes();
        table.things.insert(number, Box::new(stored));
        answer
    }
}
