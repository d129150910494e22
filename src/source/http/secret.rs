//! Where a secret comes from: the environment, a file, a command or the service manager. Never from config itself.
//!
//! Knows the four places and how each is guarded. Must not know what the secret opens. No message holds a secret, nor a
//! text that may be one by mistake.

use super::said;
use rustix::process::geteuid;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longest secret, in bytes; keys and certificates in one line are shorter.
const LONGEST: u64 = 64 << 10;
/// How long a command may take; people may have to touch a key for it.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
/// What a command inherits: enough to find keys and agents, and no secret of other sources.
const INHERITED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "TERM",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "GNUPGHOME",
    "GPG_TTY",
    "PASSWORD_STORE_DIR",
    "VAULT_ADDR",
];
/// The ways to write a place.
const WAYS: &str =
    "write where the secret is: `env:NAME`, `file:PATH`, `command:PROGRAM ARGUMENT` or `credential:NAME`";

/// Where a secret comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A variable of the environment.
    Environment(String),
    /// A file with one line that only its owner may read; relative to the book.
    File(PathBuf),
    /// The first line that a program prints, with its arguments; no shell reads them.
    Command(String, Vec<String>),
    /// A credential of the service manager, a file in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {message}\nhint: {hint}")]
pub struct SecretError {
    /// Where it should come from.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Place {
    /// Reads a place as config has it. An error tells the ways to write one and never repeats the text, which may be
    /// the secret itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((way, rest)) = text.trim().split_once(':') else {
            return Err(format!("a secret itself may not stand here\nhint: {WAYS}"));
        };
        let rest = rest.trim();
        match way {
            "env" if is_variable(rest) => Ok(Self::Environment(rest.to_owned())),
            "env" => Err(format!("`env:` is not followed by the name of a variable\nhint: {WAYS}")),
            "file" if !rest.is_empty() => Ok(Self::File(PathBuf::from(rest))),
            "file" => Err(format!("`file:` is not followed by a path\nhint: {WAYS}")),
            "command" => {
                let mut words = rest.split_whitespace().map(str::to_owned);
                match words.next() {
                    Some(program) => Ok(Self::Command(program, words.collect())),
                    None => Err(format!("`command:` is not followed by a program\nhint: {WAYS}")),
                }
            }
            "credential" if is_credential(rest) => Ok(Self::Credential(rest.to_owned())),
            "credential" => Err(format!("`credential:` is not followed by the name of a credential\nhint: {WAYS}")),
            _ => Err(format!("a secret itself may not stand here\nhint: {WAYS}")),
        }
    }

    /// Fetches the secret. `book` is the folder that paths are relative to; `environment` looks up a variable.
    pub fn resolve(
        &self,
        book: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<SecretString, SecretError> {
        match self {
            Self::Environment(name) => match environment(name) {
                Some(value) => self.one_line(&Zeroizing::new(value.into_bytes())),
                None => Err(self.error("the variable is not set", format!("set {name} where servicebook is started"))),
            },
            Self::File(path) => {
                let bytes = self.read(&book.join(path), Guarded::ByOwner)?;
                self.one_line(&bytes)
            }
            Self::Credential(name) => match environment("CREDENTIALS_DIRECTORY") {
                Some(folder) => {
                    let bytes = self.read(&Path::new(&folder).join(name), Guarded::ByServiceManager)?;
                    self.one_line(&bytes)
                }
                None => Err(self.error(
                    "the service manager gives no credentials",
                    "start servicebook from a unit with `LoadCredential=`, or use another place".to_owned(),
                )),
            },
            Self::Command(program, arguments) => self.run(program, arguments, book, environment),
        }
    }

    fn error(&self, message: impl Into<String>, hint: impl Into<String>) -> SecretError {
        SecretError { place: self.to_string(), message: message.into(), hint: hint.into() }
    }

    /// Reads a file that holds a secret, refusing it when others can read it too.
    fn read(&self, path: &Path, guarded: Guarded) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let unreadable = |error: &std::io::Error| {
            self.error(format!("cannot be read: {}", said::short(&error.to_string())), "check the path and its rights")
        };
        // Asked before it is opened: opening a pipe would wait for its other end.
        let about = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
        if !about.is_file() {
            return Err(self.error("is no file", "name a file with the secret in one line"));
        }
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        if matches!(guarded, Guarded::ByOwner) {
            let about = file.metadata().map_err(|error| unreadable(&error))?;
            if let Some(message) = open_to_others(&about) {
                let hint = format!("chmod 600 {}, and make its user the owner", said::short(&path.to_string_lossy()));
                return Err(self.error(message, hint));
            }
        }
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        Ok(bytes)
    }

    /// Takes the secret out of what a place holds: one line of text.
    fn one_line(&self, bytes: &Zeroizing<Vec<u8>>) -> Result<SecretString, SecretError> {
        if bytes.len() as u64 > LONGEST {
            return Err(self.error("is longer than any secret", "name the place of the secret itself"));
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(self.error("is no text", "a secret is one line of text in UTF-8"));
        };
        let line = text.trim_end_matches(['\n', '\r']);
        if line.trim().is_empty() {
            return Err(self.error("is empty", "put the secret there, in one line"));
        }
        if line.chars().any(char::is_control) {
            return Err(self.error(
                "has more than one line, or control characters",
                "a secret is one line of text, with nothing else beside it",
            ));
        }
        Ok(SecretString::from(line))
    }

    /// Runs a command and takes the first line that it prints.
    fn run(
        &self,
        program: &str,
        arguments: &[String],
        book: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<SecretString, SecretError> {
        // A program named by a path is the book's; one without is looked up in PATH.
        let path = if program.contains('/') { book.join(program) } else { PathBuf::from(program) };
        let mut command = Command::new(path);
        command.args(arguments).current_dir(book).env_clear();
        command.envs(INHERITED.iter().filter_map(|name| environment(name).map(|value| (*name, value))));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| {
            self.error(
                format!("cannot be started: {}", said::short(&error.to_string())),
                "name a program in PATH, or a path relative to the book; no shell reads the line",
            )
        })?;
        let printed = first_line(child.stdout.take());
        let complained = first_line(child.stderr.take());
        let line = printed.recv_timeout(COMMAND_LIMIT);
        let Ok(line) = line else {
            end(&mut child);
            return Err(self.error(
                format!("printed no line within {} s", COMMAND_LIMIT.as_secs()),
                "run it by hand; it may ask for something that nobody sees here",
            ));
        };
        let status = wait(&mut child);
        if !status.is_some_and(|status| status.success()) {
            let complaint = complained.recv_timeout(Duration::from_millis(200)).unwrap_or_default();
            let mut complaint = String::from_utf8_lossy(&complaint).into_owned();
            // What it would have printed may stand in its complaint too.
            if let Ok(text) = std::str::from_utf8(&line)
                && !text.trim().is_empty()
            {
                complaint = complaint.replace(text.trim(), "***");
            }
            let how = status.map_or("did not end".to_owned(), |status| match status.code() {
                Some(code) => format!("ended with code {code}"),
                None => "was ended by a signal".to_owned(),
            });
            let colon = if complaint.trim().is_empty() { "" } else { ": " };
            return Err(self.error(
                format!("{how}{colon}{}", said::short(&complaint)),
                "run it by hand; it must print the secret in its first line and end with code 0",
            ));
        }
        self.one_line(&line)
    }
}

