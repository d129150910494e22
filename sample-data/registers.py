"""What other tools and registers say beside the tickets: links, the desk's own clocks, exclusions, costs, totals.

Each table has its own seed, so that a change here moves nothing elsewhere.
"""

from datetime import date

from berlin import DAY, HOUR, MINUTE, Chance, instant, month_start, stamp
from story import (
    CHANGES_BREAK, CLOCK, COST_SHARES, COSTS, EXCLUSIONS, MONTHS, RELATIONSHIP_SURVEY, REPORTED, SUPPLIER)

NOW = instant(CLOCK)


def supplied(tickets):
    """Names the supplier that works on a share of the telephone tickets."""
    chance = Chance(10)
    for ticket in tickets:
        if ticket["type"] in ("incident", "request") and ticket.get("group") == "Telephony" and chance.unit() < 0.6:
            ticket["supplier"] = SUPPLIER


def links(tickets):
    """Incidents tied to the change that broke something, to their problem, and to the ticket that they repeat."""
    chance = Chance(11)
    rows = [list(row) for row in CHANGES_BREAK]
    incidents = [t for t in tickets if t["type"] == "incident" and isinstance(t["opened_at"], int)]
    by_service = {}
    for ticket in incidents:
        by_service.setdefault(ticket["service"], []).append(ticket)
    for change in tickets:
        if change["type"] != "change" or change.get("outcome") not in ("failed", "successful"):
            continue
        done = change.get("actual_end")
        done = instant(done) if isinstance(done, str) else done
        if done is None:
            continue
        after = [t for t in by_service.get(change["service"], []) if done <= t["opened_at"] < done + 10 * DAY]
        share = 0.8 if change["outcome"] == "failed" else 0.03
        if after and chance.unit() < share:
            for ticket in after[:chance.between(1, 2)]:
                rows.append([ticket["source_key"], change["source_key"], "caused_by"])
    for problem in tickets:
        if problem["type"] == "problem":
            near = [t for t in by_service.get(problem["service"], [])
                    if abs(t["opened_at"] - problem["opened_at"]) < 40 * DAY]
            for ticket in near[:chance.between(0, 4)]:
                rows.append([ticket["source_key"], problem["source_key"], "caused_by"])
    for at, ticket in enumerate(incidents):
        if at and chance.unit() < 0.008:
            rows.append([ticket["source_key"], incidents[at - 1]["source_key"], "duplicate"])
    return sorted(set(map(tuple, rows)))


def clocks(tickets, agreement_of, goals_of, calendars):
    """The clocks that the service desk itself ran since July, as it exports them: it knows no holidays, and now and
    then its flag is wrong."""
    chance = Chance(12)
    rows = []
    for ticket in tickets:
        if ticket["type"] not in ("incident", "request") or "history" not in ticket or not ticket.get("tool_breached"):
            continue
        opened = ticket["opened_at"]
        agreement = agreement_of(ticket["service"], ticket["customer"], opened)
        response, resolution = goals_of(agreement, ticket["type"], ticket["priority"]) or (None, None)
        if response is None:
            continue
        calendar = calendars[agreement["calendar"]]
        for metric, goal, stop in (("response", response, ticket.get("first_response_at")),
                                   ("resolution", resolution, ticket.get("resolved_at"))):
            taken = calendar.between(opened, stop if isinstance(stop, int) else NOW)
            breached = (taken > goal) != (chance.unit() < 0.01)
            if metric == "resolution":
                breached = ticket["tool_breached"] == "true"
            stage = "completed" if isinstance(stop, int) else "cancelled" if ticket["status"] == "cancelled" else \
                "paused" if ticket["status"] == "pending" else "in_progress"
            cycles = 2 if metric == "resolution" and ticket.get("reopen_count") and chance.unit() < 0.5 else 1
            for cycle in range(1, cycles + 1):
                last = cycle == cycles
                rows.append((opened, ticket["source_key"], "%s %s" % (agreement["id"], metric), "SLA", metric, cycle,
                             stamp(opened), stamp(stop if isinstance(stop, int) else None),
                             stamp(calendar.after(opened, goal)), 0, (stop if isinstance(stop, int) else NOW) - opened,
                             taken, str(breached if last else False).lower(), stage if last else "cancelled"))
    return [row[1:] for row in sorted(rows)]


