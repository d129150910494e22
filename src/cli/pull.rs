//! `pull`: brings rows from the sources into the store.

use super::{CommandError, Common, Outcome, environment, output};
use crate::app::pull::{Cancel, Progress, PullOrder, PulledSource, pull as pull_sources, summary};
use crate::app::{Book, SessionError};
use crate::model::Period;
use crate::report::format::grouped;
use crate::text::screen_str;

/// What was typed behind `pull`.
pub struct Asked<'a> {
    /// Sources by id.
    pub sources: &'a [String],
    /// Only this period.
    pub period: Option<&'a str>,
    /// Everything, not only what changed.
    pub full: bool,
}

/// Pulls sources and says what each brought.
pub fn pull(common: &Common, asked: &Asked<'_>) -> Result<Outcome, CommandError> {
    let book = Book::find(&environment::wanted_book(common.book.as_ref()))?;
    if book.is_sample() {
        return Err(SessionError::Demo.into());
    }
    if let Some(unknown) = asked.sources.iter().find(|id| book.config.sources.iter().all(|source| source.id != **id)) {
        let known: Vec<&str> = book.config.sources.iter().map(|source| source.id.as_str()).collect();
        let unknown = screen_str(unknown);
        return Err(CommandError::Usage(format!(
            "there is no source `{unknown}`; this book has: {}",
            known.join(", ")
        )));
    }
    let period = asked
        .period
        .map(|text| Period::parse(text, book.config.book.zone))
        .transpose()
        .map_err(|error| CommandError::Usage(error.to_string()))?;
    let cancel = Cancel::default();
    output::cancel_on_interrupt(&cancel);
    let mut line = output::ProgressLine::new(common.quiet);
    let came = pull_sources(
        &book,
        &mut PullOrder {
            sources: asked.sources,
            period,
            full: asked.full,
            environment: &environment::variable,
            progress: &mut |source, said| line.show(source, said),
            cancel: cancel.clone(),
        },
    )?;
    line.clear();
    let mut outcome = Outcome::Complete;
    for (id, one) in &came {
        match one {
            PulledSource::Published(pulled) => {
                if !common.quiet {
                    output::talk(&summary(pulled));
                }
                if pulled.receipt.completeness.taints() || !pulled.receipt.conserves() {
                    outcome = outcome.max(Outcome::Incomplete);
                }
            }
            PulledSource::Failed(error) => {
                output::say(common.color, "error", &error.to_string());
                if crate::app::pull::goes_on(&book, id) {
                    output::talk(&format!("the pages that came are kept: `servicebook pull {id}` goes on from there"));
                }
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

/// Writes how far a pull is, in one line.
pub fn progress_line(source: &str, said: &Progress, seconds: f64) -> String {
    let count = |number: u64| grouped(number as f64, 0);
    let mut text = format!("{source}: {}", said.request);
    if said.lists.1 > 1 {
        text.push_str(&format!(" {} of {}", said.lists.0 + 1, said.lists.1));
    }
    text.push_str(&format!(", {} pages, {}", count(said.pages), count(said.records)));
    match said.of {
        Some(of) if of > 0 => text.push_str(&format!(" of {} records", count(of))),
        _ => text.push_str(" records"),
    }
    if said.kept {
        text.push_str(", from the pull before");
        return text;
    }
    if seconds >= 1.0 {
        text.push_str(&format!(", {} pages/s", grouped(said.pages as f64 / seconds, 1)));
    }
    if let Some(left) = left(said, seconds) {
        text.push_str(&format!(", about {} left", crate::model::duration::write(left)));
    }
    text
}

/// Estimates the seconds that are left, by the share of lists and of the records of the list.
fn left(said: &Progress, seconds: f64) -> Option<i64> {
    let within = match said.of {
        Some(of) if of > 0 => (said.records as f64 / of as f64).min(1.0),
        _ if said.lists.1 > 1 => 0.0,
        _ => return None,
    };
    let done = (said.lists.0 as f64 + within) / said.lists.1.max(1) as f64;
    if done <= 0.01 || seconds < 2.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "an estimate of seconds")]
    let left = (seconds / done - seconds).min(86_400.0 * 30.0) as i64;
    Some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_it_is_and_what_is_left() {
        let mut said = Progress {
            request: "issues".into(),
            pages: 20,
            records: 2_000,
            of: Some(8_000),
            lists: (0, 1),
            kept: false,
        };
        assert_eq!(
            progress_line("desk", &said, 10.0),
            "desk: issues, 20 pages, 2,000 of 8,000 records, 2.0 pages/s, about 30s left"
        );
        said.of = None;
        assert_eq!(progress_line("desk", &said, 10.0), "desk: issues, 20 pages, 2,000 records, 2.0 pages/s");
    }
}
