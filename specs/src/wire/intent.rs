//! Intents: what a request means, free of HTTP.

use std::fmt;

use serde_json::{Map, Value};

use super::inputs::{Inputs, Payload};
use super::patch;
use super::style::scalar;
use crate::claims::{Binding, Filter, Letters, Several};
use crate::contract::{Chore, Endpoint, Input, Resource};

/// What holds the fields that a request states.
pub trait Stated: Default {
    /// With room for so many.
    fn with_room(count: usize) -> Self;

    /// Sets a field.
    fn state(&mut self, field: &str, value: Value);

    /// Sets several fields.
    fn state_all(&mut self, fields: Map<String, Value>);

    /// Visits every field.
    fn each(&mut self, visit: &mut dyn FnMut(&str, &mut Value));
}

impl Stated for Map<String, Value> {
    fn with_room(count: usize) -> Self {
        Self::with_capacity(count)
    }

    fn state(&mut self, field: &str, value: Value) {
        self.insert(field.to_owned(), value);
    }

    fn state_all(&mut self, fields: Map<String, Value>) {
        self.extend(fields);
    }

    fn each(&mut self, visit: &mut dyn FnMut(&str, &mut Value)) {
        self.iter_mut().for_each(|(name, value)| visit(name, value));
    }
}

/// What a request means. The mock keeps the fields as its store does, the runner as a map.
#[derive(Clone, Default, PartialEq)]
pub struct Intent<F = Map<String, Value>> {
    /// The enclosing things, outermost first.
    pub scope: Vec<Selector>,
    /// Which things are meant.
    pub items: Items,
    /// The fields that the client states.
    pub fields: F,
    /// Which part of a list is wanted.
    pub page: PageRequest,
    /// Only things whose field contains a text.
    pub contains: Vec<(String, String)>,
    /// Only things whose field equals a text.
    pub equals: Vec<Equality>,
    /// The folder that is listed.
    pub folder: Option<String>,
    /// The version that is meant, if it is not the latest.
    pub version: Option<i64>,
    /// The versions that are meant; `None` where the request names none.
    pub versions: Option<Vec<i64>>,
    /// The number that the latest version must have.
    pub expected_version: Option<i64>,
    /// How inherited fields are shown.
    pub show: Option<String>,
}

/// A filter for equality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equality {
    /// The field that is compared.
    pub field: String,
    /// The filter as it was stated.
    pub stated: String,
    /// The text that the field is to equal; none where the filter cannot be read.
    pub text: Option<String>,
}

/// An enclosing thing, named by one of its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// Its resource.
    pub resource: String,
    /// The field that names it.
    pub field: String,
    /// The field's value.
    pub value: Value,
}

/// Which things are meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Items {
    /// The operation is about no single thing.
    #[default]
    None,
    /// The things whose field has one of these values.
    Named(String, Vec<Value>),
    /// Every thing of the scope.
    All,
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// At most so many entries.
    pub limit: Option<i64>,
    /// So many entries are skipped.
    pub offset: Option<i64>,
    /// The number of a page.
    pub page: Option<i64>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl<F: Stated> Intent<F> {
    /// What a request's inputs mean to an endpoint.
    #[must_use]
    pub fn of(endpoint: &Endpoint, inputs: &Inputs) -> Self {
        let mut intent = Self::default();
        for bound in &endpoint.bindings {
            if let Some(value) = inputs.value(&bound.input) {
                intent.read_one(&bound.binding.value, value);
            }
        }
        if endpoint.promises.json_patch.is_some() {
            intent.fields.state_all(patch::plain_fields(inputs).unwrap_or_default());
        }
        intent
    }

    /// The same, with the values of fields taken out of the body instead of copied: null stands in their place from then on.
    #[must_use]
    pub fn out_of(endpoint: &Endpoint, inputs: &mut Inputs) -> Self {
        if endpoint.promises.json_patch.is_some() {
            return Self::of(endpoint, inputs);
        }
        let mut intent = Self { fields: F::with_room(endpoint.bindings.len()), ..Self::default() };
        for bound in &endpoint.bindings {
            match (&bound.binding.value, &bound.input) {
                (Binding::Field(field), Input::Member(name)) if !bound.shared => {
                    inputs.take(name).into_iter().for_each(|value| intent.fields.state(field, value));
                }
                (binding, input) => inputs.value(input).into_iter().for_each(|value| intent.read_one(binding, value)),
            }
        }
        intent
    }

    fn read_one(&mut self, binding: &Binding, value: &Value) {
        // A server may take whatever it is sent and make what it can of it: a text that is a number counts as one.
        let number = || whole(value);
        match binding {
            Binding::Scope(of) => {
                self.scope.push(Selector { resource: of.resource.clone(), field: of.field.clone(), value: value.clone() });
            }
            Binding::Item(field) => self.items = Items::Named(field.clone(), vec![value.clone()]),
            Binding::Items(several) => self.items = several_items(several, value),
            Binding::Field(field) => self.fields.state(field, value.clone()),
            Binding::Limit => self.page.limit = number(),
            Binding::Offset => self.page.offset = number(),
            Binding::Page => self.page.page = number(),
            Binding::Cursor => self.page.cursor = Some(scalar(value)),
            Binding::Contains(field) => self.contains.push((field.clone(), scalar(value))),
            Binding::Filter(filter) => {
                let stated = scalar(value);
                self.equals.push(Equality { field: filter.field.clone(), text: equal_to(filter, &stated), stated });
            }
            Binding::Folder => self.folder = Some(scalar(value)),
            Binding::Version => self.version = number().filter(|number| *number > 0),
            Binding::Versions => self.versions = value.as_array().map(|items| items.iter().filter_map(whole).collect()),
            Binding::ExpectedVersion => self.expected_version = number(),
            Binding::Show => self.show = Some(scalar(value)),
            Binding::Ignored => {}
        }
    }

    /// What it means to a resource that keeps the letters of some fields in one case, whatever the client states.
    #[must_use]
    pub fn folded(mut self, resource: &Resource) -> Self {
        if !resource.has(Chore::Letters) {
            return self;
        }
        let letters = |field: &str| resource.fields.get(field)?.letters.as_ref().map(|claim| claim.value);
        let fold = |letters: Letters, value: &mut Value| {
            if let Value::String(text) = value {
                *text = letters.keep(text);
            }
        };
        self.fields.each(&mut |field, value| letters(field).into_iter().for_each(|letters| fold(letters, value)));
        if let Items::Named(field, values) = &mut self.items
            && let Some(letters) = letters(field)
        {
            values.iter_mut().for_each(|value| fold(letters, value));
        }
        self
    }
}

