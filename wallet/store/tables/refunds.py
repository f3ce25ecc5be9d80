"""Refunds asked for at a counter: why, by whom, and whether a steward had to agree."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index

from wallet.store.columns import at, minor, some, text, to
from wallet.store.tables.schema import metadata

refunds = sa.Table(
    "refunds",
    metadata,
    # The public number of the transfer that it is, or will be once it is agreed to.
    Column("ref", sa.Text, primary_key=True),
    to("transfers", "sale_id"),
    to("coops", "coop_id"),
    minor("amount_minor"),
    minor("cash_minor"),
    text("reason"),
    text("note", nullable=True),
    to("people", "asked_by"),
    at("asked_at"),
    # NULL for one that needed no steward.
    at("lapses_at", nullable=True),
    to("people", "approved_by", nullable=True),
    at("approved_at", nullable=True),
    text("state"),
    to("transfers", "transfer_id", nullable=True, unique=True),
    Index("ix_refunds_sale_id", "sale_id"),
    some("ix_refunds_waiting", "coop_id", where="state = 'waiting'"),
    CheckConstraint("state IN ('waiting', 'posted')", name="state"),
    CheckConstraint("amount_minor >= 0 AND cash_minor >= 0 AND amount_minor + cash_minor > 0", name="amounts"),
    CheckConstraint("(state = 'posted') = (transfer_id IS NOT NULL)", name="posted_once"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
    CheckConstraint("approved_by IS NULL OR approved_by <> asked_by", name="two_people"),
    CheckConstraint("(lapses_at IS NULL) = (state = 'posted' AND approved_by IS NULL)", name="waited"),
)
