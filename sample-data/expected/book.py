"""A book as this script reads it: config and rows. Names are mapped to the catalogue; what maps to nothing is None."""

import csv
import tomllib
from collections import defaultdict
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from hours import Calendar, wall

DAY = 86_400
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": DAY, "w": 7 * DAY}
DEFAULTS = {
    "attribution": "finish", "availability": "A1", "coverage_limit": 95, "counts_from": "history",
    "satisfied_from": 80, "reopen_days": 7, "effect_days": 7, "first_fix_groups": [],
    "major_risks": ["high", "major"], "test_after_change_days": 30, "partial": "in_service", "duplicates": "count",
}


def instant(text):
    """Returns the seconds since 1970 of a stamp with an offset; None where it is empty or cannot be read."""
    try:
        at = datetime.fromisoformat(text or "")
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
    return {"true": True, "false": False, "": None, None: None}[text]


def whole(text):
    return int(text) if text else None


class Book:
    """Config and rows."""

    def __init__(self, folder):
        with open(folder / "config.toml", "rb") as file:
            # Decimal numbers stay exact: 99.9 is 999/10.
            self.config = tomllib.load(file, parse_float=Fraction)
        self.folder = folder
        self.zone = ZoneInfo(self.config["book"]["zone"])
        self.clock = instant(self.config["book"].get("clock", "2199-01-01T00:00:00Z"))
        self.settings = {**DEFAULTS, **self.config.get("figures", {})}
        for key in ["attribution", "availability", "counts_from", "partial", "duplicates"]:
            if self.settings[key] != DEFAULTS[key]:
                raise SystemExit(f"this script knows only {key} = {DEFAULTS[key]}")
        self.services = {service["id"]: service for service in self.config["service"]}
        self.customers = {customer["id"]: customer for customer in self.config["customer"]}
        self.groups = self.config.get("service_group", [])
        self.service_names = self.names(self.config["service"])
        self.customer_names = self.names(self.config["customer"])
        self.agreements = self.config["agreement"]
        self.calendars = {"24x7": None}
        for entry in self.config["calendar"]:
            if entry["id"] in self.calendars or "valid_from" in entry:
                raise SystemExit("this script knows only one rule a calendar")
            self.calendars[entry["id"]] = Calendar(entry, folder)
        self.months = {}
        self.read_tickets()
        self.read_availability()
        self.read_records()
        self.read_registers()

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
                "opened": opened,
                "reopen_count": whole(row["reopen_count"]),
                "reassignment_count": whole(row["reassignment_count"]),
            }
            for key in ["status", "priority", "group", "supplier", "change_type", "risk", "outcome", "workaround"]:
                ticket[key] = row[key] or None
            for key in ["tool_breached", "is_major", "backed_out", "known_error"]:
                ticket[key] = flag(row[key])
            for key, column in [("response", "first_response_at"), ("resolved", "resolved_at"),
                                ("closed", "closed_at"), ("planned_start", "planned_start"),
                                ("planned_end", "planned_end"), ("actual_start", "actual_start"),
                                ("actual_end", "actual_end"), ("approved", "approved_at"),
                                ("root_cause", "root_cause_at")]:
                ticket[key] = instant(row[column])
            names = {"service": self.service_names.get, "customer": self.customer_names.get}
            for field in ["status", "group", "priority", "service", "customer"]:
                told = names.get(field, lambda value: value)
                ticket[f"{field}_events"] = [(at, told(a), told(b)) for at, _, name, a, b in events if name == field]
            self.tickets.append(ticket)
        self.ticket = {ticket["key"]: ticket for ticket in self.tickets}
        self.links = [(row["from"], row["to"], row["kind"]) for row in self.rows("csv-links")]
        self.tool_clocks = defaultdict(list)  # (ticket, metric) -> (cycle, start, breached)
        for row in self.rows("csv-clocks"):
            if row["kind"].lower() not in ("ola", "uc") and row["stage"] != "cancelled":
                kept = (whole(row["cycle"]) or 0, instant(row["start"]) or 0, flag(row["breached"]))
                self.tool_clocks[row["ticket"], row["metric"]].append(kept)

    def read_availability(self):
        self.outages = []
        for row in self.rows("csv-outages"):
            weight = number(row["weight"])
            if weight is None:
                weight = Fraction(1, 2) if row["kind"] == "degraded" else Fraction(1)
            outage = {
                "service": self.service_names.get(row["service"]), "start": instant(row["start"]),
                "end": instant(row["end"]), "weight": weight, "users": whole(row["users_affected"]),
                "acknowledged": instant(row.get("acknowledged_at")),
            }
            if outage["end"] is None or outage["end"] >= outage["start"]:  # else left out, with a finding
                self.outages.append(outage)
        self.maintenance = []
        for row in self.rows("csv-maintenance"):
            stamps = ["planned_start", "planned_end", "actual_start", "actual_end", "announced_at"]
            work = {name: instant(row[name]) for name in stamps}
            work["service"] = self.service_names.get(row["service"])
            self.maintenance.append(work)
        self.exclusions = []
        for row in self.rows("csv-exclusions"):
            self.exclusions.append({
                "figure": row["figure"], "every": not row["service"],
                "service": self.service_names.get(row["service"]), "ticket": row["ticket"],
                "from": instant(row["from"]), "to": instant(row["to"]), "approved": instant(row["approved_at"]),
            })
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
        for source in self.config["source"]:
            if source["connector"] == "csv-checks":
                self.max_age = seconds(source["hold"]["max_age"])
                self.ignore_up_to = seconds(source["hold"]["ignore_up_to"])
        self.asserted = []  # (service, from)
        for source in self.config["source"]:
            if source.get("declared_complete"):
                assert "declared_from" in source
                for service in source.get("declared_services") or list(self.services):
                    self.asserted.append((service, self.midnight(source["declared_from"])))
        self.reported = []
        for row in self.rows("csv-reported-availability"):
            self.reported.append({
                "service": self.service_names.get(row["service"]), "from": instant(row["from"]),
                "to": instant(row["to"]), "up": whole(row["up_s"]), "down": whole(row["down_s"]),
                "excluded": whole(row["excluded_s"]), "percent": number(row["percent"]),
            })

    def read_records(self):
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

    def read_registers(self):
        self.plans = []
        for row in self.rows("csv-continuity-plans"):
            self.plans.append({
                "plan": row["plan"],
                "service": self.service_names.get(row["service"]),
                "rto": seconds(row["rto"]),
                "rpo": seconds(row["rpo"]),
                "interval": seconds(row["interval"]),
                "approved": instant(row["approved"]),
            })
        self.tests = []
        for row in self.rows("csv-continuity-tests"):
            test = {
                "plan": row["plan"], "kind": row["kind"], "at": instant(row["at"]), "result": row["result"],
                "rto": seconds(row["achieved_rto"]), "rpo": seconds(row["achieved_rpo"]),
            }
            if test["kind"] == "invocation":
                recovered, restored = instant(row.get("recovered_at")), instant(row.get("restored_to"))
                if test["rto"] is None and recovered is not None and recovered >= test["at"]:
                    test["rto"] = recovered - test["at"]
                if test["rpo"] is None and restored is not None and restored <= test["at"]:
                    test["rpo"] = test["at"] - restored
            self.tests.append(test)
        self.costs = []
        for row in self.rows("csv-costs"):
            cost = {key: whole(row[key]) for key in ["budget", "actual", "committed", "forecast"]}
            cost |= {"service": self.service_names.get(row["service"]), "type": row["cost_type"]}
            cost |= {"currency": row["currency"], "from": instant(row["from"]), "to": instant(row["to"])}
            self.costs.append(cost)

    # ------------------------------------------------------------------------------------------ time

    def local_date(self, at):
        return datetime.fromtimestamp(at, self.zone).date()

    def midnight(self, day):
        return wall(day, 0, self.zone, later=False)

    def hours(self, calendar, start, end):
        """Returns the service hours of a calendar in [start, end) as intervals."""
        if self.calendars[calendar] is None:
            return [(start, end)] if start < end else []
        return self.calendars[calendar].hours(start, end)

    # ------------------------------------------------------------------------------------------ agreements

    def in_force(self, service, customer, day):
        """Returns the SLA that holds for a service on a date: the customer's own, else the general one."""
        general = None
        for agreement in self.agreements:
            holds = agreement["valid_from"] <= day and ("valid_to" not in agreement or day < agreement["valid_to"])
            if agreement["service"] == service and holds and agreement.get("kind", "sla") == "sla":
                if customer is not None and agreement.get("customer") == customer:
                    return agreement
                if "customer" not in agreement:
                    general = general or agreement
        return general

    def validity(self, agreement):
        """Returns the instants between which an agreement holds: local midnights of the report zone."""
        end = agreement.get("valid_to")
        return self.midnight(agreement["valid_from"]), 2**40 if end is None else self.midnight(end)

    def calendar_of(self, service, agreement):
        if agreement is not None and "calendar" in agreement:
            return agreement["calendar"]
        if service is not None:
            return self.services[service].get("calendar", "24x7")
        return "24x7"