impl Intent {
    /// What a request's inputs mean to an endpoint, with the fields as a map.
    #[must_use]
    pub fn read(endpoint: &Endpoint, inputs: &Inputs) -> Self {
        Self::of(endpoint, inputs)
    }

    /// Adds this intent to inputs, which may say more than an intent can: headers, members without a meaning. The runner's half.
    pub fn write_into(&self, endpoint: &Endpoint, inputs: &mut Inputs) {
        for bound in &endpoint.bindings {
            if let Some(value) = self.give(&bound.binding.value) {
                inputs.set(&bound.input, value);
            }
        }
        if endpoint.promises.json_patch.is_some() && inputs.json().is_some() {
            inputs.body = Some(Payload::Json(patch::of_fields(&self.fields)));
        }
    }

    fn give(&self, binding: &Binding) -> Option<Value> {
        match binding {
            Binding::Scope(of) => {
                let named = |selector: &&Selector| selector.resource == of.resource && selector.field == of.field;
                self.scope.iter().find(named).map(|selector| selector.value.clone())
            }
            Binding::Item(field) => match &self.items {
                Items::Named(own, values) if own == field => values.first().cloned(),
                _ => None,
            },
            Binding::Items(several) => give_several(several, &self.items),
            Binding::Field(field) => self.fields.get(field).cloned(),
            Binding::Limit => self.page.limit.map(Value::from),
            Binding::Offset => self.page.offset.map(Value::from),
            Binding::Page => self.page.page.map(Value::from),
            Binding::Cursor => self.page.cursor.clone().map(Value::from),
            Binding::Contains(field) => self.contains.iter().find(|(own, _)| own == field).map(|(_, text)| text.clone().into()),
            Binding::Folder => self.folder.clone().map(Value::from),
            Binding::Version => self.version.map(Value::from),
            Binding::Versions => self.versions.clone().map(Value::from),
            Binding::ExpectedVersion => self.expected_version.map(Value::from),
            Binding::Show => self.show.clone().map(Value::from),
            Binding::Filter(filter) => self.equals.iter().find(|own| own.field == filter.field).map(|own| own.stated.clone().into()),
            Binding::Ignored => None,
        }
    }
}

/// The text of `ATTRIBUTE eq "text"`, which is written as JSON has it (RFC 7644, section 3.4.2.2); operators are known in any case.
fn equal_to(filter: &Filter, stated: &str) -> Option<String> {
    let (attribute, rest) = stated.trim().split_once(' ')?;
    let (operator, text) = rest.split_once(' ')?;
    let known = operator.eq_ignore_ascii_case("eq") && filter.attributes.iter().any(|own| own == attribute);
    known.then(|| serde_json::from_str(text.trim()).ok())?
}

fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn several_items(several: &Several, value: &Value) -> Items {
    let text = scalar(value);
    if several.all.as_deref() == Some(text.as_str()) {
        return Items::All;
    }
    let named = text.split(several.separator.as_str()).map(str::trim).filter(|part| !part.is_empty());
    Items::Named(several.field.clone(), named.map(Value::from).collect())
}

fn give_several(several: &Several, items: &Items) -> Option<Value> {
    match items {
        Items::All => several.all.clone().map(Value::from),
        Items::Named(field, values) if *field == several.field => {
            Some(values.iter().map(scalar).collect::<Vec<_>>().join(&several.separator).into())
        }
        _ => None,
    }
}

impl<F> fmt::Debug for Intent<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intent").field("scope", &self.scope).field("items", &self.items).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_its_field_and_quotes_its_text() {
        let title = Filter { field: "title".to_owned(), attributes: vec!["title".to_owned(), "label".to_owned()] };
        let equal_to = |stated: &str| equal_to(&title, stated);
        assert_eq!(equal_to("title eq \"a \\\"b\\\"\"").as_deref(), Some("a \"b\""));
        assert_eq!(equal_to("label EQ \"\"").as_deref(), Some(""));
        for unread in ["title", "title eq a", "name eq \"a\"", "title ne \"a\"", "titleeq \"a\""] {
            assert_eq!(equal_to(unread), None, "{unread}");
        }
    }
}
