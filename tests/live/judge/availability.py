"""Every figure of availability, worked out from the outages that were put into a tool (docs/domain.md §4.1, §4.2)."""
from common import RATIO, crossed, instant, length, percentile, service_hours, united, without

TARGET = RATIO(995, 1000)  # of the books' agreements
LIMIT = RATIO(95, 100)     # coverage under it: no figure


def judge(j, down, known=None, agreed=None):
    """By service id: `down` spans, `known` spans (without them all of the time is known), `agreed` spans of maintenance or
    exclusion, which leave the base."""
    for r in j.reports:
        pool = []
        for service in down:
            pool.append((service, *one(j, r, service, united(down[service]), (known or {}).get(service), (agreed or {}).get(service, []))))
        told = [(s, base, lost) for s, base, lost, judged in pool if judged]
        base, lost = (sum(x[i] for x in told) for i in (1, 2))
        parts(j, r, "availability.pooled", base - lost, base, {})
        if told:
            worst = min(RATIO(b - d, b) for _, b, d in told)
            j.value(r, "availability.worst", 100 * worst)


def parts(j, r, measure, part, whole, scope):
    """A share of time: both sides in milliseconds."""
    j.share(r, measure, 1000 * part, 1000 * whole, **scope)


def one(j, r, service, down, known, agreed):
    scope = {"service": service}
    value = lambda measure, want: j.value(r, measure, want, **scope)  # noqa: E731
    hours = without(service_hours(service, r.start, r.end), agreed)
    base = length(hours)
    lost = length(crossed(down, hours))
    seen = base if known is None else length(crossed(known, hours))
    parts(j, r, "availability.coverage", seen, base, scope)
    judged = RATIO(seen, base) >= LIMIT
    if not judged:
        figure = r.figure("availability.percent", **scope)
        j.check(f"{r.name}: {service} has too little coverage for a figure", (figure["missing"] or {}).get("kind"), "insufficient_coverage")
        return base, lost, False
    parts(j, r, "availability.percent", base - lost, base, scope)
    value("availability.downtime", lost)
    figure = r.figure("availability.percent", **scope)
    verdict = "missed" if RATIO(base - lost, base) < TARGET else "met" if RATIO(lost, base) < (1 - TARGET) * RATIO(4, 5) else "at_risk"
    j.check(f"{r.name}: verdict on {service}", figure["verdict"], verdict)

    # An outage begins where it first counts, over hours that the period does not cut.
    always = without(service_hours(service, j.truth["from"] - 86400, j.truth["to"] + 86400), agreed)
    counted = [c for c in (crossed([d], always) for d in down) if c]
    begun = [c for c in counted if r.start <= c[0][0] < r.end]
    took = [length(crossed(c, hours)) for c in begun]
    value("availability.outages", len(begun))
    value("availability.mtrs", RATIO(sum(took), len(took)) if took else None)
    value("availability.mtrs.median", percentile(took, 50) if took else None)
    value("availability.mtrs.p90", percentile(took, 90) if took else None)
    value("availability.mtbf", RATIO(base - lost, len(took)) if took else None)
    value("availability.mtbsi", RATIO(base, len(took)) if took else None)
    touching = [c for c in counted if crossed(c, hours)]
    value("availability.longest", max((length(crossed(c, hours)) for c in touching), default=None))
    between = [length(crossed([[a[-1][1], b[0][0]]], hours)) for a, b in zip(touching, touching[1:]) if b in begun]
    value("availability.mtbf.median", percentile(between, 50) if between else None)
    value("availability.mtbf.p90", percentile(between, 90) if between else None)
    allowed = (1 - TARGET) * base
    value("availability.allowed", allowed)
    value("availability.allowed_left", allowed - lost)
    value("availability.budget_used", 100 * lost / allowed)
    value("availability.burn_rate", RATIO(lost, base) / (1 - TARGET))
    return base, lost, True


def intervals(j, r, service, down, agreed=()):
    """The rows behind a service's availability are the outages themselves, to the second, as far as as-of knows."""
    rows = j.rows(r, f"availability.percent/service={service}")
    if rows is None:
        return j.skip(f"{r.name}: rows of {service}")
    got = united([instant(x["start"]), min(instant(x["end"]) if x["end"] else r.end, r.end)] for x in rows)
    hours = without(service_hours(service, r.start, r.end), agreed)
    want = [[a, min(b, r.end)] for a, b in united(down) if crossed([[a, b]], hours)]
    return j.check(f"{r.name}: outages of {service}", got, want)
