//! Texts with places that are filled when a request is made.
//!
//! Settings are filled in while the plan is made; secrets stay names until the request is composed, so that no plan
//! ever holds one.

/// A text with places.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Template(pub Vec<Piece>);

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(String),
    /// The value of a setting that is a secret.
    Secret(String),
    /// What only the moment of the request knows.
    Slot(Slot),
    /// A part of the value that the request is made for, by its name.
    Part(String),
}

/// What only the moment of a request knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// What a login answered.
    Token,
    /// Start of the window.
    WindowFrom,
    /// End of the window.
    WindowTo,
    /// Records asked for in one page.
    PageRows,
    /// The page's number.
    PageNumber,
    /// Records to pass over.
    PageOffset,
    /// The last record of the page, counted from 0.
    PageLast,
    /// What the page before gave to go on with.
    PageCursor,
    /// The value, or slice of values, that the request is made for.
    Each,
}

/// The slots by the words that name them.
const SLOTS: &[(&str, Slot)] = &[
    ("token", Slot::Token),
    ("window.from", Slot::WindowFrom),
    ("window.to", Slot::WindowTo),
    ("page.rows", Slot::PageRows),
    ("page.number", Slot::PageNumber),
    ("page.offset", Slot::PageOffset),
    ("page.last", Slot::PageLast),
    ("page.cursor", Slot::PageCursor),
    ("each", Slot::Each),
];

/// What a setting is for a template.
pub enum Setting<'a> {
    /// Its value.
    Known(&'a str),
    /// It is a secret.
    Secret,
    /// There is no such setting.
    Missing,
}

impl Slot {
    /// Returns the word that names it.
    pub fn word(self) -> &'static str {
        SLOTS.iter().find(|(_, slot)| *slot == self).map_or("", |(word, _)| word)
    }
}

impl Template {
    /// Reads a text with `{name}` in it; `{{` and `}}` are braces. The error says what is wrong with the text.
    pub fn parse<'a>(text: &str, setting: impl Fn(&str) -> Setting<'a>) -> Result<Self, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            let Some((name, after)) = rest.split_once('}').filter(|_| brace == "{") else {
                return Err(format!("`{text}` has a brace alone: write `{{name}}`, or `{{{{` for a brace"));
            };
            rest = after;
            let part = name.strip_prefix("each.").map(|part| Piece::Part(part.to_owned()));
            let slot = SLOTS.iter().find(|(word, _)| *word == name).map(|(_, slot)| Piece::Slot(*slot)).or(part);
            let piece = match (slot, setting(name)) {
                // Many a tool calls its key a token: what the connector names itself goes before what a log-in gives.
                (Some(Piece::Slot(Slot::Token)) | None, Setting::Secret) => Piece::Secret(name.to_owned()),
                (Some(slot), _) => slot,
                (None, Setting::Known(value)) => {
                    plain.push_str(value);
                    continue;
                }
                (None, Setting::Missing) => {
                    let words: Vec<&str> = SLOTS.iter().map(|(word, _)| *word).collect();
                    return Err(format!("there is no setting `{name}`, and it is none of {}", words.join(", ")));
                }
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(piece);
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// Returns the slots that it has.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Slot(slot) => Some(*slot),
            Piece::Part(_) => Some(Slot::Each),
            _ => None,
        })
    }

    /// Returns the parts of a value that it names.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Part(part) => Some(part.as_str()),
            _ => None,
        })
    }

    /// Returns the names of the secrets that it has.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Secret(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Returns the slot that it is, where it is nothing else.
    pub fn alone(&self) -> Option<Slot> {
        match self.0[..] {
            [Piece::Slot(slot)] => Some(slot),
            _ => None,
        }
    }

    /// Returns its text with `{name}` for what is not known yet: for messages and plans.
    pub fn shown(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Secret(name) => format!("{{{name}}}"),
                Piece::Slot(slot) => format!("{{{}}}", slot.word()),
                Piece::Part(part) => format!("{{each.{part}}}"),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Template, String> {
        Template::parse(text, |name| match name {
            "url" => Setting::Known("https://desk"),
            "key" => Setting::Secret,
            _ => Setting::Missing,
        })
    }

    #[test]
    fn settings_are_filled_and_secrets_stay_names() {
        let template = parse("{url}/issues?k={key}&o={page.offset}&b={{1}}").unwrap();
        assert_eq!(template.shown(), "https://desk/issues?k={key}&o={page.offset}&b={1}");
        assert_eq!(template.secrets().collect::<Vec<_>>(), ["key"]);
        assert_eq!(template.slots().collect::<Vec<_>>(), [Slot::PageOffset]);
        assert_eq!(parse("{page.cursor}").unwrap().alone(), Some(Slot::PageCursor));
        assert_eq!(parse("x{page.cursor}").unwrap().alone(), None);
    }

    #[test]
    fn what_is_not_a_name_is_an_error() {
        assert!(parse("{uri}").unwrap_err().contains("there is no setting `uri`"));
        assert!(parse("{url").unwrap_err().contains("a brace alone"));
        assert!(parse("url}").unwrap_err().contains("a brace alone"));
    }
}
