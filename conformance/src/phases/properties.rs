//! Properties: random requests that the document allows, random ones that break one keyword, and odd but legal texts. The same seed
//! gives the same requests, whatever else is sent.

use std::sync::Arc;

use bytes::Bytes;
use rand::RngExt as _;
use serde_json::Value;
use specs::claims::{Situation, Verb};
use specs::contract::{Input, Location, is_json};
use specs::wire::{Inputs, Intent, Payload};

use super::coverage::Coverage;
use crate::canary::random_text;
use crate::case::{Broken, Case, Validity};
use crate::director::Director;
use crate::drafting::{is_valid, lay, put_secret, schema_of};
use crate::generate::{Generator, Odd, odd_name, odd_texts};
use crate::ledger::Tracked;
use crate::options::MAX_REQUESTS;
use crate::session::Stop;
use crate::together::{Lone, Order};

/// How many requests of this phase each operation gets, unless the user allows more than usual.
const CASES: usize = 8;

/// So many kinds of requests take turns: one that is allowed, one that is broken, one with an odd text, and one that cannot be decoded.
const KINDS: usize = 4;

/// So many cases wait before they are sent, and after so many what was made is thinned out: a long run keeps no more than a short one.
const AT_ONCE: usize = 64;

/// So many further ways to break one random request are tried.
const OF_ONE: usize = 63;

/// On so many things the requests of a long run about one thing are tried in turns: they need not wait for each other.
const SUBJECTS: usize = 8;

/// Tries each operation with random inputs.
pub(crate) async fn run(director: &mut Director<'_>) -> Result<(), Stop> {
    let cases = CASES * (director.session.options.max_requests / MAX_REQUESTS).max(1);
    for index in director.own_endpoints() {
        let Some(stage) = Coverage::of(director, index).await? else { continue };
        Properties::new(stage).run(cases).await?;
    }
    Ok(())
}

pub(super) struct Properties<'d, 's> {
    pub(super) stage: Coverage<'d, 's>,
    broken: Series,
    /// What waits to be sent: what stands alone, what is sent one after another, and what comes last, since nobody can say after it how
    /// the thing is that it was about.
    apart: Vec<Case>,
    in_turn: Vec<Lone>,
    doubtful: Vec<Lone>,
}

/// The ways to break the last random request that were not tried yet.
#[derive(Default)]
struct Series {
    cases: Vec<Case>,
    /// How many more of them are to be tried.
    left: usize,
    /// The thing that they are about.
    about: Option<Tracked>,
}

impl<'d, 's> Properties<'d, 's> {
    pub(super) fn new(stage: Coverage<'d, 's>) -> Self {
        Self { stage, broken: Series::default(), apart: Vec::new(), in_turn: Vec::new(), doubtful: Vec::new() }
    }
}

impl Properties<'_, '_> {
    async fn run(&mut self, cases: usize) -> Result<(), Stop> {
        if !self.is_varied() {
            return Ok(());
        }
        for number in 0..cases {
            // Every kind of request comes to every thing.
            if number >= CASES && number % KINDS == 0 {
                self.turn();
            }
            let mut generator = Generator::new(self.seed(number));
            let case = match number % KINDS {
                0 => self.allowed(&mut generator).await?,
                1 => self.broken(&mut generator, number).await?,
                2 => self.odd(&mut generator).await?,
                _ => self.undecodable(number).await?,
            };
            if let Some(case) = case {
                self.take(Case { scenario: None, ..case }).await?;
            }
            if number % AT_ONCE == AT_ONCE - 1 {
                // What is to be thinned out has been made by then.
                if self.stage.makes() {
                    self.send_in_turn().await?;
                }
                self.stage.thin_out().await?;
            }
        }
        self.send_apart().await?;
        self.send_in_turn().await?;
        self.send_doubtful().await?;
        self.long().await
    }

    /// Goes on with the next thing, the one that was not tried for longest.
    fn turn(&mut self) {
        let stage = &mut self.stage;
        if let Some(subject) = stage.subject.take() {
            stage.reserved.push(subject);
        }
        if stage.reserved.len() >= SUBJECTS {
            stage.subject = Some(stage.reserved.remove(0));
        }
    }

    /// Sends a case, or lets it wait until there are more of its kind.
    async fn take(&mut self, case: Case) -> Result<(), Stop> {
        if self.stage.stands_alone(&case) {
            self.apart.push(case);
        } else if !matches!(self.stage.endpoint().verb, Verb::Create | Verb::Put | Verb::Update) {
            self.stage.begin();
            self.stage.send(case).await?;
        } else if self.stage.leaves_doubt(&case) {
            self.doubtful.push(self.stage.lone(case));
        } else {
            self.in_turn.push(self.stage.lone(case));
        }
        if self.apart.len() == AT_ONCE {
            self.send_apart().await?;
        }
        if self.in_turn.len() == AT_ONCE {
            self.send_in_turn().await?;
        }
        if self.doubtful.len() == AT_ONCE { self.send_doubtful().await } else { Ok(()) }
    }

