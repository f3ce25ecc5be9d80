"""A way back that was not its owner's: for three days it costs small sums, and the owner can still come in."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.authenticator import Authenticator
from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.doors import Resident, add, begin, code_of, confirm, join, me, resident, sign_in, well_paid
from tests.web.page import Page
from tests.web.test_ways_back import agreed, pay, waiting
from wallet.domain.limit import Most
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import limits, members, payments, proposals, refunds
from wallet.services.refunds import Ask
from wallet.store import people, tables
from wallet.store.engine import reading

pytestmark = pytest.mark.for_real_people

OWN = "/you/security"


@pytest.fixture
def eva(app: Flask, federation: Kit) -> Resident:
    """Give somebody with 900.00 RES, of whom another pretends that she lost her phone."""
    return well_paid(app, federation)


@pytest.fixture
def mia(kit: Kit) -> str:
    """Give a steward of the mill, who also works at its till."""
    members.join(kit, "mill", "mia", name="Mia")
    for role in ("cashier", "steward"):
        members.grant(kit, "mia", role, "mill")
    return "mia"


def came_in(app: Flask, link: str, clock: Clock) -> tuple[FlaskClient, Authenticator]:
    """Come in by a way back as soon as it opens."""
    browser, passkey = app.test_client(), Authenticator()
    clock.advance(hours=24)
    assert join(browser, link, passkey).status_code == 201
    return browser, passkey


def passkeys_of(kit: Kit, handle: str) -> list[str]:
    """List the live passkeys of a person, oldest first."""
    with reading(kit.engine) as connection:
        found = sa.select(tables.passkeys.c.id).where(
            tables.passkeys.c.person_id == people.holder(connection, handle).id, tables.passkeys.c.removed_at.is_(None)
        )
        return [str(number) for number in connection.execute(found.order_by(tables.passkeys.c.id)).scalars()]


def remove(browser: FlaskClient, number: str) -> str:
    return code_of(browser.post(f"{OWN}/passkeys/remove", json={"passkey": number}, headers=JSON))


def sam_came_back(app: Flask, kit: Kit, mia: str, clock: Clock) -> tuple[FlaskClient, Authenticator, Resident]:
    """Let Sam, the bakery's steward, come back; give also the Sam from before."""
    sam = resident(app, kit, kind="person", handle="sam")
    proposals.recover(kit, mia, "mill", "sam")
    token = proposals.agree(kit, "fay", waiting(kit)).token
    return *came_in(app, f"/join/{token}", clock), sam


