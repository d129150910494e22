//! Scripted sessions against a document made by hand and a program that answers from it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::fixture;
use super::*;
use std::sync::mpsc;

/// Runs the console on the fixture in the terminal at hand: for looking at it, and for the tests in a pseudo-terminal.
#[test]
#[ignore = "takes the terminal over; started by the tests of the terminal"]
fn console() {
    let (requests, asked) = mpsc::channel();
    let (answer, answers) = mpsc::channel();
    std::thread::spawn(move || {
        for (number, request) in asked {
            std::thread::sleep(std::time::Duration::from_millis(30));
            if answer.send((number, fixture::answer(&request))).is_err() {
                return;
            }
        }
    });
    let look = Look::from_variables(|name| std::env::var(name).ok());
    run(Options { look, ..fixture::options() }, requests, answers).unwrap();
}
