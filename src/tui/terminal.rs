//! The terminal: taking it over, giving it back, and the loop between.
//!
//! The only place that touches it. A frame is one write in synchronized-output brackets; without a change there is no
//! frame, and an idle console writes nothing. The console may be the child of a process that only waits for it
//! (`cli::guard`); both are one process group, and stop together.

mod decode;
mod keys;
mod line;
mod painter;

pub use line::Keepsake;
pub use painter::{FrameBytes, Painter};

use super::event::{Event, Key};
use super::state::{Effect, State};
use super::{Options, TerminalError, update, words};
use crate::app::request::{Answer, Request};
use crate::clock::monotonic;
use crate::failpoint;
use rustix::process::Signal;
use std::io::{self, IsTerminal};
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread;
use std::time::Duration;

/// How long an answer may take before the mark turns, and between its turns.
const TURN: Duration = Duration::from_millis(250);
/// Longest time for which events are taken in before a frame is drawn.
const BATCH: Duration = Duration::from_millis(100);
/// Most events that wait; who sends more waits as well.
const WAITING: usize = 4_096;
/// The number of the signal that says the line is gone.
const HANG_UP: i32 = signal_hook::consts::SIGHUP;
/// A stop that is heard so shortly after the console goes on is the one before: who stops the whole job is heard by the
/// process that waits for the console as well, and that hands it on.
const SAME_STOP: Duration = Duration::from_millis(500);

/// What a thread that is not the console said when it panicked, or the console itself.
static BROKEN: Mutex<Option<String>> = Mutex::new(None);
/// Whether the console is open, so that what breaks is told when it is left.
static OPEN: AtomicBool = AtomicBool::new(false);

/// How often Ctrl-c was pressed and not yet taken in. Keys that wait before it are dropped, as a terminal does with what was
/// typed ahead: whoever interrupts does not want to wait for them.
static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);

/// What the loop hears.
#[derive(Debug)]
enum Heard {
    /// Something for the console.
    Event(Event),
    /// Someone asked it from outside to stop.
    Stop,
    /// It goes on after a stop.
    Continued,
    /// The line is gone.
    Gone,
    /// The terminal cannot be read.
    Lost(io::Error),
    /// A thread of the terminal broke.
    Broken,
}

/// Gives the terminal back when the console is left by whatever way.
struct Taken;

impl Drop for Taken {
    fn drop(&mut self) {
        line::give_back();
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
    let may_stop = options.may_stop && has_a_shell();
    OPEN.store(true, Ordering::SeqCst);
    watch_panics();
    let (send, heard) = mpsc::sync_channel(WAITING);
    let continued = watch_signals(send.clone(), may_stop)?;
    let taken = Taken;
    let mut console = Console { heard, requests, continued, may_stop, burst: false, went_on: None };
    // A panic is told like any other failure: behind the terminal, on the normal screen, and with its exit code.
    let left = std::panic::catch_unwind(AssertUnwindSafe(|| {
        failpoint::reach("terminal", "before");
        line::take_over()?;
        failpoint::reach("terminal", "taken");
        spawn("keys", send.clone(), keys::read)?;
        spawn("answers", send, move |send| read_answers(answers, send))?;
        console.converse(State::new(options, window()))
    }));
    // Whatever the loop makes of it: a program that is ended says by which signal, and one whose line is gone says that.
    if line::is_ending() {
        line::await_end();
    }
    if matches!(left, Ok(Err(_))) && keys::line_is_gone() {
        end(128 + HANG_UP);
    }
    if console.burst && line::is_taken() {
        keys::drop_the_rest();
    }
    drop(taken);
    OPEN.store(false, Ordering::SeqCst);
    left.unwrap_or(Ok(()))?;
    match BROKEN.lock().map(|mut broken| broken.take()) {
        Ok(Some(message)) => Err(TerminalError::Broken { message }),
        _ => Ok(()),
    }
}

/// Returns the size of the window; one that does not tell gets the size that every terminal has.
fn window() -> (u16, u16) {
    match rustix::termios::tcgetwinsize(rustix::stdio::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => (80, 24),
    }
}

/// Tells whether a shell would notice a stop. Where the console's group is that of the session's leader there is none:
/// stopping it would hang the line.
fn has_a_shell() -> bool {
    rustix::process::getsid(None).is_ok_and(|session| session != rustix::process::getpgrp())
}

/// What the loop holds beside the state.
struct Console<'a> {
    heard: Receiver<Heard>,
    requests: &'a Sender<(u64, Request)>,
    continued: Receiver<()>,
    may_stop: bool,
    burst: bool,
    /// When it went on after its last stop.
    went_on: Option<Duration>,
}

