//! Ticket measures counted over groups of rows: what each measure comes to by scope, type and one more column.
//!
//! Every condition that the measures declare is evaluated once over the measured table and becomes one bit of each
//! row's marks; a measure's rows are those whose marks hold all of its bits. Rows are then counted in the finest
//! groups, and these are added up to coarser ones. Percentiles are taken from values that are sorted once for all
//! groups. Must not know figures, targets or filters.

use super::clock::EXCLUDED;
use super::quantile;
use super::ticket_measures::{Condition, LeftOutBy, Of, TicketMeasure};
use polars::prelude::*;
use std::collections::HashMap;

/// Reasons for which clocks are left out, in the order in which they are printed.
pub const REASONS: [&str; 9] = [
    "no goal",
    "calendar has no hours",
    "clock not started",
    EXCLUDED,
    "no response recorded",
    "no resolution recorded",
    "still running",
    "first response before opened",
    "resolved before opened",
];

/// Scope, type, and the value of the further column; empty text where there is none.
pub type GroupKey = (String, String, String);

/// What one measure comes to in a group: rows used, value or part, then rows left out by reason, and
/// where exclusions touch it the clocks that would count and be met without them. An aggregate of no
/// values is `None`.
pub type Values = Vec<Option<f64>>;

/// For each group with rows what each of the measures comes to, in their order.
pub type Groups = HashMap<GroupKey, Vec<Values>>;

/// Something that a row is or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Condition(Condition),
    LeftOut(&'static str, &'static str),
}

impl Mark {
    fn expr(self) -> Expr {
        match self {
            Self::Condition(condition) => condition.expr(),
            Self::LeftOut(column, reason) => col(column).eq(lit(reason)).fill_null(lit(false)),
        }
    }
}

/// The marks of a row, or those that are asked for, as bits.
type Bits = u128;

/// Rows that a column's values are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taken {
    column: &'static str,
    bits: Bits,
}

/// One number that a measure needs of a group.
#[derive(Clone, Copy, Debug)]
enum Atom {
    /// How many rows hold these marks: an index of the counted bits.
    Count(usize),
    /// Of values: an index of what is taken.
    Sum(usize),
    Max(usize),
    Percentile(usize, f64),
}

/// The measures as marks and atoms, each mark and each set of rows named once.
struct Plan {
    marks: Vec<Mark>,
    counted: Vec<Bits>,
    taken: Vec<Taken>,
    atoms: Vec<Vec<Atom>>,
}

impl Plan {
    fn new(measures: &[&TicketMeasure]) -> PolarsResult<Self> {
        let mut plan = Self { marks: Vec::new(), counted: Vec::new(), taken: Vec::new(), atoms: Vec::new() };
        for measure in measures {
            let rows = plan.bits(measure.rows);
            let mut atoms = vec![plan.count(rows)];
            atoms.push(match measure.of {
                Of::Count => atoms[0],
                Of::Share(met) => {
                    let met = plan.bits(met);
                    plan.count(rows | met)
                }
                Of::Mean(column) => Atom::Sum(index_of(&mut plan.taken, Taken { column, bits: rows })),
                Of::Max(column) => Atom::Max(index_of(&mut plan.taken, Taken { column, bits: rows })),
                Of::Percentile(column, p) => {
                    Atom::Percentile(index_of(&mut plan.taken, Taken { column, bits: rows }), p)
                }
            });
            match measure.left_out {
                LeftOutBy::Nothing => {}
                LeftOutBy::Reason(conditions, _) => {
                    let bits = plan.bits(conditions);
                    atoms.push(plan.count(bits));
                }
                LeftOutBy::Column(column) => {
                    for reason in REASONS {
                        let bits = plan.bit(Mark::LeftOut(column, reason));
                        atoms.push(plan.count(bits));
                    }
                }
            }
            if let Some((counted, met)) = measure.excluded {
                for column in [counted, met] {
                    let bits = plan.bit(Mark::Condition(Condition::Is(column)));
                    atoms.push(plan.count(bits));
                }
            }
            plan.atoms.push(atoms);
        }
        let room = Bits::BITS as usize;
        polars_ensure!(plan.marks.len() <= room, ComputeError: "ticket measures have more than {room} conditions");
        Ok(plan)
    }

