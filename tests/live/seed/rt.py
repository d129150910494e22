"""Replays the tickets through REST 2.0 while the server's clock is moved along: seed FILE.
stir: comments on old tickets until it is killed, so that a pull meets tickets that change while it reads."""
import os
import random
import sys
import time

from common import NOW, Clock, call, life, tickets, write_truth

BASE = os.environ["RT_URL"] + "/REST/2.0"
STATUS = {"wait": "stalled", "resume": "open", "resolve": "resolved", "reopen": "open", "reject": "rejected"}


def rest(path, body, method="POST"):
    return call(BASE + path, body, method, basic="root:password")


def seed(path):
    clock, ids, todo = Clock(), {}, tickets()
    for at, t, what, word in life(todo):
        clock.set(at)
        ticket = f"/ticket/{ids.get(t['n'])}"
        if what == "create":
            ids[t["n"]] = rest("/ticket", {
                "Queue": t["team"], "Subject": t["title"], "Requestor": t["requester"], "Priority": (5 - t["priority"]) * 20,
                "SLA": f"P{t['priority']}", "Content": "Reported by phone.", "ContentType": "text/plain",
                "CustomFields": {"Service": t["service"], "Ticket kind": t["kind"]}})["id"]
        elif what == "answer":
            rest(ticket + "/correspond", {"Content": "We are looking into it.", "ContentType": "text/plain", "Status": "open", "TimeTaken": 15})
        elif what == "move":
            rest(ticket, {"Queue": word}, "PUT")
        elif what in STATUS:  # RT has no closed beside resolved
            rest(ticket, {"Status": STATUS[what]}, "PUT")
    clock.set(NOW)
    write_truth(path, tickets=[{**t, "id": int(ids[t["n"]])} for t in todo])


def stir():
    rng = random.Random(3)
    while True:
        rest(f"/ticket/{rng.randrange(1, 61)}/comment", {"Content": "Seen again.", "ContentType": "text/plain"})
        time.sleep(0.2)


if sys.argv[1] == "seed":
    seed(sys.argv[2])
else:
    stir()
