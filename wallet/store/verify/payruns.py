"""Pay runs: posted whole by two people, one line a member, each split once more from what bounded it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from wallet.store.verify.breach import Breach
from wallet.store.verify.question import ask, questions
from wallet.store.verify.running import Facts

QUESTIONS = questions(
    (
        "I10", "pay_lines", "Its run is posted, and this line is not, or not as it was signed.",
        "SELECT l.run_id || '/' || l.person_id FROM pay_lines l JOIN pay_runs r ON r.id = l.run_id"
        " JOIN coops c ON c.id = r.coop_id JOIN people p ON p.id = l.person_id"
        " LEFT JOIN transfers t ON t.ref = l.ref AND t.kind = 'pay' AND t.debit_id = c.account_id"
        " AND t.credit_id = p.account_id AND t.amount_minor = l.res_minor AND t.cash_minor = l.cash_minor"
        " AND t.total_minor = l.due_minor - l.kept_back_minor AND t.minutes = l.minutes AND t.share_bp = l.share_bp"
        " AND t.at = r.posted_at WHERE r.state = 'posted' AND t.id IS NULL ORDER BY 1",
    ),
    (
        "I10", "pay_lines", "It is paid, and its run is not posted.",
        "SELECT l.run_id || '/' || l.person_id FROM pay_lines l JOIN pay_runs r ON r.id = l.run_id"
        " JOIN transfers t ON t.ref = l.ref WHERE r.state <> 'posted' ORDER BY 1",
    ),
    (
        "I10", "pay_runs", "It is signed or posted, and does not say when, or for which month.",
        "SELECT id FROM pay_runs WHERE (state IN ('submitted', 'posted') AND (submitted_at IS NULL OR month IS NULL))"
        " OR (state = 'posted' AND posted_at IS NULL) ORDER BY 1",
    ),
    (
        "I10", "pay_runs", "It is posted without a line.",
        "SELECT r.id FROM pay_runs r LEFT JOIN pay_lines l ON l.run_id = r.id"
        " WHERE r.state = 'posted' AND l.run_id IS NULL ORDER BY 1",
    ),
    (
        "I10", "pay_runs", "Its lines were posted in more than one transaction.",
        "SELECT l.run_id FROM pay_lines l JOIN transfers t ON t.ref = l.ref GROUP BY l.run_id"
        " HAVING COUNT(DISTINCT t.xact) > 1 ORDER BY 1",
    ),
    (
        "I10", "pay_runs", "It was not signed by two people, one after the other, and posted then.",
        "SELECT id FROM pay_runs WHERE state = 'posted' AND (submitted_by IS NULL OR approved_by IS NULL"
        " OR submitted_by = approved_by OR submitted_at > approved_at OR approved_at > posted_at) ORDER BY 1",
    ),
    *(
        (
            "I10", "pay_runs", f"It was {done} by somebody who was not a steward of the co-op then.",
            f"SELECT r.id FROM pay_runs r WHERE r.{done}_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM roles o"  # noqa: S608
            f" WHERE o.person_id = r.{done}_by AND o.role = 'steward' AND o.coop_id = r.coop_id"
            f" AND o.granted_at <= r.{done}_at AND (o.revoked_at IS NULL OR o.revoked_at >= r.{done}_at)) ORDER BY 1",
        )
        for done in ("submitted", "approved")
    ),
    (
        "I10", "keys", "It names the line of a run, and there is none.",
        "SELECT k.scope || '/' || k.key FROM keys k LEFT JOIN pay_lines l ON l.ref = k.made"
        " WHERE k.scope = 'run' AND l.run_id IS NULL ORDER BY 1",
    ),
    (
        "I10", "overpayments", "More was kept back than was overpaid.",
        "SELECT MIN(r.coop_id || '/' || l.person_id) FROM pay_lines l JOIN pay_runs r ON r.id = l.run_id"
        " WHERE r.state = 'posted' GROUP BY r.coop_id, l.person_id HAVING SUM(l.kept_back_minor) >"
        " COALESCE((SELECT SUM(o.amount_minor) FROM overpayments o WHERE o.coop_id = r.coop_id"
        " AND o.person_id = l.person_id), 0) ORDER BY 1",
    ),
)  # fmt: skip
_RUNS = sa.text(
    "SELECT id, coop_id, pay_on, month, ceiling_bp, submitted_at, posted_at, state FROM pay_runs"
    " WHERE submitted_at IS NOT NULL AND month IS NOT NULL AND (state = 'submitted'"
    " OR (state = 'posted' AND posted_at IS NOT NULL AND (:after < 0 OR EXISTS (SELECT 1 FROM pay_lines l"
    " JOIN transfers t ON t.ref = l.ref WHERE l.run_id = pay_runs.id AND t.id > :after)))) ORDER BY id"
)
_LINES = sa.text(
    "SELECT l.*, (SELECT MIN(a.agreed_at) FROM agreements a WHERE a.person_id = l.person_id) AS agreed_at,"
    " (SELECT e.elected_bp FROM elections e WHERE e.person_id = l.person_id AND e.from_month <= :month"
    " ORDER BY e.from_month DESC LIMIT 1) AS chosen_bp FROM pay_lines l WHERE l.run_id = :run ORDER BY l.number"
)
_CEILINGS = sa.text("SELECT coop_id, set_at, ceiling_bp FROM pay_ceilings ORDER BY id")
_FLOORS = sa.text("SELECT coop_id, answered_at, hour_minor FROM cash_floors ORDER BY id")
_ENTITLED = sa.text(
    "SELECT ref, entitlement_bp FROM pay_lines WHERE person_id IN :people AND entitlement_bp IS NOT NULL"
).bindparams(sa.bindparam("people", expanding=True))

CoopSettings = dict[int, list[tuple[int, int | None]]]


def read_entitled(connection: sa.Connection, people: list[int]) -> dict[str, int]:
    """Give the share that the lines of runs say `people` had, by the ref of the transfer."""
    return {row.ref: row.entitlement_bp for row in connection.execute(_ENTITLED, {"people": people})}


def check(connection: sa.Connection, after: int) -> Iterator[Breach]:
    """Look at every run that was signed, and at the lines of those with transfers whose id is greater than `after`."""
    yield from ask(connection, QUESTIONS)
    facts = Facts.read(connection)
    ceilings, floors = _settings(connection, _CEILINGS), _settings(connection, _FLOORS)
    for run in connection.execute(_RUNS, {"after": after}).all():
        if run.state == "posted":
            day = facts.day(run.posted_at)
            if day < run.pay_on:
                yield Breach("I10", "pay_runs", str(run.id), f"It was posted on {day}, before its pay date.")
            if day[:7] != run.month:
                yield Breach(
                    "I10", "pay_runs", str(run.id), f"It was posted in {day[:7]} by the shares of {run.month}."
                )
        ceiling = _least(run.ceiling_bp, _then(ceilings, run.coop_id, run.submitted_at))
        bounds = ceiling, _then(floors, run.coop_id, run.submitted_at)
        for line in connection.execute(_LINES, {"run": run.id, "month": run.month}):
            for sentence in _wrong(run, line, *bounds):
                yield Breach("I10", "pay_lines", f"{line.run_id}/{line.person_id}", sentence)


def _wrong(run: Any, line: Any, ceiling: int | None, hour: int | None) -> Iterator[str]:
    if None in (line.entitlement_bp, line.share_bp, line.res_minor, line.cash_minor):
        yield "It was signed without its split."
        return
    takes = 0 if line.agreed_at is None or line.agreed_at > run.submitted_at else line.chosen_bp
    if line.elected_bp != takes:
        yield f"It says that the member takes {line.elected_bp} basis points at most; it was {takes}."
    if (line.ceiling_bp, line.floor_hour_minor) != (ceiling, hour):
        yield f"It is bounded by {line.ceiling_bp} and {line.floor_hour_minor}; {ceiling} and {hour} held."
    share = line.entitlement_bp
    for bound in (line.elected_bp, line.ceiling_bp):
        if bound is not None and bound < share:
            share = bound
    total = line.due_minor - line.kept_back_minor
    # The nearest whole unit, halves up; and what the cash floor leaves of it.
    res, rest = divmod(total * share, 10_000)
    res += 1 if rest >= 5_000 else 0
    if line.floor_hour_minor is not None:
        whole, part = divmod(line.floor_hour_minor * line.minutes, 60)
        res = min(res, max(0, total - whole - (1 if part else 0)))
    found = (line.share_bp, line.res_minor, line.cash_minor)
    if found != (share, res, total - res):
        yield f"It is split {found}; what bounds it gives {(share, res, total - res)}."


def _settings(connection: sa.Connection, statement: sa.TextClause) -> CoopSettings:
    found: CoopSettings = defaultdict(list)
    for coop, at, value in connection.execute(statement):
        found[coop].append((at, value))
    return found


def _then(settings: CoopSettings, coop: int, at: int) -> int | None:
    """Give the setting that held at a co-op at an instant."""
    held = [value for since, value in settings.get(coop, ()) if since <= at]
    return held[-1] if held else None


def _least(one: int | None, other: int | None) -> int | None:
    return min((bound for bound in (one, other) if bound is not None), default=None)
