//! Random sessions: keys weighted by the keymap, pastes, sizes, late, failed and missing answers.
//!
//! `SERVICEBOOK_EVENTS` sets how many events there are, `SERVICEBOOK_SEED` where they begin; a failure names the seed of
//! its session, which alone is run again with `SERVICEBOOK_SEED=… SERVICEBOOK_EVENTS=1`.

use super::*;
use crate::app::request::{Request, RowsPage};
use crate::tui::keymap;
use crate::tui::state::Effect;

/// Events in all.
const EVENTS: u64 = 100_000;
/// Events of one session.
const SESSION: u64 = 2_500;
/// Events between two looks for a way out.
const LOOK: u64 = 500;

/// Numbers that come again with the same seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.next(all.len())]
    }
}

#[expect(clippy::disallowed_methods, reason = "how long and from where is said by who runs the test")]
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn pool() -> Vec<Key> {
    let table = keymap::Keymap::default();
    let keymap = table.bindings().iter().flat_map(|binding| binding.keys.iter().flatten().copied());
    // What goes deeper comes more often, so that sessions get somewhere.
    let deeper = [Key::Enter, Key::Enter, Key::Enter, Key::Down, Key::Down, Key::Right, Key::Char('i'), Key::Char('/')];
    keymap
        .filter(|key| *key != Key::Ctrl('c'))
        .chain(deeper)
        .chain("abgyz!:~ 0123456789äß東".chars().map(Key::Char))
        .chain([Key::Backspace, Key::Tab, Key::Ctrl('u'), Key::Ctrl('w')])
        .collect::<Vec<_>>()
}

const PASTES: [&str; 6] = [
    "",
    "mail",
    "select * from tickets",
    "\u{1b}[2J\u{7}\u{202e}",
    "line\nline\r\n\tline",
    "東京東京東京e\u{301}\u{301}",
];

/// A console whose program answers late, wrongly, or not at all.
struct Wild {
    session: Session,
    open: Vec<(u64, Request)>,
}

impl Wild {
    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Ask(number, request) = effect {
                self.open.push((number, request));
            }
        }
    }

    fn event(&mut self, event: Event) {
        let effects = update(&mut self.session.state, event);
        self.take(effects);
    }

    fn one(&mut self, numbers: &mut Numbers, pool: &[Key]) {
        match numbers.next(100) {
            0 => {
                let (columns, rows) = (numbers.next(230), numbers.next(80));
                self.event(Event::Resize(u16::try_from(columns).unwrap(), u16::try_from(rows).unwrap()));
            }
            1 => self.event(Event::Paste((*numbers.of(&PASTES)).into())),
            2 => self.event(Event::Paste(PASTES[numbers.next(PASTES.len())].repeat(20_000))),
            3 => self.event(Event::Tick),
            4 => {
                let number = u64::try_from(numbers.next(200)).unwrap();
                self.event(Event::Answer(number, Answer::Rows(RowsPage::default())));
            }
            5 => {
                let message = "the file is gone: look for it".into();
                let late = self.open.pop().map_or(9_999, |(number, _)| number);
                self.event(Event::Answer(late, Answer::Failed { message }));
            }
            6 => self.event(Event::Burst(numbers.next(2) == 0)),
            7..=30 if !self.open.is_empty() => {
                // Not in order.
                let at = numbers.next(self.open.len());
                let (number, request) = self.open.swap_remove(at);
                self.event(Event::Answer(number, fixture::answer(&request)));
            }
            _ => self.event(Event::Key(*numbers.of(pool))),
        }
    }

    /// The page that is kept is the one that would be made now.
    fn shows_what_it_would_make_anew(&self) {
        let state = &self.session.state;
        let kept = update::page(state);
        state.made.take();
        assert_eq!(*kept, *update::page(state), "a page of before is shown");
    }

    /// Esc some times and `q` lead to the question whether to quit, wherever one is.
    fn can_be_left(&self, seed: u64) {
        let mut way =
            Session { state: self.session.state.clone(), effects: Vec::new(), program: Box::new(fixture::answer) };
        let size = update(&mut way.state, Event::Resize(80, 24));
        way.serve(size);
        for _ in 0..8 {
            way.key(Key::Esc);
        }
        // `q` closes what Esc left open: a screen a press.
        let mut presses = 0;
        while !matches!(way.state.overlay, Some(Overlay::Quit)) {
            way.key(Key::Char('q'));
            presses += 1;
            assert!(presses < 400, "seed {seed}: no way out of {:?}", way.state.screen());
        }
        let _ = way.text();
    }
}

#[test]
fn random_sessions_break_nothing_and_can_always_be_left() {
    let pool = pool();
    let (events, first) = (number("SERVICEBOOK_EVENTS", EVENTS), number("SERVICEBOOK_SEED", 20_260_901));
    for at in 0..events.div_ceil(SESSION) {
        let seed = first.wrapping_add(at);
        let broken = std::panic::catch_unwind(|| {
            let mut numbers = Numbers(seed);
            let mut wild = Wild { session: Session::new(80, 24), open: Vec::new() };
            for event in 1..=SESSION {
                wild.one(&mut numbers, &pool);
                // Drawn as often as a burst of keys lets it be, and at every size.
                if event % 10 == 0 {
                    wild.session.buffer();
                }
                if event % 20 == 0 {
                    wild.shows_what_it_would_make_anew();
                }
                if event % LOOK == 0 {
                    wild.can_be_left(seed);
                }
            }
        });
        assert!(broken.is_ok(), "the session of seed {seed} broke");
    }
}
