//! Services made of others, and groups of services: whether what the config says of them can be.
//!
//! Knows ids. Must not know outages or figures.

use super::Config;
use crate::model::catalogue::Needs;
use std::collections::{BTreeMap, BTreeSet};

impl Config {
    /// Returns what is wrong with the parts of services and with groups of them, and what to do.
    pub(super) fn composition_fault(&self) -> Option<(String, &'static str)> {
        let parts: BTreeMap<&str, &[String]> =
            self.services.iter().map(|service| (service.id.as_str(), service.components.as_slice())).collect();
        for service in &self.services {
            let id = &service.id;
            let mut seen = BTreeSet::new();
            for component in &service.components {
                if !parts.contains_key(component.as_str()) {
                    let message = format!("service `{id}` has the component `{component}`, which is not there");
                    return Some((message, "name the id of another [[service]], or add one with that id"));
                }
                if !seen.insert(component) {
                    let message = format!("service `{id}` names the component `{component}` twice");
                    return Some((message, "name each component once; `needs` says how many must be up"));
                }
            }
            if let Needs::Number(number) = service.needs
                && !(1..=service.components.len()).contains(&usize::try_from(number).unwrap_or(usize::MAX))
            {
                let message = format!("service `{id}` needs {number} of its {} components", service.components.len());
                return Some((message, "write \"all\", \"any\", or a number from 1 to that of its `components`"));
            }
            if let Some(circle) = circle_from(&parts, id) {
                let message = format!("service `{id}` is a component of itself: {}", circle.join(", "));
                return Some((message, "take one of them out of `components`"));
            }
        }
        for group in &self.groups {
            let id = &group.id;
            if group.services.is_empty() {
                return Some((format!("service_group `{id}` has no services"), "name their ids, or take it away"));
            }
            let mut seen = BTreeSet::new();
            for service in &group.services {
                if !parts.contains_key(service.as_str()) {
                    let message = format!("service_group `{id}` names the service `{service}`, which is not there");
                    return Some((message, "add a [[service]] with that id"));
                }
                if !seen.insert(service) {
                    return Some((
                        format!("service_group `{id}` names the service `{service}` twice"),
                        "name each service once; its time would count twice",
                    ));
                }
            }
        }
        None
    }
}

/// Returns the way from a service over its components back to itself, where there is one.
fn circle_from<'a>(parts: &BTreeMap<&'a str, &'a [String]>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut way = vec![(start, 0_usize)];
    let mut visited = BTreeSet::new();
    while let Some((at, next)) = way.last_mut() {
        let Some(component) = parts.get(at).and_then(|components| components.get(*next)) else {
            way.pop();
            continue;
        };
        *next += 1;
        if component == start {
            return Some(way.iter().map(|(id, _)| *id).chain([start]).collect());
        }
        if visited.insert(component.as_str()) {
            way.push((component, 0));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(more: &str) -> String {
        let service = |id: &str, rest: &str| format!("[[service]]\nid = \"{id}\"\nname = \"{id}\"\n{rest}\n");
        let text = format!(
            "[book]\ntitle = \"T\"\nzone = \"UTC\"\n{}{}{more}",
            service("web", ""),
            service("shop", "components = [\"web\"]")
        );
        Config::parse(&text, "config.toml").err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn parts_that_are_not_there_stand_twice_or_go_round_in_a_circle_are_refused() {
        assert_eq!(fault(""), "");
        let service = |rest: &str| format!("[[service]]\nid = \"all\"\nname = \"all\"\n{rest}\n");
        assert!(fault(&service("components = [\"mail\"]")).contains("`mail`, which is not there"));
        assert!(fault(&service("components = [\"web\", \"web\"]")).contains("twice"));
        assert!(fault(&service("components = [\"web\", \"all\"]")).contains("component of itself: all, all"));
        let circle = "[[service]]\nid = \"x\"\nname = \"x\"\ncomponents = [\"all\"]\n";
        assert!(fault(&format!("{}{circle}", service("components = [\"x\"]"))).contains("all, x, all"));
    }

    #[test]
    fn a_service_cannot_need_more_parts_than_it_has() {
        let service = |rest: &str| format!("[[service]]\nid = \"all\"\nname = \"all\"\n{rest}\n");
        assert_eq!(fault(&service("components = [\"web\", \"shop\"]\nneeds = 2")), "");
        assert_eq!(fault(&service("components = [\"web\", \"shop\"]\nneeds = \"any\"")), "");
        assert!(fault(&service("components = [\"web\"]\nneeds = 2")).contains("needs 2 of its 1 components"));
        assert!(fault(&service("needs = 0")).contains("needs 0 of its 0"));
        assert!(fault(&service("needs = \"most\"")).contains("\"all\", \"any\" or a number"));
    }

    #[test]
    fn a_group_names_services_that_are_there_each_once() {
        let group = |list: &str| format!("[[service_group]]\nid = \"g\"\nname = \"G\"\nservices = [{list}]\n");
        assert_eq!(fault(&group("\"web\", \"shop\"")), "");
        assert!(fault(&group("")).contains("has no services"));
        assert!(fault(&group("\"mail\"")).contains("`mail`, which is not there"));
        assert!(fault(&group("\"web\", \"web\"")).contains("twice"));
    }
}
