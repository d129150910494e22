//! Dates, zones and instants as a config file writes them.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A local date. Read from a TOML date (`2026-09-01`) or from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub NaiveDate);

/// Reads a TOML date or instant, or text, as it was written.
fn as_written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Toml(toml::value::Datetime),
        Text(String),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::Toml(date) => date.to_string(),
        Written::Text(text) => text,
    })
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = as_written(deserializer)?;
        NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .map(Date)
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is not a date; write it as 2026-09-01")))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Reads and writes an IANA zone by name.
pub mod zone {
    use super::{Deserialize, Deserializer, Serializer, Tz};

    /// Reads a zone.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            serde::de::Error::custom(format!("`{text}` is not an IANA zone; write it as `Europe/Berlin` or `UTC`"))
        })
    }

    /// Writes a zone.
    pub fn serialize<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }
}

/// Reads and writes an optional instant as RFC 3339.
pub mod instant {
    use super::{DateTime, Deserialize, Deserializer, Serializer, Utc};

    /// Reads an instant.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text).map(|at| Some(at.with_timezone(&Utc))).map_err(|_| {
            serde::de::Error::custom(format!("`{text}` is not an instant; write it as `2026-10-05T08:00:00+02:00`"))
        })
    }

    /// Writes an instant.
    pub fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.serialize_str(&at.to_rfc3339()),
            None => serializer.serialize_none(),
        }
    }
}

/// A day, from its local midnight on, or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Local midnight of a date in the report zone.
    Day(NaiveDate),
    /// A point in time.
    At(DateTime<Utc>),
}

impl Moment {
    /// Returns the point in time that it stands for in a zone.
    pub fn instant(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Day(date) => super::period::midnight(date, zone),
            Self::At(at) => at,
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = as_written(deserializer)?;
        if let Ok(date) = NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            return Ok(Self::Day(date));
        }
        DateTime::parse_from_rfc3339(&text).map(|at| Self::At(at.with_timezone(&Utc))).map_err(|_| {
            serde::de::Error::custom(format!("`{text}` is neither a date (2026-09-01) nor an instant with its offset"))
        })
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Day(date) => serializer.collect_str(date),
            Self::At(at) => serializer.serialize_str(&super::period::rfc3339(*at)),
        }
    }
}
