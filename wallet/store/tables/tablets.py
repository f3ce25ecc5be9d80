"""Shared tablets at counters, and the codes by which phones vouch for them."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column

from wallet.store.columns import at, identity, text, to
from wallet.store.tables.schema import metadata

tablets = sa.Table(
    "tablets",
    metadata,
    identity(),
    # The digest of a token that only this browser holds.
    text("token_hash"),
    text("till_id"),
    text("name"),
    to("people", "registered_by"),
    at("registered_at"),
    at("revoked_at", nullable=True),
    to("people", "revoked_by", nullable=True),
    sa.ForeignKeyConstraint(["till_id"], ["tills.id"]),
    sa.Index(
        "uq_tablets_live",
        "token_hash",
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
        sqlite_where=sa.text("revoked_at IS NULL"),
    ),
    sa.Index("ix_tablets_till_id", "till_id"),
)


pairings = sa.Table(
    "pairings",
    metadata,
    Column("code", sa.Text, primary_key=True),
    # The digest of the token of the browser that shows the code.
    text("token_hash", index=True),
    # The tablet that a cashier is to sign in; none while a steward is to register the browser.
    to("tablets", "tablet_id", nullable=True),
    at("opened_at"),
    at("expires_at"),
    to("people", "approved_by", nullable=True),
    at("approved_at", nullable=True),
    at("used_at", nullable=True),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
    CheckConstraint("used_at IS NULL OR approved_at IS NOT NULL", name="used"),
)


till_keys = sa.Table(
    "till_keys",
    metadata,
    Column("till_id", sa.Text, primary_key=True),
    Column("secret", sa.LargeBinary, nullable=False),
    at("made_at"),
    sa.ForeignKeyConstraint(["till_id"], ["tills.id"]),
)
