//! Laws that hold for every figure, whatever the rows: parts add up to the whole, the order of rows does not matter.

use crate::program::Desk;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use servicebook::app::session::Opening;
use servicebook::app::{Book, Session};
use servicebook::measure::{Depth, Measured, Prepared};
use servicebook::model::figure::{Figure, MissingKind};
use servicebook::model::{Dataset, FigureId, Period};
use std::collections::{BTreeMap, BTreeSet};

/// Opens a copy of a book of the repository; the desk keeps the copy alive.
fn open(desk: &Desk, book: &str) -> Session {
    let book = Book::open(&desk.copy_book(book)).unwrap();
    Session::open(book, Opening { as_of: None, may_pull: true }).unwrap()
}

/// Values of the figures that the catalogue calls additive, with the rows behind them.
fn additive(measured: &Measured) -> BTreeMap<FigureId, (f64, u64)> {
    let additive: BTreeSet<&str> =
        servicebook::measure::catalogue().iter().filter(|definition| definition.additive).map(|d| d.id).collect();
    let counted = measured.figures.iter().filter(|figure| additive.contains(figure.id.measure.as_str()));
    counted.filter_map(|figure| Some((figure.id.clone(), (part_of_a_sum(figure)?, figure.rows.used)))).collect()
}

/// What a figure adds to a sum: nothing where there was nothing to count, and no answer where nothing is known.
fn part_of_a_sum(figure: &Figure) -> Option<f64> {
    match &figure.value {
        Ok(value) => Some(*value),
        Err(missing) if missing.kind == MissingKind::NotApplicable => Some(0.0),
        Err(_) => None,
    }
}

/// Splits a period at one of its local midnights and compares the sum of the parts with the whole, all as of the end.
fn parts_add_up(session: &Session, period: &Period, at: usize) {
    let days = period.days();
    let (first, cut, last) = (days[0].0, days[at].0, days[days.len() - 1].0.succ_opt().unwrap());
    let zone = period.zone();
    let as_of = period.end();
    let measure = |period: &Period| session.prepared().measure(period, as_of, Depth::Report).unwrap();
    let whole = additive(&measure(period));
    let parts = [(first, cut), (cut, last)]
        .map(|(from, to)| additive(&measure(&Period::parse(&format!("{from}..{to}"), zone).unwrap())));
    assert!(whole.len() > 20, "only {} additive figures", whole.len());
    for (id, (value, _)) in &whole {
        // A value that occurs in one part only is no figure of the other.
        let sum: f64 = parts.iter().filter_map(|part| part.get(id)).map(|(value, _)| value).sum();
        assert_eq!(
            sum.to_bits(),
            value.to_bits(),
            "{id}: {value} is not the sum {sum} of {first}..{cut} and {cut}..{last}"
        );
    }
    for id in parts.iter().flat_map(BTreeMap::keys) {
        assert!(whole.contains_key(id), "{id} is in a part of the period and not in the whole");
    }
}

#[test]
fn parts_of_a_period_add_up_to_the_whole_on_every_day_of_the_hand_derived_book() {
    let desk = Desk::new();
    let session = open(&desk, "tests/books/hand");
    let period = Period::parse("2026-03", session.book().config.book.zone).unwrap();
    for at in 1..31 {
        parts_add_up(&session, &period, at);
    }
}

#[test]
fn parts_of_a_period_add_up_to_the_whole_in_the_demo_book() {
    let desk = Desk::new();
    let session = open(&desk, "sample-data/book");
    for (month, at) in [("2026-09", 9), ("2026-09", 24), ("2025-10", 26), ("2026-03", 29)] {
        parts_add_up(&session, &Period::parse(month, session.book().config.book.zone).unwrap(), at);
    }
}

/// Returns the rows of every table in another order.
fn shuffled(dataset: &Dataset, mut next: impl FnMut() -> u64) -> Dataset {
    let tables = dataset.tables().map(|(table, frame)| {
        let mut order: Vec<u32> = (0..u32::try_from(frame.height()).unwrap()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, usize::try_from(next() % (last as u64 + 1)).unwrap());
        }
        let order = polars::prelude::IdxCa::from_vec("order".into(), order);
        (table, frame.take(&order).unwrap())
    });
    let tables = tables.collect();
    let (receipts, findings) = (dataset.receipts().to_vec(), dataset.findings().to_vec());
    Dataset::new(tables, receipts, findings, dataset.generation().to_owned())
}

fn order_of_rows_changes_nothing(book: &str, month: &str, cases: u32) {
    let desk = Desk::new();
    let session = open(&desk, book);
    let period = Period::parse(month, session.book().config.book.zone).unwrap();
    let prepared = session.prepared();
    let expected = prepared.measure(&period, period.end(), Depth::Report).unwrap().figures;
    let mut runner = TestRunner::new(Config { cases, max_shrink_iters: 0, ..Config::default() });
    runner
        .run(&any::<u64>(), |mut seed| {
            let random = move || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                seed >> 33
            };
            let dataset = shuffled(prepared.dataset(), random);
            let edition = session.book().config.book.edition;
            let other = Prepared::new(dataset, prepared.catalogue().clone(), edition, period.end()).unwrap();
            let figures = other.measure(&period, period.end(), Depth::Report).unwrap().figures;
            prop_assert_eq!(figures.len(), expected.len());
            for (figure, expected) in figures.iter().zip(&expected) {
                prop_assert_eq!(figure, expected);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_order_of_rows_changes_no_figure_of_the_hand_derived_book() {
    order_of_rows_changes_nothing("tests/books/hand", "2026-03", 20);
}

#[test]
fn the_order_of_rows_changes_no_figure_of_the_demo_book() {
    order_of_rows_changes_nothing("sample-data/book", "2026-09", 2);
}
