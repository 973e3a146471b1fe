//! Together: cases that do not depend on each other's answers, sent side by side and judged in the order in which they were made up.
//!
//! All requests are fixed before the first of them is sent, so that one seed gives the same requests and the same verdicts however many are
//! on their way at once; only the order in which they arrive may differ.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use specs::wire::{Request, Response};
use tokio::task::JoinSet;

use crate::case::Case;
use crate::ledger::Tracked;
use crate::sending::Prepared;
use crate::session::{Session, Stop};
use crate::transport::Unreachable;

/// No more cases than this are made ready before their answers are judged: their bodies may be large.
const BATCH: usize = 64;

/// An answer, and whether it came only after a failure.
type Answer = Result<(Response, bool), Unreachable>;

impl Session<'_> {
    /// Sends cases side by side, each as a plan of its own about the same thing, and judges what comes back in their order.
    pub(crate) async fn play_together(&mut self, about: Option<&Tracked>, cases: Vec<Case>) -> Result<(), Stop> {
        let mut cases = cases.into_iter().peekable();
        while cases.peek().is_some() {
            let mut batch = Vec::new();
            let mut stop = None;
            for case in cases.by_ref().take(BATCH) {
                self.learn_keys(&case).await?;
                match self.prepare(case) {
                    Ok(prepared) => batch.push(prepared),
                    Err(reason) => {
                        stop = Some(reason);
                        break;
                    }
                }
            }
            self.play_batch(about, batch).await?;
            stop.map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    async fn play_batch(&mut self, about: Option<&Tracked>, batch: Vec<Prepared>) -> Result<(), Stop> {
        let requests = batch.iter().map(|prepared| prepared.request.clone()).collect();
        let answers = self.answers(requests).await;
        for (prepared, answer) in batch.iter().zip(&answers) {
            if let (Some(number), None) = (prepared.noted, answer) {
                self.record.unsent(number)?;
            }
        }
        for (prepared, answer) in batch.into_iter().zip(answers) {
            let (response, doubtful) = answer.ok_or(Stop::Interrupted)??;
            match about {
                Some(thing) => self.trail.begin_about(self.contract, thing),
                None => self.trail.begin(),
            }
            let (case, played) = self.arrived(prepared, response, doubtful);
            self.judge(&case, &played, None)?;
        }
        Ok(())
    }

    /// The answers to requests, in their order; none to those that were not sent since the user does not want to go on.
    async fn answers(&self, requests: Vec<Request>) -> Vec<Option<Answer>> {
        let count = requests.len();
        let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
        let mut workers = JoinSet::new();
        for _ in 0..self.options.manners.workers.clamp(1, count.max(1)) {
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            let (transport, target, interrupt) = (Arc::clone(&self.transport), self.target.clone(), self.options.interrupt.clone());
            workers.spawn(async move {
                let mut answers = Vec::new();
                while !interrupt.is_set() {
                    let place = next.fetch_add(1, Ordering::SeqCst);
                    let Some(request) = requests.get(place) else { break };
                    answers.push((place, transport.send_and_tell(&target, request).await));
                }
                answers
            });
        }
        let mut all: Vec<Option<Answer>> = std::iter::repeat_with(|| None).take(count).collect();
        workers.join_all().await.into_iter().flatten().for_each(|(place, answer)| all[place] = Some(answer));
        all
    }
}
