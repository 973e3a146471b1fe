//! Together: cases that are made up before the first of them is answered, judged in the order in which they were made up while others are on
//! their way.
//!
//! All requests are fixed before the first of them is sent, so that one seed gives the same requests and the same verdicts however many are
//! on their way at once; only the order in which they arrive may differ, of those that are sent side by side.

use std::sync::Arc;

use crate::case::Case;
use crate::flight::{Answer, Flight, Sender};
use crate::options::Interrupt;
use crate::sending::Prepared;
use crate::session::{Session, Stop};
use crate::trail::Named;

/// No more cases than this are made ready before their answers are judged: their bodies may be large.
const BATCH: usize = 64;

/// A case that is a plan of its own.
pub(crate) struct Lone {
    /// What was made before the plan.
    pub(crate) about: Option<Named>,
    pub(crate) case: Case,
}

/// How cases are sent that do not wait for the judgement of those before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As many at once as the user allows: none depends on what becomes of the others.
    SideBySide,
    /// The same, but that each is sent once the one before it is answered that is about the same thing: of that the target is told the same
    /// as if each answer had been judged first, and so is the ledger. Those that are about nothing yet make something, each of a name of its own.
    InTurn,
}

impl Session<'_> {
    /// Sends cases, each as a plan of its own, and judges what comes back in their order.
    pub(crate) async fn play_together(&mut self, order: Order, cases: Vec<Lone>) -> Result<(), Stop> {
        self.hand_in(order, cases).await?;
        self.settle().await
    }

    /// Sets cases on their way, each as a plan of its own, and judges what was on its way before: what comes back of these is judged when
    /// others are handed in, or when it is settled.
    pub(crate) async fn hand_in(&mut self, order: Order, cases: Vec<Lone>) -> Result<(), Stop> {
        let mut cases = cases.into_iter().peekable();
        if cases.peek().is_none() {
            return self.settle().await;
        }
        while cases.peek().is_some() {
            let mut ready = Vec::new();
            let mut stop = Ok(());
            for Lone { about, case } in cases.by_ref().take(BATCH) {
                self.learn_keys(&case).await?;
                match self.prepare(case) {
                    Ok(prepared) => ready.push((about, prepared)),
                    Err(reason) => {
                        stop = Err(reason);
                        break;
                    }
                }
            }
            self.depart(order, ready).await?;
            if stop.is_err() {
                self.settle().await?;
                return stop;
            }
        }
        Ok(())
    }

    /// Judges what is on its way, once it is answered.
    pub(crate) async fn settle(&mut self) -> Result<(), Stop> {
        match self.flight.take() {
            // In a box: nearly everything waits for this, and there is seldom anything to wait for.
            Some(flight) => Box::pin(self.land(flight, Ok(()))).await,
            None => Ok(()),
        }
    }

    /// Waits for what is on its way, and judges nothing of it: it may have made something.
    pub(crate) async fn give_up(&mut self) {
        if let Some(flight) = self.flight.take() {
            // Why it is given up is told already.
            let _ = self.land(flight, Err(Stop::Interrupted)).await;
        }
    }

    /// What sends requests to the target until the user does not want to go on.
    pub(crate) fn sender(&self, interrupt: Interrupt) -> Sender {
        Sender { transport: Arc::clone(&self.transport), target: self.target.clone(), interrupt }
    }

    /// Sends what is ready once all before it is answered, and judges that meanwhile.
    async fn depart(&mut self, order: Order, ready: Vec<(Option<Named>, Prepared)>) -> Result<(), Stop> {
        let sender = self.sender(self.options.interrupt.clone());
        let mut before = self.flight.take();
        let flight = Flight::depart(sender, (order, self.options.manners.workers), ready, before.as_mut());
        let ended = match before {
            Some(before) => self.land(before, Ok(())).await,
            None => Ok(()),
        };
        match ended {
            Ok(()) => self.flight = Some(flight),
            Err(stop) => self.land(flight, Err(stop)).await?,
        }
        Ok(())
    }

    /// Takes in the answers of a flight, in the order of its cases, until something hinders the run. What is on its way then is waited for
    /// all the same: it may have made something.
    async fn land(&mut self, flight: Flight, mut ended: Result<(), Stop>) -> Result<(), Stop> {
        let Flight { cases, mut answers } = flight;
        self.ledger.times.hold();
        for (about, prepared) in cases {
            let (answer, noted) = (answers.next().await, prepared.noted);
            match answer {
                Some(answer) if ended.is_ok() => ended = self.take_in(about.as_ref(), prepared, answer),
                Some(_) => {}
                None => {
                    noted.map_or(Ok(()), |number| self.record.unsent(number))?;
                    ended = ended.and(Err(Stop::Interrupted));
                }
            }
        }
        self.ledger.times.release();
        ended
    }

    /// Judges an answer, as that of a plan of its own.
    fn take_in(&mut self, about: Option<&Named>, prepared: Prepared, answer: Answer) -> Result<(), Stop> {
        let (response, doubtful) = answer?;
        self.trail.begin_with(about);
        let (case, played) = self.arrived(prepared, response, doubtful);
        self.judge(&case, &played, None)
    }
}
