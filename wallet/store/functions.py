"""Functions of ours on PostgreSQL, which migrations/functions/ makes: how the store calls one."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, cast

import psycopg
import sqlalchemy as sa
from psycopg import errors, postgres
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import exc

T = TypeVar("T")
Value = str | int | bool | None
# PostgreSQL's word for a prepared statement that it does not know.
THROWN_AWAY = b"26000"
# How a column of a function's row reads, by its type's number; what is not here is text.
_READERS: dict[int, Callable[[bytes], Value]] = {
    postgres.types["int8"].oid: int,
    postgres.types["bool"].oid: b"t".__eq__,
}


def call(connection: sa.Connection, function: str, values: tuple[Value, ...], answer: Callable[..., T]) -> T:
    """Call `function` and give its one row as an `answer`, whose fields have the names of its columns.

    It goes to libpq itself: a cursor and the usual way round cost more than the call.
    Raises: DBAPIError, as a statement does.
    """
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    # The driver begins a transaction with a statement of its own, and this is none.
    assert driver.autocommit or driver.info.transaction_status == TransactionStatus.INTRANS, "in no transaction"
    try:
        written = cast("list[bytes]", [_written(value) for value in values])  # None is NULL, whatever its types say
        if driver.autocommit:
            result = _prepared(driver.pgconn, function, written, connection.info.setdefault("functions", set()))
        else:
            result = driver.pgconn.exec_params(_statement(function, len(values)), written)
        return answer(**_row(_sound(result, ExecStatus.TUPLES_OK)))
    except psycopg.Error as error:
        if driver.closed:
            connection.invalidate(error)
        raise exc.DBAPIError(function, None, error, connection_invalidated=driver.closed) from error


def unless_made(answer: Callable[..., T]) -> Callable[..., str | T]:
    """Give what reads a row as an `answer`, or what an earlier request `made`, beside which it holds nothing."""

    def read(made: str | None, **told: Value) -> str | T:
        return answer(**told) if made is None else made

    return read


def _prepared(pg: PGconn, function: str, written: list[bytes], prepared: set[str]) -> PGresult:
    """Call a function, prepared once a connection; not in a transaction, which a failed call would end."""
    name = function.encode()
    if function in prepared:
        result = pg.exec_prepared(name, written)
        # Once a transaction was rolled back on a connection, the driver throws away whatever is prepared there.
        if result.error_field(DiagnosticField.SQLSTATE) != THROWN_AWAY:
            return result
    _sound(pg.prepare(name, _statement(function, len(written))), ExecStatus.COMMAND_OK)
    prepared.add(function)
    return pg.exec_prepared(name, written)


@lru_cache
def _statement(function: str, arguments: int) -> bytes:
    marks = ", ".join(f"${place}" for place in range(1, arguments + 1))
    return f"SELECT * FROM {function}({marks})".encode()  # noqa: S608 - a function of ours, and nothing but marks


def _written(value: Value) -> bytes | None:
    if value is None or isinstance(value, bool):
        return None if value is None else b"t" if value else b"f"
    written = str(value).encode()
    # libpq would take what stands before it for the whole.
    if b"\0" in written:
        raise psycopg.DataError("a text with a NUL")
    return written


def _sound(result: PGresult, wanted: ExecStatus) -> PGresult:
    if result.status != wanted:
        raise errors.error_from_result(result)
    return result


def _row(result: PGresult) -> dict[str, Value]:
    return {
        cast(bytes, result.fname(column)).decode(): _read(result.get_value(0, column), result.ftype(column))
        for column in range(result.nfields)
    }


def _read(value: bytes | None, oid: int) -> Value:
    if value is None:
        return None
    return _READERS.get(oid, bytes.decode)(value)
