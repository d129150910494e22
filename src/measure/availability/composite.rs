//! Services made of others: their outages and when their state is known (`domain.md` §4.1, composite).
//!
//! At each instant the weight of such a service is that of the component that decides: with all of them needed the one
//! that is down most, with any one enough the one that is down least, with k of m needed the (m − k + 1)th. Outages of
//! its own come on top, by the greatest weight. A component brings all of its outages and the overrun of its
//! maintenance, not cut to its own hours, but to its own time in service: before and after it nothing is known of it.
//! Hours, maintenance and exclusions are those of the composite.

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
    /// What each service that is a component of others brings to them.
    brought: BTreeMap<&'a str, Brought>,
}

/// What a component brings to the services that are made of it, within its own time in service.
#[derive(Clone, Default)]
struct Brought {
    course: Weights,
    events: Vec<i64>,
    known: Known,
}

/// One service.
struct Place<'a> {
    state: &'a ServiceState,
    rows: Vec<Cow<'a, Outage>>,
    known: Known,
    notice: i64,
    /// From go-live to retirement.
    life: Span,
}

/// How heavy an outage is.
pub type Weigh<'f> = &'f dyn Fn(&Outage) -> i64;

impl<'a> Landscape<'a> {
    /// Looks at every service with the knowledge of an instant. `notice_of` tells by how many milliseconds maintenance
    /// of a service must be announced before it begins, `life_of` its time in service.
    pub fn new(
        catalogue: &'a Catalogue,
        states: &'a BTreeMap<String, ServiceState>,
        as_of: i64,
        notice_of: impl Fn(&str) -> i64,
        life_of: impl Fn(&Service) -> Span,
    ) -> Self {
        let holds: &[(String, HoldRule)] = &catalogue.holds;
        let places = catalogue.services.iter().filter_map(|service| {
            let state = states.get(&service.id)?;
            let place = Place {
                state,
                rows: state.outages(holds, as_of),
                known: state.known(holds, as_of),
                notice: notice_of(&service.id),
                life: life_of(service),
            };
            Some((service.id.as_str(), place))
        });
        let mut landscape = Self { catalogue, as_of, places: places.collect(), brought: BTreeMap::new() };
        for id in catalogue.services.iter().flat_map(|service| &service.components) {
            landscape.bring(id);
        }
        landscape
    }

    /// Works out once what a component brings, its own components first.
    fn bring(&mut self, id: &'a str) {
        if self.brought.contains_key(id) {
            return;
        }
        for part in self.parts(id) {
            self.bring(part);
        }
        let life = self.life(id);
        let course = self.course(id, None);
        let down = course.spans();
        let mut events = self.events(id, &down);
        events.retain(|at| life.contains(*at));
        let mut known = self.known(id, &down);
        known.spans = known.spans.clip(life);
        let course = course.clip(life);
        self.brought.insert(id, Brought { course, events, known });
    }

    /// Returns the time of a service from go-live to retirement.
    pub fn life(&self, service: &str) -> Span {
        self.places.get(service).map_or(Span { start: i64::MIN, end: i64::MAX }, |place| place.life)
    }

    /// Returns the course that the components of a service give it.
    fn course_of_parts(&self, service: &str) -> Weights {
        let courses: Vec<Weights> = self.parts(service).iter().map(|id| self.brought_by(id).course.clone()).collect();
        Weights::ranked(&courses, self.catalogue.service(service).map_or(1, Service::deciding_rank))
    }

