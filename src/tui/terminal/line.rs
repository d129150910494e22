//! The modes of the terminal and the bytes to it: raw and back, the alternate screen and back.
//!
//! Giving back is one idempotent function for leaving, errors, panics, signals and a lost line. Must not know what is
//! drawn.

use super::painter::END;
use crate::tui::Clipboard;
use base64::Engine;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::ResetColor;
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, queue};
use rustix::io::Errno;
use rustix::stdio::{stdin, stdout};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Mouse modes off: for a terminal whose console died.
const NO_MOUSE: &[u8] = b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l";

/// Clicks and the wheel, with places beyond column 223.
const WITH_MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";

/// Puts the window's title aside, and takes it back.
const TITLE_ASIDE: &[u8] = b"\x1b[22;2t";
const TITLE_BACK: &[u8] = b"\x1b[23;2t";

/// Whether the mouse is ours.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Whether the window's title is ours.
static TITLED: AtomicBool = AtomicBool::new(false);
/// Whether the terminal is ours; whoever sets it to false gives it back.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// The modes from before.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
/// Whether the program is being ended; from then on nobody takes the terminal.
static ENDING: AtomicBool = AtomicBool::new(false);
/// Held while the terminal is taken, so that it is not given back half taken.
static TAKING: Mutex<()> = Mutex::new(());
/// How long the console waits in the background before it asks for the terminal: who continues a stopped job to end it has
/// sent a signal that must be heard first.
const IN_BACKGROUND: Duration = Duration::from_millis(50);
/// Held while a frame is written, so that none comes after the terminal was given back.
static WRITING: Mutex<()> = Mutex::new(());

/// Tells whether the terminal is ours.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Writes to the terminal without the lock and the line buffer of standard output: a thread that gives the terminal back
/// must not wait for one that draws.
fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(stdout(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            // A terminal may share its file with a program that set it to never wait.
            Err(Errno::AGAIN) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Writes a frame, unless the terminal was given back meanwhile.
pub fn show(frame: &[u8]) -> io::Result<()> {
    let _writing = WRITING.lock();
    if is_taken() { write_all(frame) } else { Ok(()) }
}

/// Sets modes; a stop in between, or a signal, is no failure.
fn set(modes: &Termios, when: OptionalActions) -> io::Result<()> {
    loop {
        match tcsetattr(stdin(), when, modes) {
            Err(Errno::INTR) => {}
            done => return Ok(done?),
        }
    }
}

/// Asks for the mouse, or leaves it to the terminal.
pub fn mouse(ours: bool) -> io::Result<()> {
    MOUSE.store(ours, Ordering::SeqCst);
    show(if ours { WITH_MOUSE } else { NO_MOUSE })
}

/// Names the window (OSC 2). What has no place in a title, such as an end of the sequence, is left out of it.
pub fn title(name: &str) -> io::Result<()> {
    let aside: &[u8] = if TITLED.swap(true, Ordering::SeqCst) { b"" } else { TITLE_ASIDE };
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(120).collect();
    show(&[aside, b"\x1b]2;", name.as_bytes(), b"\x07"].concat())
}

/// Returns what hands text to the terminal's clipboard (OSC 52); where tmux stands between, wrapped so that it passes
/// the text on.
pub fn clipboard(text: &str, how: Clipboard) -> Vec<u8> {
    let coded = base64::engine::general_purpose::STANDARD.encode(text);
    match how {
        Clipboard::Osc52 => format!("\x1b]52;c;{coded}\x07").into_bytes(),
        Clipboard::Tmux => format!("\x1bPtmux;\x1b\x1b]52;c;{coded}\x07\x1b\\").into_bytes(),
        Clipboard::Off => Vec::new(),
    }
}

/// Tells whether this process may set the terminal's modes: in the background they are the shell's.
fn is_in_front() -> bool {
    tcgetpgrp(stdin()).map_or(true, |front| front == rustix::process::getpgrp())
}

/// Tells whether the program is being ended by a signal or because the line is gone.
pub fn is_ending() -> bool {
    ENDING.load(Ordering::SeqCst)
}

/// Waits for the end of the program, which another thread has begun: its exit code is the one that counts.
pub fn await_end() -> ! {
    loop {
        std::thread::park();
    }
}

/// Takes the terminal over, unless the program is being ended. In the background this stops until the shell brings the
/// console to the front.
pub fn take_over() -> io::Result<()> {
    if !is_in_front() {
        std::thread::sleep(IN_BACKGROUND);
    }
    let taking = TAKING.lock();
    if is_ending() {
        drop(taking);
        await_end();
    }
    let before = tcgetattr(stdin())?;
    let mut raw = before.clone();
    raw.make_raw();
    if let Ok(mut kept) = BEFORE.lock() {
        kept.get_or_insert(before);
    }
    TAKEN.store(true, Ordering::SeqCst);
    set(&raw, OptionalActions::Now)?;
    let mut bytes = Vec::new();
    queue!(bytes, EnterAlternateScreen, cursor::Hide, EnableBracketedPaste, Clear(ClearType::All))?;
    if MOUSE.load(Ordering::SeqCst) {
        bytes.extend_from_slice(WITH_MOUSE);
    }
    write_all(&bytes)
}

/// Takes it over once more, after others had it without our knowledge.
pub fn take_again() -> io::Result<()> {
    let before = BEFORE.lock().ok().and_then(|kept| kept.clone());
    take_over()?;
    // What others left behind is not what the terminal was.
    if let (Some(before), Ok(mut kept)) = (before, BEFORE.lock()) {
        *kept = Some(before);
    }
    Ok(())
}

/// Gives the terminal back for good: nobody takes it again.
pub fn give_back_for_good() {
    ENDING.store(true, Ordering::SeqCst);
    drop(held_soon(&TAKING));
    give_back();
}

/// Waits for a lock, but not for ever: who holds it may write to a terminal that takes no more bytes.
fn held_soon(lock: &Mutex<()>) -> Option<MutexGuard<'_, ()>> {
    for _ in 0..50 {
        if let Ok(held) = lock.try_lock() {
            return Some(held);
        }
        std::thread::sleep(Duration::from_millis(4));
    }
    None
}

/// Gives the terminal back as it was, and drops keys that nobody has read: they were not meant for the shell. May be
/// called by anyone at any time; only the first call does something.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // A frame that is being written comes first.
    drop(held_soon(&WRITING));
    let _ = write_all(&farewell());
    let before = BEFORE.lock().ok().and_then(|mut kept| kept.take());
    if let Some(before) = before.filter(|_| is_in_front()) {
        let _ = set(&before, OptionalActions::Flush);
    }
}

