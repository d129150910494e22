//! What the book says about services, customers, resources and calendars.

use super::agreement::Agreement;
use super::control_chart::ControlChart;
use super::date::{Date, Moment};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A service of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Stable id, used in figure ids and on the command line.
    pub id: String,
    /// The name that is printed.
    pub name: String,
    /// Other names that the tools use.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its service hours: the id of a calendar; `24x7` where it is left out.
    #[serde(default)]
    pub calendar: Option<String>,
    /// First day or instant of service; before it there is no obligation.
    #[serde(default)]
    pub go_live: Option<Moment>,
    /// First day or instant without service.
    #[serde(default)]
    pub retired: Option<Moment>,
    /// How many users are entitled to it.
    #[serde(default)]
    pub users_entitled: Option<u64>,
    /// Ids of the services that it is made of; they may be made of others themselves.
    #[serde(default)]
    pub components: Vec<String>,
    /// How many of its components must be up for it to be up.
    #[serde(default)]
    pub needs: Needs,
}

impl Service {
    /// Returns the rank of the component, by weight of its outage, that decides at each instant: with all of them needed
    /// the largest, with any one enough the smallest (`domain.md` §4.1, composite).
    pub fn deciding_rank(&self) -> usize {
        let parts = self.components.len();
        let needs = match self.needs {
            Needs::Word(NeedsWord::All) => parts,
            Needs::Word(NeedsWord::Any) => 1,
            Needs::Number(number) => usize::try_from(number).unwrap_or(usize::MAX),
        };
        (parts + 1).saturating_sub(needs)
    }
}

/// How many components a service needs: `all`, `any`, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "`needs` is \"all\", \"any\" or a number")]
pub enum Needs {
    /// All, or any one.
    Word(NeedsWord),
    /// At least so many.
    Number(u32),
}

/// The words for [`Needs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedsWord {
    /// All of them: one that is down brings the service down.
    All,
    /// Any one of them: they stand in for each other.
    Any,
}

impl Default for Needs {
    fn default() -> Self {
        Self::Word(NeedsWord::All)
    }
}

/// Services that are reported together: their pooled availability, and the worst of them (rule R17).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceGroup {
    /// Stable id, used in figure ids.
    pub id: String,
    /// The name that is printed.
    pub name: String,
    /// Ids of its services.
    pub services: Vec<String>,
}

/// A customer of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// Stable id.
    pub id: String,
    /// The name that is printed.
    pub name: String,
    /// Other names that the tools use.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// A resource whose capacity is agreed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The resource's name in the readings.
    pub id: String,
    /// The name that is printed; the id where it is left out.
    #[serde(default)]
    pub name: Option<String>,
    /// The service that it carries.
    pub service: String,
    /// What is measured, as in the readings.
    pub metric: String,
    /// The unit that is printed, as `%` or `GB`.
    #[serde(default)]
    pub unit: Option<String>,
    /// What the thresholds are compared with: `used` as it is, or `share` = 100 × used ÷ limit.
    #[serde(default)]
    pub of: ReadingOf,
    /// The agreed threshold: readings strictly greater are over it.
    pub threshold: f64,
    /// Days from deciding on more capacity to having it.
    #[serde(default)]
    pub lead_time_days: Option<i64>,
    /// human, technical, information or financial.
    #[serde(default)]
    pub kind: ResourceKind,
    /// How the days to the threshold are forecast.
    #[serde(default)]
    pub forecast: ForecastMethod,
    /// Days of a season of `holt_winters`.
    #[serde(default = "week")]
    pub season_days: u32,
    /// Local days on which capacity or use changed by decision; a forecast is fitted from the last of them on.
    #[serde(default)]
    pub steps: Vec<Date>,
}

/// Returns the season of work that follows the week.
fn week() -> u32 {
    7
}

/// How a forecast is fitted to daily means (`domain.md` §4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForecastMethod {
    /// The median of the slopes between all pairs of days: some wild days do not move it.
    #[default]
    TheilSen,
    /// The line of least squares.
    Ols,
    /// Additive Holt–Winters: level, trend and season, smoothed day by day.
    HoltWinters,
}

/// What a capacity threshold is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingOf {
    /// The reading itself.
    #[default]
    Used,
    /// 100 × used ÷ limit.
    Share,
}

