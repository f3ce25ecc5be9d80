"""Backup, destroy, restore, verify: nothing is lost, and nothing is half brought back."""

import itertools
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import cast
from tests.faults.killed import KILLED, killed_at
from tests.persona import sign_in
from tests.postgres import found_programs
from wallet.factory import create_app
from wallet.services import gifts, sessions
from wallet.store import copies, halts, migrate, verify
from wallet.store.engine import make_engine, write
from wallet.store.tables import metadata
from wallet.store.tables import sessions as session_rows

# More points than any act has.
NEVER = 10_000


@pytest.fixture(autouse=True)
def programs(monkeypatch):
    """Have PostgreSQL's own programs of the running server's version found first."""
    monkeypatch.setenv("PATH", f"{found_programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def valley(kit):
    return cast.build(kit)


@pytest.fixture
def run(kit):
    app = create_app(kit.settings, engine=kit.engine, clock=kit.clock)
    return lambda *arguments: app.test_cli_runner().invoke(args=[str(each) for each in arguments])


def everything(engine):
    with engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in metadata.sorted_tables
            if table is not session_rows
        }


def destroy(engine):
    engine.dispose()
    if engine.dialect.name == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(engine.url.database + end).unlink(missing_ok=True)
        return
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


def test_what_was_backed_up_and_destroyed_comes_back_whole(valley, run, tmp_path):
    file = tmp_path / "copy"
    before = everything(valley.engine)

    saved = run("backup", file)
    destroy(valley.engine)
    restored = run("restore", file)

    assert (saved.exit_code, restored.exit_code) == (0, 0), saved.output + restored.output
    assert everything(valley.engine) == before
    assert run("verify").exit_code == 0
    assert migrate.fault(valley.engine) is None
    assert file.stat().st_mode & 0o077 == 0


def test_after_a_restore_the_wallet_goes_on(valley, run, tmp_path, balances):
    run("backup", tmp_path / "copy")
    destroy(valley.engine)
    run("restore", tmp_path / "copy")

    gifts.send(valley, "ana", "ben", 100, key="after the restore")

    assert balances()["ben"] == cast.WAGE_RES_MINOR + 100


@pytest.mark.only_on("postgresql")
def test_what_arrives_is_looked_at_and_served_with_statistics_of_its_rows(valley, run, tmp_path):
    known = []
    run("backup", tmp_path / "copy")
    rows = "SELECT COUNT(*) FROM pg_stats WHERE schemaname = current_schema AND tablename = 'transfers'"

    def look(engine):
        with engine.connect() as connection:
            known.append(connection.exec_driver_sql(rows).scalar_one())

    copies.load(valley.engine, tmp_path / "copy", look)
    look(valley.engine)

    assert min(known) > 0


@pytest.mark.only_on("postgresql")
def test_a_restore_writes_nothing_of_the_books_onto_another_disk(valley, run, tmp_path, monkeypatch):
    run("backup", tmp_path / "copy")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no room"))

    restored = run("restore", "--replace", tmp_path / "copy")

    assert restored.exit_code == 0, restored.output


