"""Credit lines keep their history, so that a debit can be held against the floor that stood when it was posted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_lines",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("after_seq", sa.BigInteger(), nullable=False),
        sa.Column("floor_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_credit_lines_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "after_seq", name=op.f("pk_credit_lines")),
    )
    # What a line was before is not known any more: it counts from now on.
    op.execute(
        "INSERT INTO credit_lines (account_id, after_seq, floor_minor)"
        " SELECT id, seq, floor_minor FROM accounts WHERE kind = 'coop' AND floor_minor IS NOT NULL"
    )
