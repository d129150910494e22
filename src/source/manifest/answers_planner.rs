//! From the words of a table that a request fills to how its rows are found in answers.
//!
//! Must not touch records.

use super::asking::{AnswersPlan, FieldSource, LookupPlan, OnlyRule};
use super::asking_planner::PATHS;
use super::planner::Planner;
use super::words::{ColumnWords, LookupWords, OneOrMore, OnlyWords, TableWords, Take};
use super::{Manifest, ManifestError};
use crate::model::Table;
use crate::source::decode::{FieldPath, FieldPlan, RowPath};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

impl Manifest {
    /// Tells whether a request is made with these settings: one whose `when` is empty is left out with its tables, and so
    /// is one that follows it.
    pub(super) fn wanted(&self, name: &str, settings: &BTreeMap<String, String>) -> Result<bool, ManifestError> {
        let mut name = name;
        // Longer than this only a circle is, which the requests' own plan refuses.
        for _ in 0..=self.requests.len() {
            let Some(spanned) = self.requests.get(name) else { return Ok(true) };
            let words = spanned.as_ref();
            if let Some(when) = &words.when
                && self
                    .template(when, settings)
                    .map_err(|message| self.wrong(&spanned.span(), message, "settings stand in [settings.*]"))?
                    .0
                    .is_empty()
            {
                return Ok(false);
            }
            let Some(each) = &words.each else { return Ok(true) };
            name = &each.request;
        }
        Ok(true)
    }
}

impl Planner<'_> {
    /// Plans how the rows of a table are found in answers.
    pub(super) fn answers(
        &self,
        table: Table,
        words: &TableWords,
        span: &Range<usize>,
    ) -> Result<AnswersPlan, ManifestError> {
        let Some(request) = &words.request else { return Err(self.wrong(span, "there is no request", "name one")) };
        let lookups = words
            .lookup
            .iter()
            .map(|(name, lookup)| Ok((name.clone(), self.lookup(lookup.as_ref(), &lookup.span())?)))
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        let mut fields = Vec::new();
        for (name, column) in &words.columns {
            if let Some(field) = self.field_source(table, name, column.as_ref(), &lookups)? {
                fields.push(field);
            }
        }
        Ok(AnswersPlan {
            rows: self.rows(words.rows.as_ref(), request)?,
            only: self.only(&words.only)?,
            request: request.as_ref().clone(),
            fields,
            lookups,
        })
    }

    fn lookup(&self, words: &LookupWords, span: &Range<usize>) -> Result<LookupPlan, ManifestError> {
        Ok(LookupPlan {
            rows: self.rows(words.rows.as_ref(), &words.request)?,
            request: words.request.as_ref().clone(),
            only: self.only(&words.only)?,
            key: self.one_field(&words.key, span)?,
            on: self.one_field(&words.on, span)?,
            last: words.take == Take::Last,
            order: words.order.as_deref().map(|path| self.path(path, span)).transpose()?,
        })
    }

    fn field_source(
        &self,
        table: Table,
        name: &Spanned<String>,
        words: &ColumnWords,
        lookups: &BTreeMap<String, LookupPlan>,
    ) -> Result<Option<FieldSource>, ManifestError> {
        let span = name.span();
        let first_of = match (&words.from, &words.join, &words.plus) {
            (Some(OneOrMore::One(path)), None, None) | (None, None, Some(path)) => {
                vec![FieldPlan::Path(self.path(path, &span)?)]
            }
            (Some(OneOrMore::More(paths)), None, None) => {
                paths.iter().map(|path| self.path(path, &span).map(FieldPlan::Path)).collect::<Result<_, _>>()?
            }
            (None, Some(paths), None) => {
                vec![FieldPlan::Join(paths.iter().map(|path| self.path(path, &span)).collect::<Result<_, _>>()?)]
            }
            (None, None, None) => match &words.sum {
                Some(paths) => {
                    paths.iter().map(|path| self.path(path, &span).map(FieldPlan::Path)).collect::<Result<_, _>>()?
                }
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        if let Some(lookup) = &words.lookup
            && !lookups.contains_key(lookup)
        {
            return Err(self.wrong(
                &span,
                format!("there is no lookup `{lookup}`"),
                format!("add [table.{}.lookup.{lookup}] with `request`, `key` and `on`", table.name()),
            ));
        }
        let Some(column) = table.column(name.as_ref()) else { return Ok(None) };
        Ok(Some(FieldSource {
            column: column.name,
            lookup: words.lookup.clone(),
            first_of,
            sum: words.sum.is_some(),
            otherwise: match &words.otherwise {
                Some(word) => self.fill(word, &span)?,
                None => String::new(),
            },
            optional: words.optional || words.lookup.is_some(),
        }))
    }

    fn only(&self, rules: &[Spanned<OnlyWords>]) -> Result<Vec<OnlyRule>, ManifestError> {
        let rule = |rule: &Spanned<OnlyWords>| {
            let (span, words) = (rule.span(), rule.as_ref());
            let at = self.path(&words.from, &span)?;
            let listed = |words: &[String]| words.iter().map(|word| self.fill(word, &span)).collect::<Result<_, _>>();
            match (&words.is, &words.not) {
                (Some(is), None) => Ok(OnlyRule { at, words: listed(is)?, not: false }),
                (None, Some(not)) => Ok(OnlyRule { at, words: listed(not)?, not: true }),
                _ => Err(self.wrong(&span, "`only` needs either `is` or `not`", "write `is = [\"…\"]`")),
            }
        };
        rules.iter().map(rule).collect()
    }

    /// Reads a row path; without one the rows are the request's.
    fn rows(&self, own: Option<&Spanned<String>>, request: &Spanned<String>) -> Result<RowPath, ManifestError> {
        let Some(of) = self.manifest.requests.get(request.as_ref()) else {
            let hint = super::nearest(request.as_ref(), self.manifest.requests.keys().map(String::as_str)).map_or_else(
                || format!("add [request.{}]", request.as_ref()),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(self.wrong(&request.span(), format!("there is no request `{}`", request.as_ref()), hint));
        };
        let (text, span) = own.map_or_else(
            || (of.as_ref().rows.as_deref().unwrap_or_default(), of.span()),
            |own| (own.as_ref().as_str(), own.span()),
        );
        let text = self.fill(text, &span)?;
        RowPath::parse(&text).map_err(|error| self.wrong(&span, error.to_string(), PATHS))
    }

    fn one_field(&self, words: &OneOrMore, span: &Range<usize>) -> Result<FieldPlan, ManifestError> {
        match words {
            OneOrMore::One(path) => self.path(path, span).map(FieldPlan::Path),
            OneOrMore::More(paths) => {
                paths.iter().map(|path| self.path(path, span)).collect::<Result<_, _>>().map(FieldPlan::Join)
            }
        }
    }

    fn path(&self, text: &str, span: &Range<usize>) -> Result<FieldPath, ManifestError> {
        FieldPath::parse(&self.fill(text, span)?).map_err(|error| self.wrong(span, error.to_string(), PATHS))
    }
}
