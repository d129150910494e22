//! The palette: every action by name, jumps such as `mail sla 2026-08`, named SELECTs; each with its key, and with the
//! reason where it is not available.
//!
//! Knows names and the state. Must not change anything.

use super::action::{Action, Copied, Tab};
use super::state::{Screen, State};
use super::words;
use crate::model::Period;
use chrono::Datelike;

/// What a line of the palette does.
#[derive(Clone, Debug, PartialEq)]
pub enum Run {
    /// An action.
    Action(Action),
    /// A jump.
    Jump(Jump),
    /// A SELECT with a name.
    Query(String),
}

/// Where to go; what is not named stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jump {
    /// Which service; `Some(None)` is all of them.
    pub service: Option<Option<String>>,
    /// Which screen.
    pub tab: Option<Tab>,
    /// Which period.
    pub period: Option<Period>,
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it does, in words.
    pub text: String,
    /// Its key, if it has one.
    pub key: String,
    /// Why it does nothing now.
    pub unavailable: Option<String>,
    /// What it does.
    pub run: Run,
}

/// Returns the lines that what was typed stands for, the best first.
pub fn items(state: &State, typed: &str) -> Vec<Item> {
    let jump = jump(state, typed).map(|jump| Item {
        text: format!("go to {}", place(state, &jump)),
        key: String::new(),
        unavailable: None,
        run: Run::Jump(jump),
    });
    let mut actions: Vec<Item> = Vec::new();
    for binding in state.keymap.bindings() {
        let silly = matches!(
            binding.action,
            Action::Move(_)
                | Action::Confirm
                | Action::Interrupt
                | Action::Palette
                | Action::Scope
                | Action::ShowColumn
                | Action::MoveColumn(_)
                | Action::Open
                | Action::Back
        );
        if silly || actions.iter().any(|item| item.run == Run::Action(binding.action)) {
            continue;
        }
        actions.push(Item {
            text: format!("{}: {}", binding.name.replace('-', " "), binding.text),
            key: binding.first(),
            unavailable: unavailable(state, binding.action),
            run: Run::Action(binding.action),
        });
    }
    let queries = state.opened.iter().flat_map(|opened| &opened.queries);
    actions.extend(queries.map(|(name, sql)| Item {
        text: format!("query {}: {}", crate::text::screen_str(name), crate::text::screen_str(sql)),
        key: String::new(),
        unavailable: None,
        run: Run::Query(sql.clone()),
    }));
    let mut scored: Vec<(u32, usize, Item)> = actions
        .into_iter()
        .enumerate()
        .filter_map(|(at, item)| {
            let name = item.text.split(':').next().unwrap_or("");
            // The name counts more than the words that explain it.
            let score = fuzzy(name, typed).map(|score| score + 100).or_else(|| fuzzy(&item.text, typed))?;
            Some((if item.unavailable.is_some() { score / 2 } else { score }, at, item))
        })
        .collect();
    scored.sort_by_key(|(score, at, _)| (std::cmp::Reverse(*score), *at));
    jump.into_iter().chain(scored.into_iter().map(|(_, _, item)| item)).collect()
}

/// Tells how well letters stand for a text, in their order with others between; `None` where they do not. Letters at
/// the beginning of a word and next to each other count more.
fn fuzzy(text: &str, typed: &str) -> Option<u32> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let mut score = 0;
    let mut at = 0;
    let mut last: Option<usize> = None;
    for letter in typed.to_lowercase().chars().filter(|letter| !letter.is_whitespace()) {
        let next = |from: usize| text[from..].iter().position(|other| *other == letter).map(|found| from + found);
        let begins = |place: usize| place == 0 || !text[place - 1].is_alphanumeric();
        // A word that begins with the letter is what people mean, unless the letters run on.
        let run_on = last.filter(|last| text.get(last + 1) == Some(&letter)).map(|last| last + 1);
        let word = (at..text.len()).find(|place| text[*place] == letter && begins(*place));
        let place = run_on.or(word).or_else(|| next(at))?;
        score += if run_on.is_some() {
            8
        } else if begins(place) {
            6
        } else {
            1
        };
        last = Some(place);
        at = place + 1;
    }
    Some(score)
}

/// Reads a jump: a service, a screen and a period in any order, each at most once.
pub fn jump(state: &State, typed: &str) -> Option<Jump> {
    let document = state.document.as_ref()?;
    let mut jump = Jump::default();
    let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return None;
    }
    for word in &words {
        let tab = Tab::ALL.into_iter().find(|tab| {
            let starts = |name: &&str| name.starts_with(word.as_str());
            tab.names().contains(&word.as_str()) || (word.len() >= 3 && tab.names().iter().any(starts))
        });
        let named = document.services.iter().find(|named| named.id.to_lowercase() == *word).or_else(|| {
            document.services.iter().find(|named| {
                let name = named.name.to_lowercase();
                word.len() >= 2 && name.split_whitespace().any(|part| part.starts_with(word.as_str()))
            })
        });
        if let Some(period) = period(state, word).filter(|_| jump.period.is_none()) {
            jump.period = Some(period);
        } else if word == "all" && jump.service.is_none() {
            jump.service = Some(None);
        } else if let Some(named) = named.filter(|_| jump.service.is_none()) {
            jump.service = Some(Some(named.id.clone()));
        } else if let Some(tab) = tab.filter(|_| jump.tab.is_none()) {
            jump.tab = Some(tab);
        } else {
            return None;
        }
    }
    Some(jump)
}

