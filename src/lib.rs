//! servicebook: service reporting in which every figure answers for itself.
//!
//! Rows come in at `source`, figures are computed once in `measure`, everything shown or written is a
//! `report::Document`, and nothing downstream of the document computes. `ARCHITECTURE.md` has the map.

pub mod model;

pub mod calendar;
pub mod query;
pub mod source;
pub mod store;

pub mod measure;
pub mod report;

pub mod export;
pub mod tui;

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod failpoint;
pub mod text;
