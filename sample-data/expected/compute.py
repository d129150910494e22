#!/usr/bin/env python3
"""Works out the figures of the demo book, apart from the program and on purpose in another way.

It reads `../book/config.toml` and the CSV files beside it, row by row, with plain lists of intervals and exact
fractions. Nothing here is fast. What it follows is written in README.md.

    compute.py                    writes expected-*.json beside this file, after its own checks
    compute.py --check FILE.json  compares a report of the program (JSON) with what is expected
    compute.py --self-check       only the checks that are worked out by hand
"""

import csv
import json
import sys
import tomllib
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
BOOK = HERE.parent / "book"
PERIODS = ["2025-10", "2026-03", "2026-06", "2026-09", "2026-10"]
DAY = 86_400
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": DAY, "w": 7 * DAY}
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
BANDS = [("0-2", 0, 3), ("3-7", 3, 8), ("8-30", 8, 31), ("31-90", 31, 91), ("91+", 91, 10**9)]
PERCENTILES = [
    ("median", Fraction(1, 2)), ("p90", Fraction(9, 10)), ("p95", Fraction(19, 20)), ("p99", Fraction(99, 100)),
]
ENDED = ("resolved", "closed")
NOT_APPLICABLE, NO_DATA, UNDEFINED = "not_applicable", "no_data", "undefined"
NOT_CONFIGURED, INSUFFICIENT = "not_configured", "insufficient_coverage"


# ---------------------------------------------------------------------------------------------- reading


def instant(text):
    """Returns the seconds since 1970 of a stamp with an offset; None where it is empty or cannot be read."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None or at.microsecond:
        raise SystemExit(f"a stamp without offset or with a fraction of a second: {text}")
    return int(at.timestamp())


def seconds(text):
    """Returns the seconds of `1h30m`; None where it is empty."""
    if not text:
        return None
    total, digits = 0, ""
    for letter in text:
        if letter.isdigit():
            digits += letter
        else:
            total, digits = total + int(digits) * UNITS[letter], ""
    return total


def number(text):
    return Fraction(text) if text else None


def flag(text):
    return {"true": True, "false": False, "": None}[text]


def whole(text):
    return int(text) if text else None


class Book:
    """Config and rows. Names are mapped to the catalogue here; what maps to nothing is None."""

    def __init__(self, folder):
        with open(folder / "config.toml", "rb") as file:
            # Decimal numbers stay exact: 99.9 is 999/10.
            self.config = tomllib.load(file, parse_float=Fraction)
        self.folder = folder
        self.zone = ZoneInfo(self.config["book"]["zone"])
        self.clock = instant(self.config["book"]["clock"])
        self.settings = self.config["figures"]
        for key, only in [("attribution", "finish"), ("availability", "A1"), ("counts_from", "history")]:
            if self.settings[key] != only:
                raise SystemExit(f"this script knows only {key} = {only}")
        self.services = {service["id"]: service for service in self.config["service"]}
        self.customers = {customer["id"]: customer for customer in self.config["customer"]}
        self.service_names = self.names(self.config["service"])
        self.customer_names = self.names(self.config["customer"])
        self.agreements = self.config["agreement"]
        self.calendars = {"24x7": None}
        for calendar in self.config["calendar"]:
            if calendar["id"] in self.calendars or "valid_from" in calendar:
                raise SystemExit("this script knows only one rule a calendar")
            self.calendars[calendar["id"]] = calendar
        self.hours_of_day = {}
        self.read_tickets()
        self.read_records()

    @staticmethod
    def names(entries):
        names = {}
        for entry in entries:
            for name in [entry["id"], entry["name"], *entry.get("aliases", [])]:
                names[name] = entry["id"]
        return names

    def rows(self, connector):
        for source in self.config["source"]:
            if source["connector"] == connector:
                for name in source["files"]:
                    with open(self.folder / name, encoding="utf-8", newline="") as file:
                        yield from csv.DictReader(file)

    def read_tickets(self):
        history = defaultdict(list)
        for row in self.rows("csv-ticket-events"):
            at = instant(row["at"])
            assert at is not None
            history[row["ticket"]].append((at, int(row["seq"]), row["field"], row["from"] or None, row["to"] or None))
        self.tickets = []
        for row in self.rows("csv-tickets"):
            opened = instant(row["opened_at"])
            if opened is None:
                continue  # quarantined: a required stamp that cannot be read
            events = sorted(history[row["source_key"]], key=lambda event: event[:2])
            ticket = {
                "key": row["source_key"],
                "type": row["type"],
                "service": self.service_names.get(row["service"]),
                "customer": self.customer_names.get(row["customer"]),
                "status": row["status"] or None,
                "priority": row["priority"] or None,
                "opened": opened,
                "response": instant(row["first_response_at"]),
                "resolved": instant(row["resolved_at"]),
                "closed": instant(row["closed_at"]),
                "reopen_count": whole(row["reopen_count"]),
                "reassignment_count": whole(row["reassignment_count"]),
                "tool_breached": flag(row["tool_breached"]),
                "is_major": flag(row["is_major"]),
                "actual_end": instant(row["actual_end"]),
                "change_type": row["change_type"],
                "outcome": row["outcome"],
                "backed_out": flag(row["backed_out"]),
                "statuses": [(at, old, new) for at, _, field, old, new in events if field == "status"],
                "groups": [(at, old, new) for at, _, field, old, new in events if field == "group"],
            }
            self.tickets.append(ticket)

    def read_records(self):
        self.outages = []
        for row in self.rows("csv-outages"):
            weight = number(row["weight"])
            if weight is None:
                weight = Fraction(1, 2) if row["kind"] == "degraded" else Fraction(1)
            start, end = instant(row["start"]), instant(row["end"])
            if end is not None and end < start:
                continue  # left out, with a finding
            self.outages.append((self.service_names.get(row["service"]), start, end, weight))
        self.maintenance = []
        for row in self.rows("csv-maintenance"):
            stamps = ["planned_start", "planned_end", "actual_start", "actual_end", "announced_at"]
            work = {name: instant(row[name]) for name in stamps}
            work["service"] = self.service_names.get(row["service"])
            self.maintenance.append(work)
        self.checks = defaultdict(list)  # (service, monitor) -> (at, up), sorted
        self.watched_from = {}
        for row in self.rows("csv-checks"):
            monitor = (self.service_names.get(row["service"]), row["monitor"])
            self.checks[monitor].append((instant(row["at"]), flag(row["up"])))
            watched = instant(row["watched_from"])
            if watched is not None:
                self.watched_from[monitor] = min(watched, self.watched_from.get(monitor, watched))
        for results in self.checks.values():
            results.sort()
        holds = [source["hold"] for source in self.config["source"] if source["connector"] == "csv-checks"]
        assert len(holds) == 1
        self.max_age = seconds(holds[0]["max_age"])
        self.ignore_up_to = seconds(holds[0]["ignore_up_to"])
        self.asserted = []  # (service, from)
        for source in self.config["source"]:
            if source.get("declared_complete"):
                assert "declared_from" in source
                for service in source.get("declared_services") or list(self.services):
                    self.asserted.append((service, self.midnight(source["declared_from"])))
        self.readings = []
        for row in self.rows("csv-readings"):
            self.readings.append({
                "service": self.service_names.get(row["service"]),
                "resource": row["resource"],
                "metric": row["metric"],
                "at": instant(row["at"]),
                "used": number(row["used"]),
                "limit": number(row["limit"]),
            })
        self.plans = []
        for row in self.rows("csv-continuity-plans"):
            self.plans.append({
                "plan": row["plan"],
                "service": self.service_names.get(row["service"]),
                "interval": seconds(row["interval"]),
                "approved": instant(row["approved"]),
            })
        self.tests = []
        for row in self.rows("csv-continuity-tests"):
            self.tests.append({
                "plan": row["plan"],
                "kind": row["kind"],
                "at": instant(row["at"]),
                "result": row["result"],
                "rto": seconds(row["achieved_rto"]),
                "rpo": seconds(row["achieved_rpo"]),
            })
        self.surveys = []
        for row in self.rows("csv-surveys"):
            self.surveys.append({
                "service": self.service_names.get(row["service"]),
                "customer": self.customer_names.get(row["customer"]),
                "scale": number(row["scale"]),
                "sent": instant(row["sent_at"]),
                "answered": instant(row["answered_at"]),
                "score": number(row["score"]),
            })
        self.volumes = []
        for row in self.rows("csv-volumes"):
            self.volumes.append({
                "service": self.service_names.get(row["service"]),
                "customer": self.customer_names.get(row["customer"]),
                "metric": row["metric"],
                "from": instant(row["from"]),
                "value": number(row["value"]),
            })

    # ------------------------------------------------------------------------------------------ time

    def local_date(self, at):
        return datetime.fromtimestamp(at, self.zone).date()

    def midnight(self, day):
        return wall(day, 0, self.zone, later=False)

    def hours(self, calendar, start, end):
        """Returns the service hours in [start, end) as intervals, made for each local date on its own."""
        if start >= end:
            return []
        rule = self.calendars[calendar]
        if rule is None:
            return [(start, end)]
        zone = ZoneInfo(rule["zone"])
        day = datetime.fromtimestamp(start, zone).date() - timedelta(days=1)
        last = datetime.fromtimestamp(end, zone).date() + timedelta(days=1)
        parts = []
        while day <= last:
            if (calendar, day) not in self.hours_of_day:
                today = []
                if day not in rule["holidays"]:
                    for text in rule["hours"].get(WEEKDAYS[day.weekday()], []):
                        first, second = (int(t[:2]) * 60 + int(t[3:]) for t in text.split("-"))
                        today.append((wall(day, first, zone, later=False), wall(day, second, zone, later=True)))
                self.hours_of_day[calendar, day] = today
            parts += self.hours_of_day[calendar, day]
            day += timedelta(days=1)
        return intersect(union(parts), [(start, end)])

    # ------------------------------------------------------------------------------------------ agreements

    def in_force(self, service, customer, day):
        """Returns the agreement that holds for a service on a date: the customer's own, else the general one."""
        general = None
        for agreement in self.agreements:
            holds = agreement["valid_from"] <= day and ("valid_to" not in agreement or day < agreement["valid_to"])
            if agreement["service"] == service and holds:
                if customer is not None and agreement.get("customer") == customer:
                    return agreement
                if "customer" not in agreement:
                    general = general or agreement
        return general

    def calendar_of(self, service, agreement):
        if agreement is not None and "calendar" in agreement:
            return agreement["calendar"]
        if service is not None:
            return self.services[service].get("calendar", "24x7")
        return "24x7"


