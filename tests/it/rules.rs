//! One test for each rule of `docs/domain.md` §5, named after it: `r1_…` to `r28_…`, in the file of its subject.

mod agreements;
mod availability;
mod calendar;
mod capacity;
mod capacity_windows;
mod clocks;
mod governance;
mod tickets;
