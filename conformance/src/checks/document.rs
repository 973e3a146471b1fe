//! The document itself says what a client must know to keep its secrets and to meet its refusals. Nothing is sent for this.
//!
//! What a vendor promises elsewhere, as a claim, counts as said: these checks are about what nobody says.

use specs::claims::{Binding, Conflict, Form, Grade, Missing, Situation, Verb};
use specs::contract::{Contract, Endpoint, Input, Location, Parameter, Resource, SchemaNode, SchemeKind};

use super::{Check, Judgement, Level, Scene};

/// A check of the document, with its judgement over one operation.
#[derive(Debug)]
pub(crate) struct Law {
    /// The check as the catalogue has it.
    pub(crate) check: Check,
    /// What it says of one operation.
    pub(crate) judge: fn(&Contract, &Endpoint) -> Judgement,
}

/// The family's name.
pub(crate) const FAMILY: &str = "document";

pub(super) const CHECKS: &[Check] =
    &[LAWS[0].check, LAWS[1].check, LAWS[2].check, LAWS[3].check, LAWS[4].check, LAWS[5].check, LAWS[6].check];

/// Every check of the document. All of them advise: a document that says too little breaks no promise.
pub(crate) const LAWS: [Law; 7] = [
    Law {
        check: advice(
            "document/answers-mark-secrets",
            "Where an answer's schema has the secret, it is writeOnly, or words say how much of it is shown.",
            "OWASP API Security Top 10 2023, API3: Broken Object Property Level Authorization; OpenAPI 3.0, section 4.7.24.2, and JSON Schema Validation 2020-12, section 9.4: writeOnly",
            "paths:\n  /secrets:\n    post:\n      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}, value: {type: string}}}}}}\n      responses:\n        '201': {description: made, content: {application/json: {schema: {type: object, properties: {name: {type: string}, value: {type: string, description: Masked with asterisks}}}}}}",
            "paths:\n  /secrets:\n    post:\n      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}, value: {type: string}}}}}}\n      responses:\n        '201': {description: made, content: {application/json: {schema: {type: object, properties: {name: {type: string}, value: {type: string}}}}}}",
        ),
        judge: answers_mark_secrets,
    },
    Law {
        check: advice(
            "document/writes-and-reads-apart",
            "A schema with the secret in it serves writes or answers, and both only where the secret is writeOnly.",
            "OWASP API Security Top 10 2023, API3: Broken Object Property Level Authorization; OpenAPI 3.1, section 4.8.24: Schema Object",
            "paths:\n  /secrets:\n    post:\n      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Secret'}}}}\n      responses:\n        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Secret'}}}}\ncomponents:\n  schemas:\n    Secret: {type: object, properties: {name: {type: string}, value: {type: string, writeOnly: true}}}",
            "paths:\n  /secrets:\n    post:\n      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Secret'}}}}\n      responses:\n        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Secret'}}}}\ncomponents:\n  schemas:\n    Secret: {type: object, properties: {name: {type: string}, value: {type: string}}}",
        ),
        judge: writes_and_reads_apart,
    },
    Law {
        check: advice(
            "document/no-secret-in-url",
            "No secret has to travel in a URL.",
            "RFC 9110, section 17.9: Disclosure of Sensitive Information in URIs",
            "paths:\n  /login:\n    get:\n      parameters: [{name: password, in: header, schema: {type: string, format: password}}]\n      responses: {'200': {description: done}}",
            "paths:\n  /login:\n    get:\n      parameters: [{name: password, in: query, schema: {type: string, format: password}}]\n      responses: {'200': {description: done}}",
        ),
        judge: no_secret_in_url,
    },
    Law {
        check: advice(
            "document/no-credential-in-url",
            "An operation can be called with credentials that are not in the URL.",
            "OpenAPI 3.1, section 4.8.27: Security Scheme Object; RFC 6750, section 5.3: bearer tokens are not passed in page URLs; RFC 9110, section 17.9",
            "security: [{key: []}, {bearer: []}]\npaths:\n  /secrets:\n    get:\n      responses: {'200': {description: all}}\ncomponents:\n  securitySchemes:\n    key: {type: apiKey, in: query, name: key}\n    bearer: {type: http, scheme: bearer}",
            "security: [{key: []}]\npaths:\n  /secrets:\n    get:\n      responses: {'200': {description: all}}\ncomponents:\n  securitySchemes:\n    key: {type: apiKey, in: query, name: key}",
        ),
        judge: no_credential_in_url,
    },
    Law {
        check: advice(
            "document/refused-credentials-documented",
            "An operation that asks for credentials documents how it refuses them.",
            "OpenAPI 3.1, section 4.8.16: the documentation is expected to cover any known errors; RFC 9110, section 15.5.2: 401",
            "security: [{bearer: []}]\npaths:\n  /secrets:\n    get:\n      responses: {'200': {description: all}, '401': {description: who are you?}}\ncomponents:\n  securitySchemes:\n    bearer: {type: http, scheme: bearer}",
            "security: [{bearer: []}]\npaths:\n  /secrets:\n    get:\n      responses: {'200': {description: all}}\ncomponents:\n  securitySchemes:\n    bearer: {type: http, scheme: bearer}",
        ),
        judge: refused_credentials_documented,
    },
    Law {
        check: advice(
            "document/missing-thing-documented",
            "An operation on one thing documents what it answers where there is no such thing.",
            "OpenAPI 3.1, section 4.8.16: the documentation is expected to cover any known errors; RFC 9110, section 15.5.5: 404",
            "paths:\n  /secrets/{id}:\n    parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n    get:\n      responses: {'200': {description: one}, '404': {description: no such secret}}\n    delete:\n      responses: {'204': {description: gone}, '4XX': {description: refused}}",
            "paths:\n  /secrets/{id}:\n    parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n    get:\n      responses: {'200': {description: one}, '404': {description: no such secret}}\n    delete:\n      responses: {'204': {description: gone}}",
        ),
        judge: missing_thing_documented,
    },
    Law {
        check: advice(
            "document/conflict-documented",
            "A create that refuses a name which is taken documents how.",
            "OpenAPI 3.1, section 4.8.16: the documentation is expected to cover any known errors; RFC 9110, section 15.5.10: 409",
            "x-lockstep-resources: {secret: {conflict: {value: reject, grade: documented, cite: sample}}}\npaths:\n  /secrets:\n    post:\n      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}, value: {type: string}}}}}}\n      responses: {'201': {description: made}, '409': {description: taken}}",
            "x-lockstep-resources: {secret: {conflict: {value: reject, grade: documented, cite: sample}}}\npaths:\n  /secrets:\n    post:\n      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}, value: {type: string}}}}}}\n      responses: {'201': {description: made}}",
        ),
        judge: conflict_documented,
    },
];

