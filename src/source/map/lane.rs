//! One column on its way: where its text stands in the file, what was read last, what was built so far.

use super::value::Value;
use crate::model::ColumnType;
use crate::model::{Finding, Severity, Table};
use crate::source::instant::ClockChange;
use crate::source::manifest::{ColumnPlan, Origin, Reading, Unlisted};
use crate::text::screen_str;
use polars::prelude::{
    BooleanChunkedBuilder, ChunkFull, ChunkedBuilder, Column, Float64Type, Int64Type, IntoColumn, PolarsResult,
    PrimitiveChunkedBuilder, StringChunked, StringChunkedBuilder,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Most different words of one column that a finding names.
const MOST_WORDS: usize = 8;

/// A cell that was read and waits for the rest of its record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell {
    Null,
    /// Text of the record, from and to.
    Text(usize, usize),
    /// Text that the value map does not list.
    Unlisted(usize, usize),
    /// A word of the value map.
    Word(u32),
    Value(Value),
    /// The same text in the whole file.
    Same,
    /// The file's name and the record's line.
    FileAndLine,
    /// Text that does not say what the column holds.
    Unreadable(usize, usize),
}

/// Where the text of a column stands in the file that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Feed {
    Absent,
    Field(usize),
    Same(Cell),
}

pub(super) struct Lane {
    pub plan: ColumnPlan,
    pub feed: Feed,
    /// The text that `Feed::Same` stands for.
    pub same: String,
    builder: Builder,
    /// The last text that was read as an instant, and what it said: neighbours often agree.
    last: (String, Option<Value>),
    unreadable: Tally,
    twice: Tally,
    never: Tally,
    unlisted: BTreeMap<String, u64>,
    unlisted_rows: u64,
}

#[derive(Default)]
struct Tally {
    count: u64,
    example: String,
    place: String,
}

enum Builder {
    /// Nothing is built: the text is the same in every row of every file.
    Constant(Cell),
    Text(StringChunkedBuilder),
    Whole(PrimitiveChunkedBuilder<Int64Type>),
    Decimal(PrimitiveChunkedBuilder<Float64Type>),
    Flag(BooleanChunkedBuilder),
}

impl Lane {
    pub(super) fn new(plan: ColumnPlan) -> Result<Self, String> {
        let name = plan.column.name;
        let mut lane = Self {
            feed: Feed::Absent,
            same: String::new(),
            builder: match plan.column.kind {
                ColumnType::Text => Builder::Text(StringChunkedBuilder::new(name.into(), 0)),
                ColumnType::Instant | ColumnType::Integer | ColumnType::Duration => {
                    Builder::Whole(PrimitiveChunkedBuilder::new(name.into(), 0))
                }
                ColumnType::Decimal => Builder::Decimal(PrimitiveChunkedBuilder::new(name.into(), 0)),
                ColumnType::Boolean => Builder::Flag(BooleanChunkedBuilder::new(name.into(), 0)),
            },
            plan,
            last: (String::new(), None),
            unreadable: Tally::default(),
            twice: Tally::default(),
            never: Tally::default(),
            unlisted: BTreeMap::new(),
            unlisted_rows: 0,
        };
        if let Origin::Constant(text) = &lane.plan.origin {
            let text = text.clone();
            let cell = lane.fixed(&text)?;
            lane.feed = Feed::Same(cell);
            lane.builder = Builder::Constant(cell);
        }
        Ok(lane)
    }

    /// Reads a text that holds for a whole file or for all of them.
    pub(super) fn fixed(&mut self, text: &str) -> Result<Cell, String> {
        let text = text.trim_ascii();
        text.clone_into(&mut self.same);
        let name = self.plan.column.name;
        if text.is_empty() && self.plan.column.required {
            return Err(format!("`{name}` is required and empty"));
        }
        match self.read(text, 0) {
            Ok(Cell::Text(..)) if text.is_empty() => Ok(Cell::Null),
            Ok(Cell::Text(..) | Cell::Unlisted(..)) => Ok(Cell::Same),
            Ok(Cell::Unreadable(..)) => {
                Err(format!("`{name}` is `{}`, which is not {}", screen_str(text), self.plan.reading.wanted()))
            }
            Ok(cell) => Ok(cell),
            Err(reason) => Err(reason),
        }
    }

