//! The values of parameters, by where they travel and by name.

use serde_json::Value;

use crate::contract::Location;

/// Parameters with their values, in order. A request has few of them: they lie side by side and are looked through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters(Vec<(Place, Value)>);

/// Where a parameter travels, and its name.
type Place = (Location, String);

impl Parameters {
    /// The value of the parameter of this name.
    #[must_use]
    pub fn of(&self, location: Location, name: &str) -> Option<&Value> {
        self.0.iter().find(|((own, known), _)| *own == location && known == name).map(|(_, value)| value)
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, (location, name): &Place) -> Option<&Value> {
        self.of(*location, name)
    }

    /// Sets the value of a parameter.
    pub fn insert(&mut self, place: Place, value: Value) {
        match self.find(&place) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (place, value)),
        }
    }

    /// Takes out a parameter.
    pub fn remove(&mut self, place: &Place) -> Option<Value> {
        self.find(place).ok().map(|at| self.0.remove(at).1)
    }

    /// Every parameter with its value, by location and name.
    pub fn iter(&self) -> impl Iterator<Item = (&Place, &Value)> {
        self.0.iter().map(|(place, value)| (place, value))
    }

    /// Every parameter, by location and name.
    pub fn keys(&self) -> impl Iterator<Item = &Place> {
        self.0.iter().map(|(place, _)| place)
    }

    /// Every value.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    fn find(&self, place: &Place) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.cmp(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_kept_in_order_and_each_once() {
        let mut parameters = Parameters::default();
        for (location, name) in [(Location::Query, "b"), (Location::Query, "a"), (Location::Path, "c"), (Location::Query, "a")] {
            parameters.insert((location, name.to_owned()), name.into());
        }
        assert_eq!(parameters.keys().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["c", "a", "b"]);
        assert_eq!(parameters.remove(&(Location::Query, "a".to_owned())), Some("a".into()));
        assert_eq!((parameters.of(Location::Query, "a"), parameters.of(Location::Path, "c")), (None, Some(&"c".into())));
    }
}
