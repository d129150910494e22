"""Time and chance for the demo book: Berlin wall clock, service hours, a seeded generator.

Nothing here asks the machine for the time, its zone data or its random numbers, so that every run on every machine
writes the same bytes.
"""

from datetime import date, timedelta

EPOCH = date(1970, 1, 1)
DAY = 86_400
HOUR = 3_600
MINUTE = 60


class Chance:
    """splitmix64: small, well known, the same everywhere."""

    MASK = (1 << 64) - 1

    def __init__(self, seed):
        self.state = seed & self.MASK

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & self.MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & self.MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & self.MASK
        return z ^ (z >> 31)

    def unit(self):
        """A number in [0, 1)."""
        return (self.bits() >> 11) / (1 << 53)

    def below(self, limit):
        """A whole number in [0, limit)."""
        return self.bits() % limit

    def between(self, low, high):
        """A whole number in [low, high]."""
        return low + self.below(high - low + 1)

    def pick(self, words):
        return words[self.below(len(words))]

    def weighted(self, pairs):
        """One of (thing, weight) pairs."""
        left = self.unit() * sum(weight for _, weight in pairs)
        for thing, weight in pairs:
            left -= weight
            if left < 0:
                return thing
        return pairs[-1][0]

    def noise(self):
        """Bell-shaped around 0 with deviation 1: twelve units added, no function of the machine's library."""
        return sum(self.unit() for _ in range(12)) - 6.0


def last_sunday(year, month):
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def days(day):
    return (day - EPOCH).days


def offset(instant):
    """Seconds that Berlin is ahead of UTC at an instant."""
    year = (EPOCH + timedelta(days=instant // DAY)).year
    summer = days(last_sunday(year, 3)) * DAY + HOUR
    winter = days(last_sunday(year, 10)) * DAY + HOUR
    return 2 * HOUR if summer <= instant < winter else HOUR


def wall(day, second):
    """The instant of a local date and second of the day; the earlier where it is twice, shifted forward in the gap."""
    local = days(day) * DAY + second
    for ahead in (2 * HOUR, HOUR):
        if offset(local - ahead) == ahead:
            return local - ahead
    return local - HOUR


def local_date(instant):
    return EPOCH + timedelta(days=(instant + offset(instant)) // DAY)


def local_second(instant):
    return (instant + offset(instant)) % DAY


def instant(text):
    """Reads `2026-03-29 01:40`, with seconds where given; `+01` or `+02` at the end settles the hour that is twice."""
    ahead = None
    if text[-3] == "+":
        text, ahead = text[:-3], int(text[-2:]) * HOUR
    day, _, clock = text.partition(" ")
    parts = [int(part) for part in clock.split(":")] if clock else [0, 0]
    second = parts[0] * HOUR + parts[1] * MINUTE + (parts[2] if len(parts) > 2 else 0)
    day = date.fromisoformat(day)
    return wall(day, second) if ahead is None else days(day) * DAY + second - ahead


def stamp(moment):
    """RFC 3339 with Berlin's offset; nothing for nothing."""
    if moment is None:
        return ""
    if isinstance(moment, str):
        return moment
    second = local_second(moment)
    return "%sT%02d:%02d:%02d+%02d:00" % (
        local_date(moment), second // HOUR, second // MINUTE % 60, second % 60, offset(moment) // HOUR)


def each_day(first, last):
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def month_start(year, month):
    return wall(date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1), 0)


class Hours:
    """Weekly service hours with holidays; `week` holds (start, end) hours of Monday to Sunday."""

    def __init__(self, week, holidays):
        self.week = week
        self.holidays = frozenset(holidays)

    def spans(self, day):
        hours = self.week[day.weekday()]
        if hours and day not in self.holidays:
            yield wall(day, hours[0] * HOUR), wall(day + timedelta(days=hours[1] // 24), hours[1] % 24 * HOUR)

    def after(self, start, seconds):
        """The instant at which so many service seconds have passed since the start."""
        day = local_date(start)
        while True:
            for opens, closes in self.spans(day):
                opens = max(opens, start)
                if closes > opens:
                    if seconds <= closes - opens:
                        return opens + seconds
                    seconds -= closes - opens
            day += timedelta(days=1)

    def between(self, start, end):
        """Service seconds in [start, end)."""
        return sum(max(0, min(closes, end) - max(opens, start))
                   for day in each_day(local_date(start), local_date(end))
                   for opens, closes in self.spans(day))
