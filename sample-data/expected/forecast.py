"""Lines through daily means: Theil-Sen, least squares, Holt-Winters."""

from fractions import Fraction
from math import exp, lgamma, log, sqrt

from intervals import median, percentile
from kinds import UNDEFINED

LEAST_DAYS = 14
NORMAL = 1.959964
GRID = [0.1, 0.3, 0.5, 0.7, 0.9]


class NotPossible(Exception):
    """Too few days to say anything."""


def without_gap(points):
    """Returns the last of the points that lie a day apart."""
    run = points[-1:]
    for point in reversed(points[:-1]):
        if point[0] != run[0][0] - 1:
            break
        run.insert(0, point)
    return run


class Forecast:
    """A forecast made from (day number, mean), oldest first."""

    def __init__(self, entry, points):
        if len(points) < LEAST_DAYS:
            raise NotPossible
        self.points, self.season = points, entry.get("season_days", 7)
        self.method = entry.get("forecast", "theil_sen")
        if self.method == "holt_winters":
            run = without_gap(points)
            if len(run) >= 2 * self.season:
                self.points = run
            else:
                self.method = "theil_sen"
        self.history = self.points[-1][0] - self.points[0][0] + 1
        {"theil_sen": self.fit_theil_sen, "ols": self.fit_ols, "holt_winters": self.fit_holt_winters}[self.method]()

    def fit_theil_sen(self):
        slopes = []
        for i, (x, y) in enumerate(self.points):
            for later, higher in self.points[i + 1:]:
                slopes.append((higher - y) / (later - x))
        slopes.sort()
        self.slope = median(slopes)
        self.intercept = median([y - self.slope * x for x, y in self.points])
        n, pairs = len(self.points), len(slopes)
        half = NORMAL * sqrt(n * (n - 1) * (2 * n + 5) / 18)

        def at_rank(rank):
            rank = min(max(rank, 1), pairs) - 1
            return percentile(slopes, Fraction(rank) / (pairs - 1))

        self.slopes = at_rank((pairs - half) / 2), at_rank((pairs + half) / 2 + 1)

    def fit_ols(self):
        n = len(self.points)
        mean_x, mean_y = Fraction(sum(x for x, _ in self.points), n), sum(y for _, y in self.points) / n
        spread = sum((x - mean_x) ** 2 for x, _ in self.points)
        self.slope = sum((x - mean_x) * (y - mean_y) for x, y in self.points) / spread
        self.intercept = mean_y - self.slope * mean_x
        rest = sum((y - self.intercept - self.slope * x) ** 2 for x, y in self.points)
        half = student(n - 2) * sqrt(rest / (n - 2) / spread)
        self.slopes = float(self.slope) - half, float(self.slope) + half

    def fit_holt_winters(self):
        """Additive, from the day before the first on; of the grid the first with the least squared error of one day."""
        p, best = self.season, None
        values = [float(y) for _, y in self.points]
        first, second = sum(values[:p]) / p, sum(values[p:2 * p]) / p
        trend = (second - first) / p
        # The means stand in the middle of their seasons; the level is carried back to the day before the first.
        middle = (p - 1) / 2
        level = first - trend * (middle + 1)
        seasons = [
            ((values[d] - first) + (values[p + d] - second)) / 2 - trend * (d - middle) for d in range(p)
        ]
        for alpha in GRID:
            for beta in GRID:
                for gamma in GRID:
                    l, b, s, error = level, trend, list(seasons), 0.0
                    for t in range(len(values)):
                        y = values[t]
                        error += (y - (l + b + s[t % p])) ** 2
                        before = l
                        l = alpha * (y - s[t % p]) + (1 - alpha) * (l + b)
                        b = beta * (l - before) + (1 - beta) * b
                        s[t % p] = gamma * (y - l) + (1 - gamma) * s[t % p]
                    if best is None or error < best[0]:
                        best = error, l, b, s
        _, self.level, self.trend, self.seasons = best

    def at(self, day):
        if self.method == "holt_winters":
            ahead = day - self.points[-1][0]
            return self.level + ahead * self.trend + self.seasons[(len(self.points) - 1 + ahead) % self.season]
        return self.intercept + self.slope * day

    def days_to(self, threshold, silent):
        """Returns the days to the threshold, counted from as-of: whole days since the last one fitted are taken off."""
        last = self.points[-1][0]
        if self.method == "holt_winters":
            ahead = range(1, 2 * self.history + silent + 1)
            days = next((h for h in ahead if self.at(last + h) >= threshold), None)
        else:
            now = self.at(last)
            if now >= threshold:
                return 0
            days = (threshold - now) / self.slope if self.slope > 0 else None
        if days is None or days - silent > 2 * self.history:
            return UNDEFINED
        return max(days - silent, 0)

    def interval(self, threshold, silent):
        """Returns the days from as-of at the steepest and at the flattest slope; None for one that does not rise."""
        if self.method == "holt_winters":
            return None
        rest = threshold - self.at(self.points[-1][0])
        flat, steep = self.slopes
        return max(rest / steep - silent, 0), max(rest / flat - silent, 0) if flat > 0 else None


def student(freedom):
    """Returns t(0.975) by halving, with the incomplete beta function as a continued fraction."""
    low, high = 0.0, 1_000.0
    for _ in range(200):
        middle = (low + high) / 2
        x = freedom / (freedom + middle * middle)
        tail = incomplete_beta(freedom / 2, 0.5, x) / 2
        low, high = (middle, high) if tail > 0.025 else (low, middle)
    return (low + high) / 2


def incomplete_beta(a, b, x):
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / d
    result = d
    for m in range(1, 300):
        step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / (1 + step * d), 1 + step / c
        result *= d * c
        step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / (1 + step * d), 1 + step / c
        result *= d * c
    return front * result
