"""What /metrics tells: the sum of what every worker of a server counted, also of those that are gone."""

import io
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.serving import Browser, served
from tests.web.conftest import JSON, new_key
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.services import members, payments, sessions
from wallet.web.metrics import PAYMENTS
from wallet.web.tally import LINES, NAME_BYTES, OVERFLOW, Board

ASKED = 60
SERIES = 'wallet_requests_total{method="GET",route="/readyz",status="200"}'


def told(text: str, series: str) -> int:
    """Read one number of the metrics."""
    lines = dict(line.rpartition(" ")[::2] for line in text.splitlines() if not line.startswith("#"))
    return int(lines.get(series, 0))


def test_every_worker_tells_what_all_of_them_counted(federation: Kit) -> None:
    with served(federation.settings.database_url, workers=2) as port:

        def ask(path: str) -> tuple[int, str]:
            # A connection of its own each time, so that both workers get some.
            status, text = Browser(port).ask("GET", path)
            return status, text.decode()

        before = told(ask("/metrics")[1], SERIES)
        with ThreadPoolExecutor(12) as several:
            assert {status for status, _text in several.map(ask, ["/readyz"] * ASKED)} == {200}
            answers = list(several.map(ask, ["/metrics"] * 12))

    # Whichever worker is asked.
    assert {told(text, SERIES) - before for _status, text in answers} == {ASKED}


def test_a_bill_that_a_co_op_pays_is_counted_as_one_that_a_member_pays(
    federation: Kit, browser_of: Callable[[str], FlaskClient], stranger: FlaskClient
) -> None:
    members.grant(federation, "fay", "steward", "mill")
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=500, key=new_key())
    fay, key = browser_of("fay"), new_key()
    before = told(stranger.get("/metrics").text, PAYMENTS)

    for _each in range(2):
        answer = fay.post(f"/office/mill/bills/{bill.code}", json={"key": key}, headers=JSON)
        assert answer.status_code == 201

    assert told(stranger.get("/metrics").text, PAYMENTS) == before + 1


def test_a_bill_to_which_a_second_steward_agrees_is_counted_once(
    federation: Kit, browser_of: Callable[[str], FlaskClient], stranger: FlaskClient
) -> None:
    members.join(federation, "mill", "max")
    for steward in ("fay", "max"):
        members.grant(federation, steward, "steward", "mill")
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=600_00, key=new_key())
    asked = browser_of("fay").post(f"/office/mill/bills/{bill.code}", json={"key": new_key()}, headers=JSON)
    assert asked.status_code == 202
    before = told(stranger.get("/metrics").text, PAYMENTS)

    for _each in range(2):
        assert browser_of("max").post("/proposals/1/agree").status_code == 303

    assert told(stranger.get("/metrics").text, PAYMENTS) == before + 1


@pytest.mark.parametrize(
    ("who", "address", "form", "code"),
    [
        (None, "/sign-in/recovery", {"code": "AAAA-AAAA-AAAA"}, "unknown_code"),
        (None, "/sign-in", {"credential": "{}"}, "passkey_refused"),
        (None, "/join", {"link": "elsewhere"}, "bad_form"),
        ("sam", "/office/bakery/lists", {"file": (b"name\n", "people.csv")}, "bad_form"),
    ],
)
def test_a_form_that_is_refused_is_counted_as_what_a_script_sends_is(
    stranger: FlaskClient,
    browser_of: Callable[[str], FlaskClient],
    who: str | None,
    address: str,
    form: dict[str, Any],
    code: str,
) -> None:
    browser = browser_of(who) if who else stranger
    series = f'wallet_refusals_total{{code="{code}"}}'
    counted = [told(stranger.get("/metrics").text, series)]

    for headers in ({}, JSON):
        # A stream is read once.
        sent = {name: (io.BytesIO(what[0]), what[1]) if name == "file" else what for name, what in form.items()}
        assert browser.post(address, data=sent, headers=headers).status_code >= 400
        counted.append(told(stranger.get("/metrics").text, series))

    assert [then - counted[0] for then in counted] == [0, 1, 2]


@pytest.mark.parametrize("headers", [{}, JSON])
def test_who_signs_in_by_a_code_while_the_wallet_is_busy_is_told_when_to_come_again(
    stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    def busy(*_given: object) -> None:
        raise refuse("busy")

    monkeypatch.setattr(sessions, "sign_in_by_code", busy)
    answer = stranger.post("/sign-in/recovery", data={"code": "AAAA-AAAA-AAAA"}, headers=headers)

    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "1")


def test_a_page_is_shared_with_a_process_that_was_forked() -> None:
    board = Board(2)
    number = board.lend()
    assert number is not None
    board.page(number).add("mine")
    other = board.lend()
    assert other is not None
    child = os.fork()
    if child == 0:
        page = board.page(other)
        for _each in range(5):
            page.add("mine")
        page.add("open")
        os._exit(0)
    os.waitpid(child, 0)

    assert board.total() == {"mine": 6, "open": 1}
    board.take_back(other, but=frozenset({"open"}))
    assert board.total() == {"mine": 6}, "what was only true while it lived is gone with it"
    assert board.lend() == other


def test_what_was_counted_is_there_at_every_moment_whatever_another_process_counts_beside_it() -> None:
    board = Board(1)
    page = board.page(board.lend() or 0)
    page.add("first")
    page.add("second", 2**40)
    child = os.fork()
    if child == 0:
        while True:
            page.add("first")
    try:
        seen = [board.total() for _look in range(20_000)]
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    assert [found for found in seen if found.get("second") != 2**40] == []
    firsts = [found["first"] for found in seen]
    assert firsts == sorted(firsts), "a count that falls is taken for a server that was started again"
    assert firsts[-1] > firsts[0]


def test_more_workers_than_pages_get_none_and_more_names_than_lines_are_counted_together() -> None:
    board = Board(1)
    number = board.lend()
    assert number is not None
    assert board.lend() is None
    page = board.page(number)
    for each in range(2 * LINES):
        page.add(f"name {each}")

    total = board.total()
    assert (len(total), sum(total.values()), total[OVERFLOW]) == (LINES, 2 * LINES, LINES + 1)


def test_a_name_without_room_is_counted_with_the_others_and_never_cut() -> None:
    board = Board(1)
    page = board.page(board.lend() or 0)
    for each in ("1", "2"):
        page.add("long" * NAME_BYTES + each)

    assert board.total() == {OVERFLOW: 2}


def test_there_is_room_for_every_route(app: Flask) -> None:
    longest = max((rule.rule for rule in app.url_map.iter_rules()), key=len)

    assert len(longest) > 50
    assert len(f'wallet_requests_total{{method="other",route="{longest}",status="405"}}'.encode()) <= NAME_BYTES


def test_invented_methods_share_a_line(stranger: FlaskClient) -> None:
    for method in ("BREW", "PROPFIND"):
        assert stranger.open("/readyz", method=method).status_code == 405

    text = stranger.get("/metrics").text
    assert "BREW" not in text
    assert told(text, 'wallet_requests_total{method="other",route="unknown",status="405"}') >= 2
