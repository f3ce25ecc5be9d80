"""What a till's scans charged in a shift is found by instants, not among all that it ever had a key for."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    scans = sa.text("act = 'sale' AND substr(scope, 1, 5) = 'till:'")
    op.create_index("ix_keys_scans", "keys", ["scope", "at"], postgresql_where=scans, sqlite_where=scans)
