//! One row of JSON to the texts of its fields.
//!
//! What stands around the row is read once for all rows that share it. Must not know how rows are found.

use super::{Context, Key, message};
use crate::source::decode::RowsPlan;
use crate::source::decode::assembly::{Assembly, Sink, refused};
use crate::source::decode::path::{FieldPath, Origin, Segment};
use crate::source::decode::trie::{Found, Trie};
use crate::source::decode::value::{append, is_nothing, kind, members, step, too_deep};
use crate::text::screen_str;

/// Fills the fields of rows.
pub(super) struct Filler<'a> {
    anchors: Vec<Anchor<'a>>,
    /// Where each path of the assembly is read.
    places: Vec<Place<'a>>,
}

/// A text in which paths begin: the row, or what stands around it.
struct Anchor<'a> {
    origin: Origin,
    /// Its number among the texts of the context; `None` is the row.
    level: Option<usize>,
    trie: Trie,
    found: Found<'a>,
    /// The text that was read last.
    last: Option<&'a str>,
    broken: Option<String>,
}

enum Place<'a> {
    /// Something that the assembly knows.
    Known,
    /// The key so many levels above the row's.
    Key(usize),
    /// A value in the text of an anchor, and steps from there that need more than names.
    Value { anchor: usize, place: usize, tail: Vec<Segment>, list: List<'a> },
}

/// The elements of the list that was last asked for by index.
type List<'a> = Option<(&'a str, Vec<&'a str>)>;

impl<'a> Filler<'a> {
    /// Prepares the paths of a plan.
    pub fn new(plan: &RowsPlan, paths: &[FieldPath]) -> Self {
        // The row is always read, also where no field is: a line must be JSON.
        let row = Anchor::new(Origin::Row, None);
        let mut filler = Self { anchors: vec![row], places: Vec::with_capacity(paths.len()) };
        for path in paths {
            let level = match path.origin {
                Origin::Fact(_) => {
                    filler.places.push(Place::Known);
                    continue;
                }
                Origin::Key(above) => {
                    filler.places.push(Place::Key(above));
                    continue;
                }
                Origin::Row => None,
                Origin::Root => Some(0),
                Origin::Above(above) => Some(plan.rows.stars().saturating_sub(above)),
            };
            let anchor = filler.anchors.iter().position(|anchor| anchor.level == level).unwrap_or_else(|| {
                filler.anchors.push(Anchor::new(path.origin, level));
                filler.anchors.len() - 1
            });
            let names = path.segments.iter().map_while(|segment| match segment {
                Segment::Name(name) => Some(name.as_str()),
                _ => None,
            });
            let plain = names.clone().count();
            let place = filler.anchors[anchor].trie.add(names);
            filler.places.push(Place::Value { anchor, place, tail: path.segments[plain..].to_vec(), list: None });
        }
        filler
    }

    /// Hands on the record of a row.
    pub fn row(
        &mut self,
        context: &Context<'a>,
        row: &'a str,
        line: u64,
        assembly: &mut Assembly,
        sink: &mut Sink<'_>,
    ) {
        let beginning = refused(row.as_bytes(), line);
        if too_deep(row.as_bytes()) {
            return assembly.refuse(beginning, "it is nested more than 64 levels deep".into(), sink);
        }
        for anchor in &mut self.anchors {
            if let Err(reason) = anchor.read(context, row) {
                return assembly.refuse(beginning, reason, sink);
            }
        }
        let Self { anchors, places } = self;
        let read = |path: usize, to: &mut String| match &mut places[path] {
            Place::Known => Ok(false),
            Place::Key(above) => {
                match key(context, *above) {
                    Some(Key::Index(index)) => to.push_str(&index.to_string()),
                    Some(Key::Name(name)) if name.contains('\0') => return Err("has a NUL character".into()),
                    Some(Key::Name(name)) => to.push_str(name),
                    None => return Ok(false),
                }
                Ok(true)
            }
            Place::Value { anchor, place, tail, list } => {
                let value = anchors[*anchor].found.values.get(*place).copied().flatten();
                match if tail.is_empty() { value } else { resolve(value, tail, context, list)? } {
                    Some(value) => append(value, to),
                    None => Ok(false),
                }
            }
        };
        assembly.row(line, beginning, read, sink);
    }
}

