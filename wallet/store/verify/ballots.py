"""Ballots, counted once more: the roll by its digest, a paper for each place, and what came of it."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.store.verify.breach import Breach
from wallet.store.verify.question import MARGIN, ask, questions
from wallet.store.verify.running import instant

DAY = 86_400_000_000
# What a demo's ballot is open at least.
MOMENT = 10_000_000

_BALLOTS = sa.text("SELECT * FROM ballots WHERE opened_at IS NOT NULL AND closes_at IS NOT NULL ORDER BY id")
_PLACES = sa.text(
    "SELECT c.slug, p.handle FROM ballot_places b JOIN coops c ON c.id = b.coop_id JOIN people p ON p.id = b.person_id"
    " WHERE b.ballot_id = :ballot"
)
_COOPS = sa.text(
    "SELECT o.coop_id, o.eligible, o.yes, o.outcome, c.status, c.left_at,"
    " (SELECT COUNT(*) FROM ballot_places b WHERE b.ballot_id = o.ballot_id AND b.coop_id = o.coop_id) AS places,"
    " (SELECT COUNT(*) FROM ballot_places b WHERE b.ballot_id = o.ballot_id AND b.coop_id = o.coop_id AND b.voted)"
    " AS voted,"
    " (SELECT COUNT(*) FROM ballot_papers b WHERE b.ballot_id = o.ballot_id AND b.coop_id = o.coop_id) AS papers,"
    " (SELECT COUNT(b.choice) FROM ballot_papers b WHERE b.ballot_id = o.ballot_id AND b.coop_id = o.coop_id) AS cast,"
    " (SELECT COUNT(*) FROM ballot_papers b WHERE b.ballot_id = o.ballot_id AND b.coop_id = o.coop_id"
    " AND b.choice = 'yes') AS said_yes,"
    " (SELECT COUNT(*) FROM coop_terms t WHERE t.coop_id = o.coop_id AND t.from_at < :closes"
    " AND COALESCE(t.until_at, :closes) >= :closes) AS terms"
    " FROM ballot_coops o JOIN coops c ON c.id = o.coop_id WHERE o.ballot_id = :ballot ORDER BY o.coop_id"
)
# What a ballot may give each parameter.
BOUNDS = {
    "sunset_months": (1, 1_200),
    "dividend_on": (0, 1),
    "pool_rate_bp": (0, 1_000),
    "floor_bp": (0, 5_000),
    "cap_bp": (5_000, 10_000),
    "headroom_bp": (0, 5_000),
    "rise_bp": (100, 10_000),
    "fall_bp": (0, 10_000),
    "window_months": (1, 12),
    "frozen_below_minor": (1, 1_000_000),
    "own_set_days": (1, 730),
    "count_logged_cash": (0, 1),
    "logged_cash_day_minor": (0, 1_000_000),
    "rate_max_minor": (100, 100_000),
    "month_minutes_max": (60, 44_640),
    "ballot_days": (7, 90),
}
QUESTIONS = questions(
    (
        "I12", "ballots", "One person opened it alone.",
        "SELECT id FROM ballots WHERE opened_by = proposed_by OR (opened_at IS NOT NULL AND opened_by IS NULL)"
        " ORDER BY 1",
    ),
    (
        "I12", "ballots", "It was opened without an end, or has one and was not opened.",
        "SELECT id FROM ballots WHERE (opened_at IS NULL) <> (closes_at IS NULL) ORDER BY 1",
    ),
    (
        "I12", "ballots", "It has come to an end without having been opened.",
        "SELECT id FROM ballots WHERE opened_at IS NULL AND state NOT IN ('proposed', 'withdrawn') ORDER BY 1",
    ),
    (
        "I12", "ballot_places", "It is of a co-op that is not on the roll.",
        "SELECT b.ballot_id || '/' || b.coop_id || '/' || b.person_id FROM ballot_places b LEFT JOIN ballot_coops o"
        " ON o.ballot_id = b.ballot_id AND o.coop_id = b.coop_id WHERE o.coop_id IS NULL ORDER BY 1",
    ),
    (
        "I12", "ballot_papers", "It is of a co-op that is not on the roll.",
        "SELECT b.id FROM ballot_papers b LEFT JOIN ballot_coops o"
        " ON o.ballot_id = b.ballot_id AND o.coop_id = b.coop_id WHERE o.coop_id IS NULL ORDER BY 1",
    ),
)  # fmt: skip


def check(connection: sa.Connection, charter: Charter) -> Iterator[Breach]:
    """Look at every ballot that was opened."""
    yield from ask(connection, QUESTIONS)
    stood: dict[str, int | None] = {name: getattr(charter, name) for name in BOUNDS}
    for found in connection.execute(_BALLOTS).all():
        if found.parameter not in BOUNDS:
            yield Breach("I12", "ballots", str(found.id), f"No ballot changes {found.parameter}.")
            continue
        yield from _asked(connection, found, stood[found.parameter])
        yield from _counted(connection, found)
        if found.state == "passed":
            stood[found.parameter] = found.to_value


def _asked(connection: sa.Connection, found: Any, stood: int | None) -> Iterator[Breach]:
    if found.from_value != stood:
        yield Breach("I12", "ballots", str(found.id), f"It would change {found.from_value}; {stood} stood.")
    least, most = BOUNDS[found.parameter]
    if not least <= found.to_value <= most:
        yield Breach("I12", "ballots", str(found.id), f"The charter allows no {found.to_value} for {found.parameter}.")
    if found.closes_at - found.opened_at != max(found.open_days * DAY, MOMENT):
        yield Breach("I12", "ballots", str(found.id), f"It was not open for {found.open_days} days.")
    opened, closes = (instant(at).isoformat() for at in (found.opened_at, found.closes_at))
    head = f"{found.parameter} {found.from_value} {found.to_value} {opened} {closes}"
    lines = sorted(f"{slug}:{handle}" for slug, handle in connection.execute(_PLACES, {"ballot": found.id}))
    if sha256("\n".join([head, *lines]).encode()).hexdigest() != found.roll_hash:
        yield Breach(
            "I12", "ballots", str(found.id), "What it asks, its times or its roll are not those of its opening."
        )


def _counted(connection: sa.Connection, found: Any) -> Iterator[Breach]:
    is_closed, each, in_every = found.state != "open", [], found.parameter == "sunset_months"
    for row in connection.execute(_COOPS, {"ballot": found.id, "closes": found.closes_at}).all():
        name = f"{found.id}/{row.coop_id}"
        if not row.eligible == row.places == row.papers:
            yield Breach(
                "I12", "ballot_coops", name, f"{row.eligible} eligible, {row.places} places, {row.papers} papers."
            )
        if row.voted != row.cast:
            yield Breach("I12", "ballot_papers", name, f"{row.cast} votes of {row.voted} people.")
        has_left = row.outcome == "left"
        if has_left and row.terms:
            yield Breach("I12", "ballot_coops", name, "It had not left when the ballot closed.")
        is_away = row.status == "left" and (row.left_at is None or row.left_at < found.closes_at - MARGIN)
        if is_closed and not has_left and is_away:
            yield Breach("I12", "ballot_coops", name, "It had left when the ballot closed.")
        due = None
        if is_closed:
            enough = row.said_yes * 4 >= row.eligible * 3 if in_every else row.said_yes * 2 > row.eligible
            due = "left" if has_left else "passed" if enough else "failed"
        if (row.yes, row.outcome) != (row.said_yes if is_closed else None, due):
            yield Breach("I12", "ballot_coops", name, f"It comes to {due}; it says {row.yes} yes, {row.outcome}.")
        if due in ("passed", "failed"):
            each.append(due == "passed")
    is_passed = bool(each) and all(each) if in_every else each.count(True) * 2 > len(each)
    if is_closed and found.state != ("passed" if is_passed else "failed"):
        yield Breach("I12", "ballots", str(found.id), f"It is called {found.state}; its co-ops say otherwise.")