@pytest.mark.only_on("postgresql")
def test_nothing_stays_of_a_copy_that_cannot_be_read_to_its_end(valley, run, tmp_path):
    before = everything(valley.engine)
    run("backup", tmp_path / "copy")
    whole = (tmp_path / "copy").read_bytes()

    for length in range(len(whole) // 2, len(whole), len(whole) // 8):
        (tmp_path / "half").write_bytes(whole[:length])
        refused = run("restore", "--replace", tmp_path / "half")
        assert (refused.exit_code, "as before" in refused.output) == (1, True), length
        assert sa.inspect(valley.engine).get_schema_names() == ["information_schema", "public"], length
    assert everything(valley.engine) == before


def test_a_federation_is_replaced_only_when_asked(valley, run, tmp_path):
    run("backup", tmp_path / "copy")
    then = everything(valley.engine)
    gifts.send(valley, "ana", "ben", 100, key="after the backup")
    now = everything(valley.engine)

    refused = run("restore", tmp_path / "copy")
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert everything(valley.engine) == now

    assert run("restore", "--replace", tmp_path / "copy").exit_code == 0
    assert everything(valley.engine) == then


def test_nobody_is_signed_in_after_a_restore(valley, run, tmp_path):
    bearer = sessions.bearer(sign_in(valley, "ana"))
    assert bearer is not None
    run("backup", tmp_path / "copy")
    run("restore", "--replace", tmp_path / "copy")

    assert sessions.look_up(valley, bearer) is None


def test_payments_that_were_stopped_in_the_backup_go_on_once_its_books_are_found_sound(valley, run, tmp_path, balances):
    write(valley.engine, lambda connection: halts.stop(connection, "a test", valley.clock()))
    run("backup", tmp_path / "copy")

    restored = run("restore", "--replace", tmp_path / "copy")

    assert (restored.exit_code, "Payments go on." in restored.output) == (0, True), restored.output
    gifts.send(valley, "ana", "ben", 100, key="after the restore")
    assert balances()["ben"] == cast.WAGE_RES_MINOR + 100


def test_an_older_backup_is_brought_to_the_newest_schema(engine, kit, run, tmp_path):
    destroy(engine)
    migrate.upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO federation (id, name, zone) VALUES (1, 'Old Valley', 'UTC')")
    run("backup", tmp_path / "copy")

    restored = run("restore", "--replace", tmp_path / "copy")

    assert restored.exit_code == 0, restored.output
    assert migrate.fault(engine) is None


@pytest.mark.breaks_books
def test_a_backup_of_a_time_zone_that_is_not_known_here_replaces_nothing(valley, run, tmp_path):
    sound = everything(valley.engine)
    run("backup", tmp_path / "sound")
    with valley.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE federation SET zone = 'Nowhere/Land'")
    run("backup", tmp_path / "nowhere")
    assert run("restore", "--replace", tmp_path / "sound").exit_code == 0

    refused = run("restore", "--replace", tmp_path / "nowhere")

    assert refused.exit_code == 1
    assert "No time zone found with key Nowhere/Land" in refused.output
    assert everything(valley.engine) == sound


@pytest.mark.breaks_books
def test_a_backup_with_broken_books_replaces_nothing(valley, run, tmp_path):
    sound = everything(valley.engine)
    run("backup", tmp_path / "sound")
    with valley.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE accounts SET balance_minor = balance_minor + 1 WHERE kind = 'wallet'")
        connection.commit()
    run("backup", tmp_path / "broken")
    assert run("restore", "--replace", tmp_path / "sound").exit_code == 0

    refused = run("restore", "--replace", tmp_path / "broken")

    assert refused.exit_code == 1
    assert "broken" in refused.output
    assert everything(valley.engine) == sound


@pytest.mark.breaks_books
def test_a_backup_in_which_a_day_is_none_replaces_nothing(valley, run, tmp_path):
    sound = everything(valley.engine)
    run("backup", tmp_path / "sound")
    with valley.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE federation SET charter_on = '2026-13-01'")
    run("backup", tmp_path / "broken")
    assert run("restore", "--replace", tmp_path / "sound").exit_code == 0

    refused = run("restore", "--replace", tmp_path / "broken")

    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "The books in this backup are broken: I9 federation 1: Its charter_on is no day." in refused.output
    assert everything(valley.engine) == sound


def test_a_backup_over_which_a_check_falls_replaces_nothing(valley, run, tmp_path, monkeypatch):
    def fall(*_given):
        raise RecursionError("a secret of the books")

    sound = everything(valley.engine)
    run("backup", tmp_path / "copy")
    monkeypatch.setattr(verify, "examine", fall)

    refused = run("restore", "--replace", tmp_path / "copy")

    monkeypatch.undo()
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert refused.output.startswith("Nothing was restored; the database is as before. An error came that nobody")
    assert "secret" not in refused.output
    assert everything(valley.engine) == sound


def test_a_restore_that_is_killed_leaves_all_in_place_and_so_does_the_next_that_is_refused(
    valley, run, tmp_path, monkeypatch
):
    # Who is killed takes nothing away: what they leave goes with the test.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run("backup", tmp_path / "copy")
    then = everything(valley.engine)
    gifts.send(valley, "ana", "ben", 100, key="after the backup")
    now = everything(valley.engine)
    (tmp_path / "half").write_bytes((tmp_path / "copy").read_bytes()[:5000])
    seen = []

    def bring(killed):
        copies.load(killed.engine, tmp_path / "copy", lambda _engine: killed.engine.connect().close())

    def bring_and_die(killed):
        copies.load(killed.engine, tmp_path / "copy", lambda _engine: os._exit(KILLED))

    assert killed_at(valley, NEVER, bring_and_die) is None
    assert everything(valley.engine) == now
    for point in itertools.count(1):
        came_through = killed_at(valley, point, bring) is not None
        seen.append(everything(valley.engine))
        assert seen[-1] in (now, then), point
        for again in ((), ("--replace",)):
            assert run("restore", *again, tmp_path / "half").exit_code == 1
        assert everything(valley.engine) == seen[-1], point
        if came_through:
            break
    assert seen[-1] == then


def test_a_backup_of_nobody_replaces_no_federation(valley, run, tmp_path):
    before, empty = everything(valley.engine), tmp_path / "empty.sqlite3"
    other = make_engine(f"sqlite:///{empty}")
    migrate.upgrade(other)
    copies.save(other, tmp_path / "copy")
    other.dispose()

    refused = run("restore", "--replace", tmp_path / "copy")

    assert refused.exit_code == 1
    assert ("no federation" if valley.engine.dialect.name == "sqlite" else "backup of") in refused.output
    assert everything(valley.engine) == before


def test_a_damaged_or_foreign_file_replaces_nothing(valley, run, tmp_path):
    before = everything(valley.engine)
    run("backup", tmp_path / "copy")
    whole = (tmp_path / "copy").read_bytes()
    with closing(sqlite3.connect(tmp_path / "other.sqlite3")) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    for name, content in (("empty", b""), ("half", whole[: len(whole) // 2]), ("text", b"a letter " * 99)):
        (tmp_path / name).write_bytes(content)

    for name in ("empty", "half", "text", "other.sqlite3"):
        refused = run("restore", "--replace", tmp_path / name)
        assert refused.exit_code == 1, name
        assert "as before" in refused.output
    assert everything(valley.engine) == before


def test_a_backup_that_cannot_be_written_leaves_the_older_one(valley, run, tmp_path, monkeypatch):
    file = tmp_path / "copy"
    run("backup", file)
    older = file.read_bytes()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    assert run("backup", file).exit_code == 1
    assert run("backup", tmp_path / "nowhere" / "copy").exit_code == 1
    assert file.read_bytes() == older
    assert [path.name for path in tmp_path.glob(".backup-*")] == []


def test_a_backup_takes_the_place_of_no_database_that_is_in_use(valley, run, tmp_path):
    file = valley.engine.url.database
    if valley.engine.dialect.name != "sqlite":
        return
    (tmp_path / "link").symlink_to(file)
    before = Path(file).stat().st_ino

    for name in (file, f"{file}-wal", f"{file}-shm", f"{file}-journal", tmp_path / "link"):
        refused = run("backup", name)
        assert (refused.exit_code, "is the database itself" in refused.output) == (1, True), name
    assert Path(file).stat().st_ino == before, "the wallet would go on in a file that has no name any more"
    assert (tmp_path / "link").is_symlink()


def test_a_restore_makes_a_database_that_is_not_there_only_of_a_sound_backup(valley, kit, run, tmp_path):
    if valley.engine.dialect.name != "sqlite":
        return
    (tmp_path / "letter").write_text("no backup", encoding="utf-8")
    run("backup", tmp_path / "copy")
    before, new = everything(valley.engine), tmp_path / "new" / "wallet.sqlite3"
    other = make_engine(f"sqlite:///{new}")
    app = create_app(kit.settings, engine=other, clock=kit.clock)

    refused = app.test_cli_runner().invoke(args=["restore", str(tmp_path / "letter")])
    assert (refused.exit_code, new.parent.exists()) == (1, False)
    restored = app.test_cli_runner().invoke(args=["restore", str(tmp_path / "copy")])
    assert restored.exit_code == 0, restored.output
    assert everything(other) == before
    other.dispose()


def test_a_backup_takes_the_place_of_no_device(run, valley, tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert run("backup", tmp_path / "pipe").exit_code == 1
    assert (tmp_path / "pipe").is_fifo(), "as root it would be /dev/null"


def test_who_may_not_replace_the_tables_reads_why(valley, run, tmp_path):
    if valley.engine.dialect.name == "sqlite":
        return
    run("backup", tmp_path / "copy")
    before = everything(valley.engine)
    with valley.engine.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE guest LOGIN")
        connection.exec_driver_sql("GRANT ALL ON SCHEMA public TO guest")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest")
    guest = make_engine(str(valley.engine.url.set(username="guest")))
    try:
        with pytest.raises(copies.CannotCopy, match=r"must be owner of schema|permission denied"):
            copies.load(guest, tmp_path / "copy", lambda _engine: None)
    finally:
        guest.dispose()
        with valley.engine.connect() as connection:
            connection.exec_driver_sql("DROP OWNED BY guest")
            connection.exec_driver_sql("DROP ROLE guest")
    assert everything(valley.engine) == before


@pytest.fixture
def guarded(valley):
    """Give the address of the database for a role that the server asks for its password."""
    password = "it's p@ss/w%rd"
    hba = Path(valley.engine.url.query["host"]) / "data" / "pg_hba.conf"
    before = hba.read_text()
    quoted = password.replace("'", "''")
    with valley.engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE guarded SUPERUSER LOGIN PASSWORD '{quoted}'".replace("%", "%%"))
        hba.write_text(f"local all guarded scram-sha-256\n{before}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    yield valley.engine.url.set(username="guarded", password=password).render_as_string(hide_password=False)
    with valley.engine.connect() as connection:
        connection.exec_driver_sql("REASSIGN OWNED BY guarded TO CURRENT_USER")
        connection.exec_driver_sql("DROP ROLE guarded")
        hba.write_text(before)
        connection.exec_driver_sql("SELECT pg_reload_conf()")


@pytest.mark.only_on("postgresql")
def test_a_database_with_a_password_is_backed_up_and_comes_back(valley, guarded, elsewhere, tmp_path):
    before = everything(valley.engine)
    engine = elsewhere(guarded)

    copies.save(engine, tmp_path / "copy")
    destroy(valley.engine)
    copies.load(engine, tmp_path / "copy", lambda _engine: None)

    assert everything(valley.engine) == before


def test_a_backup_of_the_other_kind_is_refused_by_name(kit, run, tmp_path):
    first = b"PGDMP" if kit.engine.dialect.name == "sqlite" else b"SQLite format 3\x00"
    (tmp_path / "copy").write_bytes(first + bytes(100))

    refused = run("restore", tmp_path / "copy")

    assert refused.exit_code == 1
    assert "backup of" in refused.output


def test_without_the_programs_of_postgresql_the_line_says_which_is_missing(kit, run, tmp_path, monkeypatch):
    if kit.engine.dialect.name == "sqlite":
        assert run("backup", tmp_path / "copy").exit_code == 0
        return
    monkeypatch.setenv("PATH", str(tmp_path))

    refused = run("backup", tmp_path / "copy")

    assert refused.exit_code == 1
    assert "pg_dump is missing" in refused.output
