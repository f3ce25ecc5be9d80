"""Owners: which co-op an account is of, its own one or that of one of its tills."""

import sqlalchemy as sa

from wallet.store.tables import coops, tills

# A row for each account of a co-op.
owners = sa.union_all(
    sa.select(coops.c.account_id, coops.c.id.label("coop_id")), sa.select(tills.c.account_id, tills.c.coop_id)
).subquery()
