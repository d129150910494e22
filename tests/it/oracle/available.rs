//! Books of many services with registers, alone or made of others, and what the program says of them.

use super::availability::{State, Sums, combined};
use super::ground::{Ground, utc};
use super::judged::Answers;
use super::rows::Tables;
use super::services::{Formula, Settings, Subject};
use super::tape::{Difference, Draw, Size, Tape, walk};
use servicebook::measure::{Depth, Prepared};
use servicebook::model::catalogue::{Asserted, HoldRule};
use servicebook::model::duration::Seconds;
use servicebook::model::{Catalogue, Date, Edition, Figure, MissingKind};

/// A service, and those that it is made of where it is.
#[derive(Clone, Debug)]
pub struct Case {
    pub own: Subject,
    pub parts: Vec<Subject>,
    /// How many of its parts must be up.
    pub needs: usize,
}

impl Case {
    pub fn draw(ground: &Ground, settings: &Settings, draw: &mut Draw<'_>) -> Self {
        let count = if draw.below(3) < 2 { 0 } else { draw.between(1, 4) };
        Self {
            own: Subject::draw(ground, settings, count > 0, draw),
            parts: (0..count).map(|_| Subject::draw(ground, settings, false, draw)).collect(),
            needs: if count == 0 { 0 } else { draw.between(1, count + 1) as usize },
        }
    }

    fn needs(&self) -> String {
        match self.needs {
            needs if needs == self.parts.len() => "\"all\"".into(),
            1 => "\"any\"".into(),
            needs => needs.to_string(),
        }
    }
}

pub struct Book {
    pub ground: Ground,
    pub settings: Settings,
    pub cases: Vec<Case>,
}

impl Book {
    pub fn draw(place: usize, head: &Tape, tapes: &[Tape]) -> Self {
        let mut draw = Draw::of(head);
        let ground = Ground::draw(place, &mut draw);
        let settings = Settings::draw(&ground, &mut draw);
        let cases = tapes.iter().map(|tape| Case::draw(&ground, &settings, &mut Draw::of(tape))).collect();
        Self { ground, settings, cases }
    }

    pub fn prepared(&self) -> Prepared {
        let settings = &self.settings;
        let mut catalogue = Catalogue::new("Oracle".into(), self.ground.zone);
        let formula = match settings.formula {
            Formula::Gross => "gross".into(),
            other => format!("{other:?}"),
        };
        catalogue.settings =
            toml::from_str(&format!("availability = \"{formula}\"\ncoverage_limit = {}.0\n", settings.coverage_limit))
                .unwrap();
        let hold =
            HoldRule { max_age: Some(Seconds(settings.max_age)), ignore_up_to: settings.ignore_up_to.map(Seconds) };
        catalogue.holds = vec![("probe".into(), hold)];
        let mut tables = Tables::default();
        let mut declared = Vec::new();
        for (index, case) in self.cases.iter().enumerate() {
            let id = format!("s{index}");
            let names: Vec<String> = (0..case.parts.len()).map(|part| format!("{id}p{part}")).collect();
            for (part, name) in case.parts.iter().zip(&names) {
                part.write(&mut tables, &mut catalogue, name, "");
            }
            let made_of = format!("components = {names:?}\nneeds = {}\n", case.needs());
            case.own.write(&mut tables, &mut catalogue, &id, if names.is_empty() { "" } else { &made_of });
            let all = case.parts.iter().zip(&names).chain([(&case.own, &id)]);
            declared.extend(all.filter(|(subject, _)| subject.declared).map(|(_, name)| name.clone()));
        }
        if !declared.is_empty() {
            let from = self.ground.date(self.ground.start) - chrono::Days::new(2);
            let source = "register".into();
            catalogue.asserted = vec![Asserted { source, from: Some(Date(from)), services: declared }];
        }
        let dataset = tables.dataset(self.ground.end, &[("register", settings.pulled)]);
        Prepared::new(dataset, catalogue, Edition::default(), utc(self.ground.end)).unwrap()
    }
}

