//! Canaries: every secret that is written is unlike any other, so that each later byte can be searched for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use specs::wire::Response;

use crate::forgotten::Forgotten;
use crate::hidden::{Hidden, LONGEST_HIDDEN, SHORTEST};
use crate::needles::Needles;
use crate::tellings::{PIECE, Telling, tellings};

/// No more of a secret than this is looked for.
const LONGEST_NEEDLE: usize = 96;

/// What is shown instead of a text that may tell a secret which is forgotten.
const WITHHELD: &str = "(not shown: it may tell a secret of long ago)";

/// The characters of the random part: letters and digits, so that most patterns allow them and no encoding changes them.
const CHARACTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// All secrets that were written.
pub(crate) struct Canaries {
    /// By number; those that were forgotten are missing.
    written: BTreeMap<usize, Written>,
    /// The number of the next.
    next: usize,
    /// The number of each.
    numbers: HashMap<String, usize, ahash::RandomState>,
    /// What must not be shown.
    hidden: Mutex<Hidden>,
    /// Every telling of those that are unlike any other: finding one is no accident.
    sought: Needles<(usize, Telling)>,
    /// What was forgotten, as far as is needed to show none of it.
    forgotten: Forgotten,
}

/// A secret that was written.
struct Written {
    text: String,
    /// The part of it that is unlike any other text; without one, all of it is.
    core: Option<String>,
    /// Whether every answer is searched for it.
    planted: bool,
}

impl Written {
    /// What is looked for: where there is a core, the rest is a form that many secrets have, and finding that tells nothing.
    fn sought(&self) -> Vec<(String, Telling)> {
        tellings(self.core.as_ref().unwrap_or(&self.text))
    }
}

impl Default for Canaries {
    fn default() -> Self {
        let (hidden, sought) = (Mutex::new(Hidden::none()), Needles::new(false));
        Self { written: BTreeMap::new(), next: 0, numbers: HashMap::default(), hidden, sought, forgotten: Forgotten::default() }
    }
}

/// A secret found where it was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// Which secret.
    pub(crate) canary: usize,
    /// How it is told.
    pub(crate) telling: Telling,
    /// The header that holds it; none for the body.
    pub(crate) header: Option<String>,
}

/// Random text for a new secret.
pub(crate) fn random_text(length: usize, random: &mut ChaCha8Rng) -> String {
    (0..length).map(|_| char::from(CHARACTERS[random.random_range(0..CHARACTERS.len())])).collect()
}

impl Canaries {
    /// Notes a secret before it is sent, so that nothing that is shown repeats it.
    pub(crate) fn note(&mut self, secret: &str) {
        self.noted(secret);
    }

    /// Notes a secret that is unlike any other, so that every answer is searched for it.
    pub(crate) fn plant(&mut self, secret: &str) {
        let number = self.noted(secret);
        self.seek(number);
    }

    /// Notes a secret of which only a part is unlike any other: a key in its armour, a value among blanks, a part that is repeated.
    pub(crate) fn plant_in(&mut self, secret: &str, core: &str) {
        let number = self.noted(secret);
        let Some(own) = self.written.get_mut(&number).filter(|own| !own.planted) else { return };
        own.core = Some(core.to_owned());
        self.hide(core, number);
        self.seek(number);
    }

    /// The number of a secret that was written now or before.
    fn noted(&mut self, secret: &str) -> usize {
        if let Some(number) = self.number(secret) {
            return number;
        }
        let number = self.next;
        self.next += 1;
        self.written.insert(number, Written { text: secret.to_owned(), core: None, planted: false });
        self.numbers.insert(secret.to_owned(), number);
        self.hide(secret, number);
        number
    }

    fn hide(&mut self, text: &str, number: usize) {
        self.hidden().add(text, number);
    }

