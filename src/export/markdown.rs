//! The page as Markdown that a customer can be sent.
//!
//! Knows CommonMark and GitHub's tables. Whatever comes from the document is escaped so that it stays text: no HTML, no
//! link, no image, no further cell.

use super::evidence::{Evidence, Fact};
use super::page::{Course, Miss, Page, Part, Piece, Pull, Shown};

/// Writes the page.
pub fn write(page: &Page) -> String {
    let mut out = Markdown { text: String::new() };
    out.head(page);
    out.misses(page);
    for part in &page.sections {
        out.part(part);
    }
    out.actions(page);
    out.findings(page);
    out.evidence(&page.evidence);
    out.receipts(&page.receipts);
    out.text
}

struct Markdown {
    text: String,
}

impl Markdown {
    fn block(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn heading(&mut self, level: usize, title: &str) {
        self.block(&format!("{} {}", "#".repeat(level), escape(title)));
    }

    /// Writes a table; cells are Markdown already.
    fn table(&mut self, columns: &[(String, bool)], rows: impl Iterator<Item = Vec<String>>) {
        let heads: Vec<_> = columns.iter().map(|(name, _)| name.clone()).collect();
        let rules: Vec<_> = columns.iter().map(|(_, right)| if *right { "---:" } else { "---" }).collect();
        let mut text = format!("| {} |\n| {} |", heads.join(" | "), rules.join(" | "));
        for row in rows {
            text.extend(["\n| ", &row.join(" | "), " |"]);
        }
        self.block(&text);
    }

    fn head(&mut self, page: &Page) {
        self.heading(1, &page.title);
        if page.sample {
            self.block("**SAMPLE DATA** – this report was made from the demo book and describes nobody's services.");
        }
        if let Some(reasons) = &page.incomplete {
            self.block("**INCOMPLETE** – not everything that these figures need is here. Why:");
            self.block(&reasons.iter().map(|reason| format!("- {}", escape(reason))).collect::<Vec<_>>().join("\n"));
        }
        self.block(&escape(&page.subtitle));
        let facts = page.descriptor.iter().map(|(label, text)| vec![(*label).to_owned(), escape(text)]);
        self.table(&[(String::from("About this report"), false), (String::from(" "), false)], facts);
        for [mark, meaning] in &page.marks {
            self.block(&format!("{mark} {meaning}."));
        }
        self.block("Numbers in brackets lead to the evidence of a figure at the end of the report.");
    }

    fn misses(&mut self, page: &Page) {
        self.heading(2, "What is not as agreed");
        let tally = &page.tally;
        self.block(&format!(
            "Targets: {} missed, {} at risk, {} met, {} without a figure.",
            tally.missed, tally.at_risk, tally.met, tally.unjudged
        ));
        let columns = ["Status", "Figure", "Value", "Agreed", "By how much"];
        if page.misses.is_empty() {
            self.block("No target is missed or at risk.");
        } else {
            self.miss_table(&columns, &page.misses);
        }
        if !page.unjudged.is_empty() {
            self.heading(3, "Agreed, but not known");
            self.miss_table(&["Status", "Figure", "Value", "Agreed", "Why"], &page.unjudged);
        }
    }

    fn miss_table(&mut self, columns: &[&str; 5], misses: &[Miss]) {
        let columns: Vec<_> =
            columns.iter().enumerate().map(|(at, name)| ((*name).to_owned(), at > 1 && *name != "Why")).collect();
        let rows = misses.iter().map(|miss| {
            vec![
                status(&miss.shown).unwrap_or_else(|| "– not known".into()),
                escape(&miss.name),
                value(&miss.shown),
                miss.shown.target.as_deref().map_or_else(String::new, escape),
                escape(&miss.distance),
            ]
        });
        self.table(&columns, rows);
    }

    fn part(&mut self, part: &Part) {
        self.heading(2, &part.title);
        if !part.clauses.is_empty() {
            self.block(&format!("Clauses: {}", escape(&part.clauses)));
        }
        for piece in &part.blocks {
            self.piece(piece);
        }
    }

    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Sentence { text } => self.block(&escape(text)),
            Piece::Grid { rows_are, columns, rows } => {
                let mut heads = vec![(escape(rows_are), false)];
                heads.extend(columns.iter().map(|column| (escape(column), true)));
                let rows = rows.iter().map(|(label, cells)| {
                    let mut row = vec![escape(label)];
                    row.extend(cells.iter().map(|cell| cell.as_ref().map_or_else(|| "–".to_owned(), in_cell)));
                    row
                });
                self.table(&heads, rows);
            }
            Piece::Table { title, columns, rows } => {
                self.heading(3, title);
                if rows.is_empty() {
                    self.block("No rows.");
                    return;
                }
                let heads: Vec<_> = columns.iter().map(|(name, right)| (escape(name), *right)).collect();
                self.table(&heads, rows.iter().map(|row| row.iter().map(|text| escape(text)).collect()));
            }
            Piece::Course(course) => self.course(course),
        }
    }

    fn course(&mut self, course: &Course) {
        self.block(&format!("Course of {} \\[{}\\]", escape(&course.name), course.number));
        let mut heads = vec![(course.step.to_owned(), false), ("Value".into(), true)];
        if course.has_target {
            heads.push(("Target".into(), true));
        }
        let rows = course.points.iter().map(|point| point[..heads.len()].iter().map(|text| escape(text)).collect());
        let rows: Vec<Vec<String>> = rows.collect();
        self.table(&heads, rows.into_iter());
        if let Some(control) = &course.control {
            self.block(&format!("Control chart: {}", escape(control)));
        }
    }

    fn actions(&mut self, page: &Page) {
        if page.actions.is_empty() {
            return;
        }
        self.heading(2, "Agreed actions");
        let heads = ["Action", "Owner", "Due"].map(|name| (name.to_owned(), false));
        self.table(&heads, page.actions.iter().map(|action| action.iter().map(|text| escape(text)).collect()));
    }

    fn findings(&mut self, page: &Page) {
        self.heading(2, "Findings in the records");
        if page.findings.is_empty() {
            self.block("None.");
            return;
        }
        let heads = [("Weight".into(), false), ("Rows".into(), true), ("Finding".into(), false)];
        self.table(&heads, page.findings.iter().map(|finding| finding.iter().map(|text| escape(text)).collect()));
    }

    fn evidence(&mut self, groups: &[Evidence]) {
        self.heading(2, "Evidence");
        self.block("Every figure above, by its number: how it was computed and from which rows.");
        for group in groups {
            self.heading(3, &group.title);
            self.block(&group.facts.iter().map(|fact| format!("- {}", said(fact))).collect::<Vec<_>>().join("\n"));
            let mut rows = Vec::new();
            for proof in &group.figures {
                let facts: Vec<_> = proof.facts.iter().map(said).collect();
                rows.push(vec![
                    proof.number.to_string(),
                    escape(&proof.name),
                    [escape(&proof.display), format!("{} {}", proof.status.glyph, proof.status.word)]
                        .join(" ")
                        .trim()
                        .to_owned(),
                    facts.join("; "),
                ]);
            }
            let heads = [("No.", true), ("Figure", false), ("Value", true), ("Made from", false)];
            self.table(&heads.map(|(name, right)| (name.to_owned(), right)), rows.into_iter());
        }
    }

    fn receipts(&mut self, receipts: &[Pull]) {
        self.heading(2, "Receipts");
        if receipts.is_empty() {
            self.block("Nothing was pulled.");
            return;
        }
        let heads = ["Receipt", "Source", "Pulled at", "Records in the source", "Whether that was all"];
        let rows = receipts.iter().map(|pull| {
            [&pull.id, &pull.source, &pull.pulled_at, &pull.records, &pull.completeness]
                .map(|text| escape(text))
                .to_vec()
        });
        self.table(&heads.map(|name| (name.to_owned(), false)), rows);
        if receipts.iter().any(|pull| !pull.files.is_empty()) {
            let heads = [("Receipt", false), ("File", false), ("Bytes", true), ("Records", true), ("SHA-256", false)];
            let rows = receipts.iter().flat_map(|pull| {
                pull.files.iter().map(|[name, bytes, records, hash]| {
                    let hash = if hash.is_empty() { String::new() } else { format!("{}…", escape(hash)) };
                    vec![escape(&pull.id), escape(name), escape(bytes), escape(records), hash]
                })
            });
            self.table(&heads.map(|(name, right)| (name.to_owned(), right)), rows);
        }
    }
}

