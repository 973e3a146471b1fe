//! The packs carry over everything that the documents which they come from promise, and those documents say enough by themselves.

use std::path::PathBuf;

use serde_json::Value;
use specs::claims::{Conflict, FieldPath, Issuer, Verb, Visibility};
use specs::contract::{Contract, Resource};
use specs::{Profile, Spec};

const ORIGINS: [(&str, &str); 3] = [("nuon", "nuon.yaml"), ("spice", "spice.json"), ("voximplant", "voximplant.yaml")];

fn origin(file: &str) -> Spec {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/origin").join(file);
    Spec::File { path, overlay: None }
}

/// The document, with what a path says of all its operations said of each (OpenAPI, Path Item Object: parameters).
fn document(spec: &Spec) -> Value {
    let mut document = spec.document(Profile::Documented).unwrap_or_else(|error| panic!("{error}")).value;
    for path in document["paths"].as_object_mut().expect("paths").values_mut() {
        let Some(Value::Array(shared)) = path.get("parameters").cloned() else { continue };
        for operation in path.as_object_mut().expect("a path").values_mut().filter(|operation| operation.is_object()) {
            let own = operation.as_object_mut().expect("an operation").entry("parameters").or_insert_with(|| Value::Array(Vec::new()));
            own.as_array_mut().expect("parameters").extend(shared.clone());
        }
    }
    document
}

/// What stands in a pack where an original has something.
struct Comparison<'v> {
    pack: &'v Value,
    original: &'v Value,
    found: Vec<String>,
}

/// A value, or what it refers to.
fn followed<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|target| document.pointer(target.strip_prefix('#')?));
    target.map_or(value, |target| followed(document, target))
}

/// Two parameters are the same one if name and place agree.
fn is_same(own: &Value, value: &Value) -> bool {
    match value.get("name") {
        Some(name) => own.get("name") == Some(name) && own.get("in") == value.get("in"),
        None => own == value,
    }
}

impl<'v> Comparison<'v> {
    /// Prose and the grouping of operations may differ; everything else of the original must stand in the pack.
    fn lacks(pack: &'v Value, original: &'v Value) -> Vec<String> {
        let mut comparison = Self { pack, original, found: Vec::new() };
        comparison.compare(pack, original, "");
        comparison.found
    }

    fn compare(&mut self, pack: &'v Value, original: &'v Value, place: &str) {
        match (followed(self.pack, pack), followed(self.original, original)) {
            (Value::Object(pack), Value::Object(original)) => {
                let names = place.ends_with("/properties") || place.ends_with("/schemas");
                for (name, value) in original {
                    let prose =
                        !names && (matches!(name.as_str(), "summary" | "tags" | "title") || name == "description" && value.is_string());
                    match pack.get(name) {
                        _ if prose => {}
                        Some(own) => self.compare(own, value, &format!("{place}/{name}")),
                        None => self.found.push(format!("{place}/{name}")),
                    }
                }
            }
            (Value::Array(pack), Value::Array(original)) => {
                for value in original {
                    let wanted = followed(self.original, value);
                    let own = pack.iter().map(|own| followed(self.pack, own)).find(|own| is_same(own, wanted));
                    match own {
                        Some(own) => self.compare(own, wanted, &format!("{place}/{}", wanted["name"].as_str().unwrap_or("-"))),
                        None => self.found.push(format!("{place}: {wanted}")),
                    }
                }
            }
            (pack, original) if pack != original => self.found.push(format!("{place}: {original}, not {pack}")),
            _ => {}
        }
    }
}

#[test]
fn the_packs_differ_from_their_origins_in_prose_and_additions_alone() {
    for (vendor, file) in ORIGINS {
        let (pack, original) = (document(&Spec::Vendor(vendor.to_owned())), document(&origin(file)));
        assert_eq!(Comparison::lacks(&pack, &original), Vec::<String>::new(), "{vendor}");
    }
}

#[test]
fn what_a_pack_lacks_is_seen() {
    let mut original = document(&origin("spice.json"));
    let pack = original.clone();
    original["components"]["schemas"]["Secret"]["properties"]["value"]["pattern"] = "^x$".into();
    original["components"]["schemas"]["Secret"]["required"] = serde_json::json!(["name"]);
    original["paths"]["/v1/apps/{appId}/secrets"]["get"]["responses"]["418"] = Value::Null;
    let found = Comparison::lacks(&pack, &original);
    for lost in ["properties/value/pattern", "/Secret/required", "/responses/418"] {
        assert!(found.iter().any(|found| found.ends_with(lost)), "{lost}: {found:?}");
    }
}

fn compiled(file: &str) -> Contract {
    origin(file).contract(Profile::Documented).unwrap_or_else(|error| panic!("{error}"))
}

fn secret(contract: &Contract) -> &Resource {
    &contract.resources["secret"]
}

#[test]
fn a_document_says_enough_without_an_overlay() {
    let spice = compiled("spice.json");
    let verbs: Vec<Verb> = spice.endpoints.iter().map(|endpoint| endpoint.verb).collect();
    assert_eq!(verbs, [Verb::List, Verb::Create, Verb::Read, Verb::Delete]);
    let resource = secret(&spice);
    assert_eq!((resource.identity().field.as_str(), resource.identity().issued.clone()), ("name", Issuer::Client));
    assert_eq!(resource.conflict().value, Conflict::Replace);
    let path: &FieldPath = &resource.secret()[0];
    assert_eq!(path.field(), "value");
    let shown = resource.visibility(path, Verb::Read).expect("a claim");
    assert!(shown.value == Visibility::Masked && shown.grade.condemns(), "{shown:?}");

    let nuon = compiled("nuon.yaml");
    let resource = secret(&nuon);
    assert_eq!(resource.conflict().value, Conflict::Reject);
    let shown = resource.visibility(&resource.secret()[0], Verb::Create).expect("a claim");
    assert!(shown.value == Visibility::Absent && shown.grade.condemns(), "{shown:?}");

    let voximplant = compiled("voximplant.yaml");
    let resource = secret(&voximplant);
    assert_eq!(resource.secret()[0].field(), "secret_value");
    assert_eq!(resource.fields["description"].truncate.as_ref().map(|claim| claim.value), Some(200));
    assert_eq!(voximplant.endpoints[0].alternatives(), [["application_id", "application_name"]]);
}
