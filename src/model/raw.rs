//! Text that came from a source.
//!
//! A ticket title can hold any byte. `Raw` has no `Display`, no `Deref` and no `AsRef<str>`, so it cannot
//! reach a terminal, a page or a file name by accident: it is opened only by the doors in `text` and by the
//! writers in `export` that escape for their own format. The `architecture` test counts the uses of `expose`.

use serde::{Deserialize, Serialize};

/// A string from a source, kept byte for byte and never shown without screening.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Raw(String);

impl Raw {
    /// Wraps text from a source.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text as it came. Only a door (see the module's documentation) may call this.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Tells whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raw({:?})", self.0)
    }
}
