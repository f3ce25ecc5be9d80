"""What is withdrawn of an overpayment is kept: what was kept back of it before belongs to no other one."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("overpayments", sa.Column("withdrawn_minor", sa.BigInteger(), nullable=True))
    op.execute("UPDATE overpayments SET withdrawn_minor = amount_minor WHERE withdrawn_at IS NOT NULL")
