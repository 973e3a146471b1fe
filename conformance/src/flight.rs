//! Flights: requests that are on their way while others are made up and judged.
//!
//! One flight begins when all of the one before it is answered, whoever has judged that by then; not at all if the target did not answer.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use specs::wire::{Request, Response};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::options::{Interrupt, Target};
use crate::sending::Prepared;
use crate::together::Order;
use crate::trail::Named;
use crate::transport::{Transport, Unreachable};

/// An answer, and whether it came only after a failure.
pub(crate) type Answer = Result<(Response, bool), Unreachable>;

/// So many kibibytes of answers wait to be taken in at most, but for the last one of each sender: what a hostile target sends must not fill the
/// memory while others are made up.
const MOST_WAITING: usize = 32 * 1024;

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
    /// Whether the target did not answer, so that nothing more is sent.
    lost: Arc<AtomicBool>,
    _tasks: JoinSet<()>,
}

impl Flight {
    /// Sends cases, so many of them at once, when all of the flight before is answered.
    pub(crate) fn depart(
        sender: Sender,
        (order, most): (Order, usize),
        cases: Vec<(Option<Named>, Prepared)>,
        before: Option<&mut Self>,
    ) -> Self {
        let waits = waits(order, cases.iter().map(|(about, _)| about.as_ref()));
        let requests = cases.iter().zip(waits).map(|((_, prepared), after)| Turn { request: prepared.request.clone(), after }).collect();
        let before = before.map(|before| &mut before.answers);
        Self { cases, answers: Answers::to(sender, most, requests, before) }
    }
}

/// The place of the case before each that is about the same thing, where those are to be sent one after another.
fn waits<'n>(order: Order, about: impl Iterator<Item = Option<&'n Named>>) -> Vec<Option<usize>> {
    let mut last = HashMap::new();
    let before = |(place, about): (usize, Option<&'n Named>)| last.insert(about.filter(|_| order == Order::InTurn)?, place);
    (0..).zip(about).map(before).collect()
}

impl Answers {
    /// The answers to requests of which none depends on another, sent so many at once.
    pub(crate) fn to_all(sender: Sender, most: usize, requests: Vec<Request>) -> Self {
        Self::to(sender, most, requests.into_iter().map(|request| Turn { request, after: None }).collect(), None)
    }

    fn to(sender: Sender, most: usize, requests: Vec<Turn>, before: Option<&mut Self>) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let (end, over) = mpsc::channel(1);
        let lost = before.as_ref().map_or_else(Arc::default, |before| Arc::clone(&before.lost));
        let before = before.and_then(|before| before.over.take());
        let most = most.clamp(1, requests.len().max(1));
        let line = Line::new(sender, requests, Arc::clone(&lost));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Some(mut before) = before {
                before.recv().await;
            }
            Arc::new(line).send_all(most, tell).await;
            drop(end);
        });
        // A runtime keeps the last task that a thread has started for that thread, which is about to judge: this one lets go of the other.
        tasks.spawn(async {});
        Self { told, early: BTreeMap::new(), next: 0, over: Some(over), lost, _tasks: tasks }
    }

    /// The answer to the next request; none if it was not sent, since the user does not want to go on or one before it was not answered.
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

/// A request that waits for its turn.
struct Turn {
    request: Request,
    /// The place of the one that must be answered before it is sent.
    after: Option<usize>,
}

/// Requests that wait for their turn.
struct Line {
    sender: Sender,
    requests: Vec<Turn>,
    waiting: Mutex<Waiting>,
    /// Told of each answer.
    answered: Notify,
    lost: Arc<AtomicBool>,
    room: Arc<Semaphore>,
}

/// The places of the requests that were not sent yet, in order, and which of the others are answered.
struct Waiting {
    places: VecDeque<usize>,
    answered: Vec<bool>,
}

impl Waiting {
    /// Takes the first that need not wait.
    fn take(&mut self, requests: &[Turn]) -> Option<usize> {
        let ready = |place: &usize| requests[*place].after.is_none_or(|before| self.answered[before]);
        let at = self.places.iter().position(ready)?;
        self.places.remove(at)
    }
}

impl Line {
    fn new(sender: Sender, requests: Vec<Turn>, lost: Arc<AtomicBool>) -> Self {
        let waiting = Waiting { places: (0..requests.len()).collect(), answered: vec![false; requests.len()] };
        let room = Arc::new(Semaphore::new(MOST_WAITING));
        Self { sender, requests, waiting: Mutex::new(waiting), answered: Notify::new(), lost, room }
    }

    /// Sends all of them, so many at once. Whoever listens learns that there is no more when this has ended.
    async fn send_all(self: Arc<Self>, most: usize, tell: mpsc::UnboundedSender<Told>) {
        let mut workers = JoinSet::new();
        for _ in 0..most {
            workers.spawn(Arc::clone(&self).send_one_by_one(tell.clone()));
        }
        workers.join_all().await;
    }

