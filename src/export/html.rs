//! The page as one HTML file without scripts, links to elsewhere or anything to load.
//!
//! Knows the template and its style sheet. All text goes through the template's escaping; only the charts, which
//! escape for themselves, and the style sheet are put in as they are.

use super::page::{Page, Piece};
use super::{ExportError, svg};
use crate::report::Document;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use sha2::{Digest, Sha256};

const TEMPLATE: &str = include_str!("templates/report.html");
const STYLE: &str = include_str!("templates/report.css");

/// Writes the page with its charts.
pub fn write(document: &Document, mut page: Page) -> Result<String, ExportError> {
    let mut charts = 0;
    for piece in page.sections.iter_mut().flat_map(|part| &mut part.blocks) {
        if let Piece::Course(course) = piece
            && let Some(series) = document.series.get(course.at)
            && let Some(figure) = document.figure(&series.figure)
        {
            charts += 1;
            course.chart = Some(svg::chart(series, figure, &course.name, charts));
        }
    }
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    Ok(environment.render_str(
        TEMPLATE,
        context! { page => Serde(page), style => Value::from_safe_string(STYLE.to_owned()), style_hash => style_hash() },
    )?)
}

/// Returns the source expression that allows this style sheet and no other style.
fn style_hash() -> String {
    format!("sha256-{}", base64(&Sha256::digest(STYLE.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for sextet in 0..4 {
            let letter = LETTERS[bits >> (18 - 6 * sextet) & 63];
            text.push(if sextet > group.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