    async fn send_apart(&mut self) -> Result<(), Stop> {
        self.stage.hand_in(std::mem::take(&mut self.apart)).await
    }

    async fn send_in_turn(&mut self) -> Result<(), Stop> {
        let cases = std::mem::take(&mut self.in_turn);
        self.stage.director.session.hand_in(Order::InTurn, cases).await
    }

    /// What comes after these is made up once it is known what became of them.
    async fn send_doubtful(&mut self) -> Result<(), Stop> {
        self.send_in_turn().await?;
        let cases = std::mem::take(&mut self.doubtful);
        self.stage.director.session.play_together(Order::InTurn, cases).await
    }

    /// Whether there is anything to vary.
    fn is_varied(&self) -> bool {
        let endpoint = self.stage.endpoint();
        let body = endpoint.operation.body.as_ref().is_some_and(|body| body.content.iter().any(|media| media.schema.is_some()));
        let free = |parameter: &specs::contract::Parameter| parameter.location != Location::Path && parameter.schema.is_some();
        endpoint.verb != Verb::Delete && (body || endpoint.operation.parameters.iter().any(free))
    }

    /// A number for one case of one operation: independent of what was sent before.
    pub(super) fn seed(&self, number: usize) -> u64 {
        let name = format!("{} {number}", self.stage.endpoint().name());
        // FNV-1a, 64 bits.
        let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        mixed ^ self.stage.director.session.options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    /// A random request that the document allows: what names things and what is secret stays as the ledger needs it.
    async fn allowed(&mut self, generator: &mut Generator) -> Result<Option<Case>, Stop> {
        let Some(base) = self.stage.base().await? else { return Ok(None) };
        let director = &self.stage.director;
        Ok(Some(director.wire.allowed(&base, &director.session.given, generator)))
    }

    /// A random request with one keyword broken.
    async fn broken(&mut self, generator: &mut Generator, number: usize) -> Result<Option<Case>, Stop> {
        // There are many ways to break one request, and finding them takes far longer than sending one: a long run tries several.
        if number >= CASES && self.broken.left > 0 && !self.broken.cases.is_empty() {
            self.broken.left -= 1;
            let chosen = generator.random().random_range(0..self.broken.cases.len());
            let chosen = self.broken.cases.swap_remove(chosen);
            let next = std::mem::replace(&mut self.stage.subject, self.broken.about.clone());
            let refreshed = self.stage.refresh_alone(chosen).await;
            self.stage.subject = next;
            return refreshed.map(Some);
        }
        let Some(base) = self.allowed(generator).await? else { return Ok(None) };
        let wire = Arc::clone(&self.stage.director.wire);
        let varied = wire.all(self.stage.endpoint(), &base, generator);
        let broken = |case: &Case| matches!(case.validity, Validity::Broken(_)) && !matches!(case.inputs.body, Some(Payload::Raw(..)));
        let mut cases: Vec<Case> = varied.cases.into_iter().filter(broken).collect();
        if cases.is_empty() {
            return Ok(None);
        }
        let chosen = cases.swap_remove(generator.random().random_range(0..cases.len()));
        self.broken = Series { cases, left: OF_ONE, about: self.stage.subject.clone() };
        self.stage.refresh(chosen).await.map(Some)
    }

    /// A request with one odd text in it: as the secret, as the name, or as a text of which the schema says nothing.
    async fn odd(&mut self, generator: &mut Generator) -> Result<Option<Case>, Stop> {
        let Some(base) = self.stage.base().await? else { return Ok(None) };
        let core = random_text(24, generator.random());
        let texts = odd_texts(&core);
        let choice = generator.random().random_range(0..texts.len());
        let named = matches!(self.stage.endpoint().verb, Verb::Create | Verb::Put);
        let drafted = match generator.random().random_range(0..4) {
            0 if named => self.with_name(&base, choice),
            1 => self.with_text(&base, &texts[choice]),
            _ => self.with_secret(&base, &core, &texts[choice]),
        };
        Ok(drafted.or_else(|| self.with_secret(&base, &core, &texts[choice])).or_else(|| self.with_text(&base, &texts[choice])))
    }

    pub(super) fn with_secret(&mut self, base: &Case, core: &str, odd: &Odd) -> Option<Case> {
        let endpoint = self.stage.endpoint();
        let resource = self.stage.director.contract().resource_of(endpoint)?;
        let path = resource.secret().iter().find(|path| crate::drafting::takes(endpoint, path.field()))?;
        let mut intent = base.intent.clone();
        put_secret(&mut intent.fields, path, schema_of(endpoint, path.field()), &odd.text);
        let case = self.drafted(base, intent, odd)?;
        self.stage.director.session.canaries.plant_in(&odd.text, core);
        Some(case)
    }

    fn with_name(&mut self, base: &Case, number: usize) -> Option<Case> {
        let endpoint = self.stage.endpoint();
        let key = self.stage.director.contract().resource_of(endpoint)?.key()?;
        let name = base.intent.fields.get(key)?.as_str()?;
        let odd = odd_name(name, number);
        schema_of(endpoint, key)?;
        let mut intent = base.intent.clone();
        intent.fields.insert(key.to_owned(), odd.text.as_str().into());
        self.drafted(base, intent, &odd)
    }

    /// A member of the body of which the schema says no more than that it is a text.
    fn with_text(&mut self, base: &Case, odd: &Odd) -> Option<Case> {
        let endpoint = self.stage.endpoint();
        let resource = self.stage.director.contract().resource_of(endpoint);
        let media = endpoint.operation.body.as_ref()?.content.iter().find(|media| media.schema.is_some())?;
        let free = |name: &str, node: specs::contract::SchemaNode<'_>| {
            let bound = ["enum", "const", "pattern", "format"].iter().any(|keyword| node.keyword(keyword).is_some());
            let meant = resource.is_some_and(|own| own.key() == Some(name) || own.secret().iter().any(|path| path.field() == name));
            node.types() == ["string"] && !bound && !meant && !node.flag("readOnly")
        };
        let (name, node) = media.schema.as_ref()?.node().properties().into_iter().find(|(name, node)| free(name, *node))?;
        let longest = node.keyword("maxLength").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        let mut inputs = base.inputs.clone();
        inputs.set(&Input::Member(name.to_owned()), odd.text.chars().take(longest).collect::<String>().into());
        let intent = Intent::read(endpoint, &inputs);
        let case = Case { inputs, intent: Intent { scope: base.intent.scope.clone(), ..intent }, ..base.clone() };
        is_valid(endpoint, &case.inputs).then(|| opened(case, odd))
    }

