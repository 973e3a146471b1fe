//! Key pairs for sealed boxes: one for each scope, made of the seed, so that the same seed tells the same keys.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dryoc::classic::crypto_box::{PublicKey, SecretKey, crypto_box_seal_open, crypto_box_seed_keypair};
use dryoc::constants::CRYPTO_BOX_SEALBYTES;
use sha2::{Digest as _, Sha256};

use crate::store::Scope;

/// The key pair of a scope (libsodium, "Sealed boxes": X25519 and XSalsa20-Poly1305).
pub(crate) struct KeyPair {
    public: PublicKey,
    secret: SecretKey,
}

impl KeyPair {
    /// The key pair of the things of a resource in a scope.
    pub(crate) fn of(seed: u64, resource: &str, scope: &Scope) -> Self {
        let mut digest = Sha256::new().chain_update(seed.to_be_bytes());
        let names = scope.chain().flat_map(|(resource, identity)| [resource, identity]);
        for name in std::iter::once(resource).chain(names) {
            digest.update(u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(name);
        }
        let (public, secret) = crypto_box_seed_keypair(&digest.finalize().into());
        Self { public, secret }
    }

    /// The public key in base64.
    pub(crate) fn public(&self) -> String {
        BASE64_STANDARD.encode(self.public)
    }

    /// The id: digits that follow from the key.
    pub(crate) fn id(&self) -> String {
        let digest = Sha256::digest(self.public);
        let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{number:020}")[2..].to_owned()
    }

    /// What is in a box that was sealed with the public key, as text; what is no text as base64. None if the box is not for this key.
    pub(crate) fn open(&self, sealed: &str) -> Option<String> {
        let closed = BASE64_STANDARD.decode(sealed).ok()?;
        let mut opened = vec![0; closed.len().checked_sub(CRYPTO_BOX_SEALBYTES)?];
        crypto_box_seal_open(&mut opened, &closed, &self.public, &self.secret).ok()?;
        Some(String::from_utf8(opened).unwrap_or_else(|error| BASE64_STANDARD.encode(error.as_bytes())))
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("id", &self.id()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dryoc::classic::crypto_box::crypto_box_seal;

    fn sealed(value: &[u8], pair: &KeyPair) -> String {
        let mut closed = vec![0; value.len() + CRYPTO_BOX_SEALBYTES];
        crypto_box_seal(&mut closed, value, &pair.public).expect("it can be sealed");
        BASE64_STANDARD.encode(closed)
    }

    #[test]
    fn a_box_opens_for_its_own_key_alone() {
        let scope = Scope::root().inside("project", "first");
        let pair = KeyPair::of(7, "secret", &scope);
        let again = KeyPair::of(7, "secret", &scope);
        assert_eq!((pair.public(), pair.id()), (again.public(), again.id()));
        assert_eq!((pair.id().len(), pair.public().len()), (18, 44));
        let closed = sealed("hush, in öther letters".as_bytes(), &pair);
        assert_eq!(again.open(&closed).as_deref(), Some("hush, in öther letters"));
        for other in [KeyPair::of(8, "secret", &scope), KeyPair::of(7, "key", &scope), KeyPair::of(7, "secret", &Scope::root())] {
            assert_ne!((other.public(), other.id()), (pair.public(), pair.id()));
            assert_eq!(other.open(&closed), None);
        }
        assert_eq!(pair.open(&sealed(&[0xff, 0xfe], &pair)).as_deref(), Some("//4="));
    }

    #[test]
    fn what_is_no_box_does_not_open() {
        let pair = KeyPair::of(0, "secret", &Scope::root());
        for text in ["", "c2VjcmV0", "not base64", &"A".repeat(64)] {
            assert_eq!(pair.open(text), None, "{text}");
        }
        assert_eq!(pair.open(&sealed(b"", &pair)).as_deref(), Some(""));
    }
}
