//! Rows as the console asks for them: searches, chips, orders and counts, on the demo book.
//!
//! Asks through the library. What comes back is held against all rows of the table, looked through cell by cell.

use crate::program::Desk;
use servicebook::app::request::{Chip, RowsPage, RowsQuery, RowsSource};
use servicebook::app::session::Opening;
use servicebook::app::{Book, Session, demo};
use servicebook::model::{Period, Raw};
use servicebook::report::document::Cell;
use servicebook::report::format;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The demo book, loaded once for all tests of this file.
pub fn session() -> &'static Session {
    static LOADED: OnceLock<(Desk, Session)> = OnceLock::new();
    let (_, session) = LOADED.get_or_init(|| {
        let desk = Desk::new();
        let book = Book::open(&demo::unpack(&desk.cache()).unwrap()).unwrap();
        let session = Session::open(book, Opening { as_of: None, may_pull: true }).unwrap();
        (desk, session)
    });
    session
}

fn september() -> Period {
    Period::parse("2026-09", session().book().config.book.zone).unwrap()
}

pub fn table(name: &str, filter: &str) -> RowsSource {
    RowsSource::Table { table: name.into(), filter: filter.into() }
}

pub fn query(from: RowsSource) -> RowsQuery {
    RowsQuery {
        period: september(),
        from,
        chips: Vec::new(),
        search: String::new(),
        sort: None,
        offset: 0,
        limit: usize::MAX,
    }
}

fn asked(query: &RowsQuery) -> RowsPage {
    session().rows(query).unwrap_or_else(|error| panic!("{query:?}: {error}"))
}

fn searched(name: &str, search: &str) -> RowsPage {
    asked(&RowsQuery { search: search.into(), ..query(table(name, "")) })
}

fn refused(query: &RowsQuery) -> String {
    session().rows(query).expect_err("this cannot be answered").to_string()
}

fn place(page: &RowsPage, column: &str) -> usize {
    page.columns.iter().position(|one| one.name == column).unwrap_or_else(|| panic!("no column {column}"))
}

fn cells<'a>(page: &'a RowsPage, column: &str) -> Vec<&'a Cell> {
    let at = place(page, column);
    page.rows.iter().map(|row| &row[at]).collect()
}

fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Raw(raw) => Some(raw.expose()),
        _ => None,
    }
}

fn integer(cell: &Cell) -> i64 {
    match cell {
        Cell::Integer(number) => *number,
        other => panic!("{other:?} is no count"),
    }
}

#[test]
fn a_search_finds_what_is_in_any_column_of_text() {
    let all = searched("tickets", "");
    let found = searched("tickets", "MAIL");
    let holds = |row: &Vec<Cell>| row.iter().filter_map(text).any(|text| text.to_lowercase().contains("mail"));
    let wanted: Vec<u32> = all.rows.iter().zip(0..).filter(|(row, _)| holds(row)).map(|(_, at)| at).collect();
    assert!(!wanted.is_empty() && wanted.len() < all.total);
    assert_eq!((found.numbers, found.total, found.unsearched), (wanted.clone(), wanted.len(), all.total));
    assert_eq!(searched("tickets", "! MAIL").total, all.total - wanted.len());
    assert_eq!(searched("tickets", "no column: mail").total, 0, "what is no column is text");
}

