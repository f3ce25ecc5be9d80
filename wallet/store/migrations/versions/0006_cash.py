"""The federation names the cash that stands beside RES."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("federation", sa.Column("cash", sa.Text(), server_default="USD", nullable=False))
