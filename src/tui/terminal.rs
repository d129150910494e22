//! The terminal: taking it over, giving it back, and the loop between.
//!
//! The only place that touches it. Giving back is one idempotent function for leaving, errors, panics, signals and a lost
//! line. A frame is one write in synchronized-output brackets; without a change there is no frame, and an idle console
//! writes nothing.

use super::event::Event;
use super::state::{Effect, State};
use super::{Clipboard, Options, TerminalError, update, view};
use crate::app::request::{Answer, Request};
use crate::clock::monotonic;
use base64::Engine;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::style::ResetColor;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, queue, terminal};
use ratatui::Viewport;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use rustix::event::{PollFd, PollFlags};
use rustix::process::Signal;
use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// Begins a frame that the terminal shows at once.
const BEGIN: &[u8] = b"\x1b[?2026h";
/// Ends it.
const END: &[u8] = b"\x1b[?2026l";
/// How long an answer may take before the mark turns, and between its turns.
const TURN: Duration = Duration::from_millis(250);
/// Most events that are taken in before a frame is drawn.
const BURST: usize = 10_000;

/// Whether the terminal is ours; whoever sets it to false gives it back.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// What a thread that is not the console said when it panicked.
static BROKEN: Mutex<Option<String>> = Mutex::new(None);

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

/// Writes to the terminal without the lock and the line buffer of standard output: a thread that gives the terminal back
/// must not wait for one that draws.
fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(rustix::stdio::stdout(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn take_over() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut bytes = Vec::new();
    queue!(bytes, EnterAlternateScreen, cursor::Hide, EnableBracketedPaste, terminal::Clear(terminal::ClearType::All))?;
    write_all(&bytes)
}

/// Gives the terminal back as it was. May be called by anyone at any time; only the first call does something.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut bytes = END.to_vec();
    // Writing to memory does not fail, and a terminal that is gone needs nothing back.
    let _ = queue!(bytes, ResetColor, DisableMouseCapture, DisableBracketedPaste, cursor::Show, LeaveAlternateScreen);
    let _ = write_all(&bytes);
    let _ = terminal::disable_raw_mode();
}

/// Gives the terminal back when the console is left by whatever way.
struct Taken;

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

/// Runs the loop.
pub fn run(
    options: Options,
    requests: &Sender<(u64, Request)>,
    answers: Receiver<(u64, Answer)>,
) -> Result<(), TerminalError> {
    let period = options.period.id().to_owned();
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(TerminalError::NotATerminal { period });
    }
    if !options.look.full_screen {
        return Err(TerminalError::Dumb { period });
    }
    watch_panics();
    watch_signals()?;
    watch_line();
    let taken = Taken;
    take_over()?;
    let (send, events) = mpsc::channel();
    read_keys(send.clone());
    read_answers(answers, send);
    let left = converse(State::new(options, window()), &events, requests);
    drop(taken);
    left?;
    match BROKEN.lock().map(|mut broken| broken.take()) {
        Ok(Some(message)) => Err(TerminalError::Broken { message }),
        _ => Ok(()),
    }
}

/// Returns the size of the window; one that does not tell gets the size that every terminal has.
fn window() -> (u16, u16) {
    terminal::size().ok().filter(|(columns, rows)| *columns > 0 && *rows > 0).unwrap_or((80, 24))
}

fn converse(
    mut state: State,
    events: &Receiver<io::Result<Event>>,
    requests: &Sender<(u64, Request)>,
) -> Result<(), TerminalError> {
    let began = monotonic();
    let mut painter = Painter::new(state.window)?;
    if state.mouse {
        write_all(&mouse(true))?;
    }
    let mut effects = update::start(&mut state);
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Ask(number, request) => {
                    if requests.send((number, request)).is_err() {
                        update::update(&mut state, Event::Silent);
                    }
                }
                Effect::Copy(text) => write_all(&clipboard(&text, state.options.look.clipboard))?,
                Effect::Mouse(ours) => write_all(&mouse(ours))?,
                Effect::Repaint => {
                    painter.forget()?;
                    state.changed = true;
                }
                Effect::Suspend => {
                    suspend(&mut state)?;
                    painter.forget()?;
                }
                Effect::Quit => return Ok(()),
            }
        }
        if state.changed {
            state.changed = false;
            write_all(&painter.frame(&state)?)?;
        }
        let first = if state.awaits() && state.options.look.motion {
            match events.recv_timeout(TURN) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => Ok(Event::Tick),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        } else {
            match events.recv() {
                Ok(event) => event,
                Err(mpsc::RecvError) => return Ok(()),
            }
        };
        state.now = monotonic().saturating_sub(began);
        effects.extend(update::update(&mut state, first?));
        // Whatever else has come in is taken in before one frame is drawn.
        for _ in 0..BURST {
            match events.try_recv() {
                Ok(event) => effects.extend(update::update(&mut state, event?)),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
    }
}