    async fn send_one_by_one(self: Arc<Self>, tell: mpsc::UnboundedSender<Told>) {
        while let Some(place) = self.turn().await {
            self.send(place, &tell).await;
            self.waiting().answered[place] = true;
            self.answered.notify_waiters();
        }
    }

    /// The place of the next request to be sent, once one need not wait; none if there are no more.
    async fn turn(&self) -> Option<usize> {
        while !self.is_over() {
            // Asked for before it is looked, so that no answer is missed.
            let answered = self.answered.notified();
            let (place, none) = {
                let mut waiting = self.waiting();
                (waiting.take(&self.requests), waiting.places.is_empty())
            };
            if place.is_some() || none {
                return place;
            }
            answered.await;
        }
        None
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.sender.interrupt.is_set() || self.lost.load(Ordering::SeqCst)
    }

    async fn send(&self, place: usize, tell: &mpsc::UnboundedSender<Told>) {
        let request = &self.requests[place].request;
        let answer = self.sender.transport.send_and_tell(&self.sender.target, request).await;
        self.lost.fetch_or(answer.is_err(), Ordering::SeqCst);
        let taken = Arc::clone(&self.room).acquire_many_owned(weight(&answer)).await.ok();
        // Nobody listens any more once the run has ended.
        let _ = tell.send((place, answer, taken));
    }
}

/// How much room an answer takes, in kibibytes.
fn weight(answer: &Answer) -> u32 {
    let bytes = answer.as_ref().map_or(0, |(response, _)| response.body.len());
    u32::try_from((bytes / 1024).clamp(1, MOST_WAITING)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use http::Method;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn nothing_more_is_sent_to_a_target_that_does_not_answer() {
        let target = Target::new("http://localhost:1", &[]).expect("this machine");
        let sender = || {
            let transport = Arc::new(Transport::new(None, &target));
            Sender { transport, target: target.clone(), interrupt: Interrupt::default() }
        };
        let request = || Turn { request: Request::new(Method::GET, "/secrets"), after: None };
        let mut first = Answers::to(sender(), 1, vec![request(), request()], None);
        let mut second = Answers::to(sender(), 1, vec![request()], Some(&mut first));
        assert!(matches!(first.next().await, Some(Err(_))));
        assert!(first.next().await.is_none() && second.next().await.is_none());
    }

    /// A server that answers the first request only once the last one has come, and tells what came and what it answered, in order.
    async fn patient() -> (Target, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let target = Target::new(&format!("http://{}", listener.local_addr().expect("an address")), &[]).expect("this machine");
        let (log, last) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let told = Arc::clone(&log);
        let note = move |what: &str, path: &str| told.lock().expect("nobody panics").push(format!("{what} {path}"));
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let (note, last) = (note.clone(), Arc::clone(&last));
                tokio::spawn(async move {
                    let mut bytes = [0; 4096];
                    while let Ok(read @ 1..) = connection.read(&mut bytes).await {
                        let head = String::from_utf8_lossy(&bytes[..read]).into_owned();
                        let path = head.split(' ').nth(1).unwrap_or_default();
                        note("asked", path);
                        match path {
                            "/1" => last.notified().await,
                            "/4" => last.notify_one(),
                            _ => {}
                        }
                        note("answered", path);
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        connection.write_all(answer).await.expect("it listens");
                    }
                });
            }
        });
        (target, log)
    }

    #[tokio::test]
    async fn a_request_is_sent_once_the_one_before_it_about_the_same_thing_is_answered_and_waits_for_no_other() {
        let (target, log) = patient().await;
        let sender = Sender { transport: Arc::new(Transport::new(None, &target)), target, interrupt: Interrupt::default() };
        let after = [None, Some(0), None, None];
        let turns = (1..).zip(after).map(|(number, after)| Turn { request: Request::new(Method::GET, &format!("/{number}")), after });
        // Two workers: the second does not wait for what the first is busy with.
        let mut answers = Answers::to(sender, 2, turns.collect(), None);
        let all = async {
            for _ in 0..4 {
                assert!(matches!(answers.next().await, Some(Ok(_))));
            }
        };
        // So long that only what never comes takes longer.
        tokio::time::timeout(Duration::from_mins(1), all).await.expect("the last one is not held back by the first");
        let log = log.lock().expect("nobody panics");
        let at = |what: &str| log.iter().position(|own| own == what).expect("it was noted");
        assert!(at("answered /1") < at("asked /2") && at("asked /3") < at("answered /1") && log.len() == 8, "{log:?}");
    }

    #[test]
    fn what_changes_one_thing_waits_for_what_changes_it_before() {
        let [a, b] = ["a", "b"].map(|name| ("secret".to_owned(), name.to_owned()));
        let about = || [Some(&a), None, Some(&b), Some(&a), None, Some(&a)].into_iter();
        assert_eq!(waits(Order::InTurn, about()), [None, None, None, Some(0), None, Some(3)]);
        assert_eq!(waits(Order::SideBySide, about()), [None; 6]);
    }
}
