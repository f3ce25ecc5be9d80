"""What bounds people: token buckets of rates, what was paid in a day without a passkey, and limits that wait."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey

from wallet.store.columns import at, day, minor, text
from wallet.store.tables.schema import metadata

rate_buckets = sa.Table(
    "rate_buckets",
    metadata,
    # The rate and whom it counts: a person, a till, or the digest of a network.
    text("name", primary_key=True),
    # When the bucket will be full again: one number says how many tokens it holds at any instant.
    at("full_at"),
)


phone_days = sa.Table(
    "phone_days",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    day("day", primary_key=True),
    # What bills and sends without an assertion took; charges by code are counted in code_days.
    minor("spent_minor"),
)


limit_raises = sa.Table(
    "limit_raises",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("means", sa.Text, primary_key=True),
    minor("payment_minor"),
    minor("day_minor"),
    at("from_at"),
    CheckConstraint("means IN ('phone', 'code')", name="means"),
    CheckConstraint("payment_minor >= 0 AND day_minor >= 0", name="amounts"),
)
