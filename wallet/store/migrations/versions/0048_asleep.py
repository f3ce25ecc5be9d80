"""A tablet that was touched before the clock was set back stays signed in no longer for that."""

from pathlib import Path

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

ASLEEP = Path(__file__).parent.parent / "functions" / "0048_asleep.sql"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(ASLEEP.read_text(encoding="utf-8"))
