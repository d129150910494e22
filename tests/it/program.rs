//! Runs the program as a user would: its own process, its own folder, its own cache.
//!
//! Knows the command line and streams. Must not know figures.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The repository's folder, for reading only.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A temporary folder with room for a cache and for books, in which the program runs.
pub struct Desk {
    folder: TempDir,
}

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: Vec<u8>,
    pub talk: String,
}

impl Desk {
    pub fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("servicebook-it-").tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn cache(&self) -> PathBuf {
        self.path().join("cache")
    }

    /// Copies a book of the repository to here, under the same name.
    pub fn copy_book(&self, from: &str) -> PathBuf {
        let from = repository().join(from);
        let to = self.path().join(from.file_name().unwrap());
        copy_folder(&from, &to);
        to
    }

    /// Writes files below a folder of this desk and returns the folder.
    pub fn book(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root = self.path().join(name);
        for (path, text) in files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    /// The program with arguments, in an environment that holds nothing of the developer's.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_servicebook"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("XDG_CACHE_HOME", self.cache())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    /// Runs the program on a book.
    pub fn on(&self, book: &Path, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).arg("--book").arg(book))
    }
}

impl Run {
    pub fn of(command: &mut Command) -> Self {
        let shown: Vec<String> = command.get_args().map(OsStr::to_string_lossy).map(Into::into).collect();
        let output = command.output().unwrap();
        let run = Self {
            code: output.status.code(),
            out: output.stdout,
            talk: String::from_utf8(output.stderr).expect("talk is UTF-8"),
        };
        assert!(
            run.code.is_some() && run.code != Some(101) && !run.talk.contains("panicked"),
            "`servicebook {}` panicked or was killed:\n{}",
            shown.join(" "),
            run.talk
        );
        run
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "standard error:\n{}", self.talk);
        self
    }

    /// Asserts that standard error says all of this.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.talk.contains(part), "standard error does not say `{part}`:\n{}", self.talk);
        }
        self
    }

    /// Asserts that nothing was answered.
    #[track_caller]
    pub fn answers_nothing(self) -> Self {
        assert!(self.out.is_empty(), "standard output is not empty:\n{}", self.text());
        self
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.out).expect("answers are UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out)
            .unwrap_or_else(|error| panic!("no JSON ({error}); exit {:?}, standard error:\n{}", self.code, self.talk))
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            // Rows that a developer pulled by hand are not part of the book.
            if name != "store" {
                copy_folder(&path, &to.join(name));
            }
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
