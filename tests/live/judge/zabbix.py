"""Zabbix: outages from problems, agreed downtimes, its own SLI beside ours, hourly trends. usage: zabbix.py FOLDER"""
import sys

import availability
from common import RATIO, Judge, bounds, crossed, length, periods, service_hours, service_id, united, without

j = Judge(sys.argv[1])
t = j.truth
down = {service_id(s): united(spans) for s, spans in t["down"].items()}
agreed = {service_id(s): [t["excluded"]] for s in t["excluded_from"]}
availability.judge(j, down, agreed=agreed)
months = [bounds(name) for name in periods(t["from"], t["to"]) if ".." not in name]
for r in j.reports:
    for service, spans in down.items():
        availability.intervals(j, r, service, spans, agreed.get(service, []))
        planned = length(crossed(agreed.get(service, []), service_hours(service, r.start, r.end)))
        j.value(r, "availability.planned", planned, service=service)
        # Its SLI of the whole months in the period, worked out from what was put in, by its own rules.
        up = whole = 0
        for a, b in months:
            if r.start <= a and b <= r.end:
                hours = without(service_hours(service, a, b), agreed.get(service, []))
                whole += length(hours)
                up += length(hours) - length(crossed(spans, hours))
        if whole:
            j.share(r, "availability.reported", 1000 * up, 1000 * whole, service=service)
    for name, hours in t["trends"].items():
        host, key = name.split(" ", 1)
        # Trends are of whole hours; an hour belongs to the period in which it starts.
        of = [h for h in hours if r.start <= h[0] < r.end]
        resource = t["names"][host]
        metric = {"system.cpu.util": "cpu", "vm.memory.utilization": "memory"}.get(key, key)
        j.near(r, "capacity.average", RATIO(sum(h[3] for h in of)) / sum(h[1] for h in of), resource=resource, metric=metric)
        j.near(r, "capacity.peak", max(h[4] for h in of), resource=resource, metric=metric)
j.done()
