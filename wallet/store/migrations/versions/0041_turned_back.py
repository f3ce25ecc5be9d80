"""A day that clocks show a second time, since they go back over midnight, stays over on PostgreSQL too."""

from pathlib import Path

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TURNED_BACK = Path(__file__).parent.parent / "functions" / "0041_turned_back.sql"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(TURNED_BACK.read_text(encoding="utf-8"))
