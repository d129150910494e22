//! The console opened in a pseudo-terminal, with a terminal model that shows what it drew.
//!
//! Knows keys, bytes and cells. Must not know what any screen says.

use crate::program::Desk;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub struct Opened {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    output: Arc<Mutex<Vec<u8>>>,
    size: (u16, u16),
    _line: Box<dyn MasterPty + Send>,
}

impl Opened {
    /// Opens the console at a desk, on a book or on the demo.
    pub fn new(desk: &Desk, book: Option<&Path>, variables: &[(&str, &str)], size: (u16, u16)) -> Self {
        let (cols, rows) = size;
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_servicebook"));
        if let Some(book) = book {
            command.arg("--book");
            command.arg(book);
        }
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("HOME", desk.path());
        command.env("XDG_CACHE_HOME", desk.cache());
        command.cwd(desk.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let output = Arc::new(Mutex::new(Vec::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let seen = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut bytes = [0; 8_192];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                seen.lock().unwrap().extend_from_slice(&bytes[..read]);
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { child, writer, output, size, _line: pair.master }
    }

    pub fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    /// Every byte so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.output.lock().unwrap().clone()
    }

    /// What a terminal shows now.
    pub fn screen(&self) -> vt100::Parser {
        let (columns, rows) = self.size;
        let mut screen = vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap(), 0);
        screen.process(&self.bytes());
        screen
    }

    /// Every cell that it shows now.
    pub fn cells(&self) -> Vec<vt100::Cell> {
        let screen = self.screen();
        let (columns, rows) = self.size;
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        cells.filter_map(|(row, column)| screen.screen().cell(row, column).cloned()).collect()
    }

    /// Waits until a text is shown.
    #[track_caller]
    pub fn until_shown(&self, wanted: &str) -> String {
        let start = Instant::now();
        loop {
            let shown = self.screen().screen().contents();
            if shown.contains(wanted) {
                return shown;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "no {wanted:?} in\n{shown}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Leaves, and returns every byte.
    pub fn leave(mut self) -> Vec<u8> {
        self.press("\u{3}\u{3}");
        let start = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < Duration::from_secs(5), "still there");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.bytes()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
