"""Writes what is expected, and compares a report of the program with it."""

import json
import sys
from collections import defaultdict
from pathlib import Path

from book import instant
from month import Month

NARROW, WIDE = 1e-9, 1e-6


def write(document, path):
    lines = [json.dumps(figure, ensure_ascii=False, separators=(",", ":")) for figure in document["figures"]]
    head = json.dumps({"period": document["period"], "as_of": document["as_of"]}, separators=(",", ":"))[:-1]
    path.write_text(head + ',"figures":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def check(path, folder, make_book):
    report = json.loads(Path(path).read_text(encoding="utf-8"))
    period, as_of = report["period"]["id"], instant(report["as_of"])
    if len(period) != 7 or not (period[:4] + period[5:]).isdigit():
        print(f"{path}: the period {period} is not a month; only months are worked out here", file=sys.stderr)
        return 2
    stored = folder / f"expected-{period}.json"
    expected = json.loads(stored.read_text(encoding="utf-8")) if stored.exists() else None
    if expected is None or instant(expected["as_of"]) != as_of:
        expected = Month(make_book(), period, as_of).compute().document()
    found = {}
    differences = []
    for figure in report["figures"]:
        if figure["id"] in found:
            differences.append((figure["id"], "comes twice"))
        found[figure["id"]] = figure
    wanted = {figure["id"]: figure for figure in expected["figures"]}
    for name, figure in wanted.items():
        differences += [(name, text) for text in compare(figure, found.get(name))]
    for name, text in differences:
        print(f"{name}: {text}")
    others = defaultdict(int)
    for name in found:
        if name not in wanted:
            others[name.split("/")[0]] += 1
    if others:
        print("in the report, not expected: " + ", ".join(f"{m} {others[m]}" for m in sorted(others)))
    by_measure = defaultdict(int)
    for name, _ in differences:
        by_measure[name.split("/")[0]] += 1
    if by_measure:
        print("differences: " + ", ".join(f"{m} {by_measure[m]}" for m in sorted(by_measure)))
    print(f"{period}: {len(wanted)} figures expected, {len(differences)} differences")
    return 1 if differences else 0


def compare(figure, got):
    """Yields in words how a figure of the report differs from the one expected."""
    if got is None:
        yield f"is not in the report; expected {show(figure)}"
        return
    missing = got["missing"]["kind"] if got.get("missing") else None
    if (figure["value"] is None) != (got["value"] is None) or figure["missing"] != missing:
        yield f"expected {show(figure)}, got {show({**got, 'missing': missing})}"
        return
    if figure["value"] is not None and not near(figure["value"], got["value"], NARROW):
        yield f"expected {figure['value']!r}, got {got['value']!r}"
    for key in ["numerator", "denominator", "n"]:
        if figure[key] is not None and figure[key] != got.get(key):
            yield f"expected {key} {figure[key]}, got {got.get(key)}"
    interval = got.get("interval") or {}
    for key in ["low", "high"]:
        if key in figure:
            want, is_ = figure[key], interval.get(key)
            if (want is None) != (is_ is None) or (want is not None and not near(want, is_, WIDE)):
                yield f"expected {key} {want!r}, got {is_!r}"


def near(left, right, tolerance):
    return abs(left - right) <= tolerance * max(abs(left), 1)


def show(figure):
    return figure["missing"] if figure["value"] is None else repr(figure["value"])
