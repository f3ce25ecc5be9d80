"""People, what they are allowed, and where they are signed in."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey

from wallet.store.columns import at, identity, minor, text, to
from wallet.store.tables.schema import metadata

people = sa.Table(
    "people",
    metadata,
    identity(),
    text("handle", unique=True),
    text("name"),
    # What a till shows: the name a member chose for counters.
    text("counter_name"),
    to("accounts", "account_id", nullable=True, unique=True),
    minor("code_payment_minor", server_default="5000"),
    minor("code_day_minor", server_default="15000"),
    # What the phone may pay by its session alone, without a passkey.
    minor("phone_payment_minor", server_default="5000"),
    minor("phone_day_minor", server_default="15000"),
    at("joined_at"),
    # Whether sums stand in the list of notices, which others may see over one's shoulder.
    Column("notice_amounts", sa.Boolean, nullable=False, server_default=sa.false()),
    # For some days after a way back in person a passkey alone does not lift the limits.
    at("confined_until", nullable=True),
)


own_set = sa.Table(
    "own_set",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("coop_id", sa.BigInteger, ForeignKey("coops.id"), primary_key=True),
    Column("is_member", sa.Boolean, nullable=False),
    at("member_since", nullable=True),
    at("last_paid_at", nullable=True),
)


roles = sa.Table(
    "roles",
    metadata,
    identity(),
    to("people", "person_id", index=True),
    text("role"),
    to("coops", "coop_id", nullable=True),
    at("granted_at"),
    at("revoked_at", nullable=True),
    CheckConstraint("role IN ('cashier', 'steward', 'facilitator')", name="role"),
    CheckConstraint("(role = 'facilitator') = (coop_id IS NULL)", name="place"),
)


sessions = sa.Table(
    "sessions",
    metadata,
    identity(),
    text("token_hash", unique=True),
    to("people", "person_id", index=True),
    at("created_at"),
    at("expires_at"),
    at("revoked_at", nullable=True),
    # What the browser calls itself, in a few words; and how it was signed in: passkey, recovery, demo or tablet.
    text("device", server_default=""),
    text("means", server_default=""),
    # When a passkey last proved that the person is there.
    at("asserted_at", nullable=True),
    # Up to when this browser has shown what happened.
    at("looked_at", nullable=True),
    # The shared tablet that it was opened on: such a session works a till, and nothing else.
    to("tablets", "tablet_id", nullable=True, index=True),
)