    fn bits(&mut self, conditions: &[Condition]) -> Bits {
        conditions.iter().fold(0, |bits, condition| bits | self.bit(Mark::Condition(*condition)))
    }

    fn bit(&mut self, mark: Mark) -> Bits {
        let at = index_of(&mut self.marks, mark);
        // Too many marks are refused when all are known.
        u32::try_from(at).ok().and_then(|at| (1 as Bits).checked_shl(at)).unwrap_or(0)
    }

    fn count(&mut self, bits: Bits) -> Atom {
        Atom::Count(index_of(&mut self.counted, bits))
    }
}

fn index_of<T: PartialEq>(known: &mut Vec<T>, wanted: T) -> usize {
    known.iter().position(|entry| *entry == wanted).unwrap_or_else(|| {
        known.push(wanted);
        known.len() - 1
    })
}

/// A column as small numbers, one for each different value.
struct Coded {
    of_row: Vec<u32>,
    values: Vec<Option<String>>,
}

impl Coded {
    fn new(measured: &DataFrame, column: &str) -> PolarsResult<Self> {
        let words = measured.column(column)?.cast(&DataType::String)?;
        let words = words.str()?;
        let mut codes: PlHashMap<Option<&str>, u32> = PlHashMap::default();
        let mut values = Vec::new();
        let of_row = words
            .iter()
            .map(|word| {
                *codes.entry(word).or_insert_with(|| {
                    values.push(word.map(str::to_owned));
                    code(values.len() - 1)
                })
            })
            .collect();
        Ok(Self { of_row, values })
    }

    fn word(&self, code: u32) -> Option<&str> {
        self.values.get(code as usize)?.as_deref()
    }
}

