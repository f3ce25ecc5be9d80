"""Migrations: bring a database to the newest schema, and tell whether it is there."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util import CommandError

from wallet.errors import Refusal
from wallet.store.engine import is_postgresql, make_file, write

MIGRATIONS = Path(__file__).parent / "migrations"
# Read when the program starts: later the folder may hold another version's.
REVISIONS = tuple(sorted(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*.py")))
# One migration at a time, whichever host started it.
MIGRATION_LOCK = 7236521
# Whoever pays queues behind a migration that waits for a table: so long, then it lets them by and tries again.
LOCK_WAIT_MS = 3_000
BEHIND = "The database is behind. Run: flask --app app db upgrade"
NEWER = (
    "A newer version of the wallet has upgraded this database (to {}): run that version, or restore an older backup."
)
IN_USE = (
    "Something works on its tables and does not end, a backup or a check perhaps. Nothing was changed: try again later."
)
MAY_NOT = "This role may not use the database's tables: name the one that may in DATABASE_URL, or give it the right."
# Without its schema a role finds no table, as in an empty database; a table that is found may still be closed to it.
_MAY_NOT = sa.text("""
    SELECT coalesce(
      NOT has_table_privilege(to_regclass('alembic_version')::oid, 'SELECT'),
      EXISTS (
        SELECT FROM pg_class
        WHERE relname = 'alembic_version' AND relnamespace = to_regnamespace('public')
          AND NOT has_schema_privilege(relnamespace, 'USAGE')))
""")

NO_FILE = "No database can be kept there: {}"


def upgrade(engine: sa.Engine, revision: str = "head") -> bool:
    """Bring the database to `revision`, an SQLite file that is not there is made; tell whether it held nothing yet.

    Raises: CommandError, for a database that a newer wallet has upgraded, or whose tables somebody does not let go, or
            where no file can be made.
    Locks:  every other migration, until done.
    """

    def run(connection: sa.Connection) -> bool:
        if is_postgresql(connection):
            # Another migration may take its time.
            connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.execute(sa.text(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}"))
        if _is_foreign(found := _revision(connection)):
            raise CommandError(NEWER.format(found))
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        return found is None

    try:
        make_file(engine)
        return write(engine, run)
    except OSError as error:
        raise CommandError(NO_FILE.format(error)) from None
    except Refusal:
        raise CommandError(IN_USE) from None


def fault(engine: sa.Engine) -> str | None:
    """Say why this program does not fit the database's schema, or may not use it; None when it does."""
    with engine.connect() as connection:
        if is_postgresql(connection) and connection.execute(_MAY_NOT).scalar_one():
            return MAY_NOT
        found = _revision(connection)
    if found == REVISIONS[-1]:
        return None
    return NEWER.format(found) if _is_foreign(found) else BEHIND


def _is_foreign(revision: str | None) -> bool:
    """Tell whether a database's revision is none of ours."""
    return revision is not None and revision not in REVISIONS


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
