//! The process that waits for the console: after a death that no code of the console can clean up behind (killed, out of
//! memory, aborted) it gives the terminal back and says why.
//!
//! It reads no keys, draws nothing and computes nothing: it starts the same program once more, hands signals on and passes
//! the exit code through. Where that cannot be done the console runs without it. Preferences tell it whether the window
//! was named. Must not know the book.

use super::{environment, output, preferences};
use crate::tui::terminal::Keepsake;
use signal_hook::consts::{SIGABRT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::mpsc;
use std::time::Duration;

/// Says to the console who waits for it: the number of that process.
const WAITED_FOR: &str = "SERVICEBOOK_WAITED_FOR_BY";
/// How long giving the terminal back may take.
const LONGEST_FAREWELL: Duration = Duration::from_secs(1);
/// The signal that no program hears.
const KILLED: i32 = 9;

/// Opens the console in a process of its own and waits for it. Returns `None` in that process, and where there is no
/// terminal to give back or no second process can be started: the console is then for the caller to open.
pub fn wait_for_console() -> Option<ExitCode> {
    if let Some(parent) = environment::variable(WAITED_FOR) {
        let waits = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().to_string());
        if waits.as_ref() == Some(&parent) {
            end_with_parent();
            return None;
        }
    }
    let before = Keepsake::of_terminal()?;
    let program = environment::program()?;
    let mut command = Command::new(program);
    command.args(environment::arguments()).env(WAITED_FOR, std::process::id().to_string());
    if let Some(name) = environment::name() {
        command.arg0(name);
    }
    // Before the start, so that no signal is lost between.
    let mut heeded = vec![SIGHUP, SIGINT, SIGQUIT, SIGTERM];
    if environment::may_stop() {
        // The console gives the terminal back first, and then stops both.
        heeded.push(SIGTSTP);
    }
    let mut signals = signal_hook::iterator::Signals::new(heeded).ok()?;
    let mut child = command.spawn().ok()?;
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    std::thread::spawn(move || {
        for number in signals.forever() {
            if let (Some(pid), Some(signal)) = (pid, rustix::process::Signal::from_named_raw(number)) {
                let _ = rustix::process::kill_process(pid, signal);
            }
        }
    });
    let ended = child.wait();
    give_back(before);
    Some(match ended {
        Ok(status) => passed_on(status),
        Err(_) => ExitCode::FAILURE,
    })
}

/// Gives the terminal back where the console did not: it was killed, or had no time for it.
fn give_back(before: Keepsake) {
    if !before.is_left_raw() {
        return;
    }
    // The console cannot say any more whether it named the window; it does so wherever that is wished for.
    let titled = preferences::wishes(false).look.title;
    let (done, wait) = mpsc::channel();
    std::thread::spawn(move || {
        before.restore(titled);
        let _ = done.send(());
    });
    // Not for ever: the terminal may take no more bytes.
    let _ = wait.recv_timeout(LONGEST_FAREWELL);
}

fn passed_on(status: ExitStatus) -> ExitCode {
    if let Some(code) = status.code() {
        return ExitCode::from(u8::try_from(code & 0xff).unwrap_or(1));
    }
    let signal = status.signal().unwrap_or(0);
    let why = match signal {
        KILLED => "it was killed; the system does so when memory runs out",
        SIGABRT => "it gave up; memory may have run out",
        _ => "it was ended from outside, or by a fault of its own",
    };
    output::talk(&format!(
        "error: the console is gone: {why} (signal {signal}). Rows and files are whole; start `servicebook` again"
    ));
    ExitCode::from(u8::try_from(128 + signal).unwrap_or(1))
}

/// Ends this process when the one that waits for it is killed: nobody would bring the terminal back to order after both.
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
fn end_with_parent() {
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM));
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
fn end_with_parent() {}