const fn advice(id: &'static str, sentence: &'static str, cite: &'static str, passes: &'static str, breaks: &'static str) -> Check {
    Check { id, level: Level::Should, sentence, cite, passes, breaks, judge: no_exchange }
}

/// An exchange says nothing about the document.
fn no_exchange(_: &Scene<'_>) -> Judgement {
    Judgement::NotApplicable
}

fn answers_mark_secrets(contract: &Contract, endpoint: &Endpoint) -> Judgement {
    let Some(resource) = contract.resource_of(endpoint) else { return Judgement::NotApplicable };
    let Some(answer) = answer(endpoint) else { return Judgement::NotApplicable };
    let shown =
        resource.secret().iter().filter_map(|path| Some((path, nodes(answer).into_iter().find_map(|node| node.property(path.field()))?)));
    let mut judgement = Judgement::NotApplicable;
    for (path, node) in shown {
        let said = resource.visibility(path, endpoint.verb).is_some_and(|claim| claim.grade.condemns());
        let marked = node.flag("writeOnly") || said;
        judgement = Judgement::hold(
            marked,
            || format!("`{}` as writeOnly, or words on how it is masked", path.field()),
            || format!("`{}` in the answer's schema, and nothing that says whether it is the secret itself", path.field()),
        );
        if !marked {
            break;
        }
    }
    judgement
}

fn writes_and_reads_apart(contract: &Contract, endpoint: &Endpoint) -> Judgement {
    let Some(resource) = contract.resource_of(endpoint) else { return Judgement::NotApplicable };
    let own = |other: &&Endpoint| other.resource == endpoint.resource;
    let written: Vec<&str> = contract.endpoints.iter().filter(own).filter_map(sent).flat_map(references).collect();
    let Some(answer) = answer(endpoint).filter(|_| !written.is_empty()) else { return Judgement::NotApplicable };
    let has_secret = |node: &SchemaNode<'_>| {
        let open = |field: &str| node.property(field).is_some_and(|member| !member.flag("writeOnly"));
        resource.secret().iter().any(|path| open(path.field()))
    };
    let shared = nodes(answer).into_iter().find(|node| node.reference().is_some_and(|name| written.contains(&name)) && has_secret(node));
    let name = shared.and_then(SchemaNode::reference).unwrap_or_default();
    Judgement::hold(
        shared.is_none(),
        || "a schema for writes and another for answers, or the secret as writeOnly".to_owned(),
        || {
            format!(
                "{name} in requests and in this answer: a client that writes back what it has read writes the mask, or keeps the secret"
            )
        },
    )
}

fn no_secret_in_url(contract: &Contract, endpoint: &Endpoint) -> Judgement {
    let secret = endpoint.operation.parameters.iter().filter(|parameter| is_secret(contract, endpoint, parameter));
    let secret: Vec<&Parameter> = secret.collect();
    if secret.is_empty() {
        return Judgement::NotApplicable;
    }
    // A vendor may promise that the same parameters travel in a body as well.
    let forms = contract.claims.wire.forms.as_ref();
    let has_body = forms.is_some_and(|claim| claim.value.iter().any(|form| matches!(form, Form::Urlencoded | Form::Multipart)));
    let travels = |parameter: &&&Parameter| match parameter.location {
        Location::Path => true,
        Location::Query => !has_body,
        Location::Header | Location::Cookie => false,
    };
    let found = secret.iter().find(travels);
    let told = || found.map_or_else(String::new, |parameter| format!("{} parameter `{}`", parameter.location.name(), parameter.name));
    Judgement::hold(found.is_none(), || "the secret in the body or in a header".to_owned(), told)
}

