//! The replayer itself: what is wrong in a file, or in an answer, is told.

use crate::{file, replay};

const FILE: &str = "
source: this test
exchanges:
  - shows: a secret is made and listed
    grade: chosen
    profiles: [documented]
    steps:
      - request: {as: writer, call: POST /v1/apps/1/secrets, json: {name: KEY, value: hidden}}
        response:
          status: 200
          headers: {content-type: <any>, location: null}
          json: {id: '{{id}}', name: KEY, created_at: <rfc3339>, nothing: <absent>}
          without: [hidden]
      - request: {call: GET /v1/apps/1/secrets}
        response:
          status: 200
          json: {secrets: [{id: '{{id}}', value: '<matches ^[*]+$>'}]}
";

async fn told(text: &str) -> Vec<String> {
    match file::read("file.yaml", text) {
        Ok(file) => replay::replay("spice", "file.yaml", &file).await,
        Err(error) => vec![error],
    }
}

#[tokio::test]
async fn what_holds_is_told_nothing_of() {
    assert_eq!(told(FILE).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_wrong_expectation_is_told_with_its_place() {
    for (right, wrong, expected) in [
        ("status: 200\n          headers", "status: 201\n          headers", "step 1: expected 201, found 200"),
        ("content-type: <any>", "content-type: text/plain", "step 1: header content-type: expected `text/plain`"),
        ("content-type: <any>", "x-none: <any>", "step 1: header x-none: is missing"),
        ("content-type: <any>,", "content-type: null,", "step 1: header content-type: expected to be absent"),
        ("name: KEY, created_at", "name: KEY2, created_at", "step 1: /name: expected `KEY2`, found `KEY`"),
        ("name: KEY, created_at: <rfc3339>", "name: <rfc3339>", "step 1: /name: expected a moment"),
        ("name: KEY, created_at: <rfc3339>", "name: <integer>", "step 1: /name: expected `<integer>`"),
        ("nothing: <absent>", "value: <absent>", "step 1: /value: expected to be absent"),
        ("nothing: <absent>", "nothing: <any>", "step 1: /nothing: is missing"),
        ("without: [hidden]", "without: [KEY]", "step 1: tells `KEY`"),
        ("[{id: '{{id}}', value: '<matches ^[*]+$>'}]", "[{id: '{{id}}'}, {}]", "step 2: /secrets: expected 2 items, found 1"),
        ("{id: '{{id}}', value: '<matches ^[*]+$>'}", "{name: '{{id}}'}", "step 2: /secrets/0/name: expected what was captured as `id`"),
        ("{id: '{{id}}', value", "{value", "`id` is captured and never used"),
        ("GET /v1/apps/1/secrets}", "'GET /v1/apps/{{no}}/secrets'}", "step 2: nothing was captured as `no`"),
        ("as: writer", "as: nobody", "step 1: the world knows no caller `nobody`"),
    ] {
        let text = FILE.replacen(right, wrong, 1);
        assert_ne!(text, FILE, "`{right}` is not there");
        let told = told(&text).await;
        let place = "file.yaml (documented): `a secret is made and listed` (chosen) ";
        assert!(told.iter().any(|line| line.starts_with(&format!("{place}{expected}"))), "{expected}: {told:?}");
    }
}

#[tokio::test]
async fn a_file_that_says_too_much_or_too_little_is_refused() {
    for (right, wrong, expected) in [
        ("source: this test\n", "", "missing field `source`"),
        ("    grade: chosen\n", "", "missing field `grade`"),
        ("    grade: chosen\n", "    grade: sure\n", "unknown variant `sure`"),
        ("profiles: [documented]", "profiles: []", "under which profiles"),
        ("grade: chosen\n    profiles: [documented]", "grade: documented\n    profiles: [observed]", "what is documented holds"),
        ("as: writer", "who: writer", "unknown field `who`"),
        ("name: KEY, value: hidden}", "name: KEY, value: hidden}, text: x", "one body at most"),
        ("without: [hidden]", "text: x", "one body at most"),
    ] {
        let text = FILE.replacen(right, wrong, 1);
        assert_ne!(text, FILE, "`{right}` is not there");
        let told = told(&text).await;
        assert!(told.len() == 1 && told[0].contains(expected), "{expected}: {told:?}");
    }
}
