"""Half-open intervals of whole seconds as plain lists, and the two sums over them that need care."""

from fractions import Fraction


def union(parts):
    """Merges overlapping and touching intervals; empty ones vanish."""
    merged = []
    for start, end in sorted(part for part in parts if part[0] < part[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def intersect(left, right):
    parts = []
    for a, b in left:
        for c, d in right:
            if c >= b:
                break
            if max(a, c) < min(b, d):
                parts.append((max(a, c), min(b, d)))
    return parts


def subtract(left, right):
    rest = []
    for start, end in left:
        for c, d in right:
            if c < end and start < d:
                if start < c:
                    rest.append((start, c))
                start = max(start, d)
        if start < end:
            rest.append((start, end))
    return rest


def length(parts):
    return sum(end - start for start, end in parts)


def slices(outages):
    """Cuts outages at every start and end; yields (start, end, the outages active in between)."""
    edges = sorted({edge for outage in outages for edge in outage[:2]})
    for a, b in zip(edges, edges[1:]):
        active = [outage for outage in outages if outage[0] <= a and b <= outage[1]]
        if active:
            yield a, b, active


def weighted(outages, base):
    """Returns the seconds down in the base, each slice with the highest weight that is active in it."""
    total = Fraction(0)
    for a, b, active in slices(outages):
        total += max(outage[2] for outage in active) * length(intersect(base, [(a, b)]))
    return total


def percentile(sorted_values, share):
    """Linear between ranks (type 7), exact."""
    rank = (len(sorted_values) - 1) * share
    below = int(rank)
    if below + 1 == len(sorted_values):
        return Fraction(sorted_values[below])
    return sorted_values[below] + (rank - below) * (sorted_values[below + 1] - sorted_values[below])


def median(values):
    return percentile(sorted(values), Fraction(1, 2))
