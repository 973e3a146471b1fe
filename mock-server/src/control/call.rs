//! What a control works with.

use std::sync::Arc;

use specs::wire::Request;

use crate::engine::Engine;

/// A request to the control plane.
pub(crate) struct Call<'c> {
    /// The request; its path is the original one.
    pub(crate) request: &'c Request,
    /// The sandbox on which it acts; the empty name is the one without a name.
    pub(crate) sandbox: &'c str,
    /// The APIs on which it acts: the one that the path names, else all of them.
    pub(crate) engines: Vec<&'c Arc<Engine>>,
}
