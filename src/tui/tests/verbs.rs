//! What a reader does beside moving: counts, the palette, comparison, tables, SQL, copies.

use super::*;
use crate::app::request::{Chip, Progress, Request, RowsSource};
use crate::report::document::Cell;
use crate::tui::event::Mouse;
use crate::tui::state::{Against, Scope};

pub fn rows(session: &Session) -> &state::RowsScreen {
    session.state.screen().rows().unwrap_or_else(|| panic!("no rows:\n{}", session.text()))
}

fn figures(session: &Session) -> &state::Figures {
    match session.state.screen() {
        Screen::Figures(figures) => figures,
        other => panic!("{other:?}"),
    }
}

fn last_rows(session: &Session) -> &crate::app::request::RowsQuery {
    let asked = session.effects.iter().rev().find_map(|effect| match effect {
        Effect::Ask(_, Request::Rows(query)) => Some(query),
        _ => None,
    });
    asked.unwrap()
}

#[test]
fn a_count_repeats_a_key_and_esc_takes_it_back() {
    let mut session = Session::new(80, 24);
    session.keys("gt10j");
    assert_eq!(rows(&session).row, 10);
    session.keys("2");
    assert!(session.text().contains("2 times"), "{}", session.text());
    session.keys("\u{1b}j");
    assert_eq!(rows(&session).row, 11);
    session.keys("999999999999k");
    assert_eq!(rows(&session).row, 0);
    session.keys("3[");
    assert_eq!(session.state.period.id(), "2026-06");
    session.keys("\u{1b}gt50G");
    assert_eq!(rows(&session).row, 49);
    session.keys("G");
    assert_eq!(rows(&session).row, 999);
}

#[test]
fn a_prefix_shows_what_may_follow_and_waits_without_a_timer() {
    let mut session = Session::new(80, 24);
    session.keys("g");
    assert!(session.text().contains("g and then") && session.text().contains("Capacity by resource"));
    for _ in 0..50 {
        update(&mut session.state, Event::Tick);
    }
    session.keys("c");
    assert_eq!(figures(&session).tab, Tab::Capacity);
    session.keys("g%");
    assert!(session.text().contains("g % does nothing here"), "{}", session.text());
}

#[test]
fn a_key_of_another_place_says_where_it_works() {
    let mut session = Session::new(80, 24);
    session.keys("f");
    assert!(session.text().contains("f (frequency) works in tables of rows, not here."), "{}", session.text());
    session.keys("r");
    assert!(session.text().contains("The demo book is read-only"), "{}", session.text());
}

#[test]
fn the_palette_finds_actions_and_jumps_and_gives_reasons() {
    let mut session = Session::new(80, 24);
    session.keys(":freq");
    let text = session.text();
    assert!(text.contains("frequency") && text.contains("Not now: It works"), "{text}");
    session.keys("\n");
    assert!(session.state.overlay.is_some(), "what is not available does nothing");
    session.keys("\u{1b}:payroll sla 2026-07\n");
    assert_eq!((figures(&session).tab, figures(&session).service.as_deref()), (Tab::Levels, Some("payroll")));
    assert_eq!(session.state.period.id(), "2026-07");
    session.keys(":capacity mail\n");
    assert_eq!((figures(&session).tab, figures(&session).service.as_deref()), (Tab::Capacity, Some("mail")));
    session.keys(":jun\n");
    assert_eq!(session.state.period.id(), "2026-06");
    session.keys(":zzzzqq");
    assert!(session.text().contains("Nothing has this name"), "{}", session.text());
    session.keys("\u{1b}:export\n");
    assert!(matches!(session.state.overlay, Some(Overlay::Export { .. })));
}

