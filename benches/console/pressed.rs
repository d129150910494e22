//! How long a key takes to its frame, and how memory grows, with the console's own state and the program's own worker.
//!
//! A key's time begins before it is taken in and ends when the bytes of its frame are there. Answers are events of their
//! own, with times of their own. Behind three of four keys everything that was asked is awaited, off the clock; behind the
//! fourth the next key comes at once, while the worker works.

use servicebook::app::console::{self, Surroundings};
use servicebook::app::request::{Answer, Request};
use servicebook::app::{Book, Session};
use servicebook::clock::monotonic;
use servicebook::model::Period;
use servicebook::tui::event::{Event, Key};
use servicebook::tui::state::{Effect, State};
use servicebook::tui::terminal::Painter;
use servicebook::tui::update;
use servicebook::tui::{Look, Options};
use std::error::Error;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Words of keys: a key by its name, or letters that are pressed one after the other. `~` is a number that rises with each
/// pass, so that searches are not answered from what is kept.
const SCRIPT: &str = "
    Esc Esc Esc Esc g h j j j k l l h i PgDn j j Esc Tab Tab Shift-Tab ! ! / m a i Enter Esc G gg
    Enter PgDn PgDn j j j k Ctrl-d Ctrl-u G gg i j Esc = j PgDn = j PgDn = j Esc K J J K
    gl j j l l i PgDn Esc = = = = Enter j j l s s s f j Enter j Esc Esc Esc
    ga j j j l i Esc PgDn J J ! ! gc j l PgDn i Esc J gn j gb j j l PgDn i Esc gm j j PgDn / s l a Enter Esc go j PgDn
    gt j j j k j j PgDn PgDn PgUp 10j 500j 2000k G gg Ctrl-d Ctrl-d Ctrl-u l l l h l l l l s j PgDn s j PgDn s S G gg
    / s i t e Space ~ Backspace ~ Enter j PgDn j G gg Esc
    / t i t l e : d e s k Space ~ Enter j j Esc / e l a p s e d _ s > ~ h Enter j PgDn Esc ! j PgDn Esc
    f j j Enter j PgDn l f j Enter j . . Esc Esc Esc Esc Esc Esc
    gt l l l . j f j Enter f j Enter l f Enter f j j Enter f Enter l f Enter f Enter l l f Enter j j Enter j PgDn Esc Esc
    gt f j PgDn Enter j Esc Esc gt c j j Space Space > Esc > > < < Space j Space j j v V Y Esc yc yr yq
    gt j Enter j j PgDn G gg Esc j Enter PgDn Esc z j j z p j j PgDn p t t t t t t
    : s l a Space m a i l Esc : m a i l Space s l a Enter j Esc : v a i l Enter ? PgDn j Esc - - e j Tab j Esc
    gq S E L E C T Space priority, Space count(*) Space A S Space n Space F R O M Space tickets Space
    G R O U P Space B Y Space priority Space L I M I T Space 1~ Enter j j l s j f j Enter Esc Esc Esc
    gh H j j gt j L j PgDn [ ] q q Esc
";

/// One of this many keys is followed by the next at once.
const HASTY: usize = 4;
/// How long the loop of the terminal waits before the mark turns.
const TURN: Duration = Duration::from_millis(250);

/// Returns the keys of a pass.
fn keys(pass: usize) -> Vec<Key> {
    let script = SCRIPT.replace('~', &(pass % 900).to_string());
    let of_word =
        |word: &str| Key::read(word).map_or_else(|| word.chars().map(Key::Char).collect::<Vec<_>>(), |key| vec![key]);
    script.split_whitespace().flat_map(of_word).collect()
}

/// The console without a terminal, and its worker.
struct Console {
    state: State,
    painter: Painter,
    requests: Sender<(u64, Request)>,
    answers: Receiver<(u64, Answer)>,
    began: Instant,
    events: usize,
    bytes: usize,
    /// Milliseconds of each key, with what it was and where.
    of_keys: Vec<(f64, String)>,
    /// Milliseconds of each answer.
    of_answers: Vec<(f64, String)>,
    /// Whether times are kept.
    timed: bool,
}

impl Console {
    fn open(session: Session, period: Period, window: (u16, u16)) -> Result<Self, Box<dyn Error>> {
        let (requests, asked) = channel();
        let (said, answers) = channel();
        let loaded = Mutex::new(Some(session));
        let open = move || {
            let loaded = loaded.lock().unwrap_or_else(PoisonError::into_inner).take();
            loaded.ok_or_else(|| "the book is loaded once".to_owned())
        };
        let around =
            Surroundings { open: Box::new(open), environment: Box::new(|_| None), state: None, queries: Vec::new() };
        std::thread::spawn(move || console::serve(around, &asked, &said));
        let options = Options {
            period,
            book: "A book of many tickets".into(),
            sample: false,
            notices: Vec::new(),
            look: Look::default(),
            keys: Vec::new(),
            may_stop: false,
        };
        let mut console = Self {
            state: State::new(options, window),
            painter: Painter::new(window)?,
            requests,
            answers,
            began: Instant::now(),
            events: 0,
            bytes: 0,
            of_keys: Vec::new(),
            of_answers: Vec::new(),
            timed: true,
        };
        let effects = update::start(&mut console.state);
        console.carry_out(effects)?;
        console.wait()?;
        Ok(console)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), Box<dyn Error>> {
        for effect in effects {
            match effect {
                Effect::Ask(number, request) => self.requests.send((number, request))?,
                Effect::Repaint => self.painter.forget()?,
                Effect::Copy(_) | Effect::Mouse(_) | Effect::Suspend | Effect::Quit => {}
            }
        }
        Ok(())
    }

