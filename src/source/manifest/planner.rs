//! From the words of a manifest and the settings of a source to plans.
//!
//! Every rule that the shape of the TOML cannot hold is checked here. Must not touch records.

use super::plan::{ColumnPlan, Dialect, EventsPlan, Origin, Reading, TablePlan, ValueMap};
use super::{ColumnWords, CompleteKind, DurationUnit, EventWords, Manifest, ManifestError, SettingKind, Shape};
use super::{TableWords, nearest};
use crate::model::{Column, ColumnType, Completeness, Table};
use crate::source::instant::InstantReader;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use toml::Spanned;

/// The column of an event's time, which no canonical ticket column holds.
const EVENT_AT: Column =
    Column { name: "events.at", kind: ColumnType::Instant, required: true, meaning: "When the event was." };
/// The column of an event's place.
const EVENT_SEQUENCE: Column =
    Column { name: "events.sequence", kind: ColumnType::Integer, required: false, meaning: "Its place." };
/// The fields whose history `ticket_events` keeps.
const TRACKED: &[&str] = &["status", "priority", "group", "service", "customer"];

impl Manifest {
    /// Checks a source's settings and returns the value of every setting, or says which is wrong and why.
    pub fn fill(&self, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
        if let Some(unknown) = given.keys().find(|name| !self.settings.contains_key(*name)) {
            let known: Vec<&str> = self.settings.keys().map(String::as_str).collect();
            let hint = nearest(unknown, known.iter().copied())
                .map_or_else(|| format!("it has {}", list(&known)), |near| format!("did you mean `{near}`?"));
            return Err(format!("the connector has no setting `{unknown}`; {hint}"));
        }
        let mut filled = BTreeMap::new();
        for (name, setting) in &self.settings {
            let Some(value) = given.get(name).or(setting.default.as_ref()) else {
                return Err(format!("the setting `{name}` is missing; add settings.{name}: {}", setting.hint));
            };
            let is_zone = value == "offset" || value.parse::<chrono_tz::Tz>().is_ok();
            if setting.kind == SettingKind::Zone && !is_zone {
                return Err(format!("the setting `{name}` is `{value}`, which is no IANA zone; {}", setting.hint));
            }
            filled.insert(name.clone(), value.clone());
        }
        Ok(filled)
    }

    /// Returns what is done with each table, with every setting's value filled in.
    pub fn plans(&self, settings: &BTreeMap<String, String>) -> Result<Vec<TablePlan>, ManifestError> {
        self.tables.iter().map(|(table, words)| Planner { manifest: self, settings }.table(*table, words)).collect()
    }
}

/// Turns words into plans; keeps what each step needs.
struct Planner<'a> {
    manifest: &'a Manifest,
    settings: &'a BTreeMap<String, String>,
}