fn key<'c, 'a>(context: &'c Context<'a>, above: usize) -> Option<&'c Key<'a>> {
    context.keys.len().checked_sub(above + 1).and_then(|place| context.keys.get(place))
}

impl<'a> Anchor<'a> {
    fn new(origin: Origin, level: Option<usize>) -> Self {
        Self { origin, level, trie: Trie::new(), found: Found::default(), last: None, broken: None }
    }

    /// Reads the anchor's text, unless it is the one that was read last.
    fn read(&mut self, context: &Context<'a>, row: &'a str) -> Result<(), String> {
        let text = self.level.map_or(Some(row), |level| context.texts.get(level).copied()).unwrap_or_default();
        let same = self.level.is_some() && self.last.is_some_and(|last| std::ptr::eq(last, text));
        if !same {
            self.last = Some(text);
            let found = self.trie.find(text, &mut self.found);
            self.broken = match found {
                Err(error) => Some(format!("it is no JSON: {} (byte {} of it)", message(&error), error.column())),
                Ok(()) => self.found.refusal.take().map(|reason| match self.origin {
                    Origin::Row => reason,
                    _ => format!("around it: {reason}"),
                }),
            };
        }
        self.broken.as_ref().map_or(Ok(()), |reason| Err(reason.clone()))
    }
}

/// Takes steps that need more than names.
fn resolve<'a>(
    value: Option<&'a str>,
    tail: &[Segment],
    context: &Context<'a>,
    list: &mut List<'a>,
) -> Result<Option<&'a str>, String> {
    let Some(mut value) = value else { return Ok(None) };
    for segment in tail {
        if is_nothing(value) {
            return Ok(None);
        }
        if !value.starts_with(['[', '{']) {
            return Err(format!("goes through {}", kind(value)));
        }
        let next = match segment {
            Segment::Name(name) => step(value, name)?,
            Segment::Key(above) => match key(context, *above) {
                None => None,
                Some(Key::Name(name)) => step(value, name)?,
                Some(Key::Index(index)) if value.starts_with('{') => step(value, &index.to_string())?,
                Some(Key::Index(index)) => {
                    if list.as_ref().is_none_or(|(text, _)| !std::ptr::eq(*text, value)) {
                        let mut elements = Vec::new();
                        members(value, |_, _, element| elements.push(element))?;
                        *list = Some((value, elements));
                    }
                    list.as_ref().and_then(|(_, elements)| elements.get(*index).copied())
                }
            },
            Segment::Pick { member, text } => pick(value, member, text)?,
        };
        match next {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// Returns the first element of a list whose member has this text.
fn pick<'a>(value: &'a str, member: &str, text: &str) -> Result<Option<&'a str>, String> {
    if value.starts_with('{') {
        return Err(format!("looks for `[{}=…]` in an object, not in a list", screen_str(member)));
    }
    let (mut found, mut wrong, mut read) = (None, None, String::new());
    members(value, |_, _, element| {
        if found.is_some() || wrong.is_some() {
            return;
        }
        match step(element, member) {
            Ok(Some(held)) if !held.starts_with(['[', '{']) => {
                read.clear();
                match append(held, &mut read) {
                    Ok(there) if there && read == text => found = Some(element),
                    Ok(_) => {}
                    Err(reason) => wrong = Some(reason),
                }
            }
            Ok(_) => {}
            Err(reason) => wrong = Some(reason),
        }
    })?;
    wrong.map_or(Ok(found), Err)
}
