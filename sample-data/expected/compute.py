#!/usr/bin/env python3
"""Works out the figures of the demo book, apart from the program and on purpose in another way.

It reads `../book/config.toml` and the CSV files beside it, row by row, with plain lists of intervals and exact
fractions. Nothing here is fast. What it follows is written in README.md.

    compute.py                    writes expected-*.json beside this file, after its own checks
    compute.py --check FILE.json  compares a report of the program (JSON) with what is expected
    compute.py --self-check       only the checks that are worked out by hand
"""

import sys
from pathlib import Path

from book import Book
from by_hand import self_check
from compare import check, write
from month import Month

HERE = Path(__file__).resolve().parent
BOOK = HERE.parent / "book"
PERIODS = ["2025-10", "2026-03", "2026-06", "2026-09", "2026-10"]


def main(arguments):
    if arguments[:1] == ["--check"] and len(arguments) == 2:
        return check(arguments[1], HERE, lambda: Book(BOOK))
    if arguments not in ([], ["--self-check"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    book = Book(BOOK)
    wrong = self_check(book)
    print(f"by hand: {wrong} differences")
    if wrong:
        return 1
    if not arguments:
        for period in PERIODS:
            document = Month(book, period).compute().document()
            write(document, HERE / f"expected-{period}.json")
            print(f"{period}: {len(document['figures'])} figures")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
