"""Ballots: what is asked, whom, and the papers that nobody's name stands on."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey

from wallet.domain.parameter import PARAMETERS
from wallet.store.columns import at, identity, some, text, to
from wallet.store.tables.schema import metadata

ballots = sa.Table(
    "ballots",
    metadata,
    identity(),
    # The parameter of the charter, as it is and as it would be.
    text("parameter"),
    Column("from_value", sa.Integer, nullable=False),
    Column("to_value", sa.Integer, nullable=False),
    text("reason"),
    # How long it stays open; 0 in the demo, for a moment.
    Column("open_days", sa.Integer, nullable=False),
    text("state"),
    to("people", "proposed_by"),
    at("proposed_at"),
    to("people", "opened_by", nullable=True),
    at("opened_at", nullable=True),
    at("closes_at", nullable=True),
    # Of what is asked, from when to when, and of whom.
    text("roll_hash", nullable=True),
    some("uq_ballots_stands", "parameter", where="state IN ('proposed', 'open')", unique=True),
    CheckConstraint("parameter IN ({})".format(", ".join(f"'{name}'" for name in PARAMETERS)), name="parameter"),
    CheckConstraint("to_value >= 0 AND to_value <> from_value", name="value"),
    CheckConstraint("state IN ('proposed', 'withdrawn', 'open', 'passed', 'failed')", name="state"),
    CheckConstraint(
        "(state IN ('proposed', 'withdrawn')) = (opened_at IS NULL) AND (opened_at IS NULL) = (opened_by IS NULL)"
        " AND (opened_at IS NULL) = (closes_at IS NULL) AND (opened_at IS NULL) = (roll_hash IS NULL)",
        name="opened",
    ),
    CheckConstraint("opened_by IS NULL OR opened_by <> proposed_by", name="two_people"),
)


ballot_coops = sa.Table(
    "ballot_coops",
    metadata,
    Column("ballot_id", sa.BigInteger, ForeignKey("ballots.id"), primary_key=True),
    Column("coop_id", sa.BigInteger, ForeignKey("coops.id"), primary_key=True),
    Column("eligible", sa.Integer, nullable=False),
    # Both unknown until the close; a co-op that left before it drops out.
    Column("yes", sa.Integer, nullable=True),
    text("outcome", nullable=True),
    CheckConstraint("eligible > 0 AND yes >= 0 AND yes <= eligible", name="counts"),
    CheckConstraint("outcome IN ('passed', 'failed', 'left')", name="outcome"),
    CheckConstraint("(yes IS NULL) = (outcome IS NULL)", name="closed"),
)


ballot_places = sa.Table(
    "ballot_places",
    metadata,
    Column("ballot_id", sa.BigInteger, ForeignKey("ballots.id"), primary_key=True),
    Column("coop_id", sa.BigInteger, ForeignKey("coops.id"), primary_key=True),
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("voted", sa.Boolean, nullable=False),
)


# One for each place, blank at first; nothing on it tells whose it is or when it was filled.
ballot_papers = sa.Table(
    "ballot_papers",
    metadata,
    text("id", primary_key=True),
    to("ballots", "ballot_id"),
    to("coops", "coop_id"),
    text("choice", nullable=True),
    CheckConstraint("choice IN ('yes', 'no', 'blank')", name="choice"),
    sa.Index("ix_ballot_papers_of", "ballot_id", "coop_id"),
)
