"""A co-op tells members what it sells and when it is open, so that they find where to spend."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("offers", "open_hours"):
        op.add_column("coops", sa.Column(name, sa.Text(), nullable=False, server_default=""))
