"""What a shift holds is found by the shift itself, whatever the clock said when it was posted."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    held = sa.text("shift_id IS NOT NULL")
    op.create_index("ix_transfers_shift_id", "transfers", ["shift_id"], postgresql_where=held, sqlite_where=held)
    op.create_index("ix_bills_shift_id", "bills", ["shift_id"])