/// The four kinds of resource that the standard names (8.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// People.
    Human,
    /// Machines, networks, storage.
    #[default]
    Technical,
    /// Information.
    Information,
    /// Money.
    Financial,
}

/// Weekly hours in a zone, with holidays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarRule {
    /// Stable id.
    pub id: String,
    /// IANA zone of the wall clock.
    #[serde(with = "super::date::zone")]
    pub zone: Tz,
    /// Hours by weekday, as `mon = ["08:00-18:00"]`; a day left out has none. `00:00-24:00` is the whole day.
    pub hours: WeeklyHours,
    /// Local dates without hours; those of the files in `holidays_from` are added when the book is read.
    #[serde(default)]
    pub holidays: Vec<Date>,
    /// Files of holidays, relative to the book: iCalendar where the name ends in `.ics`, else a date a line.
    #[serde(default)]
    pub holidays_from: Vec<String>,
    /// Local dates with hours of their own, whatever their weekday or a holiday says.
    #[serde(default)]
    pub overrides: Vec<DayHours>,
    /// First day on which this rule holds; several rules may share an id, each from its own day on.
    #[serde(default)]
    pub valid_from: Option<Date>,
    /// What was read from the files in `holidays_from`.
    #[serde(skip)]
    pub holiday_files: Vec<HolidayFile>,
}

/// The hours of one local date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayHours {
    /// The date.
    pub date: Date,
    /// The hours that begin on it, as `["08:00-12:00"]`; empty is closed.
    pub hours: Vec<String>,
}

/// A file of holidays as it was read, so that a figure can say what it was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolidayFile {
    /// The file, as the book names it.
    pub path: String,
    /// SHA-256 of its bytes, the first 12 hexadecimal digits.
    pub hash: String,
    /// How many days it names.
    pub days: usize,
    /// Events that are no whole days, and so are no holidays.
    pub timed_events: usize,
}

impl fmt::Display for HolidayFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |count: usize| if count == 1 { "" } else { "s" };
        write!(f, "{} (sha256 {}, {} day{}", self.path, self.hash, self.days, many(self.days))?;
        if self.timed_events > 0 {
            write!(f, "; {} event{} with a time of day left out", self.timed_events, many(self.timed_events))?;
        }
        f.write_str(")")
    }
}

/// Hours by weekday.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WeeklyHours {
    /// Monday.
    pub mon: Vec<String>,
    /// Tuesday.
    pub tue: Vec<String>,
    /// Wednesday.
    pub wed: Vec<String>,
    /// Thursday.
    pub thu: Vec<String>,
    /// Friday.
    pub fri: Vec<String>,
    /// Saturday.
    pub sat: Vec<String>,
    /// Sunday.
    pub sun: Vec<String>,
}

impl WeeklyHours {
    /// Returns the hours of the seven days, Monday first.
    pub fn days(&self) -> [&[String]; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }
}

/// Which finished tickets count in a period for compliance (rule R10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// The period in which the clock stopped.
    #[default]
    Finish,
    /// The period in which the goal ran out, for breaches; the finish for the rest.
    Breach,
    /// The period in which the ticket was opened.
    Opened,
}

/// How agreed maintenance enters availability (`domain.md` §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum AvailabilityRule {
    /// Maintenance leaves numerator and denominator.
    #[default]
    A1,
    /// Maintenance stays in the denominator as available time.
    A2,
    /// Maintenance counts as downtime.
    #[serde(rename = "gross")]
    Gross,
}

/// What is owed of a service that went live or was retired within the period (rule R20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialService {
    /// Only the time from go-live to retirement.
    #[default]
    InService,
    /// The whole period; of the time out of service nothing is known, so that coverage falls.
    WholePeriod,
}

/// Where reopenings, reassignments, and resolutions that the tool's field does not tell are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsFrom {
    /// From the ticket's history; from the tool's counter where a ticket has none.
    #[default]
    History,
    /// From the tool's own counters and fields alone.
    Tool,
}

/// Whether tickets that are linked as duplicates or children of another ticket count (rule R19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// They count as tickets of their own.
    #[default]
    Count,
    /// They leave every ticket figure.
    Drop,
}

/// How state between checks is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldRule {
    /// A state holds until the next check, but no longer than this; without it, until the next check however late.
    #[serde(default)]
    pub max_age: Option<super::duration::Seconds>,
    /// Outages from checks of at most this length are left out, with their count.
    #[serde(default)]
    pub ignore_up_to: Option<super::duration::Seconds>,
}

