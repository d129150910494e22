//! Rows counted in groups: how many of each group meet a condition, and what the values of those rows come to.
//!
//! Each condition is evaluated once over all rows. Rows are counted in the finest groups that occur, and these are added
//! up to coarser ones; values are sorted once, so that those of every group come in order. Must not know measures,
//! figures or filters.

use super::codes::{self, Codes};
use super::quantile;
use polars::prelude::*;
use std::collections::HashMap;

/// One number of a group. The expressions are conditions: boolean, never null.
#[derive(Clone, Debug, PartialEq)]
pub enum Atom {
    /// How many rows meet a condition.
    Count(Expr),
    /// The sum of an integer column over the rows that meet it; 0 of none.
    Sum(&'static str, Expr),
    /// The greatest value of an integer column among them.
    Max(&'static str, Expr),
    /// The percentile of an integer column among them, linear.
    Percentile(&'static str, f64, Expr),
}

/// Scope, type, and the value of a further column; empty text where the group is of all of them.
pub type GroupKey = (String, String, String);

/// The atoms of one measure; an aggregate of no values is `None`.
pub type Values = Vec<Option<f64>>;

/// For each group with rows the values of each measure, in the order in which they were asked for.
pub type Groups = HashMap<GroupKey, Vec<Values>>;

/// What a group is of.
#[derive(Clone, Copy, Debug)]
pub struct Grouping<'a> {
    /// Columns that scopes are ids of.
    pub scopes: &'a [&'static str],
    /// A further column.
    pub by: Option<&'static str>,
}

/// A column as small numbers, one for each different value.
struct Coded {
    name: &'static str,
    codes: Codes,
}

impl Coded {
    fn new(rows: &DataFrame, name: &'static str) -> PolarsResult<Self> {
        let words = rows.column(name)?.cast(&DataType::String)?;
        Ok(Self { name, codes: Codes::new(words.str()?) })
    }

