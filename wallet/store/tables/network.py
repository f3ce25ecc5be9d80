"""The federation, its co-ops and their tills."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column

from wallet.store.columns import at, day, identity, minor, some, text, to
from wallet.store.tables.schema import metadata

federation = sa.Table(
    "federation",
    metadata,
    identity(),
    text("name"),
    text("zone"),
    day("charter_on", nullable=True),
    # The cash that stands beside RES at tills and on pay slips, taken at par for ratios.
    text("cash", server_default="USD"),
    CheckConstraint("id = 1", name="one"),
)


coops = sa.Table(
    "coops",
    metadata,
    identity(),
    text("slug", unique=True),
    text("name"),
    text("need"),
    text("place"),
    text("mark"),
    text("status"),
    at("admitted_at"),
    at("left_at", nullable=True),
    to("accounts", "account_id", unique=True),
    # The highest part of a sale that its tills take in RES, in basis points; the rest is cash.
    Column("res_part_bp", sa.Integer, nullable=False, server_default="10000"),
    # What it sells, and when it is open, in its stewards' words.
    text("offers", server_default=""),
    text("open_hours", server_default=""),
    CheckConstraint("status IN ('active', 'suspended', 'left')", name="status"),
)


# Since when, until when and why a co-op may neither charge nor pay; kept when it is over.
suspensions = sa.Table(
    "suspensions",
    metadata,
    identity(),
    to("coops", "coop_id", index=True),
    at("from_at"),
    at("until_at", nullable=True),
    text("reason"),
    some("uq_suspensions_open", "coop_id", where="until_at IS NULL", unique=True),
)


tills = sa.Table(
    "tills",
    metadata,
    text("id", primary_key=True),
    to("coops", "coop_id", index=True),
    text("name"),
    to("accounts", "account_id", unique=True),
    # How much of one sale, RES and cash together, a cashier may give back without a steward.
    minor("refund_limit_minor", server_default="10000"),
    # A counter that is given up stays for its receipts and shifts, and can be opened again.
    at("closed_at", nullable=True),
)
