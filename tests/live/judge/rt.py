"""Request Tracker: every ticket figure, from pages that were read while tickets changed. usage: rt.py FOLDER"""
import sys

import tickets
from common import Judge

j = Judge(sys.argv[1])
tickets.judge(j, {1: "P1", 2: "P2", 3: "P3", 4: "P4"})
for r in j.reports:
    j.check(f"{r.name}: every ticket once", sum(n for x in r.json["receipts"] for t, n in x["rows"] if t == "tickets"), len(j.truth["tickets"]))
j.done()
