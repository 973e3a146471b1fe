//! Documents that somebody wrote to do harm, or that do it by accident.

use serde_json::json;

const HEAD: &str = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n";

/// Each with its name, its text, and a part of the words by which it is refused; none where it is to be loaded.
pub(crate) fn documents() -> Vec<(&'static str, String, Option<&'static str>)> {
    let schemas = |schemas: &str| format!("{HEAD}paths: {}\ncomponents:\n  schemas:\n{schemas}", body("#/components/schemas/A"));
    vec![
        ("empty.yaml", String::new(), Some("the file is empty")),
        ("empty.json", "{}".to_owned(), Some("not an OpenAPI document")),
        ("null.yaml", "null".to_owned(), Some("not an OpenAPI document")),
        ("list.yaml", "- 1".to_owned(), Some("not an OpenAPI document")),
        (
            "swagger.yaml",
            "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths: {}\n".to_owned(),
            Some("Swagger 2.0 is not understood; convert"),
        ),
        ("bomb.yaml", bomb(), Some("repeat more")),
        ("deep.json", format!("{{\"openapi\":\"3.1.0\",\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)), Some("recursion limit")),
        ("deep-flow.yaml", format!("{HEAD}x: {}{}", "[".repeat(10_000), "]".repeat(10_000)), Some("deep")),
        ("deep-block.yaml", deep_block(5_000), Some("deep")),
        ("deep-schema.yaml", schemas(&format!("    A: {}{{}}{}\n", "{not: ".repeat(100), "}".repeat(100))), None),
        (
            "big-numbers.yaml",
            schemas("    A: {type: integer, maximum: 18446744073709551615, minimum: -9223372036854775808, default: 1e400}\n"),
            Some("not a number"),
        ),
        ("unsigned.yaml", schemas("    A: {type: integer, maximum: 18446744073709551615, minimum: 9223372036854775808}\n"), None),
        ("doubling.yaml", schemas(&doubling("allOf")), Some("for one and the same value")),
        ("doubling-one.yaml", schemas(&doubling("oneOf")), Some("for one and the same value")),
        ("doubling-members.yaml", schemas(&doubling_members()), None),
        (
            "circle.yaml",
            schemas("    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}\n"),
            Some("leads in a circle"),
        ),
        (
            "circle-all.yaml",
            schemas("    A: {allOf: [{$ref: '#/components/schemas/B'}]}\n    B: {allOf: [{$ref: '#/components/schemas/A'}]}\n"),
            None,
        ),
        (
            "circle-required.yaml",
            schemas("    A: {type: object, required: [a], properties: {a: {$ref: '#/components/schemas/A'}}}\n"),
            None,
        ),
        ("self.yaml", format!("{HEAD}paths:\n  /a: {{$ref: '#/paths/~1a'}}\n"), Some("leads in a circle")),
        ("root.yaml", schemas("    A: {$ref: '#'}\n"), None),
        ("long.yaml", schemas("    A: {type: string, minLength: 9007199254740991, maxLength: 9007199254740991}\n"), None),
        ("many.yaml", schemas("    A: {type: array, minItems: 9007199254740991, items: {type: array, minItems: 100000}}\n"), None),
        ("explosion.yaml", schemas("    A: {type: string, pattern: '(((a{1000}){1000}){1000})'}\n"), Some("pattern")),
        ("backtrack.yaml", schemas("    A: {type: string, pattern: '^(a+)+$'}\n"), None),
        ("no-pattern.yaml", schemas("    A: {type: string, pattern: '(['}\n"), Some("at /components/schemas/A")),
        ("multiple.yaml", schemas("    A: {type: integer, multipleOf: 0}\n"), None),
        (
            "enum.yaml",
            schemas(&format!("    A: {{enum: [{}]}}\n", (0..100_000).map(|n| n.to_string()).collect::<Vec<_>>().join(", "))),
            None,
        ),
        (
            "enum-words.yaml",
            schemas(&format!("    A: {{enum: [{}]}}\n", (0..50_000).map(|n| format!("w{n}")).collect::<Vec<_>>().join(", "))),
            None,
        ),
        (
            "faults.yaml",
            format!("{HEAD}paths: {{{}}}\n", (0..3000).map(|n| format!("/p{n}: {{gett: 1}}")).collect::<Vec<_>>().join(", ")),
            Some("gett"),
        ),
        ("paths.yaml", paths(2000), None),
        ("tags.yaml", schemas("    A: !!binary aGk=\n"), Some("at /components/schemas/A")),
        ("zero.json", "{\"openapi\": \"3.1.0\",\u{0}}".to_owned(), Some("zero.json:1:")),
        (
            "statuses.yaml",
            format!("{HEAD}paths: {{/a: {{get: {{responses: {{'099': {{description: d}}}}}}}}}}\n"),
            Some("at /paths/~1a/get/responses"),
        ),
    ]
}

/// One operation that takes and gives what this reference leads to.
fn body(reference: &str) -> String {
    let content = json!({"application/json": {"schema": {"$ref": reference}}});
    json!({"/a": {"post": {"requestBody": {"content": content}, "responses": {"200": {"description": "d", "content": content}}}}})
        .to_string()
}

/// Many paths, each a resource of its own. An operation takes some twenty kilobytes whatever is said of it, so each says as much as they
/// mostly do.
fn paths(count: usize) -> String {
    let about = "What this does is told at length. ".repeat(16);
    let id = "{name: id, in: path, required: true, schema: {type: string}}";
    let get = format!("{{get: {{description: '{about}', parameters: [{id}], responses: {{'204': {{description: d}}}}}}}}");
    (0..count).fold(format!("{HEAD}paths:\n"), |text, number| text + &format!("  /p{number}/{{id}}: {get}\n"))
}

/// Aliases of aliases.
fn bomb() -> String {
    let first = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    (1..30).fold(first, |text, level| format!("{text}a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", ")))
}

fn deep_block(depth: usize) -> String {
    (0..depth).fold(String::new(), |text, depth| format!("{text}{}a:\n", " ".repeat(depth)))
}

/// Each schema refers twice to the next: two to the power of forty ways.
fn doubling(keyword: &str) -> String {
    let name = |level: usize| if level == 0 { "A".to_owned() } else { format!("S{level}") };
    let level = |level: usize| {
        let next = format!("{{$ref: '#/components/schemas/{}'}}", name(level + 1));
        format!("    {}: {{{keyword}: [{next}, {next}]}}\n", name(level))
    };
    (0..40).map(level).collect::<String>() + "    S40: {type: object, properties: {a: {type: string}}}\n"
}

fn doubling_members() -> String {
    let name = |level: usize| if level == 0 { "A".to_owned() } else { format!("S{level}") };
    let level = |level: usize| {
        let next = format!("{{$ref: '#/components/schemas/{}'}}", name(level + 1));
        format!("    {}: {{type: object, required: [a, b], properties: {{a: {next}, b: {next}}}}}\n", name(level))
    };
    (0..40).map(level).collect::<String>() + "    S40: {type: string}\n"
}
