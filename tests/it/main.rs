//! Integration tests: the program from outside, one idea a module, one binary so that it is linked once.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod bad_input;
mod budget;
mod calendar_oracle;
mod calendars;
mod config_example;
mod connectors;
mod console_workers;
mod control_charts;
mod counted;
mod demo;
mod determinism;
mod edges;
mod expected;
mod faults;
#[path = "../../src/tui/tests/grammar.rs"]
mod grammar;
mod hand;
mod hostile;
mod http;
mod laws;
mod opened;
mod oracle;
mod pages;
mod preferences;
mod program;
mod pulled_again;
mod query;
mod real_records;
mod recorded;
mod rows_asked;
mod rules;
#[path = "../../src/tui/tests/sequences.rs"]
mod sequences;
mod service_control;
mod simulated;
mod small_book;
mod store_trouble;
mod terminal;
mod wrong_use;
