"""Upserts: both databases know them, but SQLAlchemy has no neutral spelling for them."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert


def new_row(table: sa.Table) -> Insert:
    """Insert a row; what becomes of one whose key exists already is added."""
    # PostgreSQL's construct compiles on SQLite too; SQLite's does not on PostgreSQL.
    return insert(table)


def claim_row(table: sa.Table) -> Insert:
    """Insert a row unless its key exists already; add `returning` to learn which."""
    return new_row(table).on_conflict_do_nothing()


def insert_or_change(
    new: Insert, changes: Mapping[str, sa.ColumnElement[int]], where: sa.ColumnElement[bool] | None = None
) -> Insert:
    """Insert the `new` row, or make the `changes` to the one with its key, if that is `where`."""
    key = [column.name for column in new.table.primary_key]
    return new.on_conflict_do_update(index_elements=key, set_=changes, where=where)


def add_to_row(table: sa.Table, *figures: str) -> Insert:
    """Insert a running row, or add the `figures` given to those that stand there."""
    new = new_row(table)
    return insert_or_change(new, {name: table.c[name] + new.excluded[name] for name in figures})


def replace_row(table: sa.Table, *columns: str) -> Insert:
    """Insert a row, or put it in the place of the one with its key: all of it, or these `columns` alone."""
    new = new_row(table)
    names = columns or [column.name for column in table.columns if not column.primary_key]
    return insert_or_change(new, {name: new.excluded[name] for name in names})
