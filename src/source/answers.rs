//! Rows of a table out of fetched pages: fields, lookups and conditions, record by record into the mapper.
//!
//! Must not know how pages are asked for.

use super::SourceError;
use super::ask::AskError;
use super::ask::fetch::Fetched;
use super::ask::recording::Recording;
use super::count_json;
use super::decode::{DecodeError, FieldPath, FieldPlan, PageFacts, RowsPlan, rows};
use super::manifest::{AnswersPlan, AskingPlan, FieldSource, LookupPlan, OnlyRule, RequestPlan, TablePlan};
use super::map::{Mapped, Mapper};
use super::split::Record;
use crate::model::{Finding, Severity, SourceFile};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;

/// What the pages of a table brought.
pub struct Answered {
    /// The rows.
    pub mapped: Mapped,
    /// What the receipt says of the pages.
    pub file: SourceFile,
    /// Records that are not this table's.
    pub other: u64,
    /// Records in each page, counted apart from the decoder, by its place in the recording.
    pub counted: Vec<(usize, u64)>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// The pages that were fetched, with what is needed to read them.
#[derive(Clone, Copy)]
pub struct Pages<'a> {
    /// What was asked.
    pub asking: &'a AskingPlan,
    /// Which pages count.
    pub fetched: &'a Fetched,
    /// The pages.
    pub recording: &'a Recording,
}

/// Values of a lookup by their key: the texts of its fields.
struct Looked {
    rows: HashMap<String, Vec<String>>,
}

/// Where the text of a column stands in what the decoder hands over.
enum Place {
    /// The first of these fields that is not empty.
    Fields(Vec<usize>),
    /// These fields, added up.
    Sum(Vec<usize>),
    /// Of the lookup that the field `on` names, the first of its fields that is not empty.
    Looked { lookup: usize, on: usize, fields: Vec<usize> },
}