    fn brought_by(&self, id: &str) -> Cow<'_, Brought> {
        self.brought.get(id).map_or_else(Cow::default, Cow::Borrowed)
    }

    /// Returns for each component of a service, at any depth, when its outages are downtime of the service: where the
    /// components decide that it is down, and within a component made of others, where those decide.
    pub fn deciding(&self, service: &str) -> BTreeMap<&'a str, Spans> {
        let mut found: BTreeMap<&'a str, Spans> =
            self.components(service).into_iter().map(|id| (id, Spans::default())).collect();
        let mut open = vec![(service, Spans::from(Span { start: i64::MIN, end: i64::MAX }))];
        while let Some((id, within)) = open.pop() {
            let parts = self.parts(id);
            if parts.is_empty() {
                continue;
            }
            let down = self.course_of_parts(id).spans().intersect(&within);
            for part in parts {
                let known = found.entry(part).or_default();
                let more = known.union(&down.clip(self.life(part)));
                // Nothing within it decides either where it decides nothing new.
                if more != *known {
                    known.clone_from(&more);
                    open.push((part, more));
                }
            }
        }
        found
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

    /// Returns the weight of a service's outages over time, its components' in it, in thousandths of a full one.
    pub fn course(&self, service: &str, notice: Option<i64>) -> Weights {
        self.course_from(service, notice, FULL, &|outage| outage.weight, &|part| self.brought_by(part).course.clone())
    }

    /// Returns the course of a service from those of its components. Weights are held to 0 ..= `most`.
    fn course_from(
        &self,
        service: &str,
        notice: Option<i64>,
        most: i64,
        weigh: Weigh<'_>,
        brought: &dyn Fn(&str) -> Weights,
    ) -> Weights {
        let own = self.own_course(service, notice, most, weigh);
        let parts = self.parts(service);
        if parts.is_empty() {
            return own;
        }
        let rank = self.catalogue.service(service).map_or(1, Service::deciding_rank);
        let courses: Vec<Weights> = parts.iter().map(|id| brought(id)).collect();
        Weights::ranked(&[Weights::ranked(&courses, rank), own], 1)
    }

    /// Returns the weight of a service's outages over time by another measure than the share of the service that is lost.
    pub fn course_by(&self, service: &str, notice: Option<i64>, most: i64, weigh: Weigh<'_>) -> Weights {
        let mut of_parts: BTreeMap<&str, Weights> = BTreeMap::new();
        // Components come before what is made of them.
        for id in self.parts_first(service) {
            let course =
                self.course_from(id, None, most, weigh, &|part| of_parts.get(part).cloned().unwrap_or_default());
            of_parts.insert(id, course.clip(self.life(id)));
        }
        self.course_from(service, notice, most, weigh, &|part| of_parts.get(part).cloned().unwrap_or_default())
    }

    /// Returns the components of a service at any depth, each after all that it is made of.
    fn parts_first(&self, service: &str) -> Vec<&'a str> {
        let (mut order, mut seen): (Vec<&'a str>, BTreeSet<&'a str>) = (Vec::new(), BTreeSet::new());
        let mut open: Vec<(&'a str, bool)> = self.parts(service).iter().map(|part| (part.as_str(), false)).collect();
        while let Some((id, done)) = open.pop() {
            if done {
                order.push(id);
            } else if seen.insert(id) {
                open.push((id, true));
                open.extend(self.parts(id).iter().map(|part| (part.as_str(), false)));
            }
        }
        order
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
        let of_parts: Vec<Cow<'_, Brought>> = parts.iter().map(|id| self.brought_by(id)).collect();
        if of_parts.iter().any(|part| !part.events.is_empty()) {
            let rank = self.catalogue.service(service).map_or(1, Service::deciding_rank);
            let candidates: BTreeSet<i64> = of_parts.iter().flat_map(|part| &part.events).copied().collect();
            events.extend(candidates.into_iter().filter(|at| {
                let down = |part: &&Cow<'_, Brought>| part.course.at(*at) > 0 || part.events.binary_search(at).is_ok();
                of_parts.iter().filter(down).count() >= rank
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
            let brought = self.brought_by(part);
            let of_part = &brought.known;
            let first = at == 0 && !own;
            known.spans = if first { of_part.spans.clone() } else { known.spans.intersect(&of_part.spans) };
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
