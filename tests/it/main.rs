//! tests

mod calendar_oracle;