/// Returns what hands text to the terminal's clipboard (OSC 52); tmux passes it on where it is wrapped.
fn clipboard(text: &str, how: Clipboard) -> Vec<u8> {
    let coded = base64::engine::general_purpose::STANDARD.encode(text);
    match how {
        Clipboard::Osc52 => format!("\x1b]52;c;{coded}\x07").into_bytes(),
        Clipboard::Tmux => format!("\x1bPtmux;\x1b\x1b]52;c;{coded}\x07\x1b\\").into_bytes(),
        Clipboard::Off => Vec::new(),
    }
}

/// Returns what asks for the mouse or leaves it to the terminal.
fn mouse(ours: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = if ours { queue!(bytes, EnableMouseCapture) } else { queue!(bytes, DisableMouseCapture) };
    bytes
}

fn suspend(state: &mut State) -> Result<(), TerminalError> {
    // A session leader has no shell to go back to: stopping it would hang the line.
    if rustix::process::getsid(None).is_ok_and(|session| session == rustix::process::getpid()) {
        state.say("There is no shell to go back to.");
        state.changed = true;
        return Ok(());
    }
    give_back();
    let _ = rustix::process::kill_current_process_group(Signal::TSTP);
    // The stop reaches all threads a moment after the call returns; the terminal must not be taken before.
    thread::sleep(Duration::from_millis(50));
    take_over()?;
    state.window = window();
    state.changed = true;
    Ok(())
}

fn read_keys(send: Sender<io::Result<Event>>) {
    thread::spawn(move || {
        loop {
            let event = match crossterm::event::read() {
                Ok(event) => Ok(Event::from_terminal(event)),
                Err(error) => Err(error),
            };
            let ended = event.is_err();
            if let Some(event) = event.transpose()
                && send.send(event).is_err()
            {
                return;
            }
            if ended {
                return;
            }
        }
    });
}

fn read_answers(answers: Receiver<(u64, Answer)>, send: Sender<io::Result<Event>>) {
    thread::spawn(move || {
        for (number, answer) in answers {
            if send.send(Ok(Event::Answer(number, answer))).is_err() {
                return;
            }
        }
        let _ = send.send(Ok(Event::Silent));
    });
}

/// Gives the terminal back before a panic of the console is printed. What another thread says in a panic is kept until
/// the console is left, because it would spoil the screen and its place in the program may have caught it.
fn watch_panics() {
    let console = thread::current().id();
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == console || !TAKEN.load(Ordering::SeqCst) {
            give_back();
            print(panic);
        } else if let Ok(mut broken) = BROKEN.lock() {
            broken.get_or_insert_with(|| panic.to_string());
        }
    }));
}

/// Ends the program on the signals that ask for it.
fn watch_signals() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            end(128 + signal);
        }
    });
    Ok(())
}

/// Ends the program when the line is gone. The event reader of the terminal library never returns then and would turn
/// in circles, also when the hang-up signal is ignored.
fn watch_line() {
    thread::spawn(|| {
        loop {
            let stdin = rustix::stdio::stdin();
            let mut fds = [PollFd::from_borrowed_fd(stdin, PollFlags::empty())];
            match rustix::event::poll(&mut fds, None) {
                Ok(_) if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => end(129),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
    });
}

/// Gives the terminal back and ends the program, within a second also when the terminal takes no more bytes.
fn end(code: i32) -> ! {
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(1));
        std::process::exit(code);
    });
    give_back();
    std::process::exit(code)
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
