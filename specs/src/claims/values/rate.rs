//! How often a caller may ask, and the headers that tell how often it still may.

use serde::{Deserialize, Serialize};

/// A limit on requests, told in headers on every answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RateLimit {
    /// The windows in which requests are counted; the headers tell about the one that has the fewest left.
    pub windows: Vec<RateWindow>,
    /// Whose requests are counted together.
    pub per: RatePer,
    /// The header that tells how many requests a window allows.
    pub limit: String,
    /// The header that tells how many are left.
    pub remaining: String,
    /// The header that tells when the window ends.
    pub reset: String,
    /// How that moment is told.
    pub reset_in: RateReset,
}

/// So many requests in so much time, from the first request on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateWindow {
    /// How many requests are allowed; at least 1.
    pub requests: std::num::NonZeroU32,
    /// How long the window lasts, in seconds.
    pub seconds: u32,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RatePer {
    /// Those with one value of `Authorization`; those without any together.
    Credential,
    /// Those from one address, which are all the requests that one test sends.
    Address,
}

/// How the end of a window is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateReset {
    /// In seconds from now.
    Seconds,
    /// In seconds since 1970.
    Moment,
}
