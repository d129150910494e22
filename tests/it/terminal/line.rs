//! A line to the real program: a pseudo-terminal in which it runs on the demo book, keys pressed, the screen that a
//! terminal would show.
//!
//! Every byte goes through the strict model. Must not know which screens there are.

use super::grid::Grid;
use super::model::Model;
use super::tour::{HOME, Stop};
use crate::program::Desk;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);
/// A screen on which nothing has changed for so long is taken for settled.
const QUIET: Duration = Duration::from_millis(50);

/// What came from the program so far.
pub struct Seen {
    pub model: Model,
    screen: vt100::Parser,
    last: Instant,
}

/// How the program is started.
pub struct Start<'a> {
    /// What a shell runs, with `$0` as the program.
    pub shell: &'a str,
    pub variables: &'a [(&'a str, &'a str)],
    /// Columns and rows.
    pub size: (u16, u16),
}

impl Default for Start<'_> {
    fn default() -> Self {
        Self { shell: "exec \"$0\"", variables: &[], size: (80, 24) }
    }
}

pub struct Line {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Option<Box<dyn MasterPty + Send>>,
    pub writer: Option<Box<dyn Write + Send>>,
    pub seen: Arc<Mutex<Seen>>,
    /// Whether the reader lets go of the line at the next byte.
    pub cut: Arc<AtomicBool>,
    /// Whether others write between the program's bytes, because it was killed.
    pub violent: bool,
}

/// A desk whose cache holds the demo book with its rows pulled, so that each start is a warm one.
pub fn demo() -> &'static Desk {
    static DESK: OnceLock<Desk> = OnceLock::new();
    DESK.get_or_init(|| {
        let desk = Desk::new();
        desk.run(&["check"]).ends(0);
        desk
    })
}

/// The processes that a process started.
pub fn children(of: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if stat(pid).is_some_and(|fields| fields[1] == of.to_string()) {
            found.push(pid);
        }
    }
    found
}

/// The fields of a process behind its name: state first, then its parent.
pub fn stat(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(Into::into).collect())
}

/// Time that a process has computed, in hundredths of a second.
pub fn computed(pid: u32) -> Option<u64> {
    let fields = stat(pid)?;
    Some(fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap())
}

pub fn signal(pid: u32, name: &str) {
    std::process::Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap();
}

fn parser((columns, rows): (u16, u16)) -> vt100::Parser {
    vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap(), 0)
}