#[test]
fn figures_are_set_beside_the_month_and_the_year_before_and_another_service() {
    let mut session = Session::new(100, 40);
    session.keys("gl=");
    assert_eq!(figures(&session).against, Some(Against::Before));
    let text = session.text();
    assert!(text.contains("August 2026") && text.contains("Change"), "{text}");
    assert_eq!(session.state.period.id(), "2026-09", "the month on screen stays");
    session.keys("=");
    assert!(session.text().contains("September 2025"), "{}", session.text());
    session.keys("=");
    assert_eq!(figures(&session).against, Some(Against::Service("payroll".into())));
    session.keys("}");
    assert_eq!(figures(&session).against, Some(Against::Service("vpn".into())));
    session.keys("i");
    assert!(matches!(session.state.overlay, Some(Overlay::Why(..))), "figures can be asked there, too");
    session.keys("\u{1b}\u{1b}");
    assert_eq!(figures(&session).against, None);
}

#[test]
fn a_month_that_is_not_there_to_compare_says_why() {
    let answers = |request: &Request| match request {
        Request::Document { period } if period.id() == "2026-08" => {
            Answer::Failed { message: "no rows that old".into() }
        }
        other => fixture::answer(other),
    };
    let mut session = Session::of(fixture::options(), (80, 24), Box::new(answers));
    session.keys("=");
    assert!(session.text().contains("August 2026: no rows that old"), "{}", session.text());
}

#[test]
fn a_count_of_values_leads_to_exactly_the_rows_it_counts() {
    let mut session = Session::new(80, 24);
    session.keys("gtllf");
    assert!(matches!(&last_rows(&session).from, RowsSource::Frequency { column, .. } if column == "priority"));
    session.keys("j\n");
    let query = last_rows(&session);
    let like = Chip::Like { column: "priority".into(), value: Cell::Raw(crate::model::Raw::new("P2")) };
    assert_eq!(query.chips, [like]);
    let text = session.text();
    assert!(text.contains("250 of 1,000 rows") && text.contains("[priority = P2]"), "{text}");
    session.keys("\u{1b}");
    assert!(rows(&session).chips.is_empty(), "Esc takes the filter before the screen");
    session.keys("\u{1b}\u{1b}f");
    assert!(matches!(&last_rows(&session).from, RowsSource::Frequency { .. }));
    session.keys("\u{1b}gtf");
    assert!(matches!(&last_rows(&session).from, RowsSource::Profile { .. }), "on the key every column is counted");
    session.keys("\n");
    assert_eq!(last_rows(&session).chips.len(), 1);
}

#[test]
fn rows_like_this_one_and_only_wrong_ones_are_chips_that_come_and_go() {
    let mut session = Session::new(80, 24);
    session.keys("gt!");
    assert!(session.text().contains("143 of 1,000 rows") && session.text().contains("[only what is wrong]"));
    assert_eq!(rows(&session).sort, Some(("priority".into(), false)), "the most urgent first");
    session.keys("ll.");
    assert_eq!(rows(&session).chips.len(), 2);
    session.keys("!.");
    assert!(rows(&session).chips.is_empty());
}

#[test]
fn columns_can_be_hidden_moved_and_made_wider_and_stay_so() {
    let mut session = Session::new(120, 24);
    session.keys("gtc\n");
    assert!(session.text().contains("The first column stays"), "{}", session.text());
    session.keys("j \u{1b}");
    let head = |session: &Session| session.text().lines().nth(4).unwrap().to_owned();
    assert!(!head(&session).contains("title"), "{}", session.text());
    session.keys("cj>");
    session.keys("\u{1b}\u{1b}gt");
    assert!(!head(&session).contains("title"), "it is remembered\n{}", session.text());
    session.keys("cj \u{1b}");
    let before = session.state.layouts.clone();
    session.keys("l>>");
    assert_ne!(session.state.layouts, before);
    session.keys("99<");
    session.buffer();
}

