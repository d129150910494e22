"""Control charts: the centre and limits of the months of a baseline, and what the month says against them."""

from datetime import date
from fractions import Fraction
from math import sqrt

from kinds import NO_DATA

MOST, LEAST = 24, 5
PERCENT = ("sla.response", "sla.resolution")


def figures(month):
    for chart in month.book.config.get("control_chart", []):
        put(month, chart)


def name_of(chart):
    name = chart["measure"]
    for key in ["service", "customer"]:
        if key in chart:
            name += f"/{key}={chart[key]}"
    return name + "".join(f"/{key}={value}" for key, value in sorted(chart.get("dimensions", {}).items()))


def point(month, kind, name):
    """Returns (value, size) of a month as exact numbers; None where it has no value."""
    figure = month.figures.get(name)
    first = min(ticket["opened"] for ticket in month.book.tickets)
    if figure is None or figure["value"] is None or month.end <= first:
        return None  # also the months before the first ticket of the book
    if kind == "p":
        return Fraction(figure["numerator"], figure["denominator"]), figure["denominator"]
    if kind == "u":
        return Fraction(figure["value"]) / month.days, month.days
    return Fraction(figure["value"]), 1


def put(month, chart):
    name, share = name_of(chart), chart["measure"] in PERCENT
    kind = chart.get("kind", "p" if share else "xmr")
    if chart.get("median"):
        raise SystemExit("this script knows no median charts")
    run = [(month.other(-back) if back else month, back) for back in range(0, MOST + 1)]
    points = {back: point(other, kind, name) for other, back in run}
    points = {back: found for back, found in points.items() if found is not None}
    frozen = None
    if "baseline" in chart:
        first, last = (int(text[:4]) * 12 + int(text[5:]) for text in chart["baseline"].split(".."))
        frozen = month.book.midnight(date(last // 12, last % 12 + 1, 1))  # when the last of its months is over
        now = month.year * 12 + month.month
        baseline = {now - at: point(month.other(at - now) if at != now else month, kind, name)
                    for at in range(first, last + 1)}
        baseline = {back: found for back, found in baseline.items() if found is not None}
    else:
        baseline = {back: found for back, found in points.items() if back > 0}
    scope = {key: chart[key] for key in ["service", "customer"] if key in chart}
    dimensions = {**chart.get("dimensions", {}), "of": chart["measure"]}
    n = len(baseline)
    # Shares are told in percent, rates in the measure's own unit: so many in a month of this length.
    scale = {"p": 100, "u": month.days}.get(kind, 1)
    if frozen is not None and frozen > month.as_of:
        n = sum(1 for back in baseline if back >= 0)  # of the months that are known
    if n < LEAST or (frozen is not None and frozen > month.as_of):
        for part in ["signals", "center", "lower", "upper"]:
            month.put(f"control.{part}", scope, dimensions, NO_DATA, n=n)
        return
    center, limits, moving = Chart(kind, share, baseline).limits()
    month.put("control.center", scope, dimensions, scale * center, n=n)
    now = points.get(0)
    if now is None:
        for part in ["signals", "lower", "upper"]:
            month.put(f"control.{part}", scope, dimensions, NO_DATA, n=n)
        return
    lower, upper = limits(now[1])
    month.put("control.lower", scope, dimensions, scale * lower, n=n)
    month.put("control.upper", scope, dimensions, scale * upper, n=n)
    if kind == "xmr" and month.as_of < month.end:
        # What a running month has so far does not stand against whole ones; shares and rates know how much there is.
        month.put("control.signals", scope, dimensions, NO_DATA, n=n)
        return
    month.put("control.signals", scope, dimensions, signals(points, center, limits, moving), n=n)


class Chart:
    """Centre and limits of a baseline {months back: (value, size)}."""

    def __init__(self, kind, share, baseline):
        self.kind, self.share, self.baseline = kind, share, baseline

    def limits(self):
        """Returns the centre, a function from size to limits, and the limit of a moving range (XmR only)."""
        values = list(self.baseline.values())
        if self.kind == "xmr":
            center = sum(value for value, _ in values) / Fraction(len(values))
            ranges = [
                abs(self.baseline[back][0] - self.baseline[back + 1][0])
                for back in self.baseline if back + 1 in self.baseline
            ]
            mean = sum(ranges) / Fraction(len(ranges))
            spread, top = Fraction("2.66") * mean, 100 if self.share else None
            lower, upper = max(center - spread, 0), center + spread
            upper = upper if top is None else min(upper, top)
            return center, lambda size: (lower, upper), Fraction("3.267") * mean
        center = sum(value * size for value, size in values) / Fraction(sum(size for _, size in values))
        width = center * (1 - center) if self.kind == "p" else center

        def limits(size):
            spread = 3 * sqrt(width / size)
            upper = float(center) + spread
            return max(float(center) - spread, 0), min(upper, 1) if self.kind == "p" else upper

        return center, limits, None


def signals(points, center, limits, moving):
    """Counts the rules that fire at the last point: outside, eight on one side, three of four near a limit, range."""
    def side(back):
        return (points[back][0] > center) - (points[back][0] < center)

    def near(back):
        value = points[back][0]
        edge = limits(points[back][1])[1 if side(back) > 0 else 0]
        return side(back) if abs(value - edge) < abs(value - center) else 0

    lower, upper = limits(points[0][1])
    fired = points[0][0] < lower or points[0][0] > upper
    if all(back in points for back in range(8)):
        fired += side(0) != 0 and all(side(back) == side(0) for back in range(8))
    if all(back in points for back in range(4)) and near(0):
        fired += sum(1 for back in range(4) if near(back) == near(0)) >= 3
    if moving is not None and 1 in points:
        fired += abs(points[0][0] - points[1][0]) > moving
    return int(fired)