#[test]
fn a_search_in_a_column_keeps_what_its_operator_says() {
    let all = searched("tickets", "");
    let count =
        |column: &str, keeps: &dyn Fn(&Cell) -> bool| cells(&all, column).into_iter().filter(|c| keeps(c)).count();
    let seconds = |cell: &Cell| if let Cell::Seconds(seconds) = cell { Some(*seconds) } else { None };
    let at = |cell: &Cell| if let Cell::Instant(at, zone) = cell { Some(at.with_timezone(zone)) } else { None };
    let day = |cell: &Cell| at(cell).map(|at| at.format("%Y-%m-%d").to_string());
    let cases: [(&str, usize); 16] = [
        ("priority=p1", count("priority", &|c| text(c) == Some("P1"))),
        ("priority:p", count("priority", &|c| text(c).is_some_and(|t| t.contains('P')))),
        ("!priority=P1", count("priority", &|c| text(c) != Some("P1"))),
        ("resolution_met=no", count("resolution_met", &|c| *c == Cell::Boolean(false))),
        ("resolution_met:yes", count("resolution_met", &|c| *c == Cell::Boolean(true))),
        ("resolution_met=", count("resolution_met", &|c| *c == Cell::Empty)),
        ("resolution_met:", count("resolution_met", &|c| *c != Cell::Empty)),
        ("elapsed_s>8h", count("elapsed_s", &|c| seconds(c).is_some_and(|s| s > 28_800))),
        ("elapsed_s<=90min", count("elapsed_s", &|c| seconds(c).is_some_and(|s| s <= 5_400))),
        ("elapsed_s>1.5d", count("elapsed_s", &|c| seconds(c).is_some_and(|s| s > 129_600))),
        ("elapsed_s < 1h30m", count("elapsed_s", &|c| seconds(c).is_some_and(|s| s < 5_400))),
        ("opened_at=2026-09-17", count("opened_at", &|c| day(c).as_deref() == Some("2026-09-17"))),
        ("opened_at>2026-09-17", count("opened_at", &|c| day(c).is_some_and(|d| d.as_str() > "2026-09-17"))),
        ("opened_at:2026-09", count("opened_at", &|c| day(c).is_some_and(|d| d.starts_with("2026-09")))),
        (
            "opened_at<2026-09-17 12:00",
            count("opened_at", &|c| {
                at(c).is_some_and(|at| at.format("%FT%T").to_string().as_str() < "2026-09-17T12:00:00")
            }),
        ),
        ("reopen_count>0", count("reopen_count", &|c| matches!(c, Cell::Integer(1..)))),
    ];
    for (search, wanted) in cases {
        assert_eq!(searched("tickets", search).total, wanted, "{search}");
        assert!(wanted < all.total, "{search} shows nothing");
    }
}

#[test]
fn a_column_is_named_as_it_stands_over_the_rows_or_by_its_own_name() {
    let all = searched("tickets", "");
    let status = place(&all, "status_at_as_of");
    let closed = all.rows.iter().filter(|row| format::cell(&row[status]) == "closed").count();
    for search in ["status=closed", "Status=CLOSED", "status_at_as_of=closed"] {
        assert_eq!(searched("tickets", search).total, closed, "{search}");
    }
    assert!(searched("tickets", "status today=closed").total > closed, "more are closed today than were at as-of");
    assert_eq!(searched("tickets", "key:INC").total, searched("tickets", "source_key:INC").total);
}

#[test]
fn only_one_clock_is_asked_about_behind_its_figure() {
    let late = |clock| asked(&RowsQuery { chips: vec![Chip::Late(clock)], ..query(table("tickets", "")) });
    let (response, resolution) = (late("response"), late("resolution"));
    let both = asked(&RowsQuery { chips: vec![Chip::Wrong], ..query(table("tickets", "")) });
    for (page, met, open) in [
        (&response, "response_met", "response_open_breached"),
        (&resolution, "resolution_met", "resolution_open_breached"),
    ] {
        let (met, open) = (place(page, met), place(page, open));
        let late = |row: &Vec<Cell>| row[met] == Cell::Boolean(false) || row[open] == Cell::Boolean(true);
        assert!(page.total > 0 && page.rows.iter().all(late));
    }
    let together: BTreeSet<u32> = response.numbers.iter().chain(&resolution.numbers).copied().collect();
    assert_eq!(together, both.numbers.iter().copied().collect());
}

