//! Rules of money, privacy, truncation, determinism and spreadsheets: R22, R24, R25, R26, R28.

use crate::program::{Desk, Run};
use crate::service_control::{COSTS, figure, report, write};
use serde_json::Value;
use servicebook::model::Table;

const CONFIG: &str = r#"
[book]
title = "Rules"
zone = "UTC"

[[service]]
id = "mail"
name = "Mail"

[[service]]
id = "erp"
name = "ERP"
"#;

const TICKETS: &str = "source_key,type,service,title,group,opened_at,resolved_at,actual_end,outcome
I1,incident,mail,one,Desk,2026-03-02,2026-03-03,,
I2,incident,mail,two,Desk,2026-03-04,2026-03-05,,
I3,request,mail,three,Desk,2026-03-06,2026-03-07,,
I4,request,mail,four,Desk,2026-03-08,2026-03-09,,
I5,incident,erp,five,Desk,2026-03-10,2026-03-11,,
C1,change,mail,a change,Desk,2026-03-01,,2026-03-12,successful
";

const FORMATS: [&str; 5] = ["md", "html", "plain", "csv", "json"];

/// A report's bytes in one format.
fn printed(desk: &Desk, book: &std::path::Path, format: &str) -> Run {
    desk.on(book, &["-q", "report", "--period", "2026-03", "--format", format])
}

#[test]
fn r22_what_a_cut_file_went_into_is_tainted_and_the_report_is_stamped_and_ends_with_3() {
    let desk = Desk::new();
    let links = "source_key,from,to,kind\n1,I1,C1,caused_by\n2,I2,C1,\"caus";
    let book = write(&desk, CONFIG, &[("tickets", TICKETS), ("links", links), ("costs", COSTS)]);
    for format in FORMATS {
        let run = printed(&desk, &book, format).ends(3);
        let stamped = match format {
            "json" => run.json()["complete"] == false,
            "csv" => run.text().lines().any(|line| line.starts_with("change.success,") && line.contains("true")),
            _ => run.text().contains("INCOMPLETE"),
        };
        assert!(stamped, "{format} does not say that it is incomplete");
    }
    let report = printed(&desk, &book, "json").json();
    for (id, tainted) in [("change.success", true), ("change.caused_incidents", true), ("change.implemented", false)] {
        assert_eq!(figure(&report, id)["tainted"], tainted, "{id}");
    }
    assert_eq!(figure(&report, "cost.actual/currency=EUR")["tainted"], false, "nothing is wrong with the costs");
    let desk = Desk::new();
    let cut = format!("{COSTS}11,mail,2026-03-01,2026-04-01,\"staff");
    let book = write(&desk, CONFIG, &[("tickets", TICKETS), ("costs", &cut)]);
    let report = printed(&desk, &book, "json").ends(3).json();
    assert_eq!(figure(&report, "cost.actual/currency=EUR")["tainted"], true);
    assert_eq!(figure(&report, "change.success")["tainted"], false);
}

