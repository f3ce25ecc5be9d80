"""A clock that was set back stops nobody at the counter for as long as it was set back."""

from pathlib import Path

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

SET_BACK = Path(__file__).parent.parent / "functions" / "0038_set_back.sql"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(SET_BACK.read_text(encoding="utf-8"))
