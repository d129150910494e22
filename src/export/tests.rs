//! What holds for every format at once.

use super::fixture::{HOSTILE, hostile, plain};
use super::{ExportError, csv, write};
use crate::app::request::ExportFormat;
use crate::model::{FigureId, Scope};
use crate::report::Document;
use crate::report::document::Block;
use crate::text::{screen_str, width};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;

const FORMATS: [ExportFormat; 5] =
    [ExportFormat::Md, ExportFormat::Html, ExportFormat::Csv, ExportFormat::Json, ExportFormat::Plain];

fn text(document: &Document, format: ExportFormat) -> String {
    String::from_utf8(write(document, format).unwrap()).unwrap()
}

/// Returns what a reader sees: no tags, entities undone, blanks joined.
fn read_html(html: &str) -> String {
    let body = &html[html.find("<body>").unwrap()..];
    let mut seen = String::new();
    let mut inside = false;
    for letter in body.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                seen.push(' ');
            }
            _ if !inside => seen.push(letter),
            _ => {}
        }
    }
    let undone = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    for (entity, letter) in undone {
        seen = seen.replace(entity, letter);
    }
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read_markdown(markdown: &str) -> String {
    let mut seen = String::new();
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Text(text) | Event::Code(text) => seen.push_str(&text),
            Event::SoftBreak
            | Event::End(TagEnd::TableCell | TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => seen.push(' '),
            _ => {}
        }
    }
    seen
}

fn read_plain(plain: &str) -> String {
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for format in FORMATS {
        assert_eq!(write(&plain(), format).unwrap(), write(&plain(), format).unwrap());
    }
}

#[test]
fn every_printed_figure_reads_the_same_on_every_page() {
    let document = plain();
    let pages = [
        read_markdown(&text(&document, ExportFormat::Md)),
        read_html(&text(&document, ExportFormat::Html)),
        read_plain(&text(&document, ExportFormat::Plain)),
        text(&document, ExportFormat::Csv).replace("\"\"", "\""),
        text(&document, ExportFormat::Json),
    ];
    for page in &pages {
        for figure in &document.figures {
            assert!(page.contains(&figure.display), "{} is not on {page}", figure.display);
            assert!(page.contains(&figure.id.to_string()), "{} is not on {page}", figure.id);
        }
    }
    for page in &pages[..2] {
        assert!(page.contains("-1.70 points") && page.contains("+12.5 d") && page.contains("≥"), "{page}");
    }
    for words in ["difference minus 1.70 points", "difference plus 12.5 d", "target at least "] {
        assert!(pages[2].contains(words), "{words} is not said in {}", pages[2]);
    }
    for page in &pages[..3] {
        for words in ["SAMPLE DATA", "INCOMPLETE", "page 3 of 7 did not come", "insufficient data", "MISSED", "RISK"] {
            assert!(page.contains(words), "{words} is not on {page}");
        }
        for words in ["2 of 3", "98.70 % known", "3 at most 15m", "100 × (base − down) / base"] {
            assert!(page.contains(words), "{words} is not on {page}");
        }
        for words in ["1,204 = 1,200 loaded + 4 quarantined", "0123456789abcdef", "provisional", "gross: 97.50 %"] {
            assert!(page.contains(words), "{words} is not on {page}");
        }
    }
}

#[test]
fn a_complete_report_of_a_real_book_carries_no_stamp() {
    let mut document = plain();
    document.complete = true;
    document.book.sample = false;
    document.receipts.remove(0);
    for figure in &mut document.figures {
        figure.tainted = false;
    }
    for format in [ExportFormat::Md, ExportFormat::Html, ExportFormat::Plain] {
        let page = text(&document, format);
        assert!(!page.contains("SAMPLE DATA") && !page.contains("INCOMPLETE") && !page.contains('†'), "{page}");
    }
}

#[test]
fn no_file_holds_a_character_that_acts() {
    for name in HOSTILE {
        for format in FORMATS {
            let page = text(&hostile(name), format);
            for line in page.lines() {
                let line = line.strip_suffix('\r').unwrap_or(line);
                assert_eq!(screen_str_long(line), line, "{format:?} with {name:?}");
            }
        }
    }
}

/// Screens in pieces, as the door cuts what is longer than a cell.
fn screen_str_long(line: &str) -> String {
    let mut screened = String::new();
    for letter in line.chars() {
        let probe = String::from_iter(['a', letter]);
        screened.push_str(&screen_str(&probe)[1..]);
    }
    screened
}

/// Returns tags with the names of their attributes, in order.
fn tags(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    // What stands between the style tags is ours alone; the test of the policy holds it.
    let (before, rest) = html.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    for part in [before, after] {
        for tag in part.split('<').skip(1) {
            let tag = tag.split_once('>').unwrap().0;
            let mut shape = String::new();
            let mut quoted = false;
            for letter in tag.chars() {
                if letter == '"' {
                    quoted = !quoted;
                } else if !quoted {
                    shape.push(letter);
                }
            }
            tags.push(shape);
        }
    }
    tags
}

#[test]
fn names_add_no_tag_and_no_attribute_to_the_page() {
    let benign = tags(&text(&hostile("Mail"), ExportFormat::Html));
    let set: BTreeSet<_> =
        benign.iter().map(|tag| tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap()).collect();
    assert!(
        !set.iter().any(|tag| ["script", "img", "iframe", "object", "link", "base", "form"].contains(tag)),
        "{set:?}"
    );
    for name in HOSTILE {
        let page = text(&hostile(name), ExportFormat::Html);
        // A harmless name of the same length: a long one makes a table stand instead of lie.
        let benign = tags(&text(&hostile(&"M".repeat(width(&screen_str(name)))), ExportFormat::Html));
        let tags = tags(&page);
        let other = tags.iter().zip(&benign).find(|(tag, expected)| tag != expected);
        assert_eq!((other, tags.len()), (None, benign.len()), "{name:?}");
        assert_eq!(page.matches("<style>").count(), 1);
    }
}

