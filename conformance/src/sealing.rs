//! Sealing: what travels sealed is closed with the key that the target tells, just before it is sent. Everywhere else in the runner it is
//! the plain text, which is what answers are searched for.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dryoc::classic::crypto_box::{PublicKey, crypto_box_easy, crypto_box_seed_keypair};
use dryoc::classic::crypto_generichash::crypto_generichash;
use dryoc::constants::{CRYPTO_BOX_NONCEBYTES, CRYPTO_BOX_PUBLICKEYBYTES, CRYPTO_BOX_SEALBYTES};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use specs::claims::{Binding, Sealed};
use specs::contract::{Contract, Endpoint, Input};
use specs::wire::{Inputs, Intent, Reading, validate};

use crate::case::{Case, Seal};
use crate::drafting::{Fill, blank, lay, scope_for};
use crate::ledger::text;
use crate::session::{Session, Stop};

/// What a case breaks that does not seal as it should: no keyword of a schema.
pub(crate) const SEALED: &str = "sealed";

/// An id that no key has.
const NO_KEY: &str = "000000000000000000";

/// Where a key is told: the endpoint's position, and the scope.
type Place = (usize, Vec<(String, String)>);

/// The keys that the target has told, by where; none where it told none.
#[derive(Debug, Default)]
pub(crate) struct Keys(BTreeMap<Place, Option<Key>>);

/// A key that the target has told.
#[derive(Clone)]
struct Key {
    public: PublicKey,
    id: Value,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The inputs of an endpoint that travel sealed, each with how.
pub(crate) fn sealed_inputs<'c>(contract: &'c Contract, endpoint: &'c Endpoint) -> Vec<(&'c Input, &'c Sealed)> {
    let Some(resource) = contract.resource_of(endpoint) else { return Vec::new() };
    let sealed = |binding: &'c Binding| match binding {
        Binding::Field(field) => resource.fields.get(field)?.sealed.as_ref().map(|claim| &claim.value),
        _ => None,
    };
    endpoint.bound(sealed).collect()
}

/// The input in which an endpoint takes a field.
fn input_of<'e>(endpoint: &'e Endpoint, field: &'e str) -> Option<&'e Input> {
    let states = move |binding: &Binding| matches!(binding, Binding::Field(own) if own == field).then_some(());
    endpoint.bound(states).next().map(|(input, ())| input)
}

