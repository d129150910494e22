//! Rows of each month at the tool beside those that are here: a difference is told, and what is missing taints.

use chrono::{DateTime, Utc};
use servicebook::config::SourceConfig;
use servicebook::model::{Completeness, Pulled};
use servicebook::source::http::{Answer, Cancel, HttpError, Request, Transport};
use servicebook::source::{Order, pull};

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
query = [["since", "{window.from}"]]
rows = "/issues/*"
window = { kind = "changed" }
paging = { kind = "none" }
complete = { kind = "whole_answer" }

[request.month]
path = "/count"
query = [["from", "{window.from}"], ["to", "{window.to}"]]
window = { kind = "span" }
paging = { kind = "none" }
complete = { kind = "total", at = "/total" }

[count.tickets]
request = "month"
column = "opened_at"

[table.tickets]
request = "issues"

[table.tickets.columns]
source_key = { from = "/id" }
type = { const = "incident" }
opened_at = { from = "/opened", format = "rfc3339", zone = "offset" }
"#;

const OPENED: [&str; 3] = ["2026-09-03T10:00:00Z", "2026-09-30T23:59:59Z", "2026-10-01T00:00:00Z"];

/// A desk that knows three tickets and counts some more.
struct Desk {
    more_in_september: usize,
}

impl Transport for Desk {
    fn send(&mut self, request: &Request, _: &Cancel) -> Result<Answer, HttpError> {
        let asked = |name: &str| {
            let (_, value) = request.url.query_pairs().find(|(known, _)| known == name).unwrap();
            value.parse::<DateTime<Utc>>().unwrap()
        };
        let body = if request.url.path() == "/count" {
            let month = asked("from")..asked("to");
            let here = OPENED.iter().filter(|at| month.contains(&at.parse::<DateTime<Utc>>().unwrap())).count();
            let september = month.contains(&OPENED[0].parse::<DateTime<Utc>>().unwrap());
            format!(r#"{{"total":{}}}"#, here + if september { self.more_in_september } else { 0 })
        } else {
            let rows = OPENED.iter().enumerate().map(|(id, at)| format!(r#"{{"id":{id},"opened":"{at}"}}"#));
            format!(r#"{{"issues":[{}]}}"#, rows.collect::<Vec<_>>().join(","))
        };
        let headers = vec![("date".into(), "Thu, 05 Nov 2026 08:00:00 GMT".into())];
        Ok(Answer { status: 200, headers, body: body.into_bytes(), url: request.url.clone() })
    }
}

fn pulled(mut desk: Desk) -> Pulled {
    let book = tempfile::tempdir().unwrap();
    std::fs::create_dir(book.path().join("connectors")).unwrap();
    std::fs::write(book.path().join("connectors/desk.toml"), CONNECTOR).unwrap();
    let source: SourceConfig = toml::from_str(
        "id = \"desk\"\nconnector = \"desk\"\nsince = \"2026-09-01\"\nsettings = { url = \"https://desk.example\" }",
    )
    .unwrap();
    let now = "2026-11-05T08:00:00Z".parse().unwrap();
    pull(&mut Order {
        source: &source,
        book: book.path(),
        unfinished: &book.path().join("unfinished"),
        zone: chrono_tz::UTC,
        now,
        clock: &|| now,
        before: None,
        period: None,
        full: false,
        environment: &|_| None,
        progress: &mut |_| {},
        cancel: Cancel::default(),
        transport: Some(&mut desk),
    })
    .unwrap()
}

fn months(pulled: &Pulled) -> Vec<(String, u64, u64)> {
    let asked = pulled.receipt.asked.as_ref().unwrap();
    asked.months.iter().map(|month| (month.month.clone(), month.there, month.here)).collect()
}

#[test]
fn months_that_agree_are_told_in_the_receipt() {
    let pulled = pulled(Desk { more_in_september: 0 });
    assert_eq!(months(&pulled), [("2026-09".into(), 2, 2), ("2026-10".into(), 1, 1), ("2026-11".into(), 0, 0)]);
    assert!(matches!(&pulled.receipt.completeness, Completeness::Complete { rule } if rule == "one answer holds all"));
    assert!(pulled.receipt.conserves());
}

#[test]
fn a_month_of_which_the_tool_counts_more_makes_the_pull_incomplete() {
    let pulled = pulled(Desk { more_in_september: 1 });
    assert_eq!(months(&pulled)[0], ("2026-09".into(), 3, 2));
    let Completeness::Incomplete { reason } = &pulled.receipt.completeness else { panic!("{:?}", pulled.receipt) };
    assert_eq!(reason, "tickets of 2026-09: 3 at the tool, 2 here");
}
