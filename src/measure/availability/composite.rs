//! Services made of others: their outages and when their state is known (`domain.md` §4.1, composite).
//!
//! At each instant the weight of such a service is that of the component that decides: with all of them needed the one
//! that is down most, with any one enough the one that is down least, with k of m needed the (m − k + 1)th. Outages of
//! its own come on top, by the greatest weight. A component brings all of its outages and the overrun of its
//! maintenance, not cut to its own hours; hours, maintenance and exclusions are those of the composite.

use crate::calendar::{FULL, Span, Spans, Weights};
use crate::measure::outages::{Known, Outage, ServiceState};
use crate::model::catalogue::HoldRule;
use crate::model::{Catalogue, Service};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The outages and the knowledge of every service of a book at one as-of.
pub struct Landscape<'a> {
    catalogue: &'a Catalogue,
    as_of: i64,
    places: BTreeMap<&'a str, Place<'a>>,
}

/// One service.
struct Place<'a> {
    state: &'a ServiceState,
    rows: Vec<Cow<'a, Outage>>,
    known: Known,
    notice: i64,
}

/// How heavy an outage is.
pub type Weigh<'f> = &'f dyn Fn(&Outage) -> i64;

impl<'a> Landscape<'a> {
    /// Looks at every service with the knowledge of an instant. `notice_of` tells by how many milliseconds maintenance
    /// of a service must be announced before it begins.
    pub fn new(
        catalogue: &'a Catalogue,
        states: &'a BTreeMap<String, ServiceState>,
        as_of: i64,
        notice_of: impl Fn(&str) -> i64,
    ) -> Self {
        let holds: &[(String, HoldRule)] = &catalogue.holds;
        let places = catalogue.services.iter().filter_map(|service| {
            let state = states.get(&service.id)?;
            let place = Place {
                state,
                rows: state.outages(holds, as_of),
                known: state.known(holds, as_of),
                notice: notice_of(&service.id),
            };
            Some((service.id.as_str(), place))
        });
        Self { catalogue, as_of, places: places.collect() }
    }

