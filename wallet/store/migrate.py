"""Migrations: bring a database to the newest schema, and tell whether it is there."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from wallet.store.engine import is_postgresql, write

MIGRATIONS = Path(__file__).parent / "migrations"
# One migration at a time, whichever host started it.
MIGRATION_LOCK = 7236521
BEHIND = "The database is behind. Run: flask --app app db upgrade"
NEWER = (
    "A newer version of the wallet has upgraded this database (to {}): run that version, or restore an older backup."
)


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the database to `revision`.

    Raises: CommandError, for a database that a newer wallet has upgraded.
    Locks:  every other migration, until done.
    """

    def run(connection: sa.Connection) -> None:
        if is_postgresql(connection):
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        if _is_foreign(found := _revision(connection)):
            raise CommandError(NEWER.format(found))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    write(engine, run)


def is_current(engine: sa.Engine) -> bool:
    """Tell whether the database stands at the newest revision."""
    return fault(engine) is None


def fault(engine: sa.Engine) -> str | None:
    """Say why this program does not fit the database's schema; None when it does."""
    with engine.connect() as connection:
        found = _revision(connection)
    if found == ScriptDirectory.from_config(_config()).get_current_head():
        return None
    return NEWER.format(found) if _is_foreign(found) else BEHIND


def _is_foreign(revision: str | None) -> bool:
    """Tell whether a database's revision is none of ours."""
    ours = {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}
    return revision is not None and revision not in ours


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
