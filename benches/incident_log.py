#!/usr/bin/env python3
"""Measures whole commands on the ServiceNow incident log (46 MB, 141,712 records) against polars reading the same file.

    pip install polars
    python3 benches/incident_log.py target/release/servicebook PATH/incident_event_log.csv.gz

In each round, in turn: polars reads the unpacked file to strings (import not counted), servicebook pulls it and writes
one month's report. Prints medians and their ratio, and the peak memory of servicebook. Ratios hold within one run only.
"""

import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9
CONFIG = """
[book]
title = "Incident log"
zone = "UTC"

[[service]]
id = "desk"
name = "Service desk"

[[source]]
id = "log"
connector = "servicenow-incident-log"
files = ["log.csv"]
settings = { zone = "UTC", service = "desk" }
"""


READ = """
import sys, time
import polars
begun = time.perf_counter()
polars.read_csv(sys.argv[1], infer_schema=False)
print(polars.__version__, time.perf_counter() - begun)
"""


def read(log):
    """Reads in a process of its own, so that its memory is not counted as ours."""
    printed = subprocess.run([sys.executable, "-c", READ, log], check=True, capture_output=True, text=True).stdout
    version, seconds = printed.split()
    return version, float(seconds)


def timed(*command):
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def peak_memory(*command):
    """Returns the peak resident memory in MB, asked from a small process whose only child is the command."""
    ask = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)")
    printed = subprocess.run([sys.executable, "-c", ask, *map(str, command)], check=True, capture_output=True, text=True)
    return int(printed.stdout)


def main():
    binary, packed = Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder)
        log = book / "log.csv"
        with gzip.open(packed) as source, log.open("wb") as target:
            shutil.copyfileobj(source, target)
        (book / "config.toml").write_text(CONFIG, encoding="utf-8")
        reads, pulls, reports = [], [], []
        for _ in range(ROUNDS):
            version, seconds = read(log)
            reads.append(seconds)
            shutil.rmtree(book / "store", ignore_errors=True)
            pulls.append(timed(binary, "-q", "pull", "--book", book))
            reports.append(timed(binary, "-q", "report", "--book", book, "--period", "2016-04", "--format", "md"))
        ratios = [(pull + report) / read for read, pull, report in zip(reads, pulls, reports)]
        peak = max(peak_memory(binary, "-q", "pull", "--book", book),
                   peak_memory(binary, "-q", "report", "--book", book, "--period", "2016-04", "--format", "md"))
        print(f"polars {version} reads to strings  {statistics.median(reads):.3f} s")
        print(f"servicebook pull                {statistics.median(pulls):.3f} s")
        print(f"servicebook report, one month   {statistics.median(reports):.3f} s")
        print(f"(pull + report) / read          {statistics.median(ratios):.2f}"
              f"  (from {min(ratios):.2f} to {max(ratios):.2f} over {ROUNDS} rounds, {os.cpu_count()} cores)")
        print(f"peak resident memory            {peak} MB")


if __name__ == "__main__":
    main()
