//! The search over rows: `text`, `column:text`, `column=text`, `column>8h`, `column<5`, each turned round by a `!`.
//!
//! Knows how a search is written and what its value means for the type of a column. A column that is not there is no
//! fault: then the whole is text, as in `error: disk full`.

use super::sight::{Sight, mark_text, marks_of};
use crate::app::session::SessionError;
use crate::model::Period;
use crate::report::format::heading;
use crate::report::table::is_length;
use crate::text::screen_str;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use polars::prelude::*;

/// How a value is compared with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Holds,
    Is,
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Operator {
    fn sign(self) -> &'static str {
        match self {
            Self::Holds => ":",
            Self::Is => "=",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    /// Tells whether a value passes that lies before (less), within (equal) or behind (greater) what was typed.
    fn passes(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Holds | Self::Is => order.is_eq(),
            Self::Above => order.is_gt(),
            Self::AtLeast => order.is_ge(),
            Self::Below => order.is_lt(),
            Self::AtMost => order.is_le(),
        }
    }
}

/// Returns the rows that a search keeps.
pub fn search(rows: &Sight, typed: &str, zone: Tz) -> Result<Sight, SessionError> {
    let typed = typed.trim();
    let (turned, said) = typed.strip_prefix('!').map_or((false, typed), |rest| (true, rest.trim_start()));
    if said.is_empty() {
        return Ok(rows.clone());
    }
    let mut marks = match column_of(rows.frame(), said) {
        Some((column, operator, value)) => in_column(rows, column, operator, value, zone)?,
        None => anywhere(rows, said)?,
    };
    if turned {
        for mark in &mut marks {
            *mark = !*mark;
        }
    }
    Ok(rows.keep(&marks))
}

/// Splits what was typed where a column of that name is there.
fn column_of<'a>(frame: &'a DataFrame, said: &'a str) -> Option<(&'a str, Operator, &'a str)> {
    let at = said.find([':', '=', '<', '>'])?;
    let column = named(frame, said[..at].trim())?;
    let rest = &said[at..];
    let signs = [
        (">=", Operator::AtLeast),
        ("<=", Operator::AtMost),
        (">", Operator::Above),
        ("<", Operator::Below),
        ("=", Operator::Is),
        (":", Operator::Holds),
    ];
    signs.into_iter().find_map(|(sign, operator)| Some((column, operator, rest.strip_prefix(sign)?.trim())))
}

/// Returns the column that is meant: as it stands over the rows, which is what whoever types has before their eyes, else
/// by its own name.
fn named<'a>(frame: &'a DataFrame, said: &str) -> Option<&'a str> {
    let names = || frame.get_column_names().into_iter().map(PlSmallStr::as_str);
    let headed = names().find(|name| heading(name).eq_ignore_ascii_case(said));
    headed.or_else(|| names().find(|name| name.eq_ignore_ascii_case(said)))
}

/// Looks in every column of text.
fn anywhere(rows: &Sight, text: &str) -> Result<Vec<bool>, SessionError> {
    let names: Vec<String> = rows
        .frame()
        .columns()
        .iter()
        .filter(|column| column.dtype() == &DataType::String)
        .map(|column| column.name().to_string())
        .collect();
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        columns.push(rows.column(&name)?.str()?.clone());
    }
    let mut marks = vec![false; rows.len()];
    mark_text(&columns, &mut marks, &holds(text));
    Ok(marks)
}

/// Returns a condition that finds text anywhere in another, ignoring case.
fn holds(text: &str) -> impl Fn(&str) -> bool + Sync + use<> {
    let needle = text.to_lowercase();
    let finder = memchr::memmem::Finder::new(needle.as_bytes()).into_owned();
    move |value| {
        if value.len() <= SHORT && value.is_ascii() {
            let mut small = [0; SHORT];
            let small = &mut small[..value.len()];
            small.copy_from_slice(value.as_bytes());
            small.make_ascii_lowercase();
            return finder.find(small).is_some();
        }
        finder.find(value.to_lowercase().as_bytes()).is_some()
    }
}

/// Longest text that is made small on the stack, in bytes.
const SHORT: usize = 256;

