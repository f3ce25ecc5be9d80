"""A phone's key knows the signed-in browser that it was set up in, so that who ends that takes the key back."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("code_keys", sa.Column("session_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_code_keys_session_id"), "code_keys", ["session_id"], unique=False)
