"""Copies of an SQLite database, by SQLite's own backup: readers and writers go on meanwhile."""

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

import sqlalchemy as sa

from wallet.store.copies.kinds import CannotCopy
from wallet.store.engine import make_engine, make_file

# Brings what was loaded to the newest schema and raises CannotCopy when its books are not in order.
Sound = Callable[[sa.Engine], None]


def save(engine: sa.Engine, file: Path) -> None:
    """Write a copy beside `file`, check it and put it in its place.

    Raises: CannotCopy.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.absolute().parent) as folder:
            made = Path(folder) / "copy"
            made.touch(mode=0o600)
            with closing(sqlite3.connect(made)) as copy:
                _copied(engine, lambda source: source.backup(copy))
                _look_through(copy)
                # One file: no log beside it that could get lost on the way.
                copy.execute("PRAGMA journal_mode=DELETE")
            made.replace(file)
    except (sqlite3.Error, OSError) as error:
        raise CannotCopy(f"Not saved: {error}.") from None


def load(engine: sa.Engine, file: Path, sound: Sound) -> None:
    """Check a copy of `file` apart, then let it take the database's place in one transaction.

    Raises: CannotCopy.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="restore-") as folder:
            apart = Path(folder) / "wallet.sqlite3"
            apart.touch(mode=0o600)
            only_read = f"{file.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(only_read, uri=True)) as source, closing(sqlite3.connect(apart)) as copy:
                source.backup(copy)
                _look_through(copy)
            checked = make_engine(f"sqlite:///{apart}")
            try:
                sound(checked)
            finally:
                checked.dispose()
            make_file(engine)
            with closing(sqlite3.connect(apart)) as copy:
                _copied(engine, copy.backup)
    except (sqlite3.Error, OSError) as error:
        raise CannotCopy(f"Not restored: {error}.") from None


def _copied(engine: sa.Engine, copy: Callable[[sqlite3.Connection], None]) -> None:
    with engine.connect() as connection:
        copy(cast(sqlite3.Connection, connection.connection.driver_connection))


def _look_through(copy: sqlite3.Connection) -> None:
    found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise CannotCopy(f"The file is damaged: {found}")
