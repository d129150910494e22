//! Benchmarks of what people wait for: a month's figures, a report with its trends, a window of rows.
//!
//! `cargo bench` runs them on the demo book. BENCHMARKS.md says how whole commands are measured.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start must fail")]

use criterion::{Criterion, criterion_group, criterion_main};
use servicebook::app::request::{RowsQuery, RowsSource};
use servicebook::app::session::Opening;
use servicebook::app::{Book, Session, demo};
use servicebook::calendar::{ServiceHours, Span};
use servicebook::measure::Depth;
use servicebook::model::Period;

fn figures(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let book = Book::open(&demo::unpack(folder.path()).unwrap()).unwrap();
    let session = Session::open(book, Opening { as_of: None, may_pull: true }).unwrap();
    let period = session.last_closed_month();
    criterion.bench_function("figures of one month of the demo book", |bench| {
        bench.iter(|| session.prepared().measure(&period, period.end(), Depth::Report).unwrap());
    });
    criterion.bench_function("figures of one month, for a trend", |bench| {
        bench.iter(|| session.prepared().measure(&period, period.end(), Depth::Trend).unwrap());
    });
    let asked = |offset| RowsQuery {
        period: period.clone(),
        from: RowsSource::Table { table: "tickets".into(), filter: "type = 'incident'".into() },
        chips: Vec::new(),
        search: "mail".into(),
        sort: Some(("opened_at".into(), true)),
        offset,
        limit: 200,
    };
    criterion.bench_function("a window of tickets, filtered, searched and sorted", |bench| {
        bench.iter(|| session.rows(&asked(0)).unwrap());
    });
}

fn service_time(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let book = Book::open(&demo::unpack(folder.path()).unwrap()).unwrap();
    let zone = book.config.book.zone;
    let year = Period::parse("2026", zone).unwrap();
    let (start, end) = (year.start().timestamp(), year.end().timestamp());
    let hours = ServiceHours::new("office", &book.config.calendars, Span::new(start, end)).unwrap();
    let rows = 0..1_000_000_i64;
    let starts: Vec<i64> = rows.clone().map(|row| start + row * 17 % 20_000_000).collect();
    let ends: Vec<i64> = rows.zip(&starts).map(|(row, at)| at + row * 7_919 % 4_000_000).collect();
    criterion.bench_function("service time of one million tickets", |bench| {
        bench.iter(|| hours.elapsed_many(&starts, &ends));
    });
}

criterion_group!(benches, figures, service_time);
criterion_main!(benches);
