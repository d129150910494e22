//! The ten questions of a service review, each as keys on the real program, from Home on the demo book to the answer.

use super::line::Line;
use super::tour::{ENTER, Stop};
use crate::program::repository;

/// Most keys that an answer may take.
const MOST: usize = 6;

struct Question {
    asked: &'static str,
    /// The service that the cursor is put on in the script, where it is about one.
    service: &'static str,
    keys: &'static [&'static str],
    /// What stands on the screen then.
    answer: &'static [&'static str],
    /// Where to look, for the README.
    told: &'static str,
}

const fn ask(
    asked: &'static str,
    service: &'static str,
    keys: &'static [&'static str],
    answer: &'static [&'static str],
    told: &'static str,
) -> Question {
    Question { asked, service, keys, answer, told }
}

const QUESTIONS: &[Question] = &[
    ask(
        "Which services missed this month?",
        "",
        &["!"],
        &["only what is wrong", "Remote access", "✗ MISSED"],
        "Home keeps the rows in which something is wrong",
    ),
    ask(
        "Why is this one red?",
        "Remote access",
        &["j", "i"],
        &["Why this number", "Remote access", "✗ MISSED", "target"],
        "formula with its numbers, clause, agreement, rows, receipts",
    ),
    ask(
        "Show me its late P1s",
        "Remote access",
        &["j", "l", ENTER, "!"],
        &["only late by resolution", "INC0013646", "P1"],
        "the rows of the figure, only the late ones, the most urgent first",
    ),
    ask(
        "Which group held them?",
        "Remote access",
        &["j", "l", ENTER, "!", "f"],
        &["Counts", "group", "Service Desk", "Network"],
        "the late ones counted by every column; Enter on a group shows its rows",
    ),
    ask(
        "Was it the change on the 12th?",
        "ERP",
        &["j", "j", "g", "a", "G"],
        &["INC0013764", "no cause is linked", "09-12 08:10 to 10:40 planned work"],
        "outages, planned work and changes in words, with what is linked to what",
    ),
    ask(
        "What is still open and breached?",
        "",
        &["G", "k", "k", "g", "b"],
        &["Open, and beyond the goal", "Resolution late"],
        "the backlog begins with what is open and late; Enter shows the rows",
    ),
    ask(
        "How bad was it a year ago?",
        "",
        &["=", "="],
        &["September 2025", "Change", "Remote access"],
        "every figure beside the one of a year before",
    ),
    ask(
        "When do we run out of disk?",
        "File service",
        &["5", "j", "g", "c"],
        &["Reaches 85 % about 2026-11-16", "between 2026-11-14 and 2026-11-17", "threshold 85 %"],
        "the day, between which days, and the course with its forecast",
    ),
    ask(
        "When was the recovery plan last tested?",
        "File service",
        &["5", "j", "g", "n"],
        &["CP-FILES", "Last success", "2025-10-18", "2026-09-19"],
        "the plan, its last success, each test",
    ),
    ask(
        "Is the data of this month complete?",
        "",
        &["g", "o"],
        &["✓ complete", "records = loaded + quarantined + set aside"],
        "said in the header of every screen; by source, with the sums, on this one",
    ),
];

#[test]
fn each_question_of_a_review_is_answered_within_six_keys() {
    for question in QUESTIONS {
        assert!(question.keys.len() <= MOST, "{}: {} keys", question.asked, question.keys.len());
        let mut line = Line::open((80, 24));
        line.go(&Stop { name: "", keys: question.keys, wanted: question.answer[0], about: "" });
        for part in question.answer {
            line.wait_shown(part);
        }
        line.leave();
    }
}

/// The answer to which group held them goes on to its rows.
#[test]
fn a_count_among_those_of_every_column_leads_to_its_rows() {
    let mut line = Line::open((80, 24));
    line.go(&Stop { name: "", keys: &["g", "t"], wanted: "Row 1 of 98", about: "" });
    line.go(&Stop { name: "", keys: &["f"], wanted: "priority", about: "" });
    line.wait_shown("Counts");
    line.go(&Stop { name: "", keys: &[ENTER], wanted: "69 of 98 rows", about: "" });
    line.wait_shown("[priority = P3]");
    line.leave();
}

fn table() -> String {
    let mut made =
        String::from("| question | keys from Home | how many | what answers |\n| --- | --- | ---: | --- |\n");
    for question in QUESTIONS {
        let keys: Vec<String> =
            question.keys.iter().map(|key| format!("`{}`", if *key == ENTER { "Enter" } else { key })).collect();
        let about = if question.service.is_empty() { String::new() } else { format!(" ({})", question.service) };
        made.push_str(&format!(
            "| {}{about} | {} | {} | {} |\n",
            question.asked,
            keys.join(" "),
            question.keys.len(),
            question.told
        ));
    }
    made
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to write the page is said by who runs the test")]
fn the_readme_says_how_many_keys_each_question_takes() {
    let path = repository().join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("<!-- questions -->\n").unwrap();
    let (written, after) = rest.split_once("<!-- /questions -->").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}<!-- questions -->\n{}<!-- /questions -->{after}", table())).unwrap();
        return;
    }
    assert!(written == table(), "README.md is behind the program: UPDATE_DOCS=1 cargo test --test it questions");
}
