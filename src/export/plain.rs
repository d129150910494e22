//! The page as linear text for screen readers, braille lines and mail.
//!
//! Headings, sentences and nothing drawn: no boxes, no columns. Lines have at most 78 cells.

use super::evidence::Fact;
use super::page::{Course, Miss, Page, Part, Piece, Pull, Shown};
use super::words;
use crate::text::width;
use unicode_width::UnicodeWidthChar;

/// The longest line, in cells.
const WIDTH: usize = 78;

/// Writes the page.
pub fn write(page: &Page) -> String {
    let mut out = Plain { text: String::new(), sections: 0 };
    out.head(page);
    out.misses(page);
    for part in &page.sections {
        out.part(part);
    }
    if !page.actions.is_empty() {
        out.heading("Agreed actions");
        for [text, owner, due] in &page.actions {
            out.line(&format!("{text}. Owner {owner}, due {due}."));
        }
    }
    out.heading("Findings in the records");
    if page.findings.is_empty() {
        out.line("None.");
    }
    for [severity, rows, text] in &page.findings {
        out.line(&format!("{}, rows {rows}: {text}", capital(severity)));
    }
    out.evidence(page);
    out.receipts(&page.receipts);
    out.text
}

struct Plain {
    text: String,
    sections: usize,
}

impl Plain {
    fn heading(&mut self, title: &str) {
        self.sections += 1;
        self.text.push('\n');
        let title = format!("{}. {title}", self.sections);
        self.line(&title);
        self.text.push('\n');
    }

    /// Writes a paragraph and ends it with a stop where it has none.
    fn sentence(&mut self, text: &str) {
        let end = if text.ends_with(['.', '!', '?', ':']) { "" } else { "." };
        self.line(&format!("{text}{end}"));
    }

    /// Writes a paragraph, broken at blanks; what is longer than a line is cut where the line ends.
    fn line(&mut self, text: &str) {
        let mut line = String::new();
        for word in together(text) {
            if !line.trim().is_empty() && width(&line) + 1 + width(&word) > WIDTH {
                self.flush(&mut line);
            }
            if !line.trim().is_empty() {
                line.push(' ');
            }
            for letter in word.chars() {
                if width(&line) + letter.width().unwrap_or(0) > WIDTH {
                    self.flush(&mut line);
                }
                line.push(letter);
            }
        }
        if !line.trim().is_empty() {
            self.flush(&mut line);
        }
    }

