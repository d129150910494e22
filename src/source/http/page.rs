//! Web pages where records should be: log-in forms, captive portals, error pages of proxies.
//!
//! They come with status 200 and would be read as "no tickets". Must not know what the records look like.

use super::{Answer, HttpError, Method, label, said};

/// First bytes of pages, in small letters.
const OPENINGS: &[&str] = &["<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title", "<form"];

/// How far into a page its title is looked for, in bytes.
const TITLE_WITHIN: usize = 16 << 10;

/// Returns the error for an answer that is a web page, by its content type or its first bytes; `None` for others.
pub fn refuse_page(answer: &Answer) -> Option<HttpError> {
    let declared = answer.header("content-type").unwrap_or_default().trim().to_ascii_lowercase();
    let start = String::from_utf8_lossy(&answer.body[..answer.body.len().min(TITLE_WITHIN)]);
    let mut opening = start.trim_start_matches('\u{feff}').trim_start();
    // A comment may stand before the page.
    while let Some((_, behind)) = opening.strip_prefix("<!--").and_then(|comment| comment.split_once("-->")) {
        opening = behind.trim_start();
    }
    let lower = opening.to_ascii_lowercase();
    let is_page = declared.starts_with("text/html")
        || declared.starts_with("application/xhtml")
        || OPENINGS.iter().any(|word| lower.starts_with(word));
    is_page.then(|| HttpError::WebPage {
        label: label(Method::Get, &answer.url).trim_start_matches("GET ").to_owned(),
        title: title(opening, &lower),
        hint: "a log-in form, a captive portal or a proxy answers in the tool's place; check the secret, `url` and `proxy`",
    })
}

/// The page's title, screened and short; empty where there is none.
fn title(page: &str, lower: &str) -> String {
    let Some(from) = lower.find("<title").and_then(|at| lower[at..].find('>').map(|end| at + end + 1)) else {
        return String::new();
    };
    let to = lower[from..].find("</title").map_or(from, |end| from + end);
    said::short(&page[from..to].split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(content_type: &str, body: &str) -> Answer {
        Answer {
            status: 200,
            headers: vec![("content-type".into(), content_type.into())],
            body: body.as_bytes().to_vec(),
            url: url::Url::parse("https://desk.example/api/issues?key=canary").unwrap(),
        }
    }

    #[test]
    fn pages_are_told_by_their_type_or_their_first_bytes() {
        for (content_type, body) in [
            ("text/html; charset=utf-8", "anything"),
            ("TEXT/HTML", ""),
            ("application/json", "\u{feff}\n <!DOCTYPE html><html>"),
            ("application/json", "<html><head>"),
            ("", "<!-- proxy --><HTML>"),
        ] {
            assert!(refuse_page(&answer(content_type, body)).is_some(), "{content_type} {body}");
        }
        for (content_type, body) in [
            ("application/json", "[]"),
            ("application/json", "\"<html>\""),
            ("text/csv", "a,b"),
            ("application/xml", "<?xml version=\"1.0\"?><issues/>"),
            ("", ""),
        ] {
            assert!(refuse_page(&answer(content_type, body)).is_none(), "{content_type} {body}");
        }
    }

    #[test]
    fn the_message_names_the_page_and_what_may_be_behind_it() {
        let page = "<html><head><title lang=\"en\">Sign in\n to \u{1b}[31mcontinue</title>";
        let text = refuse_page(&answer("text/html", page)).unwrap().to_string();
        assert_eq!(
            text,
            "https://desk.example/api/issues: a web page came where records were asked for: \"Sign in to \
             ␛[31mcontinue\"\nhint: a log-in form, a captive portal or a proxy answers in the tool's place; check the \
             secret, `url` and `proxy`"
        );
    }
}
