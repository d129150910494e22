"""The demo book's config.toml, made from the same catalogue and promises as its rows."""

from story import AGREEMENTS, CUSTOMERS, GROUPS, HOUR, MINUTE, ORDERING, RESOURCES, SERVICES, SHORT_DAYS, SUPPORT

HEAD = '''# The demo book: an invented provider, written by sample-data/generate.py. Do not edit; change story.py instead.

[book]
title = "Möwensund IT"
zone = "Europe/Berlin"
edition = 2018
sample = true
clock = "2026-10-05T08:00:00+02:00"

[report]
title = "Monthly service report"
purpose = "Decide with the customers what to keep and what to change in the services of the month."
audience = ["service managers of the customers", "service owners"]
frequency = "monthly"
owner = "service level manager"

[figures]
attribution = "finish"
availability = "A1"
coverage_limit = 95.0
small_n = 5
risk_at = 80.0
counts_from = "history"
satisfied_from = 80.0
reopen_days = 7
effect_days = 7
first_fix_groups = ["Service Desk"]
major_risks = ["major"]
test_after_change_days = 30
'''

CHARTS = '''
# Control charts: what varies as ever, and what does not. A baseline that is named stays as it is.

[[control_chart]]
measure = "tickets.opened"
dimensions = { type = "incident" }
baseline = "2025-10..2026-06"

[[control_chart]]
measure = "tickets.opened"
service = "contact-centre"
dimensions = { type = "incident" }
baseline = "2025-10..2026-06"

[[control_chart]]
measure = "sla.resolution"
dimensions = { type = "incident" }
baseline = "2025-10..2026-06"

[[control_chart]]
measure = "sla.resolution"
service = "contact-centre"
dimensions = { type = "incident" }

[[control_chart]]
measure = "tickets.opened"
service = "mail"
dimensions = { type = "incident" }
kind = "u"
'''

SOURCES = '''
# Sources. The outage register is complete for five services; the other three are watched by monitors, and what the
# monitors did not see is not known.

[[source]]
id = "tickets"
connector = "csv-tickets"
files = ["records/tickets.csv"]

[[source]]
id = "ticket-history"
connector = "csv-ticket-events"
files = ["records/ticket-events.csv"]

[[source]]
id = "outage-register"
connector = "csv-outages"
files = ["registers/outages.csv"]
declared_complete = true
declared_from = 2025-09-01
declared_services = ["mail", "remote-access", "erp", "payroll", "files"]

[[source]]
id = "maintenance"
connector = "csv-maintenance"
files = ["registers/maintenance.csv"]

[[source]]
id = "monitors"
connector = "csv-checks"
files = ["records/checks.csv"]
hold = { max_age = "8h", ignore_up_to = "3m" }

[[source]]
id = "capacity"
connector = "csv-readings"
files = ["records/readings.csv"]

[[source]]
id = "continuity-plans"
connector = "csv-continuity-plans"
files = ["registers/continuity-plans.csv"]

[[source]]
id = "continuity-tests"
connector = "csv-continuity-tests"
files = ["registers/continuity-tests.csv"]

[[source]]
id = "surveys"
connector = "csv-surveys"
files = ["records/surveys.csv"]

[[source]]
id = "volumes"
connector = "csv-volumes"
files = ["records/volumes.csv"]

[[source]]
id = "links"
connector = "csv-links"
files = ["records/links.csv"]

[[source]]
id = "desk-clocks"
connector = "csv-clocks"
files = ["records/clocks.csv"]

[[source]]
id = "exclusions"
connector = "csv-exclusions"
files = ["registers/exclusions.csv"]

[[source]]
id = "monitor-totals"
connector = "csv-reported-availability"
files = ["records/reported-availability.csv"]

[[source]]
id = "costs"
connector = "csv-costs"
files = ["registers/costs.csv"]
'''


def words(values):
    return "[%s]" % ", ".join('"%s"' % value for value in values)


