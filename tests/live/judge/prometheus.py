"""Prometheus: outages, coverage and gaps from probes, and capacity that it reduced itself. usage: prometheus.py FOLDER"""
import sys

import availability
from common import RATIO, Judge, instant, percentile, service_id, without

j = Judge(sys.argv[1])
t = j.truth
watched = [[t["from"], t["last"] + t["step"]]]
known = {service_id(s): without(watched, t["gaps"].get(s, [])) for s in t["down"]}
# What is down in a gap, nobody saw.
down = {service_id(s): without(spans, t["gaps"].get(s, [])) for s, spans in t["down"].items()}
availability.judge(j, down, known)
for r in j.reports:
    for service in down:
        availability.intervals(j, r, service, down[service])


def used(metric, host, at):
    """What Prometheus says at an instant, in percent: the last sample, of at most five minutes ago."""
    of = t["readings"][metric][host]
    for i in range((at - t["from"]) // t["step"], -1, -1):
        if at - (t["from"] + i * t["step"]) > 300:
            return None
        if i < len(of["free"]) and of["free"][i] is not None:
            return 100 * (1 - RATIO(int(of["free"][i]), of["whole"]))
    return None


def hourly(host, end):
    """The values of an hour, every five minutes, as the connector asks for them."""
    return [v for v in (used("memory", host, at) for at in range(end - 3300, end + 1, 300)) if v is not None]


for r in j.reports:
    for host in t["readings"]["disk"]:
        values = [v for v in (used("disk", host, at) for at in range(r.start, r.end, 3600)) if v is not None]
        figures = {"capacity.average": sum(values) / len(values), "capacity.peak": max(values), "capacity.p95": percentile(values, 95)}
        for measure, want in figures.items():
            j.near(r, measure, want, resource=f"{host}:/data", metric="disk")
    for host in t["readings"]["memory"]:
        windows = {end - 3600: hourly(host, end) for end in range(r.start + 3600, r.end + 3600, 3600)}
        values = [v for w in windows.values() for v in w]
        j.near(r, "capacity.average", sum(values) / len(values), resource=host, metric="memory")
        j.near(r, "capacity.peak", max(values), resource=host, metric="memory")
        rows = j.rows(r, f"capacity.average/metric=memory/resource={host}")
        if rows is None:
            continue
        got = {instant(x["from"]): x for x in rows}
        want = {at: w for at, w in windows.items() if w}
        if j.check(f"{r.name}: windows of {host}", sorted(got), sorted(want)):
            for at, w in want.items():
                of = {"n": len(w), "min": min(w), "avg": sum(w) / len(w), "max": max(w), "p50": percentile(w, 50), "p95": percentile(w, 95)}
                for column, value in of.items():
                    j.close(f"{r.name}: {column} of {host} at {at}", got[at].get(column), value)
j.done()
