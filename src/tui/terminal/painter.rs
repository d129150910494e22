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
}

impl Painter {
    /// Makes a painter for a window of columns and rows.
    pub fn new(window: (u16, u16)) -> io::Result<Self> {
        let bytes = FrameBytes::default();
        let area = Rect::new(0, 0, window.0, window.1);
        let options = ratatui::TerminalOptions { viewport: Viewport::Fixed(area) };
        let terminal = ratatui::Terminal::with_options(CrosstermBackend::new(bytes.clone()), options)?;
        Ok(Self { terminal, bytes, window })
    }

    /// Forgets what is on screen, so that the next frame paints every cell.
    pub fn forget(&mut self) -> io::Result<()> {
        let area = Rect::new(0, 0, self.window.0, self.window.1);
        let options = ratatui::TerminalOptions { viewport: Viewport::Fixed(area) };
        self.terminal = ratatui::Terminal::with_options(CrosstermBackend::new(self.bytes.clone()), options)?;
        queue!(self.bytes, ResetColor, terminal::Clear(terminal::ClearType::All))
    }

    /// Returns the bytes of a frame, in brackets.
    pub fn frame(&mut self, state: &State) -> io::Result<Vec<u8>> {
        if state.window != self.window {
            self.window = state.window;
            self.forget()?;
        }
        self.terminal.draw(|frame| view::view(state, frame))?;
        let drawn = self.bytes.take();
        Ok([BEGIN, &drawn, END].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_stands_in_brackets_and_a_second_one_without_a_change_is_nearly_nothing() {
        let options = crate::tui::fixture::options();
        let state = State::new(options, (80, 24));
        let mut painter = Painter::new((80, 24)).unwrap();
        let first = painter.frame(&state).unwrap();
        assert!(first.starts_with(BEGIN) && first.ends_with(END));
        assert!(painter.frame(&state).unwrap().len() < 64);
    }
}