#[test]
fn an_operator_that_does_not_fit_names_the_column_and_what_it_holds() {
    for (search, parts) in [
        ("title>5", ["`title`", "text"]),
        ("resolution_met>1", ["`resolution_met`", "yes or no"]),
        ("resolution_met=maybe", ["`resolution_met`", "yes or no"]),
        ("opened_at>soon", ["`opened_at`", "points in time"]),
        ("elapsed_s>long", ["`elapsed_s`", "lengths of time"]),
        ("reopen_count>many", ["`reopen_count`", "numbers"]),
        ("reopen_count>", ["`reopen_count`", "numbers"]),
        ("!reopen_count<nan", ["`reopen_count`", "numbers"]),
    ] {
        let said = refused(&RowsQuery { search: search.into(), ..query(table("tickets", "")) });
        assert!(parts.iter().all(|part| said.contains(part)), "{search}: {said}");
    }
}

#[test]
fn every_order_keeps_all_rows_and_puts_what_is_not_known_last() {
    let all = searched("tickets", "");
    for column in &all.columns {
        let mut orders = Vec::new();
        for descending in [false, true] {
            let page =
                asked(&RowsQuery { sort: Some((column.name.clone(), descending)), ..query(table("tickets", "")) });
            let at = place(&page, &column.name);
            let known = page.rows.iter().take_while(|row| row[at] != Cell::Empty).count();
            assert!(page.rows[known..].iter().all(|row| row[at] == Cell::Empty), "{}", column.name);
            for pair in page.rows[..known].windows(2).zip(page.numbers.windows(2)) {
                if pair.0[0][at] == pair.0[1][at] {
                    assert!(pair.1[0] < pair.1[1], "equal values of {} keep their order", column.name);
                }
            }
            assert_eq!(page.numbers.iter().collect::<BTreeSet<_>>().len(), all.total);
            orders.push(page.rows.iter().map(|row| row[at].clone()).take(known).collect::<Vec<_>>());
        }
        let backwards: Vec<_> = orders[1].iter().rev().cloned().collect();
        assert_eq!(orders[0], backwards, "{}", column.name);
    }
}

#[test]
fn windows_of_one_question_put_together_are_its_rows() {
    let whole = RowsQuery {
        search: "priority=P3".into(),
        sort: Some(("opened_at".into(), true)),
        ..query(table("tickets", "opened_in_period"))
    };
    let all = asked(&whole);
    let mut rows = Vec::new();
    let mut numbers = Vec::new();
    for offset in (0..all.total + 50).step_by(37) {
        let page = asked(&RowsQuery { offset, limit: 37, ..whole.clone() });
        assert_eq!((page.total, page.offset), (all.total, offset));
        rows.extend(page.rows);
        numbers.extend(page.numbers);
    }
    assert_eq!((rows, numbers), (all.rows, all.numbers));
}

#[test]
fn a_frequency_adds_up_and_each_of_its_values_brings_back_its_rows() {
    let of = table("tickets", "opened_in_period");
    let base = asked(&query(of.clone()));
    for column in &base.columns {
        let count = RowsSource::Frequency {
            of: Box::new(of.clone()),
            chips: Vec::new(),
            search: String::new(),
            column: column.name.clone(),
        };
        let page = asked(&query(count));
        let names: Vec<&str> = page.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, [column.name.as_str(), "rows", "share"]);
        let counts: Vec<i64> = cells(&page, "rows").into_iter().map(integer).collect();
        assert_eq!(counts.iter().sum::<i64>(), i64::try_from(base.total).unwrap(), "{}", column.name);
        assert!(counts.is_sorted_by(|a, b| a >= b), "{}", column.name);
        // The most and the least frequent ones, and that of no value.
        let tried = page.rows.iter().take(4).chain(page.rows.iter().rev().take(3));
        for row in tried.chain(page.rows.iter().filter(|row| row[0] == Cell::Empty)) {
            let chip = Chip::Like { column: column.name.clone(), value: row[0].clone() };
            let back = asked(&RowsQuery { chips: vec![chip], limit: 3, ..query(of.clone()) });
            assert_eq!(back.total, usize::try_from(integer(&row[1])).unwrap(), "{} = {:?}", column.name, row[0]);
        }
    }
}

