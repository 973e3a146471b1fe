//! Paths of all shapes, and the operations on them.

use serde_json::{Map, Value, json};

use super::{Draw, ODD};

const TEMPLATES: [(&str, &[&str]); 22] = [
    ("/", &[]),
    ("/secrets", &[]),
    ("/secrets/", &[]),
    ("/secrets/{name}", &["name"]),
    ("/secrets/{name}/value", &["name"]),
    ("/secrets/{name}:reveal", &["name"]),
    ("/apps/{appId}/secrets", &["appId"]),
    ("/apps/{appId}/secrets/{secret-id}", &["appId", "secret-id"]),
    ("/apps/{appId}/environments/{env}/variables/{key}/versions/{version}", &["appId", "env", "key", "version"]),
    ("/v1/{owner}/{repo}/keys/{id}.json", &["owner", "repo", "id"]),
    ("/range/{from}-{to}", &["from", "to"]),
    ("/both/{a}{b}", &["a", "b"]),
    ("/CreateSecret", &[]),
    ("/getSecretValue", &[]),
    ("/users/me", &[]),
    ("/ünï/{ñ}", &["ñ"]),
    ("/with space/{a b}", &["a b"]),
    ("/per%20cent/{x}", &["x"]),
    ("/til~de/{a~b}", &["a~b"]),
    ("/query?action=list", &[]),
    ("/odd{/x", &[]),
    ("//double//slash", &[]),
];
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl Draw {
    pub(super) fn paths(&mut self) -> Value {
        let count = self.below(7);
        let mut paths = Map::new();
        for _ in 0..count {
            let (path, parameters) = *self.one(&TEMPLATES);
            let item =
                if self.new && parameters.is_empty() && self.once_in(8) { self.reference("pathItems") } else { self.path_item(parameters) };
            paths.insert(path.to_owned(), item);
        }
        if self.once_in(6) {
            paths.insert("x-paths".to_owned(), json!([1]));
        }
        paths.into()
    }

    pub(super) fn path_item(&mut self, parameters: &[&str]) -> Value {
        let above = self.once_in(2);
        let declared: Vec<Value> = parameters.iter().map(|name| self.parameter("path", name)).collect();
        let mut item = json!({});
        if above && !declared.is_empty() {
            item["parameters"] = declared.clone().into();
        }
        self.maybe(&mut item, 5, "summary", Self::words);
        self.maybe(&mut item, 8, "servers", Self::servers);
        let count = self.below(4) + 1;
        for _ in 0..count {
            let method = *self.one(&METHODS);
            item[method] = self.operation(method, if above { Vec::new() } else { declared.clone() });
        }
        item
    }

    fn operation(&mut self, method: &str, mut parameters: Vec<Value>) -> Value {
        let locations = ["query", "header", "cookie"];
        for index in 0..self.below(4) {
            let location = *self.one(&locations);
            let name = format!("{}{index}", self.name());
            parameters.push(self.parameter(location, &name));
        }
        if self.once_in(5) {
            parameters.push(json!({"$ref": "#/components/parameters/Secret"}));
        }
        let mut operation = json!({"responses": self.responses()});
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        if matches!(method, "put" | "post" | "patch") || self.new && self.once_in(8) {
            operation["requestBody"] = if self.once_in(5) { self.reference("requestBodies") } else { self.body() };
        }
        self.maybe(&mut operation, 2, "summary", Self::words);
        self.maybe(&mut operation, 2, "description", Self::words);
        self.maybe(&mut operation, 2, "security", Self::security);
        self.maybe(&mut operation, 6, "deprecated", |_| true.into());
        self.maybe(&mut operation, 6, "servers", Self::servers);
        self.maybe(&mut operation, 6, "tags", |_| json!(["a", "b"]));
        self.maybe(&mut operation, 6, "x-code-samples", |_| json!([{"lang": "sh", "source": "curl"}]));
        self.maybe(&mut operation, 6, "callbacks", |draw| json!({"onEvent": draw.reference("callbacks")}));
        operation
    }

    pub(super) fn parameter(&mut self, location: &str, name: &str) -> Value {
        let mut parameter = json!({"name": name, "in": location});
        if location == "path" {
            parameter["required"] = true.into();
        }
        if self.once_in(5) {
            parameter["content"] = json!({*self.one(&["application/json", "text/plain"]): {"schema": self.schema(1)}});
            return parameter;
        }
        parameter["schema"] = self.schema(if location == "query" { 2 } else { 1 });
        let styles: &[&str] = match location {
            "path" => &["simple", "label", "matrix"],
            "query" => &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
            "header" => &["simple"],
            _ => &["form"],
        };
        let style = *self.one(styles);
        self.maybe(&mut parameter, 2, "style", |_| style.into());
        self.maybe(&mut parameter, 2, "explode", |draw| draw.once_in(2).into());
        self.maybe(&mut parameter, 3, "description", Self::words);
        if location == "query" {
            self.maybe(&mut parameter, 5, "allowReserved", |_| true.into());
            self.maybe(&mut parameter, 5, "allowEmptyValue", |_| true.into());
        }
        if location != "path" {
            self.maybe(&mut parameter, 3, "required", |_| true.into());
        }
        let odd = *self.one(&ODD);
        self.maybe(&mut parameter, 5, "example", |_| odd.into());
        parameter
    }
}
