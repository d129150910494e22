//! Integration tests: the program from outside, one idea a module, one binary so that it is linked once.

mod architecture;
mod calendar_oracle;
mod demo;
mod determinism;
mod expected;
mod hand;
mod program;
mod real_records;
