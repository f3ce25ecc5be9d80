"""What each command answers to a script: 0 done, 1 failed, 2 could not; one sentence and never a page of code."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from tests.imports import ROOT
from wallet.errors import refuse
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import ballots
from wallet.store import migrate

COMMANDS = (
    ("db",), ("db", "upgrade"), ("db", "check"), ("init",), ("demo",), ("assets",), ("assets", "build"), ("replay",),
    ("verify",), ("backup",), ("restore",), ("dividend",), ("doctor",), ("simulate",), ("payday",), ("ballots",),
    ("facilitators",),
)  # fmt: skip
AppOn = Callable[[str], Flask]
NOT_A_DATABASE = "file is not a database"


def run(app: Flask, *arguments: str) -> Result:
    """Run one command in this process."""
    return app.test_cli_runner().invoke(args=[*arguments])


@pytest.fixture
def app_on(kit: Kit, elsewhere: Callable[[str], sa.Engine]) -> AppOn:
    """Build the application on another database."""
    return lambda url: create_app(replace(kit.settings, database_url=url), engine=elsewhere(url), clock=kit.clock)


@pytest.fixture
def on_empty(app_on: AppOn, tmp_path: Path) -> Flask:
    """Give the application on a database in which nothing is yet."""
    (tmp_path / "empty.sqlite3").touch()
    return app_on(f"sqlite:///{tmp_path / 'empty.sqlite3'}")


@pytest.fixture
def broken(app_on: AppOn, tmp_path: Path) -> Flask:
    """Give the application on a file that is no database."""
    path = tmp_path / "broken.sqlite3"
    path.write_text("This is a letter and no database, and it is long enough to be looked at as one." * 20)
    return app_on(f"sqlite:///{path}")


def test_every_command_explains_itself(app: Flask) -> None:
    for command in COMMANDS:
        told = run(app, *command, "--help")
        assert told.exit_code == 0, command
        assert told.output.startswith("Usage: "), command


def test_the_schema_is_newest_behind_or_cannot_be_checked(
    app: Flask, broken: Flask, on_empty: Flask, tmp_path: Path
) -> None:
    assert run(app, "db", "check").exit_code == 0
    assert (run(on_empty, "db", "check").exit_code, "db upgrade" in run(on_empty, "db", "check").output) == (1, True)
    told = run(broken, "db", "check")
    assert (told.exit_code, NOT_A_DATABASE in told.output) == (2, True)

    begun, again = (run(on_empty, "db", "upgrade") for _ in range(2))
    assert (begun.exit_code, again.exit_code, again.output) == (0, 0, "")
    assert begun.output == f"A new database was begun, which holds nothing yet: {tmp_path / 'empty.sqlite3'}\n"
    assert run(on_empty, "db", "check").exit_code == 0
    told = run(broken, "db", "upgrade")
    assert (told.exit_code, NOT_A_DATABASE in told.output) == (1, True)


def test_books_are_sound_or_cannot_be_checked(app: Flask, broken: Flask, on_empty: Flask) -> None:
    assert run(app, "verify").exit_code == 0
    for unreadable in (broken, on_empty):
        assert run(unreadable, "verify").exit_code == 2
        told = run(unreadable, "verify", "--json")
        assert (told.exit_code, '"sound": null' in told.output) == (2, True)


@pytest.mark.parametrize("command", [("demo",), ("init", "--name", "Valley")])
def test_nothing_is_founded_in_what_is_no_database(broken: Flask, command: tuple[str, ...]) -> None:
    told = run(broken, *command)
    assert (told.exit_code, NOT_A_DATABASE in told.output) == (1, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"DATABASE_URL": "paper://here"}, {"DATABASE_URL": "sqlite://"}, {"DATABASE_URL": "mysql://me:geheim@here/x"},
        {"DATABASE_URL": "postgres://me:geheim@here:port/x"}, {"DATABASE_URL": "postgresql+psycopg2://me:geheim@here/x"},
        {"DATABASE_URL": "postgres://me:p@geheim@here/x"},
        {"PORT": "eighty"}, {"PORT": "65536"}, {"WEB_CONCURRENCY": "two"}, {"WEB_THREADS": "0"},
        {"WALLET_ORIGIN": "here"}, {"WALLET_ORIGIN": "https://[here"}, {"WALLET_ORIGIN": "https://me@wallet.example"},
        {"WALLET_ORIGIN": "https://wallet.example:99999"}, {"WALLET_DEMO": "true"},
        {"WALLET_TRUSTED_PROXIES": "10.0.0.1, router"},
    ],
)  # fmt: skip
def test_settings_with_which_nothing_can_start_are_told_in_one_line(wrong: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "app", "verify"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | wrong, capture_output=True, text=True, check=False)
    assert done.returncode == 2, "1 would say that the books are broken"
    assert len(done.stderr.splitlines()) == 1
    (name, _value), *_rest = wrong.items()
    assert name in done.stderr
    assert "geheim" not in done.stderr


def test_a_database_of_a_newer_version_is_told_from_one_that_is_behind(kit: Kit, app: Flask, tmp_path: Path) -> None:
    with kit.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    for command, status in (
        (("db", "upgrade"), 1), (("db", "check"), 1), (("init", "--name", "Valley"), 1), (("verify",), 2),
        (("demo",), 1), (("doctor",), 1), (("payday",), 1), (("dividend",), 1), (("ballots",), 1),
    ):  # fmt: skip
        told = run(app, *command)
        assert (told.exit_code, "newer version of the wallet" in told.output) == (status, True), command
        assert "db upgrade" not in told.output, command


def test_books_behind_a_schema_that_is_not_ours_are_not_called_sound(app_on: AppOn, tmp_path: Path) -> None:
    behind = app_on(f"sqlite:///{tmp_path / 'behind.sqlite3'}")
    migrate.upgrade(behind.extensions["kit"].engine, "0037")

    told = run(behind, "verify")
    assert (told.exit_code, told.output) == (2, f"Could not check the books: {migrate.BEHIND}\n")


def test_what_the_driver_said_is_told_in_one_line(app_on: AppOn, broken: Flask, tmp_path: Path) -> None:
    gone = app_on(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")
    (tmp_path / "copy").write_bytes(b"PGDMP")
    for app in (broken, gone):
        for command in (("verify",), ("backup", str(tmp_path / "new")), ("restore", str(tmp_path / "copy"))):
            told = run(app, *command)
            assert (told.output.count("\n"), "sqlalche.me" in told.output) == (1, False), told.output


def test_a_number_that_no_row_can_have_is_no_place_to_begin(app: Flask) -> None:
    assert run(app, "verify", "--since", str(2**63 - 1)).exit_code == 0
    assert run(app, "verify", "--since", str(2**63)).exit_code == 2


@pytest.mark.parametrize("command", ["dividend", "payday", "ballots"])
def test_what_a_timer_runs_on_another_schema_touches_nothing_and_says_what_to_do(
    app_on: AppOn, on_empty: Flask, tmp_path: Path, command: str
) -> None:
    behind = app_on(f"sqlite:///{tmp_path / 'behind.sqlite3'}")
    migrate.upgrade(behind.extensions["kit"].engine, "0037")

    for app in (behind, on_empty):
        told = run(app, command)
        assert (told.exit_code, told.output) == (1, f"Error: {migrate.BEHIND}\n")


@pytest.mark.parametrize("command", ["dividend", "payday"])
def test_what_is_paid_by_a_timer_says_in_one_line_why_nothing_was(app: Flask, broken: Flask, command: str) -> None:
    told = run(broken, command)
    assert (told.exit_code, NOT_A_DATABASE in told.output, told.output.count("\n")) == (1, True, 1)
    told = run(app, command)
    assert (told.exit_code, told.output.count("\n")) == (0, 1), "nobody has founded a federation yet"


def test_ballots_that_wait_for_another_writer_are_said_not_to_be_closed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_given: object) -> NoReturn:
        raise refuse("busy")

    monkeypatch.setattr(ballots, "close_due", busy)
    told = run(app, "ballots")

    assert (told.exit_code, told.output.count("\n")) == (1, 1)
    assert told.output.startswith("Error: No ballot was closed: The wallet is busy.")


def test_a_drawing_that_cannot_be_kept_is_told(app: Flask, tmp_path: Path) -> None:
    told = run(app, "simulate", "--years", "2", "--chart", str(tmp_path / "nowhere" / "chart.svg"))
    assert (told.exit_code, "The drawing was not written" in told.output) == (1, True)


def test_a_database_without_a_wallet_is_not_backed_up(on_empty: Flask, tmp_path: Path) -> None:
    told = run(on_empty, "backup", str(tmp_path / "copy"))
    assert (told.exit_code, "holds no wallet" in told.output, (tmp_path / "copy").exists()) == (1, True, False)


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("verify",), 2), (("verify", "--json"), 2), (("db", "check"), 2), (("doctor",), 2), (("payday",), 1),
        (("dividend",), 1), (("ballots",), 1), (("init", "--name", "Valley"), 1), (("backup", "copy"), 1),
    ],
)  # fmt: skip
def test_a_database_whose_name_is_mistyped_is_told_and_not_made(
    app_on: AppOn, tmp_path: Path, command: tuple[str, ...], status: int
) -> None:
    typo = tmp_path / "instence" / "wallet.sqlite3"

    told = run(app_on(f"sqlite:///{typo}"), *command)

    assert (told.exit_code, f"There is no database {typo}. " in told.output) == (status, True), told.output
    assert not typo.parent.exists()


@pytest.mark.parametrize("command", ["demo", "db upgrade"])
def test_where_no_file_can_be_made_no_database_is(app_on: AppOn, command: str) -> None:
    told = run(app_on("sqlite:////proc/nowhere/wallet.sqlite3"), *command.split())

    assert (told.exit_code, "No database can be kept there" in told.output, told.output.count("\n")) == (1, True, 1)


def test_whoever_reads_why_a_command_failed_reads_nothing_of_a_row(
    kit: Kit, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(_kit: Kit) -> NoReturn:
        said = "no such till\nDETAIL:  Failing row contains (K7M2QX9P).\nCONTEXT:  $1 = 'Nia'"
        raise sa.exc.IntegrityError("INSERT INTO keys", {}, Exception(said))

    monkeypatch.setattr(ballots, "close_due", fall)

    told = run(app, "ballots")

    assert (told.exit_code, told.output) == (1, "Error: No ballot was closed: no such till\n")
