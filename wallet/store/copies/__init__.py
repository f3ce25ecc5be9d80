"""Copies of a whole database in one file: made while it is in use, brought back whole or not at all."""

from pathlib import Path

import sqlalchemy as sa

from wallet.store.copies import postgres, sqlite
from wallet.store.copies.kinds import CannotCopy, kind_of
from wallet.store.engine import is_missing, is_part_of, is_postgresql
from wallet.store.tables import federation

__all__ = ["CannotCopy", "is_empty", "load", "save"]


def save(engine: sa.Engine, file: Path) -> None:
    """Write the database as it is at one instant to `file`, which is not there or stays as it was until all is written.

    Raises: CannotCopy.
    """
    if not file.absolute().parent.is_dir():
        raise CannotCopy(f"There is no folder {file.absolute().parent}.")
    # It takes the place of what is there, and whoever has that open, as the wallet, would go on with what has no name.
    if is_part_of(engine, file):
        raise CannotCopy(f"{file} is the database itself: give the copy a name of its own.")
    if file.exists() and not file.is_file():
        raise CannotCopy(f"{file} is not a file that a copy could take the place of.")
    if not sa.inspect(engine).has_table(federation.name):
        raise CannotCopy("DATABASE_URL names a database that holds no wallet.")
    (postgres if is_postgresql(engine) else sqlite).save(engine, file)


def load(engine: sa.Engine, file: Path, sound: sqlite.Sound) -> None:
    """Put what `file` holds in the place of what the database holds, once `sound` has found nothing wrong with it.

    Raises: CannotCopy, and the database is as before.
    """
    kind = kind_of(file)
    if kind != engine.dialect.name:
        raise CannotCopy(f"{file} is a backup of {kind}, and DATABASE_URL names {engine.dialect.name}.")
    (postgres if is_postgresql(engine) else sqlite).load(engine, file, sound)


def is_empty(engine: sa.Engine) -> bool:
    """Tell whether nothing would be lost with what the database holds."""
    if is_missing(engine):
        return True
    tables = set(sa.inspect(engine).get_table_names())
    if federation.name not in tables:
        return not tables
    with engine.connect() as connection:
        return connection.execute(sa.select(federation.c.id)).first() is None
