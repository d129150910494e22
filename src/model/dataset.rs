//! The rows of a book: canonical tables, receipts and findings, frozen.

use super::{Finding, Receipt, Table};
use polars::prelude::DataFrame;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Canonical tables with the receipts of the pulls that brought them. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Dataset {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    tables: BTreeMap<Table, DataFrame>,
    receipts: Vec<Receipt>,
    findings: Vec<Finding>,
    generation: String,
}

impl Dataset {
    /// Freezes tables, receipts and findings. Each table has the columns of [`Table::columns`], all of them.
    pub fn new(
        tables: BTreeMap<Table, DataFrame>,
        receipts: Vec<Receipt>,
        findings: Vec<Finding>,
        generation: String,
    ) -> Self {
        Self { inner: Arc::new(Inner { tables, receipts, findings, generation }) }
    }

    /// Returns a table, or `None` where no source brings it.
    pub fn table(&self, table: Table) -> Option<&DataFrame> {
        self.inner.tables.get(&table)
    }

    /// Returns the tables that are here.
    pub fn tables(&self) -> impl Iterator<Item = (Table, &DataFrame)> {
        self.inner.tables.iter().map(|(table, frame)| (*table, frame))
    }

    /// Returns the receipts, by source.
    pub fn receipts(&self) -> &[Receipt] {
        &self.inner.receipts
    }

    /// Returns what was found while loading.
    pub fn findings(&self) -> &[Finding] {
        &self.inner.findings
    }

    /// Returns the id of the store generation.
    pub fn generation(&self) -> &str {
        &self.inner.generation
    }

    /// Returns the ids of the receipts that brought rows of a table.
    pub fn receipts_of(&self, table: Table) -> Vec<&Receipt> {
        self.inner.receipts.iter().filter(|r| r.rows.iter().any(|(name, _)| name == table.name())).collect()
    }
}