def exclusions():
    for figure, service, ticket, start, end, why, asked, approved, at in EXCLUSIONS:
        yield [figure, service, ticket, stamp(start and instant(start)), stamp(end and instant(end)), why, asked,
               approved, stamp(at and instant(at))]


def reported():
    for service, year, month, up, down, excluded, percent, method in REPORTED:
        start, end = month_start(year, month), month_start(year, month + 1)
        if up == "":
            yield [service, stamp(start), stamp(end), "", "", "", percent, method]
        else:
            yield [service, stamp(start), stamp(end), end - start - down - excluded, down, excluded, percent, method]


def costs():
    """Budget and actual of each service, month and type, in cents."""
    chance = Chance(13)
    for year, month in MONTHS:
        start, end = month_start(year, month), month_start(year, month + 1)
        for service, budget in COSTS:
            if service == "data-warehouse" and date(year, month, 1) < date(2026, 2, 1):
                continue
            for kind, share in COST_SHARES:
                planned = budget * share
                if (service, kind) == ("data-warehouse", "licences"):
                    currency, planned = "USD", planned * 11 // 10
                else:
                    currency = "EUR"
                actual = planned * chance.between(93, 106) // 100
                if (service, kind, year, month) == ("erp", "supplier", 2026, 9):
                    actual += 1_284_550
                if (year, month) == (2026, 10):
                    actual, committed = "", planned * 40 // 100
                else:
                    committed = 0
                budgeted = "" if (service, kind) == ("contact-centre", "supplier") else planned
                yield [service, stamp(start), stamp(end), kind, currency, budgeted, actual, committed, planned]


def relationship_survey(customers):
    """The yearly question whether they would recommend us, on a scale of ten."""
    chance = Chance(14)
    sent = instant(RELATIONSHIP_SURVEY)
    rows = []
    for customer, (count, answering, happy) in customers.items():
        for _ in range(count):
            answered = sent + chance.between(1, 12) * DAY + chance.between(0, 9 * 60) * MINUTE
            score = None
            if chance.unit() < answering:
                score = chance.weighted([(10, 3), (9, 5), (8, 4)]) if chance.unit() < happy else \
                    chance.weighted([(7, 4), (6, 3), (5, 2), (3, 1)])
            rows.append((sent, "", "", customer, answered if score else None, score))
    # Typed from paper: no such answer on this scale.
    rows.append((sent, "", "", "ostermoor", sent + 3 * DAY + HOUR, 11))
    return rows


def holidays(days, names):
    """The holidays as a calendar program writes them; Christmas and New Year come every year."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Moewensund IT//holidays//EN"]
    yearly = {(1, 1), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26)}
    seen = set()
    for day in days:
        repeats = (day.month, day.day) in yearly
        if repeats and (day.month, day.day) in seen:
            continue
        seen.add((day.month, day.day))
        lines += ["BEGIN:VEVENT", "UID:%s@moewensund.example" % day.strftime("%Y%m%d"), "DTSTAMP:20241201T080000Z",
                  "DTSTART;VALUE=DATE:%s" % day.strftime("%Y%m%d")]
        lines += ["RRULE:FREQ=YEARLY"] if repeats else []
        lines += ["SUMMARY:%s" % names.get((day.month, day.day), "Public holiday"), "END:VEVENT"]
    # Withdrawn by the works council: an entry that is still in the file.
    lines += ["BEGIN:VEVENT", "UID:bridge-2026@moewensund.example", "DTSTAMP:20241201T080000Z",
              "DTSTART;VALUE=DATE:20260515", "STATUS:CANCELLED", "SUMMARY:Bridge day", "END:VEVENT", "END:VCALENDAR"]
    return "\r\n".join(lines) + "\r\n"
