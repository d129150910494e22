"""Figures of incidents and requests, and the counts of every other type."""

from fractions import Fraction
from statistics import NormalDist

from book import DAY
from clocks import judge, supporting
from intervals import percentile
from kinds import NOT_APPLICABLE, UNDEFINED
from state import first_group, fixed_first, open_at, view

BANDS = [("0-2", 0, 3), ("3-7", 3, 8), ("8-30", 8, 31), ("31-90", 31, 91), ("91+", 91, 10**9)]
PERCENTILES = [
    ("median", Fraction(1, 2)), ("p90", Fraction(9, 10)), ("p95", Fraction(19, 20)), ("p99", Fraction(99, 100)),
]


def judged_types(book):
    """Returns the types that any agreement of the book has a goal for."""
    return {kind for agreement in book.agreements for kind in types_of(agreement)}


def types_of(agreement, metrics=("response", "resolution")):
    """Returns the types that the goals of an agreement name, for any of its clocks."""
    return sorted({entry.get("type", "incident") for key in metrics for entry in agreement.get(key, [])})


def ever(ticket, field):
    """Returns every value that a field of a ticket has, or ever had."""
    return {ticket[field], *(value for event in ticket[f"{field}_events"] for value in event[1:])} - {None}


def figures(month):
    book = month.book
    month.seen = [judge(month, view(book, t, month.as_of)) for t in book.tickets if t["opened"] < month.as_of]
    scopes = [({}, None, None)]
    scopes += [({"service": service}, "service", service) for service in book.services]
    scopes += [({"customer": customer}, "customer", customer) for customer in book.customers]
    for scope, field, wanted in scopes:
        # Which combinations there are is asked of all rows of the book, not only of those of the month.
        here = [ticket for ticket in book.tickets if field is None or wanted in ever(ticket, field)]
        now = [seen for seen in month.seen if field is None or seen[field] == wanted]
        for kind in sorted({ticket["type"] for ticket in here}):
            of_type = [seen for seen in now if seen["type"] == kind]
            of_kind(month, scope, {"type": kind}, of_type, splits=True)
            priorities = set().union(*(ever(ticket, "priority") for ticket in here if ticket["type"] == kind))
            for priority in sorted(priorities):
                chosen = [seen for seen in of_type if seen["priority"] == priority]
                of_kind(month, scope, {"type": kind, "priority": priority}, chosen, splits=False)
    by_agreement(month)


def of_kind(month, scope, dimensions, seen, splits):
    opened = [one for one in seen if month.holds(one["opened"])]
    backlog = [one for one in seen if one["open"]]
    finished = [one for one in seen if month.holds(one["finished"]) and not one["cancelled"]]
    resolved = [one for one in seen if month.holds(one["resolved"]) and not one["cancelled"]]
    month.put("tickets.opened", scope, dimensions, len(opened))
    month.put("tickets.resolved", scope, dimensions, len(resolved))
    month.put("tickets.backlog", scope, dimensions, len(backlog))
    month.put("tickets.major", scope, dimensions, sum(1 for one in opened if one["is_major"]))
    balance(month, scope, dimensions, seen)

    counted = [one["reopened"] for one in finished if one["reopened"] is not None]
    month.put("tickets.reopened", scope, dimensions, sum(1 for times in counted if times))
    month.put_share("tickets.reopen_rate", scope, dimensions, sum(1 for times in counted if times), len(counted))
    moves = sorted(one["moves"] for one in finished if one["moves"] is not None)
    month.put("tickets.reassigned", scope, dimensions, sum(1 for count in moves if count))
    mean = Fraction(sum(moves), len(moves)) if moves else NOT_APPLICABLE
    month.put("tickets.reassignments", scope, dimensions, mean, n=len(moves))

    durations(month, "resolve.elapsed", scope, dimensions, [one["elapsed"] for one in seen])
    durations(month, "resolve.service", scope, dimensions, [one["service_time"] for one in seen])
    durations(month, "close.elapsed", scope, dimensions, [one["closing"] for one in seen])

    judged = dimensions["type"] in judged_types(month.book)
    flagged = [one for one in finished if one["tool_breached"] is not None]
    kept = [one for one in flagged if not one["tool_breached"]]
    if judged:
        for clock in ["response", "resolution"]:
            shares(month, clock, scope, dimensions, seen)
        month.put_share("sla.tool", scope, dimensions, len(kept), len(flagged))

    share = percentile(moves, Fraction(9, 10)) if moves else NOT_APPLICABLE
    month.put("tickets.reassignments.p90", scope, dimensions, share, n=len(moves))
    durations(month, "respond.elapsed", scope, dimensions, [one["answer"] for one in seen])
    durations(month, "respond.service", scope, dimensions, [one["answer_service"] for one in seen])
    for measure, key in [("tickets.age", "age"), ("tickets.age_service", "age_service")]:
        ages = sorted(one[key] for one in backlog)
        for name, rank in PERCENTILES[:2]:
            value = percentile(ages, rank) if ages else NOT_APPLICABLE
            month.put(f"{measure}.{name}", scope, dimensions, value, n=len(ages))
    for clock in ["response", "resolution"] if judged else []:
        differing = sum(1 for one in seen if one[f"{clock}_differs"])
        month.put(f"sla.{clock}_differs", scope, dimensions, differing)

    if not splits:
        return
    for status in sorted({one["status"] for one in opened}):
        count = sum(1 for one in opened if one["status"] == status)
        month.put("tickets.opened", scope, {**dimensions, "status": status}, count)
    for band, low, high in BANDS:
        count = sum(1 for one in backlog if low * DAY <= one["age"] < high * DAY)
        month.put("tickets.backlog", scope, {**dimensions, "age": band}, count)
    for times in sorted(set(counted) - {0}):
        month.put("tickets.reopened", scope, {**dimensions, "times": times}, counted.count(times))
    for name in ["weekday", "weekend"] if judged else []:
        asked = [v for v in flagged if (month.book.local_date(v["opened"]).weekday() >= 5) == (name == "weekend")]
        part = sum(1 for one in asked if not one["tool_breached"])
        month.put_share("sla.tool", scope, {**dimensions, "day": name}, part, len(asked))
    if dimensions["type"] in ("incident", "request"):
        first_fix(month, scope, dimensions, finished)
    came_back(month, scope, dimensions, seen)
    if not judged:
        return
    defects(month, scope, dimensions, seen)


