//! The outline: a document's operations and security schemes, before anything is claimed about them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::dialect::View;
use super::operation::{Body, DocumentedHeader, DocumentedResponse, Location, Media, Operation, Parameter, StatusPattern, Style};
use super::schema::Schemas;
use super::security::SecurityScheme;
use super::template::Template;
use crate::claims::OperationKey;
use crate::document::{Document, DocumentError, DocumentErrorKind, Pointer, Version, resolve};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What a document says in OpenAPI's own words.
#[derive(Debug)]
pub(crate) struct Outline {
    pub(crate) operations: Vec<Operation>,
    pub(crate) schemes: Vec<SecurityScheme>,
    /// Base paths of the servers, without a trailing slash; `""` is always among them.
    pub(crate) bases: Vec<String>,
}

impl Outline {
    /// Reads a document, the schemas of one that is known to be right without looking for faults in them.
    pub(crate) fn read(document: &Document, version: Version, known: bool) -> Result<Self, Vec<DocumentError>> {
        let schemas = Schemas::new(document, version, known)?;
        let mut reader = Reader { document, schemas, faults: Vec::new() };
        let operations = reader.operations();
        if !reader.faults.is_empty() {
            return Err(reader.faults);
        }
        Ok(Self { operations, schemes: SecurityScheme::read_all(&document.value), bases: bases(&document.value) })
    }
}

/// The path of each server URL (OpenAPI 3.1, section 4.8.5), its variables at their defaults.
fn bases(document: &Value) -> Vec<String> {
    let mut bases = vec![String::new()];
    for server in document["servers"].as_array().into_iter().flatten() {
        let mut url = server["url"].as_str().unwrap_or_default().to_owned();
        for (name, variable) in server["variables"].as_object().into_iter().flatten() {
            url = url.replace(&format!("{{{name}}}"), variable["default"].as_str().unwrap_or_default());
        }
        let path = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest.find('/').map_or("", |start| &rest[start..]));
        let base = path.trim_end_matches('/').to_owned();
        if !bases.contains(&base) {
            bases.push(base);
        }
    }
    bases
}

struct Reader<'d> {
    document: &'d Document,
    schemas: Schemas,
    faults: Vec<DocumentError>,
}

