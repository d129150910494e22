//! Makes a new book: a folder with a commented config, a register folder and a `.gitignore`.

use super::session::SessionError;
use crate::source::manifest::SHIPPED;
use std::path::Path;

/// The config of a new book.
const CONFIG: &str = include_str!("new_book.toml");

/// Returns the manifest that a book's own ticket connector starts from: the shipped one under another name.
fn own_connector() -> String {
    let shipped = SHIPPED.iter().find(|(name, _)| *name == "csv-tickets").map_or("", |(_, text)| *text);
    shipped.replacen("\"csv-tickets\"", "\"my-tickets\"", 1)
}

/// Makes a book in a folder that has none yet.
pub fn init(folder: &Path) -> Result<(), SessionError> {
    let shown = |path: &Path| crate::text::screen_str(&path.display().to_string());
    let failed = |path: &Path| {
        let path = shown(path);
        move |error| SessionError::Write { path, error }
    };
    if folder.join("config.toml").exists() {
        return Err(SessionError::Unknown {
            message: format!("{} already has a config.toml", shown(folder)),
            hint: "name another folder, or edit that file".into(),
        });
    }
    for part in ["registers", "records", "connectors"] {
        let path = folder.join(part);
        std::fs::create_dir_all(&path).map_err(failed(&path))?;
    }
    let connector = own_connector();
    for (name, text) in
        [("config.toml", CONFIG), (".gitignore", "store/\n"), ("connectors/my-tickets.toml", connector.as_str())]
    {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(())
}