    /// Reads a text that is not null; `start` is where it stands in its record. The error is the reason why the whole
    /// record goes to quarantine.
    pub(super) fn read(&mut self, text: &str, start: usize) -> Result<Cell, String> {
        let end = start + text.len();
        let column = &self.plan.column;
        if let Some(values) = &self.plan.values {
            return match (values.places.get(text), values.unlisted) {
                (Some(place), _) => Ok(Cell::Word(*place)),
                (None, Unlisted::Keep) => Ok(Cell::Unlisted(start, end)),
                (None, Unlisted::Missing) if !column.required => Ok(Cell::Unreadable(start, end)),
                (None, Unlisted::Missing | Unlisted::Reject) => {
                    Err(format!("`{}`: the word `{}` is not listed in the connector", column.name, screen_str(text)))
                }
            };
        }
        let value = match &self.plan.reading {
            Reading::Text => return Ok(Cell::Text(start, end)),
            Reading::Instant(reader) => {
                if self.last.0 == text {
                    self.last.1
                } else {
                    let value = reader.read(text).map(Value::Instant);
                    text.clone_into(&mut self.last.0);
                    self.last.1 = value;
                    value
                }
            }
            reading => reading.read(text),
        };
        match value {
            Some(value) => Ok(Cell::Value(value)),
            None if column.required => {
                Err(format!("`{}`: `{}` is not {}", column.name, screen_str(text), self.plan.reading.wanted()))
            }
            None => Ok(Cell::Unreadable(start, end)),
        }
    }

    /// Adds a cell of a record that is loaded.
    pub(super) fn push(&mut self, cell: Cell, record: &str, file: &str, line: u64) {
        let text = |from: usize, to: usize| record.get(from..to).unwrap_or_default();
        match cell {
            Cell::Unreadable(from, to) if self.plan.values.is_some() => self.note_unlisted(text(from, to)),
            Cell::Unreadable(from, to) => self.unreadable.note(text(from, to), file, line),
            Cell::Unlisted(from, to) => self.note_unlisted(text(from, to)),
            Cell::Value(Value::Instant(at)) => {
                let said = match at.clock_change {
                    None => None,
                    Some(ClockChange::Twice) => Some(&mut self.twice),
                    Some(ClockChange::Never) => Some(&mut self.never),
                };
                if let Some(tally) = said {
                    let example = self.last.0.as_str();
                    tally.note(example, file, line);
                }
            }
            _ => {}
        }
        match &mut self.builder {
            Builder::Constant(_) => {}
            Builder::Text(builder) => match cell {
                Cell::Text(from, to) | Cell::Unlisted(from, to) if self.plan.before.is_empty() => {
                    builder.append_value(text(from, to));
                }
                Cell::Text(from, to) | Cell::Unlisted(from, to) => {
                    self.same.clear();
                    self.same.push_str(&self.plan.before);
                    self.same.push_str(text(from, to));
                    builder.append_value(&self.same);
                }
                Cell::Word(place) => builder.append_option(word(&self.plan, place)),
                Cell::Same => builder.append_value(&self.same),
                Cell::FileAndLine => {
                    self.same.clear();
                    let _ = write!(self.same, "{file}:{line}");
                    builder.append_value(&self.same);
                }
                _ => builder.append_null(),
            },
            Builder::Whole(builder) => match cell {
                Cell::Value(Value::Instant(at)) => builder.append_value(at.millis),
                Cell::Value(Value::Whole(number)) => builder.append_value(number),
                _ => builder.append_null(),
            },
            Builder::Decimal(builder) => match cell {
                Cell::Value(Value::Decimal(number)) => builder.append_value(number),
                _ => builder.append_null(),
            },
            Builder::Flag(builder) => match cell {
                Cell::Value(Value::Flag(flag)) => builder.append_value(flag),
                _ => builder.append_null(),
            },
        }
    }

    fn note_unlisted(&mut self, text: &str) {
        self.unlisted_rows += 1;
        if let Some(count) = self.unlisted.get_mut(text) {
            *count += 1;
        } else if self.unlisted.len() < MOST_WORDS {
            self.unlisted.insert(text.to_owned(), 1);
        }
    }