#[test]
fn the_page_loads_nothing_and_links_only_to_itself() {
    for name in ["Mail", "javascript:alert(1)", "https://evil.example"] {
        let page = text(&hostile(name), ExportFormat::Html);
        assert!(page.contains("default-src &#x27;none") || page.contains("default-src 'none'; style-src 'sha256-"));
        for link in page.split("href=\"").skip(1) {
            assert!(link.starts_with('#'), "{}", &link[..20]);
        }
        assert!(
            !page.contains(" src=") && !page.contains("url(") && !page.contains("@import") && !page.contains(" style=")
        );
        let ids: Vec<_> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let unique: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "ids are unique");
        for link in page.split("href=\"#").skip(1) {
            let to = link.split('"').next().unwrap();
            assert!(unique.contains(to), "{to}");
        }
    }
}

/// Returns the tree of a Markdown page without its words.
fn shape(markdown: &str) -> Vec<String> {
    let mut shape: Vec<String> = Vec::new();
    for event in Parser::new_ext(markdown, Options::all()) {
        let node = match event {
            Event::Text(_) | Event::Code(_) | Event::SoftBreak => continue,
            Event::Start(Tag::Heading { level, .. }) => format!("heading {level}"),
            Event::Start(Tag::Table(columns)) => format!("table {}", columns.len()),
            other => format!("{other:?}"),
        };
        shape.push(node);
    }
    shape
}

#[test]
fn names_add_no_node_to_the_markdown() {
    let benign = shape(&text(&hostile("Mail"), ExportFormat::Md));
    let forbidden = ["Link", "Image", "Html", "Footnote", "Math"];
    assert!(!benign.iter().any(|node| forbidden.iter().any(|word| node.contains(word))), "{benign:?}");
    for name in HOSTILE {
        assert_eq!(shape(&text(&hostile(name), ExportFormat::Md)), benign, "{name:?}");
    }
}

#[test]
fn plain_text_is_narrow_and_draws_nothing() {
    for name in HOSTILE.into_iter().chain(["Mail"]) {
        for line in text(&hostile(name), ExportFormat::Plain).lines() {
            assert!(width(line) <= 78, "{line}");
            assert!(!line.chars().any(|letter| ('\u{2500}'..='\u{259f}').contains(&letter)), "{line}");
        }
    }
}

/// Splits a CSV file as any reader of RFC 4180 does.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv_core::Reader::new();
    let (mut input, mut rows, mut row) = (text.as_bytes(), Vec::new(), Vec::new());
    let mut field = vec![0; 65_536];
    let mut filled = 0;
    loop {
        let (result, read, wrote) = reader.read_field(input, &mut field[filled..]);
        input = &input[read..];
        filled += wrote;
        match result {
            csv_core::ReadFieldResult::Field { record_end } => {
                row.push(String::from_utf8(field[..filled].to_vec()).unwrap());
                filled = 0;
                if record_end {
                    rows.push(std::mem::take(&mut row));
                }
            }
            csv_core::ReadFieldResult::End => return rows,
            csv_core::ReadFieldResult::InputEmpty => {}
            csv_core::ReadFieldResult::OutputFull => panic!("a field of 64 KiB"),
        }
    }
}

#[test]
fn csv_reads_back_with_the_same_numbers_and_no_formula() {
    for name in HOSTILE.into_iter().chain(["Mail"]) {
        let document = hostile(name);
        let file = text(&document, ExportFormat::Csv);
        assert_eq!(file.matches("\r\n").count(), document.figures.len() + 1);
        assert_eq!(file.matches('\n').count(), document.figures.len() + 1);
        let rows = records(&file);
        assert_eq!(rows[0], csv::COLUMNS);
        assert_eq!(rows.len(), document.figures.len() + 1);
        let column = |name: &str| csv::COLUMNS.iter().position(|column| *column == name).unwrap();
        for (row, figure) in rows[1..].iter().zip(&document.figures) {
            assert_eq!(row.len(), csv::COLUMNS.len());
            assert_eq!(row[column("value")].parse().ok(), figure.number());
            assert_eq!(row[column("target")].parse().ok(), figure.target.as_ref().map(|target| target.value));
            assert_eq!(row[column("numerator")].parse().ok(), figure.numerator);
            assert_eq!(row[column("display")], figure.display);
            assert_eq!(row[column("sample")], "true");
            for (cell, column) in row.iter().zip(csv::COLUMNS) {
                let number = ["value", "target", "numerator", "denominator"].contains(&column);
                assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{column}: {cell}");
            }
        }
    }
}

#[test]
fn a_page_that_names_what_is_not_there_is_refused() {
    let mut document = plain();
    document.sections[0].blocks.push(Block::Table("nowhere".into()));
    assert!(matches!(write(&document, ExportFormat::Md), Err(ExportError::Dangling { what: "table", .. })));
    let mut document = plain();
    let id = FigureId::new("no.such", Scope::book(), &[]);
    document.sections[0].blocks.push(Block::Series(id, crate::report::document::Step::Day));
    let message = write(&document, ExportFormat::Html).unwrap_err().to_string();
    assert!(message.contains("the figure `no.such`"), "{message}");
    assert!(write(&document, ExportFormat::Json).is_ok());
}
