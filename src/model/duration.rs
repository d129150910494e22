//! Durations as people write them in an agreement: `15m`, `4h`, `2d`, `1h30m`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time in whole seconds. A day is 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub i64);

/// Parses `45s`, `15m`, `4h`, `2d`, `1w` or a sequence such as `1h30m`.
pub fn parse(text: &str) -> Option<Seconds> {
    let mut total: i64 = 0;
    let mut digits = String::new();
    let mut units = 0;
    for letter in text.trim().chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        let count: i64 = digits.parse().ok()?;
        total = total.checked_add(count.checked_mul(unit)?)?;
        digits.clear();
        units += 1;
    }
    (digits.is_empty() && units > 0).then_some(Seconds(total))
}

/// Writes a duration in the largest units that are exact, as `1d2h30m`; zero is `0s`.
pub fn write(seconds: i64) -> String {
    if seconds == 0 {
        return "0s".into();
    }
    let mut text = String::new();
    let mut rest = seconds.unsigned_abs();
    if seconds < 0 {
        text.push('-');
    }
    for (unit, letter) in [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')] {
        if rest >= unit {
            text.push_str(&format!("{}{letter}", rest / unit));
            rest %= unit;
        }
    }
    text
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is not a duration; write it as `15m`, `4h`, `2d` or `1h30m`"))
        })
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&write(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [("15m", 900), ("4h", 14_400), ("1h30m", 5_400), ("2d", 172_800), ("1w", 604_800)] {
            assert_eq!(parse(text), Some(Seconds(seconds)), "{text}");
        }
        for text in ["", "4", "h", "4x", "1.5h", "99999999999999999999h"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(write(95_400), "1d2h30m");
    }
}
