//! What was computed, by what it was computed from.
//!
//! Knows nothing of what it keeps. Two askers of the same thing wait for one of them to make it; askers of different
//! things never wait for each other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A place for one thing that is made once.
type Place<V> = Arc<Mutex<Option<V>>>;

/// The last few things that were made.
#[derive(Debug)]
pub struct Kept<K, V> {
    most: usize,
    places: Mutex<Vec<(K, Place<V>)>>,
}

impl<K: PartialEq + Clone, V: Clone> Kept<K, V> {
    /// Keeps so many at most; what was asked for longest ago goes first.
    pub fn new(most: usize) -> Self {
        Self { most: most.max(1), places: Mutex::new(Vec::new()) }
    }

    /// Returns what is kept, or makes it. What cannot be made is tried anew the next time.
    ///
    /// # Errors
    /// Those of making it.
    pub fn get<E>(&self, key: &K, make: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        let place = self.place(key);
        let mut place = unpoisoned(&place);
        if let Some(kept) = &*place {
            return Ok(kept.clone());
        }
        let made = make()?;
        *place = Some(made.clone());
        Ok(made)
    }

    /// Tells whether something is there without any work, so that nobody needs to wait for it.
    pub fn has(&self, key: &K) -> bool {
        let places = unpoisoned(&self.places);
        let place = places.iter().find(|(kept, _)| kept == key).map(|(_, place)| place);
        place.is_some_and(|place| place.try_lock().is_ok_and(|place| place.is_some()))
    }

    fn place(&self, key: &K) -> Place<V> {
        let mut places = unpoisoned(&self.places);
        let entry = match places.iter().position(|(kept, _)| kept == key) {
            Some(at) => places.remove(at),
            None => (key.clone(), Place::default()),
        };
        let place = Arc::clone(&entry.1);
        places.push(entry);
        if places.len() > self.most {
            places.remove(0);
        }
        place
    }
}

/// Locks, also after a panic of another thread: what is guarded here is whole at any time.
pub fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn a_thing_is_made_once_and_the_oldest_goes_first() {
        let kept: Kept<u8, String> = Kept::new(2);
        let make = |key: u8| kept.get(&key, || Ok::<_, ()>(format!("made {key}")));
        assert_eq!(make(1), Ok("made 1".into()));
        assert_eq!(kept.get(&1, || Err("made again")), Ok("made 1".into()));
        let _ = (make(2), make(1), make(3));
        assert!(kept.has(&1) && kept.has(&3) && !kept.has(&2), "2 was asked for longest ago");
    }

    #[test]
    fn what_cannot_be_made_is_tried_anew() {
        let kept: Kept<u8, u8> = Kept::new(2);
        assert_eq!(kept.get(&1, || Err("not yet")), Err("not yet"));
        assert!(!kept.has(&1));
        assert_eq!(kept.get(&1, || Ok::<_, ()>(7)), Ok(7));
    }

    #[test]
    fn one_asker_never_waits_for_another_thing() {
        let kept: Arc<Kept<u8, u8>> = Arc::new(Kept::new(4));
        let (go, wait) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel();
        let slow = {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || {
                kept.get(&1, || {
                    begun.send(()).unwrap();
                    wait.recv_timeout(Duration::from_secs(10)).map(|()| 1)
                })
            })
        };
        has_begun.recv().unwrap();
        assert_eq!(kept.get(&2, || Ok::<_, ()>(2)), Ok(2));
        assert!(!kept.has(&1), "it is being made, and asking whether it is there does not wait");
        go.send(()).unwrap();
        assert_eq!(slow.join().unwrap(), Ok(1));
    }
}
