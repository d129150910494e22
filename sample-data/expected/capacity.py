"""Workload against its limits, the use of resources, and what their course says of the days to come."""

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction

from forecast import Forecast, NotPossible
from intervals import percentile
from kinds import NO_DATA, NOT_CONFIGURED, UNDEFINED

HISTORY = 90  # whole local days that a forecast is made from
SILENT = 14  # whole local days without a reading after which nothing is said of the days to come


def workload(month):
    book = month.book
    types = {ticket["type"] for ticket in book.tickets}
    for agreement in book.agreements:
        customer = agreement.get("customer")
        if book.in_force(agreement["service"], customer, month.judged_on) is not agreement:
            continue
        scope = {"service": agreement["service"], "agreement": agreement["id"]}
        if customer is not None:
            scope["customer"] = customer
        for limit in agreement.get("workload", []):
            metric = limit["metric"]
            table = month.seen if metric in types else book.volumes
            key, stamp = ("type", "opened") if metric in types else ("metric", "from")
            chosen = [
                row for row in table
                if row[key] == metric and row["service"] == agreement["service"] and month.holds(row[stamp])
                and (customer is None or row["customer"] == customer)
            ]
            if metric in types:
                value = len(chosen)
            else:
                value = sum(row["value"] for row in chosen) if chosen else NO_DATA
            month.put("workload.volume", scope, {"metric": metric}, value)


def value_of(entry, row):
    """Returns a reading as its resource is measured; None where there is no limit to take the share of."""
    if entry is None or entry.get("of", "used") == "used":
        return row["used"]
    return 100 * row["used"] / row["limit"] if row["limit"] else None


def figures(month):
    book = month.book
    resources = {(entry["id"], entry["metric"]): entry for entry in book.config.get("resource", [])}
    series = {key: entry["service"] for key, entry in resources.items()}
    for row in book.readings:
        series.setdefault((row["resource"], row["metric"]), row["service"])
    for (resource, metric), service in series.items():
        if service is None:
            continue
        entry = resources.get((resource, metric))
        rows = [row for row in book.readings if (row["resource"], row["metric"]) == (resource, metric)]
        rows = [row for row in rows if row["at"] < month.as_of]
        scope, dimensions = {"service": service}, {"resource": resource, "metric": metric}
        values = [value_of(entry, row) for row in rows if month.holds(row["at"])]
        values = sorted(value for value in values if value is not None)
        n = len(values)
        month.put("capacity.average", scope, dimensions, sum(values) / n if n else NO_DATA, n=n)
        month.put("capacity.p95", scope, dimensions, percentile(values, Fraction(19, 20)) if n else NO_DATA, n=n)
        month.put("capacity.peak", scope, dimensions, values[-1] if n else NO_DATA, n=n)
        if entry is None:
            month.put("capacity.over_threshold", scope, dimensions, NOT_CONFIGURED)
            month.put("capacity.days_to_threshold", scope, dimensions, NOT_CONFIGURED)
            continue
        threshold = Fraction(entry["threshold"])
        over = sum(1 for value in values if value > threshold)
        share = Fraction(100 * over, n) if n else NO_DATA
        month.put("capacity.over_threshold", scope, dimensions, share, over, n, n)
        days_to(month, scope, dimensions, entry, rows)
        score(month, scope, dimensions, entry, rows)


def daily(book, entry, rows, first, end):
    """Returns (day number, mean, mean limit or None) of each local day with readings in the dates [first, end)."""
    means, limits = defaultdict(list), defaultdict(list)
    for row in rows:
        date = book.local_date(row["at"])
        if first <= date < end:
            day = date.toordinal()
            value = value_of(entry, row)
            if value is not None:
                means[day].append(value)
            if row["limit"]:
                limits[day].append(row["limit"])
    return [
        (day, sum(found) / len(found), sum(limits[day]) / len(limits[day]) if limits[day] else None)
        for day, found in sorted(means.items())
    ]


def after_step(entry, points):
    """Leaves out the days before the last step: one that is named, or one where the limit moved by more than 1 %."""
    steps = [day.toordinal() for day in entry.get("steps", []) if points and day.toordinal() <= points[-1][0]]
    with_limit = [point for point in points if point[2] is not None]
    for (_, _, before), (day, _, after) in zip(with_limit, with_limit[1:]):
        if abs(after - before) * 100 > before:
            steps.append(day)
    first = max(steps, default=0)
    return [(day, mean) for day, mean, _ in points if day >= first]


def days_to(month, scope, dimensions, entry, rows):
    """Puts the days from as-of to the threshold, by the whole local days before the one that as-of lies in."""
    threshold, today = Fraction(entry["threshold"]), month.book.local_date(month.as_of)
    points = after_step(entry, daily(month.book, entry, rows, today - timedelta(days=HISTORY), today))
    measure, interval = "capacity.days_to_threshold", None
    # Whole days that are over and have no reading, after the last one that has.
    silent = today.toordinal() - points[-1][0] - 1 if points else SILENT
    if silent >= SILENT:
        month.put(measure, scope, dimensions, NO_DATA)
        return
    if points[-1][1] >= threshold:
        month.put(measure, scope, dimensions, 0, n=len(points))
        return
    try:
        made = Forecast(entry, points)
    except NotPossible:
        month.put(measure, scope, dimensions, NO_DATA)
        return
    value = made.days_to(threshold, silent)
    if not isinstance(value, str) and value > 0:
        interval = made.interval(threshold, silent)
    month.put(measure, scope, dimensions, value, n=len(made.points), interval=interval)


def score(month, scope, dimensions, entry, rows):
    """Compares what was foreseen at the start of the month with what came on its days that are over."""
    first, over = month.book.local_date(month.start), month.book.local_date(month.known_to)
    actual = daily(month.book, entry, rows, first, over)
    fitted = after_step(entry, daily(month.book, entry, rows, first - timedelta(days=HISTORY), first))
    names = ["capacity.forecast_error", "capacity.forecast_bias", "capacity.forecast_mase"]
    try:
        made = Forecast(entry, fitted)
    except NotPossible:
        actual = []
    if not actual:
        for name in names:
            month.put(name, scope, dimensions, NO_DATA)
        return
    pairs = [(made.at(day), mean) for day, mean, _ in actual]
    shares = [abs(told - came) / abs(came) for told, came in pairs if came != 0]
    error = 100 * sum(shares) / len(shares) if shares else NO_DATA
    n = len(pairs)
    month.put(names[0], scope, dimensions, error, n=len(shares))
    month.put(names[1], scope, dimensions, sum(told - came for told, came in pairs) / n, n=n)
    # From one day to the next: over a gap there is no change of one day.
    moves = [
        abs(after - before) for (day, before), (following, after) in zip(made.points, made.points[1:])
        if following == day + 1
    ]
    naive = Fraction(sum(moves)) / len(moves) if moves else 0
    missed = sum(abs(told - came) for told, came in pairs) / n
    month.put(names[2], scope, dimensions, missed / naive if naive else UNDEFINED, n=n)
