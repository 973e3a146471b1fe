//! What a document says and nobody here does: named with its place, so that nothing is left out in silence.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::bundle::{Holds, Part};
use super::marks::Place;
use super::pointer::Pointer;
use super::read::Document;

/// Something that a document says and that is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What is not done.
    pub message: String,
    /// Where it stands first.
    pub place: Place,
    /// At how many places it stands.
    pub count: usize,
}

/// Formats that are judged, and those of which nothing is to be judged in JSON.
const FORMATS: [&str; 25] = [
    "date",
    "time",
    "date-time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "uuid",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "password",
    "binary",
    "int64",
    "float",
    "double",
    "",
];

impl Document {
    /// What its overlays say that changes nothing, and what it says itself that is not done, in the document's order; what is said at several
    /// places is told once.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let schemes = self.value.pointer("/components/securitySchemes").and_then(Value::as_object);
        let mut survey = Survey { schemes, found: Vec::new(), known: BTreeMap::new() };
        survey.one(&self.value, Part::Document, &Here { parent: None, name: "" });
        let warning = |(message, pointer, count): (String, Pointer, usize)| Warning { message, place: self.place(&pointer), count };
        self.told.iter().cloned().chain(survey.found.into_iter().map(warning)).collect()
    }
}

/// A place on the way; its pointer is written out only where something is to be told.
struct Here<'h> {
    parent: Option<&'h Self>,
    name: &'h str,
}

impl Here<'_> {
    fn pointer(&self) -> Pointer {
        self.parent.map_or_else(Pointer::root, |parent| parent.pointer().member(self.name))
    }
}

struct Survey<'d> {
    schemes: Option<&'d Map<String, Value>>,
    found: Vec<(String, Pointer, usize)>,
    /// Where each message stands among those found.
    known: BTreeMap<String, usize>,
}

impl Survey<'_> {
    fn one(&mut self, node: &Value, part: Part, here: &Here<'_>) {
        let Some(members) = node.as_object() else { return };
        for (name, value) in members {
            let at = Here { parent: Some(here), name };
            if let Some(message) = of_member(part, name, value) {
                self.tell(message, &at);
            }
            if name == "security" {
                self.security(value, &at);
            }
            match part.member(name) {
                Holds::One(part) => self.one(value, part, &at),
                Holds::Each(part) => self.each(value, part, &at),
                Holds::Data => {}
            }
        }
        if let Some(message) = of_object(part, members) {
            self.tell(message, here);
        }
    }

    fn each(&mut self, node: &Value, part: Part, here: &Here<'_>) {
        match node {
            Value::Object(members) => {
                for (name, value) in members {
                    let at = Here { parent: Some(here), name };
                    if part == Part::MediaType && value.get("schema").is_some() && !is_read(name) {
                        self.tell(format!("bodies of `{name}` are taken as they are: no schema is applied to them"), &at);
                    }
                    self.one(value, part, &at);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.one(item, part, &Here { parent: Some(here), name: &index.to_string() });
                }
            }
            _ => {}
        }
    }

    /// Requirements that name a scheme which is not there.
    fn security(&mut self, alternatives: &Value, here: &Here<'_>) {
        let names = alternatives.as_array().into_iter().flatten().filter_map(Value::as_object).flat_map(Map::keys);
        for name in names.filter(|name| !self.schemes.is_some_and(|schemes| schemes.contains_key(*name))).collect::<Vec<_>>() {
            self.tell(format!("the security scheme `{name}` is not declared among the components"), here);
        }
    }

    fn tell(&mut self, message: String, at: &Here<'_>) {
        if let Some(index) = self.known.get(&message) {
            self.found[*index].2 += 1;
        } else {
            self.known.insert(message.clone(), self.found.len());
            self.found.push((message, at.pointer(), 1));
        }
    }
}

/// What is not done of one member.
fn of_member(part: Part, name: &str, value: &Value) -> Option<String> {
    let words = match (part, name) {
        (Part::Document, "webhooks") => "webhooks are not sent",
        (Part::Operation, "callbacks") => "callbacks are not called",
        (Part::Response, "links") => "links are not followed",
        (Part::MediaType, "encoding") => "`encoding` is not read: parts of a body are read by its schema alone",
        (Part::PathItem | Part::Operation, "servers") => "servers of a path or an operation are not read: all are served at the document's",
        (Part::Example, "externalValue") => "examples in other places are not fetched",
        (Part::Schema, "discriminator") => "a discriminator chooses nothing: each alternative says by itself what fits",
        (Part::Schema, "contentEncoding" | "contentMediaType" | "contentSchema") => "what is encoded within a text is not judged",
        (Part::Schema, "$dynamicRef") => "`$dynamicRef` is followed where values are judged, not where they are made up",
        (Part::Schema, "format") => {
            let format = value.as_str().filter(|format| !FORMATS.contains(format))?;
            return Some(format!("`format: {format}` is not judged"));
        }
        (Part::Schema, "$schema") | (Part::Document, "jsonSchemaDialect") => {
            let dialect = value.as_str()?.trim_end_matches('#');
            let known = dialect.contains("2020-12") || dialect.contains("spec.openapis.org/oas/3.1/dialect");
            return (!known).then(|| format!("the dialect `{dialect}` is read as JSON Schema 2020-12"));
        }
        _ => return None,
    };
    Some(words.to_owned())
}