impl Session<'_> {
    /// Asks for the keys that a case needs and that were not told yet.
    pub(crate) async fn learn_keys(&mut self, case: &Case) -> Result<(), Stop> {
        let contract = self.contract;
        for (_, sealed) in sealed_inputs(contract, self.endpoint(case.endpoint)) {
            let Some(place) = self.place(sealed, &case.intent) else { continue };
            if !self.keys.0.contains_key(&place) {
                let key = self.ask_key(sealed, place.0, &case.intent).await?;
                self.keys.0.insert(place, key);
            }
        }
        Ok(())
    }

    fn place(&self, sealed: &Sealed, intent: &Intent) -> Option<Place> {
        let scope = intent.scope.iter().map(|selector| (selector.resource.clone(), text(&selector.value)));
        Some((self.contract.endpoint_named(&sealed.keys)?, scope.collect()))
    }

    async fn ask_key(&mut self, sealed: &Sealed, index: usize, intent: &Intent) -> Result<Option<Key>, Stop> {
        let endpoint = self.endpoint(index);
        let Some(inputs) = blank(endpoint, &mut self.generator, &self.given, Fill::Minimal) else { return Ok(None) };
        let asked = Intent { scope: scope_for(endpoint, &intent.scope), ..Intent::default() };
        let case = Case::new(index, lay(&asked, endpoint, inputs), asked);
        let request = self.request(endpoint, &case);
        self.settle().await?;
        self.sent += 1;
        let response = self.transport.send(&self.target, &request).await?;
        let reading = Reading::of(self.contract, endpoint, &response);
        Ok(reading.record().and_then(|told| {
            let public = BASE64_STANDARD.decode(told.get(&sealed.key)?.as_str()?).ok()?;
            Some(Key { public: public.try_into().ok()?, id: told.get(&sealed.id)?.clone() })
        }))
    }

    /// Whether a case seals something for which the target has told no key: no document says what becomes of it.
    pub(crate) fn lacks_key(&self, case: &Case) -> bool {
        let sealed = sealed_inputs(self.contract, self.endpoint(case.endpoint));
        sealed.into_iter().any(|(input, sealed)| case.inputs.value(input).is_some() && self.key(sealed, &case.intent).is_none())
    }

    fn key(&self, sealed: &Sealed, intent: &Intent) -> Option<Key> {
        self.keys.0.get(&self.place(sealed, intent)?).cloned().flatten()
    }

    /// The inputs of a case as they travel: what is to be sealed is, and the key is named. What is no valid value stays as it is.
    pub(crate) fn sealed(&mut self, endpoint: &Endpoint, case: &Case) -> Inputs {
        let contract = self.contract;
        let mut inputs = case.inputs.clone();
        let sealed = sealed_inputs(contract, endpoint);
        let wrong = if sealed.is_empty() { Vec::new() } else { validate(endpoint, &inputs) };
        let is_right = |input: &Input| wrong.iter().all(|wrong| wrong.name != input.name());
        for (input, sealed) in sealed {
            let key = self.key(sealed, &case.intent);
            if let Some(Value::String(plain)) = inputs.value(input).filter(|_| is_right(input) && case.seal != Seal::Open).cloned() {
                let public = key.as_ref().filter(|_| case.seal != Seal::OtherKey).map(|key| key.public);
                let closed = seal(&plain, public, self.generator.random());
                self.canaries.plant(&closed);
                inputs.set(input, closed.into());
            }
            let stated = input_of(endpoint, &sealed.stated).filter(|stated| inputs.value(stated).is_some() && is_right(stated));
            let id = if case.seal == Seal::OtherId { Some(NO_KEY.into()) } else { key.map(|key| key.id) };
            if let Some((stated, id)) = stated.zip(id) {
                inputs.set(stated, id);
            }
        }
        inputs
    }
}

/// A sealed box in base64 (libsodium, "Sealed boxes"): the public half of a key made for it alone, then the box. Without a key it is closed
/// for nobody.
fn seal(plain: &str, public: Option<PublicKey>, random: &mut ChaCha8Rng) -> String {
    let public = public.unwrap_or_else(|| crypto_box_seed_keypair(&random.random()).0);
    let (own, secret) = crypto_box_seed_keypair(&random.random());
    let mut nonce = [0; CRYPTO_BOX_NONCEBYTES];
    let mut closed = vec![0; CRYPTO_BOX_SEALBYTES + plain.len()];
    let (front, boxed) = closed.split_at_mut(CRYPTO_BOX_PUBLICKEYBYTES);
    front.copy_from_slice(&own);
    let done = crypto_generichash(&mut nonce, &[own, public].concat(), None)
        .and_then(|()| crypto_box_easy(boxed, plain.as_bytes(), &nonce, &public, &secret));
    done.expect("every length is the one that the box asks for");
    BASE64_STANDARD.encode(closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dryoc::classic::crypto_box::crypto_box_seal_open;
    use rand::SeedableRng;

    #[test]
    fn a_sealed_value_opens_for_its_key_and_for_no_other() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let (public, secret) = crypto_box_seed_keypair(&[7; 32]);
        for plain in ["", "hush", "a longer plain text, in öther letters"] {
            let closed = BASE64_STANDARD.decode(seal(plain, Some(public), &mut random)).expect("base64");
            let mut opened = vec![0; plain.len()];
            crypto_box_seal_open(&mut opened, &closed, &public, &secret).expect("it opens");
            assert_eq!(opened, plain.as_bytes());
            let other = BASE64_STANDARD.decode(seal(plain, None, &mut random)).expect("base64");
            assert!(crypto_box_seal_open(&mut opened, &other, &public, &secret).is_err());
        }
        assert_ne!(seal("hush", Some(public), &mut random), seal("hush", Some(public), &mut random));
    }
}