fn code(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The rows of a measured table, marked and counted in the finest groups of its measures.
pub struct Counted {
    plan: Plan,
    columns: [Coded; 3],
    by_values: Option<Coded>,
    /// Codes of service, customer, type and the further column.
    cells: Vec<[u32; 4]>,
    /// For each cell and each of the plan's counted bits how many rows hold them.
    counts: Vec<u64>,
    /// For each of the plan's taken columns its values in ascending order, with their cells.
    sorted: Vec<Vec<(i64, u32)>>,
}

const SERVICE: usize = 0;
const CUSTOMER: usize = 1;
const TYPE: usize = 2;

impl Counted {
    /// Counts the measures over the rows of a measured table, so that they can be grouped with and without one further
    /// column.
    ///
    /// # Errors
    /// A polars error where the table lacks a column that a measure names.
    pub fn new(measured: &DataFrame, by: Option<&'static str>, measures: &[&TicketMeasure]) -> PolarsResult<Self> {
        let plan = Plan::new(measures)?;
        let columns =
            [Coded::new(measured, "service")?, Coded::new(measured, "customer")?, Coded::new(measured, "type")?];
        let by_values = by.map(|column| Coded::new(measured, column)).transpose()?;
        let marks = marks(measured, &plan.marks)?;
        let (mut cells, mut found) = (Vec::new(), PlHashMap::default());
        let cell_of_row: Vec<u32> = (0..measured.height())
            .map(|row| {
                let [service, customer, kind] = [SERVICE, CUSTOMER, TYPE].map(|at| columns[at].of_row[row]);
                let cell = [service, customer, kind, by_values.as_ref().map_or(0, |coded| coded.of_row[row])];
                *found.entry(cell).or_insert_with(|| {
                    cells.push(cell);
                    code(cells.len() - 1)
                })
            })
            .collect();
        let mut counts = vec![0; cells.len() * plan.counted.len()];
        for (marks, cell) in marks.iter().zip(&cell_of_row) {
            let from = *cell as usize * plan.counted.len();
            for (bits, count) in plan.counted.iter().zip(&mut counts[from..]) {
                *count += u64::from(marks & bits == *bits);
            }
        }
        let mut sorted = Vec::with_capacity(plan.taken.len());
        for taken in &plan.taken {
            let values = measured.column(taken.column)?.i64()?;
            let rows = values.iter().zip(&marks).zip(&cell_of_row);
            let mut values: Vec<(i64, u32)> = rows
                .filter(|((_, marks), _)| *marks & taken.bits == taken.bits)
                .filter_map(|((value, _), cell)| Some((value?, *cell)))
                .collect();
            values.sort_unstable();
            sorted.push(values);
        }
        Ok(Self { plan, columns, by_values, cells, counts, sorted })
    }

    /// Adds the finest groups up to those of the whole book or of a scope's column, `service` or `customer`, by type and,
    /// where `split`, by the further column. Rows without a value in one of these columns are in no group.
    pub fn groups(&self, scope: Option<&str>, split: bool) -> Groups {
        let split = self.by_values.as_ref().filter(|_| split);
        let mut numbers: HashMap<(u32, u32, u32), usize> = HashMap::new();
        let mut keys: Vec<GroupKey> = Vec::new();
        let group_of_cell: Vec<Option<usize>> = self
            .cells
            .iter()
            .map(|[service, customer, kind, by]| {
                let (column, of_scope) = match scope {
                    None => (None, 0),
                    Some("service") => (Some(SERVICE), *service),
                    Some(_) => (Some(CUSTOMER), *customer),
                };
                let of_cell = |coded: &Coded, code: u32| coded.word(code).map(str::to_owned);
                let key = (
                    column.map_or(Some(String::new()), |at| of_cell(&self.columns[at], of_scope))?,
                    of_cell(&self.columns[TYPE], *kind)?,
                    split.as_ref().map_or(Some(String::new()), |coded| of_cell(coded, *by))?,
                );
                let by = if split.is_some() { *by } else { 0 };
                Some(*numbers.entry((of_scope, *kind, by)).or_insert_with(|| {
                    keys.push(key);
                    keys.len() - 1
                }))
            })
            .collect();
        let width = self.plan.counted.len();
        let mut counts = vec![0_u64; keys.len() * width];
        for (cell, group) in group_of_cell.iter().enumerate() {
            let Some(group) = group else { continue };
            for at in 0..width {
                counts[group * width + at] += self.counts[cell * width + at];
            }
        }
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
        let number = |group: usize, atom: Atom| match atom {
            Atom::Count(at) => Some(counts[group * width + at] as f64),
            Atom::Sum(at) => Some(values[at][group].iter().sum::<i64>() as f64),
            Atom::Max(at) => values[at][group].last().map(|value| *value as f64),
            Atom::Percentile(at, p) => quantile::linear_of(&values[at][group], p, |value| value as f64),
        };
        let of_group = |group: usize| {
            self.plan.atoms.iter().map(|atoms| atoms.iter().map(|atom| number(group, *atom)).collect()).collect()
        };
        keys.into_iter().enumerate().map(|(group, key)| (key, of_group(group))).collect()
    }
}

/// Returns the marks of each row.
fn marks(measured: &DataFrame, marks: &[Mark]) -> PolarsResult<Vec<Bits>> {
    let names: Vec<String> = (0..marks.len()).map(|at| at.to_string()).collect();
    let exprs: Vec<Expr> = marks.iter().zip(&names).map(|(mark, name)| mark.expr().alias(name.as_str())).collect();
    let flags = measured.clone().lazy().select(exprs).collect()?;
    let mut of_row = vec![0; measured.height()];
    for (at, name) in names.iter().enumerate() {
        let flags = flags.column(name)?.bool()?;
        for (bits, flag) in of_row.iter_mut().zip(flags.iter()) {
            *bits |= Bits::from(flag == Some(true)) << at;
        }
    }
    Ok(of_row)
}
