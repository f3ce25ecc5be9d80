"""Sending RES to a member: the codes by which they are found."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey

from wallet.store.columns import at, text
from wallet.store.tables.schema import metadata

receive_codes = sa.Table(
    "receive_codes",
    metadata,
    # One code a person: a new one takes the place of the former, which is dead with it.
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    text("code", unique=True),
    at("expires_at"),
)
