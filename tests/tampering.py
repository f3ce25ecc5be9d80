"""Hands on the database itself, and what verify then says: all that is written is taken back."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from wallet.kit import Kit
from wallet.store import verify
from wallet.store.engine import is_postgresql, snapshot


def found_in(kit: Kit, since: int | None = None) -> verify.Checked:
    with snapshot(kit.engine) as connection:
        return verify.examine(connection, kit.charter, since)


@contextmanager
def unguarded(kit: Kit) -> Iterator[sa.Connection]:
    """Lend a connection to which the database's own guards do not apply; whatever it does is undone."""
    if is_postgresql(kit.engine):
        with kit.engine.execution_options(isolation_level="READ COMMITTED").connect() as connection:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            checks = sa.text(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
                " AND connamespace = 'public'::regnamespace"
            )
            for table, name in connection.execute(checks).all():
                connection.execute(sa.text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
            yield connection
            connection.rollback()
        return
    with kit.engine.connect() as connection:
        raw = connection.connection.driver_connection
        for statement in ("PRAGMA foreign_keys=OFF", "PRAGMA ignore_check_constraints=ON"):
            raw.execute(statement)
        try:
            triggers = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            for (name,) in triggers.all():
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
            yield connection
        finally:
            connection.rollback()
            for statement in ("PRAGMA foreign_keys=ON", "PRAGMA ignore_check_constraints=OFF"):
                raw.execute(statement)


def told(kit: Kit, deed: str = "", since: int | None = None) -> set[str]:
    """Do what somebody with the database did, one statement after another; give the sentences that verify then says."""
    with unguarded(kit) as connection:
        for statement in filter(None, deed.split(";")):
            assert connection.execute(sa.text(statement)).rowcount > 0, f"nothing was touched by {statement}"
        return {breach.sentence for breach in verify.check(connection, kit.charter, since)}


def untold(kit: Kit, tampered: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Do each deed to sound books; list those of which verify says no sentence that begins as it should."""
    assert told(kit) == set()
    ways = [(sentence, deed) for sentence, deeds in tampered.items() for deed in deeds]
    found = [way for way in ways if not any(said.startswith(way[0]) for said in told(kit, way[1]))]
    assert told(kit) == set(), "the tampering was not undone"
    return found
