"""PostgreSQL sweeps what the close of a ballot took out: versions of rows told which were written together."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# By default a table of less than 50 changed rows is never swept.
AT_ONCE = "autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("ballot_papers", "ballot_places"):
            op.execute(f"ALTER TABLE {table} SET ({AT_ONCE})")
