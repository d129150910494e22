//! Books of many services with promised clocks, and what the program says of them.

use super::clocks::{Attribution, Case, Metric};
use super::ground::{Ground, utc};
use super::promises::Reopened;
use super::rows::{Tables, at, row, words};
use super::tape::{Difference, Draw, Size, Tape, walk};
use polars::prelude::DataFrame;
use servicebook::measure::{Depth, Measured, Prepared};
use servicebook::model::{Catalogue, Edition, FigureId, Scope, Service, Table};
use std::collections::BTreeMap;

/// A ground with cases on it: the services `s0`, `s1` and so on, with tickets `s0-0` and so on.
pub struct Book {
    pub ground: Ground,
    pub attribution: Attribution,
    pub cases: Vec<Case>,
}

impl Book {
    pub fn draw(place: usize, head: &Tape, tapes: &[Tape]) -> Self {
        let mut draw = Draw::of(head);
        let ground = Ground::draw(place, &mut draw);
        let attribution = draw.pick(&[Attribution::Finish, Attribution::Breach, Attribution::Opened]);
        let mut cases: Vec<Case> = tapes.iter().map(|tape| Case::draw(&ground, &mut Draw::of(tape))).collect();
        for promise in cases.iter_mut().flat_map(|case| &mut case.promises) {
            // Of several runs that missed, no rule says whose goal ran out when.
            if attribution == Attribution::Breach && promise.policy.reopened == Reopened::Worst {
                promise.policy.reopened = Reopened::Continue;
            }
        }
        for ticket in cases.iter_mut().flat_map(|case| &mut case.tickets) {
            // An answer after the period to a ticket that was resolved before it: see `named`.
            if attribution == Attribution::Breach && ticket.answered.is_some_and(|at| at >= ground.to) {
                ticket.answered = None;
            }
        }
        Self { ground, attribution, cases }
    }

    pub fn tables(&self) -> Tables {
        let mut tables = Tables::default();
        for (case, own) in self.cases.iter().enumerate() {
            for (ticket, own) in own.tickets.iter().enumerate() {
                own.write(&mut tables, &format!("s{case}-{ticket}"), &format!("s{case}"));
            }
            for (ticket, approved) in &own.excluded {
                let key = format!("s{case}-{ticket}");
                tables.add(
                    Table::Exclusions,
                    row([
                        ("source", words("desk")),
                        ("source_key", words(&key)),
                        ("figure", words("sla")),
                        ("ticket", words(&key)),
                        ("why", words("weather")),
                        ("approved_at", at(*approved)),
                    ]),
                );
            }
        }
        tables
    }

    pub fn catalogue(&self) -> Catalogue {
        let mut catalogue = Catalogue::new("Oracle".into(), self.ground.zone);
        catalogue.settings =
            toml::from_str(&format!("attribution = \"{}\"", format!("{:?}", self.attribution).to_lowercase())).unwrap();
        catalogue.customers = vec![toml::from_str("id = \"acme\"\nname = \"Acme\"").unwrap()];
        for (index, case) in self.cases.iter().enumerate() {
            let (id, calendar) = (format!("s{index}"), format!("c{index}"));
            catalogue.services.push(service(&id, ""));
            let own = case.hours.calendar(&calendar);
            let named = own.is_some().then_some(&*calendar);
            let promises = case.promises.iter().enumerate();
            catalogue
                .agreements
                .extend(promises.map(|(n, promise)| promise.agreement(&format!("{id}-{n}"), &id, named)));
            catalogue.calendars.extend(own);
        }
        catalogue
    }

    pub fn prepared(&self) -> Prepared {
        let horizon = utc(self.ground.end);
        let dataset = self.tables().dataset(self.ground.end, &[]);
        Prepared::new(dataset, self.catalogue(), Edition::default(), horizon).unwrap()
    }
}

/// A service as a book writes it.
pub fn service(id: &str, more: &str) -> Service {
    toml::from_str(&format!("id = \"{id}\"\nname = \"{id}\"\n{more}")).unwrap()
}

/// Figures by id.
pub struct Answers(BTreeMap<FigureId, servicebook::model::Figure>);

impl Answers {
    pub fn of(measured: Measured) -> Self {
        Self(measured.figures.into_iter().map(|figure| (figure.id.clone(), figure)).collect())
    }

    pub fn get(
        &self,
        measure: &str,
        service: &str,
        dimensions: &[(&str, &str)],
    ) -> Option<&servicebook::model::Figure> {
        self.0.get(&FigureId::new(measure, Scope::service(service), dimensions))
    }

