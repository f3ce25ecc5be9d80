"""A payment on PostgreSQL works its month and its day out at a fifth of the cost."""

from pathlib import Path

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

CHEAPER = Path(__file__).parent.parent / "functions" / "0032_zone_read_once.sql"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(CHEAPER.read_text(encoding="utf-8"))
