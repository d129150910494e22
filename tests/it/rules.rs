//! Correctness rules of docs/domain.md, each shown by a test that carries its number.

mod capacity;
