//! Completing words of a SELECT: tables, columns of the tables that it names, and the words of the language.
//!
//! Knows names. Must not know rows.

use crate::app::request::TableWords;

/// The words of the language that people type most.
const LANGUAGE: [&str; 34] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "AND",
    "OR",
    "NOT",
    "AS",
    "IN",
    "IS NULL",
    "IS NOT NULL",
    "BETWEEN",
    "LIKE",
    "DESC",
    "DISTINCT",
    "JOIN",
    "LEFT JOIN",
    "ON",
    "HAVING",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "COUNT(*)",
    "SUM(",
    "AVG(",
    "MIN(",
    "MAX(",
    "MEDIAN(",
    "UNION ALL",
    "WITH",
];

/// Returns where the word before a place in the text begins, in letters, and the word.
pub fn word(text: &str, cursor: usize) -> (usize, String) {
    let letters: Vec<char> = text.chars().take(cursor).collect();
    let part = letters.iter().rev().take_while(|letter| letter.is_alphanumeric() || **letter == '_').count();
    let start = letters.len() - part;
    (start, letters[start..].iter().collect())
}

/// Returns the words that begin with a prefix, the nearest first: columns of the tables that the rest of the text
/// names, tables, words of the language, columns of other tables.
pub fn words(rest: &str, prefix: &str, tables: &[TableWords]) -> Vec<String> {
    let named: Vec<&str> = rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let is_named = |table: &TableWords| named.contains(&table.table.as_str());
    let columns = |wanted: bool| {
        let of = tables.iter().filter(move |table| is_named(table) == wanted);
        of.flat_map(|table| table.columns.iter().cloned())
    };
    // After FROM or JOIN a table is wanted.
    let wants_table = rest
        .trim_end()
        .rsplit(|letter: char| letter.is_whitespace())
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("from") || word.eq_ignore_ascii_case("join"));
    let names = tables.iter().map(|table| table.table.clone());
    let language = LANGUAGE.iter().map(ToString::to_string);
    let all: Vec<String> = if wants_table {
        names.collect()
    } else {
        columns(true).chain(names).chain(language).chain(columns(false)).collect()
    };
    let prefix = prefix.to_lowercase();
    let mut found: Vec<String> = Vec::new();
    for word in all {
        if word.to_lowercase().starts_with(&prefix) && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Vec<TableWords> {
        let table = |name: &str, columns: &[&str]| TableWords {
            table: name.into(),
            rows: 1,
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        };
        vec![table("tickets", &["title", "priority", "opened_at"]), table("outages", &["start", "priority_of"])]
    }

    #[test]
    fn the_word_before_the_cursor_is_completed() {
        assert_eq!(word("SELECT pri", 10), (7, "pri".into()));
        assert_eq!(word("SELECT count(pri", 16), (13, "pri".into()));
        assert_eq!(word("", 0), (0, String::new()));
        assert_eq!(word("é1 x", 2), (0, "é1".into()));
    }

    #[test]
    fn columns_of_named_tables_come_first_and_tables_alone_after_from() {
        let found = words("SELECT  FROM tickets", "p", &tables());
        assert_eq!(found, ["priority", "priority_of"]);
        assert_eq!(words("SELECT * FROM ", "", &tables()), ["tickets", "outages"]);
        assert_eq!(words("", "se", &tables()), ["SELECT"]);
        assert!(words("SELECT * FROM ", "x", &tables()).is_empty());
    }
}
