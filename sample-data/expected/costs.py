"""Budget and cost in minor units, each currency for itself."""

from fractions import Fraction

from kinds import NO_DATA, NOT_APPLICABLE


def total(rows, key):
    told = [row[key] for row in rows if row[key] is not None]
    return sum(told) if told else NO_DATA


def figures(month):
    book = month.book
    inside = [row for row in book.costs if month.start <= row["from"] and row["to"] <= month.end]
    for service in [None, *book.services]:
        # Which combinations there are is asked of all rows of the book.
        ever = [row for row in book.costs if service in (None, row["service"])]
        here = [row for row in inside if service in (None, row["service"])]
        scope = {} if service is None else {"service": service}
        for currency in sorted({row["currency"] for row in ever}):
            rows = [row for row in here if row["currency"] == currency]
            put(month, scope, {"currency": currency}, rows)
            for kind in sorted({row["type"] for row in ever if row["currency"] == currency}):
                chosen = [row for row in rows if row["type"] == kind]
                put(month, scope, {"currency": currency, "cost_type": kind}, chosen)
            if service is not None:
                resolved = sum(
                    1 for one in month.seen
                    if one["service"] == service and month.holds(one["resolved"]) and not one["cancelled"]
                )
                value = total(rows, "actual")
                if not isinstance(value, str):
                    value = Fraction(value, resolved) if resolved else NOT_APPLICABLE
                month.put("cost.per_ticket", scope, {"currency": currency}, value)


def put(month, scope, dimensions, rows):
    for key in ["budget", "actual"] + ([] if "cost_type" in dimensions else ["committed", "forecast"]):
        month.put(f"cost.{key}", scope, dimensions, total(rows, key))
    both = [row for row in rows if row["budget"] is not None and row["actual"] is not None]
    variance = sum(row["actual"] - row["budget"] for row in both) if both else NO_DATA
    month.put("cost.variance", scope, dimensions, variance)
    if "cost_type" in dimensions:
        return
    budget = sum(row["budget"] for row in both)
    if not rows:
        share = NO_DATA
    elif both:
        share = Fraction(100 * variance, budget) if budget else NOT_APPLICABLE
    else:
        share = NO_DATA if any(row["budget"] for row in rows) else NOT_APPLICABLE
    month.put("cost.variance_percent", scope, dimensions, share)
