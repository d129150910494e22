"""Present states that were sampled: each holds until the next sample."""
import availability
from common import service_id

FOREVER = 1 << 40


def judge(j):
    down, known = {}, {}
    for name, samples in j.truth["samples"].items():
        ends = [at for at, _ in samples[1:]] + [FOREVER]
        down[service_id(name)] = [[at, end] for (at, up), end in zip(samples, ends) if not up]
        known[service_id(name)] = [[samples[0][0], FOREVER]]
    availability.judge(j, down, known)
    for r in j.reports:
        for service, spans in down.items():
            availability.intervals(j, r, service, spans)
