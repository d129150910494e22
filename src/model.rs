//! The words of the domain.
//!
//! Knows what a period, a canonical table, a receipt, a finding, an agreement and a figure are.
//! Must not know where rows come from, how a figure is computed, or how anything is shown.

pub mod agreement;
pub mod catalogue;
pub mod clause;
pub mod control_chart;
pub mod dataset;
pub mod date;
pub mod duration;
pub mod figure;
pub mod finding;
pub mod outlook;
pub mod period;
pub mod pulled;
pub mod raw;
pub mod receipt;
pub mod schema;
pub mod timeline;

pub use agreement::{Agreement, Goal, WorkloadLimit};
pub use catalogue::{Catalogue, Customer, Resource, Service, ServiceGroup};
pub use clause::Edition;
pub use control_chart::{Control, ControlChart};
pub use dataset::Dataset;
pub use date::Date;
pub use figure::{Figure, FigureId, Missing, MissingKind, Scope, Unit, Verdict};
pub use finding::{Finding, Severity};
pub use outlook::Outlook;
pub use period::Period;
pub use pulled::{Pulled, Quarantined};
pub use raw::Raw;
pub use receipt::{Asked, Completeness, MonthCount, Receipt, SourceFile};
pub use schema::{Column, ColumnType, Table};
pub use timeline::Timeline;