    /// Returns the rows of a service itself, with those left out, and the overrun of its maintenance.
    pub fn rows(&self, service: &str, notice: Option<i64>) -> Vec<Cow<'a, Outage>> {
        let Some(place) = self.places.get(service) else { return Vec::new() };
        let overruns = place.state.overruns(notice.unwrap_or(place.notice), self.as_of);
        place.rows.iter().cloned().chain(overruns.into_iter().map(Cow::Owned)).collect()
    }

    /// Returns the ids of all services that a service is made of, at any depth, in order of id.
    pub fn components(&self, service: &str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open = vec![service];
        while let Some(id) = open.pop() {
            for component in self.parts(id) {
                if found.insert(component.as_str()) {
                    open.push(component);
                }
            }
        }
        found
    }

    fn parts(&self, service: &str) -> &'a [String] {
        self.catalogue.service(service).map_or(&[], |service| service.components.as_slice())
    }

    /// Returns the weight of a service's outages over time, its components' in it. Weights are held to 0 ..= `most`.
    pub fn course(&self, service: &str, notice: Option<i64>, most: i64, weigh: Weigh<'_>) -> Weights {
        let own = self.own_course(service, notice, most, weigh);
        let parts = self.parts(service);
        if parts.is_empty() {
            return own;
        }
        let courses: Vec<Weights> = parts.iter().map(|id| self.course(id, None, most, weigh)).collect();
        let rank = self.catalogue.service(service).map_or(1, Service::deciding_rank);
        Weights::ranked(&[Weights::ranked(&courses, rank), own], 1)
    }

    fn own_course(&self, service: &str, notice: Option<i64>, most: i64, weigh: Weigh<'_>) -> Weights {
        let Some(place) = self.places.get(service) else { return Weights::default() };
        let overruns = place.state.overruns(notice.unwrap_or(place.notice), self.as_of);
        let rows = place.rows.iter().map(Cow::as_ref).filter(|outage| outage.left_out.is_none());
        let weighed = rows.chain(&overruns).map(|outage| (outage.span(self.as_of), weigh(outage)));
        Weights::heaviest(&weighed.collect::<Vec<_>>(), most)
    }

    /// Returns the instants at which a service failed without being down for any time (rule R8), in order. `down` is
    /// when it was down: the spans of its course.
    pub fn events(&self, service: &str, down: &Spans) -> Vec<i64> {
        let own = self.places.get(service).into_iter().flat_map(|place| &place.rows).filter_map(|row| row.event());
        let mut events: Vec<i64> = own.collect();
        let parts = self.parts(service);
        let courses: Vec<Weights> = parts.iter().map(|id| self.course(id, None, FULL, &|o| o.weight)).collect();
        let of_parts: Vec<Vec<i64>> =
            parts.iter().zip(&courses).map(|(id, course)| self.events(id, &course.spans())).collect();
        if of_parts.iter().any(|events| !events.is_empty()) {
            let rank = self.catalogue.service(service).map_or(1, Service::deciding_rank);
            let candidates: BTreeSet<i64> = of_parts.iter().flatten().copied().collect();
            events.extend(candidates.into_iter().filter(|at| {
                let down = courses.iter().zip(&of_parts);
                down.filter(|(course, events)| course.at(*at) > 0 || events.binary_search(at).is_ok()).count() >= rank
            }));
        }
        events.sort_unstable();
        events.dedup();
        // Within an outage, or at its edge, it is part of that outage.
        events.retain(|at| {
            let next = down.partition_point(|span| span.end < *at);
            down.get(next).is_none_or(|span| *at < span.start)
        });
        events
    }

    /// Returns when the state of a service is known: of one made of others, when that of each of them is, and its own
    /// where it has rows of its own. Time down is known: `down` is the spans of its course.
    pub fn known(&self, service: &str, down: &Spans) -> Known {
        let Some(place) = self.places.get(service) else { return Known::default() };
        let parts = self.parts(service);
        let own = parts.is_empty() || place.state.has_rows();
        let mut known = if own { place.known.clone() } else { Known::default() };
        for (at, part) in parts.iter().enumerate() {
            let of_part = self.known(part, &self.course(part, None, FULL, &|o| o.weight).spans());
            let first = at == 0 && !own;
            known.spans = if first { of_part.spans } else { known.spans.intersect(&of_part.spans) };
            known.measured |= of_part.measured;
            known.asserted |= of_part.asserted;
        }
        known.spans = known.spans.union(down);
        known
    }

    /// Returns a service's agreed maintenance.
    pub fn agreed(&self, service: &str, notice: i64) -> Spans {
        self.places.get(service).map(|place| place.state.agreed(notice, self.as_of)).unwrap_or_default()
    }

    /// Returns the maintenance of a service that is announced and still to come.
    pub fn ahead(&self, service: &str, notice: i64) -> Spans {
        let maintenance = self.places.get(service).into_iter().flat_map(|place| &place.state.maintenance);
        maintenance.filter_map(|maintenance| maintenance.ahead(self.as_of, notice)).collect()
    }

    /// Tells whether two outages of a service, or of what it is made of, overlap within a window.
    pub fn overlap_within(&self, service: &str, notice: Option<i64>, window: Span) -> bool {
        let ids = self.components(service).into_iter().map(|id| (id, None)).chain([(service, notice)]);
        let mut spans: Vec<Span> = ids
            .flat_map(|(id, notice)| self.rows(id, notice))
            .filter(|outage| outage.left_out.is_none() && outage.weight > 0)
            .map(|outage| outage.span(self.as_of).intersect(window))
            .filter(|span| !span.is_empty())
            .collect();
        spans.sort_unstable();
        let mut latest = i64::MIN;
        spans.into_iter().any(|span| {
            let overlaps = span.start < latest;
            latest = latest.max(span.end);
            overlaps
        })
    }
}