def test_for_three_days_passkeys_from_before_the_way_back_stay(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    browser, passkey = came_in(app, agreed(kit), clock)
    assert add(browser, Authenticator()).status_code == 204
    before, _own, added = passkeys_of(kit, "eva")

    assert remove(browser, before) == "confined"
    assert sign_in(app.test_client(), eva.passkey).status_code == 200
    assert remove(browser, added) == "204"
    clock.advance(hours=72)
    confirm(browser, passkey)
    assert remove(browser, before) == "204"


def test_who_removes_the_passkey_of_a_wrong_way_back_ends_the_codes_that_came_with_it(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    intruder, passkey, link = app.test_client(), Authenticator(), agreed(kit)
    clock.advance(hours=24)
    drawn = [*join(intruder, link, passkey).get_json()["codes"]]
    drawn += intruder.post(f"{OWN}/recovery-codes", json={}, headers=JSON).get_json()["codes"]
    owner = app.test_client()
    sign_in(owner, eva.passkey)

    assert remove(owner, passkeys_of(kit, "eva")[-1]) == "204"

    page = Page(owner.get(OWN).text).text
    assert " 0 codes are left" in page
    assert "Recovery codes drawn since the new way in work no more" in page
    clock.advance(days=4)
    tries = [intruder.post("/sign-in/recovery", json={"code": code}, headers=JSON) for code in (drawn[0], drawn[-1])]
    assert [code_of(each) for each in tries] == ["unknown_code"] * 2


def test_who_removes_a_passkey_at_any_other_time_keeps_their_codes(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    browser, link = app.test_client(), agreed(kit)
    clock.advance(hours=24)
    codes = join(browser, link, Authenticator()).get_json()["codes"]
    second = Authenticator()
    add(browser, second)
    clock.advance(hours=72)
    confirm(browser, second)

    assert remove(browser, passkeys_of(kit, "eva")[1]) == "204"

    assert browser.post("/sign-in/recovery", json={"code": codes[0]}, headers=JSON).status_code == 200


def test_for_three_days_no_other_way_back_is_stopped(app: Flask, kit: Kit, eva: Resident, clock: Clock) -> None:
    browser, _passkey = came_in(app, agreed(kit), clock)
    owners = agreed(kit)

    assert code_of(browser.post(f"{OWN}/way-back/stop", json={}, headers=JSON)) == "confined"
    page = browser.get(OWN).get_data(as_text=True)
    assert "It was not me: stop it" not in page
    assert "cannot be stopped here until" in page
    clock.advance(hours=24)
    assert app.test_client().get(owners).status_code == 200


def test_who_comes_back_within_three_days_of_another_ends_what_that_one_made(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    browser, first = came_in(app, agreed(kit), clock)
    second = Authenticator()
    assert add(browser, second).status_code == 204

    owner, passkey = came_in(app, agreed(kit), clock)

    assert me(browser) == ""
    assert [code_of(sign_in(app.test_client(), each)) for each in (first, second)] == ["unknown_passkey"] * 2
    assert me(owner) == "eva"
    assert [sign_in(app.test_client(), each).status_code for each in (passkey, eva.passkey)] == [200, 200]
    assert code_of(pay(owner, passkey, kit, 50_01)) == "step_up_required"


def test_who_comes_back_after_three_days_keeps_what_was_made_before(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    _browser, first = came_in(app, agreed(kit), clock)
    clock.advance(hours=72)

    came_in(app, agreed(kit), clock)

    assert sign_in(app.test_client(), first).status_code == 200


def test_a_steward_who_came_back_pays_nothing_from_the_co_op_for_three_days(
    app: Flask, kit: Kit, mia: str, clock: Clock
) -> None:
    browser, passkey, _before = sam_came_back(app, kit, mia, clock)

    def supply() -> str:
        code = payments.open_bill(kit, "mill-1", mia, amount_minor=300_00, key=new_key()).code
        return code_of(browser.post(f"/office/bakery/bills/{code}", json={"key": new_key()}, headers=JSON))

    assert supply() == "confined"
    assert code_of(browser.post("/office/bakery/pool", json={"amount": "9.00"}, headers=JSON)) == "confined"
    assert code_of(browser.get("/office/bakery", headers=JSON)) == "confined"
    assert code_of(browser.get("/office/mill", headers=JSON)) == "unknown_coop"
    with pytest.raises(Refusal, match="not_allowed"):
        proposals.put_in(kit, "sam", "bakery", 9_00, key=new_key())
    clock.advance(hours=72)
    confirm(browser, passkey)
    assert supply() == "201"


def test_a_steward_who_came_back_agrees_to_nothing_for_three_days(app: Flask, kit: Kit, mia: str, clock: Clock) -> None:
    members.join(kit, "bakery", "tim", name="Tim")
    members.grant(kit, "tim", "steward", "bakery")
    browser, _passkey, _before = sam_came_back(app, kit, mia, clock)
    with pytest.raises(Refusal, match="second_person"):
        proposals.put_in(kit, "tim", "bakery", 9_00, key=new_key())
    proposals.give_role(kit, "tim", "bakery", "bea", "steward")

    for act in ("agree", "drop"):
        answer = browser.post(f"/proposals/{waiting(kit)}/{act}", json={}, headers=JSON)
        assert code_of(answer) == "confined", act
    with pytest.raises(Refusal, match="unknown_proposal"):
        proposals.agree(kit, "sam", waiting(kit))
    clock.advance(hours=72)
    assert proposals.agree(kit, "sam", waiting(kit)).done


def test_a_steward_who_came_back_agrees_to_no_refund_for_three_days(
    app: Flask, kit: Kit, mia: str, clock: Clock
) -> None:
    browser, passkey, _before = sam_came_back(app, kit, mia, clock)
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=120_00, cash_minor=119_00, key=new_key())
    sale = payments.pay_bill(kit, bill.code, "ana", key=new_key()).ref

    def agreed_to() -> str:
        waits = refunds.give_back(kit, Ask(sale, "bea", 1_00, 119_00, "stale", None, new_key())).ref
        return code_of(browser.post(f"/refunds/{waits}/approve", json={}, headers=JSON))

    assert agreed_to() == "confined"
    clock.advance(hours=72)
    confirm(browser, passkey)
    assert agreed_to() == "200"


def test_a_facilitator_who_came_back_decides_nothing_and_opens_no_wallet_for_three_days(
    app: Flask, kit: Kit, mia: str, clock: Clock
) -> None:
    resident(app, kit, kind="person", handle="fay")
    members.join(kit, "mill", "gil", name="Gil")
    members.grant(kit, "gil", "facilitator")
    proposals.recover(kit, mia, "mill", "fay")
    token = proposals.agree(kit, "gil", waiting(kit)).token
    browser, _passkey = came_in(app, f"/join/{token}", clock)

    assert code_of(browser.get("/federation", headers=JSON)) == "confined"
    with pytest.raises(Refusal, match="not_allowed"):
        proposals.recover(kit, "fay", "bakery", "ana")


def test_a_role_that_is_given_meanwhile_begins_when_the_three_days_are_over(
    app: Flask, kit: Kit, eva: Resident, mia: str, clock: Clock
) -> None:
    browser, _passkey = came_in(app, agreed(kit), clock)
    proposals.give_role(kit, mia, "mill", "eva", "steward")
    proposals.agree(kit, "fay", waiting(kit))
    proposals.give_role(kit, mia, "mill", "eva", "cashier")
    proposals.agree(kit, "fay", waiting(kit))

    assert browser.get("/tills/mill-1", headers=JSON).status_code == 200
    clock.advance(hours=71, minutes=59)
    assert code_of(browser.get("/office/mill", headers=JSON)) == "confined"
    clock.advance(minutes=1)
    assert browser.get("/office/mill").status_code == 200


def test_work_at_a_till_goes_on_for_who_came_back(app: Flask, kit: Kit, mia: str, clock: Clock) -> None:
    resident(app, kit, kind="person", handle="bea")
    browser, _passkey = came_in(app, agreed(kit, "bea"), clock)
    body = {"amount": "4.50", "key": new_key()}

    assert browser.post("/tills/bakery-1/bills", json=body, headers=JSON).status_code == 201


def test_the_pages_say_until_when_and_why(app: Flask, kit: Kit, eva: Resident, clock: Clock) -> None:
    browser, _passkey = came_in(app, agreed(kit), clock)

    for address in ("/you", OWN):
        page = browser.get(address).get_data(as_text=True)
        assert "Small sums only until" in page, address
        assert "Two people agreed to let you back in" in page, address
    assert page.count(">Remove<") == 1
    clock.advance(hours=72)
    assert "Small sums only until" not in browser.get("/you").get_data(as_text=True)


def test_for_three_days_a_limit_is_lowered_but_never_raised(app: Flask, kit: Kit, eva: Resident, clock: Clock) -> None:
    came_in(app, agreed(kit), clock)
    with reading(kit.engine) as connection:
        number = people.holder(connection, "eva").id
    low, usual = Most(10_00, 20_00), Most(50_00, 150_00)

    assert limits.change(kit, number, {"code": low}, proved=False)["code"].most == low
    with pytest.raises(Refusal, match="not_allowed"):
        limits.change(kit, number, {"code": usual}, proved=True)
    clock.advance(hours=72)
    assert limits.change(kit, number, {"code": usual}, proved=True)["code"].raised is not None


def test_a_passkey_lifts_no_limit_of_a_gift_for_three_days(app: Flask, kit: Kit, eva: Resident, clock: Clock) -> None:
    browser, passkey = came_in(app, agreed(kit), clock)

    def give() -> str:
        body = {"to": "cal", "amount": "50.01", "key": new_key()}
        proof = passkey.prove(begin(browser, "/gifts/challenge", **body))
        return code_of(browser.post("/gifts", json=body | {"assertion": proof}, headers=JSON))

    assert give() == "step_up_required"
    clock.advance(hours=72)
    assert give() == "201"


def test_a_steward_whose_role_rests_closes_no_shift_and_reads_no_counter(
    app: Flask, kit: Kit, mia: str, clock: Clock
) -> None:
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=2_50, key=new_key()).code
    ref = payments.pay_bill(kit, bill, "ana", key=new_key()).ref
    pages = ("/tills/bakery-1/shift", "/tills/bakery-1/shifts", "/tills/bakery-1/sticker", f"/receipts/{ref}")
    browser, _passkey, sam = sam_came_back(app, kit, mia, clock)

    closing = {"shift": 1, "res": "0.00", "reason": "because", "key": new_key()}
    assert code_of(browser.post("/tills/bakery-1/shift/close", json=closing, headers=JSON)) == "confined"
    assert {page: code_of(browser.get(page, headers=JSON)) for page in pages} == dict.fromkeys(pages, "confined")

    clock.advance(days=4)
    back = app.test_client()
    assert sign_in(back, sam.passkey).status_code == 200
    assert {page: code_of(back.get(page, headers=JSON)) for page in pages} == dict.fromkeys(pages, "200")
