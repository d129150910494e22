//! When a request is sent once more, and when it may be sent at all.
//!
//! Everything that is sent here is a read, so that sending it again changes nothing. Knows the rate that a server
//! wants and what it says about waiting. Must not know how a request travels.

use super::answer::http_date;
use super::{Answer, Cancel, HttpError, Rate, Request, Transport, redirect, said};
use crate::clock::{self, Clock};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Most tries of one request.
const MOST_TRIES: u32 = 6;
/// Longest time from the first try to the start of the last.
const CEILING: Duration = Duration::from_mins(15);
/// Longest wait before the second try; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How often a wait looks whether it was cancelled.
const STEP: Duration = Duration::from_millis(100);
/// How much of an answer's body is looked at for words that explain an error, in bytes.
const SAID_WITHIN: usize = 2_000;

/// The time that waits are counted in.
pub trait Pace {
    /// Returns the time since some beginning; it never goes back.
    fn now(&self) -> Duration;
    /// Waits, or ends early when cancelled.
    fn sleep(&self, wait: Duration, cancel: &Cancel);
}

/// The machine's time.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachinePace;

impl Pace for MachinePace {
    fn now(&self) -> Duration {
        clock::monotonic()
    }

    fn sleep(&self, wait: Duration, cancel: &Cancel) {
        let end = self.now().saturating_add(wait);
        while !cancel.is_set() {
            let left = end.saturating_sub(self.now());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(STEP));
        }
    }
}

/// Sends requests again that failed in passing, and never more of them than the server wants.
///
/// Returns only answers below status 300; others become [`HttpError::Status`]. Retried are 408, 429, 500, 502, 503 and
/// 504, connections that break or never come about, and silence. Wrong certificates, refused addresses, redirects,
/// answers that are too large and all other statuses are not: they fail the same way again.
pub struct Retrying<T> {
    inner: T,
    rate: Option<Rate>,
    pace: Box<dyn Pace + Send>,
    /// When the next request may go.
    free_at: Duration,
    jitter: RandomState,
    sent: u64,
}

impl<T: Transport> Retrying<T> {
    /// Wraps a transport, with the machine's time and without a rate.
    pub fn new(inner: T) -> Self {
        Self {
            inner,
            rate: None,
            pace: Box::new(MachinePace),
            free_at: Duration::ZERO,
            jitter: RandomState::new(),
            sent: 0,
        }
    }

    /// Holds every try to a rate.
    #[must_use]
    pub fn at(mut self, rate: Option<Rate>) -> Self {
        self.rate = rate;
        self
    }

    /// Counts waits in another time.
    #[must_use]
    pub fn with_pace(mut self, pace: Box<dyn Pace + Send>) -> Self {
        self.pace = pace;
        self
    }

    /// Waits until the rate lets a request go and takes its place. A redirect was further requests, so that their
    /// places are taken too.
    fn wait_for_rate(&mut self, cancel: &Cancel) {
        let Some(rate) = self.rate else { return };
        let wait = self.free_at.saturating_sub(self.pace.now());
        if !wait.is_zero() {
            self.pace.sleep(wait, cancel);
        }
        self.free_at = self.pace.now().saturating_add(rate.interval());
    }

    /// A wait between nothing and the longest that the back-off allows: clients that failed together do not come back
    /// together.
    fn back_off(&self, tries: u32) -> Duration {
        let longest = FIRST_WAIT.saturating_mul(1 << (tries - 1).min(10));
        let share = self.jitter.hash_one((self.sent, tries)) >> 11;
        // 53 bits are what a double holds.
        longest.mul_f64(share as f64 / (1u64 << 53) as f64)
    }
}

