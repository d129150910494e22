//! How many requests a server wants to see in a time, and when the next one may go.
//!
//! Requests are spaced evenly, so that no window of the rate's length ever sees more. Must not know the clock.

use std::time::Duration;

/// The most requests that may be sent in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    requests: u32,
    within: Duration,
}

impl Rate {
    /// Reads `60/min`, `10/s` or `4000/h`; an error says what can be written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read = || {
            let (requests, unit) = text.trim().split_once('/')?;
            let requests: u32 = requests.trim().parse().ok().filter(|requests| *requests > 0)?;
            let within = match unit.trim() {
                "s" => 1,
                "min" => 60,
                "h" => 3_600,
                _ => return None,
            };
            Some(Self { requests, within: Duration::from_secs(within) })
        };
        read().ok_or_else(|| {
            format!(
                "`{}` is no rate\nhint: write requests by second, minute or hour, as `10/s`, `60/min` or `4000/h`",
                super::said::short(text)
            )
        })
    }

    /// Returns the time between two requests, rounded up so that the rate is never passed.
    pub fn interval(self) -> Duration {
        let nanos = self.within.as_nanos().div_ceil(u128::from(self.requests));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Returns how many requests may be sent within [`Rate::within`].
    pub fn requests(self) -> u32 {
        self.requests
    }

    /// Returns the time within which the requests are counted.
    pub fn within(self) -> Duration {
        self.within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_spaced_evenly() {
        for (text, millis) in [("60/min", 1_000), ("10/s", 100), (" 3600 / h ", 1_000), ("1/h", 3_600_000)] {
            assert_eq!(Rate::parse(text).unwrap().interval(), Duration::from_millis(millis), "{text}");
        }
        let third = Rate::parse("3/s").unwrap();
        assert!(third.interval() * 3 >= Duration::from_secs(1), "rounded up");
        for bad in ["", "60", "0/s", "-1/s", "60/day", "a/s", "1.5/s", "99999999999/s"] {
            assert!(Rate::parse(bad).unwrap_err().contains("hint: "), "{bad}");
        }
    }
}
