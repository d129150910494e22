//! What the console costs a slow line: bytes of the real program, start to finish, at sizes that people have.

use crate::terminal::line::{Line, Start};
use crate::terminal::tour::{ENTER, HOME, Stop, TOUR};

const DOWN: &str = "j";
const PAGE_DOWN: &str = "\u{1b}[6~";

/// Bytes that one key costs on a settled screen.
#[track_caller]
fn cost(line: &mut Line, key: &str) -> usize {
    // Each key is awaited by the bytes that it brings, and then by the quiet after them.
    let keys: &'static [&'static str] = Box::leak(Box::new([&*Box::leak(key.to_owned().into_boxed_str())]));
    line.go(&Stop { name: "", keys, wanted: "", about: "" })[0]
}

#[test]
fn the_first_whole_home_is_six_kilobytes_at_most() {
    let line = Line::start(&Start::default());
    line.wait_shown(HOME);
    let bytes = line.written();
    assert!(bytes <= 6 * 1024, "{bytes} bytes up to the first whole Home");
    line.leave();
}

#[test]
fn a_move_is_400_bytes_a_page_three_kilobytes_and_nothing_is_nothing() {
    let mut line = Line::open((80, 24));
    for name in ["home", "report", "tickets"] {
        let stop = TOUR.iter().find(|stop| stop.name == name).unwrap();
        line.go(stop);
        for _ in 0..5 {
            let bytes = cost(&mut line, DOWN);
            assert!(bytes <= 400, "{name}: {bytes} bytes to move the cursor");
        }
        for _ in 0..3 {
            let bytes = cost(&mut line, PAGE_DOWN);
            assert!(bytes <= 3 * 1024, "{name}: {bytes} bytes to turn a page");
        }
        let before = line.written();
        std::thread::sleep(std::time::Duration::from_millis(700));
        assert_eq!(line.written(), before, "{name}: an idle screen writes");
    }
    line.leave();
}

#[test]
fn the_whole_tour_is_a_kilobyte_a_key_in_the_middle_and_eight_at_worst() {
    let mut line = Line::open((80, 24));
    let mut costs = Vec::new();
    for stop in TOUR {
        for key in stop.keys {
            costs.push(cost(&mut line, key));
        }

        // What a person does on a screen: looks around, and goes on.
        for key in [DOWN, DOWN, DOWN, "k", "k", PAGE_DOWN] {
            costs.push(cost(&mut line, key));
        }
    }
    costs.sort_unstable();
    let (median, p99) = (costs[costs.len() / 2], costs[(costs.len() * 99).div_ceil(100) - 1]);
    assert!(median <= 1024, "half of all keys cost more than {median} bytes");
    assert!(p99 <= 8 * 1024, "one key in a hundred costs {p99} bytes");
    line.leave();
}

#[test]
fn a_full_redraw_of_200x50_is_25_kilobytes_at_most() {
    let mut line = Line::open((200, 50));
    for stop in TOUR {
        line.go(stop);
        let bytes = cost(&mut line, "\u{c}");
        assert!(bytes <= 25 * 1024, "{}: {bytes} bytes to paint all", stop.name);
    }
    line.leave();
}

#[test]
fn enter_on_a_row_of_home_stays_within_a_page() {
    let mut line = Line::open((80, 24));
    let bytes = cost(&mut line, ENTER);
    assert!(bytes <= 3 * 1024, "{bytes} bytes to go into a service");
    line.leave();
}
