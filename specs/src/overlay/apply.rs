//! Applying one action to a document: value and marks change together.

use serde_json::Value;

use super::action::{Action, Change};
use crate::document::{Document, DocumentError, DocumentErrorKind, Marks, Pointer, Warning, child_index};

pub(super) fn apply(overlay: &Document, action: &Action, target: &mut Document) -> Result<(), DocumentError> {
    let selected = select(&action.target, &target.value);
    if selected.is_empty() {
        let message = format!("the overlay's target selects nothing: `{}`", action.target);
        target.told.push(Warning { message, place: overlay.place(&action.at.member("target")), count: 1 });
        return Ok(());
    }
    match &action.change {
        Change::Remove if selected.iter().any(Pointer::is_root) => {
            let message = "`remove` of `$` would leave nothing; select what is to go".to_owned();
            Err(overlay.error(&action.at.member("target"), DocumentErrorKind::Overlay(message)))
        }
        Change::Remove => {
            // Last first, so that the indices of what is still to be removed hold.
            selected.iter().rev().for_each(|pointer| remove(&mut target.value, &mut target.marks, pointer));
            Ok(())
        }
        Change::Update(at) => {
            let (update, marks) = overlay.marks.node(&overlay.value, at).expect("the action was read from here");
            merge_each(overlay, action, target, &selected, &(update.clone(), marks.clone()))
        }
        Change::Copy(path) => {
            let source = match select(path, &target.value).as_slice() {
                [one] => target.marks.node(&target.value, one).map(|(value, marks)| (value.clone(), marks.clone())),
                _ => None,
            };
            let Some(source) = source else {
                let message = "`copy` must select exactly one node of the document".to_owned();
                return Err(overlay.error(&action.at.member("copy"), DocumentErrorKind::Overlay(message)));
            };
            merge_each(overlay, action, target, &selected, &source)
        }
    }
}

fn select(path: &serde_json_path::JsonPath, value: &Value) -> Vec<Pointer> {
    let located = path.query_located(value);
    located.locations().map(|location| Pointer::parse(&location.to_json_pointer()).unwrap_or_default()).collect()
}

fn merge_each(
    overlay: &Document,
    action: &Action,
    target: &mut Document,
    selected: &[Pointer],
    (update, marks): &(Value, Marks),
) -> Result<(), DocumentError> {
    for pointer in selected {
        let into = target.marks.node_mut(&mut target.value, pointer).expect("the query found it");
        let appended = into.0.is_array() && !update.is_array();
        let merged = if appended {
            append(into, std::slice::from_ref(update), std::slice::from_ref(marks));
            Ok(())
        } else {
            merge(into, update, marks, pointer)
        };
        merged.map_err(|clash| {
            let message = format!("the update does not fit what stands at {clash} of the document");
            overlay.error(&action.at, DocumentErrorKind::Overlay(message))
        })?;
    }
    Ok(())
}

/// Merges by the rules of the section "Action Object"; fails with the place where two kinds of value meet.
fn merge(into: (&mut Value, &mut Marks), update: &Value, marks: &Marks, at: &Pointer) -> Result<(), Pointer> {
    let (value, own) = into;
    match (&mut *value, update) {
        (Value::Object(members), Value::Object(update)) => {
            for ((name, new), new_marks) in update.iter().zip(&marks.children) {
                if let Some(index) = members.keys().position(|key| key == name) {
                    let old = members.get_mut(name).expect("its position was just found");
                    merge((old, &mut own.children[index]), new, new_marks, &at.member(name))?;
                } else {
                    members.insert(name.clone(), new.clone());
                    own.children.push(new_marks.clone());
                }
            }
            Ok(())
        }
        (Value::Array(_), Value::Array(items)) => {
            append((value, own), items, &marks.children);
            Ok(())
        }
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => Err(at.clone()),
        _ => {
            *value = update.clone();
            *own = marks.clone();
            Ok(())
        }
    }
}

fn append((value, own): (&mut Value, &mut Marks), items: &[Value], marks: &[Marks]) {
    if let Value::Array(array) = value {
        array.extend_from_slice(items);
        own.children.extend_from_slice(marks);
    }
}

