"""The month of the public counter trace, replayed on both databases and held against the oracle."""

import hashlib
import io
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.model_events import History, rows
from tests.trace import DATA, Month, Trace, month
from wallet.cli.replay import BOOK, as_text
from wallet.cli.replay import command as replay_command
from wallet.kit import Kit
from wallet.services.replay import replay

PACKED = "f477bb1ec11f85a6e4d7c17e3216350376f2b9c42c3f26a27d0b239340947129"
# Why a line of the month is refused, by kind and code. Nothing else may be.
EXPLAINED = {
    ("sale", "bad_amount"): "an empty checkout: a sale of nothing",
    ("sale", "insufficient_funds"): "offered all in RES with too little of it; the next try offers what is there",
    ("sale", "account_not_open"): "at the co-op with the fewest checkouts, after it had left",
    ("supply", "account_not_open"): "from or to the co-op that had left",
    ("fund", "account_not_open"): "by the co-op that had left",
    ("refund", "refund_exceeds_sale"): "a refund asked for once too often",
}


@pytest.fixture(scope="module")
def events() -> str:
    """Write the event file once."""
    return month()


@pytest.fixture(scope="module")
def expected(events: str) -> dict[str, Any]:
    """Let the oracle replay it."""
    return History().run(rows(events))


def test_the_trace_is_the_file_whose_origin_is_written_down() -> None:
    assert hashlib.sha256(DATA.read_bytes()).hexdigest() == PACKED
    assert PACKED in (DATA.parent / "README.md").read_text(encoding="utf-8")


def test_the_month_is_the_same_file_every_time_and_tells_of_everything(events: str) -> None:
    assert "\n".join([*Month().write(), ""]) == events
    kinds = Counter(row[1] for _number, row in rows(events))
    assert kinds["sale"] >= len(Trace().checkouts)
    assert set(kinds) == {
        "charter", "coop", "coop_leaves", "member", "member_leaves", "customer",
        "pay", "sale", "refund", "gift", "supply", "fund",
    }  # fmt: skip


def test_of_the_sales_of_something_99_of_100_are_accepted_and_every_refusal_is_explained(
    events: str, expected: dict[str, Any]
) -> None:
    lines = dict(rows(events))
    refused = Counter((lines[entry["line"]][1], entry["code"]) for entry in expected["refused"])
    assert set(refused) == set(EXPLAINED)
    empty = sum(row[1] == "sale" and row[5] == row[6] == "0.00" for row in lines.values())
    assert refused["sale", "bad_amount"] == empty == 36

    sales = sum(row[1] == "sale" for row in lines.values()) - empty
    noes = sum(count for (kind, _code), count in refused.items() if kind == "sale") - empty
    assert noes / sales <= 0.01
    assert expected["replayed"] > 20, "some answers were lost and sent again"
    assert expected["sum"] == 0


def test_the_replay_of_the_month_comes_to_what_the_oracle_says(
    kit: Kit, events: str, expected: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.perf_counter()
    report = replay(kit, io.StringIO(events), BOOK)
    seconds = time.perf_counter() - began

    lines = dict(rows(events))
    refused = Counter((lines[entry["line"]][1], entry["code"]) for entry in report["refused"])
    with capsys.disabled():
        print(f"\n  {len(lines)} events on {kit.engine.dialect.name}: {len(lines) / seconds:.0f} a second; refused:")
        for (kind, code), count in sorted(refused.items()):
            print(f"  {count:4} {kind} {code}: {EXPLAINED[kind, code]}")
    assert as_text(report) == as_text(expected)
    # The kit's fixture verifies the books when the test is over.


def test_the_command_writes_the_same_bytes_twice(events: str, tmp_path: Path) -> None:
    part = tmp_path / "events.csv"
    part.write_text("\n".join(events.split("\n")[:5_000]) + "\n", encoding="utf-8", newline="\n")
    reports = []
    for name in ("first", "second"):
        url, report = f"sqlite:///{tmp_path / name}.sqlite3", tmp_path / f"{name}.json"
        done = CliRunner().invoke(replay_command, [str(part), "--report", str(report), "--database", url])
        assert done.exit_code == 0, done.output
        reports.append(report.read_bytes())

    assert reports[0] == reports[1]
    assert reports[0].endswith(b"}\n")
    assert json.loads(reports[0]) == History().run(rows(part.read_text(encoding="utf-8")))
