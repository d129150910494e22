//! Frames as bytes: only the cells that differ from the frame before, in one piece, in synchronized-output brackets.
//!
//! Must not write to the terminal itself.

use crate::tui::state::State;
use crate::tui::view;
use crossterm::style::ResetColor;
use crossterm::{queue, terminal};
use ratatui::Viewport;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// Begins a frame that the terminal shows at once.
pub const BEGIN: &[u8] = b"\x1b[?2026h";
/// Ends it.
pub const END: &[u8] = b"\x1b[?2026l";

/// The cursor is shown.
const SHOWN: &[u8] = b"\x1b[?25h";

/// Cuts what the terminal library ends every frame with down to what it is for: 25 bytes for each key on a slow line. The
/// cursor is hidden already.
fn short(mut drawn: Vec<u8>) -> Vec<u8> {
    let Some(body) = drawn.strip_suffix(b"\x1b[0m\x1b[?25l") else { return drawn };
    let mut end = body.len();
    while let Some(reset) =
        [&b"\x1b[39m"[..], b"\x1b[49m", b"\x1b[59m", b"\x1b[m"].iter().find(|reset| body[..end].ends_with(reset))
    {
        end -= reset.len();
    }
    drawn.truncate(end);
    if !drawn.is_empty() {
        drawn.extend_from_slice(b"\x1b[0m");
    }
    drawn
}

/// Writes moves to the right within a line as such: half as long as the place in full. Only behind ASCII: how wide a
/// terminal makes another letter is not always as we think, and a place in full sets that right.
fn near(drawn: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(drawn.len());
    // Row and column, from one on, where they are certain.
    let mut here: Option<(usize, usize)> = None;
    let mut at = 0;
    while at < drawn.len() {
        let rest = &drawn[at..];
        if !rest.starts_with(b"\x1b[") {
            here = here.filter(|_| rest[0].is_ascii()).map(|(row, column)| (row, column + 1));
            bytes.push(rest[0]);
            at += 1;
            continue;
        }
        let length = rest.iter().skip(2).position(|byte| (0x40..0x7f).contains(byte)).map_or(rest.len(), |end| end + 3);
        let (sequence, last) = (&rest[..length], rest[length - 1]);
        at += length;
        if let Some(to) = place(sequence) {
            match here.filter(|from| from.0 == to.0 && from.1 < to.1).map(|from| to.1 - from.1) {
                Some(1) => bytes.extend_from_slice(b"\x1b[C"),
                Some(columns) => bytes.extend_from_slice(format!("\x1b[{columns}C").as_bytes()),
                None => bytes.extend_from_slice(sequence),
            }
            here = Some(to);
        } else {
            here = here.filter(|_| last == b'm');
            bytes.extend_from_slice(sequence);
        }
    }
    bytes
}

fn place(sequence: &[u8]) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(sequence).ok()?.strip_prefix("\x1b[")?.strip_suffix('H')?;
    let (row, column) = text.split_once(';')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}

/// The bytes of the frame that is being drawn. Shared, because the backend owns its writer.
#[derive(Clone, Debug, Default)]
pub struct FrameBytes(Rc<RefCell<Vec<u8>>>);

impl FrameBytes {
    /// Takes the bytes.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.borrow_mut())
    }
}

impl Write for FrameBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Draws states as frames: only the cells that differ from the frame before.
pub struct Painter {
    terminal: ratatui::Terminal<CrosstermBackend<FrameBytes>>,
    bytes: FrameBytes,
    window: (u16, u16),
    /// Whether the last frame left the cursor on screen.
    cursor: bool,
}

impl Painter {
    /// Makes a painter for a window of columns and rows.
    pub fn new(window: (u16, u16)) -> io::Result<Self> {
        let bytes = FrameBytes::default();
        let area = Rect::new(0, 0, window.0, window.1);
        let options = ratatui::TerminalOptions { viewport: Viewport::Fixed(area) };
        let terminal = ratatui::Terminal::with_options(CrosstermBackend::new(bytes.clone()), options)?;
        Ok(Self { terminal, bytes, window, cursor: false })
    }

    /// Forgets what is on screen, so that the next frame paints every cell.
    pub fn forget(&mut self) -> io::Result<()> {
        let area = Rect::new(0, 0, self.window.0, self.window.1);
        let options = ratatui::TerminalOptions { viewport: Viewport::Fixed(area) };
        self.terminal = ratatui::Terminal::with_options(CrosstermBackend::new(self.bytes.clone()), options)?;
        // The library's terminal that went away showed the cursor.
        self.bytes.take();
        queue!(self.bytes, ResetColor, terminal::Clear(terminal::ClearType::All))
    }

    /// Returns the bytes of a frame, in brackets; none where nothing differs.
    pub fn frame(&mut self, state: &State) -> io::Result<Vec<u8>> {
        if state.window != self.window {
            self.window = state.window;
            self.forget()?;
        }
        self.terminal.draw(|frame| view::view(state, frame))?;
        let drawn = self.bytes.take();
        let shows = drawn.windows(SHOWN.len()).any(|bytes| bytes == SHOWN);
        let drawn = near(&if shows || self.cursor { drawn } else { short(drawn) });
        self.cursor = shows;
        Ok(if drawn.is_empty() { drawn } else { [BEGIN, &drawn, END].concat() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_stands_in_brackets_and_a_second_one_without_a_change_is_nothing() {
        let options = crate::tui::fixture::options();
        let state = State::new(options, (80, 24));
        let mut painter = Painter::new((80, 24)).unwrap();
        let first = painter.frame(&state).unwrap();
        assert!(first.starts_with(BEGIN) && first.ends_with(END));
        assert!(first.ends_with(&[b"\x1b[0m", END].concat()) && !first.ends_with(&[b"m\x1b[0m", END].concat()));
        assert_eq!(painter.frame(&state).unwrap(), b"");
    }

    #[test]
    fn moves_to_the_right_are_short_behind_ascii_only() {
        let text = |drawn: &str| String::from_utf8(near(drawn.as_bytes())).unwrap();
        assert_eq!(
            text("\x1b[2;3Hab\x1b[2;6H\x1b[1mc\x1b[2;12Hd\x1b[3;1He"),
            "\x1b[2;3Hab\x1b[C\x1b[1mc\x1b[5Cd\x1b[3;1He"
        );
        for kept in ["\x1b[2;3H≥ 1\x1b[2;9Hb", "\x1b[2;3H東\x1b[2;5Hb", "\x1b[2;9Ha\x1b[2;3Hb", "a\x1b[1;4Hb"] {
            assert_eq!(text(kept), kept);
        }
    }
}