def wall(day, minute, zone, later):
    """Returns the instant of a wall clock time: out of a gap to its end, of two the earlier, or the later for ends."""
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    while True:
        at = local.replace(tzinfo=zone, fold=1 if later else 0)
        if at.astimezone(timezone.utc).astimezone(zone).replace(tzinfo=None, fold=0) == local:
            return int(at.timestamp())
        local += timedelta(minutes=1)


# ---------------------------------------------------------------------------------------------- intervals


def union(parts):
    """Merges overlapping and touching intervals; empty ones vanish."""
    merged = []
    for start, end in sorted(part for part in parts if part[0] < part[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def intersect(left, right):
    parts = []
    for a, b in left:
        for c, d in right:
            if c >= b:
                break
            if max(a, c) < min(b, d):
                parts.append((max(a, c), min(b, d)))
    return parts


def subtract(left, right):
    rest = []
    for start, end in left:
        for c, d in right:
            if c < end and start < d:
                if start < c:
                    rest.append((start, c))
                start = max(start, d)
        if start < end:
            rest.append((start, end))
    return rest


def length(parts):
    return sum(end - start for start, end in parts)


def weighted(outages, base):
    """Returns the seconds down in the base, each slice with the highest weight that is active in it."""
    edges = sorted({edge for start, end, _ in outages for edge in (start, end)})
    total = Fraction(0)
    for a, b in zip(edges, edges[1:]):
        weights = [weight for start, end, weight in outages if start <= a and b <= end]
        if weights:
            total += max(weights) * length(intersect(base, [(a, b)]))
    return total


def percentile(sorted_values, share):
    """Linear between ranks (type 7), exact."""
    rank = (len(sorted_values) - 1) * share
    below = int(rank)
    if below + 1 == len(sorted_values):
        return Fraction(sorted_values[below])
    return sorted_values[below] + (rank - below) * (sorted_values[below + 1] - sorted_values[below])


def median(values):
    return percentile(sorted(values), Fraction(1, 2))


# ---------------------------------------------------------------------------------------------- figures


class Month:
    """All figures of one month of a book."""

    def __init__(self, book, period, as_of=None):
        self.book, self.period = book, period
        year, month = int(period[:4]), int(period[5:])
        self.start = book.midnight(date(year, month, 1))
        self.end = book.midnight(date(year + month // 12, month % 12 + 1, 1))
        self.as_of = min(self.end, book.clock) if as_of is None else as_of
        # The last second that is known decides which agreement the month is judged by.
        self.judged_on = book.local_date(min(self.end, self.as_of) - 1)
        self.figures = {}

    def compute(self):
        self.tickets()
        self.availability()
        self.workload()
        self.capacity()
        self.continuity()
        self.changes()
        self.satisfaction()
        return self

    def holds(self, at):
        return at is not None and self.start <= at < self.end and at < self.as_of

    def put(self, measure, scope, dimensions, value, part=None, whole_=None, n=None):
        """Adds a figure. A text in place of a number is the kind of what is missing."""
        name = measure
        for key in ["service", "customer", "agreement"]:
            if key in scope:
                name += f"/{key}={scope[key]}"
        for key in sorted(dimensions):
            name += f"/{key}={dimensions[key]}"
        missing = None
        if isinstance(value, str):
            value, missing, part, whole_ = None, value, None, None
        assert name not in self.figures, name
        self.figures[name] = {
            "id": name, "value": value, "missing": missing, "numerator": part, "denominator": whole_, "n": n,
        }

    def put_share(self, measure, scope, dimensions, part, whole_):
        value = Fraction(100 * part, whole_) if whole_ else NOT_APPLICABLE
        self.put(measure, scope, dimensions, value, part, whole_)

    # ------------------------------------------------------------------------------------------ tickets

    def known(self, ticket):
        """Returns a ticket as it stood at the as-of instant."""
        as_of, history = self.as_of, ticket["statuses"]
        past = [event for event in history if event[0] < as_of]
        status = ticket["status"]
        if history:
            assert past, ticket["key"]
            status = past[-1][2]
        open_by_history = bool(history) and status not in (*ENDED, "cancelled")

        resolved = None
        if ticket["resolved"] is not None and ticket["resolved"] < as_of:
            resolved = ticket["resolved"]
        elif ticket["resolved"] is not None and history and status in ENDED:
            resolved = [at for at, old, new in past if new in ENDED and old not in ENDED][-1]
        closed = ticket["closed"] if ticket["closed"] is not None and ticket["closed"] < as_of else None
        if open_by_history:
            resolved = closed = None
        finished = resolved if resolved is not None else closed

        gaps, since = [], None
        reopened = 0
        for at, old, new in past:
            if new in ENDED and old not in ENDED:
                since = at
            if old in ENDED and new not in (*ENDED, "cancelled"):
                reopened += 1
                gaps.append((since, at))
        if not history:
            reopened = ticket["reopen_count"]
        moves = sum(
            1
            for at, old, new in ticket["groups"][1:]
            if at < as_of and old is not None and new is not None and old != new
        )
        if not ticket["groups"]:
            moves = ticket["reassignment_count"]

        cancelled = status == "cancelled"
        at_unknown_time = status in ENDED and ticket["resolved"] is None and ticket["closed"] is None
        if history and finished is None and status in ENDED:
            raise SystemExit(f"{ticket['key']} ended by its history but has no time: no rule for that here")
        response = ticket["response"] if ticket["response"] is not None and ticket["response"] < as_of else None
        opened = ticket["opened"]
        view = dict(ticket)
        view.update({
            "status": status,
            "cancelled": cancelled,
            "resolved": resolved,
            "closed": closed,
            "finished": finished,
            "open": finished is None and not cancelled and not at_unknown_time,
            "response": response,
            "reopened": reopened,
            "moves": moves,
            "bad_resolution": resolved is not None and resolved < opened,
            "bad_closing": closed is not None and closed < opened,
            "bad_response": response is not None and response < opened,
        })
        agreement = None
        if ticket["service"] is not None:
            agreement = self.book.in_force(ticket["service"], ticket["customer"], self.book.local_date(opened))
        calendar = self.book.calendar_of(ticket["service"], agreement)

        def taken(until, pauses):
            running = subtract([(opened, until)], pauses)
            return sum(length(self.book.hours(calendar, a, b)) for a, b in running)

        def goal(kind):
            exact = general = None
            for entry in (agreement or {}).get(kind, []):
                if entry.get("type", "incident") == ticket["type"]:
                    if "priority" not in entry:
                        general = seconds(entry["within"])
                    elif entry["priority"] == ticket["priority"]:
                        exact = seconds(entry["within"])
            return exact if exact is not None else general

        view["elapsed"] = view["service_time"] = view["closing"] = None
        if self.holds(resolved) and not cancelled and not view["bad_resolution"]:
            view["elapsed"] = resolved - opened
            view["service_time"] = taken(resolved, gaps)
        if self.holds(closed) and not cancelled and not view["bad_closing"]:
            view["closing"] = closed - opened

        view["response_met"] = view["resolution_met"] = None
        view["response_late"] = view["resolution_late"] = False
        within = goal("response")
        if within is not None and not cancelled:
            if self.holds(response) and not view["bad_response"]:
                view["response_met"] = taken(response, []) <= within
            view["response_late"] = view["open"] and response is None and taken(as_of, []) > within
        within = goal("resolution")
        if within is not None and not cancelled:
            if view["service_time"] is not None:
                view["resolution_met"] = view["service_time"] <= within
            view["resolution_late"] = view["open"] and taken(as_of, gaps) > within
        return view

    def tickets(self):
        views = [self.known(ticket) for ticket in self.book.tickets if ticket["opened"] < self.as_of]
        scopes = [({}, lambda ticket: True)]
        for service in self.book.services:
            scopes.append(({"service": service}, lambda ticket, s=service: ticket["service"] == s))
        for customer in self.book.customers:
            scopes.append(({"customer": customer}, lambda ticket, c=customer: ticket["customer"] == c))
        for scope, belongs in scopes:
            # Which combinations there are is asked of all rows of the book, not only of those of the month.
            here = [ticket for ticket in self.book.tickets if belongs(ticket)]
            now = [view for view in views if belongs(view)]
            for kind in sorted({ticket["type"] for ticket in here}):
                of_type = [view for view in now if view["type"] == kind]
                self.ticket_figures(scope, {"type": kind}, of_type, splits=True)
                for priority in sorted({t["priority"] for t in here if t["type"] == kind and t["priority"]}):
                    chosen = [view for view in of_type if view["priority"] == priority]
                    self.ticket_figures(scope, {"type": kind, "priority": priority}, chosen, splits=False)

    def ticket_figures(self, scope, dimensions, views, splits):
        opened = [view for view in views if self.holds(view["opened"])]
        backlog = [view for view in views if view["open"]]
        finished = [view for view in views if self.holds(view["finished"]) and not view["cancelled"]]
        resolved = [view for view in views if self.holds(view["resolved"]) and not view["cancelled"]]
        self.put("tickets.opened", scope, dimensions, len(opened))
        self.put("tickets.resolved", scope, dimensions, len(resolved))
        self.put("tickets.backlog", scope, dimensions, len(backlog))
        if dimensions["type"] not in ("incident", "request"):
            return
        self.put("tickets.major", scope, dimensions, sum(1 for view in opened if view["is_major"]))

        counted = [view["reopened"] for view in finished if view["reopened"] is not None]
        self.put("tickets.reopened", scope, dimensions, sum(1 for times in counted if times))
        self.put_share("tickets.reopen_rate", scope, dimensions, sum(1 for times in counted if times), len(counted))
        moves = [view["moves"] for view in finished if view["moves"] is not None]
        self.put("tickets.reassigned", scope, dimensions, sum(1 for count in moves if count))
        mean = Fraction(sum(moves), len(moves)) if moves else NOT_APPLICABLE
        self.put("tickets.reassignments", scope, dimensions, mean, n=len(moves))

        self.durations("resolve.elapsed", scope, dimensions, [view["elapsed"] for view in views])
        self.durations("resolve.service", scope, dimensions, [view["service_time"] for view in views])
        self.durations("close.elapsed", scope, dimensions, [view["closing"] for view in views])

        for clock in ["response", "resolution"]:
            judged = [view[f"{clock}_met"] for view in views if view[f"{clock}_met"] is not None]
            self.put_share(f"sla.{clock}", scope, dimensions, judged.count(True), len(judged))
            late = sum(1 for view in views if view[f"{clock}_late"])
            self.put(f"sla.{clock}_open_breached", scope, dimensions, late)
        flagged = [view for view in finished if view["tool_breached"] is not None]
        kept = [view for view in flagged if not view["tool_breached"]]
        self.put_share("sla.tool", scope, dimensions, len(kept), len(flagged))

        if not splits:
            return
        for status in sorted({view["status"] for view in opened}):
            count = sum(1 for view in opened if view["status"] == status)
            self.put("tickets.opened", scope, {**dimensions, "status": status}, count)
        for band, low, high in BANDS:
            count = sum(1 for view in backlog if low * DAY <= self.as_of - view["opened"] < high * DAY)
            self.put("tickets.backlog", scope, {**dimensions, "age": band}, count)
        for times in sorted(set(counted) - {0}):
            self.put("tickets.reopened", scope, {**dimensions, "times": times}, counted.count(times))
        for name in ["weekday", "weekend"]:
            whole_ = [v for v in flagged if (self.book.local_date(v["opened"]).weekday() >= 5) == (name == "weekend")]
            if whole_:
                part = sum(1 for view in whole_ if not view["tool_breached"])
                self.put_share("sla.tool", scope, {**dimensions, "day": name}, part, len(whole_))

    def durations(self, measure, scope, dimensions, lengths):
        lengths = sorted(taken for taken in lengths if taken is not None)
        n = len(lengths)
        self.put(f"{measure}.mean", scope, dimensions, Fraction(sum(lengths), n) if n else NOT_APPLICABLE, n=n)
        for name, share in PERCENTILES:
            self.put(f"{measure}.{name}", scope, dimensions, percentile(lengths, share) if n else NOT_APPLICABLE, n=n)
        self.put(f"{measure}.max", scope, dimensions, lengths[-1] if n else NOT_APPLICABLE, n=n)

    # ------------------------------------------------------------------------------------------ availability

    def availability(self):
        book = self.book
        for service in book.services:
            general = book.in_force(service, None, self.judged_on)
            calendar = book.calendar_of(service, None)
            self.availability_of({"service": service}, service, calendar, general)
            for agreement in book.agreements:
                if agreement["service"] != service:
                    continue
                customer = agreement.get("customer")
                if book.in_force(service, customer, self.judged_on) is not agreement:
                    continue
                if "calendar" in agreement or (customer is not None and "availability" in agreement):
                    scope = {"service": service, "agreement": agreement["id"]}
                    if customer is not None:
                        scope["customer"] = customer
                    self.availability_of(scope, service, book.calendar_of(service, agreement), agreement)

    def agreed_work(self, service, notice_days):
        """Returns agreed maintenance, and the work done outside of it."""
        agreed, outside = [], []
        for work in self.book.maintenance:
            begun = work["actual_start"]
            if work["service"] != service or begun is None or begun >= self.as_of:
                continue
            ended = self.as_of if work["actual_end"] is None else min(work["actual_end"], self.as_of)
            actual = [(begun, ended)] if begun < ended else []
            planned = [(work["planned_start"], work["planned_end"])]
            announced = notice_days == 0 or (
                work["announced_at"] is not None
                and work["announced_at"] <= work["planned_start"] - notice_days * DAY
            )
            if announced:
                agreed += intersect(actual, planned)
                outside += subtract(actual, planned)
            else:
                outside += actual
        return union(agreed), union(outside)

    def down_spans(self, service):
        """Returns the outages that monitors saw: from the first check down to the next check up."""
        spans = []
        for (watched, _), results in self.book.checks.items():
            if watched != service:
                continue
            begun = None
            last = None
            for at, up in results:
                if at > self.as_of:
                    break
                last = at
                if up and begun is not None:
                    spans.append((begun, at))
                    begun = None
                elif not up and begun is None:
                    begun = at
            if begun is not None:
                spans.append((begun, min(self.as_of, last + self.book.max_age)))
        return [span for span in spans if span[1] - span[0] > self.book.ignore_up_to]

    def watched(self, service):
        """Returns the time for which the state of the service is known, without its outages."""
        known = []
        for monitor, results in self.book.checks.items():
            if monitor[0] != service:
                continue
            seen = [at for at, _ in results if at <= self.as_of]
            watched_from = self.book.watched_from.get(monitor)
            if watched_from is not None and seen:
                known.append((watched_from, seen[0]))
            for at, following in zip(seen, [*seen[1:], self.as_of]):
                known.append((at, min(following, at + self.book.max_age)))
        for asserted, since in self.book.asserted:
            if asserted == service:
                known.append((since, self.as_of))
        return union(known)

    def availability_of(self, scope, service, calendar, agreement):
        book = self.book
        entry = book.services[service]
        start, end = self.start, min(self.end, self.as_of)
        if "go_live" in entry:
            start = max(start, book.midnight(entry["go_live"]))
        if "retired" in entry:
            end = min(end, book.midnight(entry["retired"]))
        hours = book.hours(calendar, start, end)
        notice_days = (agreement or {}).get("maintenance_notice_days", 0)
        planned, outside = self.agreed_work(service, notice_days)

        outages = []
        for where, begun, ended, weight in book.outages:
            if where == service and begun < self.as_of:
                outages.append((begun, self.as_of if ended is None else min(ended, self.as_of), weight))
        outages += [(begun, ended, Fraction(1)) for begun, ended in self.down_spans(service)]
        rows = union([(begun, ended) for begun, ended, _ in outages])
        outages += [(begun, ended, Fraction(1)) for begun, ended in subtract(outside, rows)]

        base = subtract(hours, planned)
        down = weighted(outages, base)
        known = union(self.watched(service) + [(begun, ended) for begun, ended, _ in outages])
        total = length(base)
        covered = length(intersect(base, known))

        missing = None
        if total == 0:
            missing = NOT_APPLICABLE
        elif covered == 0:
            missing = NO_DATA
        elif Fraction(100 * covered, total) < Fraction(book.settings["coverage_limit"]):
            missing = INSUFFICIENT
        merged = union([(begun, ended) for begun, ended, weight in outages if weight > 0])
        touching = [span for span in merged if intersect(base, [span])]
        started = [span for span in touching if self.start <= span[0] < self.end]
        count = len(started)
        down_of_started = sum(length(intersect(base, [span])) for span in started)

        percent = missing or 100 * (total - down) / Fraction(total)
        self.put("availability.percent", scope, {}, percent, int(1000 * (total - down)), 1000 * total)
        self.put("availability.downtime", scope, {}, missing or int(down))
        self.put("availability.planned", scope, {}, length(intersect(planned, hours)) if hours else NOT_APPLICABLE)
        self.put("availability.coverage", scope, {}, Fraction(100 * covered, total) if total else NOT_APPLICABLE)
        self.put("availability.outages", scope, {}, count if missing is None else missing)
        self.put("availability.mtrs", scope, {}, missing or (Fraction(down_of_started, count) if count else UNDEFINED))
        self.put("availability.mtbf", scope, {}, missing or ((total - down) / count if count else UNDEFINED))
        longest = max((length(intersect(base, [span])) for span in touching), default=UNDEFINED)
        self.put("availability.longest", scope, {}, missing or longest)
        if agreement is None or "availability" not in agreement:
            left = missing or NOT_CONFIGURED
        else:
            left = missing or (1 - Fraction(agreement["availability"]) / 100) * total - down
        self.put("availability.allowed_left", scope, {}, left)

    # ------------------------------------------------------------------------------------------ workload

    def workload(self):
        book = self.book
        types = {ticket["type"] for ticket in book.tickets}
        for agreement in book.agreements:
            customer = agreement.get("customer")
            if book.in_force(agreement["service"], customer, self.judged_on) is not agreement:
                continue
            scope = {"service": agreement["service"], "agreement": agreement["id"]}
            if customer is not None:
                scope["customer"] = customer
            for limit in agreement.get("workload", []):
                metric = limit["metric"]
                table = book.tickets if metric in types else book.volumes
                key, stamp = ("type", "opened") if metric in types else ("metric", "from")
                chosen = [
                    row for row in table
                    if row[key] == metric and row["service"] == agreement["service"] and self.holds(row[stamp])
                    and (customer is None or row["customer"] == customer)
                ]
                if metric in types:
                    value = len(chosen)
                else:
                    value = sum(row["value"] for row in chosen) if chosen else NO_DATA
                self.put("workload.volume", scope, {"metric": metric}, value)

    # ------------------------------------------------------------------------------------------ capacity

    def capacity(self):
        book = self.book
        resources = {(entry["id"], entry["metric"]): entry for entry in book.config["resource"]}
        series = {key: entry["service"] for key, entry in resources.items()}
        for row in book.readings:
            if row["at"] < self.as_of:
                series.setdefault((row["resource"], row["metric"]), row["service"])
        for (resource, metric), service in series.items():
            if service is None:
                continue
            entry = resources.get((resource, metric))
            values = []  # (at, value), as the resource says
            for row in book.readings:
                if (row["resource"], row["metric"]) == (resource, metric) and row["at"] < self.as_of:
                    if entry is None or entry.get("of", "used") == "used":
                        values.append((row["at"], row["used"]))
                    elif row["limit"]:
                        values.append((row["at"], 100 * row["used"] / row["limit"]))
            scope, dimensions = {"service": service}, {"resource": resource, "metric": metric}
            month = sorted(value for at, value in values if self.holds(at))
            n = len(month)
            self.put("capacity.average", scope, dimensions, sum(month) / n if n else NO_DATA, n=n)
            self.put("capacity.p95", scope, dimensions, percentile(month, Fraction(19, 20)) if n else NO_DATA, n=n)
            self.put("capacity.peak", scope, dimensions, month[-1] if n else NO_DATA, n=n)
            if entry is None:
                self.put("capacity.over_threshold", scope, dimensions, NOT_CONFIGURED)
                self.put("capacity.days_to_threshold", scope, dimensions, NOT_CONFIGURED)
                continue
            threshold = Fraction(entry["threshold"])
            over = sum(1 for value in month if value > threshold)
            share = Fraction(100 * over, n) if n else NO_DATA
            self.put("capacity.over_threshold", scope, dimensions, share, over, n, n)
            days, used = self.days_to(threshold, values)
            self.put("capacity.days_to_threshold", scope, dimensions, days, n=used)

    def days_to(self, threshold, values):
        """Returns days until the threshold by Theil-Sen over daily means, and the days that went in."""
        by_day = defaultdict(list)
        for at, value in values:
            if self.as_of - 90 * DAY <= at < self.as_of:
                by_day[self.book.local_date(at).toordinal()].append(value)
        points = sorted((day, sum(found) / len(found)) for day, found in by_day.items())
        if len(points) < 14:
            return NO_DATA, None
        slopes = []
        for i, (x, y) in enumerate(points):
            for later, higher in points[i + 1:]:
                slopes.append((higher - y) / (later - x))
        slope = median(slopes)
        intercept = median([y - slope * x for x, y in points])
        fitted = intercept + slope * points[-1][0]
        if slope <= 0:
            return UNDEFINED, len(points)
        if fitted >= threshold:
            return 0, len(points)
        return (threshold - fitted) / slope, len(points)

    # ------------------------------------------------------------------------------------------ continuity

    def continuity(self):
        book = self.book
        plans = [plan for plan in book.plans if plan["approved"] is None or plan["approved"] < self.as_of]
        overdue, untested = set(), set()
        for plan in plans:
            name = plan["plan"]
            tests = sorted(
                (test for test in book.tests if test["plan"] == name and test["at"] < self.as_of),
                key=lambda test: test["at"],
            )
            passed = [t["at"] for t in tests if t["kind"] in ("recovery", "invocation") and t["result"] == "passed"]
            since = passed[-1] if passed else plan["approved"]
            if since is None:
                since = book.midnight(book.services[plan["service"]]["go_live"])
            scope = {} if plan["service"] is None else {"service": plan["service"]}
            dimensions = {"plan": name}
            due = NOT_CONFIGURED
            if plan["interval"] is not None:
                due = Fraction(since + plan["interval"] - self.as_of, DAY)
                if due < 0:
                    overdue.add(name)
            if not passed:
                untested.add(name)
            self.put("continuity.due_in", scope, dimensions, due)
            age = Fraction(self.as_of - passed[-1], DAY) if passed else NO_DATA
            self.put("continuity.last_test_age", scope, dimensions, age)
            for kind in ["rto", "rpo"]:
                achieved = [test[kind] for test in tests if test[kind] is not None]
                self.put(f"continuity.{kind}_achieved", scope, dimensions, achieved[-1] if achieved else NO_DATA)
        for service in [None, *book.services]:
            here = {plan["plan"] for plan in plans if service in (None, plan["service"])}
            if here or service is None:
                scope = {} if service is None else {"service": service}
                self.put("continuity.plans", scope, {}, len(here))
                self.put("continuity.overdue", scope, {}, len(here & overdue))
                self.put("continuity.untested", scope, {}, len(here & untested))

    # ------------------------------------------------------------------------------------------ change

    def changes(self):
        changes = [ticket for ticket in self.book.tickets if ticket["type"] == "change"]
        for service in [None, *self.book.services]:
            here = [change for change in changes if service in (None, change["service"])]
            if not here:
                continue
            scope = {} if service is None else {"service": service}
            done = [change for change in here if self.holds(change["actual_end"])]
            judged = [change for change in done if change["outcome"] in ("successful", "failed", "partial")]
            good = [change for change in judged if change["outcome"] == "successful" and not change["backed_out"]]
            emergency = [change for change in done if change["change_type"] == "emergency"]
            self.put("change.implemented", scope, {}, len(done))
            self.put_share("change.success", scope, {}, len(good), len(judged))
            self.put_share("change.emergency", scope, {}, len(emergency), len(done))

    def satisfaction(self):
        book = self.book
        scopes = [({}, lambda row: True)]
        for service in book.services:
            scopes.append(({"service": service}, lambda row, s=service: row["service"] == s))
        for customer in book.customers:
            scopes.append(({"customer": customer}, lambda row, c=customer: row["customer"] == c))
        for scope, belongs in scopes:
            here = [row for row in book.surveys if belongs(row)]
            if not here:
                continue
            answers = [row for row in here if self.holds(row["answered"]) and row["score"] is not None]
            limit = Fraction(book.settings["satisfied_from"])
            good = [row for row in answers if 100 * row["score"] / row["scale"] >= limit]
            self.put_share("satisfaction.csat", scope, {}, len(good), len(answers))
            sent = [row for row in here if self.holds(row["sent"])]
            back = [row for row in sent if row["answered"] is not None and row["answered"] < self.as_of]
            self.put_share("satisfaction.responses", scope, {}, len(back), len(sent))

    # ------------------------------------------------------------------------------------------ JSON

    def document(self):
        as_of = datetime.fromtimestamp(self.as_of, self.book.zone).isoformat()
        figures = []
        for name in sorted(self.figures):
            figure = dict(self.figures[name])
            if figure["value"] is not None:
                figure["value"] = plain(figure["value"])
            figures.append(figure)
        return {"period": self.period, "as_of": as_of, "figures": figures}


def plain(value):
    """Turns an exact number into JSON: whole ones stay whole, others become the nearest float, once."""
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else float(exact)


def write(document, path):
    lines = [json.dumps(figure, ensure_ascii=False, separators=(",", ":")) for figure in document["figures"]]
    head = json.dumps({"period": document["period"], "as_of": document["as_of"]}, separators=(",", ":"))[:-1]
    path.write_text(head + ',"figures":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


# ---------------------------------------------------------------------------------------------- comparing


def check(path):
    report = json.loads(Path(path).read_text(encoding="utf-8"))
    period, as_of = report["period"]["id"], instant(report["as_of"])
    if len(period) != 7 or not (period[:4] + period[5:]).isdigit():
        print(f"{path}: the period {period} is not a month; only months are worked out here", file=sys.stderr)
        return 2
    stored = HERE / f"expected-{period}.json"
    expected = json.loads(stored.read_text(encoding="utf-8")) if stored.exists() else None
    if expected is None or instant(expected["as_of"]) != as_of:
        expected = Month(Book(BOOK), period, as_of).compute().document()
    wanted = {figure["id"]: figure for figure in expected["figures"]}
    found = {}
    differences = []
    for figure in report["figures"]:
        if figure["id"] in found:
            differences.append((figure["id"], "comes twice"))
        found[figure["id"]] = figure
    for name, figure in wanted.items():
        if name not in found:
            differences.append((name, f"is not in the report; expected {show(figure)}"))
            continue
        got = found[name]
        missing = got["missing"]["kind"] if got.get("missing") else None
        if (figure["value"] is None) != (got["value"] is None) or figure["missing"] != missing:
            differences.append((name, f"expected {show(figure)}, got {show({**got, 'missing': missing})}"))
            continue
        if figure["value"] is not None and not near(figure["value"], got["value"]):
            differences.append((name, f"expected {figure['value']!r}, got {got['value']!r}"))
        for key in ["numerator", "denominator", "n"]:
            if figure[key] is not None and figure[key] != got.get(key):
                differences.append((name, f"expected {key} {figure[key]}, got {got.get(key)}"))
    for name, text in differences:
        print(f"{name}: {text}")
    others = defaultdict(int)
    for name in found:
        if name not in wanted:
            others[name.split("/")[0]] += 1
    if others:
        print("in the report, not expected: " + ", ".join(f"{m} {others[m]}" for m in sorted(others)))
    by_measure = defaultdict(int)
    for name, _ in differences:
        by_measure[name.split("/")[0]] += 1
    if by_measure:
        print("differences: " + ", ".join(f"{m} {by_measure[m]}" for m in sorted(by_measure)))
    print(f"{period}: {len(wanted)} figures expected, {len(differences)} differences")
    return 1 if differences else 0


def near(left, right):
    return abs(left - right) <= 1e-9 * max(abs(left), 1)


def show(figure):
    return figure["missing"] if figure["value"] is None else repr(figure["value"])


# ---------------------------------------------------------------------------------------------- by hand

MAIL, ERP, VPN = "/service=mail", "/service=erp", "/service=remote-access"
SHOP, FILES, PAYROLL = "/service=web-shop", "/service=files", "/service=payroll"
DWH, PHONE = "/service=data-warehouse", "/service=contact-centre"
TANNENRIED = "/service=erp/customer=tannenried/agreement=sla-erp-tannenried"


def share(down, base):
    return 100 * (1 - Fraction(down) / Fraction(base))


# Minutes, unless said otherwise. Each line can be worked out from a few rows with pencil and paper.
FIGURES_BY_HAND = {
    "2025-10": {
        # 31 days and an hour, less three hours of maintenance; 02:30 to 02:30 over the clock change is an hour.
        "availability.percent" + MAIL: share(60, 745 * 60 - 180),
        "availability.downtime" + MAIL: 3_600,
        "availability.percent" + DWH: NOT_APPLICABLE,
        # Twenty-one weekdays that are no holiday (3rd and 31st), nine hours each.
        "availability.mtbf" + PAYROLL: UNDEFINED,
        "availability.percent" + VPN: share(85, 745 * 60),
        "capacity.days_to_threshold/service=contact-centre/metric=hours/resource=phone-agents": NO_DATA,
        "continuity.overdue": 0,
    },
    "2025-11": {
        "availability.downtime" + ERP: 12_450,  # 185 + 0.3 x 75 minutes
        "availability.outages" + ERP: 1,
        "availability.downtime" + SHOP: 188 * 60,
    },
    "2025-12": {"availability.downtime" + VPN: 1_050},  # 17.5 minutes
    "2026-01": {"availability.downtime" + VPN: 90 * 60, "availability.outages" + VPN: 1},
    "2026-02": {
        "availability.downtime" + VPN: 195 * 60,
        "availability.outages" + VPN: 0,
        "availability.longest" + VPN: 195 * 60,
        "availability.mtrs" + VPN: UNDEFINED,
        "availability.planned" + ERP: 0,
        "availability.coverage" + DWH: 100,
        "capacity.peak/service=remote-access/metric=sessions/resource=vpn-sessions": NO_DATA,
    },
    "2026-03": {
        "availability.percent" + MAIL: share(45, 44_400),
        "availability.percent" + ERP: share(90, (22 * 16 + 4 * 6) * 60),
        "availability.allowed_left" + ERP: Fraction(5, 1000) * 376 * 3_600 - 5_400,
        "availability.downtime" + SHOP: 30 * 60,
        "availability.planned" + VPN: 7_200,
    },
    "2026-04": {"availability.percent" + ERP: share(90, (20 * 16 + 4 * 6) * 60)},
    "2026-05": {"availability.downtime" + ERP: 6_000},
    "2026-06": {
        "availability.percent" + PHONE: INSUFFICIENT,
        "availability.planned" + FILES: 12_000,
        "availability.downtime" + ERP: 0,
        "availability.outages" + ERP: 0,
        "availability.downtime" + PAYROLL: 0,
        "availability.outages" + PAYROLL: 0,
        "availability.mtrs" + PAYROLL: UNDEFINED,
    },
    "2026-07": {
        "availability.downtime" + VPN: (70 + 225) * 60,
        "availability.outages" + VPN: 2,
        "availability.downtime" + FILES: 45 * 60,
    },
    "2026-08": {
        "availability.percent" + MAIL: share(120, (744 - 3) * 60),
        "availability.outages" + MAIL: 1,
        "availability.coverage" + DWH: Fraction(2_000, 21),  # twenty of twenty-one weekdays
    },
    "2026-09": {
        "availability.percent" + MAIL: share(12, 717 * 60),
        "availability.percent" + VPN: share(185, 720 * 60),
        "availability.percent" + ERP: share(155, 22_410),  # 373.5 hours
        "availability.percent" + PAYROLL: 100,
        "availability.percent" + SHOP: share(2_701, 718.5 * 3_600),  # 45 min 1 s
        "availability.percent" + FILES: share(30, 376 * 60),
        "availability.percent" + PHONE: share(42, 376 * 60),
        "availability.percent" + DWH: NO_DATA,
        "availability.percent" + TANNENRIED: share(155, 43_050),  # 717.5 hours
        "availability.mtrs" + VPN: 92.5 * 60,
        "availability.mtbf" + VPN: (720 * 60 - 185) * 30,
        "availability.longest" + FILES: 3_600,
        "workload.volume/service=contact-centre/agreement=sla-contact-centre/metric=calls": 9_260,
        "workload.volume/service=mail/agreement=sla-mail/metric=request": 24,
        "sla.resolution_open_breached/type=incident": 8,  # INC0900019 to 24, 06 and 31; nine with the request
        "sla.resolution_open_breached/type=request": 1,
        "tickets.reopened/service=contact-centre/times=3/type=incident": 1,
        "continuity.plans": 9,
        "continuity.overdue": 3,  # payroll, ERP, VPN
        "continuity.untested": 4,  # site, VPN, shop, data warehouse
        "continuity.rto_achieved/service=erp/plan=CP-ERP": 11.5 * 3_600,
        "continuity.due_in/service=mail/plan=CP-SITE": NOT_CONFIGURED,
        # Last passed 2026-02-21 08:00+01:00, 182 days: 2026-08-22 07:00Z. The month ends 2026-09-30 22:00Z.
        "continuity.due_in/service=erp/plan=CP-ERP": Fraction(-39 * 24 - 15, 24),
        # 2025-10-18 10:00+02:00 and 365 days: 17 days and 10 hours after the month's end.
        "continuity.due_in/service=files/plan=CP-FILES": Fraction(17 * 24 + 10, 24),
        "capacity.over_threshold/service=data-warehouse/metric=memory/resource=dwh-etl-01": NOT_CONFIGURED,
        "capacity.days_to_threshold/service=mail/metric=disk/resource=mail-store": UNDEFINED,
    },
    "2026-10": {
        # 1, 2 and 5 October until 08:00: 16 + 16 + 2 hours (the 3rd is a holiday); down since 06:41.
        "availability.percent" + FILES: share(79, 34 * 60),
        "availability.planned" + PAYROLL: 0,
        "continuity.last_test_age/service=contact-centre/plan=CP-PHONE": Fraction(166 * DAY - 19_800, DAY),
    },
}

SLA_BY_HAND = {  # incidents met, incidents judged, in September 2026
    MAIL: (54, 58), VPN: (39, 42), ERP: (53, 57), PAYROLL: (19, 21),
    SHOP: (37, 39), FILES: (52, 55), PHONE: (41, 51), DWH: (15, 16),
}

# Ticket, month, what is asked, answer.
TICKETS_BY_HAND = [
    ("INC0900001", "2025-10", "elapsed", 19_200),
    ("INC0900002", "2026-03", "service_time", 27_000),
    ("INC0900002", "2026-03", "resolution_met", True),
    ("INC0900003", "2026-03", "service_time", 28_800),
    ("INC0900003", "2026-03", "resolution_met", True),
    ("INC0900025", "2026-09", "service_time", 28_800),
    ("INC0900025", "2026-09", "resolution_met", True),
    ("INC0900026", "2026-09", "service_time", 28_801),
    ("INC0900026", "2026-09", "resolution_met", False),
    ("INC0900027", "2026-04", "service_time", 27_000),
    ("INC0900027", "2026-04", "resolution_met", True),
    ("INC0900004", "2026-09", "resolution_met", False),
    ("INC0900004", "2026-08", "open", True),
    # Its row tells only the last resolution, in September; in August its history tells the first.
    ("INC0900005", "2026-08", "elapsed", 86_400),
    ("INC0900005", "2026-08", "service_time", 57_600),
    ("INC0900005", "2026-08", "open", False),
    ("INC0900005", "2026-08", "reopened", 0),
    ("INC0900005", "2026-09", "service_time", 64_800),
    ("INC0900006", "2026-09", "open", True),
    ("INC0900007", "2026-09", "reopened", 3),
    ("INC0900052", "2026-09", "reopened", 0),
    ("INC0900008", "2026-09", "elapsed", None),
    ("INC0900009", "2026-09", "closing", None),
    ("INC0900010", "2026-09", "response_met", None),
    ("INC0900018", "2026-09", "resolution_met", True),
    ("INC0900028", "2026-09", "resolution_met", None),
    ("INC0900029", "2026-09", "open", False),
    ("INC0900030", "2026-09", "resolution_met", None),
    ("INC0900044", "2026-09", "resolution_late", False),
    ("INC0900045", "2026-09", "response_met", None),
    ("INC0900050", "2026-09", "response_met", None),
    ("INC0900051", "2026-09", "resolution_met", True),
]


# Rounded to one decimal, as printed in ../README.md.
FORECASTS_BY_HAND = [("2026-09", 46.0), ("2026-10", 41.9)]


def opened_by_text(book, period):
    """Counts rows by type whose opening, as written, lies in a month: the stamps carry Berlin's own offset.

    The one stamp in UTC and the one that does not exist are put where they belong by name.
    """
    counts = defaultdict(int)
    for row in book.rows("csv-tickets"):
        text = row["opened_at"]
        if row["source_key"] == "INC0900048":
            assert text == "2026-09-30T22:30:00Z"
            text = "2026-10-01T00:30:00+02:00"
        assert text.endswith(("+01:00", "+02:00"))
        if text.startswith(period) and row["source_key"] != "INC0900049" and instant(text) <= book.clock:
            counts[row["type"]] += 1
    return counts


def stepped(book, calendar, start, end):
    """Returns service seconds by walking from minute to minute and looking at the wall clock each time."""
    rule, total = book.calendars[calendar], 0
    zone = book.zone if rule is None else ZoneInfo(rule["zone"])
    while start < end:
        following = min(end, start - start % 60 + 60)
        local = datetime.fromtimestamp(start, zone)
        spans = ["00:00-24:00"] if rule is None else rule["hours"].get(WEEKDAYS[local.weekday()], [])
        free = rule is not None and local.date() in rule["holidays"]
        if not free and any(span[:5] <= f"{local:%H:%M}" < span[6:] for span in spans):
            total += following - start
        start = following
    return total


def self_check(book):
    """Returns how many answers of this script differ from those worked out by hand, each printed."""
    wrong, months = [], {}
    for period, answers in FIGURES_BY_HAND.items():
        months[period] = Month(book, period).compute()
        for name, answer in answers.items():
            figure = months[period].figures.get(name)
            got = None if figure is None else figure["missing"] or Fraction(figure["value"])
            if got != (answer if isinstance(answer, str) else Fraction(answer)):
                wrong.append(f"{period} {name}: {got}, by hand {answer}")
    for scope, answer in SLA_BY_HAND.items():
        figure = months["2026-09"].figures[f"sla.resolution{scope}/type=incident"]
        got = (figure["numerator"], figure["denominator"])
        if got != answer:
            wrong.append(f"2026-09 sla.resolution{scope}: {got}, by hand {answer}")
    for period, answer in FORECASTS_BY_HAND:
        name = "capacity.days_to_threshold/service=files/metric=disk/resource=files-vol1"
        got = round(float(months[period].figures[name]["value"]), 1)
        if got != answer:
            wrong.append(f"{period} {name}: {got}, by hand {answer}")
    if len(book.tickets) != 6_079:
        wrong.append(f"{len(book.tickets)} tickets, by hand 6079")
    tickets = {ticket["key"]: ticket for ticket in book.tickets}
    for key, period, question, answer in TICKETS_BY_HAND:
        got = months[period].known(tickets[key])[question]
        if got != answer:
            wrong.append(f"{period} {key} {question}: {got}, by hand {answer}")
    for period in ["2025-10", "2026-03", "2026-04", "2026-09"]:
        walked = 0
        for ticket in book.tickets:
            view = months[period].known(ticket) if ticket["opened"] < months[period].as_of else None
            if view is None or view["service_time"] is None or view["reopened"] or view["elapsed"] > 5 * DAY:
                continue
            agreement = book.in_force(ticket["service"], ticket["customer"], book.local_date(ticket["opened"]))
            calendar = book.calendar_of(ticket["service"], agreement)
            answer = stepped(book, calendar, ticket["opened"], view["resolved"])
            if view["service_time"] != answer:
                wrong.append(f"{period} {ticket['key']} service time: {view['service_time']}, walked {answer}")
            walked += 1
            if walked == 100:
                break
    for period, month in months.items():
        for kind, answer in opened_by_text(book, period).items():
            got = month.figures[f"tickets.opened/type={kind}"]["value"]
            if got != answer:
                wrong.append(f"{period} tickets.opened/type={kind}: {got}, by text {answer}")
        # The ages of a backlog add up to it, and so do its priorities (one ticket of the book has none).
        for kind in ["incident", "request"]:
            for head in ["", *(f"/service={service}" for service in book.services)]:
                figures, name = month.figures, f"tickets.backlog{head}"
                backlog = figures[f"{name}/type={kind}"]["value"]
                ages = sum(figures[f"{name}/age={band}/type={kind}"]["value"] for band, _, _ in BANDS)
                priorities = [figures.get(f"{name}/priority=P{p}/type={kind}") for p in range(1, 6)]
                parts = sum(figure["value"] for figure in priorities if figure)
                if not backlog == ages == parts:
                    wrong.append(f"{period} {name}/type={kind}: {backlog}, ages {ages}, priorities {parts}")
    for line in wrong:
        print(line)
    return len(wrong)


def main(arguments):
    if arguments[:1] == ["--check"] and len(arguments) == 2:
        return check(arguments[1])
    if arguments not in ([], ["--self-check"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    book = Book(BOOK)
    wrong = self_check(book)
    print(f"by hand: {wrong} differences")
    if wrong:
        return 1
    if not arguments:
        for period in PERIODS:
            document = Month(book, period).compute().document()
            write(document, HERE / f"expected-{period}.json")
            print(f"{period}: {len(document['figures'])} figures")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
