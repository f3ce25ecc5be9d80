"""Copies of a PostgreSQL database, by its own programs; their password is never among their arguments."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

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
    checked = make_engine(engine.url.render_as_string(hide_password=False))
    # Before SQLAlchemy asks which schema is the usual one.
    sa.event.listen(checked, "connect", _look_at_arriving, insert=True)
    try:
        _bring(engine, file)
        _gather_statistics(engine)
        sound(checked)
    except BaseException:
        checked.dispose()
        _say(engine, f"DROP SCHEMA IF EXISTS {ARRIVING} CASCADE")
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

    So the tables step aside for it, and come back in the same transaction: nobody else ever sees them away. What is
    unpacked goes straight there, and on no other disk.
    Raises: CannotCopy, and a part may have come.
    """
    unpacking = [program("pg_restore"), "--no-owner", "--no-privileges", "--schema=public", "--file=-"]
    with subprocess.Popen(  # noqa: S603
        [*unpacking, str(file.absolute())], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as unpacked:
        _run(
            engine, "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            # Whatever is said then is why it failed.
            "--command=SET client_min_messages TO error",
            f"--command=DROP SCHEMA IF EXISTS {ARRIVING} CASCADE",
            f"--command=ALTER SCHEMA public RENAME TO {ASIDE}",
            "--command=CREATE SCHEMA public",
            "--file=-",
            f"--command=ALTER SCHEMA public RENAME TO {ARRIVING}",
            f"--command=ALTER SCHEMA {ASIDE} RENAME TO public",
            script=unpacked.stdout,
        )  # fmt: skip
        # To psql the end of a half is an end.
        _judge("pg_restore", unpacked.wait(), unpacked.stderr.read() if unpacked.stderr else "")


def _gather_statistics(engine: sa.Engine) -> None:
    """Let PostgreSQL look at what arrived, before all of it is checked and then served: copies bring no statistics."""
    written = engine.dialect.identifier_preparer.format_table
    names = sa.inspect(engine).get_table_names(ARRIVING)
    _say(engine, f"ANALYZE {', '.join(written(sa.table(name, schema=ARRIVING)) for name in names)}")


def _look_at_arriving(raw: Any, _record: Any) -> None:
    raw.execute(f"SET search_path TO {ARRIVING}")
    raw.commit()


def _run(engine: sa.Engine, name: str, *arguments: str, script: IO[str] | None = None) -> None:
    # As the driver is told, several hosts too; but the password is no argument, which the whole machine could read.
    _arguments, told = engine.dialect.create_connect_args(engine.url)
    secret = {"PGPASSWORD": told["password"]} if "password" in told else {}
    place = make_conninfo(**{name: each for name, each in told.items() if name not in KEPT_BACK})
    done = subprocess.run(  # noqa: S603
        [program(name), f"--dbname={place}", "--no-password", *arguments],
        check=False, stdin=script, capture_output=True, text=True, env=os.environ | secret,
    )  # fmt: skip
    _judge(name, done.returncode, done.stderr)


def _judge(name: str, status: int, said: str) -> None:
    if status != 0:
        raise CannotCopy((said.strip().splitlines() or [f"{name} ended with {status}."])[0])


def _say(engine: sa.Engine, *statements: str) -> None:
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)
