//! Values that travel sealed: where the key is told, and which writes take a box.

use super::derived;
use super::prose::says;
use super::resources::{sent_names, success_objects};
use super::secrets::Acting;
use super::words::words;
use crate::claims::{Claim, FieldPath, Sealed, SealedBox, Verb};
use crate::contract::Operation;

/// Words for libsodium's sealed box; there is no keyword for it.
const WORDS: [&str; 4] = ["libsodium", "sealed box", "sealed boxes", "crypto_box_seal"];

/// Whether a view tells the public key for which values are sealed: by its name, and by a member that holds a key beside the key's id.
pub(super) fn tells_key(operation: &Operation, view: &str) -> bool {
    let name = words(view);
    let named =
        name.iter().any(|word| word == "key") && name.iter().any(|word| matches!(word.as_str(), "public" | "sealing" | "encryption"));
    named && success_objects(operation).into_iter().any(|answer| answer.property("key").is_some())
}

/// How a field travels where the words about a write say that it takes a sealed box, and some operation tells the key.
pub(super) fn sealed(operations: &[Acting<'_>], path: &FieldPath) -> Option<Claim<Sealed>> {
    let takes = |(operation, verb, _): &&Acting<'_>| {
        matches!(verb, Verb::Create | Verb::Put | Verb::Update) && sent_names(operation).contains(&path.field()) && speaks(operation)
    };
    let (write, ..) = operations.iter().find(takes)?;
    let (told, ..) = operations.iter().find(|(_, verb, _)| *verb == Verb::SealingKey)?;
    let answer = success_objects(told).into_iter().find(|answer| answer.property("key").is_some())?;
    let stated = sent_names(write).into_iter().find(|name| *name != path.field() && answer.property(name).is_some())?.to_owned();
    let keys = told.id.clone().unwrap_or_else(|| told.key.to_string());
    let sealed = Sealed { kind: SealedBox::X25519XSalsa20Poly1305, keys, key: "key".to_owned(), id: stated.clone(), stated };
    Some(derived(sealed, format!("{}: the words about it name libsodium's sealed box", write.key)))
}

fn speaks(operation: &Operation) -> bool {
    WORDS.into_iter().any(|word| says(&operation.prose, word))
}