#[test]
fn a_frequency_counts_what_chips_and_search_keep_and_can_be_searched_itself() {
    let chips = vec![Chip::Like { column: "type".into(), value: Cell::Text("incident".into()) }];
    let kept =
        asked(&RowsQuery { chips: chips.clone(), search: "resolution_met=no".into(), ..query(table("tickets", "")) });
    let count = RowsSource::Frequency {
        of: Box::new(table("tickets", "")),
        chips,
        search: "resolution_met=no".into(),
        column: "priority".into(),
    };
    let page = asked(&query(count.clone()));
    assert_eq!(cells(&page, "rows").into_iter().map(integer).sum::<i64>(), i64::try_from(kept.total).unwrap());
    let shares: f64 =
        cells(&page, "share").iter().map(|c| if let Cell::Decimal(share) = c { *share } else { 0.0 }).sum();
    assert!((shares - 100.0).abs() < 0.5, "{shares}");
    let found = asked(&RowsQuery { search: "rows>0".into(), sort: Some(("priority".into(), false)), ..query(count) });
    assert_eq!(found.total, page.total);
    assert!(cells(&found, "priority").iter().filter_map(|cell| text(cell)).is_sorted());
}

#[test]
fn a_profile_shows_the_columns_that_have_few_values_and_adds_up() {
    let of = table("tickets", "opened_in_period");
    let base = asked(&query(of.clone()));
    let page =
        asked(&query(RowsSource::Profile { of: Box::new(of.clone()), chips: Vec::new(), search: String::new() }));
    let columns: Vec<&str> = cells(&page, "column").into_iter().filter_map(text).collect();
    let mut seen: Vec<&str> = columns.clone();
    seen.dedup();
    let order: Vec<&str> = base.columns.iter().map(|column| column.name.as_str()).collect();
    assert!(
        seen.is_sorted_by_key(|name| order.iter().position(|one| one == name)),
        "in the order of reading: {seen:?}"
    );
    assert!(seen.contains(&"priority") && !seen.contains(&"source_key") && !seen.contains(&"opened_at"), "{seen:?}");
    for name in seen {
        let rows: Vec<&Vec<Cell>> =
            page.rows.iter().zip(&columns).filter(|(_, of)| **of == name).map(|(r, _)| r).collect();
        assert_eq!(rows.iter().map(|row| integer(&row[2])).sum::<i64>(), i64::try_from(base.total).unwrap(), "{name}");
        assert!(rows.len() <= 6, "{name}");
        for row in rows.iter().take(5) {
            let chip = Chip::Like { column: name.into(), value: row[1].clone() };
            let back = asked(&RowsQuery { chips: vec![chip], limit: 1, ..query(of.clone()) });
            assert_eq!(back.total, usize::try_from(integer(&row[2])).unwrap(), "{name} = {:?}", row[1]);
        }
    }
}

#[test]
fn a_profile_of_rows_that_were_kept_shows_what_they_all_share() {
    let columns = |of: RowsSource, chips: Vec<Chip>, search: &str| -> Vec<(String, i64)> {
        let page = asked(&query(RowsSource::Profile { of: Box::new(of), chips, search: search.into() }));
        let line = |row: &Vec<Cell>| (text(&row[0]).unwrap_or_default().to_owned(), integer(&row[2]));
        page.rows.iter().map(line).collect()
    };
    let lines = |found: &[(String, i64)], name: &str| found.iter().filter(|(column, _)| column == name).count();
    let whole = columns(table("tickets", ""), Vec::new(), "");
    for (name, _) in &whole {
        assert!(lines(&whole, name) > 1, "one value says nothing of a whole table: {name}");
    }
    assert_eq!(lines(&whole, "source"), 0);
    let first = || vec![Chip::Like { column: "priority".into(), value: Cell::Raw(Raw::new("P1")) }];
    let total = i64::try_from(asked(&RowsQuery { chips: first(), ..query(table("tickets", "")) }).total).unwrap();
    for found in [
        columns(table("tickets", ""), first(), ""),
        columns(table("tickets", ""), Vec::new(), "priority=P1"),
        columns(table("tickets", "priority = 'P1'"), Vec::new(), ""),
    ] {
        assert_eq!(
            found.iter().filter(|(name, _)| name == "priority").collect::<Vec<_>>(),
            [&("priority".into(), total)]
        );
        assert_eq!((lines(&found, "source_key"), lines(&found, "opened_at")), (0, 0), "{found:?}");
        assert!(lines(&found, "group") > 1, "{found:?}");
    }
    // One ticket: every value is its own, and what holds it is still the answer.
    let one = asked(&RowsQuery { limit: 1, ..query(table("tickets", "\"group\" IS NOT NULL")) });
    let key = Chip::Like { column: "source_key".into(), value: one.rows[0][place(&one, "source_key")].clone() };
    let found = columns(table("tickets", ""), vec![key], "");
    assert!(lines(&found, "group") == 1 && lines(&found, "source_key") == 0, "{found:?}");
    assert!(found.iter().all(|(_, rows)| *rows == 1), "{found:?}");
}