    fn drafted(&self, base: &Case, intent: Intent, odd: &Odd) -> Option<Case> {
        let endpoint = self.stage.endpoint();
        let inputs = lay(&intent, endpoint, base.inputs.clone());
        let arrived = self.stage.director.wire.arrived(self.stage.index, &inputs)?;
        let valid = is_valid(endpoint, &inputs) && is_valid(endpoint, &arrived);
        valid.then(|| opened(Case { inputs, intent, ..base.clone() }, odd))
    }

    /// A text that no decoder can read for certain: bytes that are not UTF-8, or half of a surrogate pair.
    async fn undecodable(&mut self, number: usize) -> Result<Option<Case>, Stop> {
        let Some(base) = self.stage.base().await? else { return Ok(None) };
        let halved = (number / KINDS) % 2 == 1;
        Ok(if halved { self.spoilt(&base, b"\\ud800", None) } else { self.spoilt(&base, b"\xc3\x28\xff", Some("encoding")) })
    }

    /// The JSON of a request with these bytes at the start of its secret.
    fn spoilt(&self, base: &Case, bytes: &[u8], keyword: Option<&str>) -> Option<Case> {
        let endpoint = self.stage.endpoint();
        let resource = self.stage.director.contract().resource_of(endpoint)?;
        let secret = specs::wire::secrets_in(&base.intent.fields, resource).first().map(|secret| (*secret).to_owned())?;
        let media = endpoint.operation.body.as_ref()?.content.iter().find(|media| is_json(&media.name) && !media.name.contains('*'))?;
        let text = base.inputs.json()?.to_string();
        let (before, after) = text.split_once(&secret)?;
        let body = [before.as_bytes(), bytes, secret.as_bytes(), after.as_bytes()].concat();
        let validity = keyword.map_or(Validity::Open, |keyword| {
            let how = "not UTF-8".to_owned();
            Validity::Broken(Broken { place: "body".to_owned(), keyword: keyword.to_owned(), how })
        });
        let inputs = Inputs { body: Some(Payload::Raw(media.name.clone(), Bytes::from(body))), ..base.inputs.clone() };
        // Such text is no JSON, or none that parsers agree about (RFC 8259, sections 8.1 and 8.2).
        let provokes = Some(Situation::MalformedBody);
        Some(Case { inputs, validity, provokes, ..base.clone() })
    }
}

fn opened(case: Case, odd: &Odd) -> Case {
    let validity = if odd.open { Validity::Open } else { Validity::Valid };
    Case { validity, ..case }.generous()
}
