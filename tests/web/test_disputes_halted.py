"""A dispute while payments are stopped: it is heard all the same, and carried once they go on."""

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON
from tests.web.disputes import bought, charged, disputed, does, state, with_mia
from tests.web.page import Page
from wallet.domain.charter import Charter
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import dispute_refunds, halts
from wallet.store.disputes import Dispute
from wallet.store.engine import write

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
Go = Callable[[], str]


@pytest.fixture
def shop(federation: Kit) -> Kit:
    """Give the federation in which Mia is steward of the mill."""
    return with_mia(federation)


@pytest.fixture
def go_on(app: Flask) -> Go:
    """Check the books, which are sound, so that payments go on; give what is said of it."""
    return lambda: app.test_cli_runner().invoke(args=["verify"]).stderr


def stop(kit: Kit) -> None:
    write(kit.engine, lambda connection: halts.stop(connection, "A test", kit.clock()))


def carried(browser: FlaskClient, dispute: str) -> str:
    return str(browser.get(f"/disputes/{dispute}", headers=JSON).get_json()["carried"])


def test_not_me_is_heard_while_payments_are_stopped_and_carried_once_they_go_on(
    shop: Kit, browser_of: Browser, clock: Clock, balances: Balances, go_on: Go
) -> None:
    ana, sam, ref = browser_of("ana"), browser_of("sam"), charged(shop)
    clock.advance(hours=71)
    stop(shop)
    clock.advance(hours=1)
    asked = Page(ana.get(f"/receipts/{ref}/dispute?not_me=1").text).text
    assert "You get the RES back once they go on" in asked
    made = disputed(ana, ref, not_me=True)

    assert (made["kind"], made["state"], made["carried"], balances()["ana"]) == ("not_me", "open", "0.00", 700)
    assert ana.get("/code/state", headers=JSON).get_json()["frozen"] is True
    page = f"/disputes/{made['dispute']}"
    assert page in Page(sam.get("/notices").text).links
    for browser in (ana, sam):
        assert "It comes back once they go on" in Page(browser.get(page).text).text

    clock.advance(hours=5)
    assert "Payments go on. Disputes of meanwhile that are carried now: 1." in go_on()

    assert (carried(ana, made["dispute"]), balances()["ana"]) == ("3.00", 1_000)
    assert "carries it until this is settled" in Page(ana.get(page).text).text
    assert "comes back once they go on" not in Page(ana.get(page).text).text
    assert ana.get("/notices", headers=JSON).get_json()["notices"][0]["kind"] == "carried"
    assert (go_on(), balances()["ana"]) == ("", 1_000)


def test_of_what_was_disputed_while_payments_were_stopped_only_what_would_have_been_is_carried(
    shop: Kit, browser_of: Browser, clock: Clock, balances: Balances, go_on: Go
) -> None:
    ana, fay = browser_of("ana"), browser_of("fay")
    late = charged(shop, 10)
    clock.advance(hours=72.001)
    bill, over, decided, in_time = bought(shop, 20), charged(shop, 30), charged(shop, 40), charged(shop, 50)
    stop(shop)
    made = {ref: disputed(ana, ref) for ref in (late, bill, over, decided, in_time)}
    for ref in (late, bill):
        page = Page(ana.get(f"/disputes/{made[ref]['dispute']}").text).text
        assert "once they go on" not in page
    does(ana, made[over], "end")
    does(ana, made[decided], "pass")
    does(fay, made[decided], "decide", words="You were there", for_member=False)
    before = balances()["ana"]

    assert "carried now: 1." in go_on()

    assert {ref: carried(ana, made[ref]["dispute"]) for ref in made} == {
        late: "0.00", bill: "0.00", over: "0.00", decided: "0.00", in_time: "0.50",
    }  # fmt: skip
    assert balances()["ana"] == before + 50


@pytest.mark.parametrize("reason", [refuse("busy"), sa.exc.OperationalError("", None, OSError("reset by peer"))])
def test_a_dispute_that_cannot_be_carried_yet_keeps_no_other_waiting_and_hides_not_that_payments_go_on(
    shop: Kit, browser_of: Browser, balances: Balances, go_on: Go, monkeypatch: pytest.MonkeyPatch, reason: Exception
) -> None:
    ana, refs = browser_of("ana"), [charged(shop, 10), charged(shop, 50)]
    stop(shop)
    held, other = (disputed(ana, ref)["dispute"] for ref in refs)
    before, carry = balances()["ana"], dispute_refunds.carry

    def gone(connection: sa.Connection, charter: Charter, dispute: Dispute, now: datetime) -> None:
        if dispute.ref == held:
            raise reason
        carry(connection, charter, dispute, now)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(dispute_refunds, "carry", gone)
        said = go_on()
    assert "Payments go on. Disputes of meanwhile that are carried now: 1." in said
    assert "that still wait: 1. Check once more" in said
    assert ([carried(ana, one) for one in (held, other)], balances()["ana"]) == (["0.00", "0.50"], before + 50)

    assert "Disputes of meanwhile that are carried now: 1." in go_on()
    assert (carried(ana, held), balances()["ana"]) == ("0.10", before + 60)


def test_who_owes_when_payments_go_on_is_not_carried(
    shop: Kit, browser_of: Browser, balances: Balances, go_on: Go
) -> None:
    ana, owed = browser_of("ana"), disputed(browser_of("ana"), charged(shop, 100))
    ref = charged(shop, 50)
    stop(shop)
    made = disputed(ana, ref)
    assert does(ana, owed, "end").get_json()["state"] == "owed"
    before = balances()["ana"]

    assert "carried" not in go_on()
    assert (carried(ana, made["dispute"]), state(ana, made), balances()["ana"]) == ("0.00", "open", before)