    fn hidden(&self) -> MutexGuard<'_, Hidden> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on every answer is searched for this secret.
    fn seek(&mut self, number: usize) {
        let Some(own) = self.written.get_mut(&number).filter(|own| !own.planted) else { return };
        own.planted = true;
        for (needle, telling) in own.sought().into_iter().filter(|(needle, _)| needle.len() >= PIECE) {
            let end = needle.char_indices().nth(LONGEST_NEEDLE).map_or(needle.len(), |(end, _)| end);
            self.sought.add(&needle[..end], (number, telling));
        }
    }

    /// The part of a secret that is unlike any other text, if that is not all of it.
    pub(crate) fn core_of(&self, secret: &str) -> Option<&str> {
        self.written[&self.number(secret)?].core.as_deref()
    }

    /// The number of a secret, if it was written.
    pub(crate) fn number(&self, secret: &str) -> Option<usize> {
        self.numbers.get(secret).copied()
    }

    /// Every secret that a response holds, in its body and its headers.
    pub(crate) fn sightings(&self, response: &Response) -> Vec<Sighting> {
        let mut found = self.search(&response.body, None);
        for (name, value) in &response.headers {
            found.extend(self.search(value.as_bytes(), Some(name.as_str())));
        }
        found.sort_by_key(|sighting| (sighting.canary, sighting.header.clone(), sighting.telling));
        found.dedup_by_key(|sighting| (sighting.canary, sighting.header.clone()));
        found
    }

    fn search(&self, bytes: &[u8], header: Option<&str>) -> Vec<Sighting> {
        let hits = self.sought.find(bytes).into_iter().map(|hit| hit.meaning);
        hits.map(|(canary, telling)| Sighting { canary, telling, header: header.map(str::to_owned) }).collect()
    }

    /// Every text that would tell a secret which is unlike any other, or one of these credentials, with the secret's number.
    pub(crate) fn needles(&self, credentials: &[String]) -> impl Iterator<Item = (String, usize)> {
        let watched = |(_, own): &(&usize, &Written)| own.planted || credentials.contains(&own.text);
        let told = |(number, own): (&usize, &Written)| {
            let number = *number;
            let told = own.sought().into_iter().filter(|(_, telling)| *telling != Telling::Piece);
            told.map(move |(needle, _)| (needle, number))
        };
        self.written.iter().filter(watched).flat_map(told)
    }

