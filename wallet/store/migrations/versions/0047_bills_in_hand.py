"""A member's bills are found by who has opened them, those that a scan has bound to them among them."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_bills_bound_to_expires_at", "bills")
    claimed = sa.text("claimed_by IS NOT NULL")
    op.create_index(
        "ix_bills_claimed_by_expires_at",
        "bills",
        ["claimed_by", "expires_at"],
        postgresql_where=claimed,
        sqlite_where=claimed,
    )