#[test]
fn what_is_wrong_is_what_the_figures_count_as_missed() {
    let wrong = |name: &str| RowsQuery { chips: vec![Chip::Wrong], ..query(table(name, "")) };
    let missed = "resolution_met = false OR response_met = false OR resolution_open_breached OR response_open_breached";
    assert_eq!(asked(&wrong("tickets")).numbers, asked(&query(table("tickets", missed))).numbers);
    let plans = asked(&wrong("continuity_plans"));
    assert!(plans.total > 0 && cells(&plans, "overdue").iter().all(|cell| **cell == Cell::Boolean(true)));
    let outages = asked(&wrong("outages"));
    assert!(outages.total > 0 && cells(&outages, "kind").iter().all(|cell| text(cell) == Some("unplanned")));
    let readings = asked(&wrong("readings"));
    assert!(cells(&readings, "over").iter().all(|cell| **cell == Cell::Boolean(true)));
    let said = refused(&wrong("surveys"));
    assert!(said.contains("`surveys`") && said.contains("nothing that can be wrong"), "{said}");
}

#[test]
fn chips_hold_together_and_refuse_what_cannot_be() {
    let like = |column: &str, value: Cell| Chip::Like { column: column.into(), value };
    let incidents = like("type", Cell::Text("incident".into()));
    let first = like("priority", Cell::Raw(Raw::new("P1")));
    let both = asked(&RowsQuery { chips: vec![incidents.clone(), first.clone()], ..query(table("tickets", "")) });
    let wanted = asked(&query(table("tickets", "type = 'incident' AND priority = 'P1'")));
    assert!(both.total > 0);
    assert_eq!(both.numbers, wanted.numbers);
    let turned = asked(&RowsQuery { chips: vec![first, incidents], ..query(table("tickets", "")) });
    assert_eq!(both.rows, turned.rows);
    for chip in [like("title", Cell::Integer(5)), like("nothing", Cell::Empty)] {
        let _ = refused(&RowsQuery { chips: vec![chip], ..query(table("tickets", "")) });
    }
    let _ = refused(&RowsQuery { sort: Some(("nothing".into(), true)), ..query(table("tickets", "")) });
    let _ = refused(&query(table("nothing", "")));
}

