"""An upgraded database holds the tables that the code knows, on both databases, from every earlier revision too."""

import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from tests.conftest import database, on_server
from wallet.kit import Kit
from wallet.store import migrate
from wallet.store.engine import is_postgresql, make_engine, snapshot, write
from wallet.store.migrate import MIGRATION_LOCK, MIGRATIONS
from wallet.store.tables import metadata


def test_a_migrated_database_holds_just_the_tables_of_the_code(kit: Kit) -> None:
    with kit.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_holds_just_the_checks_of_the_code(kit: Kit) -> None:
    found = sa.inspect(kit.engine)
    for table in metadata.sorted_tables:
        ours = {str(one.name) for one in table.constraints if isinstance(one, sa.CheckConstraint)}
        theirs = {str(one["name"]) for one in found.get_check_constraints(table.name)}
        assert theirs == ours, table.name


def test_each_revision_has_one_before_it_and_one_after_it() -> None:
    revisions = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())

    assert tuple(found.revision for found in reversed(revisions)) == migrate.REVISIONS

    assert all(not found.is_branch_point and not found.is_merge_point for found in revisions)


def test_upgrading_step_by_step_comes_to_the_same(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'wallet.sqlite3'}")
    revisions = [found.revision for found in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    for revision in reversed(revisions):
        migrate.upgrade(engine, revision)

    assert migrate.fault(engine) is None
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_new_file_of_the_books_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "wallet.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)

    with engine.connect():
        found = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()}
    engine.dispose()

    assert "wallet.sqlite3-wal" in found
    assert set(found.values()) == {"0o600"}, found


def test_ballots_and_runs_that_are_there_outlive_what_changes_their_tables(tmp_path: Path) -> None:
    path = tmp_path / "wallet.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, "0024")
    with closing(sqlite3.connect(path)) as books, books:
        # What a migration does not look at may be anything.
        books.execute("PRAGMA ignore_check_constraints = ON")
        add(books, "federation", id=1, zone="Asia/Tokyo", charter_on="2026-01-01")
        for key in (1, 2):
            add(books, "accounts", id=key, kind="wallet")
            add(books, "people", id=key, handle=f"p{key}", account_id=None)
        add(books, "coops", id=1, slug="mill", account_id=1, status="active")
        # It ended in the very instant in which Tokyo's 2027 began.
        ended = 1_798_729_200_000_000
        add(books, "ballots", id=7, parameter="sunset_months", from_value=180, to_value=156, state="passed",
            proposed_by=1, opened_by=2, opened_at=1, closes_at=ended, roll_hash="x")  # fmt: skip
        add(books, "ballot_coops", ballot_id=7, coop_id=1, eligible=1, yes=1, outcome="passed")
        add(books, "ballot_places", ballot_id=7, coop_id=1, person_id=1, voted=1)
        add(books, "ballot_papers", id="b", ballot_id=7, coop_id=1, choice="yes")
        for key, ends_on in ((1, "2027-01-01"), (2, "2028-01-01")):
            add(books, "dividend_runs", id=key, label=ends_on, ends_on=ends_on, state="posted", charter_version=1)
    tables = ("ballots", "ballot_coops", "ballot_places", "ballot_papers")
    before = {name: rows(path, name) for name in tables}
    migrate.upgrade(engine)

    assert {name: rows(path, name) for name in tables} == before
    assert [row[0] for row in rows(path, "dividend_runs", "charter_version")] == [1, 2]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check(ballot_papers)").all() == []
    engine.dispose()


def test_proposals_that_wait_are_of_their_own_kinds_after_an_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "wallet.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, "0044")
    with closing(sqlite3.connect(path)) as books, books:
        books.execute("PRAGMA ignore_check_constraints = ON")
        add(books, "accounts", id=1, kind="wallet")
        add(books, "people", id=1, handle="flo", account_id=None)
        add(books, "coops", id=1, slug="mill", account_id=1, status="active")
        for key, kind, subject, coop, content in (
            (1, "role", "mill ivo steward", 1, {"handle": "ivo", "role": "steward"}),
            (2, "role", 'mill "handle": cashier', 1, {"name": '"handle":', "role": "cashier"}),
            (3, "end_role", "mill ivo steward", 1, {"handle": "ivo", "role": "steward"}),
            (4, "end_role", "flo facilitator", None, {"handle": "flo", "role": "facilitator"}),
        ):
            add(books, "proposals", id=key, kind=kind, subject=subject, coop_id=coop, content=json.dumps(content),
                proposed_by=1, proposed_at=1, state="waiting")  # fmt: skip
    migrate.upgrade(engine)

    assert set(rows(path, "proposals", "kind, subject")) == {
        ("role", "mill ivo steward"),
        ("invite", 'mill "handle": cashier'),
        ("end_role", "mill ivo steward"),
        ("end_facilitator", "flo"),
    }
    engine.dispose()


