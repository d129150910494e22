"""Nagios: outages from its state history, and its own totals beside ours. usage: nagios.py FOLDER"""
import sys

import availability
from common import DAY, Judge, crossed, length, service_id

j = Judge(sys.argv[1])
t = j.truth
# The books take the HTTP check of a host for its service. Warning is up; in an unknown state what was before holds on.
states = {service_id(name): t["services"][host + ";HTTP"] for name, host in t["host_of"].items()}
down = {s: [[a, b] for a, b, state in spans if state == "CRITICAL"] for s, spans in states.items()}
availability.judge(j, down)
for r in j.reports:
    for service, spans in states.items():
        availability.intervals(j, r, service, down[service])
        # The tool's totals are of days of UTC; those that lie wholly within the period count.
        days = [[at, at + DAY] for at in range(-(-r.start // DAY) * DAY, r.end - DAY + 1, DAY)]
        lost = length(crossed(down[service], days))
        unknown = length(crossed([[a, b] for a, b, state in spans if state == "UNKNOWN"], days))
        whole = length(days) - unknown
        j.share(r, "availability.reported", 1000 * (whole - lost), 1000 * whole, service=service)
j.done()
