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
        let kept = numbers(&tickets(), text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(kept.len(), rows, "{text}");
    }
    assert!(numbers(&tickets(), "true) UNION SELECT * FROM filtered WHERE (true").is_err());
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

#[test]
fn nothing_opens_a_file_in_any_place() {
    for sql in [
        "SELECT read_csv('/etc/passwd')",
        "SELECT * FROM tickets WHERE read_parquet('x') = 1",
        "SELECT type FROM tickets ORDER BY read_csv('x')",
        "SELECT type FROM tickets GROUP BY read_csv('x')",
        "SELECT type FROM tickets HAVING read_csv('x') > 1",
        "SELECT count(READ_CSV('x')) FROM tickets",
        "SELECT CASE WHEN read_ipc('x') THEN 1 END FROM tickets",
        "SELECT * FROM tickets, read_csv('x')",
        "SELECT * FROM tickets CROSS JOIN LATERAL read_csv('x')",
        "SELECT * FROM (tickets JOIN read_csv('x') ON true)",
        "SELECT (SELECT * FROM read_csv('x'))",
        "SELECT * FROM tickets UNION SELECT * FROM read_csv('x')",
        "SELECT * FROM tickets WHERE EXISTS (SELECT 1 FROM read_csv('x'))",
        "WITH tickets AS (SELECT * FROM read_csv('x')) SELECT * FROM tickets",
        "WITH a AS (WITH b AS (SELECT * FROM read_csv('x')) SELECT * FROM b) SELECT * FROM a",
        "SELECT * FROM read_csv/**/('x')",
        "SELECT * FROM -- a comment\n read_csv('x')",
        "SELECT * FROM \"read_csv\"('x')",
        "SELECT * FROM 'x.parquet'",
        "SELECT * FROM `x.parquet`",
        "SELECT * FROM file.csv",
        "SELECT * FROM tickets; -- \nSELECT * FROM read_csv('x')",
        "COPY tickets TO '/tmp/x'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "COPY tickets FROM '/etc/passwd'",
        "SELECT * FROM tickets INTO OUTFILE '/tmp/x'",
        "SELECT * FROM tickets FORMAT CSV",
        "SELECT * FROM tickets SETTINGS x = 1",
        "SELECT * FROM tickets FOR UPDATE",
        "SET x = 1",
        "RESET x",
        "PRAGMA x",
        "DESCRIBE tickets",
        "EXPLAIN ANALYZE SELECT * FROM tickets",
        "SHOW CREATE TABLE tickets",
        "ATTACH 'x' AS y",
        "INSTALL x",
        "LOAD x",
        "CALL x()",
        "VALUES (1); DROP TABLE tickets",
        "WITH x AS (DELETE FROM tickets RETURNING *) SELECT * FROM x",
        "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT * FROM x) SELECT * FROM x",
        "CREATE VIEW x AS SELECT 1",
        "ALTER TABLE tickets ADD COLUMN x INT",
        "USE other",
        "BEGIN",
        "SELECT * FROM tickets |> WHERE true",
    ] {
        assert!(check(sql, &["tickets"]).is_err(), "{sql}");
    }
}

#[test]
fn a_table_of_with_is_not_called_as_one_of_the_book() {
    for sql in [
        "WITH tickets AS (SELECT type FROM tickets LIMIT 1) SELECT * FROM tickets",
        "SELECT * FROM (WITH Tickets AS (SELECT type FROM tickets LIMIT 1) SELECT * FROM Tickets) x",
    ] {
        let error = check(sql, &["tickets"]).unwrap_err().to_string();
        assert!(error.contains("ickets` is a table of the book"), "{error}");
    }
    let sql = "WITH one AS (SELECT type FROM tickets LIMIT 1) SELECT * FROM one";
    assert!(run(sql, &[("tickets", tickets())]).is_ok_and(|rows| rows.height() == 1));
    assert_eq!(tables_of("SELECT * FROM a JOIN b ON a.x = b.x", &["c", "b", "a"]).unwrap(), ["b", "a"]);
}