/// Settings of the figures, printed in each basis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FigureSettings {
    /// Which tickets count in a period.
    pub attribution: Attribution,
    /// How maintenance enters availability.
    pub availability: AvailabilityRule,
    /// What is owed of a service that was not in service for the whole period.
    pub partial: PartialService,
    /// Coverage in percent under which availability is "insufficient data" (rule R2).
    pub coverage_limit: f64,
    /// Denominators below it are printed as counts (rule R23).
    pub small_n: u64,
    /// A met figure that has used this many percent of what its target allows is at risk.
    pub risk_at: f64,
    /// Where reopenings, reassignments, and resolutions that the tool's field does not tell are taken from.
    pub counts_from: CountsFrom,
    /// A survey answer satisfies from this share of its scale on, in percent.
    pub satisfied_from: f64,
    /// Days of 24 hours after a change in which an incident that it caused makes it unsuccessful.
    pub effect_days: u32,
    /// Risk classes of a major change, after which a continuity plan must be tested anew; case does not count.
    pub major_risks: Vec<String>,
    /// Days of 24 hours after a major change by which a continuity plan must have been tested.
    pub test_after_change_days: u32,
    /// Days of 24 hours after a finish within which a reopening counts against it.
    pub reopen_days: u32,
    /// Names of the groups in which a first-time fix can happen; empty where that is not agreed. Case does not count.
    pub first_fix_groups: Vec<String>,
    /// Whether duplicates and children of other tickets count.
    pub duplicates: Duplicates,
}

impl Default for FigureSettings {
    fn default() -> Self {
        Self {
            attribution: Attribution::Finish,
            availability: AvailabilityRule::A1,
            partial: PartialService::InService,
            coverage_limit: 95.0,
            small_n: 5,
            risk_at: 80.0,
            counts_from: CountsFrom::History,
            satisfied_from: 80.0,
            effect_days: 7,
            major_risks: vec!["high".into(), "major".into()],
            test_after_change_days: 30,
            reopen_days: 7,
            first_fix_groups: Vec::new(),
            duplicates: Duplicates::Count,
        }
    }
}

/// The declaration that an outage register is complete: coverage by assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// The source's id.
    pub source: String,
    /// First day of the declaration; from the first row on where it is left out.
    pub from: Option<Date>,
    /// The services it speaks for; empty speaks for all.
    pub services: Vec<String>,
}

/// Everything that the book declares and that figures are judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    /// The title that is printed.
    pub title: String,
    /// The zone of the reports.
    pub zone: Tz,
    /// Services, in the order of the book.
    pub services: Vec<Service>,
    /// Groups of services, in the order of the book.
    pub groups: Vec<ServiceGroup>,
    /// Customers, in the order of the book.
    pub customers: Vec<Customer>,
    /// Calendars.
    pub calendars: Vec<CalendarRule>,
    /// Agreements.
    pub agreements: Vec<Agreement>,
    /// Resources.
    pub resources: Vec<Resource>,
    /// Figures whose months are watched; without any, those of a default.
    pub control_charts: Vec<ControlChart>,
    /// Settings of the figures.
    pub settings: FigureSettings,
    /// How state between checks is known, by source id.
    pub holds: Vec<(String, HoldRule)>,
    /// Outage registers whose owner declares them complete.
    pub asserted: Vec<Asserted>,
}

impl Catalogue {
    /// Makes the catalogue of a book that declares nothing but its title and zone.
    pub fn new(title: String, zone: Tz) -> Self {
        Self {
            title,
            zone,
            services: Vec::new(),
            groups: Vec::new(),
            customers: Vec::new(),
            calendars: Vec::new(),
            agreements: Vec::new(),
            resources: Vec::new(),
            control_charts: Vec::new(),
            settings: FigureSettings::default(),
            holds: Vec::new(),
            asserted: Vec::new(),
        }
    }

    /// Returns a service by id.
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// Returns the service level agreements: what was promised to customers.
    pub fn slas(&self) -> impl Iterator<Item = &Agreement> {
        self.agreements.iter().filter(|agreement| agreement.is_sla())
    }

    /// Returns a customer by id.
    pub fn customer(&self, id: &str) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.id == id)
    }
}
