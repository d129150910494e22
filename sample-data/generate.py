#!/usr/bin/env python3
"""Writes the demo book: `python3 sample-data/generate.py` fills `sample-data/book/`, the same bytes every time."""

import csv
import io
import sys
from datetime import date, timedelta
from pathlib import Path

import config
import registers
import traps
from berlin import DAY, HOUR, MINUTE, Chance, each_day, instant, local_date, local_second, month_start, stamp, wall
from story import (
    AGREEMENTS, ALIAS_SHARE, ASKED_TO_RECOMMEND, CALENDARS, CALLS, CAUSES, CHANGES, CLOCK, COMPLAINTS, CUSTOMERS, DESK, DOWN, FIRST_DAY,
    FLAPS, HEARTBEAT, HISTORY_FROM, HOLIDAY, HOLIDAY_NAMES, HOLIDAYS, HOURS_OF_DAY, INCIDENTS, LAST_DAY, MAINTENANCE, MONITORS,
    MONTHLY_MAINTENANCE, OUTAGES, PLANS, PROBLEMS, REQUESTS, SERVICES, SILENT, SURGES, TESTS, TICKETS_A_DAY, UNUSUAL,
    USUAL, WEEKDAYS)

BOOK = Path(__file__).resolve().parent / "book"
NOW = instant(CLOCK)
HISTORY = instant(HISTORY_FROM)
SERVICE = {service[0]: service for service in SERVICES}

TICKET_COLUMNS = """source_key type service customer title status priority category cause_code group supplier
opened_at first_response_at resolved_at closed_at reopen_count reassignment_count tool_breached is_major declared_at informed_at
review_due review_done users_affected planned_start planned_end actual_start actual_end approved_at change_type risk
outcome backed_out root_cause_at known_error workaround sec_type contained_at""".split()
INSTANTS = {name for name in TICKET_COLUMNS if name.endswith("_at")} | {
    "review_due", "review_done", "planned_start", "planned_end", "actual_start", "actual_end"}


def write(path, header, rows):
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header)
    out.writerows(rows)
    file = BOOK / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.getvalue().encode("utf-8"))


def month_of(moment):
    return local_date(moment).isoformat()[:7]


def agreement_of(service, customer, opened):
    held = [a for a in AGREEMENTS if a["service"] == service and a["customer"] in (None, customer)
            and a["valid_from"] <= local_date(opened) and (not a["valid_to"] or local_date(opened) < a["valid_to"])]
    return max(held, key=lambda a: a["customer"] is not None, default=None)


def goals_of(agreement, kind, priority):
    if agreement is None:
        return None
    return agreement["goals"].get(priority) if kind == "incident" else agreement["others"].get(kind)


class Quota:
    """Spreads misses evenly, so that a share holds in each month and not only in the long run."""

    def __init__(self):
        self.owed = {}

    def missed(self, key, share):
        owed = self.owed.get(key, 0.5) + share
        self.owed[key] = owed - 1 if owed >= 1 else owed
        return owed >= 1