/// What is not done of an object because of several of its members.
fn of_object(part: Part, members: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    match part {
        Part::SecurityScheme => match text("type")? {
            "mutualTLS" => Some("client certificates are not asked for".to_owned()),
            kind @ ("oauth2" | "openIdConnect") => {
                Some(format!("`{kind}`: tokens are taken as bearer tokens, and the flows that issue them are not there"))
            }
            _ => None,
        },
        Part::Parameter => match (text("style"), members.get("explode").and_then(Value::as_bool)) {
            (Some(style @ ("spaceDelimited" | "pipeDelimited")), Some(true)) => Some(undefined(style, true)),
            (Some(style @ "deepObject"), Some(false)) => Some(undefined(style, false)),
            _ => {
                let media = members.get("content")?.as_object()?.keys().next().filter(|media| !media.contains("json"))?;
                Some(format!("parameters of `{media}` are read as JSON"))
            }
        },
        _ => None,
    }
}

fn undefined(style: &str, explode: bool) -> String {
    format!("OpenAPI does not say what `style: {style}` with `explode: {explode}` looks like, and clients differ")
}

/// Whether bodies of a media type are read, or have nothing in them that a schema could say.
fn is_read(name: &str) -> bool {
    let essence = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let plain = ["image/", "audio/", "video/", "font/"].iter().any(|kind| essence.starts_with(kind));
    let read = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "application/octet-stream"];
    plain || essence.contains('*') || essence.contains("json") || read.contains(&essence.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_done_is_told_once_with_its_place() {
        let text = "
openapi: 3.1.0
info: {title: t, version: '1'}
jsonSchemaDialect: http://json-schema.org/draft-07/schema#
security: [{gone: []}]
webhooks: {w: {post: {responses: {}}}}
paths:
  /a:
    post:
      servers: [{url: /x}]
      callbacks: {c: {}}
      parameters:
        - {name: a, in: query, style: deepObject, explode: false, schema: {}}
        - {name: b, in: query, content: {text/plain: {schema: {}}}}
      requestBody:
        content:
          application/xml: {schema: {type: object, properties: {links: {format: made-up}, format: {type: string}}}}
          multipart/form-data: {encoding: {}, examples: {e: {externalValue: 'https://example.com/'}}}
      responses:
        '200': {description: d, links: {}}
        '201': {description: d, links: {}}
components:
  schemas:
    A: {discriminator: {propertyName: a}, contentEncoding: base64, $dynamicRef: '#a', example: {format: data, discriminator: 1}}
  securitySchemes:
    tls: {type: mutualTLS}
    oidc: {type: openIdConnect, openIdConnectUrl: 'https://example.com/'}
";
        let document = Document::parse("api.yaml", text).expect("YAML");
        let told: Vec<String> = document
            .warnings()
            .iter()
            .map(|warning| {
                format!(
                    "{} {} {}",
                    warning.place.pointer,
                    warning.count,
                    warning.message.split_whitespace().take(4).collect::<Vec<_>>().join(" ")
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "/jsonSchemaDialect 1 the dialect `http://json-schema.org/draft-07/schema` is",
                "/security 1 the security scheme `gone`",
                "/webhooks 1 webhooks are not sent",
                "/paths/~1a/post/servers 1 servers of a path",
                "/paths/~1a/post/callbacks 1 callbacks are not called",
                "/paths/~1a/post/parameters/0 1 OpenAPI does not say",
                "/paths/~1a/post/parameters/1 1 parameters of `text/plain` are",
                "/paths/~1a/post/requestBody/content/application~1xml 1 bodies of `application/xml` are",
                "/paths/~1a/post/requestBody/content/application~1xml/schema/properties/links/format 1 `format: made-up` is not",
                "/paths/~1a/post/requestBody/content/multipart~1form-data/encoding 1 `encoding` is not read:",
                "/paths/~1a/post/requestBody/content/multipart~1form-data/examples/e/externalValue 1 examples in other places",
                "/paths/~1a/post/responses/200/links 2 links are not followed",
                "/components/schemas/A/discriminator 1 a discriminator chooses nothing:",
                "/components/schemas/A/contentEncoding 1 what is encoded within",
                "/components/schemas/A/$dynamicRef 1 `$dynamicRef` is followed where",
                "/components/securitySchemes/tls 1 client certificates are not",
                "/components/securitySchemes/oidc 1 `openIdConnect`: tokens are taken",
            ]
            .map(str::to_owned)
        );
    }
}
