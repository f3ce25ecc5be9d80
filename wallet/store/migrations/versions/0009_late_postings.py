"""A posting that comes after a share which it would have moved is done again, with a later time.

A share is computed from what was posted before its month. On PostgreSQL a posting takes its time first and waits for
the wallet's lock after: at midnight of the first it may find that the new month's share was computed meanwhile. The
error is that of a serialisation, so the whole act is tried again with a new time. SQLite has one writer at a time.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

POSTGRESQL = """
CREATE FUNCTION refuse_late_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM shares WHERE person_id = NEW.person_id AND month > NEW.posted_month) THEN
    RAISE EXCEPTION 'a later share of this person stands' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER patronage_in_time BEFORE INSERT ON patronage_months
  FOR EACH ROW EXECUTE FUNCTION refuse_late_posting();
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL)
