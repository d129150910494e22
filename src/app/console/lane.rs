//! Lanes of work beside each other: what waits in one does not hold up another.
//!
//! Knows pieces of work, not what they do. A piece that panics takes nothing with it: the lane goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// A piece of work.
type Work = Box<dyn FnOnce() + Send>;

/// Some threads that share a queue.
pub struct Lane(Sender<Work>);

impl Lane {
    /// Starts the threads. Where none can be started, work that is put in is dropped at once.
    pub fn new(name: &str, threads: usize) -> Self {
        let (put, take) = channel::<Work>();
        let take = Arc::new(Mutex::new(take));
        for _ in 0..threads {
            let take = Arc::clone(&take);
            let thread = std::thread::Builder::new().name(name.to_owned());
            // Dropped work answers its question itself.
            let _ = thread.spawn(move || while one(&take) {});
        }
        Self(put)
    }

    /// Puts a piece of work in.
    pub fn put(&self, work: impl FnOnce() + Send + 'static) {
        let _ = self.0.send(Box::new(work));
    }
}

/// Does one piece of work; returns whether there may be more.
fn one(take: &Mutex<Receiver<Work>>) -> bool {
    // The lock is held while waiting for work, and not while working.
    let work = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let Ok(work) = work else { return false };
    // What was asked answers itself as it goes; the hook of panics has said what happened.
    let _ = catch_unwind(AssertUnwindSafe(work));
    true
}
