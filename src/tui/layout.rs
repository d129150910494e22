//! Where things stand, by the size of the window. Pure: used for drawing and for moving alike.

use ratatui::layout::Rect;

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// Too small for anything but one line.
    Tiny,
    /// Below 80 columns.
    Narrow,
    /// From 80 columns.
    Normal,
    /// From 120 columns: the evidence stands beside the page.
    Wide,
    /// From 180 columns: the evidence has room for a chart with an axis.
    Huge,
}

/// The regions of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regions {
    /// How much room there is.
    pub size: Size,
    /// Title, crumbs, period, stamps, tabs.
    pub header: Rect,
    /// What the screen is about.
    pub body: Rect,
    /// The evidence beside it; empty below `Wide`.
    pub side: Rect,
    /// The sentence in words.
    pub sentence: Rect,
    /// The keys, or the prompt.
    pub keys: Rect,
}

/// Returns the class of a window.
pub fn size(columns: u16, rows: u16) -> Size {
    match columns {
        _ if columns < 40 || rows < 10 => Size::Tiny,
        ..80 => Size::Narrow,
        80..120 => Size::Normal,
        120..180 => Size::Wide,
        _ => Size::Huge,
    }
}

/// What a screen asks of its window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// One more line in the header.
    pub notice: bool,
    /// Room beside the page.
    pub side: bool,
    /// All room for the body; where, when and whether it is complete stay.
    pub expanded: bool,
}

/// Divides a window.
pub fn regions(columns: u16, rows: u16, wish: Wish) -> Regions {
    let class = size(columns, rows);
    let Wish { notice, side, expanded } = wish;
    let side = side && !expanded;
    let lines = if expanded {
        2
    } else if rows >= 30 {
        4
    } else {
        3
    } + u16::from(notice);
    let sentence_lines = if rows >= 16 && !expanded { 2 } else { 1 };
    let header = Rect::new(0, 0, columns, lines.min(rows));
    let keys = Rect::new(0, rows.saturating_sub(1), columns, rows.min(1));
    let sentence_top = rows.saturating_sub(1 + sentence_lines).max(header.height);
    let sentence = Rect::new(0, sentence_top, columns, keys.y.saturating_sub(sentence_top));
    let height = sentence.y.saturating_sub(header.height);
    let beside = match class {
        Size::Wide if side => 40,
        Size::Huge if side => (columns / 3).min(80),
        _ => 0,
    };
    let body = Rect::new(0, header.height, columns - beside, height);
    let side = Rect::new(columns - beside, header.height, beside, height);
    Regions { size: class, header, body, side, sentence, keys }
}

/// Returns the rectangle of an overlay in the middle, at most as large as asked for.
pub fn overlay(columns: u16, rows: u16, width: u16, height: u16) -> Rect {
    let width = width.min(columns);
    // The two lines that say where, when and whether it is complete stay in sight, and so do the keys.
    let height = height.min(rows.saturating_sub(3));
    let top = ((rows - height) / 2).clamp(2.min(rows - height), rows - height);
    Rect::new((columns - width) / 2, top, width, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_never_leave_the_window() {
        for columns in (0..=300).step_by(7) {
            for rows in 0..=80 {
                for (notice, side, expanded) in [(false, false, false), (true, true, false), (true, true, true)] {
                    let found = regions(columns, rows, Wish { notice, side, expanded });
                    let window = Rect::new(0, 0, columns, rows);
                    for part in [found.header, found.body, found.side, found.sentence, found.keys] {
                        assert_eq!(part.intersection(window).area(), part.area(), "{columns}x{rows} {part:?}");
                    }
                }
            }
        }
    }
}
