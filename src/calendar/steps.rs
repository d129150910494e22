//! Running totals on an even grid: how much service lies before an instant, without a search.
//!
//! Knows spans and a grid. Must not know what the spans mean.
//!
//! A window is cut into cells of one length, a power of two, so short that each touches two spans at most. An answer is
//! then one load and a few operations without a branch, whatever the instant and however far two instants lie apart.

use super::spans::Span;

/// The lengths of cells that are tried, as powers of two: from 18 hours down to 9 minutes.
const SHIFTS: std::ops::RangeInclusive<u32> = 9..=16;

/// No grid takes more than six megabytes; four years in the longest cells take 50 kilobytes.
const MOST_CELLS: u64 = 1 << 18;

/// The grid of one calendar.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    start: i64,
    seconds: u64,
    shift: u32,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// Seconds of all spans before the cell.
    before: i64,
    pieces: [Piece; 2],
}

/// What of a span lies in a cell, in seconds after the beginning of the cell.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    from: u32,
    seconds: u32,
}

impl Cell {
    fn used(&self, into: u32) -> i64 {
        let [first, second] = self.pieces.map(|piece| into.saturating_sub(piece.from).min(piece.seconds));
        self.before + i64::from(first) + i64::from(second)
    }
}

impl Steps {
    /// Makes the grid of sorted spans in a window, in the longest cells that do; `None` where hours change so often, or
    /// the window is so long, that none does.
    pub(super) fn new(spans: &[Span], window: Span) -> Option<Self> {
        let seconds = window.seconds().cast_unsigned();
        SHIFTS
            .rev()
            .take_while(|shift| seconds >> shift < MOST_CELLS)
            .find_map(|shift| Some(Self { start: window.start, seconds, shift, cells: cells(spans, window, shift)? }))
    }

    /// Returns the seconds of the spans before an instant; `None` outside the window.
    pub(super) fn used(&self, at: i64) -> Option<i64> {
        // Instants before the window come out beyond its end.
        let since = at.wrapping_sub(self.start).cast_unsigned();
        if since > self.seconds {
            return None;
        }
        let into = u32::try_from(since & ((1 << self.shift) - 1)).ok()?;
        self.cells.get(usize::try_from(since >> self.shift).ok()?).map(|cell| cell.used(into))
    }
}

/// Cuts spans into cells; `None` where one cell touches more than two of them.
fn cells(spans: &[Span], window: Span, shift: u32) -> Option<Vec<Cell>> {
    let length = 1_i64 << shift;
    let mut before = 0;
    let mut waiting = spans.iter().map(|span| span.intersect(window)).filter(|span| !span.is_empty()).peekable();
    (0..=window.seconds() >> shift)
        .map(|index| {
            let start = window.start + index * length;
            let own = Span::new(start, start + length);
            let mut cell = Cell { before, ..Cell::default() };
            let mut free = cell.pieces.iter_mut();
            while let Some(span) = waiting.peek().copied().filter(|span| span.start < own.end) {
                let part = span.intersect(own);
                let piece = free.next()?;
                piece.from = u32::try_from(part.start - own.start).ok()?;
                piece.seconds = u32::try_from(part.seconds()).ok()?;
                before += part.seconds();
                if span.end > own.end {
                    break;
                }
                waiting.next();
            }
            Some(cell)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::spans::Spans;
    use super::*;
    use proptest::prelude::*;

    fn office(days: i64, hours: &[(i64, i64)]) -> Vec<Span> {
        (0..days)
            .flat_map(|day| hours.iter().map(move |(open, close)| (day, *open, *close)))
            .map(|(day, open, close)| Span::new(day * 86_400 + open * 60, day * 86_400 + close * 60))
            .collect()
    }

    #[test]
    fn office_hours_with_a_break_fit_the_longest_cells() {
        let window = Span::new(0, 1400 * 86_400);
        let steps = Steps::new(&office(1400, &[(480, 720), (780, 1020)]), window).unwrap();
        assert_eq!((steps.shift, steps.cells.len()), (16, 1846));
        assert_eq!(steps.used(window.end), Some(1400 * 8 * 3600));
    }

    #[test]
    fn outside_the_window_nothing_is_said() {
        let steps = Steps::new(&[Span::new(10, 20)], Span::new(0, 30)).unwrap();
        for at in [i64::MIN, -1, 31, i64::MAX] {
            assert_eq!(steps.used(at), None, "{at}");
        }
        assert_eq!([0, 15, 30].map(|at| steps.used(at)), [Some(0), Some(5), Some(10)]);
    }

    #[test]
    fn hours_that_change_each_minute_have_no_grid() {
        let spans: Vec<Span> = (0..1000).map(|minute| Span::new(minute * 120, minute * 120 + 60)).collect();
        assert!(Steps::new(&spans, Span::new(0, 120_000)).is_none());
        assert!(Steps::new(&office(1, &[(0, 60)]), Span::new(0, 1 << 40)).is_none());
    }

    proptest! {
        #[test]
        fn totals_agree_with_counting_the_seconds_of_spans(
            edges in prop::collection::vec((0_i64..4000, 1_i64..900), 0..40),
            window in (-50_i64..100, 3000_i64..400_000),
            questions in prop::collection::vec(-100_i64..400_000, 1..40),
        ) {
            let spans: Spans = edges.iter().map(|(start, length)| (start * 100, start * 100 + length * 60)).collect();
            let window = Span::new(window.0, window.1);
            if let Some(steps) = Steps::new(&spans, window) {
                for at in questions {
                    let wanted = (window.start <= at && at <= window.end)
                        .then(|| spans.clip(Span::new(window.start, at)).total());
                    prop_assert_eq!(steps.used(at), wanted, "{}", at);
                }
            }
        }
    }
}
