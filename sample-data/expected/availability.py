"""Availability of services, agreements and groups: formula A1, with everything that stands beside the percentage."""

from fractions import Fraction

from intervals import intersect, length, percentile, slices, subtract, union, weighted
from kinds import INSUFFICIENT, NO_DATA, NOT_APPLICABLE, NOT_CONFIGURED, UNDEFINED
from outages import agreed_work, excluded, notice_of, planned_work, state_of


def figures(month):
    book, whole_services = month.book, {}
    for service in book.services:
        overlapping = month.overlapping(service)
        general = [agreement for agreement in overlapping if "customer" not in agreement]
        in_force = book.in_force(service, None, month.judged_on)
        target = general[0] if len(general) == 1 else None
        whole_services[service] = of_scope(
            month, {"service": service}, service, book.calendar_of(service, None), notice_of(in_force), target, None)
        for agreement in overlapping:
            customer = agreement.get("customer")
            if "availability" in agreement or "calendar" in agreement:
                scope = {"service": service, "agreement": agreement["id"]}
                if customer is not None:
                    scope["customer"] = customer
                calendar = book.calendar_of(service, agreement)
                of_scope(month, scope, service, calendar, notice_of(agreement), agreement, agreement)
        reported(month, service)
    groups(month, whole_services)


def of_scope(month, scope, service, calendar, notice_days, target, only_while):
    book, entry = month.book, month.book.services[service]
    begin, end = month.start, month.end
    if only_while is not None:
        valid = book.validity(only_while)
        begin, end = max(begin, valid[0]), min(end, valid[1])
    counts_from = begin
    if "go_live" in entry:
        begin = max(begin, book.midnight(entry["go_live"]))
    if "retired" in entry:
        end = min(end, book.midnight(entry["retired"]))
    known_end = min(end, month.as_of)
    hours = book.hours(calendar, begin, known_end)
    planned, _ = agreed_work(month, service, notice_days)
    left_out = excluded(month, service)
    outages, known = state_of(month, service, notice_days)

    base = subtract(subtract(hours, planned), left_out)
    down = weighted(outages, base)
    total = length(base)
    covered = length(intersect(base, known))
    missing = None
    if total == 0:
        missing = NOT_APPLICABLE
    elif covered == 0:
        missing = NO_DATA
    elif Fraction(100 * covered, total) < Fraction(book.settings["coverage_limit"]):
        missing = INSUFFICIENT

    def put(measure, value, **more):
        month.put(f"availability.{measure}", scope, {}, value, **more)

    percent = missing or 100 * (total - down) / Fraction(total)
    put("percent", percent, part=int(1000 * (total - down)), whole_=1000 * total)
    put("downtime", missing or int(down))
    put("planned", length(intersect(planned, hours)) if hours else NOT_APPLICABLE)
    put("excluded", length(intersect(left_out, hours)) if hours else NOT_APPLICABLE)
    put("coverage", Fraction(100 * covered, total) if total else NOT_APPLICABLE)
    failures(month, put, missing, outages, base, total - down, (counts_from, end))
    acknowledged(month, put, missing, service, intersect(base, union([row[:2] for row in outages if row[2] > 0])),
                 (counts_from, end))
    budget(month, put, missing, target, down, total, (
        service, calendar, notice_days, left_out, begin, end))
    users(put, missing, entry.get("users_entitled"), outages, base, total)
    return None if missing else (total, down)


def failures(month, put, missing, outages, base, up, window):
    merged = union([row[:2] for row in outages if row[2] > 0])
    touching = [span for span in merged if intersect(base, [span])]
    # Without length they are events all the same, where no other outage covers them.
    points = {row[0] for row in outages if row[0] == row[1]}
    points = {at for at in points if not any(a <= at <= b for a, b in merged) and any(a <= at < b for a, b in base)}
    touching = sorted(touching + [(at, at) for at in points])
    started = [span for span in touching if window[0] <= span[0] < window[1]]
    lengths = sorted(length(intersect(base, [span])) for span in started)
    n = len(started)
    put("outages", missing or n)
    put("mtrs", missing or (Fraction(sum(lengths), n) if n else UNDEFINED))
    put("mtbf", missing or (up / n if n else UNDEFINED))
    put("mtbsi", missing or (Fraction(length(base), n) if n else UNDEFINED))
    for name, share in [("median", Fraction(1, 2)), ("p90", Fraction(9, 10))]:
        put(f"mtrs.{name}", missing or (percentile(lengths, share) if n else UNDEFINED))
    between = sorted(
        length(intersect(base, [(before[1], after[0])])) for before, after in zip(touching, touching[1:])
        if after in started
    )
    for name, share in [("median", Fraction(1, 2)), ("p90", Fraction(9, 10))]:
        put(f"mtbf.{name}", missing or (percentile(between, share) if between else UNDEFINED))
    put("longest", missing or max((length(intersect(base, [span])) for span in touching), default=UNDEFINED))