#[test]
fn marks_stay_with_their_rows_and_decide_what_is_written() {
    let mut session = Session::new(80, 24);
    session.keys("gt  jjv");
    assert_eq!(rows(&session).marks.iter().copied().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    session.keys("S");
    assert!(session.text().contains("5 marked"), "{}", session.text());
    session.keys("e");
    let Some(Overlay::Export { scopes, .. }) = &session.state.overlay else { panic!() };
    assert_eq!(scopes[..3], [Scope::Marked, Scope::Rows, Scope::Report]);
    session.keys("\n");
    let written = session.effects.iter().rev().find_map(|effect| match effect {
        Effect::Ask(_, Request::ExportRows { marked, .. }) => Some(marked.clone()),
        _ => None,
    });
    assert_eq!(written.unwrap(), [0, 1, 2, 3, 4]);
    session.keys("V");
    assert!(rows(&session).marks.is_empty());
}

#[test]
fn a_choice_of_files_says_what_they_lack_and_only_where_that_is_true() {
    let cut = |request: &Request| match fixture::answer(request) {
        Answer::Rows(page) => Answer::Rows(crate::app::request::RowsPage { cut: true, ..page }),
        Answer::Exported { path, .. } => Answer::Exported { path, cut: true },
        other => other,
    };
    let mut session = Session::of(fixture::options(), (80, 24), Box::new(cut));
    let mut document = crate::report::Document::clone(session.state.document.as_ref().unwrap());
    document.complete = false;
    session.state.document = Some(std::sync::Arc::new(document));
    let (report, of_rows) = ("INCOMPLETE, and the file will say so", "INCOMPLETE; a file of rows does not say so");
    let only_first = "From the first 100,000 rows only; the SELECT has more.";
    session.keys("gqSELECT 1\n e");
    let mut said = Vec::new();
    for _ in 0..3 {
        let text = session.text();
        said.push([only_first, of_rows, report].map(|words| text.contains(words)));
        session.keys("\t");
    }
    assert_eq!(said, [[false, true, false], [true, true, false], [false, false, true]], "marked, all rows, the report");
    session.keys("\t\n");
    assert!(session.text().contains("Written: rows.csv, from the first 100,000 rows only"), "{}", session.text());
}

#[test]
fn a_select_is_completed_run_recalled_and_kept() {
    let mut session = Session::new(80, 24);
    session.keys("gqselect pri\t from tic\t\n");
    let query = last_rows(&session);
    assert_eq!(query.from, RowsSource::Sql { text: "select priority from tickets".into() });
    assert!(session.effects.iter().any(|effect| matches!(effect, Effect::Ask(_, Request::Remember { .. }))));
    assert!(session.text().contains("1,000 rows"), "{}", session.text());
    session.state.burst = true;
    session.keys("wmine\n");
    assert!(matches!(session.state.overlay, Some(Overlay::Name(_))), "a burst of keys keeps nothing");
    assert!(!session.effects.iter().any(|effect| matches!(effect, Effect::Ask(_, Request::SaveQuery { .. }))));
    session.state.burst = false;
    session.keys("\n");
    let saved = |effect: &Effect| matches!(effect, Effect::Ask(_, Request::SaveQuery { name, .. }) if name == "mine");
    assert!(session.effects.iter().any(saved));
    session.keys(":query mine\n");
    assert_eq!(last_rows(&session).from, RowsSource::Sql { text: "select priority from tickets".into() });
    session.keys("\t");
    session.key(Key::Ctrl('u'));
    session.key(Key::Up);
    session.key(Key::Up);
    let Screen::Sql(screen) = session.state.screen() else { panic!() };
    assert_eq!(screen.input.value(), "SELECT count(*) FROM tickets");
    session.keys("\u{1b}\u{1b}");
    assert_eq!(figures(&session).tab, Tab::Home);
}

#[test]
fn long_work_says_how_far_it_is_and_can_be_stopped() {
    let mut session = Session::new(120, 40);
    session.keys("gq");
    for letter in "SELECT 1".chars() {
        session.key(Key::Char(letter));
    }
    let effects = update(&mut session.state, Event::Key(Key::Enter));
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Ask(number, Request::Rows(_)) => Some(*number),
        _ => None,
    });
    let number = asked.unwrap();
    let progress = Progress { doing: "joining".into(), done: "12 rows".into(), waiting: "a thread".into() };
    session.state.now = std::time::Duration::from_secs(3);
    update(&mut session.state, Event::Answer(number, Answer::Progress(progress)));
    let text = session.text();
    for part in ["running the SELECT: joining", "12 rows", "a thread", "3 s", "x stops it"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let effects = update(&mut session.state, Event::Key(Key::Char('x')));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask(_, Request::Cancel(of)) if *of == number)));
    update(&mut session.state, Event::Answer(number, Answer::Cancelled));
    assert!(session.text().contains("It was stopped."), "{}", session.text());
    assert!(!session.state.awaits());
    // What comes after that is not taken.
    let late = fixture::answer(&Request::Rows(last_rows_of(&session)));
    update(&mut session.state, Event::Answer(number, late));
    assert!(rows(&session).page.is_none());
}

