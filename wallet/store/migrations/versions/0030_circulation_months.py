"""What was outstanding at a month's end and sold in it is kept; the journal is found by its instants, too."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "circulation_months",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("sold_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_circulation_months")),
    )
    op.create_index(
        "ix_transfers_at", "transfers", ["at"], postgresql_using="brin", postgresql_with={"autosummarize": "on"}
    )
