//! From the words of a manifest and the settings of a source to plans.
//!
//! Every rule that the shape of the TOML cannot hold is checked here. Must not touch records.

use super::plan::{ColumnPlan, Dialect, EventsPlan, Origin, Reading, TablePlan, Unit, ValueMap};
use super::template::Piece;
use super::words::{ColumnWords, CompleteKind, DurationUnit, EventWords, FileWords, OneOrMore, Shape, TableWords};
use super::{Manifest, ManifestError, nearest};
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
    /// Returns what is done with each table, with every setting's value filled in.
    pub fn plans(&self, settings: &BTreeMap<String, String>) -> Result<Vec<TablePlan>, ManifestError> {
        let planner = Planner { manifest: self, settings };
        let mut plans = Vec::new();
        // A slip in a table's name makes two tables of one: the name is the better message.
        for (name, words) in &self.tables {
            planner.canonical(name, words.as_ref())?;
        }
        for (name, words) in &self.tables {
            plans.extend(planner.table(name, words)?);
        }
        Ok(plans)
    }
}

/// Turns words into plans; keeps what each step needs.
pub(super) struct Planner<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) settings: &'a BTreeMap<String, String>,
}

impl Planner<'_> {
    /// Plans a table; `None` where the request that it needs is left out.
    fn table(&self, name: &Spanned<String>, spanned: &Spanned<TableWords>) -> Result<Option<TablePlan>, ManifestError> {
        let (span, words) = (spanned.span(), spanned.as_ref());
        let table = self.canonical(name, words)?;
        let (files, dialect, complete, answers) = match (&words.file, &words.request) {
            (Some(file), None) => {
                let file = file.as_ref();
                let files = file.files.iter().map(|pattern| self.fill(pattern, &span)).collect::<Result<_, _>>()?;
                (files, self.dialect(file)?, self.complete(table, words, &span)?, None)
            }
            (None, Some(request)) => {
                if !self.manifest.wanted(request.as_ref(), self.settings)? {
                    return Ok(None);
                }
                let answers = self.answers(table, words, &span)?;
                // The records of answers reach the columns as fields of one row, named as the columns.
                let dialect = Dialect { delimiter: b',', quote: Some(b'"'), header: true };
                let complete = Completeness::Unknowable { reason: "the requests tell".into() };
                (Vec::new(), dialect, complete, Some(answers))
            }
            (None, None) => {
                return Err(self.wrong(
                    &span,
                    "the table does not say where its records come from",
                    format!("add [table.{0}.file], or `request = \"…\"` to [table.{0}]", name.as_ref()),
                ));
            }
            (Some(_), Some(request)) => {
                return Err(self.wrong(
                    &request.span(),
                    "the table's records come from files and from a request",
                    "leave one of the two out; `files` of a source read saved answers to the request",
                ));
            }
        };
        let mut columns = self.columns(table, words)?;
        if answers.is_some() {
            for column in &mut columns {
                if let Origin::Header { name, .. } = &mut column.origin {
                    column.column.name.clone_into(name);
                }
            }
        }
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
        Ok(Some(TablePlan {
            table,
            files,
            dialect,
            answers,
            null_words: words.null.words.clone(),
            complete,
            columns,
            events,
            select: words.select.as_ref().map(|select| select.as_ref().clone()),
        }))
    }

    /// Returns the canonical table that a table of the manifest fills.
    fn canonical(&self, name: &Spanned<String>, words: &TableWords) -> Result<Table, ManifestError> {
        words.fills.or_else(|| Table::by_name(name.as_ref())).ok_or_else(|| {
            let known = Table::ALL.iter().map(|table| table.name());
            let hint = nearest(name.as_ref(), known).map_or_else(
                || "docs/tables.md lists them; another name needs `fills = \"tickets\"`".into(),
                |near| format!("did you mean `{near}`?"),
            );
            self.wrong(&name.span(), format!("`{}` is no canonical table", name.as_ref()), hint)
        })
    }

    fn dialect(&self, file: &FileWords) -> Result<Dialect, ManifestError> {
        Ok(Dialect {
            delimiter: self.one_byte(&file.delimiter)?.ok_or_else(|| {
                self.wrong(&file.delimiter.span(), "the delimiter is empty", "write one character, as `,` or `;`")
            })?,
            quote: self.one_byte(&file.quote)?,
            header: file.header,
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
            if let Some(request) = &words.request {
                return Err(self.wrong(
                    &request.span(),
                    "rows of a request need a `source_key`",
                    "add what identifies a record, as `source_key = { from = \"/id\" }`: the next pull must know it again",
                ));
            }
            columns.push(ColumnPlan {
                column: *key,
                origin: Origin::FileAndLine,
                reading: Reading::Text,
                values: None,
                before: String::new(),
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
            ("shift", words.shift.is_some() && kind != ColumnType::Instant),
            ("sum", words.sum.is_some() && !matches!(kind, ColumnType::Integer | ColumnType::Duration)),
            ("true", words.yes.is_some() && kind != ColumnType::Boolean),
            ("false", words.no.is_some() && kind != ColumnType::Boolean),
            ("unit", words.unit.is_some() && kind != ColumnType::Duration),
            (
                "optional",
                words.optional
                    && [&words.join, &words.sum].iter().all(|paths| paths.is_none())
                    && words.from.is_none()
                    && words.plus.is_none(),
            ),
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
                    DurationUnit::Milliseconds => Unit::Millis,
                    DurationUnit::Since1970 => Unit::Since1970,
                    DurationUnit::Seconds => Unit::Seconds(1),
                    DurationUnit::Minutes => Unit::Seconds(60),
                    DurationUnit::Hours => Unit::Seconds(3_600),
                    DurationUnit::Days => Unit::Seconds(86_400),
                }),
            },
        };
        let before = match (&words.plus, &words.constant) {
            (Some(_), Some(text)) if kind == ColumnType::Text => self.fill(text, span)?,
            (Some(_), _) => {
                return Err(self.wrong(
                    span,
                    format!("`plus` of `{}` stands without a text before it", column.name),
                    "write `{ const = \"{url}/issues/\", plus = \"/id\" }`, for a text column",
                ));
            }
            (None, _) => String::new(),
        };
        Ok(ColumnPlan { column, origin, reading, values: None, before })
    }

    fn origin(&self, column: &str, words: &ColumnWords, span: &Range<usize>) -> Result<Origin, ManifestError> {
        let given =
            (&words.from, words.join.as_ref().or(words.sum.as_ref()), &words.constant, &words.file_name, &words.plus);
        match given {
            (Some(OneOrMore::One(name)), None, None, None, None) if words.lookup.is_none() => {
                Ok(Origin::Header { name: self.fill(name, span)?, optional: words.optional })
            }
            // Several paths, joined ones and those of lookups are for answers, whose fields are named as the columns.
            (Some(_), None, None, None, None)
            | (None, Some(_), None, None, None)
            | (None, None, Some(_), None, Some(_)) => {
                Ok(Origin::Header { name: column.to_owned(), optional: words.optional })
            }
            (None, None, Some(text), None, None) => Ok(Origin::Constant(self.fill(text, span)?)),
            (None, None, None, Some(pattern), None) => match pattern.split("{}").collect::<Vec<_>>()[..] {
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
                format!("`{column}` needs exactly one of `from`, `join`, `const` and `file_name`"),
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
        let reader = InstantReader::new(&self.fill(format, span)?, &self.fill(zone, span)?, ends)
            .map_err(|message| self.wrong(span, message, "connectors/README.md lists formats and zones"))?;
        let Some(shift) = &words.shift else { return Ok(reader) };
        let (sign, length) = shift.strip_prefix('-').map_or((1, shift.as_str()), |length| (-1, length));
        let seconds = crate::model::duration::parse(length)
            .ok_or_else(|| self.wrong(span, format!("`{shift}` is no duration"), "write `1h` or `-1h`"))?;
        Ok(reader.shifted(sign * seconds.0))
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
    pub(super) fn fill(&self, text: &str, span: &Range<usize>) -> Result<String, ManifestError> {
        let template = self
            .manifest
            .template(text, self.settings)
            .map_err(|message| self.wrong(span, message, "settings stand in [settings.*] with `kind` and `hint`"))?;
        if template.0.iter().any(|piece| !matches!(piece, Piece::Text(_))) {
            return Err(self.wrong(
                span,
                format!("`{text}` names what only a request knows, or a secret"),
                "settings that are no secrets may stand here",
            ));
        }
        Ok(template.shown())
    }

    pub(super) fn wrong(
        &self,
        span: &Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> ManifestError {
        self.manifest.wrong(span, message, hint)
    }
}

pub(super) fn list(words: &[&str]) -> String {
    words.join(", ")
}
