//! A server in more than a hundred bad moods: whatever it does, a pull ends in time, says what was wrong and what to do,
//! publishes nothing by halves, and the next one that goes well has everything. The secret is seen nowhere.

mod bodies;
mod desk;
mod lists;
mod mood;
mod program;
mod statuses;
mod wires;
