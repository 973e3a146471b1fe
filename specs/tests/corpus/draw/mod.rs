//! Documents drawn from a seed, over the whole grammar of OpenAPI 3.0 and 3.1: same seed, same document.

mod broken;
mod operations;
mod parts;
mod schemas;
mod text;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

pub(crate) use broken::{broken, cut};
pub(crate) use text::{as_json, as_yaml};

/// Names that are allowed and that nobody expects.
const ODD: [&str; 14] =
    ["a b", "ñandú", "a~1b", "a/b", "100%", "%2F", "秘密", "x.y", "$ref", "schema", "a\"b", "it's", "{id}", "properties"];
/// Names as they come.
const USUAL: [&str; 12] = ["id", "name", "value", "secret", "createdAt", "updated_at", "items", "data", "version", "status", "key", "tags"];
/// What the components are called, in every section.
const COMPONENTS: [&str; 6] = ["Secret", "App.List", "error-1", "Page_2", "Node", "Tree"];

/// A section of the components, and what draws one of them.
type Section = (&'static str, fn(&mut Draw) -> Value);

/// A choice at every step.
pub(crate) struct Draw {
    rng: ChaCha8Rng,
    /// Whether the document is of 3.1.
    pub(crate) new: bool,
}

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let new = rng.random_bool(0.5);
        Self { rng, new }
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: u32) -> bool {
        self.rng.random_ratio(1, times)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end.max(1))
    }

    pub(crate) fn one<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        &choices[self.below(choices.len())]
    }

    /// A member's name, mostly a usual one.
    fn name(&mut self) -> String {
        let odd = self.once_in(6);
        (*self.one(if odd { &ODD[..] } else { &USUAL[..] })).to_owned()
    }

    /// Several members, by different names.
    fn members(&mut self, most: usize, mut value: impl FnMut(&mut Self) -> Value) -> Map<String, Value> {
        let count = self.below(most + 1);
        (0..count).map(|_| (self.name(), value(self))).collect()
    }

    /// Puts a member in, once in so many times.
    fn maybe(&mut self, object: &mut Value, times: u32, name: &str, value: impl FnOnce(&mut Self) -> Value) {
        if self.once_in(times) {
            object[name] = value(self);
        }
    }

    /// A reference to a component.
    fn reference(&mut self, section: &str) -> Value {
        let name = *self.one(&COMPONENTS);
        json!({ "$ref": format!("#/components/{section}/{name}") })
    }

    /// Words, some of which inference listens to.
    fn words(&mut self) -> Value {
        let words =
            ["", "Creates a secret.", "The value is write-only and never returned.", "Lists — all\nof them: «ü»", "Masked as `****`."];
        (*self.one(&words)).into()
    }

    /// A whole document that the specification allows.
    pub(crate) fn document(&mut self) -> Value {
        let version = if self.new { *self.one(&["3.1.0", "3.1.1"]) } else { *self.one(&["3.0.0", "3.0.3"]) };
        let mut document = json!({
            "openapi": version,
            "info": {"title": self.words(), "version": "1"},
            "paths": self.paths(),
            "components": self.components(),
        });
        self.maybe(&mut document, 2, "servers", Self::servers);
        self.maybe(&mut document, 2, "security", Self::security);
        self.maybe(&mut document, 4, "tags", |_| json!([{"name": "a", "description": "b"}]));
        self.maybe(&mut document, 4, "externalDocs", |_| json!({"url": "https://example.com/"}));
        self.maybe(&mut document, 4, "x-vendor", |_| json!({"deep": [1, null, {"$ref": "nowhere"}]}));
        if self.new {
            self.maybe(&mut document, 3, "webhooks", |draw| json!({"ping": draw.path_item(&[])}));
            self.maybe(&mut document, 6, "jsonSchemaDialect", |_| json!("https://spec.openapis.org/oas/3.1/dialect/base"));
        }
        document
    }

    fn components(&mut self) -> Value {
        let mut components = json!({});
        let sections: [Section; 8] = [
            ("schemas", |draw| draw.shape(3)),
            ("responses", Self::response_or_reference),
            ("parameters", |draw| draw.parameter("query", "shared")),
            ("requestBodies", Self::body),
            ("headers", Self::header),
            ("examples", |_| json!({"value": {"a": 1}, "summary": "b"})),
            ("links", |_| json!({"operationId": "unknown", "parameters": {"id": "$response.body#/id"}})),
            ("callbacks", |draw| json!({"{$request.body#/url}": draw.path_item(&[])})),
        ];
        for (section, draw) in sections {
            components[section] = COMPONENTS.iter().map(|name| ((*name).to_owned(), draw(self))).collect::<Map<_, _>>().into();
        }
        // Chains of references that end, through things of every kind.
        components["schemas"]["Node"] = json!({"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}});
        components["schemas"]["Tree"] = json!({"allOf": [{"$ref": "#/components/schemas/Node"}, {"type": "object", "properties":
            {"leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}]});
        components["responses"]["Node"] = json!({"description": "the end"});
        components["responses"]["Tree"] = json!({"$ref": "#/components/responses/Node"});
        components["securitySchemes"] = self.schemes();
        if self.new {
            components["pathItems"] = COMPONENTS.iter().map(|name| ((*name).to_owned(), self.path_item(&[]))).collect::<Map<_, _>>().into();
        }
        components
    }
}