    /// Returns the column; `rows` is how many there are.
    pub(super) fn column(self, rows: usize) -> PolarsResult<Column> {
        let name = self.plan.column.name;
        let column = match self.builder {
            Builder::Text(builder) => builder.finish().into_column(),
            Builder::Whole(builder) => builder.finish().into_column(),
            Builder::Decimal(builder) => builder.finish().into_column(),
            Builder::Flag(builder) => builder.finish().into_column(),
            Builder::Constant(cell) => {
                use polars::prelude::{BooleanChunked, Float64Chunked, Int64Chunked};
                match cell {
                    Cell::Same => StringChunked::full(name.into(), &self.same, rows).into_column(),
                    Cell::Word(place) => {
                        StringChunked::full(name.into(), word(&self.plan, place).unwrap_or_default(), rows)
                            .into_column()
                    }
                    Cell::Value(Value::Instant(at)) => Int64Chunked::full(name.into(), at.millis, rows).into_column(),
                    Cell::Value(Value::Whole(number)) => Int64Chunked::full(name.into(), number, rows).into_column(),
                    Cell::Value(Value::Decimal(number)) => {
                        Float64Chunked::full(name.into(), number, rows).into_column()
                    }
                    Cell::Value(Value::Flag(flag)) => BooleanChunked::full(name.into(), flag, rows).into_column(),
                    _ => Column::full_null(name.into(), rows, &self.plan.column.kind.dtype()),
                }
            }
        };
        column.cast(&self.plan.column.kind.dtype())
    }

    /// Returns what was found in the cells of the rows that were loaded.
    pub(super) fn findings(&self, source: &str, table: Table) -> Vec<Finding> {
        let name = self.plan.column.name;
        let finding = |kind: &str, severity, count, text: String| Finding {
            id: format!("{kind}/{source}/{}.{name}", table.name()),
            kind: kind.into(),
            severity,
            count,
            figures: Vec::new(),
            table: table.name().into(),
            filter: String::new(),
            text,
        };
        let mut findings = Vec::new();
        let Tally { count, example, place } = &self.unreadable;
        if *count > 0 {
            let text = format!(
                "`{name}` is empty in {count} rows of source `{source}`: the text is not {}. First: `{example}` in {place}.",
                self.plan.reading.wanted()
            );
            findings.push(finding("unreadable_value", Severity::Warning, *count, text));
        }
        for (kind, tally, what) in [
            (
                "ambiguous_time",
                &self.twice,
                "came twice at a change of the clock; starts take the earlier time, ends the later",
            ),
            ("skipped_time", &self.never, "never came: the clock jumped over them; the end of the jump is used"),
        ] {
            let Tally { count, example, place } = tally;
            if *count > 0 {
                let text = format!(
                    "{count} local times in `{name}` of source `{source}` {what}. First: `{example}` in {place}."
                );
                findings.push(finding(kind, Severity::Note, *count, text));
            }
        }
        if self.unlisted_rows > 0 {
            let words: Vec<String> =
                self.unlisted.iter().map(|(word, count)| format!("`{}` ({count})", screen_str(word))).collect();
            let kept = self.plan.values.as_ref().is_some_and(|values| values.unlisted == Unlisted::Keep);
            let text = format!(
                "`{name}` of source `{source}` holds words that the connector does not list: {}{}; they are {}. Add them to [table.{}.values.{name}].",
                words.join(", "),
                if self.unlisted.len() == MOST_WORDS { " …" } else { "" },
                if kept { "kept as they are" } else { "left empty" },
                table.name(),
            );
            let severity = if kept { Severity::Note } else { Severity::Warning };
            findings.push(finding("unlisted_word", severity, self.unlisted_rows, text));
        }
        findings
    }
}

fn word(plan: &ColumnPlan, place: u32) -> Option<&str> {
    plan.values.as_ref()?.words.get(place as usize).map(String::as_str)
}

impl Tally {
    fn note(&mut self, example: &str, file: &str, line: u64) {
        if self.count == 0 {
            self.example = screen_str(example);
            self.place = format!("{}, line {line}", screen_str(file));
        }
        self.count += 1;
    }
}
