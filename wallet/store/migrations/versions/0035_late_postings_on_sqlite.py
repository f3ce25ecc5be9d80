"""On SQLite too a posting that comes after a share which it would have moved is done again, with a later time.

One writer at a time keeps two postings apart, but not a clock that is set back over the first of a month.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# wallet/store/engine.py knows its words as those of an act that is worth another try.
SQLITE = """
CREATE TRIGGER patronage_in_time BEFORE INSERT ON patronage_months
WHEN EXISTS (SELECT 1 FROM shares WHERE person_id = NEW.person_id AND month > NEW.posted_month)
BEGIN SELECT RAISE(ABORT, 'a later share of this person stands'); END
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE)
