"""Refunds: why, who asked, whether a steward had to agree, and how one ended that no money moved for."""

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
    # NULL for one that never waited.
    at("lapses_at", nullable=True),
    to("people", "approved_by", nullable=True),
    at("approved_at", nullable=True),
    # `lapsed` is read off the clock, see domain/refund.py.
    text("state"),
    to("transfers", "transfer_id", nullable=True, unique=True),
    # Who withdrew or declined it, and why it was declined.
    to("people", "ended_by", nullable=True),
    at("ended_at", nullable=True),
    text("ended_why", nullable=True),
    # The dispute that ordered it: its member asked, and no key of a till did.
    to("disputes", "dispute_id", nullable=True),
    Index("ix_refunds_sale_id", "sale_id"),
    some("ix_refunds_waited", "coop_id", "asked_at", where="lapses_at IS NOT NULL"),
    CheckConstraint("state IN ('waiting', 'posted', 'withdrawn', 'declined')", name="state"),
    CheckConstraint("amount_minor >= 0 AND cash_minor >= 0 AND amount_minor + cash_minor > 0", name="amounts"),
    CheckConstraint("(state = 'posted') = (transfer_id IS NOT NULL)", name="posted_once"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
    CheckConstraint("approved_by IS NULL OR approved_by <> asked_by", name="two_people"),
    CheckConstraint(
        "(lapses_at IS NULL) = (dispute_id IS NOT NULL OR (state = 'posted' AND approved_by IS NULL))", name="waited"
    ),
    CheckConstraint(
        "(ended_by IS NULL) = (ended_at IS NULL) AND (ended_at IS NULL) = (state IN ('waiting', 'posted'))",
        name="ended",
    ),
    CheckConstraint("(ended_why IS NULL) = (state <> 'declined')", name="declined"),
    CheckConstraint("dispute_id IS NULL OR state = 'posted'", name="ordered"),
)
