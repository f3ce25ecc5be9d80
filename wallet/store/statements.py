"""Statements that both databases know but SQLAlchemy has no neutral spelling for."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert


def claim_row(table: sa.Table) -> Insert:
    """Insert a row unless its key exists already; add `returning` to learn which."""
    # PostgreSQL's construct compiles on SQLite too; SQLite's does not on PostgreSQL.
    return insert(table).on_conflict_do_nothing()


def add_to_row(table: sa.Table, *figures: str) -> Insert:
    """Insert a running row, or add the `figures` given to those that stand there."""
    new = insert(table)
    return new.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={name: table.c[name] + new.excluded[name] for name in figures},
    )


def replace_row(table: sa.Table) -> Insert:
    """Insert a row, or put it in the place of the one with its key."""
    new = insert(table)
    return new.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={column.name: new.excluded[column.name] for column in table.columns if not column.primary_key},
    )
