//! The console in a pseudo-terminal, the real program on the demo book: every screen reached, the terminal taken over
//! and given back, and the process ended when the line is gone.

use crate::program::Desk;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

struct Line {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    output: Arc<Mutex<Vec<u8>>>,
    /// Whether the reader lets go of the line at the next byte.
    cut: Arc<AtomicBool>,
}

/// A desk whose cache holds the demo book with its rows pulled, so that each start is a warm one.
fn demo() -> &'static Desk {
    static DESK: OnceLock<Desk> = OnceLock::new();
    DESK.get_or_init(|| {
        let desk = Desk::new();
        desk.run(&["check"]).ends(0);
        desk
    })
}

/// Starts the console; `shell` is what a shell runs around it, with `$0` as the program.
fn line(shell: &str, variables: &[(&str, &str)]) -> Line {
    sized_line(shell, variables, (80, 24))
}

fn sized_line(shell: &str, variables: &[(&str, &str)], (cols, rows): (u16, u16)) -> Line {
    let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new("/bin/sh");
    command.arg("-c");
    command.arg(format!("{shell} \"$0\""));
    command.arg(env!("CARGO_BIN_EXE_servicebook"));
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("XDG_CACHE_HOME", demo().cache());
    command.cwd(demo().path());
    for (name, value) in variables {
        command.env(name, value);
    }
    let child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let output = Arc::new(Mutex::new(Vec::new()));
    let mut reader = pair.master.try_clone_reader().unwrap();
    let seen = Arc::clone(&output);
    let cut = Arc::new(AtomicBool::new(false));
    let cutting = Arc::clone(&cut);
    std::thread::spawn(move || {
        let mut bytes = [0; 4_096];
        while let Ok(read) = reader.read(&mut bytes) {
            if read == 0 {
                break;
            }
            seen.lock().unwrap().extend_from_slice(&bytes[..read]);
            if cutting.load(Ordering::SeqCst) {
                break;
            }
        }
    });
    let writer = pair.master.take_writer().unwrap();
    Line { child, master: Some(pair.master), writer: Some(writer), output, cut }
}

impl Line {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().unwrap()).into_owned()
    }

    fn wait_for(&self, wanted: &str) {
        let start = Instant::now();
        while !self.text().contains(wanted) {
            assert!(start.elapsed() < Duration::from_secs(30), "no {wanted:?} in {:?}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the screen, as a terminal would show it, holds a text.
    #[track_caller]
    fn wait_until_shown(&self, wanted: &str, (columns, rows): (u16, u16)) {
        let start = Instant::now();
        loop {
            let mut screen = vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap(), 0);
            screen.process(&self.output.lock().unwrap());
            let shown = screen.screen().contents();
            if shown.contains(wanted) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "no {wanted:?} at {columns}x{rows} in\n{shown}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn press(&mut self, keys: &str) {
        self.writer.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    fn ends_within(&mut self, limit: Duration) {
        let start = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if start.elapsed() > limit {
                self.child.kill().unwrap();
                panic!("still there after {limit:?}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Keys, and what the screen they lead to says in its crumbs or its head.
const TOUR: &[(&str, &str)] = &[
    ("1", "› Report"),
    ("2", "› SLA"),
    ("3", "› Availability"),
    ("4", "› Capacity"),
    ("5", "› Continuity"),
    ("6", "Row 1 of"),
    ("\r", "Fields"),
    ("\u{1b}", "Row 1 of"),
    ("7", "› Sources"),
    ("0", "Needs attention"),
    ("i", "Why this number"),
    ("\u{1b}", "Needs attention"),
    ("?", "Keys"),
    ("\u{1b}", "Needs attention"),
    ("[", "August 2026"),
    ("]", "September 2026"),
];

#[test]
fn every_screen_is_reached_at_three_sizes() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        let mut line = sized_line("exec", &[], (columns, rows));
        line.wait_for("Payroll");
        for (keys, wanted) in TOUR {
            line.press(keys);
            line.wait_until_shown(wanted, (columns, rows));
        }
        line.press("\u{3}\u{3}");
        line.ends_within(Duration::from_secs(5));
    }
}

const GIVEN_BACK: &str = "\u{1b}[?1049l";

#[test]
fn it_takes_the_terminal_over_and_gives_it_back() {
    let mut line = line("exec", &[]);
    line.wait_for("Payroll");
    line.press("q\r");
    line.ends_within(Duration::from_secs(5));
    let text = line.text();
    assert!(text.contains("\u{1b}[?1049h") && text.contains(GIVEN_BACK) && text.contains("\u{1b}[?25h"));
    assert_eq!(text.matches("\u{1b}[?2026h").count() + 1, text.matches("\u{1b}[?2026l").count());
    assert!(
        !text.contains("\u{1b}[c") && !text.contains("\u{1b}[6n") && !text.contains("\u{1b}]"),
        "no question is put"
    );
}

#[test]
fn an_idle_console_writes_nothing() {
    let mut line = line("exec", &[]);
    line.wait_for("Payroll");
    std::thread::sleep(Duration::from_millis(200));
    let before = line.output.lock().unwrap().len();
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(line.output.lock().unwrap().len(), before);
    line.press("\u{3}\u{3}");
    line.ends_within(Duration::from_secs(5));
}

#[test]
fn signals_give_the_terminal_back() {
    for signal in ["TERM", "HUP", "INT"] {
        let mut line = line("exec", &[]);
        line.wait_for("Payroll");
        let pid = line.child.process_id().unwrap();
        std::process::Command::new("kill").args(["-s", signal, &pid.to_string()]).status().unwrap();
        line.ends_within(Duration::from_secs(2));
        line.wait_for(GIVEN_BACK);
    }
}

#[test]
fn it_ends_when_the_line_is_gone_also_when_hang_ups_are_ignored() {
    for shell in ["exec", "trap '' HUP; exec", "trap '' HUP;"] {
        let mut line = line(shell, &[]);
        line.wait_for("Payroll");
        line.cut.store(true, Ordering::SeqCst);
        line.press("j");
        std::thread::sleep(Duration::from_millis(200));
        line.writer = None;
        line.master = None;
        line.ends_within(Duration::from_secs(2));
    }
}

#[test]
fn without_colour_bold_and_reverse_video_reach_the_terminal() {
    let mut line = line("exec", &[("NO_COLOR", "1")]);
    line.wait_for("Payroll");
    std::thread::sleep(Duration::from_millis(200));
    let (rows, columns) = (NonZero::new(24).unwrap(), NonZero::new(80).unwrap());
    let mut screen = vt100::Parser::new(rows, columns, 0);
    screen.process(&line.output.lock().unwrap());
    let cells = || (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
    let screen = screen.screen();
    assert!(cells().any(|(row, column)| screen.cell(row, column).is_some_and(vt100::Cell::inverse)));
    assert!(cells().any(|(row, column)| screen.cell(row, column).is_some_and(vt100::Cell::bold)));
    let coloured = |cell: &vt100::Cell| cell.fgcolor() != vt100::Color::Default;
    assert!(!cells().any(|(row, column)| screen.cell(row, column).is_some_and(coloured)));
    line.press("\u{3}\u{3}");
    line.ends_within(Duration::from_secs(5));
}
