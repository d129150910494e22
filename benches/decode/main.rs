//! Answers of tools to typed columns: what `decode.py` compares with polars reading the same records.
//!
//! ```text
//! decode write FOLDER TICKETS         makes the tickets, as tickets.ndjson and as tickets.json
//! decode run FOLDER ndjson|json -     decodes, maps and counts them, once for each line of standard input
//! decode parts FOLDER ndjson|json N   the same in parts: decoded only, counted only
//! ```
//!
//! Times are printed as JSON, one line a round. The file is read within the time, as polars reads it. A ticket has 25
//! values in some 650 bytes, of which 15 are wanted. In the lines its values stand side by side, which suits polars
//! best; in the document they are nested as issue trackers write them.
#![expect(clippy::print_stdout, reason = "the printed times are the result")]

use servicebook::source::Manifest;
use servicebook::source::count_json;
use servicebook::source::decode::{FieldPath, FieldPlan, Format, PageFacts, RowPath, RowsPlan, rows};
use servicebook::source::manifest::{Origin, TablePlan};
use servicebook::source::map::Mapper;
use servicebook::source::split::Record;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

const MANIFEST: &str = include_str!("tickets.toml");

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", folder, tickets] => write(Path::new(folder), tickets.parse()?),
        ["run", folder, format, "-"] => {
            let (format, file) = page(Path::new(folder), format)?;
            for _ in std::io::stdin().lines().map_while(Result::ok) {
                run(format, &file)?;
            }
            Ok(())
        }
        ["parts", folder, format, rounds] => {
            let (format, file) = page(Path::new(folder), format)?;
            for _ in 0..rounds.parse()? {
                parts(format, &file)?;
            }
            Ok(())
        }
        _ => Err("write FOLDER TICKETS, run FOLDER ndjson|json -, or parts FOLDER ndjson|json ROUNDS".into()),
    }
}

fn page(folder: &Path, format: &str) -> Result<(Format, PathBuf), Box<dyn Error>> {
    match format {
        "ndjson" => Ok((Format::Ndjson, folder.join("tickets.ndjson"))),
        "json" => Ok((Format::Json, folder.join("tickets.json"))),
        _ => Err("the formats are ndjson and json".into()),
    }
}

/// Reads the tickets' file to typed columns and counts its records a second time.
fn run(format: Format, file: &Path) -> Outcome {
    let (table, plan) = plans(format)?;
    let begun = Instant::now();
    let page = std::fs::read(file)?;
    let mut mapper = Mapper::new(&table, "made")?;
    open(&mut mapper, &plan)?;
    let (mut refused, mut line) = (0_u64, 0);
    let taken = rows(format, &page, &plan, &PageFacts::default(), &mut |record, outcome| {
        if outcome.is_ok() {
            mapper.take(record, None);
        } else {
            refused += 1;
            line = record.line;
        }
    })?;
    let mapped = mapper.finish()?;
    let columns_s = begun.elapsed().as_secs_f64();
    let counted = count(format, &page, &plan.rows);
    let whole_s = begun.elapsed().as_secs_f64();
    let loaded = mapped.frame.height() as u64;
    if refused > 0 || loaded != taken.rows || loaded != counted {
        let first = mapped.quarantine.first().map_or_else(String::new, |row| row.reason.clone());
        return Err(format!("{loaded} of {counted} loaded, {refused} refused, last in line {line}; {first}").into());
    }
    println!("{{\"rows\": {loaded}, \"columns_s\": {columns_s:.3}, \"with_count_s\": {whole_s:.3}}}");
    Ok(())
}

fn parts(format: Format, file: &Path) -> Outcome {
    let (_, plan) = plans(format)?;
    let page = std::fs::read(file)?;
    let begun = Instant::now();
    let mut bytes = 0;
    rows(format, &page, &plan, &PageFacts::default(), &mut |record, _| bytes += record.bytes.len())?;
    let decoded_s = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let counted = count(format, &page, &plan.rows);
    let counted_s = begun.elapsed().as_secs_f64();
    println!(
        "{{\"rows\": {counted}, \"bytes\": {bytes}, \"decoded_s\": {decoded_s:.3}, \"counted_s\": {counted_s:.3}}}"
    );
    Ok(())
}

fn count(format: Format, page: &[u8], rows: &RowPath) -> u64 {
    if format == Format::Json { count_json::elements(page, rows) } else { count_json::lines(page) }
}

/// The table's plan, and what it wants of a page: each header is a field path.
fn plans(format: Format) -> Result<(TablePlan, RowsPlan), Box<dyn Error>> {
    // In the lines the same names stand side by side.
    let flat = MANIFEST.replace("/fields/", "/").replace("/name\"", "\"");
    let manifest = if format == Format::Json { MANIFEST } else { &flat };
    let mut tables = Manifest::parse(manifest, "benches/decode/tickets.toml")?.plans(&BTreeMap::new())?;
    let table = tables.pop().ok_or("no table")?;
    let mut fields = Vec::new();
    for column in &table.columns {
        if let Origin::Header { name, .. } = &column.origin {
            fields.push(FieldPlan::Path(FieldPath::parse(name)?));
        }
    }
    let rows = RowPath::parse(if format == Format::Json { "/issues/*" } else { "" })?;
    Ok((table, RowsPlan { rows, fields, only: Vec::new() }))
}

