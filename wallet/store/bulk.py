"""Many rows at once; and filling an empty database quickly, without waiting for the disk until all is there.

Values are given as the database keeps them: instants are microseconds.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import psycopg
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import exc

from wallet.store.engine import is_postgresql, make_engine

Rows = Sequence[Sequence[Any]]
Figures = NDArray[np.int64]


def load(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert many rows: by COPY where there is one."""
    named = ", ".join(columns)
    if not is_postgresql(connection):
        marks, values = ", ".join("?" * len(columns)), list(map(tuple, rows))
        if values:
            connection.exec_driver_sql(f"INSERT INTO {table.name} ({named}) VALUES ({marks})", values)  # noqa: S608
        return
    statement = f"COPY {table.name} ({named}) FROM STDIN"
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        with driver.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise exc.DBAPIError(statement, None, error, connection_invalidated=driver.closed) from error


def columns(
    connection: sa.Connection, selects: Sequence[sa.Select[Any]], asked: dict[str, Any]
) -> list[tuple[Figures, ...]]:
    """Read several `selects` of whole numbers as of one instant, column by column: many rows need no objects."""
    if not is_postgresql(connection):
        return [_unpacked(_rows(connection, each, asked), len(each.selected_columns)) for each in selects]
    first, *others = [sa.select(*map(_packed, each.subquery().c)).subquery() for each in selects]
    joined: sa.FromClause = first
    for each in others:
        joined = joined.join(each, sa.true())
    compiled = sa.select(joined).compile(dialect=connection.dialect)
    # Compiling so large a statement to machine code takes longer than it saves.
    connection.exec_driver_sql("SET LOCAL jit = off")
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        # As bytes, which are half of what they are as text.
        with driver.cursor(binary=True) as cursor:
            row = iter(cursor.execute(str(compiled).encode(), compiled.construct_params(asked)).fetchone() or ())
    except psycopg.Error as error:
        raise exc.DBAPIError(str(compiled), None, error, connection_invalidated=driver.closed) from error
    found = [
        tuple(np.frombuffer(next(row) or b"", dtype=">i8").astype(np.int64) for _column in each.selected_columns)
        for each in selects
    ]
    assert all(len(column) == len(figures[0]) for figures in found for column in figures), "a figure is missing"
    return found


def _rows(connection: sa.Connection, selected: sa.Select[Any], asked: dict[str, Any]) -> Sequence[Any]:
    compiled = selected.compile(dialect=connection.dialect)
    values = compiled.construct_params(asked)
    return connection.exec_driver_sql(str(compiled), tuple(values[name] for name in compiled.positiontup or ())).all()


def _packed(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bytes]:
    return sa.func.string_agg(sa.func.int8send(sa.cast(column, sa.BigInteger)), sa.cast(b"", sa.LargeBinary))


def _unpacked(rows: Sequence[Any], width: int) -> tuple[Figures, ...]:
    return tuple(np.array(rows, dtype=np.int64).reshape(len(rows), width).T)


def change(connection: sa.Connection, table: sa.Table, keys: int, columns: Sequence[str], rows: Rows) -> None:
    """Change many rows: of each row given, the first `keys` of its `columns` find it and the others are set."""
    found, put = columns[:keys], columns[keys:]
    if not rows:
        return
    if not is_postgresql(connection):
        where, setting = " AND ".join(f"{name} = ?" for name in found), ", ".join(f"{name} = ?" for name in put)
        values = [(*row[keys:], *row[:keys]) for row in rows]
        connection.exec_driver_sql(f"UPDATE {table.name} SET {setting} WHERE {where}", values)  # noqa: S608
        return
    setting = ", ".join(f"{name} = new.{name}" for name in put)
    where = " AND ".join(f"old.{name} = new.{name}" for name in found)
    lists = ", ".join(f"%s::{table.c[name].type.compile(connection.dialect)}[]" for name in columns)
    statement = f"UPDATE {table.name} old SET {setting} FROM unnest({lists}) new({', '.join(columns)}) WHERE {where}"  # noqa: S608
    connection.exec_driver_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))


@contextmanager
def quick(engine: sa.Engine) -> Iterator[sa.Engine]:
    """Lend an engine on the same database whose commits do not wait for the disk.

    Only for a database that holds nothing yet: after a power cut in between, it has to be filled anew. What the caller
    then writes through `engine` itself waits for the disk, and brings all that was written before along.
    """
    if is_postgresql(engine):
        lent = make_engine(_address(engine.url.update_query_dict({"options": "-c synchronous_commit=off"})))
    else:
        lent = make_engine(_address(engine.url))
        sa.event.listen(lent, "connect", _do_not_wait)
    try:
        yield lent
    finally:
        lent.dispose()
    if not is_postgresql(engine):
        with engine.connect() as connection:
            # Pages that went from the log into the file without waiting are waited for now.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _address(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _do_not_wait(raw: Any, _record: Any) -> None:
    raw.execute("PRAGMA synchronous=OFF")
