//! servicebook
fn main() {}
