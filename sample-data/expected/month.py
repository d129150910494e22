"""One month of a book, and where its figures are gathered."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import availability
import capacity
import change
import continuity
import control
import costs
import satisfaction
import tickets
from kinds import NOT_APPLICABLE


class Month:
    """All figures of one month of a book, as of its end or of an instant that is given."""

    def __init__(self, book, period, as_of=None):
        self.book, self.period = book, period
        self.year, self.month = int(period[:4]), int(period[5:])
        self.start = book.midnight(date(self.year, self.month, 1))
        self.end = book.midnight(date(self.year + self.month // 12, self.month % 12 + 1, 1))
        self.as_of = min(self.end, book.clock) if as_of is None else as_of
        self.known_to = min(self.end, self.as_of)
        # The last second that is known decides which agreement the month is judged by.
        self.judged_on = book.local_date(self.known_to - 1)
        self.figures = {}
        self.seen = None

    def compute(self):
        self.compute_tickets()
        availability.figures(self)
        capacity.workload(self)
        capacity.figures(self)
        continuity.figures(self)
        change.figures(self)
        satisfaction.figures(self)
        costs.figures(self)
        control.figures(self)
        return self

    def compute_tickets(self):
        if self.seen is None:
            tickets.figures(self)
        return self

    @property
    def days(self):
        """Local days so far; of the day that runs, the part that is over."""
        last = self.judged_on
        begin, end = self.book.midnight(last), self.book.midnight(last + timedelta(days=1))
        return last.day - 1 + Fraction(self.known_to - begin, end - begin)

    def other(self, months):
        """Returns the month so many months away, as of its own end, with its figures of tickets."""
        at = self.year * 12 + self.month - 1 + months
        return of(self.book, f"{at // 12:04}-{at % 12 + 1:02}")

    def holds(self, at):
        return at is not None and self.start <= at < self.end and at < self.as_of

    def overlapping(self, service):
        """Returns the SLAs of a service that hold at some time of the known part of the month."""
        found = []
        for agreement in self.book.agreements:
            first, end = self.book.validity(agreement)
            if agreement["service"] == service and agreement.get("kind", "sla") == "sla":
                if first < self.known_to and self.start < end:
                    found.append(agreement)
        return found

    def put(self, measure, scope, dimensions, value, part=None, whole_=None, n=None, interval=None):
        """Adds a figure. A text in place of a number is the kind of what is missing."""
        name = measure
        for key in ["service", "customer", "agreement"]:
            if key in scope:
                name += f"/{key}={scope[key]}"
        for key in sorted(dimensions):
            name += f"/{key}={dimensions[key]}"
        missing = None
        if isinstance(value, str):
            value, missing, part, whole_, interval = None, value, None, None, None
        assert name not in self.figures, name
        self.figures[name] = {
            "id": name, "value": value, "missing": missing, "numerator": part, "denominator": whole_, "n": n,
        }
        if interval is not None:
            self.figures[name] |= {"low": interval[0], "high": interval[1]}

    def put_share(self, measure, scope, dimensions, part, whole_, interval=None):
        value = Fraction(100 * part, whole_) if whole_ else NOT_APPLICABLE
        self.put(measure, scope, dimensions, value, part, whole_, interval=interval)

    def document(self):
        as_of = datetime.fromtimestamp(self.as_of, self.book.zone).isoformat()
        figures = []
        for name in sorted(self.figures):
            figure = dict(self.figures[name])
            for key in ["value", "low", "high"]:
                if figure.get(key) is not None:
                    figure[key] = plain(figure[key])
            figures.append(figure)
        return {"period": self.period, "as_of": as_of, "figures": figures}


def of(book, period):
    """Returns a month as of its own end with its figures of tickets, each made once."""
    if period not in book.months:
        book.months[period] = Month(book, period).compute_tickets()
    return book.months[period]


def plain(value):
    """Turns an exact number into JSON: whole ones stay whole, others become the nearest float, once."""
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else float(exact)
