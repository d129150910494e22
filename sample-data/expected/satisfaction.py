"""What those who were asked say."""

from fractions import Fraction
from math import sqrt

from kinds import NOT_APPLICABLE

NORMAL = 1.959963984540054


def wilson(part, whole):
    """Returns the 95 % interval of a share in percent; None where there is none."""
    if not whole:
        return None
    p, z = part / whole, NORMAL
    middle = p + z * z / (2 * whole)
    half = z * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return 100 * (middle - half) / scale, 100 * (middle + half) / scale


def figures(month):
    book = month.book
    scopes = [({}, lambda row: True)]
    for service in book.services:
        scopes.append(({"service": service}, lambda row, s=service: row["service"] == s))
    for customer in book.customers:
        scopes.append(({"customer": customer}, lambda row, c=customer: row["customer"] == c))
    for scope, belongs in scopes:
        here = [row for row in book.surveys if belongs(row)]
        if not here:
            continue
        answers = [
            row for row in here
            if month.holds(row["answered"]) and row["score"] is not None and row["scale"] > 0
            and 0 <= row["score"] <= row["scale"]
        ]
        limit = Fraction(book.settings["satisfied_from"])
        good = [row for row in answers if 100 * row["score"] / row["scale"] >= limit]
        interval = wilson(len(good), len(answers))
        month.put_share("satisfaction.csat", scope, {}, len(good), len(answers), interval=interval)
        month.put("satisfaction.answers", scope, {}, len(answers))
        sent = [row for row in here if month.holds(row["sent"])]
        back = [row for row in sent if row["answered"] is not None and row["answered"] < month.as_of]
        interval = wilson(len(back), len(sent))
        month.put_share("satisfaction.responses", scope, {}, len(back), len(sent), interval=interval)
        tens = [row["score"] for row in answers if row["scale"] == 10]
        net = sum(1 for score in tens if score >= 9) - sum(1 for score in tens if score <= 6)
        value = Fraction(100 * net, len(tens)) if tens else NOT_APPLICABLE
        month.put("satisfaction.nps", scope, {}, value, net, len(tens))
