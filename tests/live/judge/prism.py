"""Jira Cloud: every request valid by the vendor's document, pages followed, and the figures of tickets with changelogs.
usage: prism.py FOLDER"""
import json
import sys

import tickets
from common import Judge

j = Judge(sys.argv[1])
asked = [json.loads(line) for line in (j.folder / "requests.jsonl").read_text().splitlines()]
for x in asked:
    j.check(f"{x['method']} {x['path']} is valid", [x["status"], x["violations"]], [200, None])
for page in ("page1", "page2"):
    j.check(f"{page} of the search was asked for", any(x["answered"] == "example=" + page for x in asked), True)
# The platform knows no first response, and labels change without a history.
tickets.judge(j, {1: "P1", 2: "P2", 3: "P3", 4: "P4"}, teams=None, answers=False)
tickets.once(j)
j.done()
