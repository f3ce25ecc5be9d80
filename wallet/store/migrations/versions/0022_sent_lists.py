"""A list of invitations knows the key that it was sent off with, so that a second press shows the same links."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invitation_lists", sa.Column("key_digest", sa.Text(), nullable=True))
