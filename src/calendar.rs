//! Service hours and the arithmetic of intervals.
//!
//! Knows how weekly hours in a zone become instants, date by date with the zone's rules (rules R4, R5, R15), how
//! long service time is between two instants, when a goal is used up, and how sets of spans combine (R8, R12).
//! Everything is whole seconds since 1970 in UTC, in half-open spans.
//! Must not know tickets, outages, agreements or tables: slices of seconds come in and seconds go out.

mod columns;
mod expand;
pub mod hours;
mod service_hours;
pub mod spans;
mod steps;
mod table;
pub mod weights;

pub use columns::{due_rows, elapsed_rows};
pub use hours::{HoursError, check};
pub use service_hours::{ALWAYS, ServiceHours};
pub use spans::{Span, Spans};
pub use weights::{FULL, Weights, weighted_down};
