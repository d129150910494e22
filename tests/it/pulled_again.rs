//! Pulls of a tool that follow another: one period does not speak for the others, and a record that cannot be read is
//! one record however often it comes.

use chrono::{DateTime, Utc};
use servicebook::config::SourceConfig;
use servicebook::model::{Completeness, Period, Pulled, Table};
use servicebook::source::http::{Answer, Cancel, HttpError, Request, Transport};
use servicebook::source::{Order, pull};
use std::path::Path;

const CONNECTOR: &str = r#"
[connector]
name = "desk"
title = "Desk"
version = 1
language = 1
proven = "a test"
rights = "none"

[settings.url]
kind = "url"
hint = "where"

[http]
base = "{url}"
rate = "1000/s"

[http.auth]
kind = "none"

[request.issues]
path = "/issues"
query = [["since", "{window.from}"], ["to", "{window.to}"]]
rows = "/issues/*"
window = { kind = "changed" }
paging = { kind = "none" }
complete = { kind = "whole_answer", at_most = 4 }

[table.tickets]
request = "issues"

[table.tickets.columns]
source_key = { from = "/id" }
type = { const = "incident" }
opened_at = { from = "/opened", format = "rfc3339", zone = "offset" }
"#;

/// The rows of a desk: key and opening; one of them is no time.
struct Desk(Vec<(u32, &'static str)>);

impl Transport for Desk {
    fn send(&mut self, request: &Request, _: &Cancel) -> Result<Answer, HttpError> {
        let asked = |name: &str| {
            let (_, value) = request.url.query_pairs().find(|(known, _)| known == name).unwrap();
            value.parse::<DateTime<Utc>>().unwrap()
        };
        let window = asked("since")..asked("to");
        let held = |at: &str| at.parse::<DateTime<Utc>>().map_or(true, |at| window.contains(&at));
        let rows = self.0.iter().filter(|(_, at)| held(at));
        let rows: Vec<String> = rows.map(|(id, at)| format!(r#"{{"id":{id},"opened":"{at}"}}"#)).collect();
        let body = format!(r#"{{"issues":[{}]}}"#, rows.join(",")).into_bytes();
        let headers = vec![("date".into(), "Thu, 05 Nov 2026 08:00:00 GMT".into())];
        Ok(Answer { status: 200, headers, body, url: request.url.clone() })
    }
}

fn pulled(book: &Path, desk: &mut Desk, before: Option<&Pulled>, period: Option<&str>) -> Result<Pulled, String> {
    std::fs::create_dir_all(book.join("connectors")).unwrap();
    std::fs::write(book.join("connectors/desk.toml"), CONNECTOR).unwrap();
    let source: SourceConfig =
        toml::from_str("id = \"desk\"\nconnector = \"desk\"\nsettings = { url = \"https://desk.example\" }").unwrap();
    let now = "2026-11-05T08:00:00Z".parse().unwrap();
    let pulled = pull(&mut Order {
        source: &source,
        book,
        unfinished: &book.join("unfinished"),
        zone: chrono_tz::UTC,
        now,
        clock: &|| now,
        before,
        period: period.map(|period| Period::parse(period, chrono_tz::UTC).unwrap()),
        full: false,
        environment: &|_| None,
        progress: &mut |_| {},
        cancel: Cancel::default(),
        transport: Some(desk),
    });
    std::fs::remove_dir_all(book.join("unfinished")).ok();
    pulled.map_err(|error| error.to_string())
}

#[test]
fn after_a_first_pull_of_one_period_everything_is_asked() {
    let book = tempfile::tempdir().unwrap();
    let mut desk = Desk(vec![(1, "2026-09-03T10:00:00Z"), (2, "2026-10-03T10:00:00Z")]);
    let october = pulled(book.path(), &mut desk, None, Some("2026-10")).unwrap();
    assert_eq!(october.tables[&Table::Tickets].height(), 1);
    let refused = pulled(book.path(), &mut desk, Some(&october), Some("2026-09")).unwrap_err();
    assert!(refused.contains("asks for everything"), "{refused}");
    let all = pulled(book.path(), &mut desk, Some(&october), None).unwrap();
    assert_eq!(all.tables[&Table::Tickets].height(), 2);
}

#[test]
fn one_period_that_is_whole_takes_no_reservation_from_the_others() {
    let book = tempfile::tempdir().unwrap();
    let mut desk = Desk(vec![(1, "2026-09-03T10:00:00Z"), (2, "2026-10-03T10:00:00Z"), (3, "2026-10-04T10:00:00Z")]);
    let whole = pulled(book.path(), &mut desk, None, None).unwrap();
    let mut doubtful = whole.clone();
    doubtful.receipt.completeness = Completeness::Incomplete { reason: "rows are hidden".into() };
    let october = pulled(book.path(), &mut desk, Some(&doubtful), Some("2026-10")).unwrap();
    assert!(
        matches!(&october.receipt.completeness, Completeness::Incomplete { reason } if reason == "rows are hidden")
    );
    assert_eq!(october.tables[&Table::Tickets].height(), 3);
}

#[test]
fn a_record_that_cannot_be_read_twice_is_one_record() {
    let book = tempfile::tempdir().unwrap();
    let mut desk = Desk(vec![(1, "2026-09-03T10:00:00Z"), (2, "never")]);
    let first = pulled(book.path(), &mut desk, None, None).unwrap();
    let second = pulled(book.path(), &mut desk, Some(&first), None).unwrap();
    assert_eq!((first.receipt.quarantined, second.receipt.quarantined), (1, 1));
    assert_eq!(second.receipt.records, 2);
    assert!(second.receipt.conserves());
}
