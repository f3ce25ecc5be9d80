"""A session alone moves nothing of a co-op or the federation: every act of a desk needs its person's passkey first."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web import pools
from tests.web.conftest import JSON, new_key
from tests.web.doors import Resident, code_of, confirm, resident
from tests.web.page import Page
from tests.web.test_ways_back import waiting
from wallet.kit import Kit
from wallet.services import disputes, members, payments, proposals, refunds
from wallet.services.refunds import Ask
from wallet.store import tables

pytestmark = pytest.mark.for_real_people

Balances = Callable[[], dict[str, int]]
Body = dict[str, object]

OFFICE, FEDERATION = "/office/bakery", "/federation"
RUN, BALLOTS = f"{OFFICE}/payday/1", f"{FEDERATION}/ballots"
INVITED: Body = {"name": "Ivo", "kind": "worker", "serves": "cashier", "key": new_key()}
# An act of a desk: who, its address, what is sent, and where they go on once they proved that they are there.
ACTS: list[tuple[str, str, Body, str]] = [
    ("sam", f"{OFFICE}/pool", {"amount": "999.00", "key": new_key()}, f"{OFFICE}/pool"),
    ("sam", f"{OFFICE}/recover", {"handle": "ana"}, f"{OFFICE}/invite"),
    ("sam", f"{OFFICE}/roles", {"handle": "bea", "role": "steward"}, OFFICE),
    ("sam", f"{OFFICE}/roles/end", {"handle": "bea", "role": "cashier"}, OFFICE),
    ("sam", f"{OFFICE}/members/end", {"handle": "bea"}, OFFICE),
    ("sam", f"{OFFICE}/invite", INVITED, f"{OFFICE}/invite"),
    ("sam", f"{OFFICE}/declarations", {"worth": "1.00", "meeting": "2026-03-01"}, f"{OFFICE}/declarations"),
    ("sam", f"{OFFICE}/counter/tills/bakery-1/limit", {"limit": "900.00"}, f"{OFFICE}/counter"),
    ("sam", f"{RUN}/submit", {"rev": 1}, RUN),
    ("sam", f"{RUN}/approve", {"rev": 1}, RUN),
    ("sam", f"{RUN}/post", {}, RUN),
    ("fay", f"{FEDERATION}/coops", {"name": "Dairy", "need": "other", "line": "0.00"}, FEDERATION),
    ("fay", f"{FEDERATION}/coops/mill/line", {"line": "9000.00"}, f"{FEDERATION}/coops/mill"),
    ("fay", f"{FEDERATION}/coops/mill/again", {"line": "9000.00"}, f"{FEDERATION}/coops/mill"),
    ("fay", f"{FEDERATION}/coops/mill/leave", {}, f"{FEDERATION}/coops/mill"),
    ("fay", f"{FEDERATION}/coops/mill/suspend", {"reason": "so"}, f"{FEDERATION}/coops/mill"),
    ("fay", f"{FEDERATION}/coops/mill/lift", {}, f"{FEDERATION}/coops/mill"),
    ("fay", f"{FEDERATION}/coops/mill/stewards", {"name": "Ivo"}, f"{FEDERATION}/coops/mill"),
    ("fay", f"{FEDERATION}/people", {"name": "Ivo"}, f"{FEDERATION}/people"),
    ("fay", f"{FEDERATION}/dividend", {"ends_on": "2026-01-01", "pot": "1.00"}, f"{FEDERATION}/dividend"),
    ("fay", f"{FEDERATION}/dividend/1/approve", {}, f"{FEDERATION}/dividend"),
    ("fay", f"{BALLOTS}/new/pool_rate_bp", {"value": "2.00", "reason": "so", "days": 7}, f"{BALLOTS}/new/pool_rate_bp"),
    ("fay", f"{BALLOTS}/1/open", {}, BALLOTS),
]


def person(app: Flask, kit: Kit, handle: str) -> Resident:
    return resident(app, kit, kind="person", handle=handle)


def asked(browser: FlaskClient, address: str, body: Body) -> tuple[int, str, str]:
    """Ask; give the status, the code of the refusal, and where one goes on after the proof."""
    answer = browser.post(address, json=body, headers=JSON)
    return answer.status_code, code_of(answer), str((answer.get_json(silent=True) or {}).get("confirm", ""))


def kept(kit: Kit) -> list[object]:
    """Give what an act of a desk would change."""
    counted = [tables.proposals, tables.transfers, tables.invitations, tables.ballots, tables.dividend_runs]
    with kit.engine.connect() as connection:
        rows = [connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() for table in counted]
        return [*rows, connection.execute(sa.select(sa.func.sum(tables.tills.c.refund_limit_minor))).scalar()]


@pytest.mark.parametrize(("who", "address", "body", "back"), ACTS, ids=[address for _who, address, *_ in ACTS])
def test_an_old_session_begins_no_act_of_a_desk(
    app: Flask, kit: Kit, clock: Clock, who: str, address: str, body: Body, back: str
) -> None:
    one = person(app, kit, who)
    clock.advance(minutes=5, seconds=1)
    before = kept(kit)

    assert asked(one.browser, address, body) == (403, "step_up_required", back)
    assert kept(kit) == before


def test_an_old_session_agrees_to_nothing(app: Flask, staffed: Kit, clock: Clock, balances: Balances) -> None:
    tim = person(app, staffed, "tim")
    clock.advance(hours=5)
    before = balances()
    proposals.put_in(staffed, "sam", "bakery", 999_00, key=new_key())
    funding = waiting(staffed)
    proposals.recover(staffed, "sam", "bakery", "ana")
    opening = waiting(staffed)

    for number, back in ((funding, f"{OFFICE}/pool"), (opening, OFFICE)):
        assert asked(tim.browser, f"/proposals/{number}/agree", {}) == (403, "step_up_required", back)
    assert balances() == before

    confirm(tim.browser, tim.passkey)
    assert tim.browser.post(f"/proposals/{funding}/agree", json={}).status_code == 303
    assert balances()["bakery"] == before["bakery"] - 999_00


def test_a_recovery_code_agrees_to_nothing(app: Flask, staffed: Kit, balances: Balances) -> None:
    tim, phone = person(app, staffed, "tim"), app.test_client()
    proposals.put_in(staffed, "sam", "bakery", 999_00, key=new_key())
    before = balances()
    assert phone.post("/sign-in/recovery", json={"code": tim.codes[0]}, headers=JSON).status_code == 200

    assert asked(phone, f"/proposals/{waiting(staffed)}/agree", {})[:2] == (403, "step_up_required")
    assert balances() == before


def test_what_is_not_theirs_is_unknown_to_an_old_session_too(app: Flask, staffed: Kit, clock: Clock) -> None:
    ana = person(app, staffed, "ana")
    proposals.put_in(staffed, "sam", "bakery", 1_00, key=new_key())
    clock.advance(hours=5)

    for ends in ("agree", "drop"):
        assert asked(ana.browser, f"/proposals/{waiting(staffed)}/{ends}", {})[:2] == (404, "unknown_proposal")
    assert asked(ana.browser, f"/refunds/{large_refund(staffed)}/approve", {})[:2] == (404, "unknown_refund")


def test_an_old_session_gives_nothing_back(app: Flask, staffed: Kit, clock: Clock, balances: Balances) -> None:
    tim, ref = person(app, staffed, "tim"), bought(staffed)
    clock.advance(hours=5)
    refund, dispute = large_refund(staffed), disputes.begin(staffed, "ana", ref, "it was hard").ref
    before = balances()

    for address, body in ((f"/refunds/{refund}", {}), (f"/disputes/{dispute}", {"amount": "1.00", "key": new_key()})):
        ends = "approve" if not body else "refund"
        assert asked(tim.browser, f"{address}/{ends}", body) == (403, "step_up_required", address)
    assert balances() == before

    confirm(tim.browser, tim.passkey)
    assert tim.browser.post(f"/refunds/{refund}/approve", json={}, headers=JSON).status_code == 200
    assert (
        tim.browser.post(
            f"/disputes/{dispute}/refund", json={"amount": "1.00", "key": new_key()}, headers=JSON
        ).status_code
        == 200
    )


def test_an_old_session_decides_no_dispute(app: Flask, staffed: Kit, clock: Clock) -> None:
    fay, ref = person(app, staffed, "fay"), bought(staffed)
    dispute = disputes.begin(staffed, "ana", ref, "it was hard").ref
    clock.advance(days=8)
    decision = {"words": "so it is", "for_member": True}

    address = f"/disputes/{dispute}"
    assert asked(fay.browser, f"{address}/decide", decision) == (403, "step_up_required", address)


def test_an_old_session_posts_no_dividend(app: Flask, kit: Kit, clock: Clock, balances: Balances) -> None:
    pools.filled(kit)
    members.join(kit, "mill", "gus", name="Gus Paz")
    members.grant(kit, "gus", "facilitator")
    run, fay = pools.draft(kit), person(app, kit, "fay")
    assert fay.browser.post(f"{FEDERATION}/dividend/{run}/approve").status_code == 303
    clock.advance(days=8)
    before = balances()

    address = f"{FEDERATION}/dividend/{run}/post"
    assert asked(fay.browser, address, {}) == (403, "step_up_required", f"{FEDERATION}/dividend")
    assert balances() == before


def test_what_was_sent_is_kept_on_the_page_that_asks_for_the_passkey(app: Flask, kit: Kit, clock: Clock) -> None:
    sam = person(app, kit, "sam")
    clock.advance(hours=5)

    sent = {"amount": "12.34", "key": new_key()}
    answer = sam.browser.post(f"{OFFICE}/pool", data=sent)

    page = Page(answer.get_data(as_text=True))
    assert (answer.status_code, page.forms[f"{OFFICE}/pool"]) == (403, sent)
    assert page.forms["/you/confirm"]["next"] == f"{OFFICE}/pool"


def bought(kit: Kit) -> str:
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=10_00, key=new_key())
    return payments.pay_bill(kit, bill.code, "ana", key=new_key()).ref


def large_refund(kit: Kit) -> str:
    """Let Bea ask for a refund that waits for a steward."""
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=150_00, key=new_key())
    ref = payments.pay_bill(kit, bill.code, "ana", key=new_key()).ref
    return refunds.give_back(kit, Ask(ref, "bea", 150_00, 0, "stale", None, new_key())).ref
