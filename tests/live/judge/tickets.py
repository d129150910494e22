"""Every ticket figure, worked out from the lives of the tickets that were put into a tool."""
from common import DAY, RATIO, Hours, instant, percentile, service_id, spread

HOUR = 3600
# The goals of the books' agreements, by priority, in seconds.
RESPONSE = {1: HOUR // 2, 2: 2 * HOUR, 3: 8 * HOUR, 4: 24 * HOUR}
RESOLUTION = {1: 4 * HOUR, 2: 12 * HOUR, 3: 48 * HOUR, 4: 120 * HOUR}
GOALS_FOR = ("incident", "request")
FIRST_FIX_TEAM = "Service desk"
AFTER = {"create": "new", "answer": "open", "wait": "pending", "resume": "open", "resolve": "resolved", "reopen": "open",
         "reject": "cancelled", "close": "closed"}
OPEN = ("new", "open", "pending")
AGES = (("0-2", 0, 3), ("3-7", 3, 8), ("8-30", 8, 31), ("31-90", 31, 91), ("91+", 91, None))


class Life:
    """One ticket as it is known at as-of."""

    def __init__(self, t, report, hours, closes):
        self.kind, self.service, self.priority = t["kind"], service_id(t["service"]), t["priority"]
        self.steps = [s for s in t["steps"] if s[0] < report.end and (closes or s[1] != "close")]
        self.start, self.end = report.start, report.end
        self.known = bool(self.steps)
        if not self.known:
            return
        at = lambda *names: [s[0] for s in self.steps if s[1] in names]  # noqa: E731
        self.created, self.resolves, self.reopens = at("create")[0], at("resolve"), at("reopen")
        self.answered = (at("answer") or [None])[0]
        self.closed = (at("close") or [None])[-1]
        self.moves = len(at("move"))
        self.first_team = t["team"]
        # Status over time: when it changed, and to what.
        self.course = [(s[0], AFTER[s[1]]) for s in self.steps if s[1] in AFTER]
        self.status = self.course[-1][1]
        self.open, self.cancelled = self.status in OPEN, self.status == "cancelled"
        self.opened_in = self.inside(self.created)
        self.last_resolved = self.resolves[-1] if self.resolves else None
        self.resolved_in = self.inside(self.last_resolved) and not self.cancelled
        self.hours = hours[self.service]

    def inside(self, at):
        return at is not None and self.start <= at < self.end

    def status_at(self, instant):
        return next((status for at, status in reversed(self.course) if at < instant), None)

    def flips(self):
        """How often it left the open state within the period, and came back to it."""
        left = back = 0
        for (_, before), (at, after) in zip(self.course, self.course[1:]):
            if self.inside(at):
                left += before in OPEN and after not in OPEN
                back += before not in OPEN and after in OPEN
        return left, back

    def running(self, until):
        """Service seconds of the resolution clock: pauses and the time between a stop and the reopening do not count."""
        taken = 0
        for i, (at, status) in enumerate(self.course):
            end = self.course[i + 1][0] if i + 1 < len(self.course) else until
            if status in ("new", "open"):
                taken += self.hours.between(min(at, until), min(end, until))
        return taken

    @property
    def reopened_soon(self):
        return any(self.resolves[0] <= r <= self.resolves[0] + 7 * DAY for r in self.reopens)


def judge(j, priorities, closes=False, teams="moved", kinds=("incident", "request", "problem", "change"), answers=True, history=True):
    """`priorities`: the word that the figures have for each of 1 to 4. `closes`: the tool knows closed beside resolved.
    `teams`: the history tells the team of "all" tickets, only of those that "moved", or (None) of none. `answers`: it tells the first response. `history`: it tells changes of status."""
    first, last = j.truth["from"] - 2 * DAY, j.truth["to"] + 2 * DAY
    hours = {service_id(t["service"]): None for t in j.truth["tickets"]}
    hours = {s: Hours(s, first, last) for s in hours}
    for r in j.reports:
        lives = [x for x in (Life(t, r, hours, closes) for t in j.truth["tickets"]) if x.known]
        for kind in kinds:
            for service in [None, *hours]:
                for priority in [None, *priorities]:
                    of = [x for x in lives if x.kind == kind and service in (None, x.service) and priority in (None, x.priority)]
                    scope = {"type": kind, **({"service": service} if service else {}),
                             **({"priority": priorities[priority]} if priority else {})}
                    cell(j, r, of, scope, closes, teams, answers, history)
                    if kind in GOALS_FOR and history:
                        clocks(j, r, of, scope, answers)


def cell(j, r, of, scope, closes, teams, answers, history):
    value = lambda measure, want, **more: j.value(r, measure, want, **scope, **more)  # noqa: E731
    by_type = "priority" not in scope
    value("tickets.opened", sum(x.opened_in for x in of))
    backlog = [x for x in of if x.open]
    value("tickets.backlog", len(backlog))
    if not history:
        return
    resolved = [x for x in of if x.resolved_in]
    value("tickets.resolved", len(resolved))
    if by_type:
        for band, low, high in AGES:
            value("tickets.backlog", sum(low * DAY <= r.end - x.created and (high is None or r.end - x.created < high * DAY) for x in backlog), age=band)
    start = [x for x in of if x.status_at(r.start) in OPEN]
    left, back = (sum(x.flips()[i] for x in of) for i in (0, 1))
    value("tickets.backlog_start", len(start))
    value("tickets.left", left)
    value("tickets.returned", back)
    value("tickets.unbalanced", 0)
    for name, want in spread([r.end - x.created for x in backlog]).items():
        if name in ("median", "p90"):
            value(f"tickets.age.{name}", want)
    for name, want in spread([x.last_resolved - x.created for x in resolved]).items():
        value(f"resolve.elapsed.{name}", want)
    if closes:
        for name, want in spread([x.closed - x.created for x in of if x.inside(x.closed)]).items():
            value(f"close.elapsed.{name}", want)
    if answers:
        for name, want in spread([x.answered - x.created for x in of if x.inside(x.answered)]).items():
            value(f"respond.elapsed.{name}", want)
        for name, want in spread([x.hours.between(x.created, x.answered) for x in of if x.inside(x.answered)]).items():
            value(f"respond.service.{name}", want)
    value("tickets.reopened", sum(bool(x.reopens) for x in resolved))
    j.share(r, "tickets.reopen_rate", sum(bool(x.reopens) for x in resolved), len(resolved), **scope)
    if by_type:
        ended = [x for x in of if not x.cancelled and any(x.inside(at) for at in x.resolves)]
        soon = sum(any(f <= again <= f + 7 * DAY for again in x.reopens) for x in ended
                   for f in [next(at for at in x.resolves if x.inside(at))])
        j.share(r, "tickets.reopened_within", soon, len(ended), **scope)
    # What no history and no counter tells of is left out of these. A tool that tells of no ticket has no such figures.
    if teams:
        told = [x for x in resolved if teams == "all" or x.moves]
        value("tickets.reassigned", sum(x.moves > 0 for x in told))
        value("tickets.reassignments", RATIO(sum(x.moves for x in told), len(told)) if told else None)
        value("tickets.reassignments.p90", percentile([x.moves for x in told], 90) if told else None)
        if by_type and scope["type"] in GOALS_FOR:
            able = [x for x in told if x.first_team == FIRST_FIX_TEAM]
            j.share(r, "tickets.first_fix", sum(not x.moves and not x.reopened_soon for x in able), len(able), **scope)
    for name, want in spread([x.running(x.last_resolved) for x in resolved]).items():
        value(f"resolve.service.{name}", want)
    for name, want in spread([x.running(r.end) for x in backlog]).items():
        if name in ("median", "p90"):
            value(f"tickets.age_service.{name}", want)


def clocks(j, r, of, scope, answers):
    resolved = [x for x in of if x.resolved_in]
    met = sum(x.running(x.last_resolved) <= RESOLUTION[x.priority] for x in resolved)
    j.share(r, "sla.resolution", met, len(resolved), **scope)
    late = sum(x.open and x.running(r.end) > RESOLUTION[x.priority] for x in of)
    j.value(r, "sla.resolution_open_breached", late, **scope)
    if answers:
        answered = [x for x in of if x.inside(x.answered)]
        quick = sum(x.hours.between(x.created, x.answered) <= RESPONSE[x.priority] for x in answered)
        j.share(r, "sla.response", quick, len(answered), **scope)
        late = sum(x.open and x.answered is None and x.hours.between(x.created, r.end) > RESPONSE[x.priority] for x in of)
        j.value(r, "sla.response_open_breached", late, **scope)


def once(j):
    """Every ticket that was put in came, and came once: the rows behind the opened ones of all whole days."""
    r = j.reports[-1]
    for kind in sorted({t["kind"] for t in j.truth["tickets"]}):
        rows = j.rows(r, f"tickets.opened/type={kind}")
        want = [t for t in j.truth["tickets"] if t["kind"] == kind and r.start <= t["steps"][0][0] < r.end]
        got = {x["source_key"]: instant(x["opened_at"]) for x in rows or []}
        j.check(f"{r.name}: rows of {kind}", len(rows or []), len(want))
        j.check(f"{r.name}: each {kind}", got, {str(t["id"]): t["steps"][0][0] for t in want})