fn last_rows_of(session: &Session) -> crate::app::request::RowsQuery {
    rows(session).failed.as_ref().unwrap().0.clone()
}

#[test]
fn a_pull_asks_first_and_renews_what_is_on_screen() {
    let options = Options { sample: false, ..fixture::options() };
    let mut session = Session::of(options, (80, 24), Box::new(fixture::answer));
    session.keys("r");
    assert!(session.text().contains("Pull every source anew (desk, checks)?"), "{}", session.text());
    session.keys("\u{1b}");
    assert!(!session.effects.iter().any(|effect| matches!(effect, Effect::Ask(_, Request::Pull { .. }))));
    let documents = |session: &Session| {
        session.effects.iter().filter(|effect| matches!(effect, Effect::Ask(_, Request::Document { .. }))).count()
    };
    let before = documents(&session);
    session.keys("ry");
    assert!(session.effects.iter().any(|effect| matches!(effect, Effect::Ask(_, Request::Pull { .. }))));
    assert_eq!(documents(&session), before + 1);
    assert!(session.text().contains("desk: 12 rows"), "{}", session.text());
    session.state.burst = true;
    session.keys("ry");
    assert!(matches!(session.state.overlay, Some(Overlay::Pull)), "a burst of keys confirms nothing");
}

#[test]
fn what_is_copied_is_screened_and_a_place_without_it_says_so() {
    let mut session = Session::new(80, 24);
    session.keys("gtljyc");
    let copied = session.effects.iter().rev().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("␛[31mred␛[0m alert ⟨U+009B⟩2J"));
    assert!(session.text().contains("Sent to the terminal's clipboard"));
    session.keys("yryfyq\u{1b}\u{1b}yf");
    assert!(session.effects.iter().filter(|effect| matches!(effect, Effect::Copy(_))).count() >= 4);
    let off = Look { clipboard: Clipboard::Off, ..Look::default() };
    let mut session = Session::with(80, 24, off);
    session.keys("yf");
    assert!(!session.effects.iter().any(|effect| matches!(effect, Effect::Copy(_))));
    session.keys("Y");
    assert!(session.text().starts_with("Mail:"), "{}", session.text());
}

#[test]
fn presenting_hides_names_of_people_and_spaces_rows_out() {
    let mut session = Session::new(200, 40);
    session.keys("gt");
    assert!(session.text().contains("Messaging"));
    session.keys("p");
    let text = session.text();
    assert!(!text.contains("Messaging") && text.contains("(hidden)"), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| line.contains("INC0000000")).unwrap();
    assert!(lines[first + 1].trim().is_empty() && lines[first + 2].contains("INC0000001"), "{text}");
    session.keys("G");
    assert!(session.text().contains("INC0000999"), "{}", session.text());
    session.keys("ghjjj");
    assert!(session.text().contains("Needs attention"));
}