#[test]
fn what_is_nested_or_chained_too_far_is_refused_and_overflows_nothing() {
    let deep = |open: &str, inner: &str, close: &str, times: usize| {
        format!("SELECT {}{inner}{} FROM tickets", open.repeat(times), close.repeat(times))
    };
    let doubled: String = (1..24).fold(String::new(), |sql, n| {
        sql + &format!(", t{n} AS (SELECT * FROM t{0} UNION ALL SELECT * FROM t{0})", n - 1)
    });
    for sql in [
        deep("(", "1", ")", 20_000),
        deep("((SELECT ", "1", "))", 5_000),
        deep("NOT ", "true", "", 10_000),
        deep("-", "1", "", 30_000),
        deep("abs(", "1", ")", 10_000),
        deep("CASE WHEN true THEN ", "1", " END", 2_000),
        format!("SELECT {} FROM tickets", vec!["1"; 20_000].join("+")),
        format!("SELECT 1{} FROM tickets", "::int".repeat(10_000)),
        format!("SELECT 1 {}", "IS NULL ".repeat(7_000)),
        format!("SELECT * FROM tickets WHERE {}", vec!["type = 'x'"; 4_000].join(" OR ")),
        vec!["SELECT * FROM tickets"; 2_000].join(" UNION ALL "),
        format!("WITH t0 AS (SELECT * FROM tickets){doubled} SELECT * FROM t23"),
        format!("SELECT * FROM tickets{}", ", tickets".repeat(100)),
        format!("SELECT '{}'", "x".repeat(70_000)),
    ] {
        assert!(run_at_most(&sql, &[("tickets", tickets())], 10).is_err(), "{}", &sql[..100]);
    }
    // What is long and flat is none of these.
    let list: Vec<String> = (0..9_000).map(|n| n.to_string()).collect();
    let long = format!("SELECT * FROM tickets WHERE reopen_count IN ({})", list.join(","));
    assert_eq!(run_at_most(&long, &[("tickets", tickets())], 10).unwrap().height(), 3);
    let chained = format!("SELECT {} AS n FROM tickets", vec!["reopen_count"; 900].join("+"));
    assert_eq!(run_at_most(&chained, &[("tickets", tickets())], 10).unwrap().height(), 3);
}

#[test]
fn joins_that_would_take_all_memory_are_refused_before_they_run() {
    let numbers: Vec<i64> = (0..100_000).collect();
    let many = df!("n" => &numbers, "one" => vec![1_i64; 100_000]).unwrap();
    let tables = [("a", many.clone()), ("b", many)];
    for sql in [
        "SELECT * FROM a CROSS JOIN b",
        "SELECT count(*) FROM a CROSS JOIN b",
        "SELECT * FROM a, b",
        "SELECT * FROM a JOIN b ON a.one = b.one LIMIT 5",
        "SELECT * FROM a LEFT JOIN b ON a.one = b.one",
        "SELECT * FROM (SELECT a.n FROM a JOIN b ON a.one = b.one) AS x WHERE n = 1",
        "WITH x AS (SELECT * FROM a WHERE n > 10) SELECT * FROM x JOIN b ON x.one = b.one",
        "SELECT n FROM a WHERE n IN (SELECT a.n FROM a CROSS JOIN b)",
        "SELECT a.n FROM a CROSS JOIN (SELECT * FROM b UNION ALL SELECT * FROM b) AS c",
    ] {
        let error = run_at_most(sql, &tables, 10).expect_err(sql);
        assert!(matches!(error, QueryError::TooMany { .. }), "{sql}: {error}");
    }
    for (sql, rows) in [
        ("SELECT * FROM a JOIN b ON a.n = b.n", 10),
        ("SELECT count(*) AS n FROM a JOIN b ON a.n = b.n", 1),
        ("SELECT * FROM a CROSS JOIN (SELECT * FROM b LIMIT 3) AS c", 10),
        ("SELECT * FROM a JOIN b ON a.n = b.n AND a.one = b.one WHERE a.n < 4", 4),
        ("SELECT * FROM a", 10),
        ("SELECT sum(n) AS n FROM a", 1),
    ] {
        let found = run_at_most(sql, &tables, 10).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(found.height(), rows, "{sql}");
    }
    let joined = run_at_most("SELECT count(*) AS n, sum(b.n) AS s FROM a JOIN b ON a.n = b.n", &tables, 10).unwrap();
    assert_eq!(joined.column("n").unwrap().get(0).unwrap().extract::<i64>(), Some(100_000));
    assert_eq!(joined.column("s").unwrap().get(0).unwrap().extract::<i64>(), Some(99_999 * 50_000));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let error = check("SELECT *\nFORM tickets", &["tickets"]).unwrap_err().to_string();
    assert!(error.contains("Line: 2") || error.contains("line 2"), "{error}");
    let error = run("SELECT nothing FROM tickets", &[("tickets", tickets())]).unwrap_err().to_string();
    assert!(error.contains("nothing"), "{error}");
    let error = run("SELECT \"\u{1b}[31m\" FROM tickets", &[("tickets", tickets())]).unwrap_err().to_string();
    assert!(!error.contains('\u{1b}'), "{error:?}");
}

#[test]
fn a_column_beside_an_aggregate_needs_group_by() {
    for (sql, named) in [
        ("SELECT type, count(*) FROM tickets", "type"),
        ("SELECT *, count(*) FROM tickets", "*"),
        ("SELECT max(type), upper(type) FROM tickets", "type"),
        ("SELECT x.type, sum(1) FROM tickets x", "x.type"),
    ] {
        let error = check(sql, &["tickets"]).unwrap_err().to_string();
        assert!(error.contains(&format!("write GROUP BY {named}")), "{sql}: {error}");
    }
    for sql in [
        "SELECT type, count(*) FROM tickets GROUP BY type",
        "SELECT count(*), max(type) FROM tickets",
        "SELECT upper(max(type)), 1 FROM tickets",
        "SELECT type, count(*) OVER (PARTITION BY type) FROM tickets",
        "SELECT 1",
    ] {
        assert!(check(sql, &["tickets"]).is_ok(), "{sql}");
    }
    assert!(run("SELECT 1 AS one", &[]).is_ok(), "without a table");
}
