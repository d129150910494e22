"""Changes and what they broke; problems and what they explain."""

from book import DAY
from tickets import ever


def figures(month):
    changes(month)
    problems(month)


def broken_by(month, change):
    """Returns the incidents tied to a change that were opened from its start until some days after its end."""
    begun = change["actual_end"] if change["actual_start"] is None else change["actual_start"]
    until = change["actual_end"] + month.book.settings["effect_days"] * DAY
    tied = {source for source, target, kind in month.book.links if kind == "caused_by" and target == change["key"]}
    return [
        one for one in month.seen
        if one["type"] == "incident" and one["key"] in tied and begun <= one["opened"] < until
    ]


def in_window(change):
    late = change["planned_end"] is not None and change["actual_end"] > change["planned_end"]
    stamps = change["planned_start"], change["actual_start"]
    early = None not in stamps and stamps[1] < stamps[0]
    return not late and not early


def authorised(change):
    if change["change_type"] == "standard":
        return True
    begun = change["actual_end"] if change["actual_start"] is None else change["actual_start"]
    return change["approved"] is not None and change["approved"] <= begun


def changes(month):
    for service in [None, *month.book.services]:
        # Whether there is a figure at all is asked of all rows.
        if not any(t["type"] == "change" and service in (None, t["service"]) for t in month.book.tickets):
            continue
        scope = {} if service is None else {"service": service}
        done = [
            one for one in month.seen
            if one["type"] == "change" and service in (None, one["service"]) and month.holds(one["actual_end"])
        ]
        judged = [one for one in done if one["outcome"] in ("successful", "failed", "partial")]
        broken = {one["key"]: len(broken_by(month, one)) for one in done}
        good = [
            one for one in judged
            if one["outcome"] == "successful" and not one["backed_out"] and in_window(one) and not broken[one["key"]]
        ]
        emergency = [one for one in done if one["change_type"] == "emergency"]
        month.put("change.implemented", scope, {}, len(done))
        month.put_share("change.success", scope, {}, len(good), len(judged))
        month.put_share("change.emergency", scope, {}, len(emergency), len(done))
        month.put_share("change.unauthorised", scope, {}, sum(1 for one in done if not authorised(one)), len(done))
        month.put("change.backed_out", scope, {}, sum(1 for one in done if one["backed_out"]))
        failed = sum(1 for one in done if one["outcome"] in ("failed", "partial"))
        month.put("change.failed", scope, {}, failed)
        month.put("change.caused_incidents", scope, {}, sum(broken.values()))


def problems(month):
    book = month.book
    keys = {ticket["key"] for ticket in book.tickets if ticket["type"] == "problem"}
    ended = {one["key"]: one["finished"] for one in month.seen if one["type"] == "problem" and not one["cancelled"]}
    linked, recurring = set(), set()
    for source, target, kind in book.links:
        if target in keys:
            linked.add(source)
            end = ended.get(target)
            if kind == "caused_by" and end is not None and source in book.ticket:
                if end < book.ticket[source]["opened"]:
                    recurring.add(source)
        if source in keys:
            linked.add(target)
    for service in [None, *book.services]:
        if not any(t["type"] == "problem" and service in (None, t["service"]) for t in book.tickets):
            continue
        scope, dimensions = {} if service is None else {"service": service}, {"type": "problem"}
        here = [one for one in month.seen if service in (None, one["service"])]
        finished = [
            one for one in here
            if one["type"] == "problem" and month.holds(one["finished"]) and not one["cancelled"]
        ]
        known = [one for one in finished if one["root_cause"] is not None and one["root_cause"] <= one["finished"]]
        month.put_share("problem.root_cause_known", scope, dimensions, len(known), len(finished))
        without = [
            one for one in here
            if one["type"] == "problem" and one["open"] and one["known_error"] and not one["workaround"]
        ]
        month.put("problem.without_workaround", scope, dimensions, len(without))
    scopes = [(None, None), *(("service", one) for one in book.services)]
    scopes += [("customer", one) for one in book.customers]
    for field, wanted in scopes:
        if not any(t["type"] == "incident" and (field is None or wanted in ever(t, field)) for t in book.tickets):
            continue
        scope, dimensions = {} if field is None else {field: wanted}, {"type": "incident"}
        opened = [
            one["key"] for one in month.seen
            if one["type"] == "incident" and month.holds(one["opened"]) and (field is None or one[field] == wanted)
        ]
        month.put("problem.recurrence", scope, dimensions, sum(1 for key in opened if key in recurring))
        month.put("problem.linked_incidents", scope, dimensions, sum(1 for key in opened if key in linked))