    /// A text with every secret in it replaced by a name for it: what may be shown.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut hits = self.hidden().ready().find(text.as_bytes());
        // The longer of two that begin together: a short secret may be a part of a long one.
        hits.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
        let mut shown = String::with_capacity(text.len());
        let mut told = 0;
        for hit in hits {
            if hit.start >= told {
                shown.push_str(&text[told..hit.start]);
                let _ = write!(shown, "secret-{}", hit.meaning + 1);
            }
            told = told.max(hit.end);
        }
        shown.push_str(&text[told..]);
        if self.forgotten.may_stand_in(&shown) { WITHHELD.to_owned() } else { shown }
    }

    /// How many secrets were written, those that are forgotten among them.
    pub(crate) const fn count(&self) -> usize {
        self.next
    }

    /// How many of them are not forgotten.
    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.written.len()
    }

    /// The numbers of the secrets that a text would tell, of those that every answer is searched for.
    pub(crate) fn told_in(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        self.sought.find(bytes).into_iter().map(|hit| hit.meaning.0)
    }

    /// The numbers of the secrets that a value holds, alone or among others, or would tell.
    pub(crate) fn held_by(&self, value: &Value) -> BTreeSet<usize> {
        let mut held: BTreeSet<usize> = self.told_in(value.to_string().as_bytes()).collect();
        self.add_whole(value, &mut held);
        held
    }

    /// Adds those that are one of a value's texts.
    pub(crate) fn add_whole(&self, value: &Value, held: &mut BTreeSet<usize>) {
        match value {
            Value::String(text) => held.extend(self.number(text)),
            Value::Array(items) => items.iter().for_each(|item| self.add_whole(item, held)),
            Value::Object(members) => members.values().for_each(|member| self.add_whole(member, held)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Forgets every secret but the ones of these numbers: it is not looked for any more, and shown all the less.
    pub(crate) fn forget_but(&mut self, kept: &BTreeSet<usize>) {
        // A short one has no piece by which it could be known again.
        let old = |number: &usize, own: &mut Written| !kept.contains(number) && own.text.len() >= PIECE;
        for (_, own) in self.written.extract_if(.., old) {
            let told = if own.text.len() > LONGEST_HIDDEN { vec![(own.text.clone(), Telling::Plain)] } else { tellings(&own.text) };
            let core = own.core.iter().flat_map(|core| tellings(core));
            told.into_iter().chain(core).for_each(|(text, _)| self.forgotten.add(&text));
            self.numbers.remove(&own.text);
        }
        let written = &self.written;
        self.sought.retain(|(number, _)| written.contains_key(&number));
        self.hidden.get_mut().unwrap_or_else(PoisonError::into_inner).retain(|number| written.contains_key(&number));
    }
}

impl Canaries {
    /// A text with each secret in it replaced by another of the same form: what may be shown and can be sent all the same.
    pub(crate) fn stand_in(&self, text: &str) -> String {
        let sought = |own: &Written| own.core.clone().unwrap_or_else(|| own.text.clone());
        let mut secrets: Vec<(usize, String)> = self.written.iter().map(|(number, own)| (*number, sought(own))).collect();
        secrets.retain(|(_, secret)| (SHORTEST..=text.len()).contains(&secret.len()));
        secrets.sort_by_key(|(_, secret)| std::cmp::Reverse(secret.len()));
        let mark = |number: &usize| format!("\u{f8ff}{number}\u{f8ff}");
        let mut shown = text.to_owned();
        for (number, secret) in &secrets {
            let escaped = serde_json::to_string(secret).unwrap_or_default();
            shown = shown.replace(secret.as_str(), &mark(number)).replace(escaped.trim_matches('"'), &mark(number));
        }
        // A short secret may be a part of what stands for another, so that comes last.
        secrets.iter().fold(self.redact(&shown), |shown, (number, secret)| shown.replace(&mark(number), &stand_in(number + 1, secret)))
    }
}

/// A text that names a secret and looks like it: as long, of letters and digits where it is, in upper case where it is.
fn stand_in(number: usize, secret: &str) -> String {
    let plain = secret.chars().all(|c| c.is_ascii_alphanumeric());
    let name = if plain { format!("secret{number}") } else { format!("secret-{number}") };
    let shown: String = name.chars().cycle().take(secret.chars().count().max(name.len())).collect();
    if secret.chars().any(|c| c.is_ascii_lowercase()) { shown } else { shown.to_uppercase() }
}

impl fmt::Debug for Canaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canaries").field("written", &self.written.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tellings::hex;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    const SECRET: &str = "8Jk2mNpQ7rStVxYz4aB";

    #[test]
    fn a_value_holds_a_secret_as_one_of_its_texts_or_tells_it_in_one() {
        let mut canaries = Canaries::default();
        canaries.note("swordfish-99");
        canaries.plant(SECRET);
        let value = serde_json::json!({"a": [1, {"b": "swordfish-99"}], "c": format!("it is {}", BASE64_STANDARD.encode(SECRET))});
        assert_eq!(canaries.held_by(&value), BTreeSet::from([0, 1]));
        assert_eq!(canaries.held_by(&serde_json::json!({"swordfish-99": "a swordfish-99"})), BTreeSet::new());
    }

    #[test]
    fn what_is_forgotten_is_shown_in_no_telling() {
        let mut canaries = Canaries::default();
        canaries.plant(SECRET);
        canaries.note("pin-42");
        canaries.forget_but(&BTreeSet::new());
        let reversed: String = SECRET.chars().rev().collect();
        let told =
            [SECRET.to_owned(), BASE64_STANDARD.encode(SECRET), hex(SECRET), hex(SECRET).to_uppercase(), reversed, SECRET.to_lowercase()];
        for told in told {
            assert_eq!(canaries.redact(&format!("it says {told} and more")), WITHHELD, "{told}");
        }
        assert_eq!(canaries.redact("it says pin-42"), "it says secret-2");
        assert_eq!(canaries.redact("it says nothing"), "it says nothing");
    }

    fn sightings(body: &str, header: &str) -> Vec<(Telling, Option<String>)> {
        let mut canaries = Canaries::default();
        canaries.plant("Zz9Yy8Xx7Ww6Vv5Uu4");
        canaries.note("of no interest, since it may occur by accident");
        canaries.plant(SECRET);
        let mut response = Response::new(200);
        response.body = body.to_owned().into();
        response.headers.insert("x-debug", header.parse().expect("a header value"));
        let found = canaries.sightings(&response);
        assert!(found.iter().all(|sighting| sighting.canary == 2));
        found.into_iter().map(|sighting| (sighting.telling, sighting.header)).collect()
    }

    #[test]
    fn a_secret_is_found_in_every_dress() {
        let base64 = BASE64_STANDARD.encode(format!("user:{SECRET}!"));
        assert_eq!(sightings(&format!("{{\"a\":\"{SECRET}\"}}"), "-"), [(Telling::Plain, None)]);
        assert_eq!(sightings(&base64, "-"), [(Telling::Base64, None)]);
        assert_eq!(sightings(&hex(SECRET).to_uppercase(), "-"), [(Telling::Hex, None)]);
        assert_eq!(sightings(&SECRET.chars().rev().collect::<String>(), "-"), [(Telling::Reversed, None)]);
        assert_eq!(sightings("it ends in StVxYz4aB", "-"), [(Telling::Piece, None)]);
        assert_eq!(sightings("{}", SECRET), [(Telling::Plain, Some("x-debug".to_owned()))]);
        assert_eq!(sightings("{\"value\":\"********\"}", "8Jk2"), []);
    }

    #[test]
    fn of_a_secret_in_armour_only_the_core_is_sought() {
        let mut canaries = Canaries::default();
        let secret = format!("-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----");
        canaries.plant_in(&secret, SECRET);
        let mut response = Response::new(200);
        response.body = "{\"hint\":\"-----BEGIN PRIVATE KEY-----\"}".into();
        assert_eq!(canaries.sightings(&response), []);
        response.body = format!("{{\"hint\":\"-----BEGIN {}\"}}", &SECRET[..8]).into();
        assert_eq!(canaries.sightings(&response).len(), 1);
        assert_eq!(canaries.number(&secret), Some(0));
        assert_eq!(canaries.redact(&format!("{secret} and {SECRET}")), "secret-1 and secret-1");
    }

    #[test]
    fn a_stand_in_has_the_form_of_its_secret() {
        let mut canaries = Canaries::default();
        canaries.note(SECRET);
        canaries.note("QX7RT2MN8KLP");
        let armoured = format!("-----BEGIN KEY-----\n{SECRET}\n-----END KEY-----");
        canaries.plant_in(&armoured, SECRET);
        let body = serde_json::json!({"a": SECRET, "b": "QX7RT2MN8KLP", "c": armoured}).to_string();
        let shown = canaries.stand_in(&body);
        assert!(shown.contains("\"a\":\"secret1secret1secre\"") && shown.contains("\"b\":\"SECRET2SECRE\""), "{shown}");
        assert!(shown.contains("BEGIN KEY-----\\nsecret1s") && shown.len() == body.len(), "{shown}");
    }

    #[test]
    fn what_is_shown_has_names_in_place_of_secrets() {
        let mut canaries = Canaries::default();
        canaries.note(SECRET);
        let shown = canaries.redact(&format!("value={SECRET} {}", BASE64_STANDARD.encode(SECRET)));
        assert!(shown.starts_with("value=secret-1 ") && !shown.contains(&BASE64_STANDARD.encode(SECRET)[..20]), "{shown}");
        assert!(!format!("{canaries:?}").contains("8Jk2"));
    }
}