impl<T: Transport> Transport for Retrying<T> {
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Answer, HttpError> {
        let begun = self.pace.now();
        let mut tries = 0;
        loop {
            self.wait_for_rate(cancel);
            if cancel.is_set() {
                return Err(HttpError::Cancelled { label: request.label() });
            }
            tries += 1;
            self.sent += 1;
            let (error, asked) = match self.inner.send(request, cancel) {
                Ok(answer) => {
                    if let Some(rate) = self.rate
                        && answer.url != request.url
                    {
                        self.free_at = self.free_at.saturating_add(rate.interval() * redirect::MOST);
                    }
                    if answer.status < 300 {
                        return Ok(answer);
                    }
                    let error = status_error(request, &answer);
                    if !is_passing(answer.status) {
                        return Err(counted(error, tries, self.pace.now().saturating_sub(begun), ""));
                    }
                    (error, retry_after(&answer))
                }
                Err(error) if error.is_passing() => (error, None),
                Err(error) => return Err(counted(error, tries, self.pace.now().saturating_sub(begun), "")),
            };
            let spent = self.pace.now().saturating_sub(begun);
            if tries >= MOST_TRIES {
                return Err(counted(error, tries, spent, ""));
            }
            let wait = asked.unwrap_or_default().max(self.back_off(tries));
            if spent.saturating_add(wait) > CEILING {
                let why = match asked {
                    Some(asked) if asked >= wait => {
                        format!(
                            "the server asks to wait {} s more, past the {} min that are waited",
                            asked.as_secs(),
                            CEILING.as_secs() / 60
                        )
                    }
                    _ => format!("{} min are over", CEILING.as_secs() / 60),
                };
                return Err(counted(error, tries, spent, &why));
            }
            self.pace.sleep(wait, cancel);
        }
    }
}

/// Tells whether a status may be another one for the same request a little later.
fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// Says how often a request was tried, where that was more than once or where there is a reason to give up.
fn counted(last: HttpError, tries: u32, spent: Duration, why: &str) -> HttpError {
    if (tries < 2 && why.is_empty()) || matches!(last, HttpError::Cancelled { .. }) {
        return last;
    }
    HttpError::GivenUp { tries, waited_s: spent.as_secs(), why: why.to_owned(), last: Box::new(last) }
}

/// How long the server asks to wait, by seconds or by date. A date is held against the server's own clock; a past one
/// is no wait.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let text = answer.header("retry-after")?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are longer than anybody waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let now = answer.date().unwrap_or_else(|| Clock::System.now());
    Some((http_date(text)? - now).to_std().unwrap_or_default())
}

/// Makes the error for a status, with what to do about it.
fn status_error(request: &Request, answer: &Answer) -> HttpError {
    let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(SAID_WITHIN)]);
    // A page's markup explains nothing.
    let said = match super::refuse_page(answer) {
        Some(HttpError::WebPage { title, .. }) => said::by_server(request, &title),
        _ => said::by_server(request, &body.split_whitespace().collect::<Vec<_>>().join(" ")),
    };
    let hint = match answer.status {
        300..400 => "`url` names a page that has moved; open it in a browser and write where it ends",
        401 => "the secret is unknown there: it may have ended, or belong to another tool; make a new one",
        403 => "the secret is known there but may not read this; give its user the right to read",
        404 | 410 => "check `url`; a tool that hides what one may not read answers the same",
        407 => "the proxy wants user and password; write them into `proxy`",
        408 | 504 => "the server takes too long; ask for less at a time",
        429 => "the server wants fewer requests; write a lower `rate`, and see who else uses the same user",
        400 | 405..=499 => "the server does not take the question; check the source's settings against its version",
        _ => "the server fails by itself; try later, and ask its owner if it stays so",
    };
    HttpError::Status {
        label: request.label(),
        status: answer.status,
        said,
        hint: hint.to_owned(),
        body: answer.body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Never;

    impl Transport for Never {
        fn send(&mut self, request: &Request, _: &Cancel) -> Result<Answer, HttpError> {
            Err(HttpError::Cancelled { label: request.label() })
        }
    }

    #[test]
    fn back_off_doubles_and_is_spread_over_its_whole_length() {
        let mut retrying = Retrying::new(Never);
        for tries in 1..=5 {
            let longest = FIRST_WAIT * (1 << (tries - 1));
            let waits: Vec<Duration> = (0..200)
                .map(|sent| {
                    retrying.sent = sent;
                    retrying.back_off(tries)
                })
                .collect();
            assert!(waits.iter().all(|wait| *wait < longest));
            assert!(waits.iter().any(|wait| *wait > longest.mul_f64(0.9)));
            assert!(waits.iter().any(|wait| *wait < longest.mul_f64(0.1)));
        }
    }

    #[test]
    fn a_cancelled_wait_ends_at_once() {
        let cancel = Cancel::default();
        cancel.set();
        let before = MachinePace.now();
        MachinePace.sleep(Duration::from_hours(1), &cancel);
        assert!(MachinePace.now().saturating_sub(before) < Duration::from_secs(1));
    }
}
