"""What the judges share: months, service hours, percentiles, and the comparing. Nothing here knows the program's code;
the formulas are those of docs/domain.md.

As a program: `common.py periods TRUTH` prints the periods that the history covers: whole months, and all whole days."""
import bisect
import datetime
import fractions
import json
import pathlib
import sys
import zoneinfo

DAY = 86400
ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
# Service hours of the books: who has office hours, the others run round the clock.
OFFICE = {"e-mail", "vpn", "data-warehouse"}
RATIO = fractions.Fraction


def service_id(name):
    return name.lower().replace(" ", "-")


def midnight(date):
    return int(datetime.datetime.combine(date, datetime.time(), ZONE).timestamp())


def local_date(at):
    return datetime.datetime.fromtimestamp(at, ZONE).date()


def periods(first, last):
    """Names of the whole months between two instants, and one of all whole days."""
    day, out = local_date(first).replace(day=1), []
    while midnight(day) < last:
        following = (day + datetime.timedelta(days=31)).replace(day=1)
        if midnight(day) >= first and midnight(following) <= last:
            out.append(f"{day:%Y-%m}")
        day = following
    return out + [f"{local_date(first) + datetime.timedelta(days=1)}..{local_date(last)}"]


def bounds(name):
    """Start and end of a period, as instants."""
    if ".." in name:
        return tuple(midnight(datetime.date.fromisoformat(d)) for d in name.split(".."))
    first = datetime.date.fromisoformat(name + "-01")
    return midnight(first), midnight((first + datetime.timedelta(days=31)).replace(day=1))


