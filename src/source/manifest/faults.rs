//! Everything that is wrong in a manifest, not only what is wrong first.
//!
//! A wrong line is blanked and the rest is read again; tables and requests are planned one by one.

use super::asking_planner::AskingPlanner;
use super::planner::Planner;
use super::{Manifest, ManifestError};

/// Most wrong lines that are told of.
const MOST: usize = 50;

impl Manifest {
    /// Returns what is wrong in the text of a manifest, in the order of its lines.
    pub fn faults(text: &str, path: &str) -> Vec<ManifestError> {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut faults: Vec<ManifestError> = Vec::new();
        let manifest = loop {
            match Self::read(&lines.join("\n"), path) {
                Ok(manifest) => break Some(manifest),
                Err(fault) => {
                    // What is missing because its line was blanked is no fault of its own.
                    let follows = fault.message.starts_with("missing field") && !faults.is_empty();
                    let line = fault.line;
                    if !follows {
                        faults.push(fault);
                    }
                    if follows || faults.len() >= MOST || !blank(&mut lines, line) {
                        break None;
                    }
                }
            }
        };
        // Where a line was blanked, what the rest means cannot be judged.
        if let Some(manifest) = manifest.filter(|_| faults.is_empty()) {
            faults.extend(manifest.contradictions());
        }
        faults.sort_by_key(|fault| fault.line);
        faults
    }

    /// Returns what does not fit together though every word is known.
    fn contradictions(&self) -> Vec<ManifestError> {
        let stand_ins = self.stand_ins();
        let mut faults: Vec<ManifestError> = self.check_head().err().into_iter().collect();
        let planner = Planner { manifest: self, settings: &stand_ins };
        faults.extend(self.tables.iter().filter_map(|(name, words)| planner.table(name, words).err()));
        let asking = AskingPlanner { manifest: self, settings: &stand_ins };
        faults.extend(self.requests.iter().filter_map(|(name, words)| asking.request(name, words).err()));
        faults.extend(self.asking(&stand_ins).err());
        let mut told: Vec<ManifestError> = Vec::new();
        for fault in faults {
            if !told.contains(&fault) {
                told.push(fault);
            }
        }
        told
    }
}

/// Blanks a wrong line, and below a wrong header everything that belongs to it; tells whether there was something.
fn blank(lines: &mut [String], line: usize) -> bool {
    let Some(at) = line.checked_sub(1).filter(|at| lines.get(*at).is_some_and(|line| !line.trim().is_empty())) else {
        return false;
    };
    let header = lines[at].trim_start().starts_with('[');
    lines[at].clear();
    if header {
        lines[at + 1..].iter_mut().take_while(|line| !line.starts_with('[')).for_each(String::clear);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_line_is_told_and_not_only_the_first() {
        let good = super::super::SHIPPED.iter().find(|(name, _)| *name == "redmine").unwrap().1;
        assert_eq!(Manifest::faults(good, "redmine.toml"), []);
        let bad = good.replace("proven =", "prooven = 1\nproven =").replace("take = \"first\"", "take = \"frist\"");
        let told = Manifest::faults(&bad, "redmine.toml");
        assert!(told.len() >= 3, "{told:?}");
        assert!(told[0].message.contains("prooven") && told[0].hint.contains("proven"), "{told:?}");
        assert!(told[1].message.contains("frist") && told[1].hint.contains("first"), "{told:?}");
    }

    #[test]
    fn tables_and_requests_that_contradict_themselves_are_all_told() {
        let good = super::super::SHIPPED.iter().find(|(name, _)| *name == "redmine").unwrap().1;
        let bad = good
            .replace("opened_at = { from = \"/created_on\", format = \"rfc3339\", zone = \"offset\" }\n", "")
            .replace("[request.ids.complete]\nkind = \"total\"\nat = \"/total_count\"\n", "");
        let told = Manifest::faults(&bad, "redmine.toml");
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().any(|fault| fault.message.contains("`opened_at` is required")), "{told:?}");
        assert!(told.iter().any(|fault| fault.message.contains("[request.ids]")), "{told:?}");
    }
}
