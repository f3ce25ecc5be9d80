"""A payment tells whether notices ask for a yes to its bill."""

from pathlib import Path

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

ASKED = Path(__file__).parent.parent / "functions" / "0033_asked_bills.sql"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(ASKED.read_text(encoding="utf-8"))
