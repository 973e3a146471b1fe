//! An API of any size that no vendor has: resources with five operations each, behind a bearer token.

use std::io::Write as _;

use http::{HeaderValue, Method, header};
use serde_json::{Map, Value, json};
use specs::contract::Contract;
use specs::wire::Request;
use specs::{Profile, Spec};

/// The contract of an API with so many resources.
pub(crate) fn contract(resources: usize) -> Contract {
    let mut file = tempfile::Builder::new().suffix(".json").tempfile().expect("a place for a file");
    file.write_all(document(resources).to_string().as_bytes()).expect("room for a file");
    let spec = Spec::File { path: file.path().to_owned(), overlay: None };
    spec.contract(Profile::Documented).expect("the document is valid")
}

/// A request for one resource, or for one thing of it where it is named, in a sandbox.
pub(crate) fn request(method: Method, sandbox: &str, resource: usize, rest: &str) -> Request {
    let mut request = Request::new(method, &format!("{sandbox}/secrets-{resource}{rest}"));
    request.headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1"));
    request.headers.insert(header::AUTHORIZATION, HeaderValue::from_static(TOKEN));
    request
}

/// A request that creates a secret of this name.
pub(crate) fn create(sandbox: &str, resource: usize, name: &str) -> Request {
    let mut request = request(Method::POST, sandbox, resource, "");
    request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.body = format!("{{\"name\":\"{name}\",\"value\":\"{VALUE}\"}}").into();
    request
}

/// The credentials of every request.
pub(crate) const TOKEN: &str = "Bearer test-admin";

/// Every secret's value.
pub(crate) const VALUE: &str = "a-value-of-some-length";

fn document(resources: usize) -> Value {
    let paths: Map<String, Value> = (0..resources).flat_map(paths).collect();
    let promises = json!({
        "identity": chosen(&json!({"field": "name", "issued": "client"})),
        "key": chosen(&json!("name")),
        "conflict": chosen(&json!("replace")),
        "secret": chosen(&json!(["value"]))
    });
    let resources: Map<String, Value> = (0..resources).map(|resource| (format!("secrets-{resource}"), promises.clone())).collect();
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Secrets of many kinds", "version": "1"},
        "security": [{"token": []}],
        "paths": paths,
        "x-lockstep-resources": resources,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Stated": {
                    "type": "object", "required": ["name", "value"],
                    "properties": {"name": {"type": "string", "maxLength": 100, "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}, "value": {"type": "string", "minLength": 1}}
                },
                "Told": {
                    "type": "object", "required": ["name"],
                    "properties": {"name": {"type": "string"}, "created_at": {"type": "string", "format": "date-time"}}
                }
            }
        }
    })
}

fn paths(resource: usize) -> [(String, Value); 2] {
    let answer = |schema: &Value| json!({"description": "so it is", "content": {"application/json": {"schema": schema}}});
    let (stated, told) = (json!({"$ref": "#/components/schemas/Stated"}), json!({"$ref": "#/components/schemas/Told"}));
    let body = json!({"required": true, "content": {"application/json": {"schema": stated}}});
    let creates = json!({
        "resource": chosen(&json!(format!("secrets-{resource}"))),
        "verb": chosen(&json!("create")),
        "parameters": {"name": chosen(&json!({"field": "name"})), "value": chosen(&json!({"field": "value"}))}
    });
    let number = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 2_000_000}});
    let all = json!({
        "get": {"parameters": [number("limit"), number("offset")], "responses": {"200": answer(&json!({"type": "array", "items": told}))}},
        "post": {"requestBody": body, "responses": {"201": answer(&told)}, "x-lockstep-operation": creates}
    });
    let name = json!([{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}]);
    let one = json!({
        "parameters": name,
        "get": {"responses": {"200": answer(&told), "404": {"description": "it is not there"}}},
        "patch": {"requestBody": body, "responses": {"200": answer(&told)}},
        "delete": {"responses": {"204": {"description": "it is gone"}}}
    });
    [(format!("/secrets-{resource}"), all), (format!("/secrets-{resource}/{{name}}"), one)]
}

/// A claim that this API makes of itself.
fn chosen(value: &Value) -> Value {
    json!({"value": value, "grade": "chosen", "cite": "the benchmark's own"})
}