fn in_column(rows: &Sight, name: &str, operator: Operator, value: &str, zone: Tz) -> Result<Vec<bool>, SessionError> {
    let column = rows.column(name)?;
    if value.is_empty() {
        return match operator {
            Operator::Holds => Ok(marks_of(&column.is_not_null())),
            Operator::Is => Ok(marks_of(&column.is_null())),
            _ => Err(unreadable(name, &column, operator, value)),
        };
    }
    let unfit = || unreadable(name, &column, operator, value);
    match column.dtype() {
        DataType::String => {
            let mut marks = vec![false; rows.len()];
            let column = [column.str()?.clone()];
            match operator {
                Operator::Holds => mark_text(&column, &mut marks, &holds(value)),
                Operator::Is => {
                    let wanted = value.to_lowercase();
                    mark_text(&column, &mut marks, &|text: &str| text.to_lowercase() == wanted);
                }
                _ => return Err(unfit()),
            }
            Ok(marks)
        }
        DataType::Boolean => {
            let wanted = match value.to_lowercase().as_str() {
                "yes" | "true" => true,
                "no" | "false" => false,
                _ => return Err(unfit()),
            };
            if !matches!(operator, Operator::Holds | Operator::Is) {
                return Err(unfit());
            }
            Ok(column.bool()?.iter().map(|value| value == Some(wanted)).collect())
        }
        DataType::Datetime(..) | DataType::Date => {
            let (from, to) = span(value, zone).ok_or_else(unfit)?;
            let at = column.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?.to_physical_repr().into_owned();
            let against = |at: i64| if at < from { -1 } else { i64::from(at >= to) }.cmp(&0);
            Ok(at.i64()?.iter().map(|at| at.is_some_and(|at| operator.passes(against(at)))).collect())
        }
        DataType::Duration(_) => {
            let wanted = seconds(value).ok_or_else(unfit)?;
            let length = column.cast(&DataType::Duration(TimeUnit::Milliseconds))?.to_physical_repr().into_owned();
            Ok(compared(&length.cast(&DataType::Float64)?, operator, wanted * 1_000.0)?)
        }
        dtype if dtype.is_primitive_numeric() => {
            let length = dtype.is_integer() && is_length(name);
            let wanted = if length { seconds(value) } else { value.replace(',', "").parse().ok() };
            let wanted = wanted.filter(|wanted: &f64| wanted.is_finite()).ok_or_else(unfit)?;
            Ok(compared(&column.cast(&DataType::Float64)?, operator, wanted)?)
        }
        _ => Err(unfit()),
    }
}

fn compared(column: &Series, operator: Operator, wanted: f64) -> PolarsResult<Vec<bool>> {
    let passes = |value: f64| value.partial_cmp(&wanted).is_some_and(|order| operator.passes(order));
    Ok(column.f64()?.iter().map(|value| value.is_some_and(passes)).collect())
}

/// Reads a length of time in seconds: `8h`, `3d`, `90min`, `1h30m`, `1.5h`, or a plain number of seconds.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    if let Some(length) = crate::model::duration::parse(&text) {
        return Some(length.0 as f64);
    }
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == '-'));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = match unit.trim() {
        "" | "s" | "sec" | "seconds" => 1.0,
        "m" | "min" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 604_800.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * unit)
}

/// Reads a year, quarter, month, day, minute, second or RFC 3339 instant as the half-open span that it names, in milliseconds.
fn span(text: &str, zone: Tz) -> Option<(i64, i64)> {
    let of = |period: &Period| (period.start().timestamp_millis(), period.end().timestamp_millis());
    if let Ok(day) = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Period::parse(&format!("{day}..{}", day.succ_opt()?), zone).ok().map(|period| of(&period));
    }
    if !text.contains("..")
        && let Ok(period) = Period::parse(text, zone)
    {
        return Some(of(&period));
    }
    let lasting = |start: DateTime<Utc>, seconds: i64| {
        let end = start.checked_add_signed(TimeDelta::seconds(seconds))?;
        Some((start.timestamp_millis(), end.timestamp_millis()))
    };
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return lasting(at.with_timezone(&Utc), 1);
    }
    let text = text.replacen('T', " ", 1);
    [("%Y-%m-%d %H:%M:%S", 1), ("%Y-%m-%d %H:%M", 60)].into_iter().find_map(|(format, seconds)| {
        let local = NaiveDateTime::parse_from_str(&text, format).ok()?;
        lasting(local.and_local_timezone(zone).earliest()?.with_timezone(&Utc), seconds)
    })
}

/// Says what a column holds, so that one knows what may be asked of it.
fn unreadable(name: &str, column: &Series, operator: Operator, value: &str) -> SessionError {
    let (holds, hint) = match column.dtype() {
        DataType::String => ("text", format!("write `{name}:text` or `{name}=text`")),
        DataType::Boolean => ("yes or no", format!("write `{name}=yes` or `{name}=no`")),
        DataType::Datetime(..) | DataType::Date => {
            ("points in time", format!("write `{name}>2026-09-17` or `{name}=2026-09`"))
        }
        DataType::Duration(_) => ("lengths of time", format!("write `{name}>8h` or `{name}<90min`")),
        dtype if dtype.is_integer() && is_length(name) => {
            ("lengths of time", format!("write `{name}>8h` or `{name}<90min`"))
        }
        dtype if dtype.is_primitive_numeric() => ("numbers", format!("write `{name}>5` or `{name}=5`")),
        _ => ("values that cannot be compared", format!("write `{name}=` for rows without one")),
    };
    let (name, sign, value) = (screen_str(name), operator.sign(), screen_str(value));
    SessionError::Unknown {
        message: format!("`{name}{sign}{value}` cannot be asked: column `{name}` holds {holds}"),
        hint: screen_str(&hint),
    }
}