def test_a_way_back_is_of_the_coop_that_asked_after_an_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "wallet.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, "0045")
    with closing(sqlite3.connect(path)) as books, books:
        books.execute("PRAGMA ignore_check_constraints = ON")
        add(books, "accounts", id=1, kind="wallet")
        add(books, "people", id=1, handle="flo", account_id=None)
        add(books, "coops", id=1, slug="mill", account_id=1, status="active")
        for key, kind, subject, state in (
            (1, "recover", "flo", "done"),
            (2, "recover", "flo", "waiting"),
            (3, "end_work", "mill flo", "waiting"),
        ):
            add(books, "proposals", id=key, kind=kind, subject=subject, coop_id=1, content='{"handle": "flo"}',
                proposed_by=1, proposed_at=1, decided_at=1 if state == "done" else None, state=state)  # fmt: skip
    migrate.upgrade(engine)

    assert [row[0] for row in rows(path, "proposals", "subject")] == ["mill flo"] * 3
    engine.dispose()


def test_a_federation_that_was_founded_in_a_zone_of_two_meanings_lives_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "wallet.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, "0033")
    with closing(sqlite3.connect(path)) as books, books:
        books.execute("PRAGMA ignore_check_constraints = ON")
        add(books, "federation", id=1, zone="MET")
    migrate.upgrade(engine)

    assert rows(path, "federation", "zone") == [("Europe/Brussels",)]
    engine.dispose()


def test_a_migration_waits_for_another_one(engine: sa.Engine) -> None:
    def migrating(connection: sa.Connection) -> None:
        if is_postgresql(connection):
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        second.start()
        second.join(0.5)
        assert second.is_alive()

    second = threading.Thread(target=migrate.upgrade, args=(engine,))
    write(engine, migrating)
    second.join(20)

    assert not second.is_alive()


def test_a_migration_that_waits_for_a_table_lets_others_by_and_gives_up(
    cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is held by a reader that does not end; the next reader queues behind the migration."""
    monkeypatch.setattr(migrate, "LOCK_WAIT_MS", 300)
    on_server(cluster, "CREATE DATABASE upgraded")
    engine = make_engine(database(cluster, "upgraded"))
    migrate.upgrade(engine, "0035")
    with ThreadPoolExecutor(1) as pool, snapshot(engine) as reader:
        look = "SELECT count(*) FROM proposals"
        reader.exec_driver_sql(look)
        upgrading = pool.submit(migrate.upgrade, engine, "0036")
        with engine.connect() as other:
            while not other.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one():
                assert not upgrading.done()
            other.exec_driver_sql("SET lock_timeout = '20s'")
            assert other.exec_driver_sql(look).scalar_one() == 0
        with pytest.raises(CommandError, match="try again later"):
            upgrading.result()

    migrate.upgrade(engine)
    assert migrate.fault(engine) is None
    engine.dispose()
    on_server(cluster, "DROP DATABASE upgraded")


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("taken", ["USAGE ON SCHEMA public", "SELECT ON alembic_version"])
def test_a_role_that_may_not_use_the_tables_is_not_told_that_they_are_behind(engine: sa.Engine, taken: str) -> None:
    with engine.connect() as connection:
        for statement in (
            "CREATE ROLE stranger LOGIN", "GRANT USAGE ON SCHEMA public TO stranger",
            "GRANT SELECT ON alembic_version TO stranger",
        ):  # fmt: skip
            connection.exec_driver_sql(statement)
        stranger = make_engine(str(engine.url.set(username="stranger")))
        try:
            assert migrate.fault(stranger) is None
            # By default everybody may.
            connection.exec_driver_sql(f"REVOKE {taken} FROM stranger, PUBLIC")
            assert migrate.fault(stranger) == migrate.MAY_NOT
        finally:
            stranger.dispose()
            connection.exec_driver_sql("DROP OWNED BY stranger")
            connection.exec_driver_sql("DROP ROLE stranger")


def add(books: sqlite3.Connection, table: str, **values: object) -> None:
    """Add a row; what must be there and is not given is nothing."""
    for _number, name, kind, needed, default, _key in books.execute(f"PRAGMA table_info({table})").fetchall():
        if needed and default is None and name not in values:
            values[name] = "" if kind == "TEXT" else 0
    marks = ", ".join("?" * len(values))
    books.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))


def rows(path: Path, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    """Give a table's rows."""
    with closing(sqlite3.connect(path)) as books:
        return sorted(books.execute(f"SELECT {columns} FROM {table}").fetchall())
