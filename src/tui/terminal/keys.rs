//! The reader of keys: waits for bytes, notices that the line is gone, and tells typing from a burst.
//!
//! Must not know what a key does. Hands on at most [`MOST_OF_A_BURST`] keys of one burst, so that a book pasted into a
//! terminal that does not mark pastes cannot keep the console busy.

use super::decode::Decoder;
use super::{Heard, failpoint};
use crate::clock::monotonic;
use crate::tui::event::{Event, Key};
use crossterm::event::Event as Terminal;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::stdio::stdin;
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// More keys than this within [`AT_ONCE`] were not typed.
const HANDS: usize = 50;
/// The time within which they count.
const AT_ONCE: Duration = Duration::from_millis(10);
/// More keys than this in one piece, and the rest is waited for before one of them is handed on.
const PIECE: usize = 8;
/// A burst has ended when nothing has come for so long.
const ENDED: Duration = Duration::from_millis(250);
/// Most keys of one burst; what is beyond is dropped, but for Ctrl-c.
const MOST_OF_A_BURST: usize = 1_000;

/// Tells from the times at which keys come whether they are typed.
#[derive(Debug, Default)]
struct Pace {
    recent: VecDeque<Duration>,
    burst: bool,
    handed_on: usize,
}

impl Pace {
    /// Takes in that keys came after a silence; returns what changes: true where a burst begins, false where it is over.
    /// The silence is that of the line: while the console itself is busy, more keys wait.
    fn take(&mut self, keys: usize, now: Duration, silence: Duration) -> Option<bool> {
        let before = self.burst;
        if silence >= ENDED {
            self.burst = false;
        }
        while self.recent.front().is_some_and(|at| now.saturating_sub(*at) > AT_ONCE) {
            self.recent.pop_front();
        }
        self.recent.extend(std::iter::repeat_n(now, keys.min(HANDS + 1)));
        self.recent.truncate(2 * HANDS);
        self.burst |= self.recent.len() > HANDS;
        if self.burst != before {
            self.handed_on = 0;
        }
        (self.burst != before).then_some(self.burst)
    }
}

/// Reads until the line is gone or nobody listens.
pub fn read(send: &SyncSender<Heard>) {
    failpoint::reach("keys", "start");
    let mut decoder = Decoder::default();
    let mut pace = Pace::default();
    let mut bytes = vec![0; 16 * 1024];
    let mut events = Vec::new();
    let mut silence = Duration::ZERO;
    loop {
        let began = monotonic();
        let waited = wait(decoder.patience());
        silence += monotonic().saturating_sub(began);
        match waited {
            Waited::Gone => return gone(send),
            Waited::Nothing => decoder.give_up(&mut events),
            Waited::Bytes => match rustix::io::read(stdin(), &mut bytes) {
                Ok(read @ 1..) => {
                    failpoint::reach("keys", "bytes");
                    decoder.take(&bytes[..read], &mut events);
                    if !gather(&mut decoder, &mut events, &mut bytes) {
                        return gone(send);
                    }
                }
                Ok(0) | Err(rustix::io::Errno::IO | rustix::io::Errno::NXIO | rustix::io::Errno::BADF) => {
                    return gone(send);
                }
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => {
                    let _ = send.send(Heard::Lost(error.into()));
                    return;
                }
            },
        }
        let keys = events.iter().filter(|event| matches!(event, Terminal::Key(_))).count();
        if keys > 0
            && let Some(burst) = pace.take(keys, monotonic(), std::mem::take(&mut silence))
            && send.send(Heard::Event(Event::Burst(burst))).is_err()
        {
            return;
        }
        for event in events.drain(..) {
            if pace.burst && matches!(event, Terminal::Key(_)) {
                pace.handed_on += 1;
                if pace.handed_on > MOST_OF_A_BURST && !interrupts(&event) {
                    continue;
                }
            }
            if interrupts(&event) {
                super::INTERRUPTS.fetch_add(1, Ordering::SeqCst);
            }
            if let Some(event) = Event::from_terminal(event)
                && send.send(Heard::Event(event)).is_err()
            {
                return;
            }
        }
    }
}

fn interrupts(event: &Terminal) -> bool {
    matches!(Event::from_terminal(event.clone()), Some(Event::Key(Key::Ctrl('c'))))
}

/// Nobody can press a key any more, and the terminal takes no more letters.
fn gone(send: &SyncSender<Heard>) {
    // The loop may be held up by a terminal that takes no bytes: it is not waited for.
    let _ = send.try_send(Heard::Gone);
    super::end(128 + super::HANG_UP);
}

/// Where more came in one piece than hands type, takes in what follows at once, so that the whole of it is judged before
/// its first key does anything. Returns false where the line is gone.
fn gather(decoder: &mut Decoder, events: &mut Vec<Terminal>, bytes: &mut [u8]) -> bool {
    let began = monotonic();
    while events.len() > PIECE && events.len() <= HANDS {
        let left = AT_ONCE.saturating_sub(monotonic().saturating_sub(began));
        if left.is_zero() {
            return true;
        }
        match wait(Some(left)) {
            Waited::Nothing => return true,
            Waited::Gone => return false,
            Waited::Bytes => match rustix::io::read(stdin(), &mut *bytes) {
                Ok(read @ 1..) => decoder.take(&bytes[..read], events),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Ok(_) | Err(_) => return false,
            },
        }
    }
    true
}

/// Tells whether the line is gone.
pub fn line_is_gone() -> bool {
    matches!(wait(Some(Duration::ZERO)), Waited::Gone)
}

enum Waited {
    Bytes,
    Nothing,
    Gone,
}

fn wait(limit: Option<Duration>) -> Waited {
    loop {
        let mut fds = [PollFd::from_borrowed_fd(stdin(), PollFlags::IN)];
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        return match rustix::event::poll(&mut fds, limit.as_ref()) {
            Ok(0) => Waited::Nothing,
            Ok(_) if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => Waited::Gone,
            Ok(_) => Waited::Bytes,
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => continue,
            Err(_) => Waited::Gone,
        };
    }
}

/// Drops what still comes of a burst, so that the rest of a paste that left the console is no command to the shell.
pub fn drop_the_rest() {
    let began = monotonic();
    let mut bytes = vec![0; 64 * 1024];
    while monotonic().saturating_sub(began) < Duration::from_secs(5) {
        match wait(Some(ENDED)) {
            Waited::Bytes => {
                if !matches!(rustix::io::read(stdin(), &mut bytes), Ok(1..)) {
                    return;
                }
            }
            Waited::Nothing | Waited::Gone => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_keys_at_once_are_no_typing_and_a_quarter_of_a_second_of_silence_ends_it() {
        let ms = Duration::from_millis;
        let mut pace = Pace::default();
        for at in 0..200 {
            assert_eq!(pace.take(1, ms(at * 30), ms(30)), None, "a held key");
        }
        let mut pace = Pace::default();
        assert_eq!(pace.take(51, ms(1_000), ms(1_000)), Some(true));
        assert_eq!(pace.take(1, ms(1_100), ms(100)), None);
        assert_eq!(pace.take(1, ms(9_000), ms(240)), None, "the console was busy meanwhile, the line was not silent");
        assert_eq!(pace.take(1, ms(9_250), ms(250)), Some(false));
        let mut pace = Pace::default();
        for at in 0..50 {
            assert_eq!(pace.take(1, Duration::from_micros(at * 150), Duration::ZERO), None);
        }
        assert_eq!(pace.take(1, Duration::from_micros(50 * 150), Duration::ZERO), Some(true), "also one by one");
    }
}
