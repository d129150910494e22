//! The two streams: answers on standard output, talk on standard error.

use super::ColorChoice;
use super::environment::variable;
use crate::app::pull::{Cancel, Progress};
use std::io::{self, IsTerminal, Write};

/// Writes an answer.
///
/// # Errors
/// What the stream says; a closed pipe is for the caller to forgive.
pub fn answer(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Says something. A standard error that is gone is no reason to fail.
pub fn talk(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says something behind a word that tells how much it matters; the word alone is coloured, and only where that is wanted.
pub fn say(color: ColorChoice, word: &str, text: &str) {
    let colored = match color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            io::stderr().is_terminal()
                && variable("NO_COLOR").is_none()
                && variable("TERM").is_some_and(|term| term != "dumb")
        }
    };
    if colored {
        let code = if word == "note" { "1;33" } else { "1;31" };
        talk(&format!("\u{1b}[{code}m{word}:\u{1b}[0m {text}"));
    } else {
        talk(&format!("{word}: {text}"));
    }
}

/// Ends a pull in order when Ctrl-C is pressed, so that the pages that came are kept; a second one ends the program.
pub fn cancel_on_interrupt(cancel: &Cancel) {
    let flag = cancel.flag();
    // Without a handler Ctrl-C ends the program at once, which keeps the pages as well.
    let _ = signal_hook::flag::register_conditional_shutdown(signal_hook::consts::SIGINT, 130, flag.clone());
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, flag);
}

/// How far a pull is: one line on a terminal, nothing elsewhere.
pub struct ProgressLine {
    shown: bool,
    began: std::time::Duration,
    last: std::time::Duration,
}

impl ProgressLine {
    /// Begins; nothing is written yet.
    pub fn new(quiet: bool) -> Self {
        let now = crate::clock::monotonic();
        Self { shown: !quiet && io::stderr().is_terminal(), began: now, last: now }
    }

    /// Writes the line anew, a few times a second.
    pub fn show(&mut self, source: &str, said: &Progress) {
        let now = crate::clock::monotonic();
        if !self.shown || now.saturating_sub(self.last).as_millis() < 200 {
            return;
        }
        self.last = now;
        let text = super::pull::progress_line(source, said, now.saturating_sub(self.began).as_secs_f64());
        let _ = write!(io::stderr().lock(), "\r\u{1b}[K{}", crate::text::fit(&text, 79));
    }

    /// Takes the line away.
    pub fn clear(&self) {
        if self.shown {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}

/// Lays out rows of cells in columns, two blanks apart; columns of numbers to the right.
pub fn columns(header: &[String], right: &[bool], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|name| crate::text::width(name)).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(crate::text::width(cell).min(60));
        }
    }
    let mut text = String::new();
    for row in std::iter::once(header).chain(rows.iter().map(Vec::as_slice)) {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell = crate::text::fit(cell, 60);
            let padding = " ".repeat(width.saturating_sub(crate::text::width(&cell)));
            if at > 0 {
                line.push_str("  ");
            }
            if right.get(at) == Some(&true) {
                line.push_str(&padding);
                line.push_str(&cell);
            } else {
                line.push_str(&cell);
                line.push_str(&padding);
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