    /// Part and whole of a ratio; nothing of nothing where there is no figure.
    pub fn ratio(&self, measure: &str, service: &str, kind: &str) -> (i64, i64) {
        let figure = self.get(measure, service, &[("type", kind)]);
        figure.map_or((0, 0), |figure| (figure.numerator.unwrap_or(0), figure.denominator.unwrap_or(0)))
    }

    pub fn number(&self, measure: &str, service: &str, kind: &str) -> f64 {
        self.get(measure, service, &[("type", kind)]).and_then(servicebook::model::Figure::number).unwrap_or(0.0)
    }
}

/// Compares the figures of every service, then each clock by itself.
pub fn compare(book: &Book) -> Result<usize, Difference> {
    let prepared = book.prepared();
    let (ground, period) = (&book.ground, book.ground.period());
    let answers = Answers::of(prepared.measure(&period, utc(ground.as_of), Depth::Report).unwrap());
    let clocks = Clocks::of(&prepared.table("tickets", &period, utc(ground.as_of)).unwrap().unwrap());
    let mut telling = 0;
    for (index, case) in book.cases.iter().enumerate() {
        let service = format!("s{index}");
        let own = case.clocks(ground);
        let mut wrong = Vec::new();
        for (metric, name) in [(Metric::Response, "response"), (Metric::Resolution, "resolution")] {
            for kind in ["incident", "request"] {
                let wanted = case.tally(ground, &own, metric, book.attribution, kind);
                let given = answers.ratio(&format!("sla.{name}"), &service, kind);
                let open = answers.number(&format!("sla.{name}_open_breached"), &service, kind);
                telling += usize::from(wanted.counted > 0) + usize::from(wanted.open_breached > 0);
                if given != (wanted.met, wanted.counted) || open.to_bits() != (wanted.open_breached as f64).to_bits() {
                    wrong.push(format!("{name} of {kind}s: {given:?} and {open} open, not {wanted:?}"));
                }
            }
            for (ticket, own) in own.iter().enumerate() {
                let Some(wanted) = own.of(metric) else { continue };
                let key = format!("{service}-{ticket}");
                let (taken, due) = clocks.get(&key, name);
                let due_differs = match (wanted.due.filter(|_| wanted.missed), due) {
                    (Some(wanted), Some(due)) => wanted != due,
                    // What is due later cannot be told by walking.
                    _ => false,
                };
                if taken.is_some_and(|taken| taken != wanted.taken) || due_differs {
                    let due = due.map(super::ground::text);
                    wrong.push(format!("{name} of ticket {ticket}: took {taken:?}, due {due:?}, not {wanted:?}"));
                }
            }
        }
        if !wrong.is_empty() {
            let text = format!(
                "{}\n{:?} {}\n{case:?}\n{:?}\n{}",
                wrong.join("\n"),
                book.attribution,
                ground.told(),
                clocks.of_service(&service),
                case.promises.iter().map(|promise| promise.policy.toml()).collect::<String>(),
            );
            return Err(Difference { case: index, text });
        }
    }
    Ok(telling)
}

/// What the program says of each clock: seconds taken and when due, by ticket and metric.
pub struct Clocks(BTreeMap<String, BTreeMap<String, i64>>);

impl Clocks {
    pub fn of(frame: &DataFrame) -> Self {
        let keys = frame.column("source_key").unwrap().str().unwrap();
        let mut clocks: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
        for name in ["response_taken_s", "response_due", "resolution_taken_s", "resolution_due"] {
            let Ok(column) = frame.column(name) else { continue };
            let scale = if name.ends_with("due") { 1000 } else { 1 };
            let column = column.cast(&polars::prelude::DataType::Int64).unwrap();
            for (key, cell) in keys.iter().zip(column.i64().unwrap().iter()) {
                let own = clocks.entry(key.unwrap().to_owned()).or_default();
                own.extend(cell.map(|cell| (name.to_owned(), cell / scale)));
            }
        }
        Self(clocks)
    }

    /// Everything of one service's tickets.
    pub fn of_service(&self, service: &str) -> Vec<(&String, &BTreeMap<String, i64>)> {
        self.0.iter().filter(|(key, _)| key.rsplit_once('-').is_some_and(|(own, _)| own == service)).collect()
    }

    /// Seconds taken, and when due.
    pub fn get(&self, ticket: &str, metric: &str) -> (Option<i64>, Option<i64>) {
        let of = |name: &str| self.0.get(ticket).and_then(|own| own.get(&format!("{metric}_{name}"))).copied();
        (of("taken_s"), of("due"))
    }
}

pub const SIZE: Size = Size { head: 16, case: 400, batch: 20 };

#[test]
fn five_hundred_random_services_have_the_clocks_that_stepping_through_time_gives() {
    walk(30_001, SIZE, 100, |place, head, tapes| compare(&Book::draw(place, head, tapes)));
}