/// Who keeps others from reading a file.
#[derive(Clone, Copy)]
enum Guarded {
    ByOwner,
    ByServiceManager,
}

/// Says why a file is no place for a secret: group or others may read or change it, or it belongs to somebody else.
pub(super) fn open_to_others(about: &std::fs::Metadata) -> Option<String> {
    if about.mode() & 0o077 != 0 {
        return Some(format!("can be read by others (its mode is {:04o})", about.mode() & 0o7777));
    }
    let own = geteuid().as_raw();
    (about.uid() != own && about.uid() != 0).then(|| format!("belongs to user {}, not to {own}", about.uid()))
}

/// Reads the first line of a stream in a thread of its own; what is behind it is read and dropped, so that the program
/// does not die of a closed pipe.
fn first_line(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Zeroizing<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stream) = stream {
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Zeroizing::new(Vec::new());
            // What cannot be read is an empty line, which is refused.
            let _ = reader.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line);
            let _ = sender.send(line);
            let _ = std::io::copy(&mut reader, &mut std::io::sink());
        });
    }
    receiver
}

/// Waits for a program that has printed its line; one that does not end soon is ended.
fn wait(child: &mut Child) -> Option<std::process::ExitStatus> {
    let step = Duration::from_millis(10);
    for _ in 0..500 {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => std::thread::sleep(step),
            Err(_) => break,
        }
    }
    end(child);
    None
}

fn end(child: &mut Child) {
    // It may have ended by itself; either way it is gone afterwards.
    let _ = child.kill();
    let _ = child.wait();
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_credential(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && name != "." && name != ".."
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "secret `env:{name}`"),
            Self::File(path) => write!(f, "secret `file:{}`", said::short(&path.to_string_lossy())),
            // Arguments are not repeated: people put secrets there although they should not.
            Self::Command(program, _) => write!(f, "secret `command:{}`", said::short(program)),
            Self::Credential(name) => write!(f, "secret `credential:{}`", said::short(name)),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
