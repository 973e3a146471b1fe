//! Together: cases that do not depend on each other's answers, sent side by side and judged in the order in which they were made up.
//!
//! All requests are fixed before the first of them is sent, so that one seed gives the same requests and the same verdicts however many are
//! on their way at once; only the order in which they arrive may differ.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use specs::wire::{Request, Response};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::case::Case;
use crate::sending::Prepared;
use crate::session::{Session, Stop};
use crate::trail::Named;
use crate::transport::Unreachable;

/// No more cases than this are made ready before their answers are judged: their bodies may be large.
const BATCH: usize = 64;

/// An answer, and whether it came only after a failure.
type Answer = Result<(Response, bool), Unreachable>;

impl Session<'_> {
    /// Sends cases side by side, each as a plan of its own about the same thing, and judges what comes back in their order.
    pub(crate) async fn play_together(&mut self, about: Option<&Named>, cases: Vec<Case>) -> Result<(), Stop> {
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

    async fn play_batch(&mut self, about: Option<&Named>, batch: Vec<Prepared>) -> Result<(), Stop> {
        let mut answers = self.ask(batch.iter().map(|prepared| prepared.request.clone()).collect());
        let mut ended = Ok(());
        for prepared in batch {
            // What is on its way when something hinders the run is waited for all the same: it may have made something.
            let (answer, noted) = (answers.next().await, prepared.noted);
            match answer {
                Some(answer) if ended.is_ok() => ended = self.take_in(about, prepared, answer),
                Some(_) => {}
                None => {
                    noted.map_or(Ok(()), |number| self.record.unsent(number))?;
                    ended = ended.and(Err(Stop::Interrupted));
                }
            }
        }
        ended
    }

    /// Judges an answer, as that of a plan of its own.
    fn take_in(&mut self, about: Option<&Named>, prepared: Prepared, answer: Answer) -> Result<(), Stop> {
        let (response, doubtful) = answer?;
        self.trail.begin_with(about);
        let (case, played) = self.arrived(prepared, response, doubtful);
        self.judge(&case, &played, None)
    }

    /// Sends requests side by side, while nobody need wait for more than the next of their answers.
    fn ask(&self, requests: Vec<Request>) -> Answers {
        let (tell, told) = mpsc::unbounded_channel();
        let count = requests.len();
        let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
        let mut workers = JoinSet::new();
        for _ in 0..self.options.manners.workers.clamp(1, count.max(1)) {
            let (requests, next, tell) = (Arc::clone(&requests), Arc::clone(&next), tell.clone());
            let (transport, target, interrupt) = (Arc::clone(&self.transport), self.target.clone(), self.options.interrupt.clone());
            workers.spawn(async move {
                while !interrupt.is_set() {
                    let place = next.fetch_add(1, Ordering::SeqCst);
                    let Some(request) = requests.get(place) else { break };
                    // Nobody listens any more once the run has ended.
                    let _ = tell.send((place, transport.send_and_tell(&target, request).await));
                }
            });
        }
        Answers { told, early: BTreeMap::new(), next: 0, _workers: workers }
    }
}

/// The answers to requests that are on their way, in the order of the requests. Whoever drops it gives up what is not answered yet.
struct Answers {
    told: mpsc::UnboundedReceiver<(usize, Answer)>,
    /// Those that came before one that was asked for earlier.
    early: BTreeMap<usize, Answer>,
    next: usize,
    _workers: JoinSet<()>,
}

impl Answers {
    /// The answer to the next request; none if it was not sent, since the user does not want to go on.
    async fn next(&mut self) -> Option<Answer> {
        let place = self.next;
        self.next += 1;
        loop {
            if let Some(answer) = self.early.remove(&place) {
                return Some(answer);
            }
            let (place, answer) = self.told.recv().await?;
            self.early.insert(place, answer);
        }
    }
}
