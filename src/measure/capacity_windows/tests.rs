//! Which of overlapping windows count, against every choice that there is; weights and lengths.

use super::*;
use proptest::prelude::*;

fn piece(row: usize, from: i64, to: i64) -> Piece {
    Piece {
        row,
        span: (from, to),
        known_ms: None,
        day: 0,
        n: None,
        mean: Some(1.0),
        least: None,
        greatest: None,
        percentile: None,
        limit: None,
        over: None,
        in_period: true,
        whole_period: false,
        fault: None,
        left_out: [None; 5],
    }
}

fn meet(a: &Piece, b: &Piece) -> bool {
    a.span.0 < b.span.1 && b.span.0 < a.span.1
}

proptest! {
    /// Windows are gone through from the most preferred on; each counts where it meets none that counts already.
    #[test]
    fn of_overlapping_windows_the_preferred_ones_count(
        spans in prop::collection::vec((0_i64..40, 1_i64..12, prop::option::of(0_i64..4)), 0..24)
    ) {
        let mut pieces: Vec<Piece> = spans
            .iter()
            .enumerate()
            .map(|(row, (from, length, known))| Piece {
                known_ms: known.map(|known| known * 1_000),
                ..piece(row, *from, from + length)
            })
            .collect();
        pieces.sort_by_key(|piece| (piece.span.0, piece.row));
        let mut order: Vec<&Piece> = pieces.iter().collect();
        order.sort_by_key(|piece| preference(piece, 3));
        let mut kept: Vec<&Piece> = Vec::new();
        for piece in order {
            if kept.iter().all(|other| !meet(piece, other)) {
                kept.push(piece);
            }
        }
        let mut wanted: Vec<usize> = kept.iter().map(|piece| piece.row).collect();
        let all: Vec<usize> = (0..pieces.len()).collect();
        let dropped = overlapped(&pieces, &all, 3);
        let mut found: Vec<usize> = all.iter().filter(|at| !dropped.contains(at)).map(|at| pieces[*at].row).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        prop_assert_eq!(found, wanted);
    }
}

#[test]
fn what_was_known_later_is_preferred_unless_as_of_did_not_know_it() {
    let known = |row, at: Option<i64>, length| Piece { known_ms: at, ..piece(row, 0, length) };
    let first = |pieces: &[Piece]| pieces.iter().min_by_key(|piece| preference(piece, 10)).map(|piece| piece.row);
    assert_eq!(first(&[known(0, Some(5_000), 9), known(1, Some(9_999), 9)]), Some(1));
    assert_eq!(first(&[known(0, Some(5_000), 9), known(1, Some(10_000), 9)]), Some(0));
    assert_eq!(first(&[known(0, None, 9), known(1, Some(10_000), 9)]), Some(0));
    assert_eq!(first(&[known(0, None, 9), known(1, Some(5_000), 9)]), Some(1));
    // What is known of no time: the shorter one, then the later row.
    assert_eq!(first(&[known(0, None, 4), known(1, None, 9)]), Some(0));
    assert_eq!(first(&[known(0, None, 9), known(1, None, 9)]), Some(1));
}

#[test]
fn lengths_are_the_same_where_only_the_clocks_were_changed() {
    let of = |hours: &[i64]| {
        let pieces: Vec<Piece> = hours.iter().map(|hours| piece(0, 0, hours * HOUR_MS)).collect();
        weights(&pieces.iter().collect::<Vec<_>>()).is_some()
    };
    assert!(of(&[1, 1]) && of(&[24, 23, 25]) && of(&[168, 167]) && of(&[23, 25]));
    assert!(!of(&[1, 2]) && !of(&[22, 23]) && !of(&[24, 168]));
    let told = Piece { n: Some(3), ..piece(0, 0, HOUR_MS) };
    assert_eq!(weights(&[&told, &Piece { span: (0, 9), ..told }]), Some(Weights::Readings(vec![3, 3])));
    assert_eq!(weights(&[&told, &piece(1, 0, HOUR_MS)]), Some(Weights::Same(2)));
    assert_eq!(mean(&[], &Weights::Readings(Vec::new())), None);
}
