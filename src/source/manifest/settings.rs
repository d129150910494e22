//! What a source writes into `settings`: checked by kind, defaults filled in.
//!
//! Secrets are names of places here, never values.

use super::planner::list;
use super::{Manifest, Setting, SettingKind, nearest};
use crate::source::http::Place as SecretPlace;
use std::collections::BTreeMap;

impl Manifest {
    /// Checks a source's settings and returns the value of every setting, or says which is wrong and why.
    pub fn fill(&self, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
        if let Some(unknown) = given.keys().find(|name| !self.settings.contains_key(*name)) {
            let known: Vec<&str> = self.settings.keys().map(String::as_str).collect();
            let hint = nearest(unknown, known.iter().copied())
                .map_or_else(|| format!("it has {}", list(&known)), |near| format!("did you mean `{near}`?"));
            return Err(format!("the connector has no setting `{unknown}`; {hint}"));
        }
        let mut filled = BTreeMap::new();
        for (name, setting) in &self.settings {
            let Some(value) = given.get(name).or(setting.default.as_ref()) else {
                return Err(format!("the setting `{name}` is missing; add settings.{name}: {}", setting.hint));
            };
            check_setting(name, value, setting)?;
            filled.insert(name.clone(), value.clone());
        }
        Ok(filled)
    }
}

/// Checks the value that a source gives to a setting. No message repeats what could be a secret.
fn check_setting(name: &str, value: &str, setting: &Setting) -> Result<(), String> {
    let hint = &setting.hint;
    match setting.kind {
        SettingKind::Text => Ok(()),
        SettingKind::Zone if value == "offset" || value.parse::<chrono_tz::Tz>().is_ok() => Ok(()),
        SettingKind::Zone => Err(format!("the setting `{name}` is `{value}`, which is no IANA zone; {hint}")),
        SettingKind::Secret | SettingKind::Url if value.is_empty() && setting.default.as_deref() == Some("") => Ok(()),
        SettingKind::Secret => {
            SecretPlace::parse(value).map(|_| ()).map_err(|why| format!("the setting `{name}`: {why}"))
        }
        SettingKind::Url => {
            let url =
                url::Url::parse(value).map_err(|why| format!("the setting `{name}` is no address ({why}); {hint}"))?;
            if !url.username().is_empty() || url.password().is_some() {
                return Err(format!(
                    "the setting `{name}` holds a user or password; secrets have settings of their own"
                ));
            }
            if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || !url.has_host() {
                return Err(format!("the setting `{name}` is no http(s) address without a query; {hint}"));
            }
            Ok(())
        }
    }
}
