//! Documents that are spread over several files.

use std::fs;
use std::path::{Path, PathBuf};

use specs::contract::Contract;
use specs::document::Document;
use specs::{Profile, Spec};

const HEAD: &str = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n";

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents").join(name)
}

/// A folder of its own with these files, the first of which is the document.
struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("files").join(name));
        let _ = fs::remove_dir_all(&folder.0);
        for (name, text) in files {
            let path = folder.0.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    fn document(&self, name: &str) -> Result<Document, String> {
        let spec = Spec::File { path: self.0.join(name), overlay: None };
        spec.document(Profile::Documented).map_err(|error| error.to_string().replace(&format!("{}/", self.0.display()), ""))
    }
}

fn contract(path: &Path) -> Contract {
    let spec = Spec::File { path: path.to_owned(), overlay: None };
    spec.contract(Profile::Documented).unwrap_or_else(|error| panic!("{error}"))
}

/// What a contract promises, without the places where it says so.
fn promises(contract: &Contract) -> Vec<String> {
    let endpoints = contract.endpoints.iter().map(|endpoint| {
        let statuses: Vec<String> = endpoint.operation.responses.iter().map(|response| response.status.to_string()).collect();
        format!("{} {:?} {}", endpoint.name(), endpoint.verb, statuses.join(" "))
    });
    let resources = contract.resources.values().map(|resource| {
        format!("{} {:?} {:?} {:?}", resource.name, resource.identity(), resource.conflict().value, resource.delete_missing().value)
    });
    endpoints.chain(resources).collect()
}

#[test]
fn a_document_in_pieces_promises_what_it_promises_in_one() {
    let (whole, pieces) = (contract(&fixture("boxes.yaml")), contract(&fixture("split/openapi.yaml")));
    assert_eq!(promises(&pieces), promises(&whole));
    assert!(promises(&whole).len() > 8, "{:?}", promises(&whole));
}

#[test]
fn what_moves_keeps_its_place_and_gets_a_name_of_its_own() {
    let document = Spec::File { path: fixture("split/openapi.yaml"), overlay: None }.document(Profile::Documented).expect("it is valid");
    let schemas = document.value["components"]["schemas"].as_object().expect("schemas");
    let names: Vec<&str> = schemas.keys().map(String::as_str).collect();
    assert_eq!(names, ["NewBox", "Box", "NewKey", "Name", "Key", "Box-2", "body"]);
    let place = |pointer: &str| {
        let place = document.place(&specs::document::Pointer::parse(pointer).expect("a pointer"));
        format!("{}:{}", place.file.rsplit_once("split/").map_or("", |(_, file)| file), place.line)
    };
    assert_eq!(place("/components/schemas/Name/type"), "schemas/keys.yaml:14");
    assert_eq!(place("/components/schemas/Box-2/properties/id"), "schemas/Box.json:5");
    assert_eq!(place("/paths/~1boxes~1{boxId}~1keys/get"), "paths/keys.yaml:4");
    assert_eq!(place("/info"), "openapi.yaml:3");
}

#[test]
fn recursion_over_files_and_mappings_are_followed() {
    let files = [
        ("api.yaml", &*format!("{HEAD}paths: {{}}\ncomponents: {{schemas: {{Node: {{$ref: 'a b.yaml#/Node'}}}}}}\n")),
        (
            "a b.yaml",
            "Node:\n  oneOf: [{$ref: leaf.yaml}, {$ref: '#/Node'}]\n  discriminator: {propertyName: kind, mapping: {leaf: leaf.yaml, node: '#/Node', other: Name}}\n",
        ),
        ("leaf.yaml", "type: object\nproperties: {up: {$ref: 'a%20b.yaml#/Node'}, $ref: {type: string}}\nexample: {$ref: nowhere.yaml}\n"),
    ];
    let document = Folder::with("recursion", &files).document("api.yaml").expect("it is valid");
    let node = &document.value["components"]["schemas"]["Node-2"];
    assert_eq!(
        node["discriminator"]["mapping"],
        serde_json::json!({"leaf": "#/components/schemas/leaf", "node": "#/components/schemas/Node-2", "other": "Name"})
    );
    let leaf = &document.value["components"]["schemas"]["leaf"];
    assert_eq!(leaf["properties"]["up"]["$ref"], "#/components/schemas/Node-2");
    assert_eq!(leaf["example"]["$ref"], "nowhere.yaml");
    assert_eq!(document.faults(), []);
}

#[test]
fn a_change_in_any_file_is_another_document() {
    let api = format!("{HEAD}paths: {{}}\ncomponents: {{schemas: {{A: {{$ref: a.yaml}}}}}}\n");
    let digest = |text: &str| {
        let folder = Folder::with("digest", &[("api.yaml", &api), ("a.yaml", text)]);
        folder.document("api.yaml").expect("it is valid").sha256
    };
    assert_eq!(digest("type: string"), digest("type: string"));
    assert_ne!(digest("type: string"), digest("type: integer"));
}

#[test]
fn what_cannot_be_followed_is_told_with_its_place() {
    let told = |reference: &str, other: &str| {
        let api = format!("{HEAD}paths:\n  /a:\n    get:\n      responses:\n        '200': {{$ref: '{reference}'}}\n");
        let files = [("inside/api.yaml", &*api), ("inside/other.yaml", other), ("secret.yaml", "a: 1")];
        let folder = Folder::with("refused", &files);
        #[cfg(unix)]
        std::os::unix::fs::symlink("../secret.yaml", folder.0.join("inside/link.yaml")).expect("a link");
        folder.document("inside/api.yaml").map_or_else(|error| error, |_| String::new())
    };
    let at = "inside/api.yaml:7:9 at /paths/~1a/get/responses/200: `$ref` to";
    for (reference, words) in [
        ("../secret.yaml#/a", "it leads out of the document's folder"),
        ("sub/../../secret.yaml", "it leads out of the document's folder"),
        ("/etc/hostname", "it leads out of the document's folder"),
        ("link.yaml", "it leads out of the document's folder"),
        ("missing.yaml", "it cannot be read: No such file or directory"),
        ("https://example.com/a.yaml", "nothing is fetched from the network"),
        ("other.yaml#/nothing", "there is nothing at `/nothing`"),
        ("other.yaml#anchor", "its fragment is no JSON Pointer"),
    ] {
        let error = told(reference, "description: fine");
        assert!(error.starts_with(&format!("{at} `{reference}`: {words}")), "{error}");
    }
    assert!(told("other.yaml", "a: [").starts_with("inside/other.yaml:"), "{}", told("other.yaml", "a: ["));
    assert_eq!(told("other.yaml", "description: fine"), "");
}

#[test]
fn a_circle_of_path_items_is_refused() {
    let api = format!("{HEAD}paths:\n  /a: {{$ref: b.yaml}}\n");
    let folder = Folder::with("circle", &[("api.yaml", &api), ("b.yaml", "$ref: c.yaml"), ("c.yaml", "$ref: b.yaml")]);
    let error = folder.document("api.yaml").expect_err("a circle");
    assert!(error.contains("it leads back to itself"), "{error}");
}
