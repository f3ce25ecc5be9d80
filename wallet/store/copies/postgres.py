"""Copies of a PostgreSQL database, by its own programs; their password is never among their arguments."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from wallet.store.copies.kinds import CannotCopy

# What is replaced waits here until what takes its place has been checked.
ASIDE = "wallet_replaced"


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
    """Set the tables aside, restore in one transaction, check; then drop what was set aside, or take it back.

    Raises: CannotCopy.
    """
    program("pg_restore")
    _say(
        engine,
        f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE",
        f"ALTER SCHEMA public RENAME TO {ASIDE}",
        "CREATE SCHEMA public",
    )
    engine.dispose()
    try:
        _run(
            engine, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
            "--schema=public", str(file.absolute()),
        )  # fmt: skip
        sound(engine)
    except BaseException:
        engine.dispose()
        _say(engine, "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {ASIDE} RENAME TO public")
        raise
    _say(engine, f"DROP SCHEMA {ASIDE} CASCADE")
    engine.dispose()


def program(name: str) -> str:
    """Find one of PostgreSQL's programs.

    Raises: CannotCopy.
    """
    found = shutil.which(name)
    if found is None:
        raise CannotCopy(f"{name} is missing: install PostgreSQL's client programs (Debian: postgresql-client).")
    return found


def _run(engine: sa.Engine, name: str, *arguments: str) -> None:
    url = engine.url.set(drivername="postgresql", password=None)
    environment = os.environ | ({"PGPASSWORD": engine.url.password} if engine.url.password else {})
    command = [program(name), f"--dbname={url.render_as_string()}", "--no-password", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)  # noqa: S603
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[0]
        raise CannotCopy(last)


def _say(engine: sa.Engine, *statements: str) -> None:
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)
