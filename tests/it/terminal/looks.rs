//! Every screen of the tour as it looks on the real program: text with styles, held against files, and pictures.
//!
//! `UPDATE_SCREENS=1 cargo test --test it terminal::looks` writes the files of `tests/fixtures/screens/` anew.

use super::grid::Grid;
use super::line::Line;
use super::tour::TOUR;
use crate::program::repository;
use std::collections::BTreeSet;

/// Walks the tour and takes each screen that has a name.
pub fn walk(size: (u16, u16)) -> Vec<(&'static str, &'static str, Grid)> {
    let mut line = Line::open(size);
    let mut screens = Vec::new();
    for stop in TOUR {
        line.go(stop);
        line.wait_until("nothing awaited", || !line.shown().contains(['◐', '◓', '◑', '◒']));
        line.settle();
        if !stop.name.is_empty() {
            screens.push((stop.name, stop.about, line.grid()));
        }
    }
    line.leave();
    screens
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to write the files is said by who runs the test")]
fn every_screen_looks_as_it_did() {
    let folder = repository().join("tests/fixtures/screens");
    let update = std::env::var_os("UPDATE_SCREENS").is_some();
    std::fs::create_dir_all(&folder).unwrap();
    let (mut expected, mut differing) = (BTreeSet::new(), Vec::new());
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        for (name, _, grid) in walk((columns, rows)) {
            let file = format!("{name}-{columns}x{rows}.txt");
            let (path, made) = (folder.join(&file), grid.to_snapshot());
            if update {
                std::fs::write(&path, &made).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            if kept != made {
                let line = kept.lines().zip(made.lines()).find(|(kept, made)| kept != made);
                differing.push(format!("{file}: {line:?}"));
            }
            expected.insert(file);
        }
    }
    let there: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    for left in there.difference(&expected) {
        if update {
            std::fs::remove_file(folder.join(left)).unwrap();
        } else {
            differing.push(format!("{left} is of no screen of the tour"));
        }
    }
    assert!(
        differing.is_empty(),
        "screens look otherwise; wanted? UPDATE_SCREENS=1 cargo test --test it terminal::looks\n{}",
        differing.join("\n")
    );
}
