"""A notice that asks for something knows until when, so that it is not news any more once that is done or over."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("until_at", sa.BigInteger(), nullable=True))
    asking = sa.text("until_at IS NOT NULL")
    op.create_index("ix_notices_asking", "notices", ["link"], sqlite_where=asking, postgresql_where=asking)
