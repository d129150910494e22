use super::*;
use polars::df;
use polars::prelude::{DataType, IntoColumn, NamedFrom, Series, TimeUnit, TimeZone};

fn tickets() -> DataFrame {
    let mut frame = df!(
        "type" => ["incident", "request", "incident"],
        "service" => [Some("mail"), None, Some("it's")],
        "is_major" => [Some(true), Some(false), None],
        "reopen_count" => [0_i64, 1, 2],
        "opened_in_period" => [true, true, false],
    )
    .unwrap();
    let opened = Series::new("opened_at".into(), [1_788_220_800_000_i64, 1_788_307_200_000, 1_788_393_600_000])
        .cast(&DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC)))
        .unwrap();
    frame.with_column(opened.into_column()).unwrap();
    frame
}

fn kept(text: &str) -> usize {
    let condition = condition(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    tickets().lazy().filter(condition).collect().unwrap_or_else(|error| panic!("{text}: {error}")).height()
}

#[test]
fn conditions_keep_the_rows_that_they_name() {
    let cases = [
        ("opened_in_period AND type = 'incident' AND service = 'mail'", 1),
        ("service = 'it''s'", 1),
        ("service IS NULL", 1),
        ("service IS NOT NULL", 2),
        ("is_major = true", 1),
        ("is_major IS NULL OR NOT is_major", 2),
        ("reopen_count >= 1 AND reopen_count < 2", 1),
        ("service IN ('mail', 'it''s')", 2),
        ("type NOT IN ('incident')", 1),
        ("reopen_count BETWEEN 1 AND 2", 2),
        ("(type = 'incident' OR type = 'request') AND reopen_count <> 0", 2),
        ("\"type\" = 'request'", 1),
        ("service LIKE 'ma%'", 1),
    ];
    for (text, rows) in cases {
        assert_eq!(kept(text), rows, "{text}");
    }
}

#[test]
fn a_filter_knows_instants() {
    let cases = [
        ("opened_at >= '2026-09-02'", 2),
        ("opened_at >= '2026-09-02 00:00:01'", 1),
        ("opened_at BETWEEN '2026-09-01' AND '2026-09-02'", 2),
        ("type = 'incident' -- and nothing else", 2),
    ];
    for (text, rows) in cases {
        let kept = filter(&tickets(), text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(kept.height(), rows, "{text}");
    }
    assert!(filter(&tickets(), "true) UNION SELECT * FROM filtered WHERE (true").is_err());
}

#[test]
fn a_condition_is_only_a_condition() {
    for text in [
        "",
        "type = 'incident'; DROP TABLE tickets",
        "type = 'incident' UNION SELECT * FROM tickets",
        "type = 'incident' AS x",
        "type = 'incident' ORDER BY type",
        "type IN (SELECT type FROM tickets)",
        "EXISTS (SELECT 1)",
        "read_csv('/etc/passwd') = 1",
        "type = 'incident",
        "WHERE type = 'incident'",
    ] {
        assert!(condition(text).is_err(), "{text}");
    }
}

#[test]
fn one_select_over_known_tables_runs() {
    let tables = [("tickets", tickets())];
    for (sql, rows) in [
        ("SELECT * FROM tickets", 3),
        ("SELECT type, count(*) AS n FROM tickets GROUP BY type ORDER BY n", 2),
        ("WITH majors AS (SELECT * FROM tickets WHERE is_major) SELECT * FROM majors;", 1),
        ("SELECT a.type FROM tickets a JOIN tickets b ON a.reopen_count = b.reopen_count", 3),
        ("SELECT * FROM (SELECT type FROM tickets LIMIT 2) AS some", 2),
        ("SELECT type FROM tickets UNION ALL SELECT type FROM tickets", 6),
    ] {
        assert_eq!(run(sql, &tables).unwrap_or_else(|error| panic!("{sql}: {error}")).height(), rows, "{sql}");
    }
}

#[test]
fn what_changes_or_opens_anything_is_refused() {
    for sql in [
        "",
        "DROP TABLE tickets",
        "TRUNCATE tickets",
        "DELETE FROM tickets",
        "INSERT INTO tickets VALUES (1)",
        "UPDATE tickets SET type = 'x'",
        "CREATE TABLE x AS SELECT * FROM tickets",
        "SELECT 1; SELECT 2",
        "SELECT * INTO x FROM tickets",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM tickets JOIN read_parquet('x') ON true",
        "SELECT * FROM (SELECT * FROM read_json('x')) AS x",
        "WITH x AS (SELECT * FROM read_csv('x')) SELECT * FROM x",
        "SELECT * FROM tickets WHERE type IN (SELECT * FROM read_csv('x'))",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM \"/etc/passwd\"",
        "SELECT * FROM other.tickets",
        "SELECT * FROM TABLE(read_csv('x'))",
        "SELECT * FROM UNNEST([1, 2])",
        "EXPLAIN SELECT * FROM tickets",
        "SHOW TABLES",
        "FROM read_csv('x') SELECT *",
        "TABLE tickets",
        "SELECT * FROM secrets",
    ] {
        assert!(check(sql, &["tickets"]).is_err(), "{sql}");
    }
    assert_eq!(
        check("SELECT * FROM ticket", &["tickets", "outages"]).unwrap_err().to_string(),
        "there is no table `ticket`; there are tickets, outages"
    );
}
