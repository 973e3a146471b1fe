//! A document as large as the largest that vendors publish: many resources of five operations each, long texts, long examples and shared
//! schemas.

use serde_json::{Map, Value, json};

const NOUNS: [&str; 20] = [
    "secret",
    "project",
    "environment",
    "token",
    "certificate",
    "policy",
    "group",
    "member",
    "webhook",
    "pipeline",
    "artifact",
    "cluster",
    "volume",
    "backup",
    "domain",
    "route",
    "alert",
    "schedule",
    "template",
    "invoice",
];

/// A document of so many operations, five for each resource, and about so many bytes as JSON.
pub(crate) fn document(operations: usize, bytes: usize) -> Value {
    let resources = operations / 5;
    // Each operation has one long text and each resource two long examples.
    let words = bytes / (resources * 11);
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for index in 0..resources {
        let name = format!("{}{}", NOUNS[index % NOUNS.len()], index / NOUNS.len());
        add(&mut paths, &mut schemas, &name, words);
    }
    schemas.insert(
        "Error".to_owned(),
        json!({"type": "object", "required": ["code", "message"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "cause": {"$ref": "#/components/schemas/Error"}}}),
    );
    schemas.insert("Labels".to_owned(), json!({"type": "object", "additionalProperties": {"type": "string", "maxLength": 63}}));
    let failed = json!({"description": "refused", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Everything", "version": "1"},
        "servers": [{"url": "https://api.example.com/v1"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Failed": failed},
            "parameters": {"limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}
        },
        "security": [{"bearer": []}]
    })
}

/// One resource: its five operations and its schemas.
fn add(paths: &mut Map<String, Value>, schemas: &mut Map<String, Value>, name: &str, words: usize) {
    let (thing, input, list) = (format!("{name}Thing"), format!("{name}Input"), format!("{name}List"));
    let refer = |schema: &str| json!({"$ref": format!("#/components/schemas/{schema}")});
    let answer = |schema: &str, example: Value| json!({"description": "fine", "content": {"application/json": {"schema": refer(schema), "example": example}}});
    let takes = json!({"required": true, "content": {"application/json": {"schema": refer(&input)}}});
    let failed = json!({"$ref": "#/components/responses/Failed"});
    let text = prose(name, words);
    let one = json!({"id": "1", "name": name, "notes": text, "labels": {"team": "a"}});
    paths.insert(
        format!("/projects/{{projectId}}/{name}s"),
        json!({
            "parameters": [{"name": "projectId", "in": "path", "required": true, "schema": {"type": "string"}}],
            "get": {"operationId": format!("list_{name}s"), "description": text, "parameters": [{"$ref": "#/components/parameters/limit"}],
                "responses": {"200": answer(&list, json!({"items": [one], "total": 1})), "4XX": failed}},
            "post": {"operationId": format!("create_{name}"), "description": text, "requestBody": takes,
                "responses": {"201": answer(&thing, one.clone()), "409": failed, "default": failed}}
        }),
    );
    paths.insert(format!("/projects/{{projectId}}/{name}s/{{{name}Id}}"), json!({
        "parameters": [{"name": "projectId", "in": "path", "required": true, "schema": {"type": "string"}},
            {"name": format!("{name}Id"), "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}],
        "get": {"operationId": format!("get_{name}"), "description": text, "responses": {"200": answer(&thing, one.clone()), "404": failed}},
        "patch": {"operationId": format!("update_{name}"), "description": text, "requestBody": takes,
            "responses": {"200": answer(&thing, one), "404": failed}},
        "delete": {"operationId": format!("delete_{name}"), "description": text, "responses": {"204": {"description": "gone"}, "404": failed}}
    }));
    let fields = json!({"name": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,62}$"}, "notes": {"type": "string"},
        "value": {"type": "string", "writeOnly": true}, "labels": refer("Labels"), "kind": {"type": "string", "enum": ["a", "b", "c"]}});
    schemas.insert(input.clone(), json!({"type": "object", "required": ["name"], "properties": fields}));
    schemas.insert(
        thing.clone(),
        json!({"allOf": [refer(&input), {"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string", "readOnly": true}, "createdAt": {"type": "string", "format": "date-time", "readOnly": true}}}]}),
    );
    schemas.insert(
        list,
        json!({"type": "object", "properties": {"items": {"type": "array", "items": refer(&thing)}, "total": {"type": "integer"}}}),
    );
}

/// A long text about a resource.
fn prose(name: &str, length: usize) -> String {
    let sentence = format!("Everything that belongs to a {name} is kept with it, and who may see the project may see this as well. ");
    sentence.repeat(length / sentence.len() + 1)
}
