"""The command that brings in a history: where its report goes, and what is said when it cannot go there."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.imports import ROOT
from wallet.cli.replay import BOOK, command
from wallet.kit import Kit
from wallet.services import network
from wallet.services.replay import replay
from wallet.store import verify
from wallet.store.engine import make_engine, snapshot

HISTORY = """at,kind,coop,member,other,amount,cash,minutes,ref
2026-01-05T10:00:00Z,coop,mill,,,1000.00,,,
2026-01-05T10:00:00Z,member,mill,ana,,,,,
2026-01-31T10:00:00Z,pay,mill,ana,,1000.00,,9600,p1
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    (tmp_path / "events.csv").write_text(HISTORY, encoding="utf-8")
    return f"sqlite:///{tmp_path / 'history.sqlite3'}"


def run(tmp_path: Path, url: str, report: str) -> Result:
    return CliRunner().invoke(command, [str(tmp_path / "events.csv"), "--database", url, "--report", report])


def transfers(url: str) -> int:
    engine = make_engine(url)
    with snapshot(engine) as connection:
        found = verify.examine(connection).transfers
    engine.dispose()
    return found


def test_a_report_that_cannot_be_kept_after_all_is_printed(tmp_path: Path, url: str) -> None:
    told = run(tmp_path, url, "/dev/full")

    assert told.exit_code == 1, "who asked for a file has none"
    assert "The history was brought in" in told.stderr
    assert json.loads(told.stdout[told.stdout.index("{") : told.stdout.rindex("}") + 1])["transfers"] == 1
    assert transfers(url) == 1


def test_a_report_that_cannot_be_printed_leaves_the_history_brought_in_and_says_so(tmp_path: Path, url: str) -> None:
    asked = [sys.executable, "-m", "flask", "--app", "app", "replay", str(tmp_path / "events.csv"), "--database", url]

    with Path("/dev/full").open("w") as full:
        told = subprocess.run(asked, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert told.returncode == 1, "2 would say that nothing was brought in"
    assert told.stderr.startswith("The history was brought in, but its report could not be printed: No space left")
    assert transfers(url) == 1


def test_a_history_that_is_stopped_in_its_middle_begins_again_elsewhere(
    app: Flask, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped_at_its_end(kit: Kit, lines: Iterable[str], *given: Any, **options: Any) -> NoReturn:
        replay(kit, lines, *given, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr("wallet.cli.replay.replay", stopped_at_its_end)
    asked = ["replay", str(tmp_path / "events.csv"), "--database", url]
    told = app.test_cli_runner().invoke(args=asked)
    monkeypatch.undo()

    assert (told.exit_code, told.stderr) == (2, "Stopped before its end. Start again with an empty database.\n")
    assert "Replay into an empty one" in app.test_cli_runner().invoke(args=asked).stderr


@pytest.mark.usefixtures("url")
def test_a_history_comes_in_alone_whoever_brings_another_meanwhile(
    kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = kit.engine.url.render_as_string(hide_password=False)
    asked = [str(tmp_path / "events.csv"), "--database", database]
    meanwhile: list[Result] = []

    def admit_when_another_came(kit: Kit, coop: str, line_minor: int) -> None:
        monkeypatch.undo()
        meanwhile.append(CliRunner().invoke(command, asked))
        network.admit_coop(kit, coop, line_minor)

    monkeypatch.setattr("wallet.cli.replay.BOOK", replace(BOOK, admit_coop=admit_when_another_came))
    told = CliRunner().invoke(command, asked)

    [other] = meanwhile
    assert (other.exit_code, other.stderr) == (
        2, "Not replayed: Another history is being brought into this database.\n",
    )  # fmt: skip
    assert (told.exit_code, json.loads(told.stdout)["refused"]) == (0, [])
    assert not Path(f"{kit.engine.url.database}-filling").exists()


def test_where_no_report_can_go_nothing_is_brought_in(tmp_path: Path, url: str) -> None:
    told = run(tmp_path, url, str(tmp_path / "nowhere" / "report.json"))

    assert (told.exit_code, "There is no folder" in told.output) == (2, True)
    assert not (tmp_path / "history.sqlite3").exists()


def test_a_report_overwrites_neither_the_history_nor_the_books(tmp_path: Path, url: str) -> None:
    (tmp_path / "other name").symlink_to(tmp_path / "events.csv")

    for name in ("events.csv", "other name", "history.sqlite3", "history.sqlite3-wal"):
        told = run(tmp_path, url, str(tmp_path / name))
        assert (told.exit_code, "would overwrite" in told.output, told.output.count("\n")) == (2, True, 1), name
    assert (tmp_path / "events.csv").read_text(encoding="utf-8") == HISTORY
    assert transfers(url) == 0