#[test]
fn r24_money_is_whole_minor_units_of_its_own_currency_and_is_never_added_to_another() {
    let desk = Desk::new();
    let book = write(&desk, CONFIG, &[("tickets", TICKETS), ("costs", COSTS)]);
    let march = report(&desk, &book, "2026-03", &[]);
    for (id, value, display) in [
        // Rows 1, 2 and 4: 10,000.00 + 2,000.00 + 70.00. Row 7 is of a quarter, row 9 ends before it starts.
        ("cost.budget/service=mail/currency=EUR", 1_207_000, "12,070.00 EUR"),
        ("cost.budget/currency=EUR", 1_207_000, "12,070.00 EUR"),
        // Rows 1, 2 and 3: 12,345.50 + 1,500.00 + 49.99.
        ("cost.actual/service=mail/currency=EUR", 1_389_549, "13,895.49 EUR"),
        // Rows 1 and 2 have both: 13,845.50 − 12,000.00.
        ("cost.variance/service=mail/currency=EUR", 184_550, "1,845.50 EUR"),
        ("cost.variance/service=mail/cost_type=staff/currency=EUR", 234_550, "2,345.50 EUR"),
        ("cost.variance/service=mail/cost_type=licences/currency=EUR", -50_000, "-500.00 EUR"),
        ("cost.committed/service=mail/currency=EUR", 50_000, "500.00 EUR"),
        ("cost.forecast/service=mail/currency=EUR", 1_300_000, "13,000.00 EUR"),
        // The yen has no minor unit, the dinar one of three digits.
        ("cost.actual/service=mail/currency=JPY", 600_000, "600,000 JPY"),
        ("cost.actual/service=erp/currency=KWD", 1_234, "1.234 KWD"),
    ] {
        let figure = figure(&march, id);
        assert!(figure["value"].is_i64(), "{id}: {}", figure["value"]);
        assert_eq!((&figure["value"], &figure["display"]), (&value.into(), &display.into()), "{id}");
        let currency = id.rsplit_once('=').unwrap().1;
        assert_eq!(figure["unit"], format!("money:{currency}"), "{id}");
        assert_eq!(figure["basis"]["clauses"], serde_json::json!(["8.4.1"]), "{id}");
    }
    let share = figure(&march, "cost.variance_percent/service=mail/currency=EUR");
    assert!((share["value"].as_f64().unwrap() - 18_455.0 / 1_200.0).abs() < 1e-9, "{}", share["value"]);
    assert_eq!((&share["numerator"], &share["denominator"]), (&184_550.into(), &1_200_000.into()));
    // Four tickets of mail were resolved: 1,389,549 ÷ 4.
    let each = figure(&march, "cost.per_ticket/service=mail/currency=EUR");
    assert_eq!((&each["value"], &each["display"]), (&347_387.25.into(), &"3,473.87 EUR".into()));
    let missing = |id: &str| figure(&march, id)["missing"]["kind"].clone();
    assert_eq!(missing("cost.variance_percent/service=erp/currency=KWD"), "not_applicable", "of a budget of nought");
    assert_eq!(missing("cost.actual/service=erp/currency=EUR"), "no_data", "the quarter is not the month's");
    let reasons =
        figure(&march, "cost.actual/service=erp/currency=EUR")["rows"]["left_out"].as_array().unwrap().clone();
    let reasons: Vec<&str> = reasons.iter().map(|part| part["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["not wholly within the period", "ends before it starts"]);
    let ids: Vec<&str> = march["figures"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
    let without = ids.iter().find(|id| id.starts_with("cost.") && !id.contains("currency="));
    assert_eq!(without, None, "an amount without its currency");
    let kinds: Vec<&str> = march["findings"].as_array().unwrap().iter().map(|f| f["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"cost_without_currency") && kinds.contains(&"cost_ends_before_start"), "{kinds:?}");
    let quarter = report(&desk, &book, "2026-Q1", &[]);
    assert_eq!(figure(&quarter, "cost.actual/service=erp/currency=EUR")["value"], 280_600, "rows 7 and 10");
}

#[test]
fn r25_the_order_of_rows_and_the_environment_change_no_figure() {
    let reversed = |text: &str| {
        let (header, rows) = text.split_once('\n').unwrap();
        let mut rows: Vec<&str> = rows.lines().collect();
        rows.reverse();
        format!("{header}\n{}\n", rows.join("\n"))
    };
    // Two tests of one instant, and a plan that stands twice: the file's order must not choose.
    let plans =
        "source_key,plan,service,rto,interval,approved\n1,dr,mail,4h,90d,2026-01-01\n2,dr,mail,1h,30d,2026-01-01\n";
    let tests = "source_key,plan,kind,at,result,achieved_rto\n1,dr,recovery,2026-03-01,passed,2h\n2,dr,recovery,2026-03-01,passed,3h\n";
    let links = "source_key,from,to,kind\n1,I1,C1,caused_by\n2,I2,C1,caused_by\n";
    let tables = [
        ("tickets", TICKETS),
        ("links", links),
        ("costs", COSTS),
        ("continuity-plans", plans),
        ("continuity-tests", tests),
    ];
    let figures = |turned: bool, zone: &str| -> Vec<Value> {
        let desk = Desk::new();
        let texts: Vec<String> =
            tables.iter().map(|(_, text)| if turned { reversed(text) } else { (*text).into() }).collect();
        let sources: Vec<(&str, &str)> =
            tables.iter().zip(&texts).map(|((name, _), text)| (*name, text.as_str())).collect();
        let book = write(&desk, CONFIG, &sources);
        let mut command = desk.command(&["-q", "report", "--period", "2026-03", "--format", "json"]);
        let run = Run::of(command.env("TZ", zone).env("LANG", "tr_TR.UTF-8").arg("--book").arg(&book)).ends(0);
        let mut figures = run.json()["figures"].as_array().unwrap().clone();
        for figure in &mut figures {
            // A receipt is named by the bytes of its file.
            figure["basis"]["receipts"].take();
        }
        figures
    };
    let (first, second) = (figures(false, "UTC"), figures(true, "Asia/Kolkata"));
    assert_eq!(first.len(), second.len());
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first, second);
    }
}

#[test]
fn r26_exports_tell_of_groups_and_of_no_person_that_the_tools_named() {
    let desk = Desk::new();
    let (header, rows) = TICKETS.split_once('\n').unwrap();
    let rows: Vec<String> = rows.lines().map(|row| format!("{row},Grete Muster,g.muster@example.org")).collect();
    let tickets = format!("{header},assigned_to,caller\n{}\n", rows.join("\n"));
    let events = "ticket,at,seq,field,from,to,actor_group,actor\nI1,2026-03-02,1,group,,Desk,Desk,Grete Muster\n";
    let surveys = "source_key,service,scale,sent_at,answered_at,score,respondent\n1,mail,5,2026-03-01,2026-03-02,5,Grete Muster\n";
    let book = write(&desk, CONFIG, &[("tickets", &tickets), ("ticket-events", events), ("surveys", surveys)]);
    let mut answers: Vec<Run> = FORMATS.iter().map(|format| printed(&desk, &book, format).ends(0)).collect();
    for id in ["tickets.opened/type=incident", "change.implemented", "satisfaction.csat"] {
        for format in ["csv", "json", "table"] {
            answers.push(desk.on(&book, &["rows", id, "--period", "2026-03", "--format", format]).ends(0));
        }
    }
    answers.push(desk.on(&book, &["check"]).ends(0));
    for run in answers {
        for name in ["Muster", "muster@"] {
            assert!(!run.text().contains(name) && !run.talk.contains(name), "{name} is told:\n{}", run.text());
        }
    }
    let rows = desk.on(&book, &["rows", "tickets.opened/type=incident", "--period", "2026-03", "--format", "csv"]);
    assert!(rows.text().contains("Desk"), "groups are told");
    // No canonical table has a column for a person; those who approve or own are roles.
    let columns = Table::ALL.iter().flat_map(|table| table.own_columns()).map(|column| column.name);
    let persons = columns.filter(|name| {
        let words = ["assignee", "caller", "requester", "reporter", "person", "respondent", "agent", "email", "phone"];
        *name == "actor" || words.iter().any(|word| name.contains(word))
    });
    assert_eq!(persons.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn r28_no_cell_of_a_csv_export_begins_like_a_formula() {
    let desk = Desk::new();
    let tickets =
        TICKETS.replace(",one,", ",=1+1,").replace(",two,", ",@SUM(A1),").replace(",three,", ",\"+1,\"\"2\"\"\",");
    let costs = COSTS.replace(",staff,", ",=cmd(),").replace(",supplier,", ",-1,");
    let book = write(&desk, CONFIG, &[("tickets", &tickets), ("costs", &costs)]);
    let ids = ["tickets.opened/type=incident", "tickets.opened/type=request", "cost.actual/service=mail/currency=EUR"];
    let mut files = vec![printed(&desk, &book, "csv").ends(0)];
    for id in ids {
        files.push(desk.on(&book, &["-q", "rows", id, "--period", "2026-03", "--format", "csv"]).ends(0));
    }
    for (at, run) in files.iter().enumerate() {
        let records = records(run.text());
        assert!(records.len() > 1, "file {at} has no rows");
        for cell in records.iter().flatten() {
            let number = cell.parse::<f64>().is_ok();
            assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "file {at}: {cell:?}");
        }
    }
    assert!(files[1].text().contains("=1+1") && files[2].text().contains("\"\"2\"\""), "the text itself is kept");
}

/// Splits a CSV file by the quotes of RFC 4180.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell).trim_end_matches('\r').to_owned());
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    rows
}
