"""A command that is stopped in its middle, or whose answer nobody takes: a sentence, and no status of a finding."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import Result
from flask import Flask

from tests import cast
from tests.imports import ROOT
from tests.postgres import found_programs
from wallet.cli import demo, init, verify
from wallet.kit import Kit
from wallet.services import payruns
from wallet.store import federation, halts
from wallet.store.engine import reading

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def stops_count() -> Iterator[None]:
    """Undo what `nohup` and a shell's background do to a test run: a command rightly goes on after what is ignored."""
    usual = {
        signal.SIGHUP: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
    }
    yield
    for each, handler in usual.items():
        signal.signal(each, handler)


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=[*arguments])


def stopping(number: signal.Signals) -> NoReturn:
    """Be told to stop, as by a service manager or a terminal."""
    assert signal.getsignal(number) is not signal.SIG_DFL, "the whole test run would end"
    os.kill(os.getpid(), number)
    raise AssertionError("it goes on")


@pytest.mark.parametrize("number", STOPS)
def test_a_check_that_is_stopped_has_found_nothing(
    app: Flask, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "examined", lambda *_given: stopping(number))

    told = run(app, "verify")

    assert (told.exit_code, told.output.count("\n")) == (2, 1), "1 would say that the books are broken"
    assert "Stopped before its end" in told.stderr
    monkeypatch.undo()
    assert run(app, "verify").exit_code == 0
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("number", STOPS)
def test_a_backup_that_is_stopped_leaves_nothing_beside_it(
    app: Flask, kit: Kit, number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.build(kit)
    monkeypatch.setenv("PATH", f"{found_programs()}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(Path, "replace", lambda *_given: stopping(number))
    (tmp_path / "copies").mkdir()

    told = run(app, "backup", str(tmp_path / "copies" / "today"))

    assert (told.exit_code, told.output.count("\n")) == (2, 1)
    assert list((tmp_path / "copies").iterdir()) == [], "a half copy holds names and sums"


@pytest.mark.parametrize("number", STOPS)
def test_a_payday_that_is_stopped_says_so(app: Flask, number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payruns, "post_due", lambda *_given: stopping(number))

    told = run(app, "payday")

    assert (told.exit_code, told.output.count("\n")) == (2, 1), "1 would say that a run could not be paid"


@pytest.mark.parametrize("ended", [KeyboardInterrupt, EOFError])
def test_who_stops_at_a_question_has_founded_nothing_and_reads_so(
    app: Flask, kit: Kit, ended: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_given: object) -> NoReturn:
        raise ended

    monkeypatch.setattr(init, "is_somebody_there", lambda: True)
    monkeypatch.setattr("click.termui.visible_prompt_func", stopped)

    told = run(app, "init")

    assert told.exit_code == 2, "1 would say that the answers do not do"
    assert "Stopped before its end" in told.stderr
    with reading(kit.engine) as connection:
        assert federation.founded_zone(connection) is None


@pytest.mark.parametrize("number", STOPS)
def test_a_demo_that_is_stopped_is_not_told_to_run_again(
    app: Flask, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "fill", lambda *_given: stopping(number))

    told = run(app, "demo")

    assert (told.exit_code, told.output.count("\n")) == (2, 1)
    assert "empty database" in told.stderr, "what is half filled is not filled on"


@pytest.mark.breaks_books
def test_broken_books_stop_payments_though_nobody_can_be_told(kit: Kit) -> None:
    cast.build(kit)
    with kit.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET balance_minor = balance_minor + 1 WHERE kind = 'wallet'")
    command = [sys.executable, "-m", "flask", "--app", "app", "verify"]
    environment = os.environ | {"DATABASE_URL": kit.settings.database_url}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert done.returncode == 2
    assert done.stderr == "What there is to say could not be written: No space left on device.\n"
    with reading(kit.engine) as connection:
        assert halts.since(connection) is not None
