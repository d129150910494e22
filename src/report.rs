//! The document: what is shown and written, made from figures.
//!
//! Knows how figures are grouped into a report and how a figure becomes text. Must not compute figures.

pub mod build;
mod courses;
pub mod document;
pub mod format;
mod sections;
pub mod table;
pub mod worked;

pub use document::Document;
