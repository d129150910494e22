//! Figures against an oracle that walks through time.
//!
//! The oracle shares nothing with the product but chrono and the types of its model. It walks second by second over up
//! to three days, or minute by minute over up to sixteen, keeps the state of each ticket and service, and counts. What
//! [the definitions](../../docs/domain.md) leave open is decided here:
//!
//! - Knowledge is what happened before as-of: an event, stamp or approval at as-of itself is not known.
//! - A ticket that was opened after the period belongs to no figure of it, also where as-of is later still. An outage that
//!   began before the service went live is none that began in the period.
//! - Work beyond its own window is an outage, also within the window of another row. Agreed maintenance counts as such where
//!   an exclusion covers it. Under the gross formula it is down where an outage says so.
//! - An event of a field that happened before the opening sets the state at the opening; the clock cannot have stopped
//!   before the opening. A resolution that is taken back at the same instant is a stop and a reopening; a condition that an
//!   agreement names does not hold where it lasts no time.
//! - A start condition that never holds before the stop starts no clock. A priority that changes at the very instant of
//!   the stop does not begin the clock anew, but its goal is the one that counts.
//! - A goal that ran out counts as missed under `breach` and `opened` while the clock still runs. Under `first` a stop
//!   before the start of the clock is none of it.
//! - Under `worst` an open ticket is held to the run that goes on, and a finished one counts where it stopped last.
//! - A response clock without `pause_response` runs through all service hours, also while the ticket is resolved. A ticket
//!   that was finished without a response has no response clock.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "seconds of some days fit everywhere, and plain casts keep the oracle easy to read"
)]

mod availability;
mod available;
mod backlog;
mod clocks;
mod cut;
mod ground;
mod judged;
mod laws;
mod named;
mod promises;
mod rows;
mod services;
mod tape;
mod tickets;
