//! The requests that a seed makes up for an operation: those that the document allows, and those that break one keyword of it.

use std::collections::BTreeMap;

use specs::contract::{Contract, Endpoint, Input, Location};
use specs::wire::{Inputs, Intent, Request, decode, send};

use crate::case::{Case, Validity};
use crate::drafting::{Fill, Given, blank, is_valid, names};
use crate::generate::Generator;
use crate::phases::Wire;

/// A request that was made up, without credentials.
#[derive(Clone, Debug)]
pub struct MadeUp {
    /// The request.
    pub request: Request,
    /// What is wrong with it; nothing where the document allows it.
    pub broken: Option<Broken>,
}

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Where: `query parameter limit`, `body /name`.
    pub place: String,
    /// The keyword of JSON Schema that is broken, or the rule that stands for one (`content`, `encoding`).
    pub keyword: String,
    /// In which way, in words.
    pub how: String,
}

/// Makes up requests for one operation. The same seed makes up the same requests.
///
/// ```
/// use conformance::offline::Cases;
/// use specs::contract::Contract;
/// use specs::document::Document;
///
/// let document = "openapi: 3.1.0\ninfo: {title: Boxes, version: '1'}\npaths:\n  /boxes:\n    get:\n      parameters:\n\
///     \x20       - {name: limit, in: query, schema: {type: integer, minimum: 1}}\n      responses: {'200': {description: all}}";
/// let contract = Contract::compile("boxes", &Document::parse("boxes.yaml", document)?).expect("it is valid");
/// let variants = Cases::of(&contract, 0, &Default::default(), 0).expect("it has no parameter that must be known").variants();
/// let wrong = variants.iter().find(|own| own.broken.as_ref().is_some_and(|broken| broken.keyword == "minimum"));
/// assert_eq!(wrong.map(|own| own.request.target()), Some("/boxes?limit=0".to_owned()));
/// # Ok::<(), specs::document::DocumentError>(())
/// ```
pub struct Cases<'c> {
    contract: &'c Contract,
    wire: Wire<'c>,
    base: Case,
    given: Given,
    generator: Generator,
}

impl<'c> Cases<'c> {
    /// The cases of the operation at this place in the contract; none if no valid request of it can be made up. `given` has values for
    /// parameters and members by their names, of which the first is taken.
    #[must_use]
    pub fn of(contract: &'c Contract, operation: usize, given: &BTreeMap<String, Vec<String>>, seed: u64) -> Option<Self> {
        let endpoint = contract.endpoints.get(operation)?;
        let mut generator = Generator::new(seed);
        let drafted = blank(endpoint, &mut generator, given, Fill::Full)?;
        let drafted = with_alternatives(endpoint, drafted, given, &mut generator);
        let wire = Wire::new(contract);
        let inputs = named(endpoint, &drafted, |inputs| is_valid(endpoint, inputs) && wire.arrived(operation, inputs).is_some())?;
        let intent = Intent::read(endpoint, &inputs);
        Some(Self { contract, wire, base: Case::new(operation, inputs, intent), given: given.clone(), generator })
    }

    /// A random request that the document allows: another one each time.
    pub fn allowed(&mut self) -> MadeUp {
        let case = self.wire.allowed(&self.base, &self.given, &mut self.generator);
        self.made_up(&case)
    }

    /// Each input in every branch of its schema, at its bounds, just past them, of a wrong type, and missing.
    pub fn variants(&mut self) -> Vec<MadeUp> {
        let varied = self.wire.all(self.endpoint(), &self.base, &mut self.generator);
        varied.cases.iter().map(|case| self.made_up(case)).collect()
    }

    fn endpoint(&self) -> &'c Endpoint {
        &self.contract.endpoints[self.base.endpoint]
    }

    fn made_up(&self, case: &Case) -> MadeUp {
        let broken = match &case.validity {
            Validity::Broken(broken) => {
                Some(Broken { place: broken.place.clone(), keyword: broken.keyword.clone(), how: broken.how.clone() })
            }
            Validity::Valid | Validity::Open => None,
        };
        MadeUp { request: send(self.contract, self.endpoint(), &case.inputs), broken }
    }
}

/// The same inputs with one parameter of each group of which one must be given: the first that the user knows, else the first.
fn with_alternatives(endpoint: &Endpoint, mut inputs: Inputs, given: &Given, generator: &mut Generator) -> Inputs {
    for group in endpoint.alternatives() {
        let own = |name: &&String| endpoint.operation.parameters.iter().find(|parameter| parameter.name == **name);
        let known = group.iter().find(|name| given.contains_key(*name)).or_else(|| group.first());
        let Some(parameter) = known.as_ref().and_then(own) else { continue };
        let told = given.get(&parameter.name).and_then(|values| values.first()).map(|text| decode(parameter, text));
        let value = told.or_else(|| generator.minimal(parameter.schema.as_ref()?));
        if let Some(value) = value {
            inputs.parameters.insert((parameter.location, parameter.name.clone()), value);
        }
    }
    inputs
}

/// The same inputs with names in the path that lead there: an empty one, which a schema may allow, leads elsewhere.
fn named(endpoint: &Endpoint, inputs: &Inputs, leads: impl Fn(&Inputs) -> bool) -> Option<Inputs> {
    let candidates = names("0", 1).into_iter().map(|name| {
        let mut inputs = inputs.clone();
        for parameter in endpoint.operation.parameters.iter().filter(|parameter| parameter.location == Location::Path) {
            let input = Input::Parameter(Location::Path, parameter.name.clone());
            if inputs.value(&input).is_none_or(|value| value.as_str() == Some("")) {
                inputs.set(&input, name.as_str().into());
            }
        }
        inputs
    });
    candidates.into_iter().find(leads)
}
