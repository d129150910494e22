//! From the words of `[request.*]` to lists of records: paging, windows, order and completeness that belong together.
//!
//! Must not open sockets.

use super::asking::{
    AnswerComplete, AskPlan, EachPlan, End, LastRule, LinkPlace, Paging, RequestPlan, StampFormat, TotalPlace,
    WindowPlan,
};
use super::asking_planner::{AskingPlanner, method_of};
use super::asking_words::{
    AnswerCompleteWords, DecodeWord, EachWords, LastWords, PagingWords, RequestWords, StopWord, WindowKind, WindowWords,
};
use super::template::Slot;
use super::{Dialect, ManifestError};
use crate::model::duration;
use crate::source::decode::Format;
use crate::source::instant::InstantReader;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// Overlaps are at least this long: clocks and indexes of tools are late by minutes.
const LEAST_OVERLAP: i64 = 600;

impl AskingPlanner<'_> {
    /// Plans the requests, each behind those that it follows.
    pub(super) fn requests(&self) -> Result<Vec<RequestPlan>, ManifestError> {
        let mut waiting: BTreeMap<&str, RequestPlan> = BTreeMap::new();
        for (name, words) in &self.manifest.requests {
            if self.manifest.wanted(name, self.settings)? {
                waiting.insert(name, self.request(name, words)?);
            }
        }
        let mut planned: Vec<RequestPlan> = Vec::new();
        while !waiting.is_empty() {
            let free = waiting.iter().find(|(_, plan)| {
                plan.each.as_ref().is_none_or(|each| planned.iter().any(|done| done.name == each.request))
            });
            let Some(name) = free.map(|(name, _)| *name) else {
                let span = waiting.keys().next().and_then(|name| self.manifest.requests.get(*name)).map(Spanned::span);
                return Err(self.wrong(
                    &span.unwrap_or_default(),
                    "requests follow each other in a circle",
                    "let one of them stand alone",
                ));
            };
            planned.extend(waiting.remove(name));
        }
        Ok(planned)
    }

    pub(super) fn request(&self, name: &str, spanned: &Spanned<RequestWords>) -> Result<RequestPlan, ManifestError> {
        let (span, words) = (spanned.span(), spanned.as_ref());
        let ask = AskPlan {
            method: method_of(words.method),
            path: self.template(&words.path, &span)?,
            query: self.pairs(&words.query, &span)?,
            headers: self.pairs(&words.headers, &span)?,
            content: self.content(words.body.as_ref(), words.form.as_deref(), words.body_text.as_deref(), &span)?,
        };
        let plan = RequestPlan {
            name: name.to_owned(),
            rows: self.rows(words.rows.as_deref().unwrap_or_default(), &span)?,
            names: words.names.as_deref().map(|names| self.rows(names, &span)).transpose()?,
            may_lack_rows: words.may_lack_rows,
            key: words.key.as_ref().map(|key| self.key(key, &span)).transpose()?,
            order: words.ordered.clone().unwrap_or_else(|| words.order.join(", ")),
            each: words.each.as_ref().map(|each| self.each(each, &span)).transpose()?,
            window: words.window.as_ref().map(|window| self.window(window, &span)).transpose()?,
            paging: self.paging(words.paging.as_ref(), &span)?,
            complete: self.complete(name, words.complete.as_ref(), &span)?,
            format: match words.decode {
                DecodeWord::Json => Format::Json,
                DecodeWord::Ndjson => Format::Ndjson,
                DecodeWord::Parquet => Format::Parquet,
                DecodeWord::Metrics => Format::Metrics,
                DecodeWord::Csv => Format::Csv(Dialect { delimiter: b',', quote: Some(b'"'), header: true }),
            },
            ask,
        };
        self.fits(&plan, &words.order, &span)?;
        Ok(plan)
    }

    /// Checks that slots, paging, window and order belong together.
    fn fits(&self, plan: &RequestPlan, order: &[String], span: &Range<usize>) -> Result<(), ManifestError> {
        let slots = plan.ask.slots();
        let has = |slot| slots.contains(&slot);
        let name = &plan.name;
        let needs = match plan.paging {
            Paging::None | Paging::Link { .. } => None,
            Paging::Page { .. } => Some(Slot::PageNumber),
            Paging::Offset { .. } => Some(Slot::PageOffset),
            Paging::Cursor { .. } | Paging::LastRow { .. } => Some(Slot::PageCursor),
            Paging::Window { .. } => Some(Slot::WindowFrom),
        };
        if let Some(slot) = needs.filter(|slot| !has(*slot)) {
            let word = slot.word();
            return Err(self.wrong(
                span,
                format!("[request.{name}] is paged and never says `{{{word}}}`"),
                format!("put `{{{word}}}` into its query or body, else every page would be the first"),
            ));
        }
        let others = [
            (Slot::PageNumber, matches!(plan.paging, Paging::Page { .. })),
            (Slot::PageOffset, matches!(plan.paging, Paging::Offset { .. } | Paging::Window { .. })),
            (Slot::PageLast, matches!(plan.paging, Paging::Offset { .. } | Paging::Window { .. })),
            (Slot::PageCursor, matches!(plan.paging, Paging::Cursor { .. } | Paging::LastRow { .. })),
            (Slot::PageRows, plan.paging.rows().is_some()),
            (Slot::WindowFrom, plan.window.is_some()),
            (Slot::WindowTo, plan.window.is_some()),
            (Slot::Each, plan.each.is_some()),
        ];
        if let Some((slot, _)) = others.iter().find(|(slot, filled)| has(*slot) && !filled) {
            return Err(self.wrong(
                span,
                format!("[request.{name}] says `{{{}}}`, which nothing fills", slot.word()),
                "its paging, window or `each` must give it",
            ));
        }
        let present = plan.window.as_ref().is_some_and(|window| window.kind == WindowKind::Present);
        if plan.window.is_some() && !present && !has(Slot::WindowFrom) && !has(Slot::WindowTo) {
            return Err(self.wrong(
                span,
                format!("[request.{name}] has a window and never says `{{window.from}}`"),
                "put it into the query or body, or leave the window out",
            ));
        }
        let parts = plan.each.as_ref().map(|each| &each.values);
        let unknown = plan
            .ask
            .parts()
            .into_iter()
            .find(|part| !parts.is_some_and(|parts| parts.iter().any(|(name, _)| name == part)));
        if let Some(part) = unknown {
            return Err(self.wrong(
                span,
                format!("[request.{name}] says `{{each.{part}}}`, which nothing fills"),
                format!("add `{part}` to `values` of its `each`"),
            ));
        }
        if plan.format != Format::Json && !plan.rows.is_empty() {
            return Err(self.wrong(
                span,
                format!("[request.{name}] names rows in answers that are no JSON documents"),
                "leave `rows` out: there each record is a row",
            ));
        }
        if plan.each.is_some() && !has(Slot::Each) {
            return Err(self.wrong(
                span,
                format!("[request.{name}] is made for each value and never says `{{each}}`"),
                "put it into the path, query or body",
            ));
        }
        if let Paging::Window { .. } = plan.paging
            && plan.window.as_ref().is_none_or(|window| window.kind != WindowKind::Changed)
        {
            return Err(self.wrong(
                span,
                "paging by `window` needs a window on the time of the last change",
                format!("add [request.{name}.window] with `kind = \"changed\"`"),
            ));
        }
        if !matches!(plan.paging, Paging::None) && plan.key.is_none() {
            return Err(self.wrong(
                span,
                format!("[request.{name}] is paged and does not say what identifies a record"),
                "add `key = \"/id\"`: records that come twice must be known",
            ));
        }
        if matches!(plan.paging, Paging::None) {
            return Ok(());
        }
        if plan.order.is_empty() {
            return Err(self.wrong(
                span,
                format!("[request.{name}] is paged and does not say by what the tool sorts"),
                "add `order = [\"updated\", \"id\"]` and let the request ask for it; where the tool has one order, say it in `ordered`",
            ));
        }
        let said = plan.ask.shown();
        if let Some(word) = order.iter().find(|word| !said.contains(word.as_str())) {
            return Err(self.wrong(
                span,
                format!("`order` names `{word}`, which the request does not say"),
                "ask for the order in the query or body; where the tool has one order, say it in `ordered`",
            ));
        }
        Ok(())
    }

    fn paging(&self, words: Option<&PagingWords>, span: &Range<usize>) -> Result<Paging, ManifestError> {
        let Some(words) = words else {
            return Err(self.wrong(
                span,
                "it does not say how its pages follow each other",
                "add `paging = { kind = \"none\" }`, or page, offset, cursor, next_link or window",
            ));
        };
        let last = |last: &Option<LastWords>| {
            last.as_ref().map(|last| Ok(LastRule { at: self.field(&last.at, span)?, is: last.is.clone() })).transpose()
        };
        let end = |words: &Option<LastWords>, stop: Option<StopWord>| {
            Ok(End { last: last(words)?, short_page: stop == Some(StopWord::ShortPage) })
        };
        Ok(match words {
            PagingWords::None => Paging::None,
            PagingWords::Page { rows, first, last, stop } => {
                Paging::Page { rows: (*rows).max(1), first: *first, end: end(last, *stop)? }
            }
            PagingWords::Offset { rows, last, stop } => Paging::Offset { rows: (*rows).max(2), end: end(last, *stop)? },
            PagingWords::Cursor { rows, from, last_row, plus_one, last: words } => match (from, last_row) {
                (Some(from), None) if !plus_one => {
                    Paging::Cursor { rows: *rows, at: self.field(from, span)?, last: last(words)? }
                }
                (None, Some(row)) if words.is_none() => {
                    Paging::LastRow { rows: *rows, at: self.field(row, span)?, plus_one: *plus_one }
                }
                _ => {
                    return Err(self.wrong(
                        span,
                        "a cursor comes either from the answer (`from`, with `last` if need be) or from its last record (`last_row`, with `plus_one` if need be)",
                        "write one of the two",
                    ));
                }
            },
            PagingWords::NextLink { rows, from, header, last: words, stable } => {
                let at = match (from, header) {
                    (Some(from), None) => LinkPlace::Body(self.field(from, span)?),
                    (None, Some(header)) => LinkPlace::Header(header.clone()),
                    _ => {
                        return Err(self.wrong(
                            span,
                            "the next link stands either in the answer or in a header",
                            "write `from = \"/next\"` or `header = \"link\"`, one of the two",
                        ));
                    }
                };
                Paging::Link { rows: *rows, at, last: last(words)?, stable: *stable }
            }
            PagingWords::Window { rows, stamp, stamp_format, stamp_zone } => {
                let text = |text: &str| self.template(text, span).map(|template| template.shown());
                let reader = InstantReader::new(&text(stamp_format)?, &text(stamp_zone)?, false)
                    .map_err(|message| self.wrong(span, message, "connectors/README.md lists formats and zones"))?;
                Paging::Window { rows: (*rows).max(2), stamp: self.field(stamp, span)?, reader }
            }
        })
    }

    fn complete(
        &self,
        name: &str,
        words: Option<&AnswerCompleteWords>,
        span: &Range<usize>,
    ) -> Result<AnswerComplete, ManifestError> {
        Ok(match words {
            None => {
                return Err(self.wrong(
                    span,
                    format!("[request.{name}] does not say how completeness is known"),
                    "add `complete = { kind = \"total\", at = \"/total\" }`, last_page, whole_answer or unknowable",
                ));
            }
            Some(AnswerCompleteWords::Total { at, header }) => {
                AnswerComplete::Total(self.total(at.as_deref(), header.as_deref(), span)?)
            }
            Some(AnswerCompleteWords::LastPage) => AnswerComplete::LastPage,
            Some(AnswerCompleteWords::WholeAnswer { at_most }) => AnswerComplete::WholeAnswer { at_most: *at_most },
            Some(AnswerCompleteWords::Unknowable { reason }) => AnswerComplete::Unknowable { reason: reason.clone() },
        })
    }

    pub(super) fn total(
        &self,
        at: Option<&str>,
        header: Option<&str>,
        span: &Range<usize>,
    ) -> Result<TotalPlace, ManifestError> {
        match (at, header) {
            (Some(at), None) => Ok(TotalPlace::Body(self.field(at, span)?)),
            (None, Some(header)) => Ok(TotalPlace::Header(header.to_owned())),
            _ => Err(self.wrong(
                span,
                "a total stands either in the answer or in a header",
                "write `at = \"/total\"` or `header = \"X-Total-Count\"`, one of the two",
            )),
        }
    }

    fn window(&self, words: &WindowWords, span: &Range<usize>) -> Result<WindowPlan, ManifestError> {
        let length = |text: &str| {
            duration::parse(text)
                .map(|seconds| seconds.0)
                .ok_or_else(|| self.wrong(span, format!("`{text}` is no duration"), "write `10m`, `1h` or `31d`"))
        };
        let zone = self.template(&words.zone, span)?.shown();
        let zone = zone.parse().map_err(|_| {
            self.wrong(span, format!("`{zone}` is no IANA zone"), "write `UTC`, `Europe/Berlin` or `{zone}`")
        })?;
        let overlap = length(&words.overlap)?;
        if overlap < LEAST_OVERLAP {
            return Err(self.wrong(
                span,
                "the overlap is shorter than 10 minutes",
                "clocks differ: write at least `10m`",
            ));
        }
        Ok(WindowPlan {
            kind: words.kind,
            format: match words.format.as_str() {
                "rfc3339" => StampFormat::Rfc3339,
                "unix" => StampFormat::Unix,
                "unix_ms" => StampFormat::UnixMillis,
                format => StampFormat::Local(format.to_owned(), zone),
            },
            step: words.step.as_deref().map(length).transpose()?.map(|step| step.max(60)),
            align: words.align.as_deref().map(length).transpose()?.map(|align| align.max(1)),
            zone,
            overlap,
            settle: words.settle.as_deref().map(length).transpose()?.unwrap_or(0),
        })
    }

    fn each(&self, words: &EachWords, span: &Range<usize>) -> Result<EachPlan, ManifestError> {
        let of = self.named_request(&words.request, span)?;
        let values = match &words.value {
            Some(value) if words.values.is_empty() => vec![(String::new(), self.field(value, span)?)],
            None if !words.values.is_empty() && words.slice == 1 => words
                .values
                .iter()
                .map(|(name, path)| Ok((name.clone(), self.field(path, span)?)))
                .collect::<Result<_, _>>()?,
            _ => {
                return Err(self.wrong(
                    span,
                    "`each` takes one `value`, or `values` by name without a slice",
                    "write `value = \"/id\"`, or `values = { host = \"/host\", service = \"/name\" }`",
                ));
            }
        };
        Ok(EachPlan {
            request: words.request.clone(),
            rows: self.rows(words.rows.as_deref().or(of.rows.as_deref()).unwrap_or_default(), span)?,
            values,
            slice: words.slice.max(1),
            at_most: words.at_most,
        })
    }
}
