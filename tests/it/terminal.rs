//! The console in a pseudo-terminal, the real program on the demo book: every screen reached, the terminal taken over
//! and given back, and the process ended when the line is gone.

pub mod grid;
pub mod line;
pub mod looks;
pub mod model;
mod questions;
mod robust;
pub mod tour;

use line::{Line, Start};
use std::time::Duration;
use tour::{HOME, TOUR};

#[test]
fn every_screen_is_reached_at_three_sizes() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut line = Line::open(size);
        for stop in TOUR {
            line.go(stop);
        }
        line.leave();
    }
}

#[test]
fn it_takes_the_terminal_over_and_gives_it_back() {
    let mut line = Line::start(&Start::default());
    let before = line.modes();
    line.wait_shown(HOME);
    assert_ne!(line.modes(), before);
    line.press("q\r");
    assert_eq!(line.ends_within(Duration::from_secs(5)), 0);
    line.is_given_back();
    assert_eq!(line.modes(), before);
}

#[test]
fn without_colour_bold_and_reverse_video_reach_the_terminal() {
    let line = Line::start(&Start { variables: &[("NO_COLOR", "1")], ..Start::default() });
    line.wait_shown(HOME);
    let grid = line.grid();
    let mut cells = grid.rows.iter().flatten();
    assert!(cells.clone().any(|cell| cell.style.reverse));
    assert!(cells.clone().any(|cell| cell.style.bold));
    assert!(cells.all(|cell| cell.style.letters == vt100::Color::Default));
    line.leave();
}
