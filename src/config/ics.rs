//! Whole days of an iCalendar file (RFC 5545): folded lines, events, their recurrence and its exceptions.
//!
//! Knows the text of one file. Must not know where it lies or what the days are for. The crates that read iCalendar turn
//! on default features of chrono, for which polars is compiled anew; what whole days need of RFC 5545 is small.

use super::recurrence::Recurrence;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// The longest event that is still taken for a holiday, in days.
const LONGEST: i64 = 366;

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WholeDays {
    /// The days of its events, within the years that were asked for.
    pub days: BTreeSet<NaiveDate>,
    /// Events with a time of day, which are no whole days.
    pub timed_events: usize,
}

/// One line of content: `NAME;PARAMETER=x:value`, unfolded.
struct Line {
    /// The line of the file on which it begins.
    at: usize,
    name: String,
    parameters: String,
    value: String,
}

/// The lines of one VEVENT that days are made from.
#[derive(Default)]
struct Event {
    at: usize,
    uid: String,
    start: Option<Line>,
    end: Option<Line>,
    duration: Option<Line>,
    rule: Option<Line>,
    more: Vec<Line>,
    except: Vec<Line>,
    instance: Option<Line>,
    cancelled: bool,
}

/// Reads the whole days of a file that lie from `first` to `last`.
///
/// Cancelled events name no day. Events with a time of day are counted and left out. A changed or cancelled instance of
/// a recurring event (RECURRENCE-ID) takes the place of the one that its rule gives.
///
/// # Errors
/// Says on which line what is wrong.
pub fn whole_days(bytes: &[u8], first: NaiveDate, last: NaiveDate) -> Result<WholeDays, String> {
    let events = events(bytes)?;
    let mut moved: BTreeMap<&str, BTreeSet<NaiveDate>> = BTreeMap::new();
    for event in &events {
        if let Some(line) = &event.instance {
            if line.parameters.contains(";RANGE=") {
                return Err(event.wrong(line, "RANGE is not understood; split the series into two events"));
            }
            let date = date(&line.value).ok_or_else(|| event.wrong(line, "this is no date"))?;
            moved.entry(&event.uid).or_default().insert(date);
        }
    }
    let mut found = WholeDays::default();
    for event in events.iter().filter(|event| !event.cancelled) {
        let start = event.start.as_ref().ok_or_else(|| format!("{} has no DTSTART", event.named()))?;
        if !start.is_date() {
            found.timed_events += 1;
            continue;
        }
        let own = event.starts(start, last)?;
        let taken = moved.get(event.uid.as_str()).filter(|_| event.instance.is_none());
        let length = event.length(start)?;
        for begins in own.into_iter().filter(|day| !taken.is_some_and(|taken| taken.contains(day))) {
            found.days.extend(begins.iter_days().take(length).filter(|day| first <= *day && *day <= last));
        }
    }
    Ok(found)
}

impl Event {
    fn named(&self) -> String {
        format!("line {}: the event `{}`", self.at, self.uid)
    }

    fn wrong(&self, line: &Line, why: &str) -> String {
        format!("line {}: `{}` of the event `{}`: {why}", line.at, line.name, self.uid)
    }

    /// Returns the days on which it begins.
    fn starts(&self, start: &Line, last: NaiveDate) -> Result<BTreeSet<NaiveDate>, String> {
        let first = date(&start.value).ok_or_else(|| self.wrong(start, "this is no date"))?;
        let mut starts = BTreeSet::from([first]);
        if let Some(line) = &self.rule {
            let rule = Recurrence::parse(&line.value).map_err(|why| self.wrong(line, &why))?;
            starts.extend(rule.dates(first, last));
        }
        for line in &self.more {
            starts.extend(self.dates(line)?);
        }
        for line in &self.except {
            for date in self.dates(line)? {
                starts.remove(&date);
            }
        }
        Ok(starts)
    }

    fn dates(&self, line: &Line) -> Result<Vec<NaiveDate>, String> {
        let each = line.value.split(',').map(|text| date(text.trim()));
        each.collect::<Option<_>>().ok_or_else(|| self.wrong(line, "these are no dates, as 20261224,20261231"))
    }

    /// Returns how many days it takes: to DTEND, which is the first day after it, or DURATION, or one.
    fn length(&self, start: &Line) -> Result<usize, String> {
        let (line, days) = match (&self.end, &self.duration) {
            (Some(line), _) => {
                let end = date(&line.value).ok_or_else(|| self.wrong(line, "this is no date"))?;
                let days = date(&start.value).map_or(0, |start| (end - start).num_days());
                // Some programs name the day itself as the end of it.
                (line, if days == 0 { 1 } else { days })
            }
            (None, Some(line)) => (line, days_of(&line.value).unwrap_or(0)),
            (None, None) => return Ok(1),
        };
        usize::try_from(days)
            .ok()
            .filter(|_| (1..=LONGEST).contains(&days))
            .ok_or_else(|| self.wrong(line, "it does not end 1 to 366 whole days after its start"))
    }
}

