//! The tools' names for services and customers, brought to the catalogue's ids.

use super::codes::Codes;
use crate::model::Catalogue;
use polars::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Ids by lower-cased id, name and alias.
#[derive(Debug)]
pub struct Names {
    services: HashMap<String, String>,
    customers: HashMap<String, String>,
}

/// Which of the two catalogues a name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Services.
    Service,
    /// Customers.
    Customer,
}

impl Names {
    /// Collects ids, names and aliases of the catalogue.
    pub fn new(catalogue: &Catalogue) -> Self {
        let fold = |id: &str, name: &str, aliases: &[String]| -> Vec<(String, String)> {
            [id, name].into_iter().chain(aliases.iter().map(String::as_str)).map(|n| (key(n), id.to_owned())).collect()
        };
        Self {
            services: catalogue.services.iter().flat_map(|s| fold(&s.id, &s.name, &s.aliases)).collect(),
            customers: catalogue.customers.iter().flat_map(|c| fold(&c.id, &c.name, &c.aliases)).collect(),
        }
    }

    /// Returns the id that a tool's name stands for.
    pub fn find(&self, of: Of, name: &str) -> Option<&str> {
        let known = match of {
            Of::Service => &self.services,
            Of::Customer => &self.customers,
        };
        known.get(&key(name)).map(String::as_str)
    }

    /// Replaces a column of names by ids; names that map to nothing become null and are counted.
    ///
    /// # Errors
    /// A polars error where the column is missing or not text.
    pub fn map(&self, of: Of, frame: &mut DataFrame, column: &str) -> PolarsResult<BTreeMap<String, u64>> {
        let names = frame.column(column)?.str()?.clone();
        let codes = Codes::new(&names);
        let ids: Vec<Option<&str>> =
            codes.words.iter().map(|name| name.as_deref().and_then(|name| self.find(of, name))).collect();
        let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
        let strange = |code: &u32| codes.word(*code).filter(|_| ids[*code as usize].is_none());
        for name in codes.of_row.iter().filter_map(strange) {
            match unknown.get_mut(name) {
                Some(count) => *count += 1,
                None => drop(unknown.insert(name.to_owned(), 1)),
            }
        }
        let mut of_row = StringChunkedBuilder::new(column.into(), names.len());
        codes.of_row.iter().for_each(|code| of_row.append_option(ids[*code as usize]));
        let named = names.clone().with_name(format!("{column}_named").into()).into_series().into_column();
        frame.with_column(of_row.finish().into_series().into_column())?;
        frame.with_column(named)?;
        Ok(unknown)
    }
}

fn key(name: &str) -> String {
    name.trim().to_lowercase()
}
