"""Engines: how the wallet opens its database, and the one way it reads and writes."""

import logging
import os
import secrets
import select
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import psycopg
import sqlalchemy as sa
from sqlalchemy import event, exc

from wallet.config import normalised
from wallet.errors import Refusal, refuse

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 8
# Connections of a process, and as many again under load.
POOL = 20
# How long somebody waits for SQLite's one writer, or for a lock of PostgreSQL, in all and in one try: then the turn
# goes to the next who waits.
PATIENCE_SECONDS = 20.0
TRY_SECONDS = 5.0
# PostgreSQL: serialisation failure, deadlock, and a lock that did not come.
NO_LOCK = "55P03"
TRANSIENT = {"40001", "40P01", NO_LOCK}
# SQLite has words where PostgreSQL has these: its own of a lock, and those of our trigger `patronage_in_time`.
TRANSIENT_WORDS = ("locked", "a later share of this person stands")
# PostgreSQL: only reads are taken, as by a standby that nobody has made the first one yet.
READS_ONLY = "25006"
# A function or trigger of ours on PostgreSQL says no by this, its message is the code; on SQLite the words are both.
REFUSED = "RW001"
# PostgreSQL, unless its address says otherwise: a host that falls silent is given up after half a minute. The kernel
# gives it up after a quarter of an hour, for which every thread would wait.
SILENCE = {
    "connect_timeout": "10", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}  # fmt: skip
# The same of the other end: what a host of ours had locked when it fell silent would stay locked for two hours.
SILENCE_OF_OURS = {
    "tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4",
    "tcp_user_timeout": "30000",
}  # fmt: skip
# The wallet speaks these; an address of another kind is told before anything is opened.
DRIVERS = frozenset({"postgresql+psycopg", "sqlite", "sqlite+pysqlite"})
NO_ADDRESS = (
    "this is no address of PostgreSQL or SQLite; write it like postgresql://name:password@host:5432/wallet, with marks "
    "in the password as %XX, or like sqlite:////srv/wallet.sqlite3"
)
# What SQLite adds to a database's name for its log, its index and its journal.
BESIDE = ("", "-wal", "-shm", "-journal")
_turns: "WeakKeyDictionary[Any, threading.Lock]" = WeakKeyDictionary()
_turns_guard = threading.Lock()


def make_engine(url: str, *, pool_size: int = POOL) -> sa.Engine:
    """Open the database at `url`, SQLite or PostgreSQL, set up for money.

    An SQLite file that is not there is no database: `make_file` makes one.
    Units:  `pool_size` connections, and as many again under load.
    Raises: ValueError, in words that hold nothing of the address: its password may be in any part of one mistyped.
    """
    # Parameters are hidden from errors: they hold codes and digests of tokens, and errors go to logs.
    made = _address(url)
    if made.get_backend_name() == "postgresql":
        patient = made.update_query_dict({**SILENCE, **made.query})
        engine = sa.create_engine(
            patient, pool_size=pool_size, max_overflow=pool_size, pool_use_lifo=True, pool_pre_ping=False,
            isolation_level="AUTOCOMMIT", hide_parameters=True, pool_reset_on_return=None,
            connect_args={"client_encoding": "utf8"},
        )  # fmt: skip
        event.listen(engine, "connect", _set_up_postgresql)
        event.listen(engine, "checkout", _refuse_cut_off)
        return engine
    file = made.database
    if made.get_backend_name() == "sqlite" and file in (None, "", ":memory:"):
        raise ValueError("an SQLite database needs a file, which several connections share")
    engine = sa.create_engine(
        made, poolclass=sa.QueuePool, pool_size=pool_size, max_overflow=pool_size, hide_parameters=True
    )
    event.listen(engine, "do_connect", _refuse_missing)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _address(url: str) -> sa.URL:
    try:
        made = sa.engine.make_url(normalised(url))
    except (exc.ArgumentError, ValueError):
        raise ValueError(NO_ADDRESS) from None
    # With an @ of its own a password ends too early, and its end would be told as the host that is not found.
    if made.drivername not in DRIVERS or "@" in (made.host or ""):
        raise ValueError(NO_ADDRESS)
    return made


