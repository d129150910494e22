//! Where secrets come from, how places are guarded, and that no message ever holds one.

use super::certificates::file;
use secrecy::ExposeSecret;
use servicebook::source::http::{Place, SecretError};
use std::path::Path;
use tempfile::TempDir;

const CANARY: &str = "canary-51d0";

fn book() -> TempDir {
    tempfile::Builder::new().prefix("servicebook-secrets-").tempdir().unwrap()
}

/// An environment of the test's own; commands find their programs through it.
fn environment(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    let mut pairs: Vec<(String, String)> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    pairs.push(("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()));
    move |name| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
}

fn resolve(place: &str, book: &Path, pairs: &[(&str, &str)]) -> Result<String, SecretError> {
    let found = Place::parse(place).unwrap().resolve(book, &environment(pairs))?;
    assert!(!format!("{found:?}").contains(found.expose_secret()));
    Ok(found.expose_secret().to_owned())
}

fn refusal(place: &str, book: &Path, pairs: &[(&str, &str)], words: &str) {
    let error = resolve(place, book, pairs).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("secret `") && text.contains(words) && text.contains("\nhint: "), "{place}: {text}");
    assert!(!format!("{text}{error:?}").contains(CANARY), "{text}");
}

#[test]
fn a_secret_itself_is_refused_without_repeating_it() {
    for text in [
        CANARY,
        "",
        "https://canary-51d0",
        "token:canary-51d0",
        "env:canary-51d0",
        "env:",
        "file:",
        "command: ",
        "credential:",
        "credential:../canary-51d0",
        "ENV:canary-51d0",
        "env:7canary_51d0",
    ] {
        let error = Place::parse(text).unwrap_err();
        assert!(!error.contains("canary"), "{error}");
        for way in ["env:NAME", "file:PATH", "command:PROGRAM", "credential:NAME"] {
            assert!(error.contains(way), "{error}");
        }
    }
}

#[test]
fn from_the_environment() {
    let book = book();
    assert_eq!(resolve("env:DESK_TOKEN", book.path(), &[("DESK_TOKEN", CANARY)]).unwrap(), CANARY);
    refusal("env:DESK_TOKEN", book.path(), &[("OTHER", CANARY)], "is not set");
    refusal("env:DESK_TOKEN", book.path(), &[("DESK_TOKEN", " ")], "is empty");
    refusal("env:DESK_TOKEN", book.path(), &[("DESK_TOKEN", "canary-51d0\ncanary-51d0")], "more than one line");
}

#[test]
fn from_a_file_that_only_its_owner_reads() {
    let book = book();
    for mode in [0o600, 0o400] {
        file(book.path(), "token", &format!("{CANARY}\n"), mode);
        assert_eq!(resolve("file:token", book.path(), &[]).unwrap(), CANARY);
        std::fs::remove_file(book.path().join("token")).unwrap();
    }
    for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
        file(book.path(), "open", CANARY, mode);
        refusal("file:open", book.path(), &[], "can be read by others");
    }
    refusal("file:gone", book.path(), &[], "cannot be read");
    refusal("file:.", book.path(), &[], "is no file");
    for (text, words) in
        [("", "is empty"), ("canary-51d0\nuser: me\n", "more than one line"), ("canary-51d0\u{7}", "control")]
    {
        file(book.path(), "odd", text, 0o600);
        refusal("file:odd", book.path(), &[], words);
    }
    std::fs::write(book.path().join("odd"), [0xff, 0xfe]).unwrap();
    refusal("file:odd", book.path(), &[], "is no text");
    std::fs::write(book.path().join("odd"), vec![b'x'; 100_000]).unwrap();
    refusal("file:odd", book.path(), &[], "longer than any secret");
}

#[test]
fn from_a_command_without_a_shell() {
    let book = book();
    // Scripts are read by a shell that is named: a file that was just written cannot be started while another test
    // starts a program.
    file(book.path(), "pass.sh", &format!("echo {CANARY}\necho second line\n"), 0o600);
    assert_eq!(resolve("command:sh pass.sh", book.path(), &[]).unwrap(), CANARY);
    std::os::unix::fs::symlink("/bin/echo", book.path().join("say")).unwrap();
    assert_eq!(resolve("command:./say canary-51d0", book.path(), &[]).unwrap(), CANARY);
    assert_eq!(resolve("command:echo canary-51d0 ; $HOME", book.path(), &[]).unwrap(), "canary-51d0 ; $HOME");
    refusal("command:no-such-program-here", book.path(), &[], "cannot be started");
    refusal("command:true", book.path(), &[], "is empty");
    file(
        book.path(),
        "fails.sh",
        &format!("echo {CANARY}\necho 'no key {CANARY}' >&2\necho more >&2\nexit 3\n"),
        0o600,
    );
    refusal("command:sh fails.sh canary-51d0", book.path(), &[], "ended with code 3: no key ***");
}

#[test]
fn a_command_sees_no_secret_of_others_and_gets_no_answer() {
    let book = book();
    file(book.path(), "ask.sh", "read answer\necho \"got:$answer:$OTHER_TOKEN:$HOME\"\n", 0o600);
    let pairs = [("OTHER_TOKEN", CANARY), ("HOME", "/home/me")];
    assert_eq!(resolve("command:sh ask.sh", book.path(), &pairs).unwrap(), "got:::/home/me");

    // Nor what this very process was started with; the shell adds some of its own.
    file(book.path(), "names.sh", "echo $(env | cut -d= -f1)\n", 0o600);
    let names = resolve("command:sh names.sh", book.path(), &pairs).unwrap();
    let fine = ["PATH", "HOME", "PWD", "OLDPWD", "SHLVL", "_"];
    assert!(names.split(' ').all(|name| fine.contains(&name)), "{names}");
    assert!(std::env::vars().any(|(name, _)| !fine.contains(&name.as_str())), "else this shows nothing");
}

#[test]
fn from_the_service_manager() {
    let book = book();
    let given = TempDir::new().unwrap();
    file(given.path(), "desk", CANARY, 0o440);
    let folder = given.path().to_str().unwrap();
    assert_eq!(resolve("credential:desk", book.path(), &[("CREDENTIALS_DIRECTORY", folder)]).unwrap(), CANARY);
    refusal("credential:desk", book.path(), &[], "gives no credentials");
    refusal("credential:other", book.path(), &[("CREDENTIALS_DIRECTORY", folder)], "cannot be read");
}

#[test]
fn places_are_shown_without_arguments() {
    let place = Place::parse("command:pass show canary-51d0").unwrap();
    assert_eq!(format!("{place} {place:?}"), "secret `command:pass` secret `command:pass`");
}