def within(seconds):
    return "%dh" % (seconds // HOUR) if seconds % HOUR == 0 else "%dm" % (seconds // MINUTE)


def goals(agreement, place):
    lines = ['  { priority = "%s", within = "%s" },' % (priority, within(pair[place]))
             for priority, pair in agreement["goals"].items()]
    lines += ['  { type = "%s", within = "%s" },' % (kind, within(pair[place]))
              for kind, pair in agreement["others"].items()]
    return "[\n%s\n]" % "\n".join(lines)


def block(name, pairs):
    return "\n[[%s]]\n%s\n" % (name, "\n".join("%s = %s" % pair for pair in pairs if pair[1] is not None))


def quoted(value):
    return None if value is None else '"%s"' % value


def text():
    parts = [HEAD, "\n# Services, as the catalogue names them; the aliases are the names that the tools use.\n"]
    for id, name, aliases, calendar, go_live, users, *_ in SERVICES:
        parts.append(block("service", [
            ("id", quoted(id)), ("name", quoted(name)), ("aliases", words(aliases)), ("calendar", quoted(calendar)),
            ("go_live", go_live), ("users_entitled", users)]))
    id, name, calendar, components, needs, users = ORDERING
    parts.append("\n# Orders are taken in the shop and carried out in the ERP: down when one of them is.\n")
    parts.append(block("service", [
        ("id", quoted(id)), ("name", quoted(name)), ("calendar", quoted(calendar)), ("components", words(components)),
        ("needs", quoted(needs)), ("users_entitled", users)]))
    parts.append("\n# Services that are looked at together.\n")
    for id, name, services in GROUPS:
        parts.append(block("service_group", [("id", quoted(id)), ("name", quoted(name)), ("services", words(services))]))
    parts.append("\n# Customers.\n")
    for id, name, aliases in CUSTOMERS:
        parts.append(block("customer", [("id", quoted(id)), ("name", quoted(name)), ("aliases", words(aliases))]))
    parts.append("\n# Service hours. `24x7` is always there. Holidays are those of northern Germany.\n")
    overrides = "[\n%s\n]" % "\n".join(
        '  { date = %s, hours = ["%s"] },' % entry for entry in SHORT_DAYS)
    for id, weekday, saturday in (("office", "08:00-17:00", None), ("extended", "06:00-22:00", "08:00-14:00")):
        hours = ["%s = [\"%s\"]" % (day, weekday) for day in ("mon", "tue", "wed", "thu", "fri")]
        hours += ["sat = [\"%s\"]" % saturday] if saturday else []
        parts.append(block("calendar", [
            ("id", quoted(id)), ("zone", quoted("Europe/Berlin")), ("hours", "{ %s }" % ", ".join(hours)),
            ("holidays_from", '["registers/holidays.ics"]'), ("overrides", overrides if id == "office" else None)]))
    parts.append("\n# Agreements. One that names a customer goes before the one that does not.\n")
    for a in AGREEMENTS + SUPPORT:
        parts.append(block("agreement", [
            ("id", quoted(a["id"])), ("service", quoted(a["service"])), ("customer", quoted(a["customer"])),
            ("kind", quoted(a["kind"])), *([tuple(a["held_by"].split(" = "))] if a["held_by"] else []), ("calendar", quoted(a["calendar"])), ("valid_from", a["valid_from"]), ("valid_to", a["valid_to"]),
            ("availability", a["availability"]), ("maintenance_notice_days", a["notice"]),
            ("clock", a["clock"]),
            ("response_target", a["response"]), ("response", goals(a, 0) if a["response"] else None),
            ("resolution_target", a["resolution"]), ("resolution", goals(a, 1)),
            ("workload", "[%s]" % ", ".join('{ metric = "%s", per_month = %.1f }' % w for w in a["workload"])
             if a["workload"] else None),
            ("satisfaction", a["satisfaction"])]))
    parts.append("\n# Resources with an agreed threshold and the days that more of them takes.\n")
    forecasts = {"erp-db": "ols", "vpn-sessions": "holt_winters"}
    for id, name, service, metric, unit, of, threshold, lead, kind in RESOURCES:
        parts.append(block("resource", [
            ("id", quoted(id)), ("name", quoted(name)), ("service", quoted(service)), ("metric", quoted(metric)),
            ("unit", quoted(unit)), ("of", quoted(of)), ("threshold", "%.1f" % threshold), ("lead_time_days", lead),
            ("kind", quoted(kind)), ("forecast", quoted(forecasts.get(id)))]))
    parts.append(CHARTS)
    parts.append(SOURCES)
    return "".join(parts)
