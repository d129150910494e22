//! The order of rows by one column: nothing known comes last, equal values stay in the table's own order.
//!
//! Knows types of columns. Every value becomes a number of the same order (of text its first eight bytes), so that one
//! sort does for all types, on all cores.

use super::sight::Sight;
use crate::app::session::SessionError;
use polars::prelude::*;
use rayon::prelude::*;

/// Returns the numbers of rows in the order of a column.
pub fn sorted(rows: &Sight, name: &str, descending: bool) -> Result<Vec<IdxSize>, SessionError> {
    if rows.frame().column(name).is_err() {
        return Err(SessionError::Unknown {
            message: format!("there is no column `{}` to sort by", crate::text::screen_str(name)),
            hint: "sort by a column that is shown".into(),
        });
    }
    let column = rows.column(name)?;
    let places = match column.dtype() {
        DataType::String => by_text(column.str()?, descending),
        DataType::Boolean => by_number(column.bool()?.iter().map(|flag| flag.map(u64::from)).collect(), descending),
        dtype if dtype.is_float() => {
            let numbers = column.cast(&DataType::Float64)?;
            by_number(numbers.f64()?.iter().map(|number| number.map(of_float)).collect(), descending)
        }
        DataType::Null => (0..).take(rows.len()).collect(),
        dtype if dtype.is_integer() || dtype.is_temporal() => {
            let numbers = column.to_physical_repr().cast(&DataType::Int64)?;
            by_number(numbers.i64()?.iter().map(|number| number.map(of_integer)).collect(), descending)
        }
        dtype => {
            return Err(SessionError::Unknown {
                message: format!("column `{}` of type {dtype} has no order", crate::text::screen_str(name)),
                hint: "sort by another column".into(),
            });
        }
    };
    Ok(places.into_iter().map(|place| rows.number(place as usize)).collect())
}

