//! What a control works with.

use std::sync::{Arc, Mutex};

use specs::wire::Request;

use super::guard::ControlToken;
use crate::engine::Engine;
use crate::lasting::{Grip, at_once};
use crate::sandbox::State;

/// A request to the control plane.
pub(crate) struct Call<'c> {
    /// The request; its path is the original one.
    pub(crate) request: &'c Request,
    /// Whether it comes from this machine.
    pub(crate) near: bool,
    /// What others must know to be answered.
    pub(crate) token: Option<&'c ControlToken>,
    /// The sandbox on which it acts; the empty name is the one without a name.
    pub(crate) sandbox: &'c str,
    /// The APIs on which it acts: the one that the path names, else all of them.
    pub(crate) engines: Vec<&'c Arc<Engine>>,
}

impl<'c> Call<'c> {
    /// Acts on the states of the sandbox in all APIs at once, made on first use; none when there are too many sandboxes.
    pub(crate) fn at_once<T>(&self, act: impl FnOnce(&mut [Grip<'_>]) -> T) -> Option<T> {
        at_once(&self.engines, self.sandbox, act)
    }

    /// The states of the sandbox that are in use, each with its API; looking makes none.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&'c Arc<Engine>, Arc<Mutex<State>>)> {
        self.engines.iter().filter_map(|engine| Some((*engine, engine.sandboxes.known(self.sandbox)?)))
    }
}
