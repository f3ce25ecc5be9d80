"""Shifts, bills and member codes."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index

from wallet.store.columns import at, count, day, identity, minor, some, text, to
from wallet.store.tables.schema import metadata

shifts = sa.Table(
    "shifts",
    metadata,
    identity(),
    text("till_id"),
    at("opened_at"),
    to("people", "opened_by"),
    at("closed_at", nullable=True),
    sa.ForeignKeyConstraint(["till_id"], ["tills.id"]),
    some("uq_shifts_open_till", "till_id", where="closed_at IS NULL", unique=True),
)


# What a cashier signed when a shift was closed; like the journal it is never changed.
closings = sa.Table(
    "closings",
    metadata,
    Column("shift_id", sa.BigInteger, ForeignKey("shifts.id"), primary_key=True),
    to("people", "closed_by"),
    at("closed_at"),
    count("sales"),
    minor("sales_minor"),
    count("refunds"),
    minor("refunds_minor"),
    count("cash_sales"),
    minor("cash_sales_minor"),
    count("cash_refunds"),
    minor("cash_refunds_minor"),
    # What the shop's own register said, and why it said something else.
    minor("register_minor"),
    minor("register_cash_minor"),
    text("reason", nullable=True),
    text("note", nullable=True),
    # None when there was nothing to sweep; either way the till then stood at 0, at this place in its own order.
    to("transfers", "sweep_id", nullable=True),
    Column("till_seq", sa.BigInteger, nullable=False),
    CheckConstraint(
        "reason IS NOT NULL OR (register_minor = sales_minor - refunds_minor"
        " AND register_cash_minor = cash_sales_minor - cash_refunds_minor)",
        name="reason",
    ),
)


bills = sa.Table(
    "bills",
    metadata,
    Column("code", sa.Text, primary_key=True),
    text("till_id"),
    # A cashier makes a bill, or a member who has read the counter's sticker; never both.
    to("people", "cashier_id", nullable=True),
    to("people", "made_by", nullable=True),
    to("shifts", "shift_id"),
    # The whole sum; the cash part of it is taken at the till.
    minor("amount_minor"),
    minor("cash_minor"),
    text("note", nullable=True),
    # A bill that ran out stays open here until its shift is closed.
    text("state"),
    at("opened_at"),
    at("expires_at"),
    to("people", "claimed_by", nullable=True),
    at("claimed_at", nullable=True),
    # A bill made by a scan is bound to the member who was scanned.
    to("people", "bound_to", nullable=True),
    # The co-op that pays it: it has, or it waits for its second steward. SQLite adds no references to a table later.
    Column("buyer_id", sa.BigInteger, nullable=True),
    # Not indexed, so that paying a bill touches no index: its state is guarded, and verify looks for a transfer twice.
    to("transfers", "transfer_id", nullable=True),
    Column("rev", sa.BigInteger, nullable=False, server_default="1"),
    sa.ForeignKeyConstraint(["till_id"], ["tills.id"]),
    Index("ix_bills_till_id_opened_at", "till_id", "opened_at"),
    Index("ix_bills_shift_id", "shift_id"),
    # Those that a scan has bound to a member are claimed by them from the start.
    some("ix_bills_claimed_by_expires_at", "claimed_by", "expires_at", where="claimed_by IS NOT NULL"),
    CheckConstraint("state IN ('open', 'paid', 'declined', 'cancelled', 'expired')", name="state"),
    CheckConstraint("(cashier_id IS NULL) = (made_by IS NOT NULL)", name="one_maker"),
    CheckConstraint("amount_minor > 0 AND cash_minor >= 0 AND cash_minor <= amount_minor", name="amounts"),
    CheckConstraint("(state = 'paid') = (transfer_id IS NOT NULL)", name="paid_once"),
)


code_keys = sa.Table(
    "code_keys",
    metadata,
    text("device", primary_key=True),
    to("people", "person_id", index=True),
    Column("secret", sa.LargeBinary, nullable=False),
    # A digest of the phone's public key: enrolling the same phone twice answers with the same device.
    text("public_key_hash", unique=True),
    text("server_public_key"),
    Column("last_step", sa.BigInteger, nullable=False, server_default="0"),
    at("enrolled_at"),
    at("frozen_at", nullable=True),
    at("revoked_at", nullable=True),
    # The session of the phone, whose end ends it. SQLite adds no references to a table later.
    Column("session_id", sa.BigInteger, nullable=True, index=True),
)


code_attempts = sa.Table(
    "code_attempts",
    metadata,
    Column("device", sa.Text, ForeignKey("code_keys.device"), primary_key=True),
    Column("step", sa.BigInteger, primary_key=True),
    text("till_id"),
    text("key"),
    # NULL while the attempt is under way; then paid, asked or refused.
    text("outcome", nullable=True),
    at("at"),
    sa.ForeignKeyConstraint(["till_id"], ["tills.id"]),
)


code_days = sa.Table(
    "code_days",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    day("day", primary_key=True),
    minor("spent_minor"),
)
