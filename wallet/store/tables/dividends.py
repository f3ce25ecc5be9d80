"""Dividend runs and their lines."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey

from wallet.store.columns import at, day, identity, minor, some, text, to
from wallet.store.tables.schema import metadata

dividend_runs = sa.Table(
    "dividend_runs",
    metadata,
    identity(),
    # The period's name: it decides between equal remainders, and is the key of the run.
    text("label"),
    # The day, at whose first instant the period ends.
    day("ends_on"),
    # Refunds before it are taken off, whenever the run is made.
    at("cutoff_at"),
    minor("pot_minor"),
    # What of the pot goes by history, and the clock that says so.
    minor("history_minor"),
    Column("months", sa.Integer, nullable=False),
    Column("sunset_months", sa.Integer, nullable=False),
    Column("charter_version", sa.Integer, nullable=False),
    text("state"),
    # Nobody in a history: approvals are not asked there.
    to("people", "drafted_by", nullable=True),
    at("drafted_at"),
    to("people", "approved_by", nullable=True),
    at("approved_at", nullable=True),
    at("closed_at", nullable=True),
    some("uq_dividend_runs_label", "label", where="state <> 'withdrawn'", unique=True),
    some("uq_dividend_runs_ends_on", "ends_on", where="state <> 'withdrawn'", unique=True),
    some("uq_dividend_runs_draft", "state", where="state = 'draft'", unique=True),
    CheckConstraint("state IN ('draft', 'posted', 'withdrawn')", name="state"),
    CheckConstraint("pot_minor > 0 AND history_minor >= 0 AND history_minor <= pot_minor", name="pot"),
    CheckConstraint("(state = 'draft') = (closed_at IS NULL)", name="closed"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
    CheckConstraint("approved_by IS NULL OR approved_by <> drafted_by", name="two_people"),
)


dividend_lines = sa.Table(
    "dividend_lines",
    metadata,
    Column("run_id", sa.BigInteger, ForeignKey("dividend_runs.id"), primary_key=True),
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True, index=True),
    # What the member counts with: of the whole life on the run's cut, and what no run has counted yet.
    minor("basis_minor"),
    Column("minutes", sa.BigInteger, nullable=False),
    Column("new_minutes", sa.BigInteger, nullable=False),
    minor("by_basis_minor"),
    minor("by_hours_minor"),
    # The transfer that pays it, once the run is posted; nothing is paid to who gets nothing.
    text("ref", nullable=True, unique=True),
    CheckConstraint("by_basis_minor >= 0 AND by_hours_minor >= 0", name="not_negative"),
    CheckConstraint("(ref IS NULL) = (by_basis_minor + by_hours_minor = 0)", name="paid"),
)
