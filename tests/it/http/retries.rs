//! When a request is sent again, in a time of the test's own: nobody waits.

use super::get;
use super::server::Server;
use servicebook::source::http::{Answer, Cancel, HttpError, Pace, Rate, Request, Retrying, Transport};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// What the next try meets: an answer with headers, or a broken connection.
type Step = Result<(u16, Vec<(&'static str, String)>), fn() -> HttpError>;

/// A time that passes only when somebody waits.
#[derive(Clone, Default)]
struct Time {
    now: Arc<Mutex<Duration>>,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Time {
    fn pass(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
    }
}

impl Pace for Time {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, wait: Duration, _: &Cancel) {
        self.waits.lock().unwrap().push(wait);
        self.pass(wait);
    }
}

/// A server inside of the process, which answers as it is told and notes when it was asked.
struct Script {
    steps: VecDeque<Step>,
    time: Time,
    asked: Arc<Mutex<Vec<Duration>>>,
    takes: Duration,
}

impl Transport for Script {
    fn send(&mut self, request: &Request, _: &Cancel) -> Result<Answer, HttpError> {
        self.asked.lock().unwrap().push(self.time.now());
        self.time.pass(self.takes);
        match self.steps.pop_front().unwrap_or_else(|| Ok((200, Vec::new()))) {
            Ok((status, headers)) => Ok(Answer {
                status,
                headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                body: b"said \x1b[31mBearer canary".to_vec(),
                url: request.url.clone(),
            }),
            Err(error) => Err(error()),
        }
    }
}

struct Tried {
    result: Result<Answer, HttpError>,
    tries: usize,
    waits: Vec<Duration>,
}

fn tried(steps: Vec<Step>) -> Tried {
    let (time, asked) = (Time::default(), Arc::default());
    let script = Script { steps: steps.into(), time: time.clone(), asked: Arc::clone(&asked), takes: Duration::ZERO };
    let mut retrying = Retrying::new(script).with_pace(Box::new(time.clone()));
    let mut request = get("https://desk.example/issues?key=canary");
    request
        .headers
        .push(("Authorization".into(), servicebook::source::http::HeaderText::Secret("Bearer canary".into())));
    let result = retrying.send(&request, &Cancel::default());
    let tries = asked.lock().unwrap().len();
    let waits = time.waits.lock().unwrap().clone();
    Tried { result, tries, waits }
}

#[expect(clippy::unnecessary_wraps, reason = "a step of a script, beside those that are errors")]
fn status(status: u16) -> Step {
    Ok((status, Vec::new()))
}

fn broken() -> HttpError {
    HttpError::Broken { label: "GET x".into(), reason: "cut".into(), hint: "again".into() }
}

fn refused() -> HttpError {
    HttpError::Tls { label: "GET x".into(), reason: "expired".into(), hint: "renew".into() }
}

#[test]
fn passing_trouble_is_tried_again() {
    for step in [status(408), status(429), status(500), status(502), status(503), status(504), Err(broken)] {
        let tried = tried(vec![step, status(200)]);
        assert_eq!((tried.result.unwrap().status, tried.tries), (200, 2));
        assert!(tried.waits[0] < Duration::from_secs(1), "back-off begins within a second");
    }
}

#[test]
fn what_stays_wrong_is_not_tried_again_and_says_what_to_do() {
    for (code, words) in [
        (400, "does not take the question"),
        (401, "the secret is unknown there"),
        (403, "may not read this"),
        (404, "check `url`"),
        (410, "check `url`"),
        (501, "fails by itself"),
        (304, "has moved"),
    ] {
        let tried = tried(vec![status(code), status(200)]);
        let error = tried.result.unwrap_err();
        assert_eq!((tried.tries, error.status()), (1, Some(code)));
        let text = error.to_string();
        assert!(text.starts_with(&format!("GET https://desk.example/issues: the server answers {code}")), "{text}");
        assert!(text.contains(words) && text.contains("said ␛[31m***"), "{text}");
        assert!(!format!("{text}{error:?}").contains("canary"), "{text}");
    }
    let tried = tried(vec![Err(refused), status(200)]);
    assert!(tried.tries == 1 && matches!(tried.result, Err(HttpError::Tls { .. })));
}

#[test]
fn the_server_says_how_long_in_seconds_or_by_date() {
    let after = |value: &str, date: Option<&str>| {
        let mut headers = vec![("retry-after", value.to_owned())];
        headers.extend(date.map(|date| ("date", date.to_owned())));
        tried(vec![Ok((429, headers)), status(200)]).waits[0].as_secs_f64()
    };
    assert!((after("17", None) - 17.0).abs() < 1e-9);
    assert!((after("Sun, 06 Nov 1994 08:50:07 GMT", Some(DATE)) - 30.0).abs() < 1e-9, "by the server's own clock");
    // A past date is no wait, but the back-off stays; so with what is no date.
    for value in ["Sun, 06 Nov 1994 08:00:00 GMT", "0", "soon", ""] {
        assert!(after(value, Some(DATE)) < 1.0, "{value}");
    }
    assert!(after("Sun, 06 Nov 1994 08:50:07 GMT", None) < 1.0, "past by our clock");
}

#[test]
fn after_six_tries_the_last_error_says_how_often() {
    let tried = tried((0..9).map(|_| status(503)).collect());
    let error = tried.result.unwrap_err();
    assert_eq!((tried.tries, tried.waits.len(), error.status()), (6, 5, Some(503)));
    let text = error.to_string();
    assert!(text.starts_with("tried 6 times in ") && text.contains("answers 503"), "{text}");
    for (wait, longest) in tried.waits.iter().zip([1, 2, 4, 8, 16]) {
        assert!(*wait < Duration::from_secs(longest), "{wait:?}");
    }
}

#[test]
fn nobody_waits_past_a_quarter_of_an_hour() {
    let long = |seconds: &str| -> Step { Ok((429, vec![("retry-after", seconds.to_owned())])) };
    let once = tried(vec![long("901"), status(200)]);
    let text = once.result.unwrap_err().to_string();
    assert!(once.tries == 1 && once.waits.is_empty(), "{text}");
    assert!(text.contains("the server asks to wait 901 s more, past the 15 min"), "{text}");
    let twice = tried(vec![long("600"), long("400"), status(200)]);
    assert_eq!((twice.tries, twice.waits.len()), (2, 1));
    assert!(twice.result.unwrap_err().to_string().starts_with("tried 2 times in 600 s"));
    assert_eq!(tried(vec![long("600"), long("200"), status(200)]).result.unwrap().status, 200);
    assert!(tried(vec![long("99999999999999999999999")]).result.is_err());
}

#[test]
fn a_cancelled_request_is_not_sent() {
    let (time, asked) = (Time::default(), Arc::default());
    let script =
        Script { steps: VecDeque::new(), time: time.clone(), asked: Arc::clone(&asked), takes: Duration::ZERO };
    let cancel = Cancel::default();
    cancel.set();
    let result = Retrying::new(script).with_pace(Box::new(time)).send(&get("https://desk.example/"), &cancel);
    assert!(matches!(result, Err(HttpError::Cancelled { .. })));
    assert!(asked.lock().unwrap().is_empty());
}

/// A small generator of numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one_of<T: Copy, const N: usize>(&mut self, all: [T; N]) -> T {
        all[usize::try_from(self.below(N as u64)).unwrap()]
    }
}

