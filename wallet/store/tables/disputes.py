"""Disputes: what members say is wrong, and what was said and done about it."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint

from wallet.store.columns import at, identity, text, to
from wallet.store.tables.schema import metadata

disputes = sa.Table(
    "disputes",
    metadata,
    identity(),
    text("ref", unique=True),
    # The sale or the pay that it is about: each is disputed once, and everything more is said there.
    to("transfers", "transfer_id", unique=True),
    to("coops", "coop_id", index=True),
    to("people", "person_id", index=True),
    # not_me: a charge by code that was not the member's; wrong: something about a purchase; line: a line of pay.
    text("kind"),
    # `passed` is also read off the clock, see domain/dispute.py; `owed` is a carried sum, decided for the co-op.
    text("state"),
    at("opened_at"),
    # Since when it waits for the stewards; NULL while it waits for somebody else.
    at("waits_since", nullable=True),
    # The refund by which the co-op carries a charge until it is settled.
    to("transfers", "carried_id", nullable=True, unique=True),
    # For whom a facilitator decided.
    text("ruling", nullable=True),
    CheckConstraint("kind IN ('not_me', 'wrong', 'line')", name="kind"),
    CheckConstraint("state IN ('open', 'answered', 'passed', 'refunded', 'settled', 'owed')", name="state"),
    CheckConstraint("ruling IS NULL OR ruling IN ('member', 'coop')", name="ruling"),
    CheckConstraint("state <> 'owed' OR carried_id IS NOT NULL", name="owed"),
)


dispute_notes = sa.Table(
    "dispute_notes",
    metadata,
    identity(),
    to("disputes", "dispute_id", index=True),
    to("people", "person_id"),
    # Whom they spoke for: the member, the co-op or the federation.
    text("side"),
    # What was done with these words, see services/disputes.py, dispute_returns.py and rulings.py.
    text("act"),
    text("words"),
    at("at"),
    CheckConstraint("side IN ('member', 'coop', 'federation')", name="side"),
)
