//! How an answer is brought to the client: usually at once and whole.

use std::time::Duration;

use specs::wire::Response;

/// An answer, and how it is to be brought.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) response: Response,
    pub(crate) delivery: Delivery,
}

/// When and how an answer goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// How long it is held back.
    pub(crate) delay: Duration,
    /// How it goes out then.
    pub(crate) manner: Manner,
}

/// In which manner an answer goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As it should.
    #[default]
    Whole,
    /// Not at all, and the request has never arrived: the connection is reset.
    Lost,
    /// Not at all: the connection is reset.
    Reset,
    /// The head, and a part of the body.
    Truncated,
    /// The body in pieces, the last of them after so long.
    Slow(Duration),
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self { response, delivery: Delivery::default() }
    }
}
