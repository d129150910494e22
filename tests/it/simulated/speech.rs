//! How the desk speaks: one style of paging a connector, with the variants that tools have.
//!
//! Knows a manifest and the server's side of it. Must not know what a pull makes of the answers.

use super::desk::{Desk, Version};
use super::dice::Dice;
use chrono::DateTime;
use servicebook::source::http::{Answer, Cancel, HttpError, Request, Transport};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Mutex;

/// A style of paging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Page,
    Offset,
    Cursor,
    LastRow,
    LinkBody,
    LinkHeader,
    Window,
    Slices,
}

impl Style {
    pub const ALL: [Self; 8] = [
        Self::Page,
        Self::Offset,
        Self::Cursor,
        Self::LastRow,
        Self::LinkBody,
        Self::LinkHeader,
        Self::Window,
        Self::Slices,
    ];
}

/// A style with its variants.
#[expect(clippy::struct_excessive_bools, reason = "tools differ in so many things")]
#[derive(Clone, Debug)]
pub struct Speech {
    pub style: Style,
    pub rows: u64,
    /// Most records of a page, whatever is asked for.
    pub most: u64,
    /// Whether the list ends at a time, and not with what is newest.
    pub ends: bool,
    /// Whether the tool tells how many records there are.
    pub total: bool,
    /// Whether links lead to the record behind the last, and not to a number of records.
    pub stable: bool,
    /// Whether the cursor's own record comes again.
    pub again: bool,
    /// Whether one is added to the cursor.
    pub plus_one: bool,
    /// Whether times are written to the minute.
    pub minutes: bool,
    /// Whether deleted tickets are looked for.
    pub sweep: bool,
    /// Ids in one request.
    pub slice: u64,
}

impl Speech {
    pub fn new(style: Style, dice: &mut Dice) -> Self {
        let rows = dice.pick(&[2, 3, 5, 10, 25, 50]);
        let again = style == Style::LastRow && dice.one_in(2);
        Self {
            style,
            rows,
            most: if dice.one_in(4) { (rows - 1).max(2) } else { rows },
            ends: dice.one_in(3),
            total: dice.one_in(2),
            stable: dice.one_in(2),
            again,
            plus_one: again && dice.one_in(2),
            minutes: dice.one_in(3),
            sweep: !dice.one_in(4),
            slice: dice.between(1, 20),
        }
    }

    /// The connector of this style.
    pub fn manifest(&self) -> String {
        let tickets = if self.style == Style::Slices { "slices" } else { "listed" };
        let mut text = format!(
            r#"[connector]
name = "sim"
title = "A simulated desk"
version = 1
language = 1
proven = "By simulation."
docs = "https://desk.example"
rights = "None."

[settings.url]
kind = "url"
hint = 'url = "https://desk.example"'
default = "https://desk.example"

[http]
base = "{{url}}"
rate = "1000/s"

[http.auth]
kind = "none"

[table.tickets]
request = "{tickets}"

[table.tickets.columns]
source_key = {{ from = "/id" }}
type = {{ const = "incident" }}
title = {{ from = "/title" }}
opened_at = {{ from = "/opened", format = "rfc3339", zone = "offset" }}
"#
        );
        text += &self.request("listed", true);
        if self.style == Style::Slices {
            let _ = write!(
                text,
                "\n[request.slices]\npath = \"/several\"\nquery = [[\"ids\", \"{{each}}\"]]\nrows = \"/rows/*\"\nkey = \"/id\"\n\
                 each = {{ request = \"listed\", value = \"/id\", slice = {}, at_most = 100000 }}\n\
                 paging = {{ kind = \"none\" }}\ncomplete = {{ kind = \"whole_answer\" }}\n",
                self.slice
            );
        }
        if self.sweep {
            text += &self.request("keys", false);
            text += "\n[sweep.tickets]\nrequest = \"keys\"\nkey = \"/id\"\nevery = \"1h\"\n";
        }
        text
    }

