//! Schemas with every keyword of either version.

use serde_json::{Value, json};

use super::Draw;

const FORMATS: [&str; 16] = [
    "date-time",
    "date",
    "time",
    "uuid",
    "email",
    "uri",
    "hostname",
    "ipv4",
    "ipv6",
    "byte",
    "binary",
    "password",
    "regex",
    "int64",
    "double",
    "made-up",
];
const PATTERNS: [&str; 9] =
    ["^[a-z]+$", "^[A-Za-z_][A-Za-z0-9_]*$", "[0-9]{3}", "^\\d{2}-\\w+$", "^(?!x)a+$", "^.{1,20}$", "^\\p{L}+$", "", "^(a|b)*c?$"];
/// Numbers at the edges of what JSON readers hold.
const HUGE: [f64; 5] = [1e308, -1e308, 1e-308, 9_007_199_254_740_993.0, 1.844_674_407_370_955_2e19];

impl Draw {
    pub(super) fn schema(&mut self, depth: usize) -> Value {
        if self.new && self.once_in(20) {
            return self.once_in(2).into();
        }
        if self.once_in(5) {
            return self.schema_reference();
        }
        self.shape(depth)
    }

    /// A schema that is no reference itself.
    pub(super) fn shape(&mut self, depth: usize) -> Value {
        let mut schema = match self.below(if depth == 0 { 4 } else { 8 }) {
            0 => self.string(),
            1 => self.number(),
            2 => json!({"type": "boolean"}),
            3 => json!({}),
            4 => self.array(depth),
            5 => self.combined(depth),
            _ => self.object(depth),
        };
        if schema.is_object() {
            self.annotate(&mut schema);
        }
        schema
    }

    fn schema_reference(&mut self) -> Value {
        let mut reference = self.reference("schemas");
        if self.new {
            self.maybe(&mut reference, 3, "description", Self::words);
            self.maybe(&mut reference, 4, "writeOnly", |_| true.into());
        }
        reference
    }

    fn annotate(&mut self, schema: &mut Value) {
        if let Some(kind) = schema.get("type").cloned().filter(|_| self.once_in(4)) {
            if self.new {
                schema["type"] = json!([kind, "null"]);
            } else {
                schema["nullable"] = true.into();
            }
        }
        let flag = *self.one(&["readOnly", "writeOnly", "deprecated"]);
        self.maybe(schema, 5, flag, |_| true.into());
        self.maybe(schema, 4, "title", Self::words);
        self.maybe(schema, 4, "description", Self::words);
        self.maybe(schema, 8, "externalDocs", |_| json!({"url": "https://example.com/"}));
        self.maybe(schema, 8, "xml", |_| json!({"name": "x", "wrapped": true}));
        self.maybe(schema, 8, "x-order", |_| json!(1));
        if self.new {
            self.maybe(schema, 12, "$comment", |_| json!("c"));
            self.maybe(schema, 12, "examples", |_| json!(["a", 1]));
            self.maybe(schema, 12, "$defs", |draw| json!({"inner": draw.schema(0)}));
        } else {
            self.maybe(schema, 12, "example", |_| json!({"$ref": "#/nowhere"}));
        }
    }

    fn string(&mut self) -> Value {
        let mut schema = json!({"type": "string"});
        match self.below(6) {
            0 => schema["format"] = (*self.one(&FORMATS)).into(),
            1 => schema["pattern"] = (*self.one(&PATTERNS)).into(),
            2 => schema["enum"] = json!(["", "a", "ü", "it's", "\u{1F600}"]),
            3 => {
                schema["minLength"] = self.below(4).into();
                schema["maxLength"] = (*self.one(&[4_u64, 255, 1_048_576, 9_007_199_254_740_991])).into();
            }
            4 if self.new => schema["const"] = "fixed".into(),
            5 if self.new => {
                schema["contentEncoding"] = "base64".into();
                schema["contentMediaType"] = "application/json".into();
            }
            _ => schema["default"] = "d".into(),
        }
        schema
    }

    fn number(&mut self) -> Value {
        let kind = *self.one(&["integer", "number"]);
        let mut schema = json!({"type": kind});
        match self.below(6) {
            0 => {
                schema["minimum"] = json!(1);
                schema["maximum"] = json!(i64::MAX);
            }
            1 if self.new => schema["exclusiveMinimum"] = json!(0),
            1 => {
                schema["minimum"] = json!(0);
                schema["exclusiveMinimum"] = json!(true);
            }
            2 => schema["multipleOf"] = json!(*self.one(&[1.0, 0.5, 7.0])),
            3 => schema["format"] = (*self.one(&["int32", "int64", "float", "double"])).into(),
            4 if kind == "number" => schema["maximum"] = json!(*self.one(&HUGE)),
            _ => schema["enum"] = json!([1, 2, 3]),
        }
        schema
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut schema = json!({"type": "array", "items": self.schema(depth - 1)});
        self.maybe(&mut schema, 4, "minItems", |_| json!(1));
        self.maybe(&mut schema, 4, "maxItems", |_| json!(1_000_000));
        self.maybe(&mut schema, 6, "uniqueItems", |_| true.into());
        if self.new {
            self.maybe(&mut schema, 8, "prefixItems", |draw| json!([draw.schema(0)]));
            self.maybe(&mut schema, 8, "contains", |_| json!({"type": "string"}));
            self.maybe(&mut schema, 8, "unevaluatedItems", |_| false.into());
        }
        schema
    }

    fn object(&mut self, depth: usize) -> Value {
        let properties = self.members(5, |draw| draw.schema(depth - 1));
        let required: Vec<String> = properties.keys().filter(|_| self.once_in(2)).cloned().collect();
        let mut schema = json!({"type": "object"});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema["properties"] = properties.into();
        match self.below(5) {
            0 => schema["additionalProperties"] = false.into(),
            1 => schema["additionalProperties"] = self.schema(0),
            2 => schema["minProperties"] = json!(1),
            _ => {}
        }
        if self.new {
            self.maybe(&mut schema, 8, "patternProperties", |draw| json!({"^x-": draw.schema(0)}));
            self.maybe(&mut schema, 8, "propertyNames", |_| json!({"maxLength": 50}));
            self.maybe(&mut schema, 8, "dependentRequired", |_| json!({"id": ["name"]}));
            self.maybe(&mut schema, 8, "dependentSchemas", |_| json!({"key": {"required": ["value"]}}));
            self.maybe(&mut schema, 8, "if", |_| json!({"required": ["status"]}));
            self.maybe(&mut schema, 8, "then", |_| json!({"required": ["version"]}));
            self.maybe(&mut schema, 10, "$anchor", |draw| format!("a{}", draw.below(1_000_000)).into());
        }
        schema
    }

    fn combined(&mut self, depth: usize) -> Value {
        let parts: Vec<Value> = (0..=self.below(3)).map(|_| self.schema(depth - 1)).collect();
        match self.below(5) {
            0 => json!({"allOf": parts}),
            1 => json!({"anyOf": parts}),
            2 => json!({"not": {"type": "integer"}}),
            3 => {
                let mapping = json!({"secret": "#/components/schemas/Secret", "node": "Node"});
                let parts = [self.reference("schemas"), json!({"$ref": "#/components/schemas/Node"})];
                json!({"oneOf": parts, "discriminator": {"propertyName": "kind", "mapping": mapping}})
            }
            _ => json!({"oneOf": parts}),
        }
    }
}
