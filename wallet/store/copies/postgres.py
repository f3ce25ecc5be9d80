"""Copies of a PostgreSQL database, by its own programs; their password is never among their arguments."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from wallet.store.copies.kinds import CannotCopy
from wallet.store.engine import make_engine

# What arrives waits here until it has been checked; the tables themselves stay where they are until then.
ARRIVING, ASIDE = "wallet_arriving", "wallet_aside"
# PostgreSQL's programs get the password by their environment, and know nothing of our driver's own settings.
KEPT_BACK = frozenset({"password", "context"})


def save(engine: sa.Engine, file: Path) -> None:
    """Write a copy beside `file` and put it in its place.

    Raises: CannotCopy.
    """
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.absolute().parent) as folder:
        made = Path(folder) / "copy"
        made.touch(mode=0o600)
        _run(engine, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--schema=public", f"--file={made}")
        made.replace(file)


def load(engine: sa.Engine, file: Path, sound: Callable[[sa.Engine], None]) -> None:
    """Check a copy in a schema of its own, then let it take the tables' place in one transaction.

    However it is cut off, the tables are where they were; what had arrived by then is cleared away by the next time.
    Raises: CannotCopy.
    """
    _bring(engine, file)
    checked = make_engine(engine.url.render_as_string(hide_password=False))
    # Before SQLAlchemy asks which schema is the usual one.
    sa.event.listen(checked, "connect", _look_at_arriving, insert=True)
    try:
        _gather_statistics(engine)
        sound(checked)
    except BaseException:
        checked.dispose()
        _say(engine, f"DROP SCHEMA {ARRIVING} CASCADE")
        raise
    checked.dispose()
    _say(engine, "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {ARRIVING} RENAME TO public")
    engine.dispose()


def program(name: str) -> str:
    """Find one of PostgreSQL's programs.

    Raises: CannotCopy.
    """
    found = shutil.which(name)
    if found is None:
        raise CannotCopy(f"{name} is missing: install PostgreSQL's client programs (Debian: postgresql-client).")
    return found


def _bring(engine: sa.Engine, file: Path) -> None:
    """Load `file` into the schema for what arrives; a copy knows no name for its schema but that of the tables.

    So the tables step aside for it, and come back in the same transaction: nobody else ever sees them away.
    """
    with tempfile.TemporaryDirectory(prefix="restore-") as folder:
        script = Path(folder) / "script.sql"
        script.touch(mode=0o600)
        _call(
            "pg_restore", "--no-owner", "--no-privileges", "--schema=public", f"--file={script}", str(file.absolute())
        )
        _run(
            engine, "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            # Whatever is said then is why it failed.
            "--command=SET client_min_messages TO error",
            f"--command=DROP SCHEMA IF EXISTS {ARRIVING} CASCADE",
            f"--command=ALTER SCHEMA public RENAME TO {ASIDE}",
            "--command=CREATE SCHEMA public",
            f"--file={script}",
            f"--command=ALTER SCHEMA public RENAME TO {ARRIVING}",
            f"--command=ALTER SCHEMA {ASIDE} RENAME TO public",
        )  # fmt: skip


def _gather_statistics(engine: sa.Engine) -> None:
    """Let PostgreSQL look at what arrived, before all of it is checked and then served: copies bring no statistics."""
    written = engine.dialect.identifier_preparer.format_table
    names = sa.inspect(engine).get_table_names(ARRIVING)
    _say(engine, f"ANALYZE {', '.join(written(sa.table(name, schema=ARRIVING)) for name in names)}")


def _look_at_arriving(raw: Any, _record: Any) -> None:
    raw.execute(f"SET search_path TO {ARRIVING}")
    raw.commit()


def _run(engine: sa.Engine, name: str, *arguments: str) -> None:
    # As the driver is told, several hosts too; but the password is no argument, which the whole machine could read.
    _arguments, told = engine.dialect.create_connect_args(engine.url)
    secret = {"PGPASSWORD": told["password"]} if "password" in told else {}
    place = make_conninfo(**{name: each for name, each in told.items() if name not in KEPT_BACK})
    _call(name, f"--dbname={place}", "--no-password", *arguments, **secret)


def _call(name: str, *arguments: str, **secret: str) -> None:
    done = subprocess.run(  # noqa: S603
        [program(name), *arguments], check=False, capture_output=True, text=True, env=os.environ | secret
    )
    if done.returncode != 0:
        raise CannotCopy((done.stderr.strip().splitlines() or [f"{name} ended with {done.returncode}."])[0])


def _say(engine: sa.Engine, *statements: str) -> None:
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)
