"""The command that posts what is due: once, and with a status for whoever set the timer."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.clock import Clock
from tests.figures import figures
from tests.services.test_payruns import approved, bakery, due
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import histories, paybounds, payruns

__all__ = ["bakery"]


@pytest.fixture
def app(bakery: Kit, clock: Clock) -> Flask:
    return create_app(bakery.settings, engine=bakery.engine, clock=clock)


def run(app: Flask) -> tuple[int, str]:
    told = app.test_cli_runner().invoke(args=["payday"])
    return told.exit_code, told.output


def test_what_is_due_is_paid_once(app: Flask, bakery: Kit, clock: Clock) -> None:
    assert run(app) == (0, "No pay run is due.\n")
    number = approved(bakery, due("ben"), pay_on="2026-03-28")
    assert run(app) == (0, "No pay run is due.\n")

    clock.set(datetime(2026, 3, 28, tzinfo=UTC))
    assert run(app) == (0, f"bakery, run {number}: paid.\n")
    paid = figures(bakery)
    assert run(app) == (0, "No pay run is due.\n")
    assert figures(bakery) == paid


def test_a_database_that_goes_after_one_run_leaves_nobody_thinking_that_none_was_paid(
    app: Flask, bakery: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(bakery, due("ben"))
    later = approved(bakery, due("eve", 1_000))
    usual = payruns.post

    def gone(kit: Kit, coop: str, run_id: int) -> str:
        if run_id == later:
            raise sa.exc.OperationalError("", {}, Exception("server closed the connection"))
        return usual(kit, coop, run_id)

    monkeypatch.setattr(payruns, "post", gone)
    status, told = run(app)
    assert status == 1
    assert told == "Error: Not every pay run was looked at, so run it again: server closed the connection\n"

    monkeypatch.undo()
    assert run(app) == (0, f"bakery, run {later}: paid.\n")


def test_what_cannot_be_paid_is_told_by_the_status(app: Flask, bakery: Kit, clock: Clock) -> None:
    short = approved(bakery, due("ben", 9_000_000))
    histories.pay(bakery, "bakery", "ana", 1_000_000, 60, key="more than is left")
    paid = approved(bakery, due("eve", 1_000))

    status, told = run(app)
    assert status == 1
    assert f"run {short}: not paid: the co-op's credit line is short; it waits." in told
    assert f"run {paid}: paid." in told

    clock.set(datetime(2026, 4, 1, tzinfo=UTC))
    assert run(app) == (1, f"bakery, run {short}: not paid: a new month has begun, so it is a draft again.\n")
    assert run(app)[0] == 0


def test_an_overpayment_that_was_taken_back_is_told_in_words_that_are_true_of_it(app: Flask, bakery: Kit) -> None:
    paybounds.note_overpayment(bakery, "eve", "bakery", "ben", 5_000, "twice", key="k")
    number = approved(bakery, due("ben"))
    paybounds.withdraw_overpayment(bakery, "eve", "bakery", 1)

    told = f"run {number}: not paid: what it keeps back of an overpayment has changed, so it is a draft again."
    assert told in run(app)[1]
