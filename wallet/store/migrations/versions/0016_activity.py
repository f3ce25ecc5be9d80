"""Indexes that hold a wallet's movements in the order of time, by whether they count, by kind and by the other side."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_transfers_between", ["debit_id", "credit_id", "qualifies", "at", "id"], None),
    ("ix_transfers_sales", ["debit_id", "qualifies", "at", "id"], "kind = 'sale'"),
    ("ix_transfers_received", ["credit_id", "kind", "at", "id"], "kind <> 'sale'"),
    ("ix_transfers_gifts", ["debit_id", "at", "id"], "kind = 'gift'"),
    ("ix_transfers_givers", ["credit_id", "debit_id"], "kind = 'gift'"),
)


def upgrade() -> None:
    for name, columns, where in INDEXES:
        only = sa.text(where) if where else None
        op.create_index(name, "transfers", columns, postgresql_where=only, sqlite_where=only)
