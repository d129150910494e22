"""Prometheus: outages, coverage and gaps from probes, and the reduced readings. usage: prometheus.py FOLDER"""
import sys

import availability
from common import Judge, service_id, without

j = Judge(sys.argv[1])
t = j.truth
watched = [[t["from"], t["last"] + t["step"]]]
down = {service_id(s): spans for s, spans in t["down"].items()}
known = {service_id(s): without(watched, t["gaps"].get(s, [])) for s in t["down"]}
down = {s: without(spans, without([[0, 1 << 40]], known[s])) for s, spans in down.items()}
availability.judge(j, down, known)
for r in j.reports:
    for service in down:
        availability.intervals(j, r, service, down[service])
j.done()
