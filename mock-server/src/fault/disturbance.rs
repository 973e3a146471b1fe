//! Disturbances: what can go wrong between a client and a server that is right.

use std::fmt;
use std::time::Duration;

use super::span::{self, Written};

/// One disturbance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// Answers come late, by a time between these two.
    Latency(Duration, Duration),
    /// Nothing is carried out, and this status is the answer.
    Status(u16),
    /// After so many requests the others are refused, until so long after the first of them.
    RateLimit(u64, Duration),
    /// From the first request on nothing is served for so long.
    Unavailable(Duration),
    /// The connection is reset before the request is carried out.
    ResetBefore,
    /// The request is carried out, and the connection is reset before it is acknowledged.
    ResetAfter,
    /// The connection ends in the middle of the body.
    TruncatedBody,
    /// The body comes in small pieces, and takes so long.
    SlowBody(Duration),
    /// After so many requests valid credentials have expired.
    ExpireToken(u64),
    /// For so long after a change, reads see what was before it.
    StaleReads(Duration),
    /// A list always says that there is another page.
    EndlessPages,
}

/// A disturbance as it is asked for.
pub(super) struct Kind {
    /// Its name.
    pub(super) name: &'static str,
    /// How its value is written; empty where it has none.
    pub(super) value: &'static str,
    /// What it does.
    pub(super) about: &'static str,
    read: fn(&str) -> Option<Disturbance>,
}

/// Every kind.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "latency",
        value: "TIME or TIME..TIME",
        about: "Every answer comes late, by a fixed time or by one between two",
        read: latency,
    },
    Kind {
        name: "status",
        value: "CODE",
        about: "Nothing is carried out; the answer has this status, which the operation documents, or 429, 500, 502, 503, 504",
        read: |text| text.parse().ok().filter(|code| (200..600).contains(code)).map(Disturbance::Status),
    },
    Kind {
        name: "rate-limit",
        value: "N/TIME",
        about: "After N requests the others are answered 429 with Retry-After, until TIME after the first has passed",
        read: |text| {
            let (requests, time) = text.split_once('/')?;
            Some(Disturbance::RateLimit(requests.parse().ok()?, span::read(time)?))
        },
    },
    Kind {
        name: "unavailable",
        value: "TIME",
        about: "From the first request on everything is answered 503 with Retry-After, for so long",
        read: |text| span::read(text).map(Disturbance::Unavailable),
    },
    Kind {
        name: "reset-before",
        value: "",
        about: "The connection is reset, and the request is not carried out",
        read: |_| Some(Disturbance::ResetBefore),
    },
    Kind {
        name: "reset-after",
        value: "",
        about: "The request is carried out, and the connection is reset before the answer: the acknowledgement is lost",
        read: |_| Some(Disturbance::ResetAfter),
    },
    Kind {
        name: "truncated-body",
        value: "",
        about: "The connection ends in the middle of the body, whose Content-Length promises more",
        read: |_| Some(Disturbance::TruncatedBody),
    },
    Kind {
        name: "slow-body",
        value: "TIME",
        about: "The body comes in small pieces, and the last of them after so long",
        read: |text| span::read(text).map(Disturbance::SlowBody),
    },
    Kind {
        name: "expire-token",
        value: "N",
        about: "After N requests, valid credentials are refused as expired ones are",
        read: |text| text.parse().ok().map(Disturbance::ExpireToken),
    },
    Kind {
        name: "stale-reads",
        value: "TIME",
        about: "For so long after a change, reads and lists see what was before it",
        read: |text| span::read(text).map(Disturbance::StaleReads),
    },
    Kind {
        name: "endless-pages",
        value: "",
        about: "A list always says that there is another page, and begins again after its end",
        read: |_| Some(Disturbance::EndlessPages),
    },
];

fn latency(text: &str) -> Option<Disturbance> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (span::read(from)?, span::read(to)?);
    (from <= to).then_some(Disturbance::Latency(from, to))
}

impl Kind {
    /// Reads the disturbance with its value; nothing where the value is not of the form that it should have.
    pub(super) fn with(&self, value: Option<&str>) -> Option<Disturbance> {
        match value {
            Some(_) if self.value.is_empty() => None,
            None if !self.value.is_empty() => None,
            value => (self.read)(value.unwrap_or_default()),
        }
    }
}

impl Disturbance {
    /// The name by which it is asked for.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Latency(..) => "latency",
            Self::Status(_) => "status",
            Self::RateLimit(..) => "rate-limit",
            Self::Unavailable(_) => "unavailable",
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
            Self::TruncatedBody => "truncated-body",
            Self::SlowBody(_) => "slow-body",
            Self::ExpireToken(_) => "expire-token",
            Self::StaleReads(_) => "stale-reads",
            Self::EndlessPages => "endless-pages",
        }
    }

    /// Its value as it is written, if it has one.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        match self {
            Self::Latency(from, to) if from == to => Some(Written(*from).to_string()),
            Self::Latency(from, to) => Some(format!("{}..{}", Written(*from), Written(*to))),
            Self::Status(code) => Some(code.to_string()),
            Self::RateLimit(requests, time) => Some(format!("{requests}/{}", Written(*time))),
            Self::Unavailable(time) | Self::SlowBody(time) | Self::StaleReads(time) => Some(Written(*time).to_string()),
            Self::ExpireToken(requests) => Some(requests.to_string()),
            Self::ResetBefore | Self::ResetAfter | Self::TruncatedBody | Self::EndlessPages => None,
        }
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.value().map_or(Ok(()), |value| write!(f, "={value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: Option<&str>) -> Option<Disturbance> {
        KINDS.iter().find(|kind| kind.name == name).expect("a kind").with(value)
    }

    #[test]
    fn values_read_back_and_wrong_ones_are_refused() {
        for (name, value) in [
            ("latency", Some("200ms")),
            ("latency", Some("50ms..300ms")),
            ("status", Some("503")),
            ("rate-limit", Some("5/2s")),
            ("unavailable", Some("2s")),
            ("reset-before", None),
            ("reset-after", None),
            ("truncated-body", None),
            ("slow-body", Some("1s")),
            ("expire-token", Some("3")),
            ("stale-reads", Some("500ms")),
            ("endless-pages", None),
        ] {
            let read = read(name, value).expect(name);
            assert_eq!((read.name(), read.value().as_deref()), (name, value));
        }
        for (name, value) in [
            ("latency", None),
            ("latency", Some("2s..1s")),
            ("latency", Some("fast")),
            ("status", Some("99")),
            ("status", Some("600")),
            ("rate-limit", Some("5")),
            ("reset-after", Some("1")),
            ("expire-token", Some("-1")),
        ] {
            assert_eq!(read(name, value), None, "{name}={value:?}");
        }
    }
}
