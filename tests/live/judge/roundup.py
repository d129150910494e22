"""Roundup: how many were opened, are done and are open. It tells no history: what is done counts as done at its last
activity, and who rejected an issue resolved it. usage: roundup.py FOLDER"""
import sys

import tickets
from common import Judge, service_id

j = Judge(sys.argv[1])
WORD = {1: "P1", 2: "P2", 3: "P3", 4: "P4"}
for r in j.reports:
    for kind in ("incident", "request", "problem", "change"):
        for service in [None, *sorted({service_id(t["service"]) for t in j.truth["tickets"]})]:
            for priority in [None, *WORD]:
                of = [t["steps"] for t in j.truth["tickets"] if t["kind"] == kind and service in (None, service_id(t["service"]))
                      and priority in (None, t["priority"])]
                ends = [s[-1][0] if s[-1][1] in ("resolve", "close", "reject") else None for s in of]
                scope = {"type": kind, **({"service": service} if service else {}), **({"priority": WORD[priority]} if priority else {})}
                j.value(r, "tickets.opened", sum(r.start <= s[0][0] < r.end for s in of), **scope)
                j.value(r, "tickets.resolved", sum(e is not None and r.start <= e < r.end for e in ends), **scope)
                j.value(r, "tickets.backlog", sum(s[0][0] < r.end and (e is None or e >= r.end) for s, e in zip(of, ends)), **scope)
tickets.once(j)
j.done()
