//! Texts of one row to one record: fields in their order, joined ones joined, rows of other tables left out.
//!
//! Keeps the counts of a page. Must not know where the texts come from.

use super::path::{Fact, FieldPath};
use super::{PageFacts, RowsPlan, Taken};
use crate::source::split::Record;

/// How much of a refused row is kept, in bytes.
const KEPT: usize = 16 << 10;
/// Longest record.
const LONGEST: usize = 16 << 20;

/// Takes records.
pub(super) type Sink<'s> = dyn FnMut(Record<'_>, Result<(), String>) + 's;

/// What the caller gives for a path.
enum Given {
    /// A fact of the page, where it is known.
    Fact(Option<String>),
    /// Nothing: the text is read from the row.
    Nothing,
}

/// Puts records together.
pub(super) struct Assembly {
    /// Every path of the plan once for each time it is asked for.
    pub paths: Vec<FieldPath>,
    /// The facts by path, where a path is one.
    facts: Vec<Given>,
    /// For each field, which paths it joins.
    fields: Vec<std::ops::Range<usize>>,
    only: Vec<(usize, Vec<String>)>,
    bytes: String,
    ends: Vec<usize>,
    here: Vec<bool>,
    taken: Taken,
}

impl Assembly {
    /// Prepares a page.
    pub fn new(plan: &RowsPlan, facts: &PageFacts<'_>) -> Self {
        let mut paths: Vec<FieldPath> = Vec::new();
        let mut fields = Vec::new();
        for field in &plan.fields {
            let start = paths.len();
            paths.extend_from_slice(field.paths());
            fields.push(start..paths.len());
        }
        let mut only = Vec::new();
        for (path, words) in &plan.only {
            only.push((paths.len(), words.clone()));
            paths.push(path.clone());
        }
        let given = |fact: Fact| match fact {
            Fact::Each => facts.each,
            Fact::From => facts.from,
            Fact::At => facts.at,
            Fact::To => facts.to,
        };
        let facts = paths
            .iter()
            .map(|path| path.fact().map_or(Given::Nothing, |fact| Given::Fact(given(fact).map(str::to_owned))))
            .collect();
        let taken = Taken { present: vec![0; fields.len()], ..Taken::default() };
        Self {
            paths,
            facts,
            here: vec![false; fields.len()],
            fields,
            only,
            bytes: String::new(),
            ends: Vec::new(),
            taken,
        }
    }

    /// Makes the record of a row and hands it on. `read` adds the text of a path and tells whether there is one;
    /// `refused` is what a refused row keeps of itself.
    pub fn row(
        &mut self,
        line: u64,
        refused: Record<'_>,
        mut read: impl FnMut(usize, &mut String) -> Result<bool, String>,
        sink: &mut Sink<'_>,
    ) {
        match self.put(&mut read) {
            Ok(true) if self.bytes.len() > LONGEST => {
                self.refuse(refused, "the fields are longer than 16 MB".into(), sink);
            }
            Ok(true) => {
                self.taken.rows += 1;
                for (present, here) in self.taken.present.iter_mut().zip(&self.here) {
                    *present += u64::from(*here);
                }
                sink(Record { bytes: self.bytes.as_bytes(), ends: &self.ends, line, too_long: false }, Ok(()));
            }
            Ok(false) => self.taken.other += 1,
            Err(reason) => self.refuse(refused, reason, sink),
        }
    }

    /// Hands on a row that is refused.
    pub fn refuse(&mut self, row: Record<'_>, reason: String, sink: &mut Sink<'_>) {
        self.taken.rows += 1;
        sink(row, Err(reason));
    }

    /// Returns the counts.
    pub fn taken(self) -> Taken {
        self.taken
    }

    fn put(&mut self, read: &mut impl FnMut(usize, &mut String) -> Result<bool, String>) -> Result<bool, String> {
        let Self { paths, facts, fields, only, bytes, ends, here, .. } = self;
        let mut text = |path: usize, to: &mut String| match &facts[path] {
            Given::Fact(fact) => {
                to.push_str(fact.as_deref().unwrap_or_default());
                Ok(fact.is_some())
            }
            Given::Nothing => read(path, to).map_err(|reason| format!("`{}` {reason}", paths[path])),
        };
        for (path, words) in only {
            bytes.clear();
            text(*path, bytes)?;
            if !words.iter().any(|word| word == bytes) {
                return Ok(false);
            }
        }
        bytes.clear();
        ends.clear();
        for (field, here) in fields.iter().zip(here) {
            let start = bytes.len();
            *here = true;
            for path in field.clone() {
                if path > field.start {
                    bytes.push(':');
                }
                if !text(path, bytes)? {
                    bytes.truncate(start);
                    *here = false;
                    break;
                }
            }
            ends.push(bytes.len());
        }
        Ok(true)
    }
}

/// A refused row, by the beginning of its own text.
pub(super) fn refused(text: &[u8], line: u64) -> Record<'_> {
    let mut end = text.len().min(KEPT);
    while end < text.len() && end > 0 && text[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    Record { bytes: &text[..end], ends: &[], line, too_long: false }
}