    /// Ends a line; the next one is set in, so that the ear and the eye know it goes on.
    fn flush(&mut self, line: &mut String) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
        *line = "  ".into();
    }

    fn head(&mut self, page: &Page) {
        self.line(&page.title);
        self.line(&format!("{}.", page.subtitle));
        if page.sample {
            self.line("SAMPLE DATA. This report was made from the demo book and describes nobody's services.");
        }
        if let Some(reasons) = &page.incomplete {
            self.line("INCOMPLETE. Why:");
            for reason in reasons {
                self.line(reason);
            }
        }
        self.heading("About this report");
        for (label, text) in &page.descriptor {
            self.sentence(&format!("{label}: {text}"));
        }
        for [mark, meaning] in &page.marks {
            self.line(&format!("{mark} {meaning}."));
        }
    }

    fn misses(&mut self, page: &Page) {
        self.heading("What is not as agreed");
        let tally = &page.tally;
        self.line(&format!(
            "Targets: {} missed, {} at risk, {} met, {} without a figure.",
            tally.missed, tally.at_risk, tally.met, tally.unjudged
        ));
        if page.misses.is_empty() {
            self.line("No target is missed or at risk.");
        }
        for Miss { name, shown, distance } in &page.misses {
            let text = format!("{name}: {}", value(shown));
            self.line(&format!("{text}, difference {}. Evidence {}.", aloud(distance), shown.number));
        }
        for Miss { name, shown, .. } in &page.unjudged {
            self.line(&format!("{name}: {}. Evidence {}.", value(shown), shown.number));
        }
    }

    fn part(&mut self, part: &Part) {
        self.heading(&part.title);
        if !part.clauses.is_empty() {
            self.sentence(&format!("Clauses: {}", part.clauses));
        }
        for piece in &part.blocks {
            match piece {
                Piece::Sentence { text } => self.line(text),
                Piece::Grid { rows_are, columns, rows } => {
                    for (label, cells) in rows {
                        self.line(&format!("{rows_are} {label}."));
                        for (column, cell) in columns.iter().zip(cells) {
                            if let Some(shown) = cell {
                                self.line(&format!("{column}: {}. Evidence {}.", value(shown), shown.number));
                            }
                        }
                    }
                }
                Piece::Table { title, columns, rows } => {
                    self.line(&format!("{title}, rows: {}.", rows.len()));
                    for row in rows {
                        let filled = columns.iter().zip(row).filter(|(_, text)| !text.is_empty());
                        let cells: Vec<_> = filled.map(|((column, _), text)| format!("{column} {text}")).collect();
                        self.line(&format!("{}.", cells.join(", ")));
                    }
                }
                Piece::Course(course) => self.course(course),
            }
        }
    }

    fn course(&mut self, course: &Course) {
        self.line(&format!("Course of {}. Evidence {}.", course.name, course.number));
        for [period, value, target] in &course.points {
            let target = if target.is_empty() { String::new() } else { format!(", target {}", aloud(target)) };
            self.line(&format!("{period}: {}{target}.", aloud(value)));
        }
        if let Some(control) = &course.control {
            self.sentence(&format!("Control chart: {control}"));
        }
    }

    fn evidence(&mut self, page: &Page) {
        self.heading("Evidence");
        for group in &page.evidence {
            self.line(&format!("{}.", group.title));
            for fact in &group.facts {
                self.fact(fact);
            }
            for proof in &group.figures {
                // The value as every other page prints it: it is what is looked up here.
                let display = proof.display.trim_end_matches(['†', '‡']);
                let marks = words::marks_aloud(&proof.display);
                self.line(&format!("Evidence {}. {}: {display}{marks}.", proof.number, proof.name));
                for fact in &proof.facts {
                    self.fact(fact);
                }
            }
        }
    }

    fn fact(&mut self, fact: &Fact) {
        let text = format!("{}: {}", fact.label, fact.text);
        if fact.code { self.line(&text) } else { self.sentence(&text) }
    }

    fn receipts(&mut self, receipts: &[Pull]) {
        self.heading("Receipts");
        if receipts.is_empty() {
            self.line("Nothing was pulled.");
        }
        for pull in receipts {
            self.line(&format!("{}: {}, pulled at {}.", pull.id, pull.source, pull.pulled_at));
            self.line(&format!("Records in the source: {}.", pull.records));
            self.sentence(&capital(&pull.completeness));
            for [name, bytes, records, hash] in &pull.files {
                self.line(&format!("File {name}: {bytes} bytes, {records} records, SHA-256 starts {hash}."));
            }
        }
    }
}

/// Splits at blanks, but keeps a sign or its word, a number and its `%` on one line.
fn together(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last)
                if word.starts_with('%')
                    || matches!(last.as_str(), "≥" | "≤")
                    || (matches!(last.as_str(), "minus" | "plus" | "least" | "most")
                        && word.starts_with(|first: char| first.is_ascii_digit())) =>
            {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Returns value, reason, target and status as one clause.
fn value(shown: &Shown) -> String {
    let mut text = format!("{}{}", aloud(&shown.display), words::marks_aloud(&shown.marks));
    if let Some(reason) = &shown.reason {
        text.extend([", ", reason]);
    }
    if let Some(target) = &shown.target {
        text.extend([", target ", &aloud(target)]);
    }
    if !shown.status.word.is_empty() {
        text.extend([", ", shown.status.word]);
    }
    text
}

/// Returns a figure with its signs as words: most screen readers pass over `-` and many over `≥`, and a plan that is 16 days
/// late would be heard as due in 16.
fn aloud(figure: &str) -> String {
    let words = figure.split(' ').map(|word| match word {
        "≥" => "at least".to_owned(),
        "≤" => "at most".to_owned(),
        _ => match word.split_at_checked(1) {
            Some(("-", number)) if number.starts_with(|first: char| first.is_ascii_digit()) => {
                format!("minus {number}")
            }
            Some(("+", number)) if number.starts_with(|first: char| first.is_ascii_digit()) => format!("plus {number}"),
            _ => word.to_owned(),
        },
    });
    words.collect::<Vec<_>>().join(" ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
