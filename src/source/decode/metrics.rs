//! Metrics text to rows: each sample a row with name, labels, value and time.
//!
//! The exposition format of Prometheus, and of OpenMetrics as far as samples go. Must not know what a metric means.

use super::assembly::{Assembly, Sink, refused};
use super::path::{FieldPath, Origin, Segment};
use std::borrow::Cow;

/// One sample.
#[derive(Debug, PartialEq)]
struct Sample<'a> {
    name: Cow<'a, str>,
    labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    value: &'a str,
    timestamp: Option<&'a str>,
}

enum Wanted {
    Name,
    Value,
    Timestamp,
    Label(String),
    Place,
    Nothing,
}

/// Hands on the samples of a page. Comments and blank lines are none; a line that is no sample is a refused row.
pub(super) fn samples(page: &[u8], assembly: &mut Assembly, sink: &mut Sink<'_>) {
    let wanted: Vec<Wanted> = assembly.paths.iter().map(wanted).collect();
    let mut rows = 0_usize;
    for (number, line) in (1..).zip(page.split(|byte| *byte == b'\n')) {
        let blank = line.iter().take_while(|byte| b" \t\r".contains(byte)).count();
        let text = line[blank..].trim_ascii_end();
        if blank == line.len() || text.starts_with(b"#") {
            continue;
        }
        let kept = refused(line, number);
        match std::str::from_utf8(text).map_err(|_| "bytes that are not UTF-8".into()).and_then(sample) {
            Ok(sample) => {
                let read = |path: usize, to: &mut String| {
                    let text = match &wanted[path] {
                        Wanted::Name => Some(&*sample.name),
                        Wanted::Value => Some(sample.value),
                        Wanted::Timestamp => sample.timestamp,
                        Wanted::Label(name) => {
                            sample.labels.iter().find(|(label, _)| label == name).map(|(_, text)| &**text)
                        }
                        Wanted::Place => {
                            to.push_str(&rows.to_string());
                            return Ok(true);
                        }
                        Wanted::Nothing => None,
                    };
                    to.push_str(text.unwrap_or_default());
                    Ok(text.is_some())
                };
                assembly.row(number, kept, read, sink);
            }
            Err(reason) => assembly.refuse(kept, format!("it is no sample: {reason}"), sink),
        }
        rows += 1;
    }
}

fn wanted(path: &FieldPath) -> Wanted {
    if matches!(path.origin, Origin::Key(_)) {
        return Wanted::Place;
    }
    match path.segments.as_slice() {
        [Segment::Name(name)] if name == "name" => Wanted::Name,
        [Segment::Name(name)] if name == "value" => Wanted::Value,
        [Segment::Name(name)] if name == "timestamp" => Wanted::Timestamp,
        [Segment::Name(labels), Segment::Name(name)] if labels == "labels" => Wanted::Label(name.clone()),
        _ => Wanted::Nothing,
    }
}

/// Reads `name{label="text"} value timestamp`; newer tools also write `{"name", label="text"} value`.
fn sample(line: &str) -> Result<Sample<'_>, String> {
    if line.contains('\0') {
        return Err("it has a NUL character".into());
    }
    let end = line.find(|letter: char| letter == '{' || letter.is_ascii_whitespace()).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let mut name = Cow::Borrowed(name);
    let mut labels = Vec::new();
    let mut rest = rest.trim_ascii_start();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside.trim_ascii_start();
        loop {
            if let Some(behind) = rest.strip_prefix('}') {
                rest = behind;
                break;
            }
            let (label, behind) = label_name(rest)?;
            match behind.trim_ascii_start().strip_prefix('=') {
                Some(behind) => {
                    let (text, behind) = quoted(behind.trim_ascii_start())?;
                    if labels.iter().any(|(known, _)| *known == label) {
                        return Err("it has a label twice".into());
                    }
                    labels.push((label, text));
                    rest = behind.trim_ascii_start();
                }
                None if name.is_empty() => {
                    name = label;
                    rest = behind.trim_ascii_start();
                }
                None => return Err("a label has no `=`".into()),
            }
            match rest.strip_prefix(',') {
                Some(behind) => rest = behind.trim_ascii_start(),
                None if rest.starts_with('}') => {}
                None => return Err("the labels are not closed by `}`".into()),
            }
        }
    }
    if name.is_empty() {
        return Err("it has no name".into());
    }
    // OpenMetrics puts an exemplar behind `#`.
    let plain = rest.split(" # ").next().unwrap_or_default();
    let mut words = plain.split_ascii_whitespace();
    let value = words.next().filter(|word| is_number(word)).ok_or("its value is no number")?;
    let timestamp = words.next();
    if timestamp.is_some_and(|word| !is_number(word)) || words.next().is_some() {
        return Err("something else than a time stands behind its value".into());
    }
    Ok(Sample { name, labels, value, timestamp })
}