    /// Takes an event in and draws; returns the milliseconds until the bytes were there.
    fn event(&mut self, event: Event) -> Result<f64, Box<dyn Error>> {
        self.state.now = self.began.elapsed();
        self.events += 1;
        let before = monotonic();
        let effects = update::update(&mut self.state, event);
        self.carry_out(effects)?;
        if std::mem::take(&mut self.state.changed) {
            self.bytes += self.painter.frame(&self.state)?.len();
        }
        let took = monotonic().saturating_sub(before).as_secs_f64() * 1_000.0;
        Ok(took)
    }

    fn answer(&mut self, number: u64, answer: Answer) -> Result<(), Box<dyn Error>> {
        let what = self.state.jobs.get(&number).map_or(String::new(), |job| job.doing.clone());
        let took = self.event(Event::Answer(number, answer))?;
        if self.timed {
            self.of_answers.push((took, what));
        }
        Ok(())
    }

    /// Takes in answers until none is awaited.
    fn wait(&mut self) -> Result<(), Box<dyn Error>> {
        while self.state.awaits() {
            match self.answers.recv_timeout(TURN) {
                Ok((number, answer)) => self.answer(number, answer)?,
                Err(RecvTimeoutError::Timeout) => {
                    self.event(Event::Tick)?;
                }
                Err(RecvTimeoutError::Disconnected) => return Err("the worker is gone".into()),
            }
        }
        Ok(())
    }

    fn press(&mut self, key: Key, at: usize) -> Result<(), Box<dyn Error>> {
        while let Ok((number, answer)) = self.answers.try_recv() {
            self.answer(number, answer)?;
        }
        let place = if self.timed { self.place() } else { String::new() };
        let took = self.event(Event::Key(key))?;
        if self.timed {
            self.of_keys.push((took, format!("{} on {place}", key.shown())));
        }
        if at % HASTY != HASTY - 1 {
            self.wait()?;
        }
        Ok(())
    }

    /// Says where the console is.
    fn place(&self) -> String {
        use servicebook::tui::state::Screen;
        let screen = match self.state.screen() {
            Screen::Figures(figures) => figures.tab.word(),
            Screen::Rows(_) => "rows",
            Screen::Ticket(_) => "a ticket",
            Screen::Sql(_) => "a SELECT",
        };
        let overlay = self.state.overlay.as_ref().map_or(String::new(), |over| format!(" below {}", over.word()));
        format!("{screen}{overlay}, {} deep", self.state.screens.len())
    }

    fn print(&mut self, window: (u16, u16)) {
        let size = format!("{}x{}", window.0, window.1);
        print("key to frame", &size, &mut self.of_keys);
        print("answer to frame", &size, &mut self.of_answers);
    }
}

fn print(what: &str, size: &str, times: &mut [(f64, String)]) {
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let Some(last) = times.len().checked_sub(1) else { return };
    let (median, most) = (times[times.len() / 2].0, times[(times.len() * 99 / 100).min(last)].0);
    let what = format!("{what}, {size}, {}", times.len());
    println!("{what:40}{median:8.2} ms{most:8.2} ms{:8.2} ms", times[last].0);
    for (took, what) in times.iter().rev().take(5) {
        println!("    {took:8.2} ms  {what}");
    }
}

/// Opens a session of the book anew.
pub type Load<'a> = &'a dyn Fn() -> Result<Session, Box<dyn Error>>;

/// Times keys in two windows.
pub fn times(load: Load<'_>, book: &Book, month: &str, passes: usize) -> Result<(), Box<dyn Error>> {
    println!("{:40}{:>11}{:>11}{:>11}", "", "median", "99 %", "most");
    for window in [(80, 24), (200, 60)] {
        let period = Period::parse(month, book.config.book.zone)?;
        let mut console = Console::open(load()?, period, window)?;
        for pass in 0..passes {
            for (at, key) in keys(pass).into_iter().enumerate() {
                // Another key of the script is the hasty one in each pass.
                console.press(key, at + pass)?;
            }
        }
        console.wait()?;
        console.print(window);
    }
    Ok(())
}

/// Measures what is resident after some events, and after many more.
pub fn memory(load: Load<'_>, book: &Book, month: &str, events: usize) -> Result<(), Box<dyn Error>> {
    const WARM: usize = 5_000;
    let period = Period::parse(month, book.config.book.zone)?;
    let mut console = Console::open(load()?, period, (80, 24))?;
    console.timed = false;
    let step = (events / 10).max(1);
    let (mut next, mut first) = (WARM, None);
    for pass in 0.. {
        for (at, key) in keys(pass).into_iter().enumerate() {
            console.press(key, at + pass)?;
        }
        // Compared where the script ends, so that the same screen is open.
        if console.events >= next {
            console.wait()?;
            let now = resident();
            let from = *first.get_or_insert(now);
            println!(
                "resident after {:7} events             {now:8.1} MB, {:+.1} MB, {} MB drawn",
                console.events,
                now - from,
                console.bytes >> 20
            );
            if console.events >= WARM + events {
                break;
            }
            next = console.events + step;
        }
    }
    Ok(())
}

/// Returns what is resident, in MB, or 0 where the system does not tell.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().split(' ').next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1_024.0
}
