"""Who may make a device a till, and who may vouch for it, at the moment when it counts."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.authenticator import Authenticator
from tests.clock import Clock
from tests.web.conftest import JSON, for_real_people, new_key
from tests.web.doors import code_of, confirm, join, resident, sign_in
from tests.web.page import Page
from tests.web.test_tablet import shown, signed_in
from tests.web.test_ways_back import waiting
from wallet.domain.outage import minute_of
from wallet.kit import Kit
from wallet.services import counter, histories, members, network, payments, proposals, refunds
from wallet.services import tablets as acts
from wallet.services.refunds import Ask
from wallet.store import tablets
from wallet.store.engine import reading
from wallet.store.views import slips
from wallet.web import policy
from wallet.web.session import AT_COUNTER

Browsers = Callable[[str], FlaskClient]
TABLETS = "/office/bakery/tablets"


@pytest.fixture
def real(federation: Kit, clock: Clock) -> Iterator[Flask]:
    """Give the application of a federation that is no demo, where a persona's session counts for no passkey."""
    made = for_real_people(federation, clock)
    yield made
    made.extensions["streams"].live.close()


@pytest.fixture
def tablet(app: Flask, browser_of: Browsers) -> FlaskClient:
    """Give a device that Sam has registered at the bakery's counter."""
    device = app.test_client()
    form = {"pairing": shown(device), "till": "bakery-1", "name": "Blue tablet"}
    assert browser_of("sam").post(TABLETS, data=form).status_code == 303
    return device


def test_making_a_device_a_till_asks_for_a_fresh_proof(real: Flask, federation: Kit, clock: Clock) -> None:
    sam, device = resident(real, federation, kind="person", handle="sam"), real.test_client()
    clock.advance(minutes=6)
    asked = {"pairing": shown(device), "till": "bakery-1", "name": "Blue tablet"}

    refused = sam.browser.post(TABLETS, json=asked, headers={"Accept": "application/json"})
    assert (code_of(refused), refused.get_json()["confirm"]) == ("step_up_required", TABLETS)
    assert device.get("/tablet/state").get_json()["tablet"] == 0

    confirm(sam.browser, sam.passkey)
    assert sam.browser.post(TABLETS, data=asked).status_code == 303
    assert device.get("/tablet/state").get_json()["tablet"] != 0


def test_a_code_makes_one_device_a_till_once(app: Flask, federation: Kit, browser_of: Browsers) -> None:
    device, sam = app.test_client(), browser_of("sam")
    form = {"pairing": shown(device), "till": "bakery-1", "name": "Blue tablet"}
    assert sam.post(TABLETS, data=form).status_code == 303
    stands = device.get("/tablet/state").get_json()
    assert (stands["tablet"] != 0, stands["code"]) == (True, "")

    assert code_of(sam.post(TABLETS, json=form, headers=JSON)) == "unknown_pairing"
    assert device.get("/tablet/state").get_json() == stands


