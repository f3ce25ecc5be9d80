"""Migrations: bring a database to the newest schema, and tell whether it is there."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from wallet.store.engine import is_postgresql, write

MIGRATIONS = Path(__file__).parent / "migrations"
# One migration at a time, whichever host started it.
MIGRATION_LOCK = 7236521


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the database to `revision`.

    Locks: every other migration, until done.
    """

    def run(connection: sa.Connection) -> None:
        if is_postgresql(connection):
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    write(engine, run)


def is_current(engine: sa.Engine) -> bool:
    """Tell whether the database stands at the newest revision."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
