"""How a sale may be paid: a co-op's highest part in RES, and who may log much cash for a member in a day."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COUNTER = Path(__file__).parent.parent / "functions" / "0014_tender.sql"


def upgrade() -> None:
    op.add_column("coops", sa.Column("res_part_bp", sa.Integer(), server_default="10000", nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(COUNTER.read_text(encoding="utf-8"))
