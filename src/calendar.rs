//! Not built yet.

use crate::model::catalogue::CalendarRule;

/// Checks the hours of a calendar.
pub fn check(_rule: &CalendarRule) -> Result<(), String> {
    Ok(())
}
