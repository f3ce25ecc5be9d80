"""What was given back whole is no purchase that the next one of its sum would repeat."""

from pathlib import Path

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

GIVEN_BACK = Path(__file__).parent.parent / "functions" / "0043_given_back.sql"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(GIVEN_BACK.read_text(encoding="utf-8"))