def with_parts(book, service):
    """Returns a service and all that it is made of."""
    parts = book.services[service].get("components", [])
    return {service}.union(*(with_parts(book, part) for part in parts))


def acknowledged(month, put, missing, service, counted, window):
    """Time until somebody took an outage up, over the rows that count.

    A row counts where it makes up counted time of the service, or has no length and is its own.
    """
    begun, parts = [], with_parts(month.book, service)
    for row in month.book.outages:
        end = month.as_of if row["end"] is None else min(row["end"], month.as_of)
        if row["service"] in parts and month.holds(row["start"]) and window[0] <= row["start"] < window[1]:
            event = row["start"] == row["end"] and row["service"] == service
            if event or intersect(counted, [(row["start"], end)]):
                begun.append(row)
    waits = sorted(
        row["acknowledged"] - row["start"] for row in begun
        if row["acknowledged"] is not None and row["start"] <= row["acknowledged"] < month.as_of
    )
    nothing = missing or (NO_DATA if begun else UNDEFINED)
    put("mtta", Fraction(sum(waits), len(waits)) if waits and not missing else nothing)
    for name, share in [("median", Fraction(1, 2)), ("p90", Fraction(9, 10))]:
        put(f"mtta.{name}", percentile(waits, share) if waits and not missing else nothing)


def budget(month, put, missing, target, down, total, where):
    """What the target allows in the whole month, and what of it is gone."""
    service, calendar, notice_days, left_out, begin, end = where
    ahead = month.book.hours(calendar, max(begin, month.as_of), end)
    ahead = subtract(subtract(ahead, planned_work(month, service, notice_days, end)), left_out)
    base = total + length(ahead)
    names = ["allowed_left", "budget_used", "burn_rate"]
    if base == 0 or target is None or "availability" not in target:
        nothing = NOT_APPLICABLE if base == 0 else NOT_CONFIGURED
        put("allowed", nothing)
        for name in names:
            put(name, missing or nothing)
        return
    lost = 1 - Fraction(target["availability"]) / 100
    allowed = lost * base
    put("allowed", allowed)
    put("allowed_left", missing or allowed - down)
    if allowed == 0:
        used = UNDEFINED if down else NOT_APPLICABLE
        put("budget_used", missing or used)
        put("burn_rate", missing or used)
    else:
        put("budget_used", missing or 100 * down / allowed)
        put("burn_rate", missing or down / total / lost)


def users(put, missing, entitled, outages, base, total):
    """Users times time lost, each slice with the greatest number of users that an outage in it tells."""
    if missing or entitled is None:
        put("user_weighted", missing or NOT_CONFIGURED)
        put("lost_user_minutes", missing or NOT_CONFIGURED)
        return
    lost = Fraction(0)
    for a, b, active in slices(outages):
        told = [entitled * row[2] if row[3] is None else min(row[3], entitled) for row in active]
        lost += max(told) * length(intersect(base, [(a, b)]))
    put("user_weighted", 100 * (1 - lost / (total * entitled)))
    put("lost_user_minutes", int(lost // 60))


def reported(month, service):
    """What a tool reports of itself, over the rows that lie wholly within the month."""
    rows = [
        row for row in month.book.reported
        if row["service"] == service and month.start <= row["from"] and row["to"] <= month.known_to
    ]
    if not any(row["service"] == service for row in month.book.reported):
        return
    if not rows:
        month.put("availability.reported", {"service": service}, {}, NO_DATA)
        return
    if all(row["up"] is not None and row["down"] is not None for row in rows):
        up, down = sum(row["up"] for row in rows), sum(row["down"] for row in rows)
        value = Fraction(100 * up, up + down)
    else:
        spans = [row["to"] - row["from"] - (row["excluded"] or 0) for row in rows]
        value = sum(row["percent"] * span for row, span in zip(rows, spans)) / sum(spans)
    month.put("availability.reported", {"service": service}, {}, value)


def groups(month, services):
    """Pools base and downtime of the members that have a figure; a mean of percentages is another statistic."""
    entries = [({"group": group["id"]}, group["services"]) for group in month.book.groups]
    parts = {part for entry in month.book.services.values() for part in entry.get("components", [])}
    rest = [service for service in services if service not in parts]
    if len(rest) > 1:
        entries.append(({}, rest))
    for dimensions, members in entries:
        found = [services[member] for member in members if services[member] is not None]
        if not found:
            month.put("availability.pooled", {}, dimensions, NO_DATA)
            month.put("availability.worst", {}, dimensions, NO_DATA)
            continue
        total, down = sum(base for base, _ in found), sum(lost for _, lost in found)
        value = 100 * (total - down) / Fraction(total)
        month.put("availability.pooled", {}, dimensions, value, int(1000 * (total - down)), 1000 * total)
        worst = min(100 * (base - lost) / Fraction(base) for base, lost in found)
        month.put("availability.worst", {}, dimensions, worst)