    fn request(&self, name: &str, windowed: bool) -> String {
        let style = match self.style {
            Style::Window if !windowed => Style::LastRow,
            Style::Slices => Style::Offset,
            other => other,
        };
        let sort = if style == Style::Window { "updated,id" } else { "id" };
        let order = if style == Style::Window { "\"updated\", \"id\"" } else { "\"id\"" };
        let mut query = format!("[\"sort\", \"{sort}\"], [\"rows\", \"{{page.rows}}\"]");
        let mut push = |pair: &str| {
            let _ = write!(query, ", {pair}");
        };
        if windowed {
            push("[\"from\", \"{window.from}\"]");
            if self.ends {
                push("[\"to\", \"{window.to}\"]");
            }
        }
        let (rows, plus_one) = (self.rows, self.plus_one);
        let paging = match style {
            Style::Page => {
                push("[\"page\", \"{page.number}\"]");
                let stop = if self.most == rows && !self.total && self.stable { ", stop = \"short_page\"" } else { "" };
                format!("kind = \"page\", rows = {rows}{stop}")
            }
            Style::Offset | Style::Slices => {
                push("[\"offset\", \"{page.offset}\"]");
                let stop = if self.most == rows && !self.total && self.stable { ", stop = \"short_page\"" } else { "" };
                format!("kind = \"offset\", rows = {rows}{stop}")
            }
            Style::Cursor => {
                push("[\"after\", \"{page.cursor}\"]");
                format!("kind = \"cursor\", from = \"/next\", rows = {rows}")
            }
            Style::LastRow => {
                push(if self.again { "[\"from_id\", \"{page.cursor}\"]" } else { "[\"after\", \"{page.cursor}\"]" });
                format!("kind = \"cursor\", last_row = \"/id\", plus_one = {plus_one}, rows = {rows}")
            }
            Style::LinkBody | Style::LinkHeader => {
                let at = if style == Style::LinkBody { "from = \"/link\"" } else { "header = \"link\"" };
                let stable = if self.stable { ", stable = true" } else { "" };
                push(if self.stable { "[\"links\", \"after\"]" } else { "[\"links\", \"page\"]" });
                format!("kind = \"next_link\", {at}, rows = {rows}{stable}")
            }
            Style::Window => {
                push("[\"offset\", \"{page.offset}\"]");
                format!(
                    "kind = \"window\", rows = {rows}, stamp = \"/updated\", stamp_format = \"rfc3339\", stamp_zone = \"offset\""
                )
            }
        };
        let complete = if self.total { "kind = \"total\", at = \"/total\"" } else { "kind = \"last_page\"" };
        let window = if windowed {
            let format = if self.minutes { "%Y-%m-%dT%H:%MZ" } else { "rfc3339" };
            format!(
                "window = {{ kind = \"changed\", format = \"{format}\", zone = \"UTC\", overlap = \"10m\", settle = \"5m\" }}\n"
            )
        } else {
            String::new()
        };
        format!(
            "\n[request.{name}]\npath = \"/tickets\"\nquery = [{query}]\nrows = \"/rows/*\"\nkey = \"/id\"\norder = [{order}]\n\
             {window}paging = {{ {paging} }}\ncomplete = {{ {complete} }}\n"
        )
    }

    /// Lets a moment pass at the desk, and answers.
    pub fn answered(&self, desk: &mut Desk, url: &url::Url) -> (Vec<(String, String)>, String) {
        let seconds = desk.dice.below(4).cast_signed();
        desk.pass(seconds);
        let query = url.query_pairs().into_owned().collect();
        self.answer(desk, url.path(), &query)
    }

