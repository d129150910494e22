"""setup FILE: hosts, trapper items, triggers, services and SLAs through the API; a token to read with goes to FILE.
history FILE: 90 days of values through the trapper protocol, oldest first."""
import json
import math
import os
import random
import socket
import struct
import sys
import time

from common import DAY, NOW, SERVICES, START, ZONE, call, service_spans, write_truth

API, TRAPPER = os.environ["ZABBIX_API"], int(os.environ["ZABBIX_TRAPPER"])
token = None


def api(method, params):
    body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1, "auth": token}
    answer = call(API, body, headers={"Content-Type": "application/json-rpc"})
    if "error" in answer:
        raise SystemExit(f"{method}: {answer['error']}")
    return answer["result"]


token = api("user.login", {"username": "Admin", "password": "zabbix"})
HOSTS = {s: s.lower().replace(" ", "-") + "-1" for s in SERVICES}
ITEMS = {"service.up": 3, "system.cpu.util": 0, "vm.memory.utilization": 0, "vfs.fs.size[/data,pused]": 0}
GOLD = ("Webshop", "Payments")  # round the clock; the others are silver: office hours
STEP = 300
down = service_spans(random.Random(11), STEP, (4, 2, 3, 6, 1), 1800, 8 * 3600)
down["VPN"].append((NOW - 5400, NOW + DAY))  # down to this moment: an open problem
window = (START + 30 * DAY, START + 30 * DAY + 6 * 3600)  # agreed maintenance, left out of the gold SLA
down["Webshop"].append((window[0] + 3600, window[0] + 2 * 3600))


def bad(service, t):
    return any(a <= t < b for a, b in down[service])


def readings(service, t):
    n, day = SERVICES.index(service), math.sin((t % DAY) / DAY * 2 * math.pi)
    disk = (60, 40, 82, 30, 70)[n]
    return {"system.cpu.util": round(20 + 5 * n + 25 * max(0, day), 2), "vm.memory.utilization": round(45 + 4 * n + 5 * day, 2),
            "vfs.fs.size[/data,pused]": round(disk + 6 * (t - START) / (90 * DAY), 3)}


def read_at(service):
    return (t for t in range(START, NOW, 600) if not bad(service, t))


def setup():
    own = api("host.get", {"filter": {"host": "Zabbix server"}})  # comes with the tool
    if own:
        api("host.update", {"hostid": own[0]["hostid"], "status": 1})
    group = api("hostgroup.create", {"name": "Live"})["groupids"][0]
    services = {}
    for s, h in HOSTS.items():
        host = api("host.create", {"host": h, "name": s + " server", "groups": [{"groupid": group}],
                                   "tags": [{"tag": "service", "value": s}]})["hostids"][0]
        for key, kind in ITEMS.items():
            api("item.create", {"hostid": host, "name": key, "key_": key, "type": 2, "value_type": kind,
                                "history": "400d", "trends": "800d", "units": "" if kind == 3 else "%"})
        for text, rule, severity, scope in (("is down", f"last(/{h}/service.up)=0", 4, "availability"),
                                            ("data disk over 85 %", f"last(/{h}/vfs.fs.size[/data,pused])>85", 2, "capacity")):
            api("trigger.create", {"description": f"{s} {text}", "expression": rule, "priority": severity,
                                   "tags": [{"tag": "service", "value": s}, {"tag": "scope", "value": scope}]})
        services[s] = api("service.create", {
            "name": s, "algorithm": 1, "sortorder": 0, "tags": [{"tag": "sla", "value": "gold" if s in GOLD else "silver"}],
            "problem_tags": [{"tag": "service", "operator": 0, "value": s}, {"tag": "scope", "operator": 0, "value": "availability"}],
        })["serviceids"][0]
    api("service.create", {"name": "Customer services", "algorithm": 2, "sortorder": 0, "tags": [{"tag": "sla", "value": "gold"}],
                           "children": [{"serviceid": services[s]} for s in GOLD]})
    office = [{"period_from": d * DAY + 8 * 3600, "period_to": d * DAY + 18 * 3600} for d in range(1, 6)]
    for name, slo, schedule in (("gold", 99.5, []), ("silver", 99.5, office)):
        api("sla.create", {
            "name": name.title() + " availability", "period": 2, "slo": slo, "effective_date": START // DAY * DAY,
            "timezone": ZONE, "service_tags": [{"tag": "sla", "operator": 0, "value": name}], "schedule": schedule,
            "excluded_downtimes": [{"name": "Quarterly release", "period_from": window[0], "period_to": window[1]}] if name == "gold" else []})


    made = api("token.create", {"name": "reports", "userid": api("user.get", {"filter": {"username": "Admin"}})[0]["userid"]})["tokenids"]
    with open(sys.argv[2], "w") as f:
        f.write(api("token.generate", made)[0]["token"])


def send(values):
    body = json.dumps({"request": "sender data", "data": values, "clock": int(time.time())}).encode()
    with socket.create_connection(("127.0.0.1", TRAPPER), 60) as s:
        s.sendall(b"ZBXD\x01" + struct.pack("<II", len(body), 0) + body)
        answer = b""
        while chunk := s.recv(65536):
            answer += chunk
    info = json.loads(answer[13:])["info"]
    if "failed: 0;" not in info:
        raise SystemExit("the trapper refused values: " + info)


def history():
    time.sleep(6)  # the server reads its configuration every 2 seconds
    batch = []
    for t in range(START, NOW, STEP):
        for s, h in HOSTS.items():
            put = {"service.up": 0 if bad(s, t) else 1}
            if t % 600 == 0 and not bad(s, t):
                put |= readings(s, t)
            batch += [{"host": h, "key": k, "value": str(v), "clock": t, "ns": 0} for k, v in put.items()]
        if len(batch) >= 5000:
            send(batch)
            batch = []
    send(batch)
    until = time.time() + 120  # the server works its queue off in the background
    while time.time() < until:
        got = api("item.get", {"output": ["lastclock"], "filter": {"key_": "service.up"}, "group": "Live"})
        if got and min(int(i["lastclock"]) for i in got) >= NOW - STEP:
            return
        time.sleep(1)
    raise SystemExit("the server did not store the last values in time")


if sys.argv[1] == "setup":
    setup()
else:
    history()
    # Hourly, as the tool's trends: start of the hour, number, least, sum and greatest.
    hours = {}
    for s, h in HOSTS.items():
        for t in read_at(s):
            for key, value in readings(s, t).items():
                hours.setdefault(f"{h} {key}", {}).setdefault(t // 3600 * 3600, []).append(value)
    trends = {name: [[at, len(v), min(v), sum(v), max(v)] for at, v in sorted(by.items())] for name, by in hours.items()}
    write_truth(sys.argv[2], step=STEP, excluded=window, excluded_from=GOLD, down=down, trends=trends,
                names={h: s + " server" for s, h in HOSTS.items()})
