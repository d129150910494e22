//! The questions that are open, and the one way to answer them.
//!
//! Every question is answered exactly once, whoever comes first: the worker, someone who stops it, or, where a worker was
//! lost, the question itself as it goes. Knows answers. Must not know how they are found.

use crate::app::kept::unpoisoned;
use crate::app::pull::Cancel;
use crate::app::request::{Answer, Progress};
use crate::clock::monotonic;
use std::collections::HashMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Shortest time between two words on how far a question is.
const PAUSE: Duration = Duration::from_millis(250);

/// What is known of an open question.
struct Open {
    stop: Cancel,
    /// Whether its worker stops by itself and says what was done.
    orderly: bool,
}

/// The questions that are open.
pub struct Desk {
    answers: Sender<(u64, Answer)>,
    open: Mutex<HashMap<u64, Open>>,
}

impl Desk {
    /// Answers go to whoever asked.
    pub fn new(answers: Sender<(u64, Answer)>) -> Arc<Self> {
        Arc::new(Self { answers, open: Mutex::new(HashMap::new()) })
    }

    /// Takes a question in. An orderly one is not answered when it is stopped, but asked to end.
    pub fn ask(self: &Arc<Self>, number: u64, orderly: bool) -> Question {
        let stop = Cancel::default();
        unpoisoned(&self.open).insert(number, Open { stop: stop.clone(), orderly });
        Question { desk: Arc::clone(self), number, stop, claimed: false, answered: false, last: None }
    }

    /// Stops working on a question; nothing happens where it is answered.
    pub fn stop(&self, number: u64) {
        let mut open = unpoisoned(&self.open);
        let Some(question) = open.get(&number) else { return };
        question.stop.set();
        if !question.orderly {
            open.remove(&number);
            self.say(number, Answer::Cancelled);
        }
    }

    /// Stops everything: nobody listens any more.
    pub fn close(&self) {
        unpoisoned(&self.open).drain().for_each(|(_, question)| question.stop.set());
    }

    /// Tells of what is no question.
    pub fn tell(&self, number: u64, answer: Answer) {
        self.say(number, answer);
    }

    /// Sends an answer. A console that has gone needs none.
    fn say(&self, number: u64, answer: Answer) {
        let _ = self.answers.send((number, answer));
    }
}

/// A question that is worked on.
pub struct Question {
    desk: Arc<Desk>,
    number: u64,
    stop: Cancel,
    /// Whether its answer is this worker's.
    claimed: bool,
    answered: bool,
    last: Option<Duration>,
}

impl Question {
    /// Tells whether nobody waits for the answer any more.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_set()
    }

    /// Returns what is set when it is to be stopped.
    pub fn stop(&self) -> Cancel {
        self.stop.clone()
    }

    /// Answers, unless it was answered.
    pub fn answer(mut self, answer: Answer) {
        if self.claim() {
            self.answered = true;
            self.desk.say(self.number, answer);
        }
    }

    /// Takes the right to answer, before something is done that cannot be undone: from now on it cannot be stopped.
    /// Returns whether it was still open.
    pub fn claim(&mut self) -> bool {
        self.claimed = self.claimed || unpoisoned(&self.desk.open).remove(&self.number).is_some();
        self.claimed
    }

    /// Says how far it is, at most four times a second. The first word is never lost.
    pub fn progress(&mut self, progress: impl FnOnce() -> Progress) {
        let now = monotonic();
        let too_early = self.last.is_some_and(|last| now.saturating_sub(last) < PAUSE);
        // Said under the lock, so that no word follows the answer.
        let open = unpoisoned(&self.desk.open);
        if !too_early && open.contains_key(&self.number) {
            self.last = Some(now);
            self.desk.say(self.number, Answer::Progress(progress()));
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        if !self.answered && self.claim() {
            let message =
                "the program came upon a fault of its own and cannot answer this; what was loaded is as it was"
                    .to_owned();
            self.desk.say(self.number, Answer::Failed { message });
        }
    }
}