    fn word(&self, code: u32) -> Option<&str> {
        self.codes.word(code)
    }
}

/// Where the number of an atom comes from: an index of the conditions that are counted, or of the values in order.
#[derive(Clone, Copy)]
enum Source {
    Count(usize),
    Sum(usize),
    Max(usize),
    Percentile(usize, f64),
}

/// The rows of a table, counted in the finest groups of a grouping.
pub struct Counted {
    asked: Vec<Vec<Source>>,
    /// The columns of the grouping: the type, the further one where there is one, the scopes.
    columns: Vec<Coded>,
    split: bool,
    /// The finest groups: a code for each of the columns.
    cells: Vec<Vec<u32>>,
    /// For each condition, how many rows of each of the finest groups meet it.
    counts: Vec<Vec<u64>>,
    /// For each column and condition, the values in ascending order, each with its finest group.
    sorted: Vec<Vec<(i64, u32)>>,
}

impl Counted {
    /// Counts the atoms of each measure over rows that have a text column `type`.
    ///
    /// # Errors
    /// A polars error where the table lacks a column, or one that is summed does not hold integers.
    pub fn new(rows: &DataFrame, grouping: Grouping<'_>, measures: &[Vec<Atom>]) -> PolarsResult<Self> {
        let (mut conditions, mut taken): (Vec<Expr>, Vec<(&'static str, usize)>) = (Vec::new(), Vec::new());
        let mut values_of = |conditions: &mut Vec<Expr>, column, condition: &Expr| {
            let condition = index_of(conditions, condition.clone());
            index_of(&mut taken, (column, condition))
        };
        let asked = measures
            .iter()
            .map(|atoms| {
                atoms
                    .iter()
                    .map(|atom| match atom {
                        Atom::Count(condition) => Source::Count(index_of(&mut conditions, condition.clone())),
                        Atom::Sum(column, condition) => Source::Sum(values_of(&mut conditions, *column, condition)),
                        Atom::Max(column, condition) => Source::Max(values_of(&mut conditions, *column, condition)),
                        Atom::Percentile(column, p, condition) => {
                            Source::Percentile(values_of(&mut conditions, *column, condition), *p)
                        }
                    })
                    .collect()
            })
            .collect();
        let names = ["type"].into_iter().chain(grouping.by).chain(grouping.scopes.iter().copied());
        let columns = names.map(|name| Coded::new(rows, name)).collect::<PolarsResult<Vec<_>>>()?;
        let (cells, cell_of_row) = cells(&columns, rows.height());
        let flags = flags(rows, &conditions)?;
        let counts = flags
            .iter()
            .map(|flags| {
                let mut of_cell = vec![0; cells.len()];
                for (flag, cell) in flags.iter().zip(&cell_of_row) {
                    of_cell[*cell as usize] += u64::from(flag == Some(true));
                }
                of_cell
            })
            .collect();
        let sorted = taken
            .iter()
            .map(|(column, condition)| {
                let values = rows.column(column)?.i64()?;
                let mut sorted: Vec<(i64, u32)> = values
                    .iter()
                    .zip(flags[*condition].iter())
                    .zip(&cell_of_row)
                    .filter(|((_, flag), _)| *flag == Some(true))
                    .filter_map(|((value, _), cell)| Some((value?, *cell)))
                    .collect();
                sorted.sort_unstable();
                Ok(sorted)
            })
            .collect::<PolarsResult<Vec<_>>>()?;
        Ok(Self { asked, columns, split: grouping.by.is_some(), cells, counts, sorted })
    }

    /// Adds the finest groups up to those of all rows, or of one of the scopes' columns, by type and, where `split`, by
    /// the further column. Rows without a value in one of these columns are in no group.
    pub fn groups(&self, scope: Option<&str>, split: bool) -> Groups {
        let at = |name: &str| self.columns.iter().position(|column| column.name == name);
        let wanted = [scope.and_then(at), Some(0), (split && self.split).then_some(1)];
        let mut numbers: HashMap<[Option<u32>; 3], usize> = HashMap::new();
        let mut keys: Vec<GroupKey> = Vec::new();
        let group_of_cell: Vec<Option<usize>> = self
            .cells
            .iter()
            .map(|cell| {
                let codes = wanted.map(|at| at.map(|at| cell[at]));
                if let Some(group) = numbers.get(&codes) {
                    return Some(*group);
                }
                let word = |part: usize| match (wanted[part], codes[part]) {
                    (Some(at), Some(code)) => self.columns[at].word(code).map(str::to_owned),
                    _ => Some(String::new()),
                };
                keys.push((word(0)?, word(1)?, word(2)?));
                numbers.insert(codes, keys.len() - 1);
                Some(keys.len() - 1)
            })
            .collect();
        let counts: Vec<Vec<u64>> = self
            .counts
            .iter()
            .map(|of_cell| {
                let mut of_group = vec![0; keys.len()];
                for (count, group) in of_cell.iter().zip(&group_of_cell) {
                    group.map(|group| of_group[group] += count);
                }
                of_group
            })
            .collect();
        let values: Vec<Vec<Vec<i64>>> = self
            .sorted
            .iter()
            .map(|sorted| {
                let mut of_group = vec![Vec::new(); keys.len()];
                for (value, cell) in sorted {
                    if let Some(group) = group_of_cell[*cell as usize] {
                        of_group[group].push(*value);
                    }
                }
                of_group
            })
            .collect();
        let number = |group: usize, source: &Source| match *source {
            Source::Count(at) => Some(counts[at][group] as f64),
            Source::Sum(at) => Some(values[at][group].iter().sum::<i64>() as f64),
            Source::Max(at) => values[at][group].last().map(|value| *value as f64),
            Source::Percentile(at, p) => quantile::linear_of(&values[at][group], p, |value| value as f64),
        };
        let of_group = |group: usize| {
            self.asked.iter().map(|atoms| atoms.iter().map(|source| number(group, source)).collect()).collect()
        };
        keys.into_iter().enumerate().map(|(group, key)| (key, of_group(group))).collect()
    }
}

fn index_of<T: PartialEq>(known: &mut Vec<T>, wanted: T) -> usize {
    known.iter().position(|entry| *entry == wanted).unwrap_or_else(|| {
        known.push(wanted);
        known.len() - 1
    })
}

/// Returns the combinations of codes that occur, and for each row which one it is.
fn cells(columns: &[Coded], rows: usize) -> (Vec<Vec<u32>>, Vec<u32>) {
    let mut cell_of_row = vec![0; rows];
    let mut cells: Vec<Vec<u32>> = vec![Vec::new()];
    for Coded { codes, .. } in columns {
        let (finer, pairs) = codes::pairs((&cell_of_row, cells.len()), codes.numbered());
        cells = pairs.into_iter().map(|(cell, code)| [cells[cell as usize].as_slice(), &[code]].concat()).collect();
        cell_of_row = finer;
    }
    (cells, cell_of_row)
}

/// Returns the combinations of the values of some columns that occur in rows.
///
/// # Errors
/// A polars error where a column is missing.
pub fn combinations(rows: &DataFrame, columns: &[&'static str]) -> PolarsResult<Vec<Vec<Option<String>>>> {
    let columns = columns.iter().map(|name| Coded::new(rows, name)).collect::<PolarsResult<Vec<_>>>()?;
    let (cells, _) = cells(&columns, rows.height());
    let words =
        |cell: Vec<u32>| columns.iter().zip(cell).map(|(column, code)| column.word(code).map(str::to_owned)).collect();
    Ok(cells.into_iter().map(words).collect())
}

/// Evaluates conditions for each row.
fn flags(rows: &DataFrame, conditions: &[Expr]) -> PolarsResult<Vec<BooleanChunked>> {
    let name = |at: usize| format!("condition {at}");
    let named = conditions.iter().enumerate().map(|(at, condition)| condition.clone().alias(name(at)));
    let flags = rows.clone().lazy().with_columns(named.collect::<Vec<_>>()).collect()?;
    (0..conditions.len()).map(|at| Ok(flags.column(&name(at))?.bool()?.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> DataFrame {
        df! {
            "type" => ["incident", "incident", "request", "incident", "incident"],
            "service" => [Some("mail"), Some("web"), Some("mail"), None, Some("mail")],
            "priority" => [Some("P1"), Some("P1"), None, Some("P2"), Some("P2")],
            "done" => [true, true, true, false, true],
            "taken_s" => [Some(10_i64), Some(20), Some(5), Some(7), None],
        }
        .unwrap()
    }

    fn counted() -> Counted {
        let done = || col("done");
        let atoms = vec![
            Atom::Count(done()),
            Atom::Sum("taken_s", done()),
            Atom::Max("taken_s", done()),
            Atom::Percentile("taken_s", 0.5, done()),
        ];
        Counted::new(&rows(), Grouping { scopes: &["service"], by: Some("priority") }, &[atoms]).unwrap()
    }

    fn group(groups: &Groups, key: (&str, &str, &str)) -> Option<Values> {
        groups.get(&(key.0.into(), key.1.into(), key.2.into())).map(|measures| measures[0].clone())
    }

    #[test]
    fn values_of_rows_that_meet_the_condition_are_pooled_over_finer_groups() {
        let groups = counted().groups(None, false);
        let incidents = group(&groups, ("", "incident", "")).unwrap();
        assert_eq!(incidents, [Some(3.0), Some(30.0), Some(20.0), Some(15.0)]);
        assert_eq!(group(&groups, ("", "request", "")).unwrap()[0], Some(1.0));
        assert_eq!(groups.len(), 2);
    }

    #[test]
    fn rows_without_scope_or_further_value_are_in_no_such_group() {
        let counted = counted();
        assert_eq!(group(&counted.groups(Some("service"), false), ("mail", "incident", "")).unwrap()[0], Some(2.0));
        let split = counted.groups(Some("service"), true);
        let mut keys: Vec<&GroupKey> = split.keys().collect();
        keys.sort();
        let words: Vec<String> = keys.iter().map(|(scope, kind, by)| format!("{scope} {kind} {by}")).collect();
        assert_eq!(words, ["mail incident P1", "mail incident P2", "web incident P1"]);
    }

    #[test]
    fn a_group_whose_rows_have_no_value_has_no_percentile() {
        let split = counted().groups(Some("service"), true);
        let values = group(&split, ("mail", "incident", "P2")).unwrap();
        assert_eq!(values, [Some(1.0), Some(0.0), None, None]);
    }
}
