"""What PostgreSQL works out by itself comes to what Python says."""

from pathlib import Path

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

FUNCTIONS = Path(__file__).parent.parent / "functions"
# PostgreSQL takes these names for abbreviations; the books of both databases are kept alike.
PLACES = {"CET": "Europe/Brussels", "EET": "Europe/Athens", "MET": "Europe/Brussels", "WET": "Europe/Lisbon"}


def upgrade() -> None:
    for name, place in PLACES.items():
        op.execute(f"UPDATE federation SET zone = '{place}' WHERE zone = '{name}'")  # noqa: S608 - names of our own
    if op.get_bind().dialect.name == "postgresql":
        for name in ("calendar", "closed_till", "limits_at_once"):
            op.execute((FUNCTIONS / f"0034_{name}.sql").read_text(encoding="utf-8"))
