"""The clocks of agreements: our own on each ticket, those that support them, and the tool's beside them."""

from book import seconds
from intervals import length, subtract, union
from state import value_at, where


def goal(agreement, metric, kind, priority):
    """Returns the seconds promised to a type and priority: its own goal, else that of its type."""
    exact = general = None
    for entry in agreement.get(metric, []):
        if entry.get("type", "incident") == kind:
            if "priority" not in entry:
                general = seconds(entry["within"])
            elif entry["priority"] == priority:
                exact = seconds(entry["within"])
    return exact if exact is not None else general


class Policy:
    """What an agreement says of its clocks."""

    def __init__(self, agreement):
        told = (agreement or {}).get("clock", {})
        if {"stop", "cancel"} & set(told):
            raise SystemExit("this script knows no stop and no cancel conditions")
        self.start = told.get("start")
        self.pause = told.get("pause", {})
        self.pause_response = told.get("pause_response", False)
        self.reopened = told.get("reopened", "continue")
        self.restart_on_goal = told.get("new_goal", "retroactive") == "restart"


def taken(book, calendar, start, stop, pauses):
    running = subtract([(start, stop)], union(pauses))
    return sum(length(book.hours(calendar, a, b)) for a, b in running)


def goals_changed(seen, agreement, start, stop):
    """Returns when the priority changed between two instants so that another goal held."""
    changes = []
    for at, old, new in seen["priority_events"]:
        before = goal(agreement, "resolution", seen["type"], old)
        after = goal(agreement, "resolution", seen["type"], new)
        if start < at < stop and before != after:
            changes.append(at)
    return changes


def resolution(month, seen, agreement, calendar):
    """Returns the resolution clock of a ticket as (stop, taken, goal), stop None while it runs; None without clock."""
    book, policy = month.book, Policy(agreement)
    stop, gaps = seen["resolved"], seen["gaps"]
    if policy.reopened == "first" and (gaps or stop is not None):
        stop, gaps = (gaps[0][0] if gaps else stop), []
    if seen["cancelled"] or (stop is None and not seen["open"]) or (stop is not None and stop < seen["opened"]):
        return None
    until = month.as_of if stop is None else stop
    start = seen["opened"]
    if policy.start is not None:
        begun = [a for a, b in where(seen, policy.start, until) if b > a]
        if not begun:
            return None
        start = min(begun)
    within = goal(agreement, "resolution", seen["type"], value_at(seen, "priority", min(until, month.as_of - 1)))
    if within is None:
        return None
    pauses = where(seen, policy.pause, until)
    gaps = [(a, b) for a, b in gaps if b <= until]
    if policy.reopened == "restart" and gaps:
        start = gaps[-1][1]
    if policy.restart_on_goal:
        start = max([start, *goals_changed(seen, agreement, start, until)])
    if policy.reopened == "worst":
        starts, stops = [start, *(b for _, b in gaps)], [*(a for a, _ in gaps), until]
        cycles = [taken(book, calendar, a, b, pauses) for a, b in zip(starts, stops)]
        return stop, (cycles[-1] if stop is None else max(cycles)), within
    return stop, taken(book, calendar, start, until, pauses + gaps), within


def response(month, seen, agreement, calendar):
    """Returns the response clock likewise. It never starts again."""
    stop = seen["response"]
    if seen["cancelled"] or (stop is None and not seen["open"]) or seen["bad_response"]:
        return None
    until = month.as_of if stop is None else stop
    within = goal(agreement, "response", seen["type"], value_at(seen, "priority", min(until, month.as_of - 1)))
    if within is None:
        return None
    policy = Policy(agreement)
    pauses = where(seen, policy.pause, until) if policy.pause_response else []
    return stop, taken(month.book, calendar, seen["opened"], until, pauses), within


def supporting(month, seen, agreement):
    """Returns the clock of an OLA or an underpinning contract on a ticket, in the same way."""
    book, policy = month.book, Policy(agreement)
    calendar = book.calendar_of(agreement["service"], agreement)
    if "group" not in agreement:
        if (seen["supplier"] or "").lower() != agreement["supplier"].lower():
            return None
        return resolution(month, seen, agreement, calendar)
    if policy.reopened != "continue" or policy.restart_on_goal:
        raise SystemExit("this script knows only continuing clocks of groups")
    if seen["cancelled"] or seen["bad_resolution"]:
        return None
    end = seen["resolved"]
    if end is None and not seen["open"]:
        end = seen["closed"]
    until = month.as_of if end is None else end
    held = union(where(seen, {"group": [agreement["group"]]}, until))
    if not held:
        return None
    if held[-1][1] < until:  # given away before the end
        stop = held[-1][1]
    elif seen["open"]:
        stop = None
    else:
        stop = seen["resolved"]
        if stop is None:
            return None  # ended without a resolution
    if stop is not None:
        until = stop
    start = held[0][0]
    within = goal(agreement, "resolution", seen["type"], value_at(seen, "priority", min(until, month.as_of - 1)))
    if within is None:
        return None
    pauses = subtract([(start, until)], held) + where(seen, policy.pause, until) + seen["gaps"]
    return stop, taken(book, calendar, start, until, pauses), within


def judge(month, seen):
    """Adds to a seen ticket its agreement, its service time and what its clocks say in a month."""
    book = month.book
    agreement = None
    if seen["service"] is not None:
        agreement = book.in_force(seen["service"], seen["customer"], book.local_date(seen["opened"]))
    calendar = book.calendar_of(seen["service"], agreement)
    seen["agreement"] = None if agreement is None else agreement["id"]
    excluded = any(
        row["figure"] == "sla" and row["ticket"] == seen["key"] and row["approved"] is not None
        and row["approved"] < month.as_of
        for row in book.exclusions
    )
    resolved, closed, answered = seen["resolved"], seen["closed"], seen["response"]
    pause = Policy(agreement).pause

    seen["elapsed"] = seen["service_time"] = seen["closing"] = seen["answer"] = seen["answer_service"] = None
    if month.holds(resolved) and not seen["cancelled"] and not seen["bad_resolution"]:
        seen["elapsed"] = resolved - seen["opened"]
        seen["service_time"] = taken(
            book, calendar, seen["opened"], resolved, seen["gaps"] + where(seen, pause, resolved))
    if month.holds(closed) and not seen["cancelled"] and not seen["bad_closing"]:
        seen["closing"] = closed - seen["opened"]
    if month.holds(answered) and not seen["cancelled"] and not seen["bad_response"]:
        seen["answer"] = answered - seen["opened"]
        seen["answer_service"] = taken(book, calendar, seen["opened"], answered, [])
    seen["age"] = seen["age_service"] = None
    if seen["open"]:
        seen["age"] = month.as_of - seen["opened"]
        seen["age_service"] = taken(
            book, calendar, seen["opened"], month.as_of, seen["gaps"] + where(seen, pause, month.as_of))

    for metric, clock in [("response", response), ("resolution", resolution)]:
        seen[f"{metric}_met"], seen[f"{metric}_late"] = None, False
        found = clock(month, seen, agreement, calendar) if agreement is not None and not excluded else None
        if found is not None:
            stop, used, within = found
            if stop is None:
                seen[f"{metric}_late"] = used > within
            elif month.holds(stop):
                seen[f"{metric}_met"] = used <= within
        kept = sorted(book.tool_clocks[seen["key"], metric], key=lambda row: row[:2])
        flag = kept[-1][2] if kept else seen["tool_breached"] if metric == "resolution" else None
        met = seen[f"{metric}_met"]
        seen[f"{metric}_differs"] = met is not None and flag is not None and met == flag
    return seen
