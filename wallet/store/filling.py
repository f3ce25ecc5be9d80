"""Who fills a database with a history is alone in it: two at once would post to each other's past."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import sqlalchemy as sa

from wallet.store.engine import is_postgresql

# The next after the migrations'.
FILLING_LOCK = 7236522
BESIDE_IT = "-filling"


@contextmanager
def alone(engine: sa.Engine) -> Iterator[bool]:
    """Hold the right to fill the database of `engine` until left, and lend whether nobody else holds it.

    Locks:  the database's only filling; a process that dies lets go of it.
    """
    with engine.connect() as connection:
        if is_postgresql(connection):
            # The lock ends with its own connection, which is not lent again.
            connection.detach()
            yield bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(FILLING_LOCK))))
            return
        # Where it is only SQLite knows: its name may be an address.
        file = connection.scalar(sa.text("SELECT file FROM pragma_database_list WHERE name = 'main'"))
    with _locked(Path(f"{file}{BESIDE_IT}")) as free:
        yield free


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Lock a file of its own: to close a second handle of SQLite's would drop the locks that SQLite has on it."""
    with path.open("w") as file:
        free = _takes(path, file)
        try:
            yield free
        finally:
            if free:
                path.unlink(missing_ok=True)


def _takes(path: Path, file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    # Who came as the holder left may have locked a file that is there no more.
    return path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno()))
