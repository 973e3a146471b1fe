//! Compiling: document and claims become one immutable contract.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::checked;
use super::endpoint::{Bound, Endpoint, Input};
use super::node::SchemaNode;
use super::operation::{Location, Operation};
use super::outline::Outline;
use super::resource::Resource;
use super::security::SecurityScheme;
use crate::claims::{AccessPromises, Binding, Claims, WirePromises};
use crate::document::{Document, DocumentError, Warning};
use crate::infer;

/// What a server promises.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The spec's short name: a vendor's, or the file's.
    pub name: String,
    /// The document's title.
    pub title: String,
    /// The document's version of the API.
    pub version: String,
    /// SHA-256 of the document's text, in hexadecimal.
    pub sha256: String,
    /// Every operation.
    pub endpoints: Vec<Endpoint>,
    /// Every resource, by name; parents that exist only in the world included.
    pub resources: BTreeMap<String, Resource>,
    /// Every security scheme.
    pub schemes: Vec<SecurityScheme>,
    /// Base paths of the servers, without a trailing slash; `""` is always among them.
    pub bases: Vec<String>,
    /// Every claim.
    pub claims: Claims,
    /// What the document says and nobody here does.
    pub warnings: Vec<Warning>,
}

impl Contract {
    /// Compiles a document to which all overlays have been applied.
    pub fn compile(name: &str, document: &Document) -> Result<Self, Vec<DocumentError>> {
        let faults = document.faults();
        if faults.is_empty() { Self::understand(name, document, false) } else { Err(faults) }
    }

    /// Compiles a document that is known to be right, as those of the packs are: what it says is not looked at for faults once more.
    pub(crate) fn compile_valid(name: &str, document: &Document) -> Result<Self, Vec<DocumentError>> {
        Self::understand(name, document, true)
    }

    fn understand(name: &str, document: &Document, known: bool) -> Result<Self, Vec<DocumentError>> {
        let version = document.version().map_err(|error| vec![error])?;
        let (mut claims, faults) = Claims::read(document);
        if !faults.is_empty() {
            return Err(faults);
        }
        let outline = Outline::read(document, version, known)?;
        infer::complete(&outline, &mut claims);
        let faults = if known { Vec::new() } else { checked::faults(document, &outline, &claims) };
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self::assemble(name, document, outline, claims))
    }

    fn assemble(name: &str, document: &Document, outline: Outline, claims: Claims) -> Self {
        let info = |member: &str| document.value["info"][member].as_str().unwrap_or_default().to_owned();
        let mut endpoints: Vec<Endpoint> = outline.operations.into_iter().map(|operation| Endpoint::assemble(operation, &claims)).collect();
        let resources = resources(&endpoints, &claims);
        for endpoint in &mut endpoints {
            let resource = endpoint.resource.as_ref().and_then(|name| resources.get(name));
            let answers = std::iter::once(&mut endpoint.answer).chain(&mut endpoint.replaced);
            answers.filter_map(|answer| answer.place.as_mut()).for_each(|place| place.settle(resource, endpoint.verb));
        }
        Self {
            name: name.to_owned(),
            title: info("title"),
            version: info("version"),
            sha256: document.sha256.clone(),
            resources,
            endpoints,
            schemes: outline.schemes,
            bases: outline.bases,
            claims,
            warnings: document.warnings(),
        }
    }

    /// An endpoint's resource.
    #[must_use]
    pub fn resource_of(&self, endpoint: &Endpoint) -> Option<&Resource> {
        self.resources.get(endpoint.resource.as_ref()?)
    }

    /// An endpoint by its `operationId`, or by method and path template.
    #[must_use]
    pub fn endpoint_named(&self, name: &str) -> Option<usize> {
        self.endpoints.iter().position(|endpoint| endpoint.operation.id.as_deref() == Some(name) || endpoint.name() == name)
    }

    /// What is promised of access.
    #[must_use]
    pub const fn access(&self) -> &AccessPromises {
        &self.claims.access
    }

    /// What is promised of the wire.
    #[must_use]
    pub const fn wire(&self) -> &WirePromises {
        &self.claims.wire
    }

    /// A security scheme by name.
    #[must_use]
    pub fn scheme(&self, name: &str) -> Option<&SecurityScheme> {
        self.schemes.iter().find(|scheme| scheme.name == name)
    }
}

