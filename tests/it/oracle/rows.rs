//! Canonical tables from plain cells.

use polars::prelude::{Column, DataFrame};
use servicebook::model::{ColumnType, Completeness, Dataset, Receipt, Table};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub enum Cell {
    Text(String),
    /// Seconds since 1970.
    At(i64),
    Whole(i64),
    Real(f64),
    Truth(bool),
}

/// One row: its columns that are not null.
pub type Row = Vec<(&'static str, Cell)>;

#[expect(clippy::unnecessary_wraps, reason = "a cell stands beside others that may be null")]
pub fn words(text: impl Into<String>) -> Option<Cell> {
    Some(Cell::Text(text.into()))
}

pub fn at(instant: impl Into<Option<i64>>) -> Option<Cell> {
    instant.into().map(Cell::At)
}

/// Makes a row without its nulls.
pub fn row<const N: usize>(cells: [(&'static str, Option<Cell>); N]) -> Row {
    cells.into_iter().filter_map(|(name, cell)| Some((name, cell?))).collect()
}

/// The tables of a book under construction.
#[derive(Default)]
pub struct Tables(BTreeMap<Table, Vec<Row>>);

impl Tables {
    pub fn add(&mut self, table: Table, row: Row) {
        self.0.entry(table).or_default().push(row);
    }

    /// Freezes them; every source is complete, and was pulled at one instant but for those that are named.
    pub fn dataset(&self, pulled_at: i64, but: &[(&str, i64)]) -> Dataset {
        let mut receipts: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
        for (table, rows) in &self.0 {
            for row in rows {
                let Some((_, Cell::Text(source))) = row.iter().find(|(name, _)| *name == "source") else { continue };
                let brought = receipts.entry(source.clone()).or_default();
                match brought.iter_mut().find(|(name, _)| name == table.name()) {
                    Some((_, count)) => *count += 1,
                    None => brought.push((table.name().to_owned(), 1)),
                }
            }
        }
        let pulled = |source: &str| but.iter().find(|(own, _)| *own == source).map_or(pulled_at, |(_, at)| *at);
        let receipts = receipts.into_iter().map(|(source, rows)| receipt(&source, rows, pulled(&source))).collect();
        let tables = self.0.iter().map(|(table, rows)| (*table, frame(*table, rows))).collect();
        Dataset::new(tables, receipts, Vec::new(), "oracle".into())
    }
}

fn receipt(source: &str, rows: Vec<(String, u64)>, pulled_at: i64) -> Receipt {
    let records = rows.iter().map(|(_, count)| count).sum();
    Receipt {
        id: format!("{source}-1"),
        source: source.to_owned(),
        connector: "oracle".into(),
        connector_sha256: String::new(),
        pulled_at: super::ground::text(pulled_at),
        files: Vec::new(),
        records,
        loaded: records,
        quarantined: 0,
        rows,
        completeness: Completeness::Complete { rule: "made by hand".into() },
        set_aside: 0,
        asked: None,
    }
}

fn frame(table: Table, rows: &[Row]) -> DataFrame {
    let columns = table
        .columns()
        .map(|column| {
            let cells = rows.iter().map(|row| row.iter().find(|(name, _)| *name == column.name).map(|(_, cell)| cell));
            let name = column.name.into();
            match column.kind {
                ColumnType::Text => Column::new(name, cells.map(|cell| cell.map(text)).collect::<Vec<_>>()),
                ColumnType::Boolean => Column::new(name, cells.map(|cell| cell.map(truth)).collect::<Vec<_>>()),
                ColumnType::Decimal => Column::new(name, cells.map(|cell| cell.map(real)).collect::<Vec<_>>()),
                ColumnType::Instant | ColumnType::Integer | ColumnType::Duration => {
                    Column::new(name, cells.map(|cell| cell.map(whole)).collect::<Vec<_>>())
                }
            }
        })
        .collect();
    table.conform(&DataFrame::new(rows.len(), columns).unwrap()).unwrap()
}

fn text(cell: &Cell) -> &str {
    let Cell::Text(text) = cell else { panic!("{cell:?} is no text") };
    text
}

fn truth(cell: &Cell) -> bool {
    let Cell::Truth(truth) = cell else { panic!("{cell:?} is not true or false") };
    *truth
}

fn real(cell: &Cell) -> f64 {
    let Cell::Real(real) = cell else { panic!("{cell:?} is no number") };
    *real
}

fn whole(cell: &Cell) -> i64 {
    match cell {
        Cell::At(at) => at * 1000,
        Cell::Whole(whole) => *whole,
        _ => panic!("{cell:?} is neither instant nor whole"),
    }
}
