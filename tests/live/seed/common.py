"""What the seeds share: the clock, the services, the same tickets for every tool, requests to loopback."""
import base64
import json
import os
import random
import time
import urllib.error
import urllib.request

HOUR, DAY = 3600, 86400
# LIVE_NOW (unix seconds) pins the end of the history; else it ends at this hour.
NOW = int(os.environ.get("LIVE_NOW") or time.time()) // HOUR * HOUR
START = NOW - 90 * DAY
ZONE = "Europe/Berlin"
SERVICES = ["Webshop", "Payments", "E-mail", "VPN", "Data warehouse"]
TEAMS = ["Service desk", "Network", "Database", "Applications"]
_SUBJECTS = [
    ("{s} unreachable from branch office", "incident"), ("{s} login fails with time-out", "incident"),
    ("Slow response on {s} since this morning", "incident"), ("{s} certificate about to expire", "problem"),
    ("Recurring nightly restart of {s}", "problem"), ("Access to {s} for new colleague", "request"),
    ("Extra storage for {s}", "request"), ("Upgrade {s} to the next release", "change"),
]
_TARGET = {1: 4 * HOUR, 2: 12 * HOUR, 3: 48 * HOUR, 4: 120 * HOUR}


def tickets(n=120):
    """n tickets over 90 days, each with its life as `steps`: [unix time, what, word], oldest first.

    what: create, answer, wait, resume, move (to the team `word`), resolve, reopen, reject, close."""
    rng = random.Random(20240611)
    out = []
    for i in range(n):
        subject, kind = _SUBJECTS[i % len(_SUBJECTS)]
        created = START + int((i + rng.random()) * 89 * DAY / n)
        priority = rng.choices([1, 2, 3, 4], [1, 3, 6, 4])[0]
        service, team, other = rng.choice(SERVICES), *rng.sample(TEAMS, 2)
        # Drawn whether used or not, so that the end of the history changes no ticket but the last ones.
        answer, length, fate, waits, moves = rng.uniform(0.02, 0.3), rng.lognormvariate(-0.4, 0.8), rng.random(), rng.random(), rng.random()
        answered = created + max(60, int(_TARGET[priority] * answer))
        took = max(answered - created + 600, int(_TARGET[priority] * length))
        resolved = created + took
        steps = [[created, "create", None], [answered, "answer", None]]
        if i % 29 == 13:
            steps = [[created, "create", None], [created + 1800, "reject", None]]
        elif fate < 0.08:
            if waits < 0.5:
                steps.append([answered + 2 * HOUR, "wait", None])
        elif fate < 0.12:
            del steps[1]  # nobody ever answers
        else:
            if waits < 0.3:
                steps += [[answered + (resolved - answered) // 4, "wait", None], [answered + (resolved - answered) // 2, "resume", None]]
            if moves < 0.25:
                steps.append([answered + 3 * (resolved - answered) // 4, "move", other])
            steps.append([resolved, "resolve", None])
            if i % 10 == 3:
                again = resolved + DAY + i * 600
                steps += [[again, "reopen", None], [again + HOUR + i * 60, "resolve", None]]
            if fate < 0.65:
                steps.append([steps[-1][0] + DAY, "close", None])
        steps = [s for s in steps if s[0] < NOW - 60]
        out.append(dict(n=i + 1, title=subject.format(s=service), kind=kind, service=service, priority=priority, team=team,
                        requester=f"user{rng.randrange(1, 13)}@example.test", due=created + _TARGET[priority], steps=steps))
    return out


def life(todo):
    """Every step of every ticket, oldest first: (time, ticket, what, word)."""
    return sorted(((at, t, what, word) for t in todo for at, what, word in t["steps"]), key=lambda s: (s[0], s[1]["n"]))


def write_truth(path, **facts):
    """What the judge compares with: the span of the history, and what was put into the tool."""
    with open(path, "w") as f:
        json.dump({"from": START, "to": NOW, **facts}, f)


def call(url, body=None, method=None, headers=None, basic=None, raw=False):
    """One request to loopback: parsed JSON (or text), or an end with the server's words."""
    headers = dict(headers or {})
    if basic:
        headers["Authorization"] = "Basic " + base64.b64encode(basic.encode()).decode()
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(url, body, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            text = answer.read().decode()
    except urllib.error.HTTPError as e:
        raise SystemExit(f"{method or 'request'} {url}: {e.code} {e.read().decode(errors='replace')[:600]}")
    return text if raw or not text else json.loads(text)


class Clock:
    """Moves the time that a server sees: it runs under libfaketime, which reads this file."""

    def __init__(self):
        self.path = os.environ["LIVE_CLOCK"]

    def set(self, at):
        with open(self.path + ".new", "w") as f:
            f.write(time.strftime("%Y-%m-%d %H:%M:%S\n", time.gmtime(at)))
        os.replace(self.path + ".new", self.path)


def service_spans(rng, step, numbers, shortest, longest, names=SERVICES):
    """Outages by name: so many, so long, on a grid of `step` seconds."""
    out = {}
    for name, n in zip(names, numbers):
        starts = sorted(START + rng.randrange(0, 88 * DAY, step) for _ in range(n))
        out[name] = [(a, a + rng.randrange(shortest, longest, step)) for a in starts]
    return out
