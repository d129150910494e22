"""When a service was down, by whom it was seen, and for which time that is known at all."""

from fractions import Fraction

from book import DAY
from intervals import intersect, slices, subtract, union


def announced(work, notice_days):
    """Says whether maintenance was announced in time; where no notice is agreed, it always was."""
    return notice_days == 0 or (
        work["announced_at"] is not None and work["announced_at"] <= work["planned_start"] - notice_days * DAY)


def agreed_work(month, service, notice_days):
    """Returns agreed maintenance, and the work done outside of it."""
    agreed, outside = [], []
    for work in month.book.maintenance:
        begun = work["actual_start"]
        if work["service"] != service or begun is None or begun >= month.as_of:
            continue
        ended = month.as_of if work["actual_end"] is None else min(work["actual_end"], month.as_of)
        actual = [(begun, ended)] if begun < ended else []
        planned = [(work["planned_start"], work["planned_end"])]
        if announced(work, notice_days):
            agreed += intersect(actual, planned)
            outside += subtract(actual, planned)
        else:
            outside += actual
    return union(agreed), union(outside)


def planned_work(month, service, notice_days, until):
    """Returns the agreed windows that still lie ahead, as announced by now."""
    ahead = []
    for work in month.book.maintenance:
        done = work["actual_end"] is not None and work["actual_end"] < month.as_of
        told = work["announced_at"] is None or work["announced_at"] < month.as_of
        if work["service"] == service and not done and told and announced(work, notice_days):
            ahead += intersect([(work["planned_start"], work["planned_end"])], [(month.as_of, until)])
    return union(ahead)


def excluded(month, service):
    """Returns the spans that are left out by a decision that was taken by now."""
    return union([
        (row["from"], row["to"]) for row in month.book.exclusions
        if row["figure"] == "availability" and (row["every"] or row["service"] == service)
        and row["approved"] is not None and row["approved"] < month.as_of and row["from"] < row["to"]
    ])


def seen_by_monitors(month, service):
    """Returns the outages that monitors saw: from the first check down to the next check up."""
    book, spans = month.book, []
    for (watched, _), results in book.checks.items():
        if watched != service:
            continue
        begun = last = None
        for at, up in results:
            if at > month.as_of:
                break
            last = at
            if up and begun is not None:
                spans.append((begun, at))
                begun = None
            elif not up and begun is None:
                begun = at
        if begun is not None:
            spans.append((begun, min(month.as_of, last + book.max_age)))
    return [span for span in spans if span[1] - span[0] > book.ignore_up_to]


def watched_time(month, service):
    """Returns the time for which the state of the service is known, without its outages."""
    book, known = month.book, []
    for monitor, results in book.checks.items():
        if monitor[0] != service:
            continue
        seen = [at for at, _ in results if at <= month.as_of]
        watched_from = book.watched_from.get(monitor)
        if watched_from is not None and seen:
            known.append((watched_from, seen[0]))
        for at, following in zip(seen, [*seen[1:], month.as_of]):
            known.append((at, min(following, at + book.max_age)))
    for asserted, since in book.asserted:
        if asserted == service:
            known.append((since, month.as_of))
    return union(known)


def notice_of(agreement):
    return (agreement or {}).get("maintenance_notice_days", 0)


def own_outages(month, service, notice_days):
    """Returns (start, end, weight, users) of each outage of a service's own, and of work beside the agreement."""
    rows = []
    for row in month.book.outages:
        if row["service"] == service and row["start"] < month.as_of:
            end = month.as_of if row["end"] is None else min(row["end"], month.as_of)
            rows.append((row["start"], end, row["weight"], row["users"]))
    rows += [(begun, ended, Fraction(1), None) for begun, ended in seen_by_monitors(month, service)]
    spans = union([row[:2] for row in rows])
    _, outside = agreed_work(month, service, notice_days)
    return rows + [(begun, ended, Fraction(1), None) for begun, ended in subtract(outside, spans)]


def state_of(month, service, notice_days):
    """Returns the outages of a service, and the time for which its state is known.

    A service made of others is as far down as the least of those that it needs.
    """
    book = month.book
    own = own_outages(month, service, notice_days)
    known = union(watched_time(month, service) + [row[:2] for row in own])
    parts = book.services[service].get("components")
    if not parts:
        return own, known
    needs = book.services[service].get("needs", "all")
    needs = {"all": len(parts), "any": 1}.get(needs, needs)
    states = []
    for part in parts:
        states.append(state_of(month, part, notice_of(book.in_force(part, None, month.judged_on))))
    rank, outages = len(parts) - needs, list(own)
    for a, b, _ in slices([row for state in states for row in state[0]]):
        weights = []
        for rows, _ in states:
            active = [row[2] for row in rows if row[0] <= a and b <= row[1]]
            weights.append(max(active, default=Fraction(0)))
        weight = sorted(weights, reverse=True)[rank]
        if weight > 0:
            users = [row[3] for rows, _ in states for row in rows if row[0] <= a and b <= row[1]]
            outages.append((a, b, weight, None if None in users else max(users)))
    shared = states[0][1]
    for _, more in states[1:]:
        shared = intersect(shared, more)
    if own or watched_time(month, service):
        shared = intersect(shared, known)
    return outages, union(shared + [row[:2] for row in outages])
