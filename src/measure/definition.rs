//! What a measure is: the entry of the catalogue that `servicebook measures` lists.

use crate::model::Unit;
use crate::model::clause::Clause;

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// It depends.
    Neither,
}

/// A measure of the catalogue.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Stable id, the first part of each figure's id.
    pub id: &'static str,
    /// The name that is printed.
    pub title: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// The formula in words, with its source.
    pub formula: &'static str,
    /// The formula where the tool gives windows in place of readings, where it is another.
    pub of_windows: Option<&'static str>,
    /// Clauses that it gives evidence for.
    pub clauses: &'static [Clause],
    /// Whether the parts of a split period add up to the whole under one as-of.
    pub additive: bool,
    /// Which way is better.
    pub better: Better,
    /// Whether the report draws its course over months.
    pub trend: bool,
}

impl Definition {
    /// Makes a definition of a count that is lower-is-better by nobody's promise; refine with the other methods.
    pub fn count(id: &'static str, title: &'static str, formula: &'static str) -> Self {
        Self {
            id,
            title,
            unit: Unit::Count,
            formula,
            of_windows: None,
            clauses: &[Clause::Reporting],
            additive: true,
            better: Better::Neither,
            trend: false,
        }
    }

    /// Sets the unit; what is not a count does not add up.
    #[must_use]
    pub fn in_unit(self, unit: Unit) -> Self {
        Self { unit, additive: false, ..self }
    }

    /// Sets the clauses.
    #[must_use]
    pub fn for_clauses(mut self, clauses: &'static [Clause]) -> Self {
        self.clauses = clauses;
        self
    }

    /// Says that the parts of a split period add up, though it is no count of rows.
    #[must_use]
    pub fn additive(mut self) -> Self {
        self.additive = true;
        self
    }

    /// Says that it is a state at an instant and does not add up.
    #[must_use]
    pub fn not_additive(mut self) -> Self {
        self.additive = false;
        self
    }

    /// Says which way is better.
    #[must_use]
    pub fn better(mut self, better: Better) -> Self {
        self.better = better;
        self
    }

    /// Says how it is made where the tool gives windows in place of readings.
    #[must_use]
    pub fn of_windows(mut self, formula: &'static str) -> Self {
        self.of_windows = Some(formula);
        self
    }

    /// Draws its course over months.
    #[must_use]
    pub fn with_trend(mut self) -> Self {
        self.trend = true;
        self
    }
}