/// Compares the figures of every service, parts first.
pub fn compare(book: &Book) -> Result<usize, Difference> {
    let (ground, settings) = (&book.ground, &book.settings);
    let told = |case: &Case| case.own.has_rows() || case.parts.iter().any(Subject::has_rows);
    if !book.cases.iter().any(told) {
        // Where no register says anything there are no figures.
        return Ok(0);
    }
    let prepared = book.prepared();
    let answers = Answers::of(prepared.measure(&ground.period(), utc(ground.as_of), Depth::Report).unwrap());
    let mut telling = 0;
    for (index, case) in book.cases.iter().enumerate() {
        let states: Vec<State> = case.parts.iter().map(|part| part.state(ground, settings)).collect();
        let own = if states.is_empty() {
            case.own.state(ground, settings)
        } else {
            // A component brings nothing from before its go-live and after its retirement.
            let brought: Vec<State> =
                case.parts.iter().zip(&states).map(|(part, state)| state.within_life(part, ground)).collect();
            combined(&case.own, &brought, case.needs, ground, settings)
        };
        let parts = case.parts.iter().zip(&states).enumerate();
        let mut all: Vec<(String, &Subject, &State)> =
            parts.map(|(part, (subject, state))| (format!("s{index}p{part}"), subject, state)).collect();
        all.push((format!("s{index}"), &case.own, &own));
        for (id, subject, state) in all {
            if !subject.has_rows() && id == format!("s{index}") && case.parts.is_empty() {
                // A service of which no register says anything has no figures.
                continue;
            }
            let sums = Sums::count(ground, settings, subject, state);
            telling += usize::from(sums.lost > 0) + usize::from(sums.failures > 0);
            let wrong = differences(&answers, &id, &sums, settings);
            if !wrong.is_empty() {
                let text = format!("{id}: {}\n{settings:?} {}\n{sums:?}\n{case:?}", wrong.join("\n"), ground.told());
                return Err(Difference { case: index, text });
            }
        }
    }
    Ok(telling)
}

fn differences(answers: &Answers, id: &str, sums: &Sums, settings: &Settings) -> Vec<String> {
    let mut wrong = Vec::new();
    let name = |measure: &str| format!("availability.{measure}");
    let mut is = |measure: &str, wanted: Result<f64, MissingKind>| {
        let given: Option<Result<f64, MissingKind>> = answers
            .get(&name(measure), id, &[])
            .map(|figure| figure.value.as_ref().copied().map_err(|missing| missing.kind));
        let same = match (&given, wanted) {
            (Some(Ok(given)), Ok(wanted)) => (given - wanted).abs() <= 1e-9 * wanted.abs().max(1.0),
            (Some(Err(given)), Err(wanted)) => *given == wanted,
            _ => false,
        };
        if !same {
            wrong.push(format!("{measure} is {given:?}, not {wanted:?}"));
        }
    };
    let share = |part: i64, whole: i64| 100.0 * part as f64 / whole as f64;
    let exact = |part: i64, whole: i64| part as f64 / whole as f64;
    if sums.base == 0 {
        is("percent", Err(MissingKind::NotApplicable));
        return wrong;
    }
    let enough = sums.known > 0 && sums.known * 100 >= settings.coverage_limit * sums.base;
    let missing = if sums.known == 0 { MissingKind::NoData } else { MissingKind::InsufficientCoverage };
    is("percent", if enough { Ok(share(sums.base * 1000 - sums.lost, sums.base * 1000)) } else { Err(missing) });
    is("coverage", Ok(share(sums.known, sums.base)));
    if enough {
        is("downtime", Ok((sums.lost / 1000) as f64));
        is("planned", Ok(sums.planned as f64));
        is("outages", Ok(sums.failures as f64));
        if sums.failures > 0 {
            is("mtrs", Ok(exact(sums.failing, sums.failures)));
            is("mtbf", Ok(exact(sums.base * 1000 - sums.lost, sums.failures * 1000)));
        }
        if sums.longest > 0 {
            is("longest", Ok(sums.longest as f64));
        }
    }
    wrong.extend(bounds(answers.get("availability.percent", id, &[]), sums));
    wrong
}

/// The figure with all unknown time down, and with all of it up.
fn bounds(figure: Option<&Figure>, sums: &Sums) -> Option<String> {
    let coverage = figure?.coverage.as_ref()?;
    let high = 100.0 * (sums.base * 1000 - sums.lost) as f64 / (sums.base * 1000) as f64;
    let low = high - 100.0 * (sums.base - sums.known) as f64 / sums.base as f64;
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    (!near(coverage.low, low) || !near(coverage.high, high))
        .then(|| format!("bounds are {} to {}, not {low} to {high}", coverage.low, coverage.high))
}

pub const SIZE: Size = Size { head: 24, case: 500, batch: 20 };

#[test]
fn five_hundred_random_services_are_as_available_as_stepping_through_time_gives() {
    walk(30_002, SIZE, 100, |place, head, tapes| compare(&Book::draw(place, head, tapes)));
}