    /// Answers a question, given as path and query: headers and body.
    fn answer(&self, desk: &Desk, path: &str, query: &HashMap<String, String>) -> (Vec<(String, String)>, String) {
        let date = DateTime::from_timestamp(desk.now, 0).unwrap().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let mut headers = vec![("date".to_owned(), date), ("content-type".into(), "application/json".into())];
        let number = |name: &str| query.get(name).map(|text| text.parse::<u64>().unwrap());
        if path == "/several" {
            let ids: Vec<u64> = query["ids"].split(',').map(|id| id.parse().unwrap()).collect();
            let rows = desk.truth().into_iter().filter(|(id, _)| ids.contains(id)).map(row).collect::<Vec<_>>();
            return (headers, format!("{{\"rows\":[{}]}}", rows.join(",")));
        }
        let instant = |name: &str| query.get(name).map(|text| instant(text));
        let mut rows = desk.indexed();
        rows.retain(|(_, version)| {
            instant("from").is_none_or(|from| version.stamp >= from)
                && instant("to").is_none_or(|to| version.stamp < to)
        });
        if query["sort"] == "updated,id" {
            rows.sort_by_key(|(id, version)| (version.stamp, *id));
        }
        let total = rows.len();
        let size = number("rows").unwrap().min(self.most);
        if let Some(after) = number("after") {
            rows.retain(|(id, _)| *id > after);
        }
        if let Some(from) = number("from_id") {
            rows.retain(|(id, _)| *id >= from);
        }
        let passed = number("offset").unwrap_or_else(|| (number("page").unwrap_or(1) - 1) * size);
        let (passed, size) = (usize::try_from(passed).unwrap(), usize::try_from(size).unwrap());
        let page: Vec<(u64, &Version)> = rows.iter().skip(passed).take(size).copied().collect();
        let more = rows.len() > passed + page.len();
        let mut body = format!("{{\"rows\":[{}]", page.iter().map(|one| row(*one)).collect::<Vec<_>>().join(","));
        if self.total {
            let _ = write!(body, ",\"total\":{total}");
        }
        if let Some((last, _)) = page.last().filter(|_| more) {
            match (self.style, query.get("links")) {
                (Style::Cursor, _) => {
                    let _ = write!(body, ",\"next\":\"{last}\"");
                }
                (_, Some(links)) => {
                    let mut pairs: Vec<(String, String)> = query
                        .iter()
                        .filter(|(name, _)| !["page", "after"].contains(&name.as_str()))
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect();
                    pairs.push(if links == "after" {
                        ("after".into(), last.to_string())
                    } else {
                        ("page".into(), (number("page").unwrap_or(1) + 1).to_string())
                    });
                    pairs.sort();
                    let link = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
                    if self.style == Style::LinkBody {
                        let _ = write!(body, ",\"link\":\"/tickets?{link}\"");
                    } else {
                        headers.push(("link".into(), format!("</tickets?{link}>; rel=\"next\"")));
                    }
                }
                _ => {}
            }
        }
        body.push('}');
        (headers, body)
    }
}

fn row((id, version): (u64, &Version)) -> String {
    let stamp = DateTime::from_timestamp(version.stamp, 0).unwrap().to_rfc3339();
    format!(
        "{{\"id\":{id},\"title\":\"{}\",\"opened\":\"2026-08-01T00:00:00Z\",\"updated\":\"{stamp}\"}}",
        version.title
    )
}

/// Reads a bound: to the second or to the minute.
fn instant(text: &str) -> i64 {
    let whole = if text.len() == 17 { text.replace('Z', ":00Z") } else { text.to_owned() };
    DateTime::parse_from_rfc3339(&whole).unwrap().timestamp()
}

/// The desk as a tool that is asked within the process.
pub struct Asked<'a> {
    pub desk: &'a Mutex<Desk>,
    pub speech: &'a Speech,
    /// Whatever was asked, in order.
    pub log: Vec<String>,
    /// Before this request the way to the tool ends.
    pub cut: Option<usize>,
}

impl<'a> Asked<'a> {
    pub fn new(desk: &'a Mutex<Desk>, speech: &'a Speech) -> Self {
        Self { desk, speech, log: Vec::new(), cut: None }
    }
}

impl Transport for Asked<'_> {
    fn send(&mut self, request: &Request, _: &Cancel) -> Result<Answer, HttpError> {
        if self.cut.is_some_and(|cut| self.log.len() >= cut) {
            return Err(HttpError::Unreachable {
                label: request.label(),
                reason: "the way ends here".into(),
                hint: "none".into(),
            });
        }
        assert!(self.log.len() < 20_000, "a pull without an end: {:?}", &self.log[self.log.len() - 4..]);
        self.log.push(request.url.to_string());
        let (headers, body) = self.speech.answered(&mut self.desk.lock().unwrap(), &request.url);
        Ok(Answer { status: 200, headers, body: body.into_bytes(), url: request.url.clone() })
    }
}