class Tickets:
    def __init__(self, chance):
        self.chance = chance
        self.rows = []
        self.quota = Quota()

    def ratio(self, missed):
        u = self.chance.unit()
        return 1.03 + 2.2 * u * u * u if missed else 0.02 + 0.93 * u * u

    def title(self, words):
        return (words.replace("{n}", str(self.chance.between(3, 480)))
                .replace("{room}", "%s %d.%02d" % (self.chance.pick("ABCD"), self.chance.between(0, 4),
                                                   self.chance.between(1, 30)))
                .replace("{host}", "%s%02d" % (self.chance.pick(["app", "db", "srv", "edge"]),
                                               self.chance.between(1, 24))))

    def moments(self):
        """When tickets are opened: weeks, days and hours as in an office."""
        for day in each_day(FIRST_DAY, LAST_DAY):
            weight = HOLIDAY if day in HOLIDAYS else WEEKDAYS[day.weekday()]
            if (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2):
                weight *= 0.35
            count = int(TICKETS_A_DAY * weight * (1 + 0.14 * self.chance.noise()) + self.chance.unit())
            hours = list(enumerate(HOURS_OF_DAY if weight > 0.2 else (4,) * 7 + (8,) * 12 + (4,) * 5))
            for opened in sorted(wall(day, self.chance.weighted(hours) * HOUR + self.chance.below(HOUR))
                                 for _ in range(count)):
                if opened < NOW - 10 * MINUTE:
                    yield opened

    def fill(self):
        for opened in self.moments():
            month = month_of(opened)
            service = self.chance.weighted([
                (s, s[6] * SURGES.get((s[0], month), 1.0)) for s in SERVICES
                if s[4] is None or local_date(opened) >= s[4]])
            kind = self.chance.weighted([("incident", 655), ("request", 245), ("change", 55), ("problem", 20),
                                         ("complaint", 25)])
            customer = self.chance.weighted(list(zip([c[0] for c in CUSTOMERS], service[7])))
            ticket = {"type": kind, "service": service[0], "customer": customer, "opened_at": opened}
            {"change": self.change, "problem": self.problem}.get(kind, self.worked)(ticket, service)
            self.rename(ticket)
            self.rows.append(ticket)

    def rename(self, ticket):
        """Now and then a tool writes another name than the catalogue."""
        for field, entries in (("service", SERVICES), ("customer", CUSTOMERS)):
            names = [e[2] for e in entries if e[0] == ticket[field]]
            if names and self.chance.unit() < ALIAS_SHARE:
                ticket[field] = self.chance.pick(names[0])

    def worked(self, ticket, service):
        """Incidents, requests and complaints: answered, resolved, closed by the nightly job."""
        chance, kind, opened = self.chance, ticket["type"], ticket["opened_at"]
        if kind == "incident":
            ticket["priority"] = chance.weighted([("P1", 2), ("P2", 15), ("P3", 58), ("P4", 25)])
            category = chance.pick(sorted(INCIDENTS[service[0]]))
            ticket["category"], words = category, chance.pick(INCIDENTS[service[0]][category])
        elif kind == "request":
            ticket["priority"] = chance.weighted([("P3", 6), ("P4", 4)])
            ticket["category"], words = "request", chance.pick(REQUESTS[service[0]])
        else:
            ticket["priority"], ticket["category"], words = "P3", "complaint", chance.pick(COMPLAINTS)
        ticket["title"] = self.title(words)
        self.finish(ticket, service)
        if ticket["category"] == "security":
            ticket["sec_type"] = "phishing"
            if ticket["resolved_at"]:
                ticket["contained_at"] = opened + (ticket["resolved_at"] - opened) // 3

    def finish(self, ticket, service):
        chance, opened = self.chance, ticket["opened_at"]
        agreement = agreement_of(service[0], ticket["customer"], opened)
        response, resolution = goals_of(agreement, ticket["type"], ticket["priority"])
        calendar = CALENDARS[agreement["calendar"]]
        share = UNUSUAL.get((service[0], month_of(opened)), USUAL[service[0]])
        late = self.quota.missed((service[0], ticket["type"]), 1 - share)
        answered = calendar.after(opened, max(40, int(response * self.ratio(
            self.quota.missed((service[0], "response"), 0.022 + (0.03 if late else 0))))))
        resolved = calendar.after(opened, max(180, int(resolution * self.ratio(late))))
        if ticket["priority"] in ("P3", "P4") and not late and local_second(resolved) < 6 * HOUR:
            evening = wall(local_date(resolved) - timedelta(days=1), 19 * HOUR + chance.below(2 * HOUR))
            resolved = evening if evening > opened + 10 * MINUTE else resolved
        answered = min(answered, opened + (resolved - opened) * 7 // 10)
        self.settle(ticket, service, answered, resolved, resolved - opened)
        spent = calendar.between(opened, ticket["resolved_at"] or NOW)
        ticket["tool_breached"] = str((spent > resolution) != (chance.unit() < 0.008)).lower()

    def settle(self, ticket, service, answered, resolved, length):
        chance, opened = self.chance, ticket["opened_at"]
        ticket["group"] = DESK
        moves = []
        if chance.unit() < 0.42:
            moves.append((answered + max(1, (resolved - answered) // 9), service[8]))
            if chance.unit() < 0.2:
                moves.append((answered + max(2, (resolved - answered) // 3), chance.pick(
                    [g for g in ("Network", "Platform", "Applications", "Security") if g != service[8]])))
        events = [(opened, "status", "", "new"), (opened, "priority", "", ticket["priority"]),
                  (opened, "group", "", DESK), (answered, "status", "new", "active")]
        held = DESK
        for at, group in moves:
            events.append((at, "group", held, group))
            held = group
        if chance.unit() < 0.02 and ticket["type"] != "complaint":
            stopped = opened + length // 2
            events = [e for e in events if e[0] < stopped] + [(stopped, "status", "active", "cancelled")]
            answered, resolved, closed = answered if answered < stopped else None, None, None
            if answered is None:
                events[-1] = (stopped, "status", "new", "cancelled")
        else:
            if length > 6 * HOUR and chance.unit() < 0.15:
                events += [(answered + (resolved - answered) // 2, "status", "active", "pending"),
                           (answered + (resolved - answered) * 2 // 3, "status", "pending", "active")]
            events.append((resolved, "status", "active", "resolved"))
            if chance.unit() < 0.045:
                again = CALENDARS["office"].after(resolved, chance.between(1, 20) * HOUR)
                resolved = CALENDARS["office"].after(again, chance.between(20, 300) * MINUTE)
                events += [(again, "status", "resolved", "active"), (resolved, "status", "active", "resolved")]
            closed = wall(local_date(resolved) + timedelta(days=5), 4 * HOUR)
            events.append((closed, "status", "resolved", "closed"))
        events = sorted((e for e in events if e[0] <= NOW), key=lambda e: e[0])
        status = [e for e in events if e[1] == "status"]
        known = lambda moment: moment if moment is not None and moment <= NOW else None
        ticket.update(
            first_response_at=known(answered), closed_at=known(closed), status=status[-1][3],
            resolved_at=next((e[0] for e in reversed(status) if e[3] == "resolved"), None),
            group=[e for e in events if e[1] == "group"][-1][3],
            reassignment_count=len([e for e in events if e[1] == "group"]) - 1,
            reopen_count=len([e for e in status if e[2] == "resolved" and e[3] == "active"]))
        if ticket["status"] == "closed":
            ticket["cause_code"] = chance.weighted(CAUSES) if ticket["type"] == "incident" else ""
        if opened >= HISTORY:
            ticket["history"] = events

    def change(self, ticket, service):
        chance, opened = self.chance, ticket["opened_at"]
        change_type = chance.weighted([("standard", 50), ("normal", 42), ("emergency", 8)])
        lead = {"standard": 3, "normal": 12, "emergency": 0}[change_type]
        start = wall(local_date(opened) + timedelta(days=lead + chance.below(4) if lead else 0), 18 * HOUR)
        start = max(start, opened + HOUR)
        end = start + chance.between(1, 4) * HOUR
        ticket.update(
            title=self.title(chance.pick(CHANGES)), priority="P1" if change_type == "emergency" else "P4",
            category="change", group=service[8], change_type=change_type, customer="",
            risk=chance.weighted([("low", 60), ("medium", 30), ("high", 10)]), planned_start=start, planned_end=end,
            approved_at=opened + (start - opened) // 3, backed_out="false", status="new")
        outcome = chance.weighted([("successful", 91), ("failed", 4), ("partial", 2), ("cancelled", 3)])
        if ticket["approved_at"] > NOW:
            ticket["approved_at"] = None
        elif start > NOW:
            ticket["status"] = "pending"
        elif outcome == "cancelled":
            ticket.update(status="cancelled", outcome=outcome)
        else:
            begun, done = start + chance.below(900), end - chance.below(2400) + (4200 if outcome == "failed" else 0)
            ticket.update(actual_start=begun, actual_end=done, resolved_at=done, outcome=outcome,
                          backed_out=str(outcome == "failed" and chance.unit() < 0.7).lower())
            closed = wall(local_date(done) + timedelta(days=7), 4 * HOUR)
            ticket["status"], ticket["closed_at"] = ("closed", closed) if closed <= NOW else ("resolved", None)
        if opened >= HISTORY:
            last = {"closed": "resolved"}.get(ticket["status"])
            events = [(opened, "status", "", "new"), (opened, "priority", "", ticket["priority"]),
                      (opened, "group", "", service[8])]
            if ticket["approved_at"]:
                events.append((ticket["approved_at"], "status", "new", "pending"))
            if ticket.get("actual_start"):
                events += [(ticket["actual_start"], "status", "pending", "active"),
                           (ticket["actual_end"], "status", "active", "resolved")]
            if ticket["status"] == "cancelled":
                events.append((start, "status", "pending", "cancelled"))
            if last:
                events.append((ticket["closed_at"], "status", last, "closed"))
            ticket["history"] = events

    def problem(self, ticket, service):
        chance, opened = self.chance, ticket["opened_at"]
        found = CALENDARS["office"].after(opened, chance.between(20, 160) * HOUR)
        fixed = CALENDARS["office"].after(found, chance.between(30, 420) * HOUR)
        ticket.update(title=self.title(chance.pick(PROBLEMS)), priority=chance.pick(["P2", "P3"]), category="problem",
                      group=service[8], customer="", known_error="false", status="active")
        events = [(opened, "status", "", "active"), (opened, "priority", "", ticket["priority"]),
                  (opened, "group", "", service[8])]
        if found <= NOW:
            ticket.update(root_cause_at=found, known_error="true")
            if chance.unit() < 0.7:
                ticket["workaround"] = chance.pick(["Restart the service", "Use the second printer queue",
                                                    "Log in twice", "Run the job by hand"])
        if fixed <= NOW:
            ticket.update(resolved_at=fixed, closed_at=fixed, status="closed")
            events.append((fixed, "status", "active", "closed"))
        if opened >= HISTORY:
            ticket["history"] = events

    def outage(self, service, start, end, users, cause):
        """The incident of an outage: found within minutes, resolved with it, major from an hour on."""
        opened = start + self.chance.between(60, 420)
        ticket = {"type": "incident", "service": service, "customer": "", "priority": "P1", "category": "outage",
                  "title": "%s not available: %s" % (SERVICE[service][1], cause), "opened_at": opened,
                  "users_affected": users or "", "tool_breached": "false"}
        customer = max(zip(SERVICE[service][7], [c[0] for c in CUSTOMERS]))[1]
        ticket["customer"] = customer
        self.settle(ticket, SERVICE[service], opened + self.chance.between(60, 500), end or NOW + 1, 2 * HOUR)
        while ticket["status"] == "cancelled":
            self.settle(ticket, SERVICE[service], opened + 200, end or NOW + 1, 2 * HOUR)
        ticket["cause_code"] = self.chance.pick(["software fault", "hardware", "configuration"]) if end else ""
        if end is None or end - start >= HOUR:
            review = wall(local_date(opened) + timedelta(days=10), 12 * HOUR)
            ticket.update(is_major="true", declared_at=opened + 900, informed_at=opened + 1500, review_due=review)
            if review < NOW and self.chance.unit() < 0.8:
                ticket["review_done"] = review - self.chance.between(-2, 5) * DAY
        agreement = agreement_of(service, customer, opened)
        spent = CALENDARS[agreement["calendar"]].between(opened, ticket["resolved_at"] or NOW)
        ticket["tool_breached"] = str(spent > goals_of(agreement, "incident", "P1")[1]).lower()
        self.rows.append(ticket)
        return ticket

    def add_traps(self):
        for trap in traps.TICKETS:
            ticket = dict(trap)
            for field in INSTANTS & ticket.keys():
                text = ticket[field]
                if text and text[:2] == "20" and "T" not in text:
                    ticket[field] = instant(text)
            if "history" in ticket:
                first = [(ticket["opened_at"], field, "", value) for field, value in (
                    ("status", "new"), ("group", "Service Desk"),
                    ("priority", next((e[2] for e in ticket["history"] if e[1] == "priority"), ticket["priority"])))]
                ticket["history"] = first + [(instant(at), *rest) for at, *rest in ticket["history"]]
            self.rows.append(ticket)

    def number(self):
        place = lambda t: t["opened_at"] if isinstance(t["opened_at"], int) else NOW
        self.rows.sort(key=lambda t: (place(t), t.get("source_key", ""), t["title"]))
        counts = {}
        for ticket in self.rows:
            if "source_key" not in ticket:
                prefix = {"incident": "INC", "request": "REQ", "change": "CHG", "problem": "PRB",
                          "complaint": "CMP"}[ticket["type"]]
                counts[prefix] = counts.get(prefix, 10_000) + 1
                ticket["source_key"] = "%s%07d" % (prefix, counts[prefix])

    def write(self):
        def cell(ticket, name):
            value = ticket.get(name)
            return stamp(value) if name in INSTANTS else "" if value is None else value

        write("records/tickets.csv", TICKET_COLUMNS, ([cell(t, name) for name in TICKET_COLUMNS] for t in self.rows))
        rows = []
        for ticket in self.rows:
            actor = ""
            for seq, (at, field, before, after) in enumerate(ticket.get("history", []), 1):
                # The first three come with the ticket, a nightly job closes: neither is the work of a group.
                by = "" if seq <= 3 or after == "closed" else actor
                rows.append([ticket["source_key"], stamp(at), seq, field, before, after, by])
                actor = after if field == "group" else actor
        rows = [[index, *row] for index, row in enumerate(rows, 1)]
        write("records/ticket-events.csv", "source_key ticket at seq field from to actor_group".split(), rows)


def service_id(name):
    return next(s[0] for s in SERVICES if name in (s[0], s[1], *s[2]))


def outages(tickets):
    rows = []
    for service, start, end, kind, weight, users, cause, investigated, has_ticket in OUTAGES:
        start, end = instant(start), end and instant(end)
        ticket = tickets.outage(service_id(service), start, end, users, cause) if has_ticket else None
        rows.append([service, start, end, kind, weight, users, cause, investigated, ticket])
    for monitor, start, end in DOWN:
        start, end = instant(start), instant(end)
        if end - start > 40 * MINUTE and monitor != "shop-front" or end - start > 2 * HOUR:
            service = next(m[1] for m in MONITORS if m[0] == monitor)
            tickets.outage(service, start, end, None, "monitor %s down" % monitor)
    return rows


def write_outages(rows):
    rows.sort(key=lambda row: row[1])
    # Taken up when the ticket of the outage is answered.
    taken_up = lambda ticket: stamp(ticket["first_response_at"]) if ticket else ""
    columns = "source_key service start end kind weight users_affected cause investigated ticket acknowledged_at"
    write("registers/outages.csv", columns.split(),
          (["OUT-%03d" % n, service, stamp(start), stamp(end), kind, weight, users, cause, investigated,
            ticket["source_key"] if ticket else "", taken_up(ticket)]
           for n, (service, start, end, kind, weight, users, cause, investigated, ticket) in enumerate(rows, 1)))


def maintenance():
    rows = [[service, *(text and instant(text) for text in times)] for service, *times in MAINTENANCE]
    service, opens, closes, notice = MONTHLY_MAINTENANCE
    for month in range(14):
        first = local_date(month_start(2025, 9 + month))
        day = first + timedelta(days=(6 - first.weekday()) % 7 + 7)
        start, end = wall(day, opens * HOUR), wall(day, closes * HOUR)
        done = (start, end) if end <= NOW else (None, None)
        rows.append([service, start, end, *done, wall(day - timedelta(days=notice), 9 * HOUR)])
    rows.sort(key=lambda row: row[1])
    write("registers/maintenance.csv",
          "source_key service planned_start planned_end actual_start actual_end announced_at approved_by".split(),
          (["MNT-%03d" % n, service, *(stamp(t) for t in times), "change advisory board" if times[4] else ""]
           for n, (service, *times) in enumerate(rows, 1)))


def checks(chance):
    rows = []
    down = [(monitor, instant(a), instant(b)) for monitor, a, b in DOWN]
    for _ in range(FLAPS):
        start = month_start(2025, 9) + chance.below(395 * DAY)
        if not any(m == "shop-front" and a - HOUR < start < b + HOUR for m, a, b in down):
            down.append(("shop-front", start, start + chance.between(45, 170)))
    silent = [(monitor, instant(a), instant(b)) for monitor, a, b in SILENT]
    for monitor, service, first, last, watched, usual in MONITORS:
        first, last = instant(first), instant(last)
        spans = [(a, b) for m, a, b in down if m == monitor]
        beats = {at: True for at in range(first, last, HEARTBEAT)} | {last: True}
        for start, end in spans:
            beats.update({at: False for at in beats if start <= at < end})
            beats[start], beats[end] = False, True
        for at in sorted(beats):
            if at < NOW and not any(m == monitor and a <= at < b for m, a, b in silent):
                latency = int(usual * (1 + 0.2 * chance.unit() + (1.5 if chance.unit() < 0.02 else 0)))
                rows.append((at, monitor, service, beats[at], latency if beats[at] else "", watched))
    rows.sort(key=lambda row: row[:2])
    write("records/checks.csv", "source_key service monitor at up latency watched_from".split(),
          ([n, service, monitor, stamp(at), str(up).lower(), latency, stamp(watched and instant(watched))]
           for n, (at, monitor, service, up, latency, watched) in enumerate(rows, 1)))


def readings(chance):
    rows = []

    def put(service, resource, metric, at, used, limit):
        if at < NOW:
            rows.append((at, resource, metric, service, used, limit))

    for index, day in enumerate(each_day(FIRST_DAY, LAST_DAY)):
        left = (LAST_DAY - day).days
        working = day.weekday() < 5 and day not in HOLIDAYS
        morning = wall(day, 6 * HOUR)
        # 0.12 points a day towards 85 %, which is 40 days away at the clock; nine days are missing in July.
        if not date(2026, 7, 11) <= day <= date(2026, 7, 19) and day.day != 31:
            share = 80.2 - 0.12 * left + 0.35 * chance.noise()
            limit = "" if day in (date(2026, 9, 6), date(2026, 9, 13)) else 20_000
            put("files", "files-vol1", "disk", morning, "%.1f" % (share * 200), limit)
        for hour, usual in ((4, 22), (11, 61 if working else 30)):
            month_end = 22 if hour == 11 and working and day.day >= 27 else 0
            used = min(100.0, max(3.0, usual + month_end + 6 * chance.noise()))
            # One reading was delivered twice; both rows count.
            for _ in range(2 if (day, hour) == (date(2026, 9, 9), 11) else 1):
                put("", "erp-db", "cpu", wall(day, hour * HOUR), "%.1f" % used, "")
        # A shelf more since August: a step, from which on alone the trend counts.
        put("", "mail-store", "disk", morning, "%.1f" % (6_900 - 1.5 * index + 40 * chance.noise()),
            10_000 if day < date(2026, 8, 10) else 12_000)
        if day.isoformat()[:7] != "2026-02":
            sessions = (470 if working else 60) + int(35 * chance.noise()) + (150 if day.day == 1 else 0)
            put("remote-access", "vpn-sessions", "sessions", wall(day, 10 * HOUR), max(5, sessions), 800)
        if day.weekday() == 4:
            put("contact-centre", "phone-agents", "hours", wall(day, 17 * HOUR),
                "%.1f" % (560 + 20 * chance.noise() + (70 if day >= date(2026, 8, 31) else 0)), 640)
        if day >= date(2026, 2, 16):
            put("data-warehouse", "dwh-etl-01", "memory", wall(day, 5 * HOUR), "%.1f" % (41 + 4 * chance.noise()), 64)
    rows.sort(key=lambda row: row[:3])
    write("records/readings.csv", "source_key service resource metric at used limit".split(),
          ([n, service, resource, metric, stamp(at), used, limit]
           for n, (at, resource, metric, service, used, limit) in enumerate(rows, 1)))


def continuity():
    write("registers/continuity-plans.csv", "source_key plan service owner rto rpo interval approved".split(),
          ([plan, plan, service, owner, rto, rpo or "", interval or "", stamp(approved and instant(approved))]
           for plan, service, owner, rto, rpo, interval, approved in PLANS))
    columns = "source_key plan kind at result achieved_rto achieved_rpo invoked_at cause impact recovered_at normal_at restored_to"
    rows = []
    for number, (plan, kind, at, result, rto, rpo, *invoked) in enumerate(sorted(TESTS, key=lambda t: t[2]), 1):
        begun, cause, impact, recovered, normal, copy = invoked or [None] * 6
        rows.append(["CT-%03d" % number, plan, kind, stamp(instant(at)), result, rto or "", rpo or "",
                     stamp(begun and instant(begun)), cause or "", impact or "",
                     stamp(recovered and instant(recovered)), stamp(normal and instant(normal)),
                     stamp(copy and instant(copy))])
    write("registers/continuity-tests.csv", columns.split(), rows)


def surveys(chance, tickets):
    rows = []
    mood = {"contact-centre": 0.72, "erp": 0.80}
    for ticket in tickets.rows:
        resolved = ticket.get("resolved_at")
        if ticket["type"] not in ("incident", "request") or not isinstance(resolved, int) or chance.unit() > 0.24:
            continue
        sent = resolved + chance.between(1, 20) * HOUR
        if sent >= NOW or ticket["source_key"][3:].startswith("09"):
            continue
        answered, score = sent + chance.between(5, 4_000) * MINUTE, None
        if chance.unit() < 0.44 and answered < NOW:
            happy = mood.get(service_id(ticket["service"]), 0.88)
            score = chance.weighted([(5, 6), (4, 4)]) if chance.unit() < happy else chance.weighted([(3, 5), (2, 3), (1, 2)])
        rows.append((sent, ticket["source_key"], ticket["service"], ticket["customer"],
                     answered if score else None, score))
    rows.sort(key=lambda row: row[:2])
    yearly = registers.relationship_survey(ASKED_TO_RECOMMEND)
    write("records/surveys.csv", "source_key service customer ticket scale sent_at answered_at score".split(),
          (["SV%05d" % n, service, customer, key, 5 if n <= len(rows) else 10, stamp(sent), stamp(answered),
            score or ""]
           for n, (sent, key, service, customer, answered, score) in enumerate(rows + yearly, 1)))


def volumes(chance):
    rows = []
    for index, (month, calls) in enumerate(CALLS):
        start, end = month_start(2025, 9 + index), month_start(2025, 10 + index)
        first, second = calls * 18 // 100, calls * 27 // 100
        for customer, value in zip(("ostermoor", "tannenried", "falkenbrueck"), (first, second, calls - first - second)):
            rows.append(["contact-centre", customer, "calls", stamp(start), stamp(end), value, "calls", 3_000])
        for (customer, boxes), entitled in zip((("ostermoor", 1010), ("tannenried", 760), ("falkenbrueck", 590)),
                                               (1_050, 800, 600)):
            rows.append(["mail", customer, "mailboxes", stamp(start), stamp(end),
                         boxes + 2 * index + chance.below(5), "mailboxes", entitled])
        orders = 5200 + chance.below(900) + {"2025-11": 5400, "2025-12": 3900}.get(month, 0)
        rows.append(["web-shop", "ostermoor", "orders", stamp(start), stamp(end), orders, "orders", ""])
    write("records/volumes.csv", "source_key service customer metric from to value unit entitlement".split(),
          (["VOL-%03d" % n, *row] for n, row in enumerate(rows, 1)))


def sideways(tickets):
    """What stands beside the tickets and outages: links, the desk's own clocks, exclusions, totals, money, holidays."""
    keyed = lambda prefix, rows: ([prefix % n, *row] for n, row in enumerate(rows, 1))
    write("records/links.csv", "source_key from to kind".split(),
          keyed("LN-%04d", registers.links(tickets.rows)))
    columns = "ticket name kind metric cycle start stop due paused_s elapsed_s business_s breached stage"
    write("records/clocks.csv", ["source_key", *columns.split()],
          keyed("CK-%05d", registers.clocks(tickets.rows, agreement_of, goals_of, CALENDARS)))
    write("registers/exclusions.csv",
          "source_key figure service ticket from to why requested_by approved_by approved_at".split(),
          keyed("EX-%03d", registers.exclusions()))
    write("records/reported-availability.csv",
          "source_key service from to up_s down_s excluded_s percent method".split(), keyed("RA-%03d", registers.reported()))
    write("registers/costs.csv", "source_key service from to cost_type currency budget actual committed forecast".split(),
          keyed("CO-%04d", registers.costs()))
    (BOOK / "registers/holidays.ics").write_bytes(registers.holidays(HOLIDAYS, HOLIDAY_NAMES).encode("utf-8"))


def main():
    tickets = Tickets(Chance(20_000))
    tickets.fill()
    register = outages(tickets)
    tickets.add_traps()
    tickets.number()
    registers.supplied(tickets.rows)
    tickets.write()
    sideways(tickets)
    write_outages(register)
    maintenance()
    checks(Chance(1))
    readings(Chance(2))
    continuity()
    surveys(Chance(3), tickets)
    volumes(Chance(4))
    (BOOK / "config.toml").write_bytes(config.text().encode("utf-8"))
    print("%d tickets in %s" % (len(tickets.rows), BOOK), file=sys.stderr)


if __name__ == "__main__":
    main()