impl Console<'_> {
    fn converse(&mut self, mut state: State) -> Result<(), TerminalError> {
        let began = monotonic();
        let mut painter = Painter::new(state.window)?;
        if state.mouse {
            line::mouse(true)?;
        }
        let mut effects = update::start(&mut state);
        let mut titled = String::new();
        loop {
            for effect in effects.drain(..) {
                match effect {
                    Effect::Ask(number, request) => {
                        failpoint::reach("effect", "ask");
                        if self.requests.send((number, request)).is_err() {
                            update::update(&mut state, Event::Silent);
                        }
                    }
                    Effect::Copy(text) => {
                        failpoint::reach("effect", "copy");
                        line::show(&line::clipboard(&text, state.options.look.clipboard))?;
                    }
                    Effect::Mouse(ours) => {
                        failpoint::reach("effect", "mouse");
                        line::mouse(ours)?;
                    }
                    Effect::Repaint => {
                        failpoint::reach("effect", "repaint");
                        painter.forget()?;
                        state.changed = true;
                    }
                    Effect::Suspend => {
                        failpoint::reach("effect", "suspend");
                        self.suspend(&mut state)?;
                        painter.forget()?;
                        titled.clear();
                    }
                    Effect::Quit => {
                        failpoint::reach("effect", "quit");
                        return Ok(());
                    }
                }
            }
            if state.changed {
                state.changed = false;
                // In a storm of sizes the last one may not have been heard.
                let (columns, rows) = window();
                if state.window != (columns, rows) {
                    effects.extend(update::update(&mut state, Event::Resize(columns, rows)));
                    continue;
                }
                failpoint::reach("frame", "before");
                let frame = painter.frame(&state)?;
                failpoint::reach("frame", "drawn");
                line::show(&frame)?;
                failpoint::reach("frame", "shown");
                let title = words::title(&state);
                if state.options.look.title && title != titled {
                    line::title(&title)?;
                    titled = title;
                }
            }
            let first = if state.awaits() && state.options.look.motion {
                match self.heard.recv_timeout(TURN) {
                    Ok(heard) => heard,
                    Err(RecvTimeoutError::Timeout) => Heard::Event(Event::Tick),
                    Err(RecvTimeoutError::Disconnected) => return Ok(()),
                }
            } else {
                match self.heard.recv() {
                    Ok(heard) => heard,
                    Err(mpsc::RecvError) => return Ok(()),
                }
            };
            state.now = monotonic().saturating_sub(began);
            let mut next = Some(first);
            // Whatever else has come in is taken in before one frame is drawn.
            let began = monotonic();
            while let Some(heard) = next.take() {
                match heard {
                    Heard::Event(mut event) => {
                        if let Event::Burst(burst) = event {
                            self.burst = burst;
                        }
                        if matches!(event, Event::Key(Key::Ctrl('c'))) {
                            INTERRUPTS.fetch_sub(1, Ordering::SeqCst);
                        } else if matches!(event, Event::Key(_)) && INTERRUPTS.load(Ordering::SeqCst) > 0 {
                            next = self.heard.try_recv().ok();
                            continue;
                        }
                        // A size that waited may be long past: the present one counts, and counts once.
                        if let Event::Resize(columns, rows) = &mut event {
                            (*columns, *rows) = window();
                            if state.window == (*columns, *rows) {
                                next = self.heard.try_recv().ok();
                                continue;
                            }
                        }
                        failpoint::reach("event", event.word());
                        effects.extend(update::update(&mut state, event));
                    }
                    Heard::Stop if self.went_on.is_some_and(|at| monotonic().saturating_sub(at) < SAME_STOP) => {}
                    Heard::Stop => {
                        self.suspend(&mut state)?;
                        painter.forget()?;
                        titled.clear();
                    }
                    Heard::Continued => {
                        line::take_again()?;
                        state.window = window();
                        state.changed = true;
                        painter.forget()?;
                        // Others may have named the window meanwhile.
                        titled.clear();
                    }
                    Heard::Lost(error) => return Err(error.into()),
                    Heard::Gone => line::await_end(),
                    Heard::Broken => return Ok(()),
                }
                // Keys after these are for whoever has the terminal then.
                if effects.iter().any(|effect| matches!(effect, Effect::Suspend | Effect::Quit)) {
                    break;
                }
                if monotonic().saturating_sub(began) < BATCH {
                    next = self.heard.try_recv().ok();
                }
            }
        }
    }

    fn suspend(&mut self, state: &mut State) -> Result<(), TerminalError> {
        state.changed = true;
        if !self.may_stop {
            state.say("There is no shell to go back to.");
            return Ok(());
        }
        while self.continued.try_recv().is_ok() {}
        line::give_back();
        // The whole group at once: the process that waits for the console must not be seen stopped before the terminal is
        // given back, nor stay behind.
        let _ = rustix::process::kill_current_process_group(Signal::STOP);
        // The stop reaches all threads a moment after the call returns; the terminal must not be taken before.
        let _ = self.continued.recv_timeout(Duration::from_secs(1));
        line::take_over()?;
        self.went_on = Some(monotonic());
        state.window = window();
        Ok(())
    }
}