impl Line {
    /// Starts the program; nothing is awaited.
    pub fn start(start: &Start<'_>) -> Self {
        let (cols, rows) = start.size;
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new("/bin/bash");
        command.args(["--norc", "--noprofile", "-c", start.shell, env!("CARGO_BIN_EXE_servicebook")]);
        command.env_clear();
        command.env("PATH", "/usr/bin:/bin");
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("XDG_CACHE_HOME", demo().cache());
        command.cwd(demo().path());
        for (name, value) in start.variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let seen =
            Arc::new(Mutex::new(Seen { model: Model::default(), screen: parser(start.size), last: Instant::now() }));
        let cut = Arc::new(AtomicBool::new(false));
        let (seeing, cutting) = (Arc::clone(&seen), Arc::clone(&cut));
        std::thread::spawn(move || {
            let mut bytes = vec![0; 65_536];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                let mut seen = seeing.lock().unwrap();
                seen.model.take(&bytes[..read]);
                seen.screen.process(&bytes[..read]);
                seen.last = Instant::now();
                drop(seen);
                if cutting.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { child, master: Some(pair.master), writer: Some(writer), seen, cut, violent: false }
    }

    /// Opens the console and waits for Home.
    pub fn open(size: (u16, u16)) -> Self {
        let line = Self::start(&Start { size, ..Start::default() });
        line.wait_shown(HOME);
        line
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Everything that was written, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.seen().model.bytes()).into_owned()
    }

    /// How many bytes were written.
    pub fn written(&self) -> usize {
        self.seen().model.bytes().len()
    }

    /// The screen as a terminal shows it.
    pub fn shown(&self) -> String {
        self.seen().screen.screen().contents()
    }

    pub fn grid(&self) -> Grid {
        Grid::of(self.seen().screen.screen())
    }

    /// Waits until a text was written, on whatever screen.
    #[track_caller]
    pub fn wait_for(&self, wanted: &str) {
        self.wait_until(wanted, || self.text().contains(wanted));
    }

    /// Waits until the screen holds a text, and then until it is settled.
    #[track_caller]
    pub fn wait_shown(&self, wanted: &str) {
        self.wait_until(wanted, || self.shown().contains(wanted));
        self.settle();
    }

    /// Waits until nothing changes any more.
    #[track_caller]
    pub fn settle(&self) {
        self.wait_until("a settled screen", || {
            let seen = self.seen();
            seen.model.is_between_frames() && seen.last.elapsed() > QUIET
        });
    }

    #[track_caller]
    pub fn wait_until(&self, wanted: &str, mut holds: impl FnMut() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < PATIENCE, "no {wanted:?} in\n{}\n{:?}", self.shown(), self.tail());
            let fault = self.seen().model.fault().map(str::to_owned);
            assert!(fault.is_none() || self.violent, "{}", fault.unwrap_or_default());
            std::thread::sleep(Duration::from_millis(4));
        }
    }

    fn tail(&self) -> String {
        let text = self.text();
        text.chars().skip(text.chars().count().saturating_sub(400)).collect()
    }

    pub fn press(&mut self, keys: &str) {
        self.press_bytes(keys.as_bytes());
    }

    pub fn press_bytes(&mut self, keys: &[u8]) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys).unwrap();
        writer.flush().unwrap();
    }

    /// Presses the keys of a stop one after the other, each on a settled screen, and waits for what it says. Returns the
    /// bytes that each key cost.
    #[track_caller]
    pub fn go(&mut self, stop: &Stop) -> Vec<usize> {
        let mut costs = Vec::new();
        for (at, key) in stop.keys.iter().enumerate() {
            let before = self.written();
            self.press(key);
            // What is wanted may stand there already: the answer to the key is awaited, but some keys have none.
            let pressed = Instant::now();
            while self.written() == before && pressed.elapsed() < Duration::from_millis(400) {
                std::thread::sleep(Duration::from_millis(2));
            }
            if at + 1 == stop.keys.len() {
                self.wait_shown(stop.wanted);
            } else {
                self.settle();
            }
            costs.push(self.written() - before);
        }
        costs
    }

    pub fn resize(&self, (cols, rows): (u16, u16)) {
        let mut seen = self.seen();
        seen.screen.screen_mut().set_size(NonZero::new(rows).unwrap(), NonZero::new(cols).unwrap());
        self.master.as_ref().unwrap().resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// The modes of the line: echo, raw and so on.
    pub fn modes(&self) -> String {
        format!("{:?}", self.master.as_ref().unwrap().get_termios().unwrap())
    }

    /// What was started, its child, the child of that, and so on; the console is the last.
    pub fn chain(&self) -> Vec<u32> {
        let mut chain = vec![self.child.process_id().unwrap()];
        while let Some(child) = children(chain[chain.len() - 1]).first() {
            chain.push(*child);
        }
        chain
    }

    /// Whether the terminal shows its second screen.
    pub fn seen_alternate(&self) -> bool {
        self.seen().screen.screen().alternate_screen()
    }

    /// Leaves by the key that always does.
    #[track_caller]
    pub fn leave(mut self) {
        self.press("\u{3}\u{3}");
        assert_eq!(self.ends_within(Duration::from_secs(5)), 0);
        self.is_given_back();
    }

    /// Asserts that the terminal is as it was.
    #[track_caller]
    pub fn is_given_back(&self) {
        self.wait_until("the terminal back", || {
            let seen = self.seen();
            let screen = seen.screen.screen();
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
        self.wait_until("a sound end", || self.seen().model.is_at_rest());
    }

    /// Waits for the end of what was started and returns its exit code.
    #[track_caller]
    pub fn ends_within(&mut self, limit: Duration) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            if start.elapsed() > limit {
                let shown = self.shown();
                let _ = self.child.kill();
                panic!("still there after {limit:?}:\n{shown}");
            }
            std::thread::sleep(Duration::from_millis(4));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.child.kill();
            return;
        }
        let seen = self.seen();
        assert!(seen.model.fault().is_none() || self.violent, "{}", seen.model.fault().unwrap_or_default());
    }
}