#[test]
fn a_select_is_a_table_like_any_other() {
    let sql = RowsSource::Sql {
        text: "SELECT title, priority, type AS service, resolved_at - opened_at AS taken, opened_at::date AS day, \
               elapsed_s, 1.5 AS number, NULL AS nothing, opened_at FROM tickets WHERE opened_in_period"
            .into(),
    };
    let page = asked(&query(sql.clone()));
    assert!(page.total > 100 && !page.cut);
    assert!(cells(&page, "service").iter().all(|cell| matches!(cell, Cell::Raw(_))), "nobody vouches for its text");
    assert!(cells(&page, "taken").iter().all(|cell| matches!(cell, Cell::Seconds(_) | Cell::Empty)));
    assert!(cells(&page, "opened_at").iter().all(|cell| matches!(cell, Cell::Instant(..))));
    let late = asked(&RowsQuery { search: "taken>8h".into(), ..query(sql.clone()) });
    let is_late = |cell: &&Cell| matches!(cell, Cell::Seconds(seconds) if *seconds > 28_800);
    assert_eq!(late.total, cells(&page, "taken").iter().filter(|cell| is_late(cell)).count());
    let count = |column: &str| {
        let (of, column) = (Box::new(sql.clone()), column.to_owned());
        asked(&query(RowsSource::Frequency { of, chips: Vec::new(), search: String::new(), column }))
    };
    for column in ["priority", "day", "taken", "number", "nothing"] {
        let frequency = count(column);
        let rows = cells(&frequency, "rows").into_iter().map(integer).sum::<i64>();
        assert_eq!(rows, i64::try_from(page.total).unwrap(), "{column}");
        let chip = Chip::Like { column: column.into(), value: frequency.rows[0][0].clone() };
        let back = asked(&RowsQuery { chips: vec![chip], ..query(sql.clone()) });
        assert_eq!(back.total, usize::try_from(integer(&frequency.rows[0][1])).unwrap(), "{column}");
        // Sorted behind a search, where the numbers of rows have gaps.
        let sort = Some((column.to_owned(), true));
        let sorted = asked(&RowsQuery { sort, search: "taken>1h".into(), ..query(sql.clone()) });
        assert_eq!(sorted.rows.len(), sorted.total);
        assert!(sorted.total > 0 && sorted.total < page.total);
    }
}

#[test]
fn columns_of_a_select_are_named_as_they_are_shown() {
    let text = "SELECT priority AS \"\u{1b}[31m\", priority AS rows, 1 AS \"a:b\" FROM tickets LIMIT 9".to_owned();
    let sql = RowsSource::Sql { text };
    let page = asked(&query(sql.clone()));
    assert_eq!(page.columns[0].name, "␛[31m");
    let (of, column) = (Box::new(sql), "rows".to_owned());
    let frequency = asked(&query(RowsSource::Frequency { of, chips: Vec::new(), search: String::new(), column }));
    let names: Vec<&str> = frequency.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["rows", "rows counted", "share"]);
}

#[test]
fn a_select_is_cut_at_its_limit_and_says_so() {
    let all = "SELECT a.source_key FROM tickets AS a CROSS JOIN (SELECT * FROM tickets LIMIT 200) AS b";
    let limit = servicebook::app::request::LIMIT_OF_SQL;
    let page = asked(&RowsQuery { limit: 1, ..query(RowsSource::Sql { text: all.into() }) });
    assert_eq!((page.total, page.cut), (limit, true));
    let page = asked(&RowsQuery { limit: 1, ..query(RowsSource::Sql { text: format!("{all} LIMIT {limit}") }) });
    assert_eq!((page.total, page.cut), (limit, false));
}

#[test]
fn tables_that_are_named_can_be_asked() {
    let tables = session().tables(&september()).unwrap();
    let names: Vec<&str> = tables.iter().map(|words| words.table.as_str()).collect();
    assert!(["tickets", "outages", "failures", "readings"].iter().all(|name| names.contains(name)), "{names:?}");
    for words in tables {
        let page = asked(&RowsQuery {
            limit: 1,
            ..query(RowsSource::Sql { text: format!("SELECT count(*) AS n FROM {}", words.table) })
        });
        assert_eq!(integer(&page.rows[0][0]), i64::try_from(words.rows).unwrap(), "{}", words.table);
        assert!(!words.columns.is_empty());
    }
}

#[test]
fn two_readers_at_once_get_what_one_gets() {
    let searches = ["mail", "priority=P2", "!mail", "elapsed_s>8h", "opened_at>2026-09-10"];
    let alone: Vec<RowsPage> = searches.iter().map(|search| searched("tickets", search)).collect();
    let desk = Desk::new();
    let book = Book::open(&demo::unpack(&desk.cache()).unwrap()).unwrap();
    let fresh = Session::open(book, Opening { as_of: None, may_pull: true }).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for (search, wanted) in searches.iter().zip(&alone) {
                    let found = fresh.rows(&RowsQuery { search: (*search).into(), ..query(table("tickets", "")) });
                    assert_eq!(found.unwrap(), *wanted, "{search}");
                }
            });
        }
    });
}
