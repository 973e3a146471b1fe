//! Flights: requests that are on their way while others are made up and judged.
//!
//! One flight begins when all of the one before it is answered, whoever has judged that by then.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use specs::wire::{Request, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::options::{Interrupt, Target};
use crate::sending::Prepared;
use crate::trail::Named;
use crate::transport::{Transport, Unreachable};

/// An answer, and whether it came only after a failure.
pub(crate) type Answer = Result<(Response, bool), Unreachable>;

/// So many kibibytes of answers wait to be taken in at most, but for the last one of each sender: what a hostile target sends must not fill the
/// memory while others are made up.
const MOST_WAITING: u32 = 32 * 1024;

/// Cases that are on their way, each a plan of its own about a thing.
pub(crate) struct Flight {
    pub(crate) cases: Vec<(Option<Named>, Prepared)>,
    pub(crate) answers: Answers,
}

/// What is needed to send requests.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) transport: Arc<Transport>,
    pub(crate) target: Target,
    pub(crate) interrupt: Interrupt,
}

/// The number of a request, the answer to it, and the room that it takes until it is taken in.
type Told = (usize, Answer, Option<OwnedSemaphorePermit>);

/// The answers to requests that are on their way, in the order of the requests. Whoever drops it gives up what is not answered yet.
pub(crate) struct Answers {
    told: mpsc::UnboundedReceiver<Told>,
    /// Those that came before one that was asked for earlier.
    early: BTreeMap<usize, Answer>,
    next: usize,
    /// Ends, without anything in it, when the last request is answered.
    over: Option<mpsc::Receiver<()>>,
    _tasks: JoinSet<()>,
}

impl Flight {
    /// Sends cases, so many of them at once, when all of the flight before is answered.
    pub(crate) fn depart(sender: Sender, most: usize, cases: Vec<(Option<Named>, Prepared)>, before: Option<&mut Self>) -> Self {
        let requests: Vec<Request> = cases.iter().map(|(_, prepared)| prepared.request.clone()).collect();
        let before = before.and_then(|before| before.answers.over.take());
        Self { cases, answers: Answers::to(sender, most, requests, before) }
    }
}

impl Answers {
    fn to(sender: Sender, most: usize, requests: Vec<Request>, before: Option<mpsc::Receiver<()>>) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let (last, over) = mpsc::channel(1);
        let most = most.clamp(1, requests.len().max(1));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Some(mut before) = before {
                before.recv().await;
            }
            send_all(sender, most, requests, tell).await;
            drop(last);
        });
        // A runtime keeps the last task that a thread has started for that thread, which is about to judge: this one lets go of the other.
        tasks.spawn(async {});
        Self { told, early: BTreeMap::new(), next: 0, over: Some(over), _tasks: tasks }
    }

    /// The answer to the next request; none if it was not sent, since the user does not want to go on.
    pub(crate) async fn next(&mut self) -> Option<Answer> {
        let place = self.next;
        self.next += 1;
        loop {
            if let Some(answer) = self.early.remove(&place) {
                return Some(answer);
            }
            let (place, answer, _) = self.told.recv().await?;
            self.early.insert(place, answer);
        }
    }
}

async fn send_all(sender: Sender, most: usize, requests: Vec<Request>, tell: mpsc::UnboundedSender<Told>) {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let room = Arc::new(Semaphore::new(MOST_WAITING as usize));
    let mut workers = JoinSet::new();
    for _ in 0..most {
        let (requests, next, room) = (Arc::clone(&requests), Arc::clone(&next), Arc::clone(&room));
        let (tell, sender) = (tell.clone(), sender.clone());
        workers.spawn(async move {
            while !sender.interrupt.is_set() {
                let place = next.fetch_add(1, Ordering::SeqCst);
                let Some(request) = requests.get(place) else { break };
                let answer = sender.transport.send_and_tell(&sender.target, request).await;
                let taken = Arc::clone(&room).acquire_many_owned(weight(&answer)).await.ok();
                // Nobody listens any more once the run has ended.
                let _ = tell.send((place, answer, taken));
            }
        });
    }
    // Whoever listens learns that there is no more when the last of them has ended.
    drop(tell);
    workers.join_all().await;
}

/// How much room an answer takes, in kibibytes.
fn weight(answer: &Answer) -> u32 {
    let bytes = answer.as_ref().map_or(0, |(response, _)| response.body.len());
    u32::try_from(bytes / 1024).unwrap_or(u32::MAX).clamp(1, MOST_WAITING)
}