fn of_integer(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

/// Numbers in the order of `f64::total_cmp`.
fn of_float(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

fn by_number(values: Vec<Option<u64>>, descending: bool) -> Vec<IdxSize> {
    let (mut known, unknown) = parted(values, descending);
    known.par_sort_unstable();
    joined(known, unknown)
}

/// Parts rows with a value from those without; descending is ascending of what is turned round.
fn parted(values: Vec<Option<u64>>, descending: bool) -> (Vec<(u64, IdxSize)>, Vec<IdxSize>) {
    let (mut known, mut unknown) = (Vec::with_capacity(values.len()), Vec::new());
    for (place, value) in (0..).zip(values) {
        match value {
            Some(value) => known.push((if descending { !value } else { value }, place)),
            None => unknown.push(place),
        }
    }
    (known, unknown)
}

fn joined(known: Vec<(u64, IdxSize)>, unknown: Vec<IdxSize>) -> Vec<IdxSize> {
    known.into_iter().map(|(_, place)| place).chain(unknown).collect()
}

fn by_text(column: &StringChunked, descending: bool) -> Vec<IdxSize> {
    let texts: Vec<Option<&str>> = column.iter().collect();
    let keys = texts.iter().map(|text| text.map(|text| eight_bytes(text, 0))).collect();
    let (mut known, unknown) = parted(keys, descending);
    by_bytes(&mut known, &texts, 0, descending);
    joined(known, unknown)
}

/// Returns eight bytes of a text as a number of the same order; what lies behind its end is nought.
fn eight_bytes(text: &str, from: usize) -> u64 {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let mut bytes = [0; 8];
    let many = rest.len().min(8);
    bytes[..many].copy_from_slice(&rest[..many]);
    u64::from_be_bytes(bytes)
}

/// Bytes from which on texts that still agree are compared as a whole, so that no text decides how deep this goes.
const FAR: usize = 64;

/// Sorts rows that agree in all bytes before `from` and whose keys are the next eight. Those that agree in these too are
/// sorted by the eight that follow: each text is looked at once for each eight bytes, not once for each comparison.
fn by_bytes(rows: &mut [(u64, IdxSize)], texts: &[Option<&str>], from: usize, descending: bool) {
    let length = |place: IdxSize| texts[place as usize].map_or(0, str::len);
    if from >= FAR {
        let text = |place: IdxSize| texts[place as usize].unwrap_or_default();
        rows.par_sort_unstable_by(|(_, a), (_, b)| {
            let order = text(*a).cmp(text(*b));
            if descending { order.reverse() } else { order }.then(a.cmp(b))
        });
        return;
    }
    rows.par_sort_unstable();
    let alike: Vec<_> = rows.chunk_by_mut(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1).collect();
    alike.into_par_iter().for_each(|alike| {
        // A text that ends here comes before one that goes on; of those that end, the shorter one.
        alike.sort_by_key(|(_, place)| {
            let length = length(*place).min(from + 9);
            if descending { usize::MAX - length } else { length }
        });
        for alike in alike.chunk_by_mut(|a, b| length(a.1).min(from + 9) == length(b.1).min(from + 9)) {
            if alike.len() > 1 && length(alike[0].1) > from + 8 {
                for (key, place) in alike.iter_mut() {
                    let bytes = eight_bytes(texts[*place as usize].unwrap_or_default(), from + 8);
                    *key = if descending { !bytes } else { bytes };
                }
                by_bytes(alike, texts, from + 8, descending);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::df;
    use std::sync::Arc;

    fn order(frame: DataFrame, descending: bool) -> Vec<IdxSize> {
        sorted(&Sight::all(Arc::new(frame)), "x", descending).unwrap()
    }

    #[test]
    fn nothing_known_is_last_and_equal_values_keep_their_order() {
        let cases: [(DataFrame, [IdxSize; 5], [IdxSize; 5]); 5] = [
            (df!("x" => [Some(2_i64), None, Some(-1), Some(2), Some(9)]).unwrap(), [2, 0, 3, 4, 1], [4, 0, 3, 2, 1]),
            (
                df!("x" => [Some(0.5), None, Some(-0.5), Some(0.5), Some(f64::INFINITY)]).unwrap(),
                [2, 0, 3, 4, 1],
                [4, 0, 3, 2, 1],
            ),
            (
                df!("x" => [Some("incident 2"), None, Some("incident 1"), Some("incident 2"), Some("incident 20")])
                    .unwrap(),
                [2, 0, 3, 4, 1],
                [4, 0, 3, 2, 1],
            ),
            (
                df!("x" => [Some("b"), None, Some("a\u{0}"), Some("a"), Some("")]).unwrap(),
                [4, 3, 2, 0, 1],
                [0, 2, 3, 4, 1],
            ),
            (
                df!("x" => [Some(true), None, Some(false), Some(true), Some(false)]).unwrap(),
                [2, 4, 0, 3, 1],
                [0, 3, 2, 4, 1],
            ),
        ];
        for (frame, ascending, descending) in cases {
            assert_eq!(order(frame.clone(), false), ascending, "{frame}");
            assert_eq!(order(frame.clone(), true), descending, "{frame}");
        }
    }

    #[test]
    fn the_order_is_that_of_the_library() {
        let long = "a ticket with a title as long as a description ".repeat(3);
        let texts: Vec<Option<String>> = (0..3_000_u32)
            .map(|n| {
                let drawn = n.wrapping_mul(2_654_435_761) % 500;
                let word = ["ticket ", "", long.as_str(), "a\u{0}"][drawn as usize % 4];
                (n % 7 != 0).then(|| format!("{word}{drawn}{}", "\u{0}".repeat(drawn as usize % 3)))
            })
            .collect();
        let frame = df!("x" => texts).unwrap();
        for descending in [false, true] {
            let options = SortOptions::default()
                .with_order_descending(descending)
                .with_nulls_last(true)
                .with_maintain_order(true);
            let wanted = frame.column("x").unwrap().arg_sort(options);
            assert_eq!(order(frame.clone(), descending), wanted.into_no_null_iter().collect::<Vec<_>>());
        }
    }
}
