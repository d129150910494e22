//! Pulls of a desk that changes while it is read: whatever happens between two pages, a pull that says that it is
//! complete is right, and once the desk rests the rows here are the desk's.
//!
//! One seed is one desk, one style of paging and a few pulls. `SERVICEBOOK_SIM_SEEDS` walks more than the usual seeds of each
//! style, `SERVICEBOOK_SIM_SEED` one alone.

mod cut;
mod desk;
mod dice;
mod nonsense;
mod sockets;
mod speech;

use desk::Desk;
use dice::Dice;
use polars::prelude::DataFrame;
use servicebook::config::SourceConfig;
use servicebook::model::{Pulled, Table};
use servicebook::source::http::{Cancel, Transport};
use servicebook::source::{Order, SourceError, published, pull};
use speech::{Asked, Speech, Style};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Seeds of each style in a usual run.
const SEEDS: u64 = 1_250;
/// How late the index may be, as the connectors say.
const SETTLE: i64 = 300;
/// By how much clocks differ without being set right, and a little time for the first page.
const GRACE: i64 = 40;

#[expect(clippy::disallowed_methods, reason = "how long a test walks is no setting of the program")]
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// How a desk is asked.
enum Way<'a> {
    /// Within the process.
    Within(&'a mut dyn Transport),
    /// Over real sockets, at an address.
    Sockets(&'a str),
}

/// The source in `config.toml`, at an address.
fn source(url: &str) -> String {
    format!("id = \"desk\"\nconnector = \"sim\"\nsettings = {{ url = \"{url}\" }}\nhttp = {{ allow_http = true }}\n")
}

/// A book whose one connector is that of a style.
fn book(speech: &Speech) -> tempfile::TempDir {
    let book = tempfile::Builder::new().prefix("servicebook-sim-").tempdir().unwrap();
    std::fs::create_dir(book.path().join("connectors")).unwrap();
    std::fs::write(book.path().join("connectors/sim.toml"), speech.manifest()).unwrap();
    book
}

/// Pulls as a user's command does, with our clock apart from the desk's.
fn pulled(book: &Path, way: Way<'_>, clock: &dyn Fn() -> i64, before: Option<&Pulled>) -> Result<Pulled, SourceError> {
    let at = || chrono::DateTime::from_timestamp(clock(), 0).unwrap();
    let unfinished = book.join("unfinished");
    let (url, mut given) = match way {
        Way::Within(transport) => ("https://desk.example", Some(transport)),
        Way::Sockets(url) => (url, None),
    };
    let source: SourceConfig = toml::from_str(&source(url)).unwrap();
    pull(&mut Order {
        source: &source,
        book,
        unfinished: &unfinished,
        zone: chrono_tz::UTC,
        now: at(),
        clock: &at,
        before,
        period: None,
        full: false,
        environment: &|_| None,
        progress: &mut |_| {},
        cancel: Cancel::default(),
        transport: match &mut given {
            Some(transport) => Some(&mut **transport),
            None => None,
        },
    })
}

/// Titles by key.
fn rows(pulled: &Pulled) -> BTreeMap<u64, String> {
    let nothing = DataFrame::empty();
    let frame = pulled.tables.get(&Table::Tickets).unwrap_or(&nothing);
    if frame.height() == 0 {
        return BTreeMap::new();
    }
    let (keys, titles) =
        (frame.column("source_key").unwrap().str().unwrap(), frame.column("title").unwrap().str().unwrap());
    let rows: Vec<(u64, String)> = keys
        .iter()
        .zip(titles.iter())
        .map(|(key, title)| (key.unwrap().parse().unwrap(), title.unwrap().to_owned()))
        .collect();
    let count = rows.len();
    let rows: BTreeMap<u64, String> = rows.into_iter().collect();
    assert_eq!(rows.len(), count, "rows that are here twice");
    rows
}

/// What became of a seed.
#[derive(Default)]
struct Told {
    complete: u64,
    incomplete: u64,
    failed: BTreeMap<String, u64>,
}

/// Walks one seed; says what is wrong.
fn walk(style: Style, seed: u64, over_sockets: bool) -> Result<Told, String> {
    let mut dice = Dice::new(seed * 8 + style as u64);
    let speech = Arc::new(Speech::new(style, &mut dice));
    let (coarse, delay) = (dice.pick(&[1, 1, 60, 300]), dice.pick(&[0, 0, 60, SETTLE]));
    let tickets = dice.pick(&[0, 1, 2, 3, 5, 8, 12, 20, 40]).min(speech.rows * 8);
    let tickets = if seed.is_multiple_of(250) { 300 } else { tickets };
    let skew = dice.pick(&[0, 0, 10, -10, 3_600, -3_600, 86_400, -86_400]);
    let pulls = dice.between(1, 3);
    let desk = Arc::new(Mutex::new(Desk::new(dice.clone(), tickets, coarse, delay)));
    let server = over_sockets.then(|| sockets::serve(Arc::clone(&desk), Arc::clone(&speech)));
    let url = server.as_ref().map(|server| server.url(""));
    let book = book(&speech);
    let clock = || desk.lock().unwrap().now + skew;
    let mut told = Told::default();
    let mut before: Option<Pulled> = None;
    for turn in 0..pulls {
        let began = desk.lock().unwrap().now;
        desk.lock().unwrap().storm = dice.pick(&[0, 3, 10, 30]);
        let mut asked = Asked::new(&desk, &speech);
        let way = url.as_deref().map_or(Way::Within(&mut asked), Way::Sockets);
        let came = pulled(book.path(), way, &clock, before.as_ref());
        let log = asked.log;
        let desk_now = desk.lock().unwrap();
        match came {
            Err(error) => *told.failed.entry(error.to_string()).or_default() += 1,
            Ok(came) => {
                let here = rows(&came);
                if came.receipt.completeness.taints() {
                    told.incomplete += 1;
                } else {
                    told.complete += 1;
                    let cut = if speech.minutes { 60 } else { 0 };
                    let late = if speech.ends { SETTLE + GRACE + cut } else { delay };
                    for (id, version) in desk_now.unchanged_since(began - late) {
                        if here.get(&id) != Some(&version.title) {
                            return Err(format!(
                                "pull {turn} says that it is complete, and ticket {id} is {:?} in place of {:?}: {speech:?}, coarse {coarse}, delay {delay}, skew {skew}, from {began}: {version:?}\n{log:#?}",
                                here.get(&id),
                                version.title
                            ));
                        }
                    }
                }
                published(&book.path().join("unfinished"), "desk");
                before = Some(came);
            }
        }
        drop(desk_now);
        let wait = dice.pick(&[300, 900, 4_000, 10_000]);
        let mut desk = desk.lock().unwrap();
        desk.storm = dice.below(8);
        while desk.storm > 0 {
            desk.pass((wait / 8).max(1));
        }
    }
    desk.lock().unwrap().now += 7_200;
    let mut asked = Asked::new(&desk, &speech);
    let way = url.as_deref().map_or(Way::Within(&mut asked), Way::Sockets);
    let last = pulled(book.path(), way, &clock, before.as_ref())
        .map_err(|error| format!("the desk rests, and the pull fails: {error}: {speech:?}"))?;
    let said = |what: &str| {
        format!(
            "{what}: {speech:?}, coarse {coarse}, delay {delay}, skew {skew}: {:?}\n{:#?}",
            last.receipt.completeness, asked.log
        )
    };
    if last.receipt.completeness.taints() || !last.receipt.conserves() {
        return Err(said("the desk rests, and the pull is not complete"));
    }
    let mut here = rows(&last);
    let desk = desk.lock().unwrap();
    let truth: BTreeMap<u64, String> =
        desk.truth().into_iter().map(|(id, version)| (id, version.title.clone())).collect();
    if !speech.sweep {
        // Nobody looked for deleted tickets.
        here.retain(|id, _| truth.contains_key(id));
    }
    if here != truth {
        let wrong: Vec<String> = truth
            .keys()
            .chain(here.keys())
            .filter(|id| here.get(id) != truth.get(id))
            .map(|id| format!("{id}: {:?} in place of {:?}", here.get(id), truth.get(id)))
            .collect();
        return Err(said(&format!("the rows here are not the desk's: {wrong:?}")));
    }
    Ok(told)
}

/// Walks the seeds of a style on two threads.
#[expect(clippy::print_stderr, reason = "how many pulls came to their end is worth knowing")]
fn walk_all(style: Style) {
    let (next, seeds) = (AtomicU64::new(0), number("SERVICEBOOK_SIM_SEEDS").unwrap_or(SEEDS));
    let only = number("SERVICEBOOK_SIM_SEED");
    let run = || {
        let (mut wrong, mut told) = (Vec::new(), Told::default());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return (wrong, told);
            }
            if only.is_some_and(|only| only != seed) {
                continue;
            }
            match walk(style, seed, false) {
                Ok(one) => {
                    told.complete += one.complete;
                    told.incomplete += one.incomplete;
                    one.failed.into_iter().for_each(|(text, count)| *told.failed.entry(text).or_default() += count);
                }
                Err(error) => wrong.push(format!("seed {seed}: {error}")),
            }
        }
    };
    let came = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    let count = |of: fn(&Told) -> u64| came.iter().map(|(_, told)| of(told)).sum::<u64>();
    let (complete, incomplete) = (count(|told| told.complete), count(|told| told.incomplete));
    let failed = count(|told| told.failed.values().sum());
    eprintln!("{style:?}: {seeds} seeds, {complete} pulls complete, {incomplete} incomplete, {failed} failed");
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for (text, many) in came.iter().flat_map(|(_, told)| &told.failed) {
        let plain: String = text.lines().next().unwrap().chars().filter(|c| !c.is_ascii_digit()).collect();
        *reasons.entry(plain).or_default() += many;
    }
    for (text, many) in &reasons {
        eprintln!("  {many} x {text}");
    }
    let wrong: Vec<String> = came.into_iter().flat_map(|(wrong, _)| wrong).collect();
    assert!(
        wrong.is_empty(),
        "{} of {seeds} seeds are wrong:\n{}",
        wrong.len(),
        wrong.iter().take(3).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(complete > seeds || only.is_some(), "too few pulls came to their end: {complete}");
}

#[test]
fn a_list_of_numbered_pages_is_the_desks_for_1250_seeds() {
    walk_all(Style::Page);
}

#[test]
fn a_list_by_offset_is_the_desks_for_1250_seeds() {
    walk_all(Style::Offset);
}

#[test]
fn a_list_by_cursor_is_the_desks_for_1250_seeds() {
    walk_all(Style::Cursor);
}

#[test]
fn a_list_by_the_last_record_is_the_desks_for_1250_seeds() {
    walk_all(Style::LastRow);
}

#[test]
fn a_list_by_links_in_answers_is_the_desks_for_1250_seeds() {
    walk_all(Style::LinkBody);
}

#[test]
fn a_list_by_links_in_headers_is_the_desks_for_1250_seeds() {
    walk_all(Style::LinkHeader);
}

#[test]
fn a_list_by_times_is_the_desks_for_1250_seeds() {
    walk_all(Style::Window);
}

#[test]
fn tickets_by_slices_of_ids_are_the_desks_for_1250_seeds() {
    walk_all(Style::Slices);
}
