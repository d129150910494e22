//! Texts of a column as small numbers, one for each different text.
//!
//! Numbers are given in the order in which the texts appear. Parts of a column are numbered side by side, and their
//! numbers brought together in the order of the parts: it is the same as going through the column once. Must not know
//! what a text means.

use polars::prelude::*;
use rayon::prelude::*;

/// Rows that one core works on at a time.
const PART: usize = 1 << 16;

/// Pairs that a table of all of them is made for; beyond that they are looked up.
const TABLE: usize = 1 << 20;

/// The bytes of a text that needs no buffer.
const SHORT: usize = 12;

/// A number that nothing has.
const NONE: u32 = u32::MAX;

/// A column as numbers.
#[derive(Debug, Default)]
pub struct Codes {
    /// The number of each row's text.
    pub of_row: Vec<u32>,
    /// The texts, by number; null is a text of its own.
    pub words: Vec<Option<String>>,
}

impl Codes {
    /// Numbers the texts of a column.
    pub fn new(texts: &StringChunked) -> Self {
        let parts: Vec<Self> = starts(texts.len()).map(|start| Self::of_part(&part(texts, start))).collect();
        let mut known: PlHashMap<Option<&str>, u32> = PlHashMap::default();
        let mut words = Vec::new();
        let numbers: Vec<Vec<u32>> = parts
            .iter()
            .map(|part| part.words.iter().map(|word| number(&mut known, &mut words, word.as_deref())).collect())
            .collect();
        let mut of_row = vec![0; texts.len()];
        let filled = of_row.par_chunks_mut(PART).zip(&parts).zip(&numbers);
        filled.for_each(|((of_row, part), numbers)| {
            for (code, own) in of_row.iter_mut().zip(&part.of_row) {
                *code = numbers[*own as usize];
            }
        });
        Self { of_row, words }
    }

    fn of_part(texts: &StringChunked) -> Self {
        let mut known: PlHashMap<Option<&str>, u32> = PlHashMap::default();
        // Texts of up to twelve bytes are wholly in what polars keeps of each row, which is compared at once.
        let mut short: PlHashMap<u128, u32> = PlHashMap::default();
        let mut words = Vec::new();
        let mut last: Option<(Option<&str>, u32)> = None;
        let kept = texts.downcast_iter().flat_map(|array| array.views().iter().map(|view| view.as_u128()));
        let of_row = texts.iter().zip(kept).map(|(text, kept)| match text {
            Some(text) if text.len() <= SHORT => {
                *short.entry(kept).or_insert_with(|| number(&mut known, &mut words, Some(text)))
            }
            _ => {
                // Rows of one thing mostly follow each other.
                let code = match last {
                    Some((before, code)) if before == text => code,
                    _ => number(&mut known, &mut words, text),
                };
                last = Some((text, code));
                code
            }
        });
        Self { of_row: of_row.collect(), words }
    }

    /// Returns the text of a number.
    pub fn word(&self, code: u32) -> Option<&str> {
        self.words.get(code as usize)?.as_deref()
    }

    /// Returns the numbers of the rows, and how many numbers there are.
    pub fn numbered(&self) -> (&[u32], usize) {
        (&self.of_row, self.words.len())
    }

    /// Returns for each row what its text stands for.
    pub fn translated<T: Copy + Send + Sync>(&self, mut of_word: impl FnMut(Option<&str>) -> T) -> Vec<T> {
        let of_code: Vec<T> = self.words.iter().map(|word| of_word(word.as_deref())).collect();
        self.of_row.par_iter().with_min_len(PART).map(|code| of_code[*code as usize]).collect()
    }
}

fn number<'a>(
    known: &mut PlHashMap<Option<&'a str>, u32>,
    words: &mut Vec<Option<String>>,
    word: Option<&'a str>,
) -> u32 {
    *known.entry(word).or_insert_with(|| {
        words.push(word.map(str::to_owned));
        last_code(words.len())
    })
}

/// Returns the code of the last one of so many.
pub fn last_code(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(NONE).saturating_sub(1)
}

/// Returns where the parts of so many rows begin.
pub fn starts(rows: usize) -> impl IndexedParallelIterator<Item = usize> {
    (0..rows.div_ceil(PART)).into_par_iter().map(|part| part * PART)
}

/// Returns the part of a column that begins at a row.
pub fn part<T: PolarsDataType>(column: &ChunkedArray<T>, start: usize) -> ChunkedArray<T> {
    column.slice(i64::try_from(start).unwrap_or(i64::MAX), PART)
}

/// Numbers the pairs of two numbered columns, each with how many numbers it has, in the order of their appearance.
pub fn pairs(left: (&[u32], usize), right: (&[u32], usize)) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let rows = left.0.iter().copied().zip(right.0.iter().copied());
    let codes = if let Some(all) = left.1.checked_mul(right.1).filter(|all| *all <= TABLE) {
        let mut table = vec![NONE; all];
        let numbered = rows.map(|pair| {
            let known = &mut table[pair.0 as usize * right.1 + pair.1 as usize];
            if *known == NONE {
                pairs.push(pair);
                *known = last_code(pairs.len());
            }
            *known
        });
        numbered.collect()
    } else {
        let mut table: PlHashMap<(u32, u32), u32> = PlHashMap::default();
        let numbered = rows.map(|pair| {
            *table.entry(pair).or_insert_with(|| {
                pairs.push(pair);
                last_code(pairs.len())
            })
        });
        numbered.collect()
    };
    (codes, pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbered_as_they_appear_wherever_a_part_ends() {
        let word = |row: usize| (row % 7 != 3).then(|| format!("word {}", row / (PART / 3)));
        let texts: StringChunked = (0..2 * PART + 5).map(word).collect();
        let codes = Codes::new(&texts);
        let mut wanted: Vec<Option<String>> = Vec::new();
        for row in 0..texts.len() {
            let known = wanted.iter().position(|known| *known == word(row));
            let code = known.unwrap_or(wanted.len());
            if known.is_none() {
                wanted.push(word(row));
            }
            assert_eq!(codes.of_row[row] as usize, code, "{row}");
        }
        assert_eq!(codes.words, wanted);
        assert_eq!(codes.translated(|word| word.map_or(0, str::len))[3], 0);
    }

    #[test]
    fn pairs_are_the_same_from_the_table_and_by_looking_up() {
        let (left, right) = ([0, 1, 0, 2, 1, 0], [1, 0, 1, 1, 0, 0]);
        let wanted = (vec![0, 1, 0, 2, 1, 3], vec![(0, 1), (1, 0), (2, 1), (0, 0)]);
        assert_eq!(pairs((&left, 3), (&right, 2)), wanted);
        assert_eq!(pairs((&left, TABLE), (&right, TABLE)), wanted);
    }
}