/// Says that a thread of the terminal broke when it ends by a panic.
struct Whole(SyncSender<Heard>);

impl Drop for Whole {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.0.send(Heard::Broken);
        }
    }
}

fn spawn(
    name: &str,
    send: SyncSender<Heard>,
    work: impl FnOnce(&SyncSender<Heard>) + Send + 'static,
) -> io::Result<()> {
    let whole = Whole(send.clone());
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _whole = whole;
        work(&send);
    })?;
    Ok(())
}

fn read_answers(answers: Receiver<(u64, Answer)>, send: &SyncSender<Heard>) {
    failpoint::reach("answers", "start");
    for (number, answer) in answers {
        failpoint::reach("answers", "answer");
        if send.send(Heard::Event(Event::Answer(number, answer))).is_err() {
            return;
        }
    }
    let _ = send.send(Heard::Event(Event::Silent));
}

/// Gives the terminal back at once when the console panics. What is said is kept until the terminal is given back, also
/// from other threads, whose place in the program may have caught it.
fn watch_panics() {
    let console = thread::current().id();
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !OPEN.load(Ordering::SeqCst) {
            print(panic);
            return;
        }
        if let Ok(mut broken) = BROKEN.lock() {
            // It may quote text of a source.
            broken.get_or_insert_with(|| crate::text::screen_lines(&panic.to_string()));
        }
        if thread::current().id() == console {
            line::give_back();
        }
    }));
}

/// Ends the program on the signals that ask for it, and tells of the window's size, of stops and of their end.
fn watch_signals(send: SyncSender<Heard>, may_stop: bool) -> io::Result<Receiver<()>> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
    let mut heeded = vec![SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH, SIGCONT];
    if may_stop {
        heeded.push(SIGTSTP);
    }
    let mut signals = signal_hook::iterator::Signals::new(heeded)?;
    let (goes_on, continued) = mpsc::channel();
    spawn("signals", send, move |send| {
        failpoint::reach("signals", "start");
        for signal in signals.forever() {
            let heard = match signal {
                SIGWINCH => {
                    failpoint::reach("signals", "window");
                    let (columns, rows) = window();
                    Heard::Event(Event::Resize(columns, rows))
                }
                SIGTSTP => Heard::Stop,
                SIGCONT => {
                    failpoint::reach("signals", "continued");
                    // After a stop of its own the loop waits for this word; after one by others it hears of it.
                    if goes_on.send(()).is_err() {
                        return;
                    }
                    if !line::is_taken() {
                        continue;
                    }
                    Heard::Continued
                }
                signal => end(128 + signal),
            };
            // The loop may be held up by a terminal that takes no bytes; a signal to end must be heard even then.
            if let Err(mpsc::TrySendError::Disconnected(_)) = send.try_send(heard) {
                return;
            }
        }
    })?;
    Ok(continued)
}

/// Gives the terminal back and ends the program, within a second also when the terminal takes no more bytes.
fn end(code: i32) -> ! {
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(1));
        std::process::exit(code);
    });
    line::give_back_for_good();
    std::process::exit(code)
}