fn remove(value: &mut Value, marks: &mut Marks, pointer: &Pointer) {
    let Some(parent) = pointer.parent() else { return };
    let Some((value, marks)) = marks.node_mut(value, &parent) else { return };
    let Some(index) = child_index(value, &pointer.last()) else { return };
    match value {
        Value::Object(members) => drop(members.shift_remove(pointer.last().as_ref())),
        Value::Array(items) => drop(items.remove(index)),
        _ => return,
    }
    marks.children.remove(index);
}

#[cfg(test)]
mod tests {
    use super::super::Overlay;
    use super::*;
    use serde_json::json;

    fn lay(document: &str, actions: &str) -> Result<Document, String> {
        let mut target = Document::parse("api.yaml", document).map_err(|error| error.to_string())?;
        let text = format!("overlay: 1.1.0\ninfo: {{title: t, version: '1'}}\nactions:\n{actions}");
        let overlay = Overlay::parse("overlay.yaml", &text).map_err(|error| error.to_string())?;
        overlay.apply(&mut target).map_err(|error| error.to_string())?;
        Ok(target)
    }

    #[test]
    fn update_merges_objects_appends_to_arrays_and_replaces_primitives() {
        let document = lay(
            "a: {b: 1, c: [1], d: {e: 1}}",
            "  - {target: $.a, update: {b: 2, c: [2], d: {f: 2}}}\n  - {target: $.a.c, update: {x: 3}}\n",
        );
        assert_eq!(document.expect("it fits").value, json!({"a": {"b": 2, "c": [1, 2, {"x": 3}], "d": {"e": 1, "f": 2}}}));
    }

    #[test]
    fn remove_and_copy_work_in_order() {
        let actions = "  - {target: '$.a[?@.n > 1]', remove: true}\n  - {target: $.b, copy: '$.a[0]'}\n";
        let document = lay("a: [{n: 1}, {n: 2}, {n: 3}]\nb: {m: 1}", actions).expect("it fits");
        assert_eq!(document.value, json!({"a": [{"n": 1}], "b": {"m": 1, "n": 1}}));
    }

    #[test]
    fn places_follow_each_node_to_the_file_it_came_from() {
        let actions = "  - {target: '$.a[0]', remove: true}\n  - target: $\n    update:\n      new: {deep: true}\n";
        let document = lay("a:\n  - 1\n  - 2\nb: 3", actions).expect("it fits");
        let place = |pointer: &str| document.place(&Pointer::parse(pointer).expect("a pointer")).to_string();
        assert_eq!(place("/a/0"), "api.yaml:3:5 at /a/0");
        assert_eq!(place("/b"), "api.yaml:4:1 at /b");
        assert_eq!(place("/new/deep"), "overlay.yaml:7:13 at /new/deep");
    }

    #[test]
    fn a_target_that_selects_nothing_changes_nothing_and_is_told() {
        let document = lay("a: 1", "  - {target: $.zz, update: 1}\n  - {target: $.a, update: 2}\n").expect("it fits");
        assert_eq!(document.value["a"], 2);
        let warnings = document.warnings();
        let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
        assert_eq!(warning.place.to_string(), "overlay.yaml:4:6 at /actions/0/target");
        assert_eq!(warning.message, "the overlay's target selects nothing: `$.zz`");
    }

    #[test]
    fn mistakes_are_errors_with_their_place() {
        for (actions, expected) in [
            (
                "  - {target: $.a, update: {b: {c: 1}}}\n",
                "overlay.yaml:4:5 at /actions/0: not a valid overlay: the update does not fit what stands at /a/b",
            ),
            (
                "  - {target: $.a, updat: 1}\n",
                "overlay.yaml:4:19 at /actions/0/updat: not a valid overlay: the member `updat` is not expected in an action; did you mean `update`?",
            ),
            ("  - {target: 'a b', update: 1}\n", "overlay.yaml:4:6 at /actions/0/target: not a valid overlay: not a JSONPath"),
            ("  - {target: $, remove: true}\n", "overlay.yaml:4:6 at /actions/0/target: not a valid overlay: `remove` of `$` would leave"),
            ("  - {target: $.a}\n", "overlay.yaml:4:5 at /actions/0: not a valid overlay: expected one of"),
            ("  - {target: $.a, copy: $.*}\n", "overlay.yaml:4:19 at /actions/0/copy: not a valid overlay: `copy` must select exactly one"),
        ] {
            let error = lay("a: {b: 1}\nc: 1", actions).expect_err(actions);
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