/// Whether a parameter holds a secret: the resource's, or one that its own schema calls so.
fn is_secret(contract: &Contract, endpoint: &Endpoint, parameter: &Parameter) -> bool {
    let resource = contract.resource_of(endpoint);
    let own = Input::Parameter(parameter.location, parameter.name.clone());
    let field = |field: &str| resource.is_some_and(|resource| resource.secret().iter().any(|path| path.field() == field));
    let bound =
        endpoint.bindings.iter().any(|bound| bound.input == own && matches!(&bound.binding.value, Binding::Field(name) if field(name)));
    let node = parameter.schema.as_ref().map(specs::contract::Schema::node);
    bound || node.is_some_and(|node| node.text("format") == Some("password") || node.flag("writeOnly"))
}

fn no_credential_in_url(contract: &Contract, endpoint: &Endpoint) -> Judgement {
    if endpoint.is_public() {
        return Judgement::NotApplicable;
    }
    let in_url = |name: &String| contract.scheme(name).is_some_and(|scheme| matches!(scheme.kind, SchemeKind::ApiKey(Location::Query, _)));
    let every = endpoint.security.iter().all(|schemes| schemes.iter().any(in_url));
    Judgement::hold(!every, || "a way to send the credentials in a header".to_owned(), || "a key in the query and no other way".to_owned())
}

fn refused_credentials_documented(contract: &Contract, endpoint: &Endpoint) -> Judgement {
    if endpoint.is_public() {
        return Judgement::NotApplicable;
    }
    documents(contract, endpoint, Situation::MissingCredentials, 401)
}

fn missing_thing_documented(contract: &Contract, endpoint: &Endpoint) -> Judgement {
    let names_one = endpoint.bound(|binding| matches!(binding, Binding::Item(_)).then_some(())).next().is_some();
    let resource = contract.resource_of(endpoint).filter(|_| names_one);
    let accepts = |resource: &Resource| resource.delete_missing().value == Missing::Accept;
    match (endpoint.verb, resource) {
        (Verb::Read | Verb::Reveal | Verb::Update, Some(_)) => documents(contract, endpoint, Situation::NotFound, 404),
        (Verb::Delete, Some(resource)) if !accepts(resource) => documents(contract, endpoint, Situation::NotFound, 404),
        _ => Judgement::NotApplicable,
    }
}

fn conflict_documented(contract: &Contract, endpoint: &Endpoint) -> Judgement {
    let conflict = contract.resource_of(endpoint).filter(|_| endpoint.verb == Verb::Create).map(Resource::conflict);
    match conflict.filter(|claim| claim.value == Conflict::Reject && claim.grade.condemns()) {
        Some(_) => documents(contract, endpoint, Situation::Duplicate, 409),
        None => Judgement::NotApplicable,
    }
}

/// Whether a refusal is documented, by a status that fits it or by a claim. Where refusals stand in a success's body, no status tells.
fn documents(contract: &Contract, endpoint: &Endpoint, situation: Situation, usual: u16) -> Judgement {
    if contract.claims.wire.rejection.is_some() {
        return Judgement::NotApplicable;
    }
    let told = contract.problem(Some(endpoint), situation).grade != Grade::Chosen;
    let covered = told || situation.statuses().iter().any(|status| endpoint.operation.response(*status).is_some());
    let has = || endpoint.operation.responses.iter().map(|response| response.status.to_string()).collect::<Vec<_>>().join(", ");
    Judgement::hold(covered, || format!("a response {usual}, 4XX or default"), || format!("{} alone", has()))
}

/// The schema of an operation's success.
fn answer(endpoint: &Endpoint) -> Option<SchemaNode<'_>> {
    endpoint.answer.schema.as_ref().map(specs::contract::Schema::node)
}

/// The schema of the JSON body that an operation takes.
fn sent(endpoint: &Endpoint) -> Option<SchemaNode<'_>> {
    endpoint.operation.json_body()?.schema.as_ref().map(specs::contract::Schema::node)
}

fn references(node: SchemaNode<'_>) -> Vec<&str> {
    nodes(node).into_iter().filter_map(SchemaNode::reference).collect()
}

/// A schema with what stands in it, as deep as an envelope goes.
fn nodes(node: SchemaNode<'_>) -> Vec<SchemaNode<'_>> {
    const DEEPEST: usize = 3;
    let mut found = vec![node];
    let mut first = 0;
    for _ in 0..DEEPEST {
        let inner: Vec<SchemaNode<'_>> = found[first..].iter().flat_map(|node| members(*node)).collect();
        first = found.len();
        found.extend(inner);
    }
    found
}

fn members(node: SchemaNode<'_>) -> Vec<SchemaNode<'_>> {
    node.properties().into_iter().map(|(_, member)| member).chain(node.items()).collect()
}