/// The claimed resources, and the parents that only bindings name.
fn resources(endpoints: &[Endpoint], claims: &Claims) -> BTreeMap<String, Resource> {
    let claimed = claims.resources.iter().map(|(name, own)| (name.clone(), Resource::new(name, own.promises.clone(), own.fields.clone())));
    let mut resources: BTreeMap<String, Resource> = claimed.collect();
    for endpoint in endpoints {
        for bound in &endpoint.bindings {
            if let Binding::Scope(field) = &bound.binding.value {
                resources.entry(field.resource.clone()).or_insert_with(|| Resource::bare(&field.resource, &field.field));
            }
        }
    }
    resources
}

impl Endpoint {
    fn assemble(mut operation: Operation, claims: &Claims) -> Self {
        let own = claims.operations[&operation.key].clone();
        operation.template = operation.template.spanned(own.promises.spans.as_ref().map_or(&[], |claim| &claim.value));
        let verb = own.promises.verb.as_ref().expect("inference gives every operation a verb").value;
        let bind = |(name, binding): (&String, &_)| {
            Some(Bound { input: Self::input(&operation, name)?, binding: Clone::clone(binding), shared: false })
        };
        let mut bindings: Vec<Bound> = own.parameters.iter().filter_map(bind).collect();
        let inner: Vec<String> = bindings.iter().filter_map(|bound| bound.input.enclosing().map(str::to_owned)).collect();
        bindings.iter_mut().for_each(|bound| bound.shared = inner.iter().any(|outer| outer == bound.input.name()));
        bindings.sort_by_key(|bound| position(&operation, &bound.input));
        Self {
            verb,
            resource: own.promises.resource.as_ref().map(|claim| claim.value.clone()),
            bindings,
            answer: Answer::compile(&operation, &own.promises),
            replaced: own.promises.replaced.as_ref().map(|claim| Answer::with_status(&operation, &own.promises, claim.value)),
            security: security(&operation, &claims.access),
            promises: own.promises,
            problems: own.problems,
            operation,
        }
    }

    /// The parameter or the member of the body that has this name.
    pub(crate) fn input(operation: &Operation, name: &str) -> Option<Input> {
        let parameter = operation.parameters.iter().find(|parameter| parameter.name == name);
        if let Some(parameter) = parameter {
            return Some(Input::Parameter(parameter.location, name.to_owned()));
        }
        let bodies = operation.body.iter().flat_map(|body| &body.content).filter_map(|media| media.schema.as_ref());
        let nodes: Vec<SchemaNode<'_>> = bodies.map(|schema| schema.node()).collect();
        if nodes.iter().any(|node| node.property(name).is_some()) {
            return Some(Input::Member(name.to_owned()));
        }
        let holds = |node: &SchemaNode<'_>| name.split('/').try_fold(*node, SchemaNode::property).is_some();
        nodes.iter().any(holds).then(|| Input::Inner(name.to_owned()))
    }
}

/// Path parameters first, in the path's own order: outer scopes come before inner ones.
fn position(operation: &Operation, input: &Input) -> (usize, usize) {
    match input {
        Input::Parameter(Location::Path, name) => (0, operation.template.parameters().position(|known| known == name).unwrap_or(0)),
        Input::Parameter(_, name) => (1, operation.parameters.iter().position(|known| known.name == *name).unwrap_or(0)),
        Input::Member(_) | Input::Inner(_) => (2, 0),
    }
}

/// The operation's own alternatives; where nothing is declared for it, what is claimed of access.
fn security(operation: &Operation, access: &AccessPromises) -> Vec<Vec<String>> {
    let own =
        operation.security.as_ref().map(|alternatives| alternatives.iter().map(|schemes| schemes.keys().cloned().collect()).collect());
    own.unwrap_or_else(|| access.security.iter().map(|claim| claim.value.clone()).collect())
}