fn open(mapper: &mut Mapper<'_>, plan: &RowsPlan) -> Outcome {
    let (mut bytes, mut ends) = (String::new(), Vec::new());
    for field in &plan.fields {
        if let FieldPlan::Path(path) = field {
            bytes.push_str(&path.to_string());
        }
        ends.push(bytes.len());
    }
    Ok(mapper.open("tickets", Record { bytes: bytes.as_bytes(), ends: &ends, line: 0, too_long: false })?)
}

/// Writes tickets that are made from their numbers alone, once as lines and once as one document.
fn write(folder: &Path, tickets: usize) -> Outcome {
    let mut lines = std::io::BufWriter::new(std::fs::File::create(folder.join("tickets.ndjson"))?);
    let mut document = std::io::BufWriter::new(std::fs::File::create(folder.join("tickets.json"))?);
    write!(document, "{{\"startAt\": 0, \"issues\": [")?;
    for number in 0..tickets {
        writeln!(lines, "{}", flat(number))?;
        write!(document, "{}{}", if number == 0 { "" } else { "," }, nested(number))?;
    }
    write!(document, "], \"total\": {tickets}}}")?;
    lines.flush()?;
    document.flush()?;
    Ok(())
}

/// The values of a ticket, made from its number: name and JSON.
fn ticket(number: usize) -> Vec<(&'static str, String)> {
    let one = |of: &[&'static str], step: usize| format!("\"{}\"", of[number / step % of.len()]);
    let stamp = |step: usize| {
        let (month, day) = (number / step % 12 + 1, number / 7 % 28 + 1);
        let (hour, minute, second) = (number % 24, number % 60, number / 3 % 60);
        format!("\"2026-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000+0000\"")
    };
    let closed = if number.is_multiple_of(5) { "null".to_owned() } else { stamp(900) };
    let quote = if number.is_multiple_of(10) { "\\\"urgent\\\" " } else { "" };
    vec![
        ("id", format!("\"{}\"", number + 10_000)),
        ("key", format!("\"OPS-{number}\"")),
        ("self", format!("\"https://desk.example/rest/api/2/issue/{}\"", number + 10_000)),
        ("issuetype", one(&["Incident", "Request", "Change"], 1)),
        ("summary", format!("\"{quote}The printer on floor {} does not answer\"", number % 40)),
        ("status", one(&["Open", "Active", "Resolved", "Closed"], 3)),
        ("priority", one(&["Highest", "High", "Medium", "Low"], 7)),
        ("service", one(&["Mail", "Erp", "Web", "Files", "Voice"], 2)),
        ("customer", one(&["North", "South", "West"], 5)),
        ("group", format!("\"Group {}\"", number % 23)),
        ("labels", format!("\"floor-{}\"", number % 40)),
        ("created", stamp(1_000)),
        ("updated", stamp(800)),
        ("resolved", closed.clone()),
        ("closed", closed),
        ("reopened", (number % 3).to_string()),
        ("moved", (number % 6).to_string()),
        ("breached", number.is_multiple_of(11).to_string()),
        ("reporter", format!("\"user{}\"", number % 5_000)),
        ("votes", (number % 17).to_string()),
        ("watches", (number % 9).to_string()),
        ("score", format!("{}.25", number % 100)),
        ("location", format!("\"Building {}, room {}\"", number % 4, number % 300)),
        ("channel", one(&["phone", "mail", "portal"], 4)),
        ("contact", format!("\"user{}@example.org, extension {}\"", number % 5_000, number % 900)),
    ]
}

/// Writes a ticket with its values side by side.
fn flat(number: usize) -> String {
    let values: Vec<String> = ticket(number).into_iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{{}}}", values.join(", "))
}

/// Writes a ticket as issue trackers do: what is chosen from a list is an object, labels are a list.
fn nested(number: usize) -> String {
    let (mut head, mut fields) = (Vec::new(), Vec::new());
    for (name, value) in ticket(number) {
        match name {
            "id" | "key" | "self" => head.push(format!("\"{name}\": {value}")),
            "issuetype" | "status" | "priority" => {
                fields.push(format!("\"{name}\": {{\"id\": \"{}\", \"name\": {value}}}", number % 4));
            }
            "labels" => fields.push(format!("\"{name}\": [{value}]")),
            _ => fields.push(format!("\"{name}\": {value}")),
        }
    }
    format!("{{{}, \"fields\": {{{}}}}}", head.join(", "), fields.join(", "))
}