impl Line {
    /// Tells whether its value is a date without a time of day.
    fn is_date(&self) -> bool {
        self.parameters.split(';').any(|parameter| parameter == "VALUE=DATE")
            || (self.value.len() == 8 && date(&self.value).is_some())
    }
}

/// Collects the events of a file.
fn events(bytes: &[u8]) -> Result<Vec<Event>, String> {
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut events = Vec::new();
    let mut event = Event::default();
    for line in lines(bytes) {
        let inside = open.last().map(|(_, name)| name.as_str());
        if inside.is_none() && !(line.name == "BEGIN" && line.value.eq_ignore_ascii_case("VCALENDAR")) {
            return Err(format!("line {}: an iCalendar file has BEGIN:VCALENDAR here", line.at));
        }
        match line.name.as_str() {
            "BEGIN" => {
                let name = line.value.to_ascii_uppercase();
                if name == "VEVENT" {
                    event = Event { at: line.at, ..Event::default() };
                }
                open.push((line.at, name));
            }
            "END" => {
                let ended = open.pop().filter(|(_, name)| line.value.eq_ignore_ascii_case(name));
                let (_, name) = ended.ok_or_else(|| format!("line {}: END does not fit its BEGIN", line.at))?;
                if name == "VEVENT" {
                    events.push(std::mem::take(&mut event));
                }
            }
            // What stands in an alarm inside the event is the alarm's.
            name if inside == Some("VEVENT") => match name {
                "UID" => event.uid = line.value,
                "STATUS" => event.cancelled = line.value.eq_ignore_ascii_case("CANCELLED"),
                "DTSTART" => event.start = Some(line),
                "DTEND" => event.end = Some(line),
                "DURATION" => event.duration = Some(line),
                "RRULE" if event.rule.is_some() => {
                    return Err(event.wrong(&line, "a second rule; give it its own event"));
                }
                "RRULE" => event.rule = Some(line),
                "RDATE" => event.more.push(line),
                "EXDATE" => event.except.push(line),
                "RECURRENCE-ID" => event.instance = Some(line),
                "EXRULE" => return Err(event.wrong(&line, "this is not understood; name the dates in EXDATE")),
                _ => {}
            },
            _ => {}
        }
    }
    match open.pop() {
        Some((at, name)) => Err(format!("line {at}: {name} has no end; the file was cut")),
        None if events.is_empty() && lines(bytes).next().is_none() => Err("the file is empty".into()),
        None => Ok(events),
    }
}

/// Unfolds lines: one that begins with a blank goes on with the line before (3.1).
fn lines(bytes: &[u8]) -> impl Iterator<Item = Line> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut whole: Vec<(usize, Vec<u8>)> = Vec::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line, whole.last_mut()) {
            ([b' ' | b'\t', rest @ ..], Some((_, before))) => before.extend_from_slice(rest),
            _ => whole.push((at + 1, line.to_vec())),
        }
    }
    // Letters are put together only now: a fold may lie within one.
    whole.into_iter().filter(|(_, line)| !line.trim_ascii().is_empty()).map(|(at, line)| {
        let text = String::from_utf8_lossy(&line);
        let mut quoted = false;
        let colon = text.find(|c| {
            quoted ^= c == '"';
            c == ':' && !quoted
        });
        let (head, value) = colon.map_or((&*text, ""), |colon| (&text[..colon], &text[colon + 1..]));
        let (name, parameters) = head.find(';').map_or((head, ""), |at| head.split_at(at));
        Line {
            at,
            name: name.trim().to_ascii_uppercase(),
            parameters: parameters.to_ascii_uppercase(),
            value: value.trim().to_owned(),
        }
    })
}

/// Reads `20261224`; a time of day behind it is passed over.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let (date, rest) = text.split_at_checked(8)?;
    let whole = rest.is_empty() || rest.starts_with('T');
    (whole && date.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
    NaiveDate::parse_from_str(date, "%Y%m%d").ok()
}

/// Reads `P3D` or `P1W`.
fn days_of(text: &str) -> Option<i64> {
    let number = |text: &str| text.parse::<u32>().ok().map(i64::from);
    let text = text.trim_start_matches('+').strip_prefix('P')?;
    match text.strip_suffix('W') {
        Some(weeks) => number(weeks).map(|weeks| weeks * 7),
        None => number(text.strip_suffix('D')?),
    }
}