#[test]
fn the_rate_is_never_passed_in_ten_thousand_random_courses() {
    for seed in 0..10_000 {
        let mut dice = Dice(seed);
        let text = format!("{}/{}", 1 + dice.below(90), dice.one_of(["s", "min", "h"]));
        let rate = Rate::parse(&text).unwrap();
        let (time, asked) = (Time::default(), Arc::default());
        let steps = (0..40)
            .map(|_| match dice.below(8) {
                0 => status(503),
                1 => status(429),
                2 => Ok((429, vec![("retry-after", dice.below(5).to_string())])),
                3 => Err(broken as fn() -> HttpError),
                _ => status(200),
            })
            .collect();
        let script = Script {
            steps,
            time: time.clone(),
            asked: Arc::clone(&asked),
            takes: Duration::from_millis(dice.below(300)),
        };
        let mut retrying = Retrying::new(script).at(Some(rate)).with_pace(Box::new(time.clone()));
        for _ in 0..12 {
            time.pass(Duration::from_millis(dice.below(3) * dice.below(4_000)));
            let _ = retrying.send(&get("https://desk.example/"), &Cancel::default());
        }
        let asked = asked.lock().unwrap();
        let most = rate.requests() as usize;
        for (at, begin) in asked.iter().enumerate() {
            let within = asked[at..].iter().filter(|moment| **moment < *begin + rate.within()).count();
            assert!(within <= most, "seed {seed}: {within} requests within {text}");
        }
        assert!(asked.windows(2).all(|pair| pair[1] >= pair[0] + rate.interval()), "seed {seed}: {text}");
    }
}

#[test]
fn over_the_network_a_server_that_recovers_is_read() {
    let server = Server::start(|request, connection| match request.number {
        0 => {
            connection.answer(503, &[("Retry-After", "0")], b"<html><title>busy</title>");
        }
        1 => connection.reset(),
        _ => {
            connection.answer(200, &[], b"rows");
        }
    });
    let mut retrying = Retrying::new(super::wire()).with_pace(Box::new(Time::default()));
    assert_eq!(retrying.send(&get(&server.url("/")), &Cancel::default()).unwrap().body, b"rows");
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn a_redirect_takes_the_places_of_the_requests_that_it_was() {
    let server = Server::start(|request, connection| {
        if request.path() == "/old" {
            connection.answer(302, &[("Location", "/new")], b"");
        } else {
            connection.answer(200, &[], b"rows");
        }
    });
    let time = Time::default();
    let mut retrying =
        Retrying::new(super::wire()).at(Some(Rate::parse("1/s").unwrap())).with_pace(Box::new(time.clone()));
    for (path, begun_s) in [("/new", 0), ("/old", 1), ("/new", 5), ("/new", 6)] {
        retrying.send(&get(&server.url(path)), &Cancel::default()).unwrap();
        assert_eq!(time.now(), Duration::from_secs(begun_s), "{path}");
    }
}
