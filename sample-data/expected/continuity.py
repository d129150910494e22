"""Continuity plans: when their next test is due, and what tests and invocations achieved."""

from fractions import Fraction

from book import DAY
from kinds import NO_DATA, NOT_CONFIGURED


def passed(plan, test):
    """Says whether a test shows that the plan works: entered as passed, and within what the plan requires."""
    if test["kind"] not in ("recovery", "invocation") or test["result"] != "passed":
        return False
    return all(test[kind] is None or plan[kind] is None or test[kind] <= plan[kind] for kind in ["rto", "rpo"])


def major_changes(month, service, since):
    """Returns when major changes of a service ended, after an instant and known by now."""
    risks = {risk.lower() for risk in month.book.settings["major_risks"]}
    return sorted(
        ticket["actual_end"] for ticket in month.seen
        if ticket["type"] == "change" and ticket["service"] == service and not ticket["cancelled"]
        and (ticket["risk"] or "").lower() in risks
        and ticket["actual_end"] is not None and since < ticket["actual_end"] < month.as_of
    )


def figures(month):
    book = month.book
    plans = [plan for plan in book.plans if plan["approved"] is None or plan["approved"] < month.as_of]
    overdue, untested, current, due_again = set(), set(), set(), set()
    for plan in plans:
        name = plan["plan"]
        tests = sorted(
            (test for test in book.tests if test["plan"] == name and test["at"] < month.as_of),
            key=lambda test: test["at"],
        )
        good = [test["at"] for test in tests if passed(plan, test)]
        since = good[-1] if good else plan["approved"]
        if since is None:
            since = book.midnight(book.services[plan["service"]]["go_live"])
        scope = {} if plan["service"] is None else {"service": plan["service"]}
        dimensions = {"plan": name}
        dues = [] if plan["interval"] is None else [since + plan["interval"]]
        changes = major_changes(month, plan["service"], since)
        if changes:
            dues.append(changes[0] + book.settings["test_after_change_days"] * DAY)
        due = Fraction(min(dues) - month.as_of, DAY) if dues else NOT_CONFIGURED
        if dues and due < 0:
            overdue.add(name)
        if not good:
            untested.add(name)
        if plan["interval"] is not None:
            due_again.add(name)
            if good and good[-1] + plan["interval"] >= month.as_of:
                current.add(name)
        month.put("continuity.due_in", scope, dimensions, due)
        age = Fraction(month.as_of - good[-1], DAY) if good else NO_DATA
        month.put("continuity.last_test_age", scope, dimensions, age)
        for kind in ["rto", "rpo"]:
            achieved = [test[kind] for test in tests if test[kind] is not None]
            month.put(f"continuity.{kind}_achieved", scope, dimensions, achieved[-1] if achieved else NO_DATA)
    for service in [None, *book.services]:
        here = {plan["plan"] for plan in plans if service in (None, plan["service"])}
        if here or service is None:
            scope = {} if service is None else {"service": service}
            month.put("continuity.plans", scope, {}, len(here))
            month.put("continuity.overdue", scope, {}, len(here & overdue))
            month.put("continuity.untested", scope, {}, len(here & untested))
            month.put_share("continuity.tested", scope, {}, len(here & current), len(here & due_again))
            invoked = [
                test for test in book.tests
                if test["plan"] in here and test["kind"] == "invocation" and month.holds(test["at"])
            ]
            month.put("continuity.invoked", scope, {}, len(invoked))