def is_missing(engine: sa.Engine) -> bool:
    """Tell whether `engine` names an SQLite file that is not there."""
    return not is_postgresql(engine) and _is_nowhere(engine.url.database or "")


def make_file(engine: sa.Engine) -> None:
    """Make the file of an SQLite database that is not there yet; whoever only looks at one makes none.

    Nobody but its owner may read it, nor what SQLite keeps beside it, which takes after it.
    Raises: OSError, where nothing can be kept.
    """
    if is_missing(engine):
        file = Path(engine.url.database or "")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)


def is_part_of(engine: sa.Engine, file: Path) -> bool:
    """Tell whether `file` is the database of `engine`, or one of the files that SQLite keeps beside it."""
    itself = Path(engine.url.database or "").resolve()
    beside = {itself.with_name(itself.name + end) for end in BESIDE}
    return not is_postgresql(engine) and file.resolve() in beside


def _is_nowhere(file: str) -> bool:
    # How a name that is an address is found only SQLite knows.
    return not file.startswith("file:") and not os.access(file, os.F_OK)


def is_postgresql(bind: sa.Engine | sa.Connection) -> bool:
    """Tell whether `bind` speaks to PostgreSQL."""
    return bind.dialect.name == "postgresql"


def _set_up_postgresql(raw: Any, _record: Any) -> None:
    named = {"lock_timeout": f"{TRY_SECONDS}s", **SILENCE_OF_OURS}
    ask = "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS named (name, value)"
    raw.execute(ask, (list(named), list(named.values())))
    raw.commit()


def _refuse_cut_off(raw: Any, _record: Any, _lent: Any) -> None:
    """Lend no connection that the database has ended: it has said so, or hung up, while nobody listened."""
    if raw.closed or _is_readable(raw.fileno()):
        # What has ended one has ended all.
        raise exc.InvalidatePoolError


def _is_readable(file: int) -> bool:
    looking = select.poll()
    looking.register(file, select.POLLIN)
    return bool(looking.poll(0))


def _refuse_missing(_dialect: Any, _record: Any, arguments: list[Any], _options: Any) -> None:
    """Refuse to make an empty database where none is, as SQLite would: mostly its name is mistyped."""
    file = arguments[0]
    if _is_nowhere(file):
        raise sqlite3.OperationalError(f"There is no database {file}. To make one, run: flask --app app db upgrade")


def _set_up_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None
    wait_ms = int(TRY_SECONDS * 1000)
    for name, value, stands in (
        ("journal_mode", "WAL", "wal"),
        ("synchronous", "FULL", 2),
        ("foreign_keys", "ON", 1),
        ("busy_timeout", wait_ms, wait_ms),
        # What was deleted is overwritten: a closed ballot's former rows lay in the order of casting.
        ("secure_delete", "ON", 1),
    ):
        raw.execute(f"PRAGMA {name}={value}").fetchall()
        found = raw.execute(f"PRAGMA {name}").fetchone()[0]
        assert found == stands, f"SQLite did not take {name}={value}: {found}"


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")


def is_writing(connection: sa.Connection) -> bool:
    """Tell whether `connection` is in a transaction of `write`."""
    return bool(connection.get_execution_options().get("writes", False))


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Lend a connection for reads; on PostgreSQL each statement sees the latest commit."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Lend a connection whose reads all see one and the same instant."""
    options = {"isolation_level": "REPEATABLE READ"} if is_postgresql(engine) else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def is_out_of_service(error: exc.SQLAlchemyError) -> bool:
    """Tell whether `error` is the state of the database, no fault of ours: it is gone, full, or for reads only."""
    if not isinstance(error, exc.DBAPIError):
        return isinstance(error, exc.TimeoutError)
    # A function's failure comes as the general kind, with what the driver said inside.
    said_so = isinstance(error, exc.OperationalError) or isinstance(error.orig, psycopg.OperationalError)
    return said_so or error.connection_invalidated or _sqlstate(error) == READS_ONLY