def instant(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


# ---- spans [a, b) ----

def united(spans):
    out = []
    for a, b in sorted(s for s in spans if s[0] < s[1]):
        if out and a <= out[-1][1]:
            out[-1][1] = max(out[-1][1], b)
        else:
            out.append([a, b])
    return out


def crossed(left, right):
    """What lies in both."""
    return united([max(a, c), min(b, d)] for a, b in left for c, d in right if max(a, c) < min(b, d))


def without(left, right):
    out = []
    for a, b in united(left):
        for c, d in united(right):
            if d > a and c < b:
                if c > a:
                    out.append([a, c])
                a = max(a, d)
        if a < b:
            out.append([a, b])
    return out


def length(spans):
    return sum(b - a for a, b in spans)


def office_hours(first, last):
    """Monday to Friday, 8 to 18 by the wall clock, of the local days from `first` to `last`."""
    day, out = local_date(first) - datetime.timedelta(days=1), []
    while midnight(day) < last:
        if day.weekday() < 5:
            out.append([int(datetime.datetime.combine(day, datetime.time(h), ZONE).timestamp()) for h in (8, 18)])
        day += datetime.timedelta(days=1)
    return out


def service_hours(service, first, last):
    return crossed(office_hours(first, last), [[first, last]]) if service in OFFICE else [[first, last]]


class Hours:
    """Service seconds between two instants, quick for many of them."""

    def __init__(self, service, first, last):
        self.spans = service_hours(service, first, last)
        self.starts = [a for a, _ in self.spans]
        self.before = [0]
        for a, b in self.spans:
            self.before.append(self.before[-1] + b - a)

    def until(self, at):
        i = bisect.bisect_right(self.starts, at)
        return self.before[i] - (max(0, self.spans[i - 1][1] - at) if i else 0)

    def between(self, a, b):
        return self.until(b) - self.until(a)


# ---- numbers ----

def percentile(values, share):
    """Linear (type 7); `share` in hundredths."""
    values = sorted(values)
    at = RATIO(share, 100) * (len(values) - 1)
    low = at.numerator // at.denominator
    high = min(low + 1, len(values) - 1)
    return values[low] + (at - low) * (values[high] - values[low])


def spread(values):
    """Of durations: what is printed of them."""
    if not values:
        return dict.fromkeys(("mean", "median", "p90", "p95", "p99", "max"))
    return {"mean": RATIO(sum(values), len(values)), "max": max(values),
            **{name: percentile(values, share) for name, share in (("median", 50), ("p90", 90), ("p95", 95), ("p99", 99))}}


def same(got, want):
    """Whole numbers to the last digit; what is divided as near as a 64-bit fraction gets."""
    if got is None or want is None or isinstance(want, (str, bool, list, tuple, dict)):
        return got == want
    return got == want if isinstance(want, int) else abs(got - float(want)) <= 1e-12 * max(1.0, abs(float(want)))


class Report:
    def __init__(self, path, name):
        self.name, self.start, self.end = name, *bounds(name)
        self.json = json.loads(path.read_text())
        self.by_id = {f["id"]: f for f in self.json["figures"]}

    def figure(self, measure, **scope):
        """By measure and words of its scope and dimensions, as service="vpn", type="incident"."""
        of = {"service", "customer", "agreement"}
        want = ({k: v for k, v in scope.items() if k in of}, {k: v for k, v in scope.items() if k not in of})
        return next((f for f in self.json["figures"] if f["measure"] == measure and (f["scope"], f["dimensions"]) == want), None)


class Judge:
    """Reads truth.json and what the program answered; counts what is right."""

    def __init__(self, folder, complete=True):
        """`complete`: the tool tells whether all came; else the judging does without."""
        self.folder = pathlib.Path(folder)
        self.truth = json.loads((self.folder / "truth.json").read_text())
        self.out = self.folder / "out"
        self.passed = self.failed = self.skipped = 0
        self.reports = []
        for name in periods(self.truth["from"], self.truth["to"]):
            path = self.out / f"report-{name}.json"
            if self.check(f"{name}: the program wrote a report", path.exists() and path.stat().st_size > 0, True):
                self.reports.append(Report(path, name))
        for r in self.reports:
            for key, want in (("start", r.start), ("end", r.end)):
                self.check(f"{r.name}: {key} of the period", instant(r.json["period"][key]), want)
            self.check(f"{r.name}: made from pulls that came through", r.json["complete"], True)
            for receipt in r.json["receipts"]:
                if complete:
                    self.check(f"{r.name}: {receipt['source']} is complete", receipt["completeness"]["state"], "complete")
                self.check(f"{r.name}: {receipt['source']} has nothing in quarantine", receipt["quarantined"], 0)

    def check(self, what, got, want):
        ok = same(got, want)
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"WRONG {what}: {str(got)[:200]}, expected {str(float(want) if isinstance(want, RATIO) else want)[:200]}")
        return ok

    def skip(self, what):
        self.skipped += 1
        print(f"left  {what}")

    def value(self, report, measure, want, **scope):
        """The figure's value. `want` None: there is none. A figure that is not there says the same as none or 0."""
        figure = report.figure(measure, **scope)
        what = f"{report.name}: {measure} {' '.join(f'{k}={v}' for k, v in scope.items())}"
        if figure is None:
            return want in (None, 0) or self.check(what, "no such figure", want)
        return self.check(what, figure["value"], want)

    def share(self, report, measure, part, whole, **scope):
        """A percentage, with both numbers that it is made of."""
        figure = report.figure(measure, **scope)
        what = f"{report.name}: {measure} {' '.join(f'{k}={v}' for k, v in scope.items())}"
        if figure is None:
            return whole == 0 or self.check(what, "no such figure", f"{part} of {whole}")
        if whole == 0:
            return self.check(what, figure["value"], None)
        self.check(what + ", its parts", [figure["numerator"], figure["denominator"]], [part, whole])
        return self.check(what, figure["value"], RATIO(100 * part, whole))

    def close(self, what, got, want):
        """Of what the tool divided itself, in its own order of adding up."""
        near = isinstance(got, (int, float)) and abs(got - float(want)) <= 1e-9 * max(1.0, abs(float(want)))
        return self.check(what, float(want) if near else got, float(want))

    def near(self, report, measure, want, **dimensions):
        """A figure of capacity, of whatever service the tool says it is."""
        figure = next((f for f in report.json["figures"] if f["measure"] == measure and f["dimensions"] == dimensions), None)
        return self.close(f"{report.name}: {measure} of {' '.join(dimensions.values())}", figure and figure["value"], want)

    def rows(self, report, figure):
        """The rows behind a figure, which the book's list of rows names."""
        path = self.out / "rows" / report.name / (figure.replace("/", "+") + ".json")
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else None

    def done(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(self.failed > 0 or self.passed == 0)


if __name__ == "__main__":
    truth = json.loads(pathlib.Path(sys.argv[2]).read_text())
    print("\n".join(periods(truth["from"], truth["to"])))
