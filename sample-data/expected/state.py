"""A ticket as it stood at an instant: told from its history where it has one, else from its row."""

from book import DAY

ENDED = ("resolved", "closed")
OUT = (*ENDED, "cancelled")


def told(ticket, field, as_of):
    """Returns priority, group, service or customer as known before an instant.

    The last known change tells it; where only later ones are there, what the first of them says was there before.
    Without any, today's value.
    """
    events = ticket[f"{field}_events"]
    past = [new for at, _, new in events if at < as_of]
    if past:
        return past[-1]
    return events[0][1] if events else ticket[field]


def value_at(ticket, field, at):
    """Returns the value at an instant, changes of that very instant included."""
    return told(ticket, field, at + 1)


def pieces(ticket, field, until):
    """Cuts a ticket's life from its opening to an instant into (start, end, value of the field)."""
    events = [event for event in ticket[f"{field}_events"] if event[0] < until]
    if not ticket[f"{field}_events"]:
        value = None if field == "status" else ticket[field]
        return [(ticket["opened"], until, value)]
    first = ticket[f"{field}_events"][0][1]
    if first is None and field == "status":
        first = "new"
    parts, since, value = [], ticket["opened"], first
    for at, _, new in events:
        if at > since:
            parts.append((since, at, value))
            since = at
        value = new
    if since < until:
        parts.append((since, until, value))
    return parts


def where(ticket, condition, until):
    """Returns the spans in which a condition of an agreement's clock holds: by status, or by group."""
    spans = []
    for field in ["status", "group"]:
        wanted = condition.get(field, [])
        if wanted:
            spans += [(a, b) for a, b, value in pieces(ticket, field, until) if value in wanted]
    return spans


def view(book, ticket, as_of):
    """Returns a copy of a ticket with what was known of it at an instant."""
    history = ticket["status_events"]
    past = [event for event in history if event[0] < as_of]
    status = ticket["status"]
    if history:
        assert past, ticket["key"]
        status = past[-1][2]
    open_by_history = bool(history) and status not in OUT

    resolved = None
    if ticket["resolved"] is not None and ticket["resolved"] < as_of:
        resolved = ticket["resolved"]
    elif history and status in ENDED:
        entered = [at for at, old, new in past if new in ENDED and old not in ENDED]
        named = ticket["resolved"] is not None or any(new == "resolved" for _, _, new in past)
        resolved = entered[-1] if entered and named else None
    closed = ticket["closed"] if ticket["closed"] is not None and ticket["closed"] < as_of else None
    if open_by_history:
        resolved = closed = None
    finished = resolved if resolved is not None else closed

    gaps, since, first_finish, reopened = [], None, None, []
    for at, old, new in past:
        if new in ENDED and old not in ENDED:
            since = at
            first_finish = at if first_finish is None else first_finish
        if old in ENDED and new not in OUT:
            reopened.append(at)
            gaps.append((since, at))
    moves = sum(
        1
        for at, old, new in ticket["group_events"][1:]
        if at < as_of and old is not None and new is not None and old != new
    )
    cancelled = status == "cancelled"
    at_unknown_time = status in ENDED and ticket["resolved"] is None and ticket["closed"] is None and resolved is None
    if history and finished is None and status in ENDED and not at_unknown_time:
        raise SystemExit(f"{ticket['key']} ended by its history but has no time: no rule for that here")
    response = ticket["response"] if ticket["response"] is not None and ticket["response"] < as_of else None
    opened = ticket["opened"]

    # When it left the open state, and when it came back.
    if history:
        left = [at for at, old, new in past if new in OUT and old not in OUT and at >= opened]
        returned = [at for at, old, new in past if old in OUT and new not in OUT and at >= opened]
    else:
        left, returned = [finished] if finished is not None and not cancelled else [], []

    seen = dict(ticket)
    seen.update({field: told(ticket, field, as_of) for field in ["priority", "group", "service", "customer"]})
    seen.update({
        "status": status,
        "cancelled": cancelled,
        "resolved": resolved,
        "closed": closed,
        "finished": finished,
        "first_finish": first_finish if history else finished,
        "finishes": [at for at, old, new in past if new in ENDED and old not in ENDED] if history else [],
        "open": finished is None and not cancelled and not at_unknown_time,
        "at_unknown_time": at_unknown_time,
        "response": response,
        "reopened": len(reopened) if history else ticket["reopen_count"],
        "reopenings": reopened,
        "moves": moves if ticket["group_events"] else ticket["reassignment_count"],
        "gaps": gaps,
        "left": left,
        "returned": returned,
        "bad_resolution": resolved is not None and resolved < opened,
        "bad_closing": closed is not None and closed < opened,
        "bad_response": response is not None and response < opened,
    })
    return seen


def open_at(seen, at):
    """Says whether a ticket, as seen, was open just before an instant."""
    if seen["opened"] >= at:
        return False
    if seen["status_events"]:
        past = [new for when, _, new in seen["status_events"] if when < at]
        return not past or past[-1] not in OUT
    if seen["cancelled"] or seen["at_unknown_time"]:
        return False
    return seen["finished"] is None or seen["finished"] >= at


def first_group(seen):
    """Returns the group that had the ticket first; None where that is not known.

    Without a history of groups it is today's, but only of a ticket that never changed groups by the tool's counter.
    """
    if seen["group_events"]:
        _, before, after = seen["group_events"][0]
        return before or after
    return seen["group"] if seen["moves"] == 0 else None


def fixed_first(seen, days):
    """Says whether nobody but the first group had it, and it did not come back within so many days."""
    if seen["moves"]:
        return False
    if not seen["status_events"]:
        return not seen["reopened"]
    limit = seen["first_finish"] + days * DAY
    return not any(seen["first_finish"] <= at < limit for at in seen["reopenings"])
