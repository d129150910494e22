//! One text to one typed value.

use crate::model::duration;
use crate::source::instant::Instant;
use crate::source::manifest::{Reading, Unit};

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// The text itself.
    Text,
    /// A point in time.
    Instant(Instant),
    /// A whole number, or whole seconds.
    Whole(i64),
    /// A number.
    Decimal(f64),
    /// True or false.
    Flag(bool),
}

impl Reading {
    /// Reads a text that has no blanks around it; `None` where it does not say what the column holds.
    pub fn read(&self, text: &str) -> Option<Value> {
        match self {
            Self::Text => Some(Value::Text),
            Self::Instant(reader) => reader.read(text).map(Value::Instant),
            Self::Integer => whole(text).map(Value::Whole),
            Self::Decimal => decimal(text).map(Value::Decimal),
            Self::Boolean { yes, no } => {
                let listed = |words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
                if listed(yes) { Some(Value::Flag(true)) } else { listed(no).then_some(Value::Flag(false)) }
            }
            Self::Duration { unit: None } => duration::parse(text).map(|seconds| Value::Whole(seconds.0)),
            Self::Duration { unit: Some(Unit::Seconds(unit)) } => seconds(text, *unit).map(Value::Whole),
            Self::Duration { unit: Some(Unit::Millis) } => seconds(text, 1).map(|millis| Value::Whole(millis / 1_000)),
            Self::Duration { unit: Some(Unit::Since1970) } => since_1970(text).map(Value::Whole),
        }
    }

    /// Names what the column holds, for messages.
    pub fn wanted(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Instant(_) => "an instant in the declared format",
            Self::Integer => "a whole number",
            Self::Decimal => "a number",
            Self::Boolean { .. } => "one of the words for true and false",
            Self::Duration { unit: None } => "a duration such as `4h` or `1d12h`",
            Self::Duration { unit: Some(Unit::Since1970) } => "a stamp that counts from 1970-01-01 00:00:00",
            Self::Duration { unit: Some(_) } => "a number of the declared unit",
        }
    }
}

/// Reads a whole number; `3.0` is one, as tools that know only decimals write it.
fn whole(text: &str) -> Option<i64> {
    let digits = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    };
    digits.parse().ok()
}

/// Reads a number as people write it: no `NaN`, no `inf`.
fn decimal(text: &str) -> Option<f64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Reads a number of units as whole seconds. Not negative; parts of a second are cut.
fn seconds(text: &str, unit: i64) -> Option<i64> {
    if let Some(count) = whole(text) {
        return count.checked_mul(unit).filter(|seconds| *seconds >= 0);
    }
    // 2^53 seconds are 285 million years; a longer time is a slip and would lose digits.
    let seconds = decimal(text)? * unit as f64;
    (0.0..9_007_199_254_740_992.0).contains(&seconds).then(|| {
        #[expect(clippy::cast_possible_truncation, reason = "the range was tested")]
        let seconds = seconds as i64;
        seconds
    })
}

/// Reads a length that is written as the stamp so long after 1970, as `1970-01-02 01:00:00` for 25 hours.
fn since_1970(text: &str) -> Option<i64> {
    let at = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(at.and_utc().timestamp()).filter(|seconds| *seconds >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_or_refused_but_never_guessed() {
        let wholes = [("3", Some(3)), ("-3", Some(-3)), ("3.0", Some(3)), ("3.5", None), ("3.", None), ("1,000", None)];
        for (text, number) in wholes {
            assert_eq!(whole(text), number, "{text}");
        }
        let decimals = [("91.958", Some(91.958)), ("1e3", Some(1_000.0)), ("NaN", None), ("inf", None), ("1,5", None)];
        for (text, number) in decimals {
            assert_eq!(decimal(text), number, "{text}");
        }
        let hours = [("4", Some(14_400)), ("1.5", Some(5_400)), ("-1", None), ("4h", None), ("1e300", None)];
        for (text, number) in hours {
            assert_eq!(seconds(text, 3_600), number, "{text}");
        }
    }

    #[test]
    fn lengths_are_read_in_the_tools_own_ways() {
        let millis = Reading::Duration { unit: Some(Unit::Millis) };
        assert_eq!(millis.read("90500"), Some(Value::Whole(90)));
        let since = Reading::Duration { unit: Some(Unit::Since1970) };
        assert_eq!(since.read("1970-01-02 01:00:00"), Some(Value::Whole(90_000)));
        assert_eq!(since.read("01:00:00"), None);
    }

    #[test]
    fn words_for_true_and_false_are_a_closed_list() {
        let reading = Reading::Boolean { yes: vec!["false".into()], no: vec!["true".into()] };
        assert_eq!(reading.read("FALSE"), Some(Value::Flag(true)));
        assert_eq!(reading.read("maybe"), None);
    }
}