/// Tells whether a word is a number; infinities and `NaN` are, here.
fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok()
}

fn label_name(text: &str) -> Result<(Cow<'_, str>, &str), String> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let end = text
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '.' || letter == ':'))
        .unwrap_or(text.len());
    if end == 0 {
        return Err("a label has no name, or the labels are not closed by `}`".into());
    }
    Ok((Cow::Borrowed(&text[..end]), &text[end..]))
}

/// Reads a text in quotes, in which `\\`, `\"` and `\n` are escapes.
fn quoted(text: &str) -> Result<(Cow<'_, str>, &str), String> {
    let inside = text.strip_prefix('"').ok_or("the text of a label has no quotes")?;
    let mut plain = String::new();
    let mut start = 0;
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let behind = &inside[at + 1..];
                if plain.is_empty() {
                    return Ok((Cow::Borrowed(&inside[start..at]), behind));
                }
                plain.push_str(&inside[start..at]);
                return Ok((Cow::Owned(plain), behind));
            }
            '\\' => {
                plain.push_str(&inside[start..at]);
                let Some((place, escaped)) = letters.next() else { break };
                match escaped {
                    'n' => plain.push('\n'),
                    '"' | '\\' => plain.push(escaped),
                    // Others are no escapes: the tools of this format keep both.
                    _ => {
                        plain.push('\\');
                        plain.push(escaped);
                    }
                }
                start = place + escaped.len_utf8();
            }
            _ => {}
        }
    }
    Err("a text is not closed by a quote".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_with_labels_values_and_times() {
        let read = sample(r#"probe{job="a",path="C:\\x\"\n{}", } 1.5e3 1700000000000"#).unwrap();
        assert_eq!((&*read.name, read.value, read.timestamp), ("probe", "1.5e3", Some("1700000000000")));
        assert_eq!(read.labels, [("job".into(), "a".into()), ("path".into(), "C:\\x\"\n{}".into())]);
        assert_eq!(sample("up 1").unwrap().labels, []);
        assert_eq!(sample("up NaN").unwrap().value, "NaN");
        assert_eq!(sample("up{} +Inf").unwrap().value, "+Inf");
        assert_eq!(sample(r#"{"my.name", a="b"} 1"#).unwrap().name, "my.name");
        assert_eq!(sample(r#"n{a="b"} 1 # {trace="x"} 0.5"#).unwrap().timestamp, None);
    }

    #[test]
    fn a_line_that_is_no_sample_says_why() {
        for (line, reason) in [
            ("up", "no number"),
            ("up one", "no number"),
            ("up 1 2 3", "behind its value"),
            ("up 1 soon", "behind its value"),
            (r#"up{a="b} 1"#, "not closed by a quote"),
            (r#"up{a="b" 1"#, "not closed by `}`"),
            ("up{a=b} 1", "no quotes"),
            (r#"up{a="1",a="2"} 1"#, "label twice"),
            (r#"{a="b"} 1"#, "no name"),
            ("up{a} 1", "no `=`"),
            ("{", "no name"),
            (r#"up{a="\"#, "not closed by a quote"),
        ] {
            let said = sample(line).unwrap_err();
            assert!(said.contains(reason), "{line}: {said}");
        }
    }
}
