#!/usr/bin/env python3
"""Compares the figures of a month with the same aggregates in DuckDB SQL, over the same Parquet files.

    pip install duckdb
    cargo build --release --features benchmarks --bin month
    python3 benches/month.py target/release/month [--tickets N] [--outages N] [--readings N] [--rounds N] [--folder DIR]

The rows are those of `benches/month/rows.rs`: a year, whose last month is measured. Both sides hold them in memory
before the clock starts. In each round, in turn: servicebook prepares the book (names, agreements, goals, calendars,
history) and computes all figures of the month, DuckDB runs the queries below. Each is run once before, unmeasured.

What DuckDB is spared: service hours and time zones (its durations are by the wall clock, its days are those of UTC,
both of its durations of resolution are the same number), degraded outages by the greatest weight (their time counts in
full), coverage, forecasts, findings, and for each figure its filter, left-out rows, target and basis. What it is not
spared: states at the end of the month from the history, goals by service, type and priority, percentiles of four
durations by book, service, customer, type and priority, outages united, daily means of readings over 90 days.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
import tomllib
from pathlib import Path

import duckdb

BOOK = Path(__file__).parent / "month" / "config.toml"
# September 2026 in Europe/Berlin, and the edge of the 90 days before its end.
START, END = "TIMESTAMPTZ '2026-08-31 22:00:00Z'", "TIMESTAMPTZ '2026-09-30 22:00:00Z'"
SECONDS = {"m": 60, "h": 3600, "d": 86400}

# What each scope of ticket figures is grouped by.
SCOPES = ["()", "(service)", "(customer)"]
SETS = ", ".join(f"({', '.join([scope.strip('()'), *keys]).strip(', ')})"
                 for scope in SCOPES for keys in (["type"], ["type", "priority"]))
SPLITS = {"status_now": "opened", "age": "open", "reopened": "finished", "weekend": "tool_known"}


def distribution(column):
    rows = f"{column}_counted"
    return (f"count(*) FILTER ({rows}), avg({column}) FILTER ({rows}), max({column}) FILTER ({rows}), "
            f"quantile_cont({column}, [0.5, 0.9, 0.95, 0.99]) FILTER ({rows})")


TICKETS = [
    # What the history of a ticket says of it at the end of the month.
    f"""CREATE OR REPLACE TEMP TABLE history AS
        SELECT ticket,
          arg_max("to", seq) FILTER (field = 'status') AS status,
          arg_max("at", seq) FILTER (field = 'status' AND "to" = 'resolved') AS resolved,
          count(*) FILTER (field = 'status' AND "from" IN ('resolved', 'closed') AND "to" = 'active') AS reopened,
          count(*) FILTER (field = 'group' AND "from" <> "to") AS moved
        FROM ticket_events WHERE "at" < {END} GROUP BY ticket""",
    # Tickets as the month sees them: state, and the goals of the agreement that holds for service and customer.
    f"""CREATE OR REPLACE TEMP TABLE seen AS
        WITH known AS (
          SELECT t.source_key, t.type, t.priority, t.is_major, t.tool_breached, t.opened_at, t.actual_end, t.outcome,
            t.backed_out, t.change_type, s.id AS service, c.id AS customer,
            coalesce(h.status, t.status) AS status_now,
            coalesce(h.status, t.status) = 'cancelled' AS cancelled,
            CASE WHEN h.ticket IS NULL THEN t.resolved_at WHEN h.status IN ('new', 'active') THEN NULL
                 WHEN t.resolved_at < {END} THEN t.resolved_at ELSE h.resolved END AS resolved,
            CASE WHEN t.closed_at < {END} THEN t.closed_at END AS closed,
            CASE WHEN t.first_response_at < {END} THEN t.first_response_at END AS responded,
            coalesce(h.reopened, t.reopen_count) AS reopened, coalesce(h.moved, t.reassignment_count) AS moved
          FROM tickets t LEFT JOIN history h ON h.ticket = t.source_key
            LEFT JOIN services s ON s.name = t.service LEFT JOIN customers c ON c.name = t.customer
          WHERE t.opened_at < {END}),
        stated AS (
          SELECT *, CASE WHEN resolved < {END} THEN resolved END AS resolved_then FROM known),
        touched AS (
          SELECT *, coalesce(resolved_then, closed) AS finished_at,
            resolved_then IS NULL AND closed IS NULL AND NOT cancelled AS open
          FROM stated
          WHERE opened_at >= {START} OR resolved_then >= {START} OR closed >= {START} OR actual_end >= {START}
            OR (resolved_then IS NULL AND closed IS NULL AND NOT cancelled)),
        timed AS (
          SELECT t.*,
            opened_at >= {START} AS opened,
            resolved_then >= {START} AND NOT cancelled AS resolved_in,
            closed >= {START} AND NOT cancelled AS closed_in,
            finished_at >= {START} AND NOT cancelled AS finished,
            (epoch_ms(resolved_then) - epoch_ms(opened_at)) // 1000 AS elapsed_s,
            (epoch_ms(closed) - epoch_ms(opened_at)) // 1000 AS close_s,
            (epoch_ms(coalesce(responded, {END})) - epoch_ms(opened_at)) // 1000 AS response_s,
            (epoch_ms(coalesce(resolved_then, {END})) - epoch_ms(opened_at)) // 1000 AS resolution_s,
            coalesce(own.response, common.response) AS response_goal,
            coalesce(own.resolution, common.resolution) AS resolution_goal,
            isodow(opened_at) >= 6 AS weekend,
            CASE WHEN open THEN (epoch_ms({END}) - epoch_ms(opened_at)) // 86400000 END AS days
          FROM touched t
            LEFT JOIN goals own ON own.service = t.service AND own.customer = t.customer AND own.type = t.type
              AND own.priority = t.priority
            LEFT JOIN goals common ON common.service = t.service AND common.customer IS NULL AND common.type = t.type
              AND common.priority = t.priority)
        SELECT *,
          CASE WHEN days < 3 THEN '0-2' WHEN days < 8 THEN '3-7' WHEN days < 31 THEN '8-30' WHEN days < 91 THEN '31-90'
               WHEN days IS NOT NULL THEN '91+' END AS age,
          elapsed_s AS service_s,
          resolved_in AND elapsed_s >= 0 AS elapsed_s_counted,
          resolved_in AND elapsed_s >= 0 AS service_s_counted,
          closed_in AND close_s >= 0 AS close_s_counted,
          finished AND tool_breached IS NOT NULL AS tool_known,
          responded >= {START} AND NOT cancelled AS response_stopped
        FROM timed""",
    # Every measure by book, service and customer, by type and by type and priority.
    f"""SELECT service, customer, type, priority,
          count(*) FILTER (opened), count(*) FILTER (resolved_in), count(*) FILTER (open),
          count(*) FILTER (opened AND is_major), count(*) FILTER (finished AND reopened > 0),
          count(*) FILTER (finished AND reopened IS NOT NULL), count(*) FILTER (finished AND moved > 0),
          avg(moved) FILTER (finished),
          {distribution("elapsed_s")}, {distribution("service_s")}, {distribution("close_s")},
          count(*) FILTER (response_stopped AND response_goal IS NOT NULL),
          count(*) FILTER (response_stopped AND response_s <= response_goal),
          count(*) FILTER (response_stopped AND response_goal IS NULL),
          count(*) FILTER (finished AND responded IS NULL AND response_goal IS NOT NULL),
          count(*) FILTER (resolved_in AND resolution_goal IS NOT NULL),
          count(*) FILTER (resolved_in AND resolution_s <= resolution_goal),
          count(*) FILTER (resolved_in AND resolution_goal IS NULL),
          count(*) FILTER (open AND responded IS NULL AND response_s > response_goal),
          count(*) FILTER (open AND resolution_s > resolution_goal),
          count(*) FILTER (tool_known), count(*) FILTER (tool_known AND NOT tool_breached)
        FROM seen GROUP BY GROUPING SETS ({SETS})""",
    *[f"""SELECT service, customer, type, {column}, count(*), count(*) FILTER (NOT tool_breached) FROM seen
        WHERE {rows} GROUP BY GROUPING SETS ((type, {column}), (service, type, {column}), (customer, type, {column}))"""
      for column, rows in SPLITS.items()],
    f"""SELECT service, count(*), count(*) FILTER (outcome IN ('successful', 'failed', 'partial')),
          count(*) FILTER (outcome = 'successful' AND NOT backed_out), count(*) FILTER (change_type = 'emergency')
        FROM seen WHERE type = 'change' AND actual_end >= {START} AND actual_end < {END}
        GROUP BY GROUPING SETS ((), (service))""",
]

OUTAGES = [
    # Outages that overlap or touch are one; its time is cut at the edges of the month.
    f"""CREATE OR REPLACE TEMP TABLE failures AS
        WITH cut AS (SELECT service, start, "end" FROM outages WHERE "end" > {START} AND start < {END}),
        marked AS (
          SELECT *, start > max("end") OVER (PARTITION BY service ORDER BY start, "end"
                                             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS apart FROM cut),
        numbered AS (SELECT *, count(*) FILTER (apart) OVER (PARTITION BY service ORDER BY start, "end"
                                             ROWS UNBOUNDED PRECEDING) AS failure FROM marked)
        SELECT service, failure, min(start) AS start, max("end") AS "end",
          epoch_ms(least(max("end"), {END})) - epoch_ms(greatest(min(start), {START})) AS milliseconds
        FROM numbered GROUP BY service, failure""",
    f"""SELECT service, sum(milliseconds), count(*) FILTER (start >= {START}), max(milliseconds),
          avg(milliseconds) FILTER (start >= {START}),
          100.0 * (1 - sum(milliseconds) / (epoch_ms({END}) - epoch_ms({START})))
        FROM failures GROUP BY service""",
    f"""SELECT service, epoch_ms(day), sum(epoch_ms(least("end", day + INTERVAL 1 DAY)) - epoch_ms(greatest(start, day)))
        FROM failures, range({START}, {END}, INTERVAL 1 DAY) days(day)
        WHERE start < day + INTERVAL 1 DAY AND "end" > day GROUP BY service, day""",
]

READINGS = [
    f"""SELECT resource, metric, count(*), avg(value), quantile_cont(value, 0.95), max(value),
          count(*) FILTER (value > threshold)
        FROM (SELECT r.resource, r.metric, threshold,
                CASE WHEN share THEN 100 * used / "limit" ELSE used END AS value
              FROM readings r JOIN resources USING (resource, metric) WHERE "at" >= {START} AND "at" < {END})
        GROUP BY resource, metric""",
    f"""SELECT resource, metric, epoch_ms("at") // 86400000 AS day, count(*),
          avg(CASE WHEN share THEN 100 * used / "limit" ELSE used END)
        FROM readings r JOIN resources USING (resource, metric)
        WHERE "at" >= {END} - INTERVAL 90 DAY AND "at" < {END} GROUP BY resource, metric, day""",
]

QUERIES = {"tickets": TICKETS, "outages": OUTAGES, "readings": READINGS}


def seconds(text):
    return int(text[:-1]) * SECONDS[text[-1]]


def goals(book):
    """Every goal with its priority written out: a goal without one is for every priority without one of its own."""
    for agreement in book["agreement"]:
        for kind in ("incident", "request"):
            for priority in ("P1", "P2", "P3", "P4", "P5"):
                row = [agreement["service"], agreement.get("customer"), kind, priority]
                for clock in ("response", "resolution"):
                    of_type = [goal for goal in agreement[clock] if goal.get("type", "incident") == kind]
                    own = [goal for goal in of_type if goal.get("priority") == priority]
                    rest = [goal for goal in of_type if "priority" not in goal]
                    row.append(next((seconds(goal["within"]) for goal in own + rest), None))
                yield row


def opened(folder):
    """Loads the Parquet files and the catalogue into a database in memory."""
    book = tomllib.loads(BOOK.read_text(encoding="utf-8"))
    database = duckdb.connect()
    for table in ("tickets", "ticket_events", "outages", "readings"):
        database.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet('{folder}/{table}-*.parquet')")
    for table, columns, rows in (
        ("services", "id VARCHAR, name VARCHAR", [(s["id"], s["name"]) for s in book["service"]]),
        ("customers", "id VARCHAR, name VARCHAR", [(c["id"], c["name"]) for c in book["customer"]]),
        ("goals", "service VARCHAR, customer VARCHAR, type VARCHAR, priority VARCHAR, response BIGINT, "
                  "resolution BIGINT", list(goals(book))),
        ("resources", "resource VARCHAR, metric VARCHAR, threshold DOUBLE, share BOOLEAN",
         [(r["id"], r["metric"], r["threshold"], r["of"] == "share") for r in book["resource"]]),
    ):
        database.execute(f"CREATE TABLE {table} ({columns})")
        database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    return database


def timed(database):
    """Returns how long the queries of each subject took, results fetched."""
    times = {}
    for subject, queries in QUERIES.items():
        begun = time.perf_counter()
        for query in queries:
            database.execute(query).fetchall()
        times[subject] = time.perf_counter() - begun
    return times


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary", type=Path)
    arguments.add_argument("--tickets", type=int, default=1_000_000)
    arguments.add_argument("--outages", type=int, default=100_000)
    arguments.add_argument("--readings", type=int, default=10_000_000)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--folder", type=Path, help="where the rows are kept; made where it is missing")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary) / "rows"
        if not folder.exists():
            subprocess.run([given.binary, "write", folder, str(given.tickets), str(given.outages),
                            str(given.readings)], check=True)
        database = opened(folder)
        with subprocess.Popen([given.binary, "run", folder, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as program:
            def round_of_ours():
                program.stdin.write("\n")
                program.stdin.flush()
                return json.loads(program.stdout.readline())

            loaded = json.loads(program.stdout.readline())
            round_of_ours()
            timed(database)
            pairs = [(round_of_ours(), timed(database)) for _ in range(given.rounds)]
            program.stdin.close()
    ours, theirs = zip(*pairs)
    median = lambda values: statistics.median(list(values))
    whole = [sum(times.values()) for times in theirs]
    print(f"duckdb {duckdb.__version__}, {given.rounds} rounds, medians")
    for subject in QUERIES:
        print(f"duckdb, {subject:<28} {median(times[subject] for times in theirs):7.3f} s")
    print(f"duckdb, all                          {median(whole):7.3f} s")
    print(f"servicebook, prepare                 {median(r['prepare'] for r in ours):7.3f} s")
    print(f"servicebook, figures of the month    {median(r['measure'] for r in ours):7.3f} s"
          f"  ({ours[0]['figures']} figures)")
    for name, of in (("figures of the month ÷ duckdb", lambda r: r["measure"]),
                     ("(prepare + figures) ÷ duckdb", lambda r: r["prepare"] + r["measure"])):
        ratios = [of(r) / w for r, w in zip(ours, whole)]
        print(f"{name:<36} {median(ratios):7.2f}   ({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"peak resident memory                 {ours[-1]['peak_mb']:7} MB, {loaded['peak_mb']} MB after loading")


if __name__ == "__main__":
    main()
