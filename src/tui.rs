//! Not built yet.
/// Why.
#[derive(Debug, thiserror::Error)]
#[error("no terminal")]
pub struct TerminalError;
