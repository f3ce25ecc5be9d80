"""Dividends, worked out once more from the journal: who was eligible, with what, and what each line then gives."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.store.verify.breach import Breach
from wallet.store.verify.charters import Charters
from wallet.store.verify.forms import is_day
from wallet.store.verify.question import ask, questions
from wallet.store.verify.running import Facts

FORTNIGHT = 14 * 86_400_000_000

_RUNS = sa.text(
    "SELECT r.*, (SELECT MIN(charter_on) FROM federation) AS charter_on FROM dividend_runs r"
    " WHERE r.state <> 'withdrawn' AND (r.state = 'draft' OR :after < 0 OR EXISTS (SELECT 1 FROM dividend_lines l"
    " JOIN transfers t ON t.ref = l.ref WHERE l.run_id = r.id AND t.id > :after)) ORDER BY r.id"
)
_EARLIER = sa.text(
    "SELECT l.person_id, l.minutes FROM dividend_lines l JOIN dividend_runs r ON r.id = l.run_id"
    " WHERE r.state = 'posted' AND r.id < :run"
)
_LAST = sa.text("SELECT MAX(ends_on) FROM dividend_runs WHERE state = 'posted' AND id < :run")
_LINES = sa.text(
    "SELECT person_id, basis_minor, minutes, new_minutes, by_basis_minor, by_hours_minor"
    " FROM dividend_lines WHERE run_id = :run"
)
# Sales before the end, less what was given back of them before the cut-off, of those who were active members then.
_ELIGIBLE = sa.text(
    "SELECT p.id, p.handle, SUM(m.basis) AS basis, SUM(m.minutes) AS minutes FROM people p JOIN ("
    " SELECT s.debit_id AS account_id, s.basis_minor AS basis, s.basis_minutes AS minutes FROM transfers s"
    " WHERE s.kind = 'sale' AND s.at < :ends"
    " UNION ALL SELECT r.credit_id, -r.basis_minor, -r.basis_minutes FROM transfers r"
    " JOIN transfers s ON s.id = r.answers_id WHERE r.kind = 'refund' AND s.at < :ends AND r.at < :cutoff"
    ") m ON m.account_id = p.account_id WHERE EXISTS (SELECT 1 FROM member_terms t"
    " JOIN coop_terms c ON c.coop_id = t.coop_id WHERE t.person_id = p.id"
    " AND t.from_at < :ends AND COALESCE(t.until_at, :ends) >= :ends"
    " AND c.from_at < :ends AND COALESCE(c.until_at, :ends) >= :ends)"
    " GROUP BY p.id, p.handle HAVING SUM(m.basis) > 0"
)
_FIGURES = ("basis", "minutes", "new minutes", "part by history", "part by hours")
QUESTIONS = questions(
    (
        "I11", "transfers", "It is a dividend that no posted run gives.",
        "SELECT t.id FROM transfers t LEFT JOIN dividend_lines l ON l.ref = t.ref LEFT JOIN dividend_runs r"
        " ON r.id = l.run_id AND r.state = 'posted' WHERE t.kind = 'dividend' AND t.id > :after AND r.id IS NULL"
        " ORDER BY 1",
    ),
    (
        "I11", "dividend_lines", "It is not paid by a dividend of its sum to its member at its run's time.",
        "SELECT l.run_id || '/' || l.person_id FROM dividend_lines l JOIN dividend_runs r ON r.id = l.run_id"
        " JOIN people p ON p.id = l.person_id LEFT JOIN transfers t ON t.ref = l.ref AND t.kind = 'dividend'"
        " AND t.credit_id = p.account_id AND t.amount_minor = l.by_basis_minor + l.by_hours_minor"
        " AND t.at = r.closed_at WHERE r.state = 'posted' AND l.ref IS NOT NULL AND t.id IS NULL ORDER BY 1",
    ),
    (
        "I11", "dividend_lines", "It is paid, and its run is not posted.",
        "SELECT l.run_id || '/' || l.person_id FROM dividend_lines l JOIN dividend_runs r ON r.id = l.run_id"
        " JOIN transfers t ON t.ref = l.ref WHERE r.state <> 'posted' ORDER BY 1",
    ),
    (
        "I11", "dividend_runs", "It was posted without a second person.",
        "SELECT id FROM dividend_runs WHERE state = 'posted' AND drafted_by IS NOT NULL"
        " AND (approved_by IS NULL OR approved_by = drafted_by OR approved_at > closed_at) ORDER BY 1",
    ),
    (
        "I5", "dividend_runs", "No key asked for it.",
        "SELECT r.id FROM dividend_runs r LEFT JOIN keys k ON k.scope = 'ref' AND k.key = r.label"
        " AND k.act = 'dividend' AND k.made = r.label WHERE r.state = 'posted' AND k.key IS NULL ORDER BY 1",
    ),
    (
        "I6", "keys", "It answers with a dividend that was not posted.",
        "SELECT k.scope || '/' || k.key FROM keys k LEFT JOIN dividend_runs r ON r.label = k.made"
        " AND r.state = 'posted' WHERE k.act = 'dividend' AND r.id IS NULL ORDER BY 1",
    ),
    (
        "I11", "member_terms", "A membership and its term say two things.",
        "SELECT person_id || '/' || coop_id FROM (SELECT person_id, coop_id FROM own_set WHERE is_member"
        " UNION ALL SELECT person_id, coop_id FROM member_terms WHERE until_at IS NULL) b"
        " GROUP BY person_id, coop_id HAVING COUNT(*) <> 2 ORDER BY 1",
    ),
    (
        "I11", "coop_terms", "A co-op and its term say two things.",
        "SELECT c.slug FROM coops c LEFT JOIN coop_terms t ON t.coop_id = c.id AND t.until_at IS NULL"
        " WHERE (c.status = 'active') <> (t.id IS NOT NULL) ORDER BY 1",
    ),
    (
        "I11", "suspensions", "A co-op and its suspension say two things.",
        "SELECT c.slug FROM coops c LEFT JOIN suspensions s ON s.coop_id = c.id AND s.until_at IS NULL"
        " WHERE (c.status = 'suspended') <> (s.id IS NOT NULL) ORDER BY 1",
    ),
)  # fmt: skip


def check(connection: sa.Connection, charter: Charter, after: int) -> Iterator[Breach]:
    """Look at every dividend; with `after`, at the runs that transfers of a greater id belong to, and at drafts."""
    charters = Charters(connection, charter, Facts.read(connection))
    runs = connection.execute(_RUNS, {"after": after}).all()
    if any(run.charter_on is None for run in runs):
        yield Breach(
            "I11", "federation", "1", "There is no day of the charter, from which dividends count their months."
        )
    for run in runs:
        if is_day(run.ends_on) and is_day(run.charter_on):
            yield from _run(connection, charters, run)
    yield from ask(connection, QUESTIONS, after)


def _run(connection: sa.Connection, charters: Charters, run: Any) -> Iterator[Breach]:
    name, ends_on, asked = str(run.id), date.fromisoformat(run.ends_on), {"run": run.id}
    ends = charters.micros(ends_on)
    last = connection.execute(_LAST, asked).scalar()
    if last is not None and last >= run.ends_on:
        yield Breach("I11", "dividend_runs", name, f"Its period ends on {run.ends_on}, not after {last}.")
    cutoff = ends + FORTNIGHT if run.drafted_by is not None else run.drafted_at
    if run.cutoff_at != cutoff or cutoff < ends:
        yield Breach("I11", "dividend_runs", name, "Its cut-off is not that of its period.")
    months = _months(date.fromisoformat(run.charter_on), ends_on)
    begun = charters.begin_of(date.fromisoformat(last if last is not None else run.charter_on), ends_on)
    charter = charters.begun(begun)
    sunset = charter.sunset_months
    if not charters.pays(ends_on):
        yield Breach("I11", "dividend_runs", name, f"The dividend was switched off before {run.ends_on}.")
    if run.charter_version != charter.version:
        sentence = f"It says version {run.charter_version} of the charter; its period had {charter.version}."
        yield Breach("I11", "dividend_runs", name, sentence)
    history = run.pot_minor * max(0, sunset - months) // sunset
    if (run.months, run.sunset_months, run.history_minor) != (months, sunset, history):
        sentence = f"In month {months} of {sunset}, {history} of {run.pot_minor} goes by history; it says otherwise."
        yield Breach("I11", "dividend_runs", name, sentence)
    due = _due(connection, run, ends, history)
    kept = {person: tuple(map(int, figures)) for person, *figures in connection.execute(_LINES, asked)}
    for person in sorted(due.keys() | kept.keys()):
        if kept.get(person) == due.get(person):
            continue
        if person not in due or person not in kept:
            sentence = "It is of somebody who is not eligible." if person in kept else "Somebody eligible has no line."
        else:
            pairs = zip(_FIGURES, kept[person], due[person], strict=True)
            wrong = [f"{figure} {was}, comes to {is_}" for figure, was, is_ in pairs if was != is_]
            sentence = "; ".join(wrong).capitalize() + "."
        yield Breach("I11", "dividend_lines", f"{name}/{person}", sentence)


def _due(connection: sa.Connection, run: Any, ends: int, history: int) -> dict[int, tuple[int, ...]]:
    counted: dict[int, int] = {}
    for person, minutes in connection.execute(_EARLIER, {"run": run.id}):
        counted[person] = max(minutes, counted.get(person, 0))
    rows = connection.execute(_ELIGIBLE, {"ends": ends, "cutoff": run.cutoff_at}).all()
    handles = {row.id: row.handle for row in rows}
    basis = {row.id: int(row.basis) for row in rows}
    fresh = {row.id: max(0, int(row.minutes) - counted.get(row.id, 0)) for row in rows}
    by_basis = _split(history, basis, handles, run.label)
    by_hours = _split(run.pot_minor - history, fresh, handles, run.label)
    return {
        row.id: (basis[row.id], int(row.minutes), fresh[row.id], by_basis.get(row.id, 0), by_hours.get(row.id, 0))
        for row in rows
    }


def _split(part: int, weights: Mapping[int, int], handles: Mapping[int, str], label: str) -> dict[int, int]:
    whole = sum(weights.values())
    if whole == 0:
        return {}
    came = {person: part * weight // whole for person, weight in weights.items()}

    def turn(person: int) -> tuple[int, str]:
        return -(part * weights[person] % whole), sha256(f"{label}:{handles[person]}".encode()).hexdigest()

    for person in sorted(came, key=turn)[: part - sum(came.values())]:
        came[person] += 1
    return came


def _months(start: date, end: date) -> int:
    """Count months: the last is complete on the start's day number, or on the month's last day."""
    count = (end.year * 12 + end.month) - (start.year * 12 + start.month)
    is_last_day = (end.month, end.day) == (12, 31) or (end + timedelta(days=1)).month != end.month
    return max(0, count if end.day >= start.day or is_last_day else count - 1)
