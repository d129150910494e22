//! The numbered rules of docs/domain.md, one file a subject; each test is named for its rule and what it shows.

mod calendar;
