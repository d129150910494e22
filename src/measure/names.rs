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

    /// Returns the lines of config that would map unknown names, each below the service or customer that is nearest by
    /// its name; empty where none is near.
    pub fn suggested<'n>(&self, of: Of, unknown: impl Iterator<Item = &'n str>) -> String {
        let (known, table) = match of {
            Of::Service => (&self.services, "service"),
            Of::Customer => (&self.customers, "customer"),
        };
        let mut below: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for name in unknown.take(5) {
            let alike = |(word, id): (&String, &'_ String)| (likeness(&key(name), word), id.clone());
            // Of equally near ones the first by id, whatever the order of the map.
            let nearest = known
                .iter()
                .map(alike)
                .filter(|(alike, _)| *alike >= NEAR)
                .max_by(|one, other| one.0.cmp(&other.0).then_with(|| other.1.cmp(&one.1)));
            let id = nearest.and_then(|(_, id)| known.values().find(|known| **known == id));
            if let Some(id) = id {
                below.entry(id.as_str()).or_default().push(format!("{:?}", crate::text::screen_str(name)));
            }
        }
        let line = |(id, names): (&str, Vec<String>)| {
            format!(" Nearest by name: `aliases = [{}]` below [[{table}]] with id = {id:?}.", names.join(", "))
        };
        below.into_iter().map(line).collect()
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
/// From which likeness on a name is worth a suggestion, in thousandths.
const NEAR: u64 = 350;

/// Tells how alike two names are: the share of their pairs of letters that both have (Dice), in thousandths.
fn likeness(one: &str, other: &str) -> u64 {
    let pairs = |text: &str| {
        let letters: Vec<char> = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
    };
    let (one, mut other) = (pairs(one), pairs(other));
    let whole = one.len() + other.len();
    let mut both = 0_usize;
    for pair in one {
        if let Some(at) = other.iter().position(|known| *known == pair) {
            other.swap_remove(at);
            both += 2;
        }
    }
    (both * 1_000).checked_div(whole).unwrap_or(0) as u64
}
