"""Writes 90 days of OpenMetrics text to standard output and what is expected of it to FILE."""
import math
import random
import sys

from common import DAY, NOW, SERVICES, START, service_spans, write_truth

STEP = 180
HOSTS = ["web-1", "web-2", "db-1", "mail-1", "vpn-1", "dwh-1"]
SIZE, MEMORY = 500 << 30, 32 << 30
rng = random.Random(5)
TIMES = range(START, NOW, STEP)
down = service_spans(rng, STEP, (3, 1, 4, 2, 6), 900, 4 * 3600)
host_down = service_spans(rng, STEP, (1, 2, 1, 3, 2, 5), 900, 4 * 3600, HOSTS)
# Without any sample: unknown, not down.
gaps = {"Data warehouse": [(START + 40 * DAY, START + 42 * DAY)], "VPN": [(START + 20 * DAY, START + 20 * DAY + 7200)]}
write = sys.stdout.write


def hit(t, spans):
    return any(a <= t < b for a, b in spans)


def series(name, labels, value, skip=()):
    """Writes one series and returns its samples as they are written."""
    text, kept = name + "{" + ",".join(f'{k}="{v}"' for k, v in labels.items()) + "} ", []
    for i, t in enumerate(TIMES):
        sample = None if hit(t, skip) else f"{value(i, t):.10g}"
        kept.append(None if sample is None else float(sample))
        if sample is not None:
            write(f"{text}{sample} {t}\n")
    return kept


def family(name):
    write(f"# TYPE {name} gauge\n")


family("probe_success")
for s in SERVICES:
    series("probe_success", {"job": "blackbox", "instance": f"https://{s.lower().replace(' ', '-')}.example.test/", "service": s},
           lambda i, t: 0 if hit(t, down[s]) else 1, gaps.get(s, ()))
family("up")
for h in HOSTS:
    series("up", {"job": "node", "instance": h + ":9100"}, lambda i, t: 0 if hit(t, host_down[h]) else 1)
readings = {"disk": {}, "memory": {}}
for metric, part, whole, level in (
        ("disk", "node_filesystem_avail_bytes", "node_filesystem_size_bytes", lambda n, i: 0.65 - 0.08 * (1 + n) * i / len(TIMES)),
        ("memory", "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes", lambda n, i: 0.5 - 0.05 * n + 0.05 * math.sin(i / 240) + rng.uniform(-0.02, 0.02))):
    size = SIZE if metric == "disk" else MEMORY
    more = {"device": "/dev/sdb1", "fstype": "ext4", "mountpoint": "/data"} if metric == "disk" else {}
    family(whole)
    for h in HOSTS:
        series(whole, {"job": "node", "instance": h + ":9100", **more}, lambda i, t: size, host_down[h])
    family(part)
    for n, h in enumerate(HOSTS):
        free = series(part, {"job": "node", "instance": h + ":9100", **more}, lambda i, t: int(size * level(n, i)), host_down[h])
        readings[metric][h + ":9100"] = {"whole": size, "free": free}
write("# EOF\n")
write_truth(sys.argv[1], last=TIMES[-1], step=STEP, down=down, gaps=gaps, readings=readings)