/// Reads the rows of a table.
pub fn read(plan: &TablePlan, answers: &AnswersPlan, pages: Pages<'_>, source: &str) -> Result<Answered, SourceError> {
    let request = pages.request(&answers.request, source)?;
    let layout = Layout::new(answers);
    let lookups = layout
        .lookups
        .iter()
        .map(|name| {
            let lookup = &answers.lookups[*name];
            let wanted: Vec<&FieldSource> =
                answers.fields.iter().filter(|field| field.lookup.as_deref() == Some(name)).collect();
            pages.look_up(lookup, &wanted, source)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut mapper = Mapper::new(plan, source)?;
    let names: Vec<&str> = answers.fields.iter().map(|field| field.column).collect();
    let planned = RowsPlan { rows: answers.rows.clone(), fields: layout.fields.clone(), only: Vec::new() };
    let mut hash = Sha256::new();
    let mut whole = SourceFile { name: String::new(), bytes: 0, sha256: String::new(), records: 0 };
    let (mut other, mut counted) = (0, Vec::new());
    let mut present = vec![0; layout.fields.len()];
    let mut line = Line::default();
    let places: Vec<usize> = pages.fetched.places_of(&answers.request).collect();
    for place in &places {
        let Some(page) = pages.recording.pages().get(*place) else { continue };
        let body = pages.body(*place, source)?;
        whole.bytes += body.len() as u64;
        if page.sha256.is_empty() {
            hash.update(super::manifest::hex(&Sha256::digest(&body)));
        } else {
            hash.update(&page.sha256);
        }
        if whole.name.is_empty() {
            whole.name = super::ask::fetch::label(&page.asked);
        }
        if page.status >= 400 {
            continue;
        }
        let name = format!("{}, page {}", answers.request, place + 1);
        line.clear();
        for name in &names {
            line.push(name);
        }
        mapper.open(&name, line.record(0))?;
        let facts = page.facts();
        let named = named(request, &body, &planned);
        let wanted = named.as_ref().unwrap_or(&planned);
        let taken = rows(request.format, &body, wanted, &facts, &mut |record, refused| {
            if let Err(reason) = refused {
                mapper.refuse(record, reason);
                return;
            }
            let texts: Vec<&[u8]> = record.fields().collect();
            if !layout.only.iter().all(|(place, rule)| rule.holds(texts.get(*place).copied().unwrap_or_default())) {
                other += 1;
                return;
            }
            if layout.straight {
                mapper.take(Record { ends: &record.ends[..names.len()], ..record }, None);
                return;
            }
            line.clear();
            for (place, field) in layout.places.iter().zip(&answers.fields) {
                if let Place::Sum(fields) = place {
                    line.push(&sum(fields.iter().filter_map(|at| texts.get(*at).copied())));
                    continue;
                }
                let text = place.text(&texts, &lookups);
                line.push_bytes(if text.is_empty() { field.otherwise.as_bytes() } else { text });
            }
            mapper.take(line.record(record.line), None);
        });
        match taken {
            Ok(taken) => {
                let apart = count_json::count(request.format, &body, &answers.rows);
                counted.push((*place, apart.unwrap_or(taken.rows + taken.other)));
                present.iter_mut().zip(&taken.present).for_each(|(all, page)| *all += page);
            }
            Err(DecodeError::NoRows { .. }) if request.may_lack_rows => {}
            Err(error) => {
                let label = super::ask::fetch::label(&page.asked);
                return Err(SourceError::Ask {
                    id: source.to_owned(),
                    error: Box::new(AskError::Page { label, error }),
                });
            }
        }
    }
    whole.records = counted.iter().map(|(_, records)| records).sum();
    whole.sha256 = super::manifest::hex(&hash.finalize());
    let _ = write!(whole.name, " ({} pages, {})", places.len(), plan.table.name());
    let mapped = mapper.finish().map_err(|error| SourceError::Frame { id: source.to_owned(), error })?;
    let findings = layout.absent(answers, &present, mapped.frame.height() as u64, plan, source);
    Ok(Answered { mapped, file: whole, other, counted, findings })
}

impl<'a> Pages<'a> {
    fn request(self, name: &str, source: &str) -> Result<&'a RequestPlan, SourceError> {
        self.asking.request(name).ok_or_else(|| SourceError::Settings {
            id: source.to_owned(),
            message: format!("the connector has no request `{name}`"),
        })
    }

    fn body(self, place: usize, source: &str) -> Result<Vec<u8>, SourceError> {
        self.recording.body(place).map_err(|error| SourceError::Ask {
            id: source.to_owned(),
            error: Box::new(AskError::Keep { folder: "its pages".into(), error }),
        })
    }

    /// Reads the records of a lookup: for each key the texts of the fields that columns want.
    fn look_up(self, plan: &LookupPlan, wanted: &[&FieldSource], source: &str) -> Result<Looked, SourceError> {
        let request = self.request(&plan.request, source)?;
        let mut fields = vec![plan.key.clone()];
        fields.extend(plan.order.iter().cloned().map(FieldPlan::Path));
        let first_wanted = fields.len();
        fields.extend(wanted.iter().flat_map(|field| field.first_of.iter().cloned()));
        let first_only = fields.len();
        fields.extend(plan.only.iter().map(|rule| FieldPlan::Path(rule.at.clone())));
        let rows_plan = RowsPlan { rows: plan.rows.clone(), fields, only: Vec::new() };
        let mut found: HashMap<String, (String, Vec<String>)> = HashMap::new();
        for place in self.fetched.places_of(&plan.request) {
            let Some(page) = self.recording.pages().get(place).filter(|page| page.status < 400) else { continue };
            let body = self.body(place, source)?;
            let facts = page.facts();
            let taken = rows(request.format, &body, &rows_plan, &facts, &mut |record, refused| {
                if refused.is_err() {
                    return;
                }
                let texts: Vec<String> =
                    record.fields().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
                let Some(key) = texts.first().filter(|key| !key.is_empty()) else { return };
                let only = plan.only.iter().zip(texts.get(first_only..).unwrap_or_default());
                if !only.clone().all(|(rule, text)| rule.holds(text.as_bytes())) {
                    return;
                }
                let order = if first_wanted > 1 { texts[1].clone() } else { String::new() };
                let kept = texts.get(first_wanted..first_only).unwrap_or_default().to_vec();
                match found.get_mut(key) {
                    None => {
                        found.insert(key.clone(), (order, kept));
                    }
                    Some(before) => {
                        let later = order >= before.0;
                        let sooner = order < before.0;
                        if plan.last && later || !plan.last && sooner {
                            *before = (order, kept);
                        }
                    }
                }
            });
            match taken {
                Ok(_) => {}
                Err(DecodeError::NoRows { .. }) if request.may_lack_rows => {}
                Err(error) => {
                    let label = super::ask::fetch::label(&page.asked);
                    let error = Box::new(AskError::Page { label, error });
                    return Err(SourceError::Ask { id: source.to_owned(), error });
                }
            }
        }
        Ok(Looked { rows: found.into_iter().map(|(key, (_, texts))| (key, texts)).collect() })
    }
}

/// Where records are lists, puts the places of their elements into the place of their names: `/opened_at` becomes `/3`.
/// A name that the answer does not have is in no record.
pub(super) fn named(request: &RequestPlan, body: &[u8], planned: &RowsPlan) -> Option<RowsPlan> {
    let names_at = request.names.as_ref()?;
    let itself = FieldPlan::Path(FieldPath::parse("").ok()?);
    let plan = RowsPlan { rows: names_at.clone(), fields: vec![itself], only: Vec::new() };
    let mut names = Vec::new();
    // An answer without names has no records either.
    let _ = rows(request.format, body, &plan, &PageFacts::default(), &mut |record, _| {
        names.push(String::from_utf8_lossy(record.bytes).into_owned());
    });
    let placed = |path: &FieldPath| {
        let text = path.to_string();
        let (name, rest) = text.strip_prefix('/').map(|text| text.split_once('/').map_or((text, ""), |both| both))?;
        // Behind the last element there is nothing.
        let place = names.iter().position(|known| known == name).unwrap_or(names.len());
        FieldPath::parse(&if rest.is_empty() { format!("/{place}") } else { format!("/{place}/{rest}") }).ok()
    };
    let one = |path: &FieldPath| placed(path).unwrap_or_else(|| path.clone());
    let fields = planned
        .fields
        .iter()
        .map(|field| match field {
            FieldPlan::Path(path) => FieldPlan::Path(one(path)),
            FieldPlan::Join(paths) => FieldPlan::Join(paths.iter().map(one).collect()),
        })
        .collect();
    Some(RowsPlan { fields, ..planned.clone() })
}

/// Which fields the decoder hands over, and what becomes of them.
struct Layout<'a> {
    fields: Vec<FieldPlan>,
    places: Vec<Place>,
    lookups: Vec<&'a str>,
    only: Vec<(usize, &'a OnlyRule)>,
    /// Whether the first fields are the columns as they are.
    straight: bool,
}

impl<'a> Layout<'a> {
    fn new(answers: &'a AnswersPlan) -> Self {
        let mut layout =
            Self { fields: Vec::new(), places: Vec::new(), lookups: Vec::new(), only: Vec::new(), straight: true };
        let mut in_lookup: HashMap<&str, usize> = HashMap::new();
        for field in &answers.fields {
            match &field.lookup {
                None => {
                    let first = layout.fields.len();
                    layout.fields.extend(field.first_of.iter().cloned());
                    layout.straight &= field.first_of.len() == 1 && field.otherwise.is_empty();
                    let fields = (first..layout.fields.len()).collect();
                    layout.places.push(if field.sum { Place::Sum(fields) } else { Place::Fields(fields) });
                }
                Some(name) => {
                    layout.straight = false;
                    let lookup = layout.lookups.iter().position(|known| known == name).unwrap_or_else(|| {
                        layout.lookups.push(name);
                        layout.lookups.len() - 1
                    });
                    let on = layout.fields.len();
                    layout.fields.push(answers.lookups[name].on.clone());
                    let next = in_lookup.entry(name).or_default();
                    let fields = (*next..*next + field.first_of.len()).collect();
                    *next += field.first_of.len();
                    layout.places.push(Place::Looked { lookup, on, fields });
                }
            }
        }
        for rule in &answers.only {
            layout.only.push((layout.fields.len(), rule));
            layout.fields.push(FieldPlan::Path(rule.at.clone()));
        }
        layout
    }

    /// Finds columns whose path is in no record: a tool that changed, or a slip in the connector, empties a column
    /// without a word otherwise.
    fn absent(
        &self,
        answers: &AnswersPlan,
        present: &[u64],
        rows: u64,
        plan: &TablePlan,
        source: &str,
    ) -> Vec<Finding> {
        if rows == 0 {
            return Vec::new();
        }
        let nowhere = |(field, place): &(&FieldSource, &Place)| match place {
            Place::Fields(fields) | Place::Sum(fields) => {
                !field.optional && fields.iter().all(|at| present.get(*at).copied().unwrap_or(0) == 0)
            }
            Place::Looked { .. } => false,
        };
        answers
            .fields
            .iter()
            .zip(&self.places)
            .filter(nowhere)
            .map(|(field, _)| Finding {
                id: format!("absent_field/{source}/{}.{}", plan.table.name(), field.column),
                kind: "absent_field".into(),
                severity: Severity::Warning,
                count: rows,
                figures: Vec::new(),
                table: plan.table.name().into(),
                filter: String::new(),
                text: format!(
                    "`{}` is empty in all {rows} rows of source `{source}`: no record has the field that the connector reads. Does the tool name it otherwise, or may the account not see it?",
                    field.column
                ),
            })
            .collect()
    }
}

impl Place {
    fn text<'t>(&self, texts: &[&'t [u8]], lookups: &'t [Looked]) -> &'t [u8] {
        let none: &[u8] = b"";
        match self {
            Self::Fields(fields) | Self::Sum(fields) => {
                fields.iter().filter_map(|at| texts.get(*at)).find(|text| !text.is_empty()).copied().unwrap_or(none)
            }
            Self::Looked { lookup, on, fields } => {
                let key = texts.get(*on).and_then(|key| std::str::from_utf8(key).ok()).unwrap_or_default();
                let Some(found) = lookups.get(*lookup).and_then(|looked| looked.rows.get(key)) else { return none };
                fields
                    .iter()
                    .filter_map(|at| found.get(*at))
                    .find(|text| !text.is_empty())
                    .map_or(none, |text| text.as_bytes())
            }
        }
    }
}

impl OnlyRule {
    /// Tells whether a text passes; a member that is not there is an empty text.
    fn holds(&self, text: &[u8]) -> bool {
        self.words.iter().any(|word| word.as_bytes() == text) != self.not
    }
}

/// Adds whole numbers up; what is not there counts nothing. The first text that is no whole number is returned as it is,
/// so that it is found as unreadable.
fn sum<'t>(texts: impl Iterator<Item = &'t [u8]>) -> String {
    let mut whole: Option<i64> = None;
    for text in texts.filter(|text| !text.is_empty()) {
        let text = String::from_utf8_lossy(text);
        match text.parse::<i64>().ok().and_then(|number| whole.unwrap_or(0).checked_add(number)) {
            Some(sum) => whole = Some(sum),
            None => return text.into_owned(),
        }
    }
    whole.map(|sum| sum.to_string()).unwrap_or_default()
}

/// A record that is put together field by field.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Line {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    fn push(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    fn push_bytes(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
    }

    fn record(&self, line: u64) -> Record<'_> {
        Record { bytes: &self.bytes, ends: &self.ends, line, too_long: false }
    }
}