fn farewell() -> Vec<u8> {
    let mut bytes = END.to_vec();
    if MOUSE.load(Ordering::SeqCst) {
        bytes.extend_from_slice(NO_MOUSE);
    }
    if TITLED.swap(false, Ordering::SeqCst) {
        bytes.extend_from_slice(TITLE_BACK);
    }
    // Writing to memory does not fail, and a terminal that is gone needs nothing back.
    let _ = queue!(bytes, ResetColor, DisableBracketedPaste, cursor::Show, LeaveAlternateScreen);
    bytes
}

/// What a process knows of a terminal that its child will take over.
#[derive(Debug)]
pub struct Keepsake(Termios);

impl Keepsake {
    /// Remembers the modes; `None` where standard input and output are not both a terminal.
    pub fn of_terminal() -> Option<Self> {
        if !rustix::termios::isatty(stdout()) {
            return None;
        }
        tcgetattr(stdin()).ok().map(Self)
    }

    /// Tells whether the terminal was left as a console has it: raw, which it was not before, and no other program's.
    /// What a shell or `stty` made of it while the console was stopped is no business of ours.
    pub fn is_left_raw(&self) -> bool {
        let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        self.0.local_modes.intersects(cooked)
            && is_in_front()
            && tcgetattr(stdin()).is_ok_and(|now| !now.local_modes.intersects(cooked))
    }

    /// Gives the terminal back in the place of whoever had it, with the window's title if it was set aside. May wait for a
    /// terminal that takes no bytes; its modes are right before that.
    pub fn restore(&self, titled: bool) {
        TITLED.store(titled, Ordering::SeqCst);
        let _ = set(&self.0, OptionalActions::Now);
        let _ = write_all(&[NO_MOUSE, &farewell()].concat());
        let _ = set(&self.0, OptionalActions::Flush);
    }
}