def balance(month, scope, dimensions, seen):
    """Open at the start, what came and went: the identity of the backlog, ticket by ticket."""
    def within(instants):
        return sum(1 for at in instants if month.start <= at < month.known_to)

    started = [one for one in seen if open_at(one, month.start)]
    left = [count for one in seen if (count := within(one["left"]))]
    returned = [count for one in seen if (count := within(one["returned"]))]
    unbalanced = 0
    for one in seen:
        expected = open_at(one, month.start) + month.holds(one["opened"])
        expected += within(one["returned"]) - within(one["left"])
        unbalanced += open_at(one, month.known_to) != expected
    month.put("tickets.backlog_start", scope, dimensions, len(started))
    month.put("tickets.left", scope, dimensions, sum(left), n=len(left))
    month.put("tickets.returned", scope, dimensions, sum(returned), n=len(returned))
    month.put("tickets.unbalanced", scope, dimensions, unbalanced)


def shares(month, clock, scope, dimensions, seen):
    judged = [one[f"{clock}_met"] for one in seen if one[f"{clock}_met"] is not None]
    month.put_share(f"sla.{clock}", scope, dimensions, judged.count(True), len(judged))
    late = sum(1 for one in seen if one[f"{clock}_late"])
    month.put(f"sla.{clock}_open_breached", scope, dimensions, late)


def first_fix(month, scope, dimensions, finished):
    groups = month.book.settings["first_fix_groups"]
    if not groups:
        month.put("tickets.first_fix", scope, dimensions, "not_configured")
        return
    eligible = [
        one for one in finished
        if first_group(one) in groups and not one["is_major"] and one["reopened"] is not None
    ]
    fixed = [one for one in eligible if fixed_first(one, month.book.settings["reopen_days"])]
    month.put_share("tickets.first_fix", scope, dimensions, len(fixed), len(eligible))


def came_back(month, scope, dimensions, seen):
    days, asked, back = month.book.settings["reopen_days"], 0, 0
    for one in seen:
        finishes = [at for at in one["finishes"] if month.holds(at)]
        if finishes and not one["cancelled"]:
            asked += 1
            back += any(finishes[0] <= at < finishes[0] + days * DAY for at in one["reopenings"])
    month.put_share("tickets.reopened_within", scope, dimensions, back, asked)


def defects(month, scope, dimensions, seen):
    judged = [one["resolution_met"] for one in seen if one["resolution_met"] is not None]
    dpmo = Fraction(1_000_000 * judged.count(False), len(judged)) if judged else NOT_APPLICABLE
    month.put("sla.resolution_dpmo", scope, dimensions, dpmo)
    sigma = dpmo
    if judged:
        sigma = UNDEFINED if dpmo in (0, 1_000_000) else NormalDist().inv_cdf(float(1 - dpmo / 1_000_000)) + 1.5
    month.put("sla.resolution_sigma", scope, dimensions, sigma)


def durations(month, measure, scope, dimensions, lengths):
    lengths = sorted(taken for taken in lengths if taken is not None)
    n = len(lengths)
    month.put(f"{measure}.mean", scope, dimensions, Fraction(sum(lengths), n) if n else NOT_APPLICABLE, n=n)
    for name, share in PERCENTILES:
        value = percentile(lengths, share) if n else NOT_APPLICABLE
        month.put(f"{measure}.{name}", scope, dimensions, value, n=n)
    month.put(f"{measure}.max", scope, dimensions, lengths[-1] if n else NOT_APPLICABLE, n=n)


def by_agreement(month):
    """The clocks of each agreement that holds in the month, and of what supports them."""
    book = month.book
    for service in book.services:
        for agreement in month.overlapping(service):
            scope = {"service": service, "agreement": agreement["id"]}
            if "customer" in agreement:
                scope["customer"] = agreement["customer"]
            for clock in ["response", "resolution"]:
                for kind in types_of(agreement, [clock]):
                    chosen = [s for s in month.seen if s["agreement"] == agreement["id"] and s["type"] == kind]
                    shares(month, clock, scope, {"type": kind}, chosen)
    for agreement in book.agreements:
        name, service = agreement.get("kind", "sla"), agreement["service"]
        first, end = book.validity(agreement)
        if name == "sla" or not (first < month.known_to and month.start < end):
            continue
        scope = {"service": service, "agreement": agreement["id"]}
        for kind in types_of(agreement):
            met, late = [], 0
            for one in month.seen:
                day = book.local_date(one["opened"])
                holds = agreement["valid_from"] <= day < agreement.get("valid_to", day.max)
                if one["service"] != service or one["type"] != kind or not holds:
                    continue
                found = supporting(month, one, agreement)
                if found is not None and found[0] is None:
                    late += found[1] > found[2]
                elif found is not None and month.holds(found[0]):
                    met.append(found[1] <= found[2])
            month.put_share(f"{name}.resolution", scope, {"type": kind}, met.count(True), len(met))
            month.put(f"{name}.open_breached", scope, {"type": kind}, late)