def test_what_a_tablet_showed_before_it_was_taken_out_of_service_is_no_code_any_more(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    code, sam = shown(tablet), browser_of("sam")
    number = tablet.get("/tablet/state").get_json()["tablet"]
    assert sam.post(f"{TABLETS}/{number}/revoke").status_code == 303

    form = {"pairing": code, "till": "bakery-1", "name": "Blue tablet"}
    for answer in (
        sam.post(TABLETS, json=form, headers=JSON),
        browser_of("bea").post("/tills/bakery-1/tablet", json={"pairing": code}, headers=JSON),
        sam.get(f"/pair/{code}", headers=JSON),
    ):
        assert code_of(answer) == "unknown_pairing"
    assert tablet.get("/tablet/state").get_json()["tablet"] == 0


def test_who_works_elsewhere_vouches_for_no_tablet_and_stands_in_nobodys_way(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.join(federation, "mill", "max", name="Max")
    members.grant(federation, "max", "cashier", "mill")
    code = shown(tablet)

    for till in ("mill-1", "bakery-1"):
        assert browser_of("max").post(f"/tills/{till}/tablet", json={"pairing": code}).status_code == 404

    assert browser_of("bea").post("/tills/bakery-1/tablet", json={"pairing": code}).status_code == 204


def test_who_vouched_for_a_tablet_at_one_till_opens_none_at_another(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    assert browser_of("bea").post("/tills/bakery-1/tablet", json={"pairing": shown(tablet)}).status_code == 204
    form = {"pairing": shown(tablet), "till": "bakery-2", "name": "Blue tablet"}
    assert browser_of("sam").post(TABLETS, data=form).status_code == 303

    assert tablet.post("/tablet/enter").location == "/tablet"
    assert tablet.get("/tills/bakery-2").status_code == 401


def test_who_vouched_and_is_no_cashier_any_more_opens_no_tablet(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    # Neither a till elsewhere nor the office here makes up for it.
    for role, coop in (("cashier", "mill"), ("steward", "bakery")):
        members.grant(federation, "bea", role, coop)
    assert browser_of("bea").post("/tills/bakery-1/tablet", json={"pairing": shown(tablet)}).status_code == 204
    proposals.end_role(federation, "sam", "bakery", "bea", "cashier")
    proposals.agree(federation, "fay", waiting(federation))

    assert tablet.post("/tablet/enter").location == "/tablet"
    assert tablet.get("/tills/bakery-1").status_code == 401


def test_who_signs_out_everywhere_has_vouched_for_no_tablet(tablet: FlaskClient, browser_of: Browsers) -> None:
    phone = browser_of("bea")
    assert phone.post("/tills/bakery-1/tablet", json={"pairing": shown(tablet)}).status_code == 204

    assert phone.post("/you/security/sessions/end-all", json={}, headers=JSON).status_code == 204

    assert tablet.post("/tablet/enter").location == "/tablet"
    assert tablet.get("/tills/bakery-1").status_code == 401


def test_a_code_that_ran_out_makes_no_device_a_till(app: Flask, browser_of: Browsers, clock: Clock) -> None:
    device, sam = app.test_client(), browser_of("sam")
    form = {"pairing": shown(device), "till": "bakery-1", "name": "Blue tablet"}
    clock.advance(minutes=5)

    assert code_of(sam.post(TABLETS, json=form, headers=JSON)) == "unknown_pairing"
    assert code_of(sam.get(f"/pair/{form['pairing']}", headers=JSON)) == "unknown_pairing"
    assert device.get("/tablet/state").get_json()["tablet"] == 0


def test_two_tablets_are_opened_each_by_its_own_code_and_listed_at_their_own_co_op(
    app: Flask, federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.join(federation, "mill", "max", name="Max")
    for role in ("cashier", "steward"):
        members.grant(federation, "max", role, "mill")
    theirs, max_, bea = app.test_client(), browser_of("max"), browser_of("bea")
    form = {"pairing": shown(theirs), "till": "mill-1", "name": "Grey tablet"}
    assert max_.post("/office/mill/tablets", data=form).status_code == 303

    for phone, till, device in ((bea, "bakery-1", tablet), (max_, "mill-1", theirs)):
        assert phone.post(f"/tills/{till}/tablet", json={"pairing": shown(device)}).status_code == 204
    for till, device in (("bakery-1", tablet), ("mill-1", theirs)):
        assert device.post("/tablet/enter").location == f"/tills/{till}"

    members.grant(federation, "bea", "cashier", "mill")
    assert tablet.get("/tills/bakery-1", headers=JSON).status_code == 200
    assert tablet.get("/tills/mill-1", headers=JSON).status_code == 401, "though a tablet of the mill is in service"
    with reading(federation.engine) as connection:
        for coop, name, who in (("bakery", "Blue tablet", "Bea"), ("mill", "Grey tablet", "Max")):
            found = tablets.of_coop(connection, coop, federation.clock())
            assert [(each.name, each.cashier) for each in found] == [(name, who)]


def test_a_code_that_somebody_has_vouched_for_stays_good_when_another_is_shown(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    assert browser_of("bea").post("/tills/bakery-1/tablet", json={"pairing": shown(tablet)}).status_code == 204
    shown(tablet)

    assert tablet.post("/tablet/enter").location == "/tills/bakery-1"


def test_what_one_device_shows_and_others_vouched_for_is_left_as_it_is(
    app: Flask, staffed: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    code = shown(tablet)
    shown(app.test_client())
    assert tablet.get("/tablet/state").get_json()["code"] == code, "its own, though another's is newer"
    assert browser_of("joy").post("/tills/bakery-1/tablet", json={"pairing": code}).status_code == 204

    assert browser_of("bea").post("/you/security/sessions/end-all", json={}, headers=JSON).status_code == 204

    assert tablet.post("/tablet/enter").location == "/tills/bakery-1"


def test_each_device_goes_on_showing_the_code_that_it_drew(federation: Kit, clock: Clock) -> None:
    drawn = []
    for browser in ("one", "two"):
        drawn.append(acts.show_code(federation, browser))
        clock.advance(minutes=1)

    codes = [found.code for each in ("one", "two") if (found := acts.standing(federation, each).pairing)]

    assert codes == drawn


def test_who_comes_back_in_person_has_vouched_for_no_tablet(
    real: Flask, federation: Kit, tablet: FlaskClient, clock: Clock
) -> None:
    bea, phone = resident(real, federation, kind="person", handle="bea"), real.test_client()
    proposals.recover(federation, "sam", "bakery", "bea")
    link = proposals.agree(federation, "fay", waiting(federation)).token
    clock.advance(hours=24)
    code = shown(tablet)
    sign_in(bea.browser, bea.passkey)
    assert bea.browser.post("/tills/bakery-1/tablet", json={"pairing": code}).status_code == 204

    assert join(phone, f"/join/{link}", Authenticator(), name="Bea Luz").status_code == 201

    assert tablet.post("/tablet/enter").location == "/tablet"


def test_a_steward_of_another_co_op_does_not_take_a_tablet_over(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.join(federation, "mill", "mia", name="Mia")
    members.grant(federation, "mia", "steward", "mill")
    number = tablet.get("/tablet/state").get_json()["tablet"]
    form = {"pairing": shown(tablet), "till": "mill-1", "name": "Ours now"}

    answer = browser_of("mia").post("/office/mill/tablets", json=form, headers={"Accept": "application/json"})

    assert code_of(answer) == "unknown_pairing"
    assert tablet.get("/tablet/state").get_json()["tablet"] == number
    assert "Bread & Roses" in Page(tablet.get("/tablet").text).text


def test_a_steward_of_another_co_op_takes_no_tablet_out_of_service(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.join(federation, "mill", "mia", name="Mia")
    members.grant(federation, "mia", "steward", "mill")
    number = tablet.get("/tablet/state").get_json()["tablet"]
    signed_in(tablet, browser_of)

    answer = browser_of("mia").post(f"/office/mill/tablets/{number}/revoke", json={}, headers=JSON)

    assert code_of(answer) == "unknown_tablet"
    assert tablet.get("/tills/bakery-1").status_code == 200


def test_stewards_see_who_works_at_which_tablet_until_it_locks_or_is_none(
    tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    sam = browser_of("sam")

    def listed() -> str:
        return Page(sam.get(TABLETS).text).text

    for locking in (lambda: tablet.post("/tablet/lock"), lambda: clock.advance(minutes=2)):
        signed_in(tablet, browser_of)
        assert "Bea works there now" in listed()
        locking()
        assert "Blue tablet · Counter 1 Locked" in listed()
    sam.post(f"{TABLETS}/1/revoke")
    assert "Blue tablet · Counter 1 Locked" not in listed()
    assert "Blue tablet · Counter 1 Revoked" in listed()


def test_a_payment_at_the_till_beside_is_none_of_this_tills(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    payments.pay_bill(
        federation,
        payments.open_bill(federation, "bakery-2", "bea", amount_minor=1_00, key=new_key()).code,
        "ana",
        key=new_key(),
    )
    signed_in(tablet, browser_of)

    told = [
        tablet.get(f"/tills/bakery-{till}/paid?amount=1.00&minute={minute_of(clock())}").get_json()["receipt"]
        for till in (1, 2)
    ]

    assert (told[0], bool(told[1])) == ("", True)


def things_of(kit: Kit, coop: str) -> dict[str, str]:
    """Give what addresses of a counter may name at a co-op: its till, a bill, a sale, a refund that waits, a shift."""
    till = f"{coop}-1"
    counter.set_refund_limit(kit, coop, till, 0)
    sold = payments.open_bill(kit, till, "bea", amount_minor=1_00, key=new_key()).code
    sale = payments.pay_bill(kit, sold, "ana", key=new_key(), confirm=True).ref
    back = refunds.give_back(kit, Ask(sale, "bea", 1, 0, "stale", None, new_key())).ref
    bill = payments.open_bill(kit, till, "bea", amount_minor=1_00, key=new_key()).code
    return {"till": till, "code": bill, "ref": sale, "refund": back, "shift": "1"}


def test_a_tablet_works_at_its_co_op_alone_wherever_else_its_cashier_serves(
    app: Flask, staffed: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    for role in ("cashier", "steward"):
        members.grant(staffed, "bea", role, "mill")
    own, other = things_of(staffed, "bakery"), things_of(staffed, "mill")
    signed_in(tablet, browser_of)
    wrong, asked = [], 0
    for rule in app.url_map.iter_rules():
        view = policy.of_view(app.view_functions[rule.endpoint])
        # A receipt knows its readers, whatever session they have.
        if view is None or view.who not in AT_COUNTER - {"party"}:
            continue
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        sent = {"method": method, "headers": JSON, "json": {} if method == "POST" else None}
        for things, may in ((own, not view.own), (other, False)):
            address = app.url_map.bind("localhost:8000").build(rule.endpoint, {a: things[a] for a in rule.arguments})
            answer = tablet.open(address, **sent)
            answer.close()
            asked += 1
            if (answer.status_code != 401) is not may:
                wrong.append((method, address, answer.status_code))

    assert wrong == []
    assert asked > 40


def test_a_tablet_opens_what_is_a_counters_and_nothing_that_is_its_cashiers_own(
    app: Flask, staffed: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.grant(staffed, "bea", "steward", "bakery")
    members.grant(staffed, "bea", "facilitator")
    histories.pay(staffed, "bakery", "bea", 10_000, 480, key="pay of bea")
    with reading(staffed.engine) as connection:
        slip = slips.of(connection, "bea")[0].ref
    things = things_of(staffed, "bakery") | {
        "ref": slip,
        "coop": "bakery",
        "handle": "ana",
        "parameter": "sunset_months",
    }
    signed_in(tablet, browser_of)
    opened, asked = [], 0
    for rule in app.url_map.iter_rules():
        view = policy.of_view(app.view_functions[rule.endpoint])
        if view is None or view.who in ("everyone", "cashier", "staff", "party"):
            continue
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        address = app.url_map.bind("localhost:8000").build(
            rule.endpoint, {a: things.get(a, "1") for a in rule.arguments}
        )
        answer = tablet.open(address, method=method, headers=JSON, json={} if method == "POST" else None)
        answer.close()
        asked += 1
        if answer.status_code != 401:
            opened.append((method, address, answer.status_code))

    assert opened == []
    assert asked > 100


def test_a_tablet_gets_the_key_of_its_own_till_alone(
    federation: Kit, tablet: FlaskClient, app: Flask, browser_of: Browsers
) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    form = {"pairing": shown(app.test_client()), "till": "bakery-2", "name": "Green tablet"}
    assert browser_of("sam").post(TABLETS, data=form).status_code == 303
    signed_in(tablet, browser_of)

    keys = [tablet.get(f"/tills/bakery-{number}/key", headers=JSON).get_json()["key"] for number in (1, 2)]

    assert (bool(keys[0]), keys[1]) == (True, "")