/// Reads a period: as on the command line, or the first three letters of a month for the last one of that name.
fn period(state: &State, word: &str) -> Option<Period> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let zone = state.period.zone();
    if let Ok(period) = Period::parse(&word.to_uppercase(), zone) {
        return Some(period);
    }
    let month = MONTHS.iter().position(|name| word.len() >= 3 && name.starts_with(word))? + 1;
    let last = state.options.period.start().with_timezone(&zone);
    let year = if u32::try_from(month).ok()? <= last.month() { last.year() } else { last.year() - 1 };
    Period::parse(&format!("{year}-{month:02}"), zone).ok()
}

fn place(state: &State, jump: &Jump) -> String {
    let mut parts = Vec::new();
    match &jump.service {
        Some(Some(id)) => parts.push(state.document.as_ref().map_or(id.clone(), |d| d.service_name(id).to_owned())),
        Some(None) => parts.push("all services".to_owned()),
        None => {}
    }
    parts.extend(jump.tab.map(|tab| tab.word().to_owned()));
    parts.extend(jump.period.as_ref().map(words::period));
    crate::text::screen_str(&parts.join(", "))
}

/// Returns why an action does nothing now; `None` where it does something.
pub fn unavailable(state: &State, action: Action) -> Option<String> {
    let say = |text: &str| Some(text.to_owned());
    let rows = state.screen().rows();
    let covered = state.overlay.is_some();
    match action {
        Action::Sort
        | Action::SortDown
        | Action::Frequency
        | Action::Like
        | Action::Columns
        | Action::Width(_)
        | Action::Mark
        | Action::MarkRange
        | Action::ClearMarks
            if rows.is_none() =>
        {
            say("It works in tables of rows; Enter on a figure opens one.")
        }
        Action::Columns if rows.is_some_and(|rows| rows.page.is_none()) => say("The rows are not here yet."),
        Action::SaveSql if !matches!(state.screen(), Screen::Sql(sql) if sql.rows.is_some()) => {
            say("It keeps the SELECT of the SQL screen; g q opens that.")
        }
        Action::EditSql if !matches!(state.screen(), Screen::Sql(_)) => {
            say("It works on the SQL screen; g q opens it.")
        }
        Action::Compare => match state.screen() {
            Screen::Figures(figures) if !matches!(figures.tab, Tab::Sources | Tab::Measures) => None,
            _ => say("Only figures can be set beside others."),
        },
        Action::OnlyWrong => match state.screen() {
            Screen::Figures(figures) if matches!(figures.tab, Tab::Measures) => say("Nothing is wrong with a measure."),
            Screen::Ticket(_) => say("A ticket is shown whole."),
            _ => None,
        },
        Action::Filter => match state.screen() {
            Screen::Ticket(_) => say("There is nothing to filter in a ticket."),
            Screen::Sql(sql) if sql.rows.is_none() => say("There are no rows to filter yet."),
            _ => None,
        },
        Action::Export if state.document.is_none() => say("There is no report to write yet."),
        Action::Pull if state.options.sample => {
            say("The demo book is read-only; `servicebook init DIR` makes a book of your own.")
        }
        Action::Pull if state.opened.as_ref().is_none_or(|opened| opened.sources.is_empty()) => {
            say("The book names no source that can be pulled.")
        }
        Action::Pull if state.jobs.values().any(|job| job.doing.starts_with("pulling")) => {
            say("A pull is under way; x stops it.")
        }
        Action::Stop if state.jobs.is_empty() => say("Nothing is under way."),
        Action::Flip if state.flipped.is_none() => say("There is no screen before this one."),
        Action::Copy(Copied::Query) if rows.is_none() => say("Only rows have a question behind them."),
        Action::Why if !covered && matches!(state.screen(), Screen::Ticket(_)) => {
            say("A ticket is no figure; i answers for figures.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_for_a_text_in_their_order() {
        assert!(fuzzy("sort down", "sd").unwrap() > fuzzy("sides", "sd").unwrap());
        assert!(fuzzy("export", "exp").unwrap() > fuzzy("example page", "exp").unwrap());
        assert_eq!(fuzzy("export", "px"), None);
        assert_eq!(fuzzy("anything", ""), Some(0));
    }
}
