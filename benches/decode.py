#!/usr/bin/env python3
"""Compares JSON records to typed columns with polars reading the same records as NDJSON, in turn.

    pip install 'polars==1.*'
    cargo build --release --features benchmarks --bin decode
    python3 benches/decode.py target/release/decode [--tickets N] [--pairs N] [--folder DIR]

Each side is run once before, unmeasured, and reads the file within its time. Ours takes 15 of the 25 values, types
them, and after that counts the records a second time by other code; polars infers a schema and keeps everything. The
lines are flat, which suits polars best: of our two formats `json` is the same tickets as one nested document.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars


def polars_s(file):
    begun = time.perf_counter()
    polars.read_ndjson(file)
    return time.perf_counter() - begun


class Ours:
    """Our program, which decodes once for each line that it is sent."""

    def __init__(self, binary, folder, form):
        command = [binary, "run", folder, form, "-"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        printed = self.process.stdout.readline()
        return json.loads(printed) if printed else sys.exit("our side stopped")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--folder", help="where the files are kept for the next run")
    arguments = parser.parse_args()
    binary = str(Path(arguments.binary).resolve())
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments.folder or temporary)
        lines = folder / "tickets.ndjson"
        if not lines.exists():
            subprocess.run([binary, "write", folder, str(arguments.tickets)], check=True)
        print(f"polars {polars.__version__}, {os.cpu_count()} cores, {lines.stat().st_size / 1e6:.0f} MB of NDJSON")
        polars_s(lines)
        for form in ["ndjson", "json"]:
            ours = Ours(binary, folder, form)
            ours.round()
            ratios, whole = [], []
            for _ in range(arguments.pairs):
                read, run = polars_s(lines), ours.round()
                ratios.append(run["columns_s"] / read)
                whole.append(run["with_count_s"] / read)
                print(f"{form:6}  polars {read:.3f} s  ours {run['columns_s']:.3f} s  and counted {run['with_count_s']:.3f} s")
            ours.process.stdin.close()
            print(f"{form:6}  ours / polars {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), "
                  f"with the second count {statistics.median(whole):.2f}")


if __name__ == "__main__":
    main()
