//! What a mood is: what a server does, what must come of it, and how a pull of it is judged.

use super::desk::{Act, Ask, Desk, Style, TICKETS, holds_secret};
use crate::http::server::Connection;
use servicebook::model::Completeness;
use std::time::{Duration, Instant};

/// Longest that a pull may take, whatever the server does.
const LIMIT: Duration = Duration::from_secs(20);

/// What must come of a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing; the rows of the pull before stay byte for byte.
    Refused,
    /// The rows as they are, complete.
    Whole,
    /// Rows, and the words why they are not all.
    Incomplete,
    /// Rows, complete, and a finding of this kind.
    Found(&'static str),
}

/// One way to misbehave.
pub struct Mood {
    pub name: &'static str,
    pub style: Style,
    pub act: Act,
    pub outcome: Outcome,
    pub words: &'static [&'static str],
    /// An address in place of the server's.
    pub url: Option<fn(u16) -> String>,
    /// Whether good answers say what time it is.
    pub date: bool,
}

pub fn mood(
    name: &'static str,
    style: Style,
    outcome: Outcome,
    words: &'static [&'static str],
    act: impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static,
) -> Mood {
    Mood { name, style, act: Box::new(act), outcome, words, url: None, date: true }
}

/// Every page of the mood is good but one and those behind it.
pub fn from(
    page: isize,
    act: impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static,
) -> impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static {
    move |ask, connection| if ask.page >= page { act(ask, connection) } else { ask.well(connection) }
}

/// Every page of the mood is good but one.
pub fn at(
    page: isize,
    act: impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static,
) -> impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static {
    move |ask, connection| if ask.page == page { act(ask, connection) } else { ask.well(connection) }
}

/// A status with headers and a body.
pub fn status(
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static {
    move |ask, connection| ask.with(connection, status, headers, body.as_bytes())
}

/// A body in place of the good one.
pub fn body(bytes: impl Into<Vec<u8>>) -> impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static {
    let bytes = bytes.into();
    move |ask, connection| ask.with(connection, 200, &[], &bytes)
}

/// Good bodies with one text in the place of another.
pub fn edit(one: &'static str, other: impl Into<String>) -> impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static {
    let other = other.into();
    move |ask, connection| ask.with(connection, 200, &[], ask.good.replace(one, &other).as_bytes())
}

/// Bytes in place of a whole answer, and the end of the connection.
pub fn raw(bytes: impl Into<Vec<u8>>) -> impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static {
    let bytes = bytes.into();
    move |_, connection| {
        connection.write(&bytes);
        connection.close();
    }
}

/// Runs a mood and returns what is wrong with what came of it.
pub fn judged(mood: Mood) -> Vec<String> {
    let Mood { name, style, act, outcome, words, url, date } = mood;
    let mut wrong: Vec<String> = Vec::new();
    let desk = Desk::new(style, "env:DESK_TOKEN", act);
    if let Err(error) = desk.first() {
        return vec![format!("{name}: the first pull fails: {error}")];
    }
    let (store, tickets) = (desk.store(), desk.tickets());
    if tickets.len() != TICKETS {
        return vec![format!("{name}: the first pull brings {} tickets", tickets.len())];
    }
    desk.turn(date);
    let begun = Instant::now();
    let came = desk.second(url.map(|url| url(desk.server.port())));
    let took = begun.elapsed();
    if took > LIMIT {
        wrong.push(format!("takes {took:?}"));
    }
    let said = |text: &str| -> Vec<String> {
        let secret = holds_secret(text.as_bytes()).then(|| "the secret is in what is said".to_owned());
        let lacks = words.iter().filter(|word| !text.contains(**word));
        secret.into_iter().chain(lacks.map(|word| format!("`{word}` is not in: {text}"))).collect()
    };
    match (&came, outcome) {
        (Err(text), Outcome::Refused) => {
            wrong.extend(said(text));
            // Source, request and remedy; what is wrong with a setting has its remedy beside it.
            let requests = ["/tickets", "[request.tickets]", "/me", "/login", "/sign-in", "the setting `url`"];
            let named = requests.iter().any(|request| text.contains(request));
            let remedy = text.contains("\nhint: ") || text.contains("the setting `url`");
            if !named || !remedy || !text.contains("source `desk`") {
                wrong.push(format!("source, request or remedy is not in: {text}"));
            }
            if desk.store() != store {
                wrong.push("the store is not as it was".into());
            }
        }
        (Err(text), _) => wrong.push(format!("is refused: {text}")),
        (Ok(pulled), _) => {
            let receipt = &pulled.receipt;
            if !receipt.conserves() {
                wrong.push(format!("does not conserve: {receipt:?}"));
            }
            let found: Vec<&str> = pulled.findings.iter().map(|finding| finding.kind.as_str()).collect();
            let texts: Vec<&str> = pulled.findings.iter().map(|finding| finding.text.as_str()).collect();
            if holds_secret(format!("{receipt:?}{:?}", pulled.findings).as_bytes()) {
                wrong.push("the secret is in receipt or findings".into());
            }
            match (outcome, &receipt.completeness) {
                (Outcome::Whole, Completeness::Complete { .. }) => {
                    if !found.is_empty() || !pulled.quarantine.is_empty() || desk.tickets() != tickets {
                        wrong.push(format!("is not whole: {found:?} {:?} {:?}", pulled.quarantine, desk.tickets()));
                    }
                }
                (Outcome::Found(kind), Completeness::Complete { .. }) if found.contains(&kind) => {
                    wrong.extend(said(&texts.join("\n")));
                }
                (Outcome::Incomplete, Completeness::Incomplete { reason }) => {
                    wrong.extend(said(&format!("{reason}\n{}", texts.join("\n"))));
                }
                (_, completeness) => wrong.push(format!("is {completeness:?} with {found:?} {:?}", pulled.quarantine)),
            }
            let now = desk.tickets();
            if !tickets.keys().all(|key| now.contains_key(key)) {
                wrong.push(format!("loses tickets: {:?}", now.keys()));
            }
        }
    }
    for file in desk.canaries() {
        wrong.push(format!("the secret is in {}", file.strip_prefix(desk.root()).unwrap().display()));
    }
    // Whatever it was: the next pull that goes well has all of it.
    desk.heal();
    match desk.third() {
        Ok(pulled) if matches!(pulled.receipt.completeness, Completeness::Complete { .. }) => {
            let now = desk.tickets();
            let same = tickets.iter().all(|(key, row)| now.get(key) == Some(row));
            if !same || desk.is_unfinished() || !pulled.receipt.conserves() {
                wrong.push(format!("is not healed: {now:?}"));
            }
        }
        Ok(pulled) => wrong.push(format!("heals to {:?}", pulled.receipt.completeness)),
        Err(error) => wrong.push(format!("does not heal: {error}")),
    }
    wrong.into_iter().map(|text| format!("{name}: {text}")).collect()
}

/// Runs moods, several at a time: most of them wait.
#[track_caller]
pub fn all_hold(moods: Vec<Mood>) {
    let count = moods.len();
    let queue = std::sync::Mutex::new(moods.into_iter());
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(mood) = next else { return };
                    let found = judged(mood);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} things wrong with {count} moods:\n\n{}", wrong.len(), wrong.join("\n\n"));
}
