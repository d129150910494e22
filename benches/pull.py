#!/usr/bin/env python3
"""A pull of 200,000 tickets from a server on loopback, beside curl fetching the same pages into files.

Usage: benches/pull.py PROGRAM [--tickets N] [--page N] [--pause MS]

The tickets are made once and served from memory over one kept connection; `--pause` lets the server think that long
for each page, as a tool does that reads its database (Request Tracker takes 300 ms to check a password). Three
pairs, in turns; prints the ratio of each and the most memory that the pull ever held. The figures stand in
BENCHMARKS.md.
"""

import argparse
import http.server
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

CONNECTOR = """
[connector]
name = "many"
title = "Many tickets"
version = 1
language = 1
proven = "a bench"
rights = "none"

[settings.url]
kind = "url"
hint = "where"

[http]
base = "{url}"
rate = "100000/min"

[http.auth]
kind = "none"

[request.tickets]
path = "/tickets"
query = [["sort", "id"], ["offset", "{page.offset}"], ["limit", "{page.rows}"]]
rows = "/tickets/*"
key = "/id"
order = ["id"]
paging = { kind = "offset", rows = 1000 }
complete = { kind = "total", at = "/total" }

[table.tickets]
request = "tickets"

[table.tickets.columns]
source_key = { from = "/id" }
type = { from = "/type" }
service = { from = "/fields/service/name" }
customer = { from = "/fields/customer/name" }
title = { from = "/title" }
status = { from = "/status" }
priority = { from = "/priority/name" }
group = { from = "/group/name" }
opened_at = { from = "/created", format = "rfc3339", zone = "offset" }
first_response_at = { from = "/answered", format = "rfc3339", zone = "offset" }
resolved_at = { from = "/resolved", format = "rfc3339", zone = "offset" }
"""

CONFIG = """
[book]
title = "Bench"
zone = "Europe/Berlin"

[[source]]
id = "many"
connector = "many"
settings = {{ url = "http://127.0.0.1:{port}" }}
http = {{ allow_http = true }}
"""


def ticket(number):
    day = f"2026-{1 + number % 9:02}-{1 + number % 28:02}T{number % 24:02}"
    return {
        "id": str(1_000_000 + number),
        "self": f"https://desk.example/api/tickets/{1_000_000 + number}",
        "type": "incident" if number % 3 else "request",
        "title": f"Ticket number {number} about something that does not work as it should",
        "description": "It began this morning. " * 6,
        "status": ["new", "active", "pending", "resolved", "closed"][number % 5],
        "priority": {"id": number % 5, "name": f"P{1 + number % 5}"},
        "group": {"id": number % 7, "name": f"Team {number % 7}"},
        "fields": {"service": {"name": f"service-{number % 40}"}, "customer": {"name": f"customer-{number % 12}"}},
        "created": f"{day}:{number % 60:02}:00Z",
        "answered": f"{day}:59:30+00:00",
        "resolved": None if number % 4 == 0 else f"{day}:59:59Z",
        "watchers": [{"id": number % 100, "name": "somebody"}],
    }


def serve(made, pause):
    """Serves any slice of the tickets, each made once, so that the server itself costs little."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
            first, size = int(query["offset"][0]), int(query["limit"][0])
            rows = b",".join(made[first : first + size])
            body = b'{"total":%d,"tickets":[%s]}' % (len(made), rows)
            time.sleep(pause / 1000)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def timed(command, **more):
    """Runs a command; returns seconds and the most memory it held, in MB."""
    began = time.monotonic()
    child = subprocess.Popen(command, **more)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{command[0]} ended with {status}")
    return time.monotonic() - began, usage.ru_maxrss / 1024


def main():
    words = argparse.ArgumentParser()
    words.add_argument("program")
    words.add_argument("--tickets", type=int, default=200_000)
    words.add_argument("--page", type=int, default=1_000)
    words.add_argument("--pause", type=float, default=0)
    asked = words.parse_args()
    made = [json.dumps(ticket(number)).encode() for number in range(asked.tickets)]
    port = serve(made, asked.pause)
    # Each page begins with the last ticket of the one before.
    offsets = [0]
    while offsets[-1] + asked.page < asked.tickets:
        offsets.append(offsets[-1] + asked.page - 1)
    whole = sum(map(len, made))
    print(f"{asked.tickets:,} tickets, {len(offsets)} pages, {whole / 1e6:.0f} MB, {asked.pause:g} ms a page")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        book = folder / "book"
        (book / "connectors").mkdir(parents=True)
        (book / "connectors/many.toml").write_text(CONNECTOR.replace("rows = 1000", f"rows = {asked.page}"))
        (book / "config.toml").write_text(CONFIG.format(port=port))
        urls = folder / "urls"
        urls.write_text("".join(
            f'url = "http://127.0.0.1:{port}/tickets?sort=id&offset={offset}&limit={asked.page}"\n'
            f'output = "{folder}/page-{offset}"\n'
            for offset in offsets
        ))
        for pair in range(3):
            shutil.rmtree(book / "store", ignore_errors=True)
            fetched, _ = timed(["curl", "--silent", "--fail", "--config", str(urls)])
            pulled, memory = timed([asked.program, "--book", str(book), "--quiet", "pull"])
            print(f"pair {pair + 1}: curl {fetched:.2f} s, pull {pulled:.2f} s, ratio {pulled / fetched:.2f}, {memory:.0f} MB")


if __name__ == "__main__":
    main()
