//! measures.

use super::View;
use crate::tui::page::Page;

/// Returns the page.
pub fn page(_view: View) -> Page {
    Page::default()
}
