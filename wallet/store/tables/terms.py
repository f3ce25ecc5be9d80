"""Terms: from when to when a co-op was in the federation, and a person was a member of a co-op."""

import sqlalchemy as sa

from wallet.store.columns import at, identity, some, to
from wallet.store.tables.schema import metadata

coop_terms = sa.Table(
    "coop_terms",
    metadata,
    identity(),
    to("coops", "coop_id"),
    at("from_at"),
    at("until_at", nullable=True),
    some("uq_coop_terms_open", "coop_id", where="until_at IS NULL", unique=True),
)


member_terms = sa.Table(
    "member_terms",
    metadata,
    identity(),
    to("people", "person_id"),
    to("coops", "coop_id"),
    at("from_at"),
    at("until_at", nullable=True),
    some("uq_member_terms_open", "person_id", "coop_id", where="until_at IS NULL", unique=True),
)
