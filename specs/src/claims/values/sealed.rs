//! Fields that travel sealed: the client encrypts them with a key that the server tells.

use serde::{Deserialize, Serialize};

/// How a field travels sealed, and where the key for it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The kind of box.
    #[serde(rename = "box")]
    pub kind: SealedBox,
    /// The operation that tells the key, by its `operationId`, or by method and path template.
    pub keys: String,
    /// The member of its answer that holds the public key, in base64 (RFC 4648, section 4).
    pub key: String,
    /// The member of its answer that holds the key's id.
    pub id: String,
    /// The field in which a write states the id of the key that it has used.
    pub stated: String,
}

/// A kind of box that only the holder of a key can open, and that anybody can close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SealedBox {
    /// libsodium's sealed box: a fresh X25519 key in front of an XSalsa20-Poly1305 box whose nonce is the `BLAKE2b` of both public keys. In base64.
    #[serde(rename = "x25519-xsalsa20-poly1305")]
    X25519XSalsa20Poly1305,
}