def write(engine: sa.Engine, work: Callable[[sa.Connection], T], *, keyed: bool = True) -> T:
    """Run `work` in one transaction and commit it; what it raises rolls everything back.

    After a lost connection nobody knows whether it was committed: it is run again unless it is not `keyed`, that is,
    unless doing it twice would be two acts. What a refusal leaves behind is written by itself.
    Raises: Refusal busy, when the database asked for another try too often, or who has the lock or SQLite's one writer
            did not come to an end.
    Locks:  on SQLite one writer at a time.
    """
    try:
        return _tried(engine, lambda until: _written(engine, work, until), keyed=keyed)
    except Refusal as refusal:
        left = refusal.leaves
        if left is not None:
            _tried(engine, lambda until: _written(engine, left, until), keyed=False)
        raise


def act(engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
    """Run `work`, which writes by one function call on PostgreSQL, and so needs no transaction around it there.

    Raises: Refusal busy, when the database asked for another try too often, or who has the lock or SQLite's one writer
            did not come to an end.
    Locks:  on SQLite one writer at a time.
    """
    if is_postgresql(engine):
        return _tried(engine, lambda _until: _called(engine, work), keyed=True)
    return write(engine, work)


def note(engine: sa.Engine, work: Callable[[sa.Connection], object]) -> None:
    """Run `work`, which a page notes by the way, in one transaction, or leave it to the next who reads the page.

    Who only reads is refused nothing where the database takes no writes, and waits for no other writer but a while.
    """
    try:
        _written(engine, work, time.monotonic() + TRY_SECONDS)
    except (Refusal, exc.SQLAlchemyError) as error:
        if isinstance(error, exc.SQLAlchemyError) and not is_out_of_service(error):
            raise
        log.warning("Left to the next reader: %s", error)


def _written(engine: sa.Engine, work: Callable[[sa.Connection], T], until: float) -> T:
    with _turn(engine, until), _writer(engine).connect() as connection, connection.begin():
        return work(connection)


def _called(engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
    with engine.connect() as connection:
        return work(connection)


def _tried(engine: sa.Engine, once: Callable[[float], T], *, keyed: bool) -> T:
    until = time.monotonic() + PATIENCE_SECONDS
    for attempt in range(TRIES):
        try:
            return once(until)
        except exc.DBAPIError as error:
            if code := _refused_by(error.orig):
                raise refuse(code) from None
            if not _may_retry(error, keyed):
                raise
            # PostgreSQL asks for another try when it has found a conflict, however long the act took.
            if time.monotonic() >= until and (not is_postgresql(engine) or _sqlstate(error) == NO_LOCK):
                break
        time.sleep(secrets.randbelow(10 * 2**attempt) / 1000)
    raise refuse("busy")


def _refused_by(error: Any) -> str | None:
    if getattr(error, "sqlstate", None) == REFUSED:
        return str(error.diag.message_primary)
    mark, _space, code = str(error).partition(" ")
    return code if mark == REFUSED else None


def _writer(engine: sa.Engine) -> sa.Engine:
    if is_postgresql(engine):
        return engine.execution_options(isolation_level="READ COMMITTED", writes=True)
    return engine.execution_options(writes=True)


@contextmanager
def _turn(engine: sa.Engine, until: float) -> Iterator[None]:
    """Have one writer at a time of this process, which on PostgreSQL needs none; `until` is when to give up waiting."""
    if is_postgresql(engine):
        yield
        return
    with _turns_guard:
        turn = _turns.setdefault(engine.pool, threading.Lock())
    if not turn.acquire(timeout=max(0.0, until - time.monotonic())):
        raise refuse("busy")
    try:
        yield
    finally:
        turn.release()


def _may_retry(error: exc.DBAPIError, keyed: bool) -> bool:
    if error.connection_invalidated:
        return keyed
    said = str(error.orig)
    return _sqlstate(error) in TRANSIENT or any(words in said for words in TRANSIENT_WORDS)


def _sqlstate(error: exc.DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