fn said(fact: &Fact) -> String {
    let text = if fact.code { code(&fact.text) } else { escape(&fact.text) };
    format!("{}: {text}", fact.label)
}

fn status(shown: &Shown) -> Option<String> {
    (!shown.status.word.is_empty()).then(|| format!("{} {}", shown.status.glyph, shown.status.word))
}

fn value(shown: &Shown) -> String {
    format!("{}{} \\[{}\\]", escape(&shown.display), shown.marks, shown.number)
}

fn in_cell(shown: &Shown) -> String {
    status(shown).map_or_else(|| value(shown), |status| format!("{} {}", status, value(shown)))
}

/// Escapes screened text so that it is text in a paragraph, a list item, a heading and a table cell alike.
///
/// Some renderers make links of bare addresses after all escapes are undone; what looks like one becomes code, in which
/// nothing is looked for.
pub fn escape(text: &str) -> String {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if ["://", "www.", "@", "mailto:", "xmpp:"].iter().any(|address| lower.contains(address)) {
        return code(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (at, letter) in text.char_indices() {
        match letter {
            '|' => escaped.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '<' | '>' | '#' | '~' | '&' | '!' | '$' | '^' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            // At the start of a line these would begin a list, a rule or a definition.
            '-' | '+' | '=' | ':' if at == 0 && ends_marker(text, at + 1) => {
                escaped.push('\\');
                escaped.push(letter);
            }
            '.' | ')' if at > 0 && at == digits && ends_marker(text, at + 1) => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Tells whether a list marker could end here.
fn ends_marker(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(|next| next.is_whitespace() || matches!(next, '-' | '=' | ':'))
}

/// Writes screened text as code that stays in its table cell: a bar cannot be escaped there in a way that every
/// renderer reads alike, so it stands between two spans as an entity.
fn code(text: &str) -> String {
    let spans = text.split('|').map(|part| {
        if part.trim().is_empty() {
            return part.to_owned();
        }
        let longest = part.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest + 1);
        // A renderer takes one blank off either end when both have one.
        let blanks = part.starts_with(' ') && part.ends_with(' ');
        let pad = if blanks || part.starts_with('`') || part.ends_with('`') { " " } else { "" };
        format!("{fence}{pad}{part}{pad}{fence}")
    });
    spans.collect::<Vec<_>>().join("&#124;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    /// Curled quotes are the only change that a renderer may make.
    fn options() -> Options {
        Options::all() - Options::ENABLE_SMART_PUNCTUATION
    }

    /// Renders one cell between two others and returns its text, if it holds nothing but text and code.
    fn rendered(markdown: &str) -> String {
        let table = format!("| a | b | c |\n| --- | --- | --- |\n| x | {markdown} | y |\n");
        let mut cells = Vec::new();
        for event in Parser::new_ext(&table, options()) {
            match event {
                Event::Start(Tag::TableCell) => cells.push(String::new()),
                Event::Text(text) | Event::Code(text) => cells.last_mut().unwrap().push_str(&text),
                Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow) | Event::End(_) => {}
                other => panic!("{markdown}: {other:?}"),
            }
        }
        assert_eq!((cells.len(), cells[3].as_str(), cells[5].as_str()), (6, "x", "y"), "{markdown}");
        cells.swap_remove(4)
    }

    /// Renders a line that begins with the text, if nothing but `node` comes of it.
    fn rendered_at_start(markdown: &str) -> [String; 3] {
        [("# ", "\n"), ("", "\n\ntext\n"), ("- ", "\n- item\n")].map(|(before, after)| {
            let mut seen = String::new();
            for event in Parser::new_ext(&format!("{before}{markdown}{after}"), options()) {
                match event {
                    Event::Text(text) | Event::Code(text) => seen.push_str(&text),
                    Event::Start(Tag::Heading { id: None, .. } | Tag::Paragraph | Tag::List(None) | Tag::Item) => {}
                    Event::End(_) => seen.push('\n'),
                    other => panic!("{markdown}: {other:?}"),
                }
            }
            seen.lines().next().unwrap_or_default().to_owned()
        })
    }

    #[test]
    fn text_reads_back_as_it_was() {
        let hostile = [
            "<script>alert(1)</script>",
            "](javascript:alert(1))",
            "[x](http://evil.example)",
            "![x](y)",
            "a|b\\|c\\",
            "`code` ``",
            "**bold** _it_ ~~s~~ ~sub~ ^sup^ $m$",
            "&lt;b&gt; &#124;",
            "http://evil.example/|`x`",
            "www.evil.example and root@host",
            "<http://evil.example>",
            "# not a heading",
            "1. not a list",
            "- no",
            "=HYPERLINK(\"x\")",
            ":::: x",
            "[^1]",
            "{#id}",
            "\\",
            "`",
            "tail\\`@",
            "heading {#id .class}",
            ": definition",
            "--- +++ ===",
            "===",
            "+ item",
            "1) item",
            "12",
            "[[wiki]] [ ] [x]",
            "```fence",
            "~~~ fence",
        ];
        for text in hostile {
            assert_eq!(rendered(&escape(text)), text, "{}", escape(text));
            assert_eq!(rendered_at_start(&escape(text)), [text; 3], "{}", escape(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_reads_back_as_it_was(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "|", "\\", "`", "``", "<b>", "<!--", "-->", "[", "]", "(x)", "](y)", "!", "*", "**", "_", "~", "$",
                    "^", "{", "}", "#", "&amp;", "&", ";", "http://x", "www.x.y", "a@b.c", ":", "-", "+", "=", "1.", "a",
                    "É", " ", "'", "\"", "/", "%", ">",
                ]),
                0..12,
            )
        ) {
            let text = parts.concat();
            let text = text.trim();
            if text.is_empty() {
                return Ok(());
            }
            proptest::prop_assert_eq!(rendered(&escape(text)), text);
            proptest::prop_assert_eq!(rendered_at_start(&escape(text)), [text; 3]);
        }
    }
}