#[test]
fn flipping_expanding_and_the_log_do_what_they_say() {
    let mut session = Session::new(120, 24);
    session.keys("gcgl-");
    assert_eq!(figures(&session).tab, Tab::Capacity);
    session.keys("-");
    assert_eq!(figures(&session).tab, Tab::Levels);
    let height = screens::regions(&session.state).body.height;
    session.keys("z");
    assert!(screens::regions(&session.state).body.height > height);
    assert!(session.text().contains("September 2026") && session.text().contains("complete"));
    session.keys("z%:log\n");
    assert!(session.text().contains("% does nothing here"), "{}", session.text());
}

#[test]
fn a_click_selects_and_a_second_one_opens_where_the_mouse_is_ours() {
    let mut session = Session::new(80, 24);
    let click = |session: &mut Session, column, row| {
        let effects = update(&mut session.state, Event::Mouse(Mouse::Click(column, row)));
        session.serve(effects);
    };
    click(&mut session, 3, 5);
    assert_eq!(figures(&session).cursor.stop, 0, "the mouse is the terminal's");
    session.keys(":mouse\n");
    click(&mut session, 3, 5);
    let on = figures(&session).cursor.target.clone();
    assert_eq!(on, Some(crate::tui::page::Target::Service("payroll".into())));
    click(&mut session, 3, 5);
    assert_eq!(figures(&session).tab, Tab::Report);
    click(&mut session, 3, 0);
    assert_eq!(figures(&session).tab, Tab::Home);
    session.keys("gt");
    click(&mut session, 5, 8);
    assert_eq!(rows(&session).row, 3);
}

#[test]
fn only_what_is_wrong_holds_on_every_screen_of_figures() {
    let mut session = Session::new(120, 40);
    for tab in ["gl", "ga", "gb", "gs"] {
        session.keys(tab);
        let all = crate::tui::update::page(&session.state).stops.len();
        session.keys("!");
        let page = crate::tui::update::page(&session.state);
        assert!(page.stops.len() < all && page.kept.0 < page.kept.1, "{tab}: {:?}", page.kept);
        session.keys("!");
    }
    session.keys("ghgl/nothing has this\n");
    assert!(session.text().contains("The filter leaves nothing"), "{}", session.text());
}

#[test]
fn home_names_what_the_report_names_as_not_as_agreed() {
    let session = Session::new(200, 200);
    let document = session.state.document.clone().unwrap();
    let report = crate::export::write(&document, crate::app::request::ExportFormat::Plain).unwrap();
    let report = String::from_utf8(report).unwrap();
    let line = report.lines().find(|line| line.starts_with("Targets: ")).unwrap();
    let counts: Vec<usize> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [missed, at_risk, _, unknown] = counts[..] else { panic!("{line}") };
    let listed = missed + at_risk + unknown;
    assert!(listed > 0 && session.text().contains(&format!("Needs attention  {listed} figures")), "{listed}");
}

#[test]
fn a_row_is_as_red_in_a_wide_window_as_in_a_narrow_one() {
    let verdicts = |columns| {
        let session = Session::new(columns, 60);
        let lines: Vec<String> = session.text().lines().map(str::to_owned).collect();
        let head = lines.iter().position(|line| line.contains("SLA") && line.contains("Continuity")).unwrap();
        let column = lines[head].chars().collect::<Vec<_>>().windows(3).position(|w| w == ['S', 'L', 'A']).unwrap();
        let cell = |line: &String| line.chars().skip(column).take(6).collect::<String>();
        lines[head + 1..head + 5].iter().map(cell).collect::<Vec<_>>()
    };
    assert!(verdicts(80).iter().any(|cell| cell.starts_with('✗')));
    assert_eq!(verdicts(80), verdicts(119));
    assert_eq!(verdicts(80), verdicts(200));
}
