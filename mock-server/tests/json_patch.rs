//! JSON Patch: as RFC 6902 has it, and as a vendor has it.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::{Answer, Client};
use mock_server::MockServer;
use serde_json::{Value, json};
use specs::Profile::Documented;
use specs::contract::Contract;
use specs::document::Document;

const ITEMS: &str = "/v1/vaults/first000000000000000000000/items";

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Boxes, version: '1'}
paths:
  /boxes:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/New'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}}
  /boxes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}, '404': {description: none}}
    patch:
      requestBody: {required: true, content: {application/json-patch+json: {schema: {type: array, items: {type: object, required: [op, path]}}}}}
      responses: {'200': {description: changed, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}, '404': {description: none}, '422': {description: unfit}}
components:
  schemas:
    New: {type: object, required: [name], properties: {name: {type: string}, note: {type: string}, tags: {type: array, items: {type: string}}}}
    Box: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}, note: {type: string}, tags: {type: array, items: {type: string}}}}
";

async fn patch(client: &Client, path: &str, steps: Value) -> Answer {
    client.send(client.request("PATCH", path).header("content-type", "application/json-patch+json").body(steps.to_string())).await
}

#[tokio::test]
async fn a_document_that_takes_json_patch_needs_no_claim() {
    let document = Document::parse("boxes.yaml", DOCUMENT).expect("YAML");
    let contract = Contract::compile("boxes", &document).expect("it is valid");
    let boxes = Client::at_server("boxes", MockServer::start(contract).await.expect("a free port"));
    let made = boxes.call_with("POST", "/boxes", json!({"name": "a", "tags": ["x", "y"]})).await.json();
    let path = format!("/boxes/{}", made["id"].as_str().expect("an id"));
    let steps = json!([
        {"op": "test", "path": "/name", "value": "a"},
        {"op": "add", "path": "/tags/1", "value": "between"},
        {"op": "move", "from": "/tags/0", "path": "/note"},
    ]);
    let changed = patch(&boxes, &path, steps).await;
    assert_eq!((changed.status, changed.json()), (200, json!({"id": made["id"], "name": "a", "note": "x", "tags": ["between", "y"]})));
    for unfit in [
        json!([{"op": "replace", "path": "/note", "value": "gone"}, {"op": "test", "path": "/name", "value": "b"}]),
        json!([{"op": "remove", "path": "/nothing"}]),
        json!([{"op": "add", "path": "/name", "value": 7}]),
        json!([{"op": "remove", "path": "/name"}]),
        json!([{"op": "dance", "path": "/name"}]),
    ] {
        assert_eq!(patch(&boxes, &path, unfit.clone()).await.status, 422, "{unfit}");
    }
    assert_eq!(boxes.call("GET", &path).await.json(), changed.json(), "what is refused changes nothing");
    // What the server decides stays.
    assert_eq!(patch(&boxes, &path, json!([{"op": "replace", "path": "/id", "value": "other"}])).await.json()["id"], made["id"]);
}

async fn item(connect: &Client) -> Value {
    let fields = json!([
        {"id": "user", "type": "STRING", "label": "username", "value": "somebody"},
        {"id": "word", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password", "value": "hush"},
    ]);
    let body = json!({"vault": {"id": "x".repeat(26)}, "category": "LOGIN", "title": "A", "tags": ["one", "two"], "fields": fields});
    connect.call_with("POST", ITEMS, body).await.json()
}

#[tokio::test]
async fn fields_are_named_by_their_ids_and_added_to_their_list() {
    let connect = Client::of("onepassword-connect", Documented).await;
    let made = item(&connect).await;
    let path = format!("{ITEMS}/{}", made["id"].as_str().expect("an id"));
    let steps = json!([
        {"op": "replace", "path": "/favorite", "value": true},
        {"op": "remove", "path": "/tags/1"},
        {"op": "add", "path": "/fields", "value": {"label": "more", "type": "STRING", "value": "new"}},
        {"op": "replace", "path": "/fields/word/value", "value": "other"},
        {"op": "add", "path": "/fields/user/label", "value": "renamed"},
    ]);
    let refused = connect.call_with("PATCH", &path, steps.clone()).await;
    assert_eq!((refused.status, refused.json()["status"].clone()), (400, json!(400)), "what is not there cannot be replaced");
    let mut steps = steps;
    steps[0]["op"] = "add".into();
    let changed = connect.call_with("PATCH", &path, steps).await;
    let told = changed.json();
    assert_eq!((changed.status, &told["version"], &told["favorite"], &told["tags"]), (200, &json!(2), &json!(true), &json!(["one"])));
    let fields: Vec<_> = told["fields"].as_array().expect("fields").iter().map(|field| (&field["label"], &field["value"])).collect();
    let expected = [("renamed", "somebody"), ("password", "other"), ("more", "new")].map(|(label, value)| (json!(label), json!(value)));
    assert_eq!(fields, expected.iter().map(|(label, value)| (label, value)).collect::<Vec<_>>());
    assert_eq!(told["fields"][2]["id"].as_str().map(str::len), Some(26));
    let replaced = json!([{"op": "replace", "path": "/fields/word", "value": {"type": "STRING", "value": "v"}}, {"op": "remove", "path": "/fields/user"}]);
    let told = connect.call_with("PATCH", &path, replaced).await.json();
    assert_eq!(
        (&told["fields"][0], told["fields"].as_array().map(Vec::len)),
        (&json!({"id": "word", "type": "STRING", "value": "v"}), Some(2))
    );
}

#[tokio::test]
async fn a_patch_of_everything_is_a_replacement_and_one_of_nothing_changes_nothing() {
    let connect = Client::of("onepassword-connect", Documented).await;
    let made = item(&connect).await;
    let path = format!("{ITEMS}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(connect.call_with("PATCH", &path, json!([])).await.json(), made);
    let whole = json!({"vault": made["vault"], "category": "PASSWORD", "title": "B", "version": 77});
    let replaced = connect.call_with("PATCH", &path, json!([{"op": "replace", "path": "/", "value": whole}])).await.json();
    assert_eq!((&replaced["title"], &replaced["version"], &replaced["id"]), (&json!("B"), &json!(2), &made["id"]));
    assert_eq!((replaced.get("fields"), replaced.get("tags"), &replaced["createdAt"]), (None, None, &made["createdAt"]));
    for unfit in [
        json!([{"op": "remove", "path": "/category"}]),
        json!([{"op": "add", "path": "/fields/nobody/label", "value": "x"}]),
        json!([{"op": "move", "from": "/title", "path": "/tags"}]),
        json!({"op": "add", "path": "/title", "value": "x"}),
    ] {
        assert_eq!(connect.call_with("PATCH", &path, unfit.clone()).await.status, 400, "{unfit}");
    }
    assert_eq!(connect.call("GET", &path).await.json(), replaced);
}