impl Planner<'_> {
    fn table(&self, table: Table, spanned: &Spanned<TableWords>) -> Result<TablePlan, ManifestError> {
        let (span, words) = (spanned.span(), spanned.as_ref());
        let Some(file) = &words.file else {
            return Err(self.wrong(
                &span,
                "the table does not say where its records come from",
                format!("add [table.{}.file]", table.name()),
            ));
        };
        let complete = self.complete(table, words, &span)?;
        let file = file.as_ref();
        let dialect = Dialect {
            delimiter: self.one_byte(&file.delimiter)?.ok_or_else(|| {
                self.wrong(&file.delimiter.span(), "the delimiter is empty", "write one character, as `,` or `;`")
            })?,
            quote: self.one_byte(&file.quote)?,
            header: file.header,
        };
        let mut columns = self.columns(table, words)?;
        self.values(table, words, &mut columns)?;
        for column in table.own_columns().iter().filter(|column| column.required) {
            if !columns.iter().any(|plan| plan.column.name == column.name) {
                return Err(self.wrong(
                    &span,
                    format!("`{}` is required in {} and is not filled", column.name, table.name()),
                    format!("add `{}` to [table.{}.columns]: {}", column.name, table.name(), column.meaning),
                ));
            }
        }
        let events = match (words.shape, &words.events) {
            (Shape::Rows, None) => None,
            (Shape::Events, Some(events)) => Some(self.events(table, events, &columns)?),
            (Shape::Rows, Some(events)) => {
                return Err(self.wrong(&events.span(), "events without their shape", "add `shape = \"events\"`"));
            }
            (Shape::Events, None) => {
                return Err(self.wrong(
                    &span,
                    "the shape is `events`, but nothing says which",
                    format!("add [table.{}.events] with `key`, `at` and `track`", table.name()),
                ));
            }
        };
        if let Some(select) = &words.select {
            if events.is_some() {
                return Err(self.wrong(
                    &select.span(),
                    "`select` cannot be used with the shape `events`",
                    "leave one of the two out",
                ));
            }
            crate::query::check(select.as_ref(), &["raw"])
                .map_err(|error| self.wrong(&select.span(), error.to_string(), "write one SELECT over `raw`"))?;
        }
        Ok(TablePlan {
            table,
            files: file.files.iter().map(|pattern| self.fill(pattern, &span)).collect::<Result<_, _>>()?,
            dialect,
            null_words: words.null.words.clone(),
            complete,
            columns,
            events,
            select: words.select.as_ref().map(|select| select.as_ref().clone()),
        })
    }

    fn complete(&self, table: Table, words: &TableWords, span: &Range<usize>) -> Result<Completeness, ManifestError> {
        let Some(complete) = &words.complete else {
            return Err(self.wrong(
                span,
                "the table does not say how completeness is known",
                format!(
                    "add [table.{}.complete] with `kind = \"whole_file\"` or `kind = \"unknowable\"`",
                    table.name()
                ),
            ));
        };
        match (complete.as_ref().kind, &complete.as_ref().reason) {
            (CompleteKind::WholeFile, None) => Ok(Completeness::Complete { rule: "the file is all there is".into() }),
            (CompleteKind::Unknowable, Some(reason)) => Ok(Completeness::Unknowable { reason: reason.clone() }),
            (CompleteKind::WholeFile, Some(_)) => {
                Err(self.wrong(&complete.span(), "`whole_file` takes no reason", "leave `reason` out"))
            }
            (CompleteKind::Unknowable, None) => {
                Err(self.wrong(&complete.span(), "`unknowable` needs a reason", "add `reason = \"…\"`"))
            }
        }
    }

    fn columns(&self, table: Table, words: &TableWords) -> Result<Vec<ColumnPlan>, ManifestError> {
        let mut columns = Vec::new();
        for (name, source) in &words.columns {
            let column = self.column_of(table, name)?;
            if column.name == "source" {
                return Err(self.wrong(&name.span(), "`source` is the id in config.toml", "leave it out"));
            }
            columns.push(self.column(*column, source.as_ref(), &name.span())?);
        }
        if let Some(key) = table.column("source_key")
            && !columns.iter().any(|plan| plan.column.name == key.name)
        {
            columns.push(ColumnPlan {
                column: *key,
                origin: Origin::FileAndLine,
                reading: Reading::Text,
                values: None,
            });
        }
        // The order of the schema, whatever the order of the manifest.
        let place = |name: &str| table.columns().position(|column| column.name == name);
        columns.sort_by_key(|plan| place(plan.column.name));
        Ok(columns)
    }

    fn column_of(&self, table: Table, name: &Spanned<String>) -> Result<&'static Column, ManifestError> {
        table.column(name.as_ref()).ok_or_else(|| {
            let known: Vec<&str> = table.columns().map(|column| column.name).collect();
            let hint = nearest(name.as_ref(), known.iter().copied())
                .map_or_else(|| format!("it has {}", list(&known)), |near| format!("did you mean `{near}`?"));
            self.wrong(&name.span(), format!("{} has no column `{}`", table.name(), name.as_ref()), hint)
        })
    }

    fn column(&self, column: Column, words: &ColumnWords, span: &Range<usize>) -> Result<ColumnPlan, ManifestError> {
        let origin = self.origin(column.name, words, span)?;
        let kind = column.kind;
        let misplaced = [
            ("format", words.format.is_some() && kind != ColumnType::Instant),
            ("zone", words.zone.is_some() && kind != ColumnType::Instant),
            ("true", words.yes.is_some() && kind != ColumnType::Boolean),
            ("false", words.no.is_some() && kind != ColumnType::Boolean),
            ("unit", words.unit.is_some() && kind != ColumnType::Duration),
            ("optional", words.optional && words.from.is_none()),
        ];
        if let Some((word, _)) = misplaced.iter().find(|(_, wrong)| *wrong) {
            return Err(self.wrong(
                span,
                format!("`{word}` says nothing about `{}`", column.name),
                format!("leave `{word}` out"),
            ));
        }
        let reading = match kind {
            ColumnType::Text => Reading::Text,
            ColumnType::Integer => Reading::Integer,
            ColumnType::Decimal => Reading::Decimal,
            ColumnType::Instant => Reading::Instant(self.instant(column.name, words, span)?),
            ColumnType::Boolean => {
                let lower = |words: &Option<Vec<String>>, default: &[&str]| match words {
                    Some(words) => words.iter().map(|word| word.to_ascii_lowercase()).collect(),
                    None => default.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(),
                };
                Reading::Boolean {
                    yes: lower(&words.yes, &["true", "1", "yes", "y"]),
                    no: lower(&words.no, &["false", "0", "no", "n"]),
                }
            }
            ColumnType::Duration => Reading::Duration {
                unit: words.unit.map(|unit| match unit {
                    DurationUnit::Seconds => 1,
                    DurationUnit::Minutes => 60,
                    DurationUnit::Hours => 3_600,
                    DurationUnit::Days => 86_400,
                }),
            },
        };
        Ok(ColumnPlan { column, origin, reading, values: None })
    }

    fn origin(&self, column: &str, words: &ColumnWords, span: &Range<usize>) -> Result<Origin, ManifestError> {
        match (&words.from, &words.constant, &words.file_name) {
            (Some(name), None, None) => Ok(Origin::Header { name: self.fill(name, span)?, optional: words.optional }),
            (None, Some(text), None) => Ok(Origin::Constant(self.fill(text, span)?)),
            (None, None, Some(pattern)) => match pattern.split("{}").collect::<Vec<_>>()[..] {
                [before, after] => {
                    Ok(Origin::FileName { before: self.fill(before, span)?, after: self.fill(after, span)? })
                }
                _ => Err(self.wrong(
                    span,
                    format!("`{pattern}` must hold `{{}}` once"),
                    "write the file's name with `{}` in place of the part that is wanted",
                )),
            },
            _ => Err(self.wrong(
                span,
                format!("`{column}` needs exactly one of `from`, `const` and `file_name`"),
                "write `{ from = \"a header of the file\" }`",
            )),
        }
    }

    fn instant(&self, column: &str, words: &ColumnWords, span: &Range<usize>) -> Result<InstantReader, ManifestError> {
        let Some(zone) = &words.zone else {
            return Err(self.wrong(
                span,
                format!("`{column}` is an instant and has no zone"),
                "add `zone = \"Europe/Berlin\"`, or `zone = \"offset\"` where each stamp carries its offset",
            ));
        };
        let Some(format) = &words.format else {
            return Err(self.wrong(
                span,
                format!("`{column}` is an instant and has no format"),
                "add `format`: as \"%d/%m/%Y %H:%M\", \"iso8601\", \"rfc3339\" or \"unix\"",
            ));
        };
        // Rule R5: of a local time that comes twice, an end takes the later one.
        let ends = column == "end" || column == "to" || column.ends_with("_end") || column.ends_with("_to");
        InstantReader::new(&self.fill(format, span)?, &self.fill(zone, span)?, ends)
            .map_err(|message| self.wrong(span, message, "connectors/README.md lists formats and zones"))
    }

    fn values(&self, table: Table, words: &TableWords, columns: &mut [ColumnPlan]) -> Result<(), ManifestError> {
        for (name, values) in &words.values {
            let column = self.column_of(table, name)?;
            let Some(plan) = columns.iter_mut().find(|plan| plan.column.name == column.name) else {
                return Err(self.wrong(
                    &name.span(),
                    format!("`{}` has a value map and is not filled", column.name),
                    format!("add it to [table.{}.columns]", table.name()),
                ));
            };
            if column.kind != ColumnType::Text {
                return Err(self.wrong(
                    &name.span(),
                    format!("`{}` is no text", column.name),
                    "value maps are for text columns; booleans take `true = […]` and `false = […]`",
                ));
            }
            let mut map = ValueMap { places: HashMap::new(), words: Vec::new(), unlisted: values.unlisted };
            for (theirs, ours) in &values.map {
                let place = map.words.iter().position(|word| word == ours).unwrap_or_else(|| {
                    map.words.push(ours.clone());
                    map.words.len() - 1
                });
                map.places.insert(theirs.clone(), u32::try_from(place).unwrap_or(u32::MAX));
            }
            plan.values = Some(map);
        }
        Ok(())
    }

    fn events(
        &self,
        table: Table,
        spanned: &Spanned<EventWords>,
        columns: &[ColumnPlan],
    ) -> Result<EventsPlan, ManifestError> {
        let (span, words) = (spanned.span(), spanned.as_ref());
        if table != Table::Tickets {
            return Err(self.wrong(&span, "only tickets have events", "leave `shape` and `events` out"));
        }
        let filled = |name: &Spanned<String>| {
            let column = self.column_of(table, name)?;
            if columns.iter().any(|plan| plan.column.name == column.name) {
                return Ok(column.name);
            }
            Err(self.wrong(
                &name.span(),
                format!("`{}` is not filled", column.name),
                "add it to [table.tickets.columns]",
            ))
        };
        let key = filled(&words.key)?;
        if key != "source_key" {
            return Err(self.wrong(
                &words.key.span(),
                "events belong to a `source_key`",
                "write `key = \"source_key\"`",
            ));
        }
        let mut track = Vec::new();
        for name in &words.track {
            let column = filled(name)?;
            if !TRACKED.contains(&column) {
                return Err(self.wrong(
                    &name.span(),
                    format!("the history of `{column}` is not kept"),
                    format!("ticket_events keeps {}", list(TRACKED)),
                ));
            }
            track.push(column);
        }
        Ok(EventsPlan {
            key,
            at: self.column(EVENT_AT, words.at.as_ref(), &words.at.span())?,
            sequence: match &words.sequence {
                Some(sequence) => Some(self.column(EVENT_SEQUENCE, sequence.as_ref(), &sequence.span())?),
                None => None,
            },
            track,
        })
    }

    fn one_byte(&self, text: &Spanned<String>) -> Result<Option<u8>, ManifestError> {
        let filled = self.fill(text.as_ref(), &text.span())?;
        match filled.as_bytes() {
            [] => Ok(None),
            [byte] if byte.is_ascii() && !b"\r\n\0".contains(byte) => Ok(Some(*byte)),
            _ => Err(self.wrong(
                &text.span(),
                format!("`{filled}` is not one ASCII character"),
                "write one character, as `,` or `;` or `\\t`",
            )),
        }
    }

    /// Puts the values of settings in the place of `{name}`.
    fn fill(&self, text: &str, span: &Range<usize>) -> Result<String, ManifestError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                return Err(self.wrong(
                    span,
                    format!("`{text}` opens a brace and does not close it"),
                    "write `{name}`",
                ));
            };
            let Some(value) = self.settings.get(name) else {
                return Err(self.wrong(
                    span,
                    format!("there is no setting `{name}`"),
                    format!("add [settings.{name}] with `kind` and `hint`"),
                ));
            };
            filled.push_str(value);
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn wrong(&self, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> ManifestError {
        self.manifest.wrong(span, message, hint)
    }
}

fn list(words: &[&str]) -> String {
    words.join(", ")
}
