//! Tools that answer nonsense: random cursors, pages that come again, totals that shrink, links in circles, empty pages
//! that promise more. Every pull of them ends, soon and without a panic.

use super::dice::Dice;
use super::speech::{Speech, Style};
use super::{Way, book, pulled};
use servicebook::source::http::{Answer, Cancel, HttpError, Request, Transport};
use std::fmt::Write as _;

/// Servers of each style.
const SERVERS: u64 = 1_250;
/// More requests than this no such pull needs.
const MOST: u64 = 200;

/// A server that means nothing by what it says.
struct Nonsense {
    dice: Dice,
    asked: u64,
    keys: u64,
    habits: [u64; 6],
}

impl Nonsense {
    fn new(mut dice: Dice) -> Self {
        let keys = dice.between(1, 12);
        let habits = std::array::from_fn(|_| dice.below(6));
        Self { dice, asked: 0, keys, habits }
    }

    fn row(&mut self, place: u64) -> String {
        let id = match self.habits[0] {
            0 => place + 1,
            1 => self.asked,
            _ => self.dice.between(1, self.keys),
        };
        let id = id.min(self.keys);
        let stamp = match self.habits[1] {
            0 => "2026-08-31T10:00:00Z".to_owned(),
            1 => format!("2026-08-31T10:{:02}:00Z", self.asked % 60),
            2 => format!("2026-08-{:02}T10:00:00Z", self.dice.between(1, 31)),
            3 if self.dice.one_in(4) => "soon".to_owned(),
            _ => format!("20{:02}-08-31T10:00:00Z", self.dice.between(10, 90)),
        };
        let id = if self.habits[0] == 5 && self.dice.one_in(10) { "null".to_owned() } else { id.to_string() };
        format!("{{\"id\":{id},\"title\":\"x{}\",\"opened\":\"{stamp}\",\"updated\":\"{stamp}\"}}", self.dice.below(3))
    }

    fn body(&mut self) -> (Vec<(String, String)>, String) {
        let count = match self.habits[2] {
            0 => 0,
            1 => self.asked % 2,
            2 => 2,
            _ => self.dice.below(8),
        };
        let rows: Vec<String> = (0..count).map(|place| self.row(place)).collect();
        let total = match self.habits[3] {
            0 => 1_000_000 - self.asked,
            1 => self.asked * 3,
            2 => self.dice.below(40),
            3 => 0,
            _ => u64::MAX,
        };
        let mark = match self.habits[4] {
            0 => 7,
            1 => self.asked % 3,
            2 => self.dice.below(4),
            _ => self.dice.next(),
        };
        let mut body = format!("{{\"rows\":[{}],\"total\":{total},\"next\":\"{mark}\"", rows.join(","));
        let _ = write!(body, ",\"link\":\"/tickets?sort=id&rows=5&after={mark}\"}}");
        if self.habits[5] == 0 && self.dice.one_in(20) {
            body.truncate(body.len() / 2);
        }
        let date = format!("{:?}", "Tue, 01 Sep 2026 00:00:00 GMT").replace('"', "");
        let date = if self.habits[5] == 1 { "yesterday".to_owned() } else { date };
        let link = format!("</tickets?sort=id&rows=5&after={mark}>; rel=\"next\"");
        (vec![("date".into(), date), ("link".into(), link), ("content-type".into(), "application/json".into())], body)
    }
}

impl Transport for Nonsense {
    fn send(&mut self, request: &Request, _: &Cancel) -> Result<Answer, HttpError> {
        self.asked += 1;
        assert!(self.asked <= 2 * MOST, "a pull without an end: {}", request.url);
        let (headers, body) = self.body();
        Ok(Answer { status: 200, headers, body: body.into_bytes(), url: request.url.clone() })
    }
}

#[test]
fn each_pull_of_10000_nonsense_servers_ends_within_200_requests() {
    let run = |odd: u64| {
        let (mut wrong, mut most) = (Vec::new(), 0);
        for seed in (0..SERVERS).filter(|seed| seed % 2 == odd) {
            for style in Style::ALL {
                let mut dice = Dice::new(1_000_000 + seed * 8 + style as u64);
                let speech = Speech::new(style, &mut dice);
                let book = book(&speech);
                let mut server = Nonsense::new(dice);
                // What it comes to is an error or rows; that it comes to something is the law.
                let came = pulled(book.path(), Way::Within(&mut server), &|| 1_788_220_800, None);
                most = most.max(server.asked);
                if server.asked > MOST {
                    let came = came.map(|came| came.receipt.completeness).map_err(|error| error.to_string());
                    wrong.push(format!(
                        "seed {seed}, {style:?}: {} requests, habits {:?}: {came:?}",
                        server.asked, server.habits
                    ));
                }
            }
        }
        (wrong, most)
    };
    let came = std::thread::scope(|scope| {
        let runs = [scope.spawn(|| run(0)), scope.spawn(|| run(1))];
        runs.map(|run| run.join().unwrap())
    });
    let wrong: Vec<&String> = came.iter().flat_map(|(wrong, _)| wrong).collect();
    assert!(wrong.is_empty(), "{} servers hold a pull for too long: {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    let most = came.iter().map(|(_, most)| *most).max().unwrap();
    assert!(most > 10, "the servers are too dull: no pull asks more than {most} times");
}