impl Reader<'_> {
    fn operations(&mut self) -> Vec<Operation> {
        let root = &self.document.value;
        let mut operations = Vec::new();
        for (path, _) in root["paths"].as_object().into_iter().flatten().filter(|(path, _)| path.starts_with('/')) {
            let Some((at, item)) = resolve(root, &Pointer::root().member("paths").member(path)) else { continue };
            for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
                operations.push(self.operation(path, method, &at));
            }
        }
        operations
    }

    fn operation(&mut self, path: &str, method: &str, item: &Pointer) -> Operation {
        let root = &self.document.value;
        let pointer = item.member(method);
        let node = pointer.of(root).unwrap_or(&Value::Null);
        let text = |name: &str| node[name].as_str().map(str::to_owned);
        let template = Template::parse(path);
        let parameters = self.parameters(item, &pointer);
        self.check_path_parameters(&template, &parameters, &pointer);
        Operation {
            key: OperationKey::new(method.to_ascii_uppercase(), path),
            method: http::Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap_or_default(),
            id: text("operationId"),
            prose: [text("summary"), text("description")].into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase(),
            summary: text("summary"),
            deprecated: node["deprecated"] == true,
            template,
            parameters,
            body: node.get("requestBody").and_then(|_| self.body(&pointer.member("requestBody"))),
            responses: self.responses(&pointer.member("responses")),
            security: security(node.get("security").or_else(|| root.get("security"))),
            pointer,
        }
    }

    /// Every parameter of the template is declared (OpenAPI 3.1, section 4.8.12: `in: path`).
    fn check_path_parameters(&mut self, template: &Template, parameters: &[Parameter], at: &Pointer) {
        for name in template.parameters() {
            if !parameters.iter().any(|parameter| parameter.location == Location::Path && parameter.name == name) {
                let message = format!("the path's parameter `{name}` is not declared with `in: path`");
                self.faults.push(self.document.error(at, DocumentErrorKind::Invalid(message)));
            }
        }
    }

    /// Parameters of the operation override those of the path item by location and name (section 4.8.9).
    fn parameters(&mut self, item: &Pointer, operation: &Pointer) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for list in [item.member("parameters"), operation.member("parameters")] {
            let count = list.of(&self.document.value).and_then(Value::as_array).map_or(0, Vec::len);
            for index in 0..count {
                let Some(parameter) = self.parameter(&list.item(index)) else { continue };
                parameters.retain(|known| (known.location, &known.name) != (parameter.location, &parameter.name));
                parameters.push(parameter);
            }
        }
        parameters
    }

    fn parameter(&mut self, at: &Pointer) -> Option<Parameter> {
        let (pointer, node) = resolve(&self.document.value, at)?;
        let location = Location::parse(node["in"].as_str()?)?;
        let style = style(node["style"].as_str(), location);
        let (schema_at, as_json) = match node.get("content").and_then(Value::as_object).and_then(|content| content.keys().next()) {
            Some(media) => (pointer.member("content").member(media).member("schema"), true),
            None => (pointer.member("schema"), false),
        };
        Some(Parameter {
            name: node["name"].as_str()?.to_owned(),
            location,
            required: node["required"] == true || location == Location::Path,
            style,
            explode: node["explode"].as_bool().unwrap_or(style == Style::Form),
            as_json,
            schema: self.schema(&schema_at, View::Request),
            examples: examples(&self.document.value, node),
            description: node["description"].as_str().unwrap_or_default().to_owned(),
            pointer,
        })
    }

    fn body(&mut self, at: &Pointer) -> Option<Body> {
        let (pointer, node) = resolve(&self.document.value, at)?;
        let content = self.content(&pointer.member("content"), View::Request);
        Some(Body { required: node["required"] == true, content, pointer })
    }

    fn responses(&mut self, at: &Pointer) -> Vec<DocumentedResponse> {
        let statuses = at.of(&self.document.value).and_then(Value::as_object).map(|map| map.keys().cloned().collect::<Vec<_>>());
        let mut responses = Vec::new();
        for status in statuses.unwrap_or_default() {
            let (Some(pattern), Some((pointer, node))) =
                (StatusPattern::parse(&status), resolve(&self.document.value, &at.member(&status)))
            else {
                continue;
            };
            responses.push(DocumentedResponse {
                status: pattern,
                content: self.content(&pointer.member("content"), View::Response),
                headers: self.headers(&pointer.member("headers")),
                description: node["description"].as_str().unwrap_or_default().to_owned(),
                pointer,
            });
        }
        responses
    }

    fn content(&mut self, at: &Pointer, view: View) -> Vec<Media> {
        let Some(content) = at.of(&self.document.value).and_then(Value::as_object) else { return Vec::new() };
        let media = |(name, node): (&String, &Value)| Media {
            name: name.clone(),
            schema: self.schema(&at.member(name).member("schema"), view),
            examples: examples(&self.document.value, node),
        };
        content.iter().map(media).collect()
    }

    fn headers(&mut self, at: &Pointer) -> Vec<DocumentedHeader> {
        let names = at.of(&self.document.value).and_then(Value::as_object).map(|map| map.keys().cloned().collect::<Vec<_>>());
        let mut headers = Vec::new();
        for name in names.unwrap_or_default() {
            let Some((pointer, node)) = resolve(&self.document.value, &at.member(&name)) else { continue };
            let schema = self.schema(&pointer.member("schema"), View::Response);
            headers.push(DocumentedHeader { name, required: node["required"] == true, schema });
        }
        headers
    }

    fn schema(&mut self, at: &Pointer, view: View) -> Option<super::schema::Schema> {
        at.of(&self.document.value)?;
        Some(self.schemas.at(at, view))
    }
}

/// The default style of each location (section 4.8.12.2.1).
fn style(name: Option<&str>, location: Location) -> Style {
    match (name, location) {
        (Some("label"), _) => Style::Label,
        (Some("matrix"), _) => Style::Matrix,
        (Some("spaceDelimited"), _) => Style::SpaceDelimited,
        (Some("pipeDelimited"), _) => Style::PipeDelimited,
        (Some("deepObject"), _) => Style::DeepObject,
        (Some("form"), _) | (None, Location::Query | Location::Cookie) => Style::Form,
        _ => Style::Simple,
    }
}

/// `example` and the values of `examples` (section 4.8.19).
fn examples(root: &Value, node: &Value) -> Vec<Value> {
    let named = node["examples"].as_object().into_iter().flat_map(serde_json::Map::values);
    let values = named.filter_map(|example| {
        let target = example.get("$ref").and_then(Value::as_str).and_then(|text| Pointer::parse(text.trim_start_matches('#')));
        let example = target.and_then(|pointer| resolve(root, &pointer)).map_or(example, |(_, value)| value);
        example.get("value").cloned()
    });
    node.get("example").cloned().into_iter().chain(values).collect()
}

fn security(node: Option<&Value>) -> Option<Vec<BTreeMap<String, Vec<String>>>> {
    let alternatives = node?.as_array()?.iter().filter_map(|alternative| {
        let schemes = alternative.as_object()?.iter();
        let scopes = |value: &Value| value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        Some(schemes.map(|(name, value)| (name.clone(), scopes(value))).collect())
    });
    Some(alternatives.collect())
}
