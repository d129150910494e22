"""Wall clock, service hours and holidays, made for each local date on its own."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from intervals import intersect, union

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LAST_YEAR = 2199


def wall(day, minute, zone, later):
    """Returns the instant of a wall clock time: out of a gap to its end, of two the earlier, or the later for ends."""
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    while True:
        at = local.replace(tzinfo=zone, fold=1 if later else 0)
        if at.astimezone(timezone.utc).astimezone(zone).replace(tzinfo=None, fold=0) == local:
            return int(at.timestamp())
        local += timedelta(minutes=1)


def holidays_of_file(path):
    """Returns the dates of a calendar file: whole days, yearly ones every year from the first on, cancelled ones not.

    Only what the demo book's file holds is known; anything else stops the script.
    """
    days, event = set(), None
    text = path.read_text(encoding="utf-8").replace("\r\n ", "").replace("\r\n\t", "")
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            event = {}
        elif line == "END:VEVENT":
            first = event["DTSTART;VALUE=DATE"]
            first = date(int(first[:4]), int(first[4:6]), int(first[6:]))
            if event.get("RRULE", "FREQ=YEARLY") != "FREQ=YEARLY" or (first.month, first.day) == (2, 29):
                raise SystemExit(f"{path}: a rule that this script does not know: {event['RRULE']}")
            if event.get("STATUS") != "CANCELLED":
                last = LAST_YEAR if "RRULE" in event else first.year
                days |= {first.replace(year=year) for year in range(first.year, last + 1)}
            event = None
        elif event is not None:
            if name not in ("UID", "DTSTAMP", "SUMMARY", "DTSTART;VALUE=DATE", "RRULE", "STATUS"):
                raise SystemExit(f"{path}: a line that this script does not know: {line}")
            event[name] = value
    return days


class Calendar:
    """Weekly hours in a zone, without holidays, with the hours of single dates in place of all that."""

    def __init__(self, entry, folder):
        self.zone = ZoneInfo(entry["zone"])
        self.week = [self.minutes(entry["hours"].get(day, [])) for day in WEEKDAYS]
        self.holidays = set(entry.get("holidays", []))
        for name in entry.get("holidays_from", []):
            self.holidays |= holidays_of_file(folder / name)
        self.overrides = {item["date"]: self.minutes(item["hours"]) for item in entry.get("overrides", [])}
        self.made = {}

    @staticmethod
    def minutes(texts):
        return [tuple(int(part[:2]) * 60 + int(part[3:]) for part in text.split("-")) for text in texts]

    def hours_of(self, day):
        """Returns the spans of a local date, in minutes of the wall clock."""
        if day in self.overrides:
            return self.overrides[day]
        return [] if day in self.holidays else self.week[day.weekday()]

    def hours(self, start, end):
        """Returns the service hours in [start, end) as intervals."""
        if start >= end:
            return []
        day = datetime.fromtimestamp(start, self.zone).date() - timedelta(days=1)
        last = datetime.fromtimestamp(end, self.zone).date() + timedelta(days=1)
        parts = []
        while day <= last:
            if day not in self.made:
                self.made[day] = [
                    (wall(day, a, self.zone, later=False), wall(day, b, self.zone, later=True))
                    for a, b in self.hours_of(day)
                ]
            parts += self.made[day]
            day += timedelta(days=1)
        return intersect(union(parts), [(start, end)])
