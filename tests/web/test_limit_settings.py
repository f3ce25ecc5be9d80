"""A member's own limits: lowered at once, raised after a day, with a passkey, and told to every device."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import MONDAY_NOON, Clock
from tests.persona import sign_in
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.phone import MemberPhone
from tests.web.till import scan
from wallet.domain.deployment import IN_EARNEST
from wallet.domain.limit import Limit, Most
from wallet.domain.money import MAX_MINOR
from wallet.errors import Refusal
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import histories, limits, payments, scans, sessions
from wallet.store import limits as limit_rows
from wallet.store import people
from wallet.store.sales import Paid
from wallet.store.sessions import Bearer

Browser = Callable[[str], FlaskClient]
USUAL = Most(50_00, 150_00)
AS_SENT = {"phone_payment": "50.00", "phone_day": "150.00", "code_payment": "50.00", "code_day": "150.00"}
mosts = st.builds(Most, st.integers(0, 300), st.integers(0, 300))


@pytest.fixture
def ana(federation: Kit) -> int:
    """Give Ana's number; she has 910.00 RES."""
    histories.pay(federation, "mill", "ana", 9_000_00, 9_600, key="a good month")
    with federation.engine.connect() as connection:
        return people.holder(connection, "ana").id


@pytest.fixture
def at_work(federation: Kit, clock: Clock) -> Iterator[FlaskClient]:
    """Give Ana's browser at a wallet that is no demo, where no passkey was used lately."""
    app = create_app(federation.settings, engine=federation.engine, clock=clock)
    browser = app.test_client()
    browser.set_cookie("wallet", sign_in(federation, "ana"), domain="localhost")
    yield browser
    app.extensions["streams"].live.close()


def pays(kit: Kit, amount_minor: int, cash_minor: int = 0) -> bool:
    """Tell whether a session of Ana's pays so much by itself."""
    token = sessions.bearer(sign_in(kit, "ana"))
    assert isinstance(token, Bearer)
    sums = {"amount_minor": amount_minor, "cash_minor": cash_minor}
    code = payments.open_bill(kit, "bakery-1", "bea", **sums, key=new_key()).code
    try:
        payments.pay_bill(kit, code, token, key=new_key(), confirm=True)
    except Refusal as refusal:
        return refusal.code != "step_up_required"
    return True


def charges(kit: Kit, amount_minor: int, cash_minor: int = 0) -> bool:
    """Tell whether a till charges Ana's code without asking her phone."""
    token, sums = MemberPhone(kit, "ana").token(), {"amount_minor": amount_minor, "cash_minor": cash_minor}
    outcome = scans.scan_code(kit, "bakery-1", "bea", token=token, **sums, confirm=True, key=new_key())
    return isinstance(outcome, Paid)


@pytest.mark.parametrize(("means", "tries"), [("phone", pays), ("code", charges)])
def test_a_lower_limit_holds_at_once(federation: Kit, ana: int, means: str, tries: Callable[[Kit, int], bool]) -> None:
    limits.change(federation, ana, {means: Most(20_00, 30_00)}, proved=False)

    assert tries(federation, 20_00)
    assert not tries(federation, 20_01)
    assert not tries(federation, 10_01)
    assert tries(federation, 10_00)


def test_a_raise_is_the_members_own(federation: Kit, ana: int) -> None:
    with federation.engine.connect() as connection:
        cal = people.holder(connection, "cal").id

    limits.change(federation, ana, {"phone": Most(80_00, 200_00)}, proved=True)

    assert limits.limits_of(federation, ana)["phone"].raised is not None
    assert limits.limits_of(federation, cal) == {"phone": Limit(USUAL), "code": Limit(USUAL)}


def test_a_lower_limit_holds_though_a_raise_meets_it(
    federation: Kit, ana: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks, read, lowered = threading.Event(), limit_rows.of, threading.Event()

    def held_until_it_could_be_lowered(connection: sa.Connection, *asked: Any) -> Limit:
        found = read(connection, *asked)
        if threading.current_thread() is raising:
            asks.set()
            # Whom the lock keeps out lowers it only when this is done.
            lowered.wait(1)
        return found

    monkeypatch.setattr(limit_rows, "of", held_until_it_could_be_lowered)
    higher = {"phone": Most(80_00, 200_00)}
    raising = threading.Thread(target=partial(limits.change, federation, ana, higher, proved=True))
    raising.start()
    assert asks.wait(20)
    limits.change(federation, ana, {"phone": Most(20_00, 30_00)}, proved=False)
    lowered.set()
    raising.join(20)

    assert limits.limits_of(federation, ana)["phone"].most == Most(20_00, 30_00)


@pytest.mark.parametrize(("means", "tries"), [("phone", pays), ("code", charges)])
def test_a_higher_limit_holds_after_a_day(
    federation: Kit, ana: int, clock: Clock, means: str, tries: Callable[[Kit, int], bool]
) -> None:
    held = limits.change(federation, ana, {means: Most(200_00, 300_00)}, proved=True)[means]

    assert held.most == USUAL
    assert held.raised is not None
    clock.advance(hours=24, seconds=-1)
    assert not tries(federation, 50_01)
    clock.advance(1)
    assert tries(federation, 200_00)
    assert not tries(federation, 100_01)
    other = charges if means == "phone" else pays
    assert not other(federation, 50_01), "what is paid in the other way keeps its limit"
    assert limits.limits_of(federation, ana)[means] == Limit(Most(200_00, 300_00))


@pytest.mark.parametrize(("means", "tries"), [("phone", pays), ("code", charges)])
@pytest.mark.parametrize("most", [Most(0, 150_00), Most(50_00, 0), Most(0, 0)])
def test_nothing_asks_always(
    federation: Kit, ana: int, means: str, tries: Callable[[Kit, int], bool], most: Most
) -> None:
    limits.change(federation, ana, {means: most}, proved=False)

    assert not tries(federation, 1)


def test_cash_alone_is_none_of_the_phones_limit_but_a_code_that_always_asks_asks_for_it_too(
    federation: Kit, ana: int
) -> None:
    limits.change(federation, ana, {"phone": Most(0, 0), "code": Most(1, 1)}, proved=False)
    assert pays(federation, 10_00, 10_00)
    assert charges(federation, 10_00, 10_00)

    limits.change(federation, ana, {"code": Most(0, 1)}, proved=False)
    assert not charges(federation, 11_00, 11_00)


def test_in_the_demo_a_higher_limit_waits_ten_seconds(federation: Kit, ana: int, clock: Clock) -> None:
    demo = replace(federation, settings=replace(federation.settings, demo=True))
    limits.change(demo, ana, {"phone": Most(60_00, 150_00)}, proved=True)

    clock.advance(10)

    assert limits.limits_of(federation, ana)["phone"] == Limit(Most(60_00, 150_00))


def test_one_part_raised_and_one_lowered_wait_each_for_themselves(federation: Kit, ana: int, clock: Clock) -> None:
    held = limits.change(federation, ana, {"phone": Most(60_00, 100_00)}, proved=True)["phone"]

    assert held.most == Most(50_00, 100_00)
    clock.advance(hours=24)
    assert limits.limits_of(federation, ana)["phone"].most == Most(60_00, 100_00)


@pytest.mark.parametrize(("means", "tries"), [("phone", pays), ("code", charges)])
def test_the_limits_of_one_member_are_nobody_elses(
    federation: Kit, ana: int, clock: Clock, means: str, tries: Callable[[Kit, int], bool]
) -> None:
    with federation.engine.connect() as connection:
        cal = people.holder(connection, "cal").id
    limits.change(federation, cal, {means: Most(200_00, 300_00)}, proved=True)
    limits.change(federation, ana, {means: Most(40_00, 60_00)}, proved=False)

    raised = limits.limits_of(federation, cal)[means]
    assert (raised.most, raised.raised is not None) == (USUAL, True)
    clock.advance(hours=24)
    assert limits.limits_of(federation, cal)[means] == Limit(Most(200_00, 300_00))
    assert tries(federation, 40_00)
    assert not tries(federation, 40_01)
    assert limits.spent_today(federation, ana)[means] == 40_00
    assert limits.spent_today(federation, cal)[means] == 0


def test_lowering_takes_a_waiting_raise_back(federation: Kit, ana: int, clock: Clock) -> None:
    limits.change(federation, ana, {"phone": Most(500_00, 500_00)}, proved=True)
    limits.change(federation, ana, {"phone": Most(10_00, 10_00)}, proved=False)

    clock.advance(days=2)

    assert limits.limits_of(federation, ana)["phone"] == Limit(Most(10_00, 10_00))


def test_a_session_alone_lowers_but_never_raises(federation: Kit, ana: int) -> None:
    for wish in (Most(50_01, 150_00), Most(50_00, 150_01), Most(0, 150_01)):
        with pytest.raises(Refusal, match="step_up_required"):
            limits.change(federation, ana, {"phone": wish}, proved=False)

    assert limits.limits_of(federation, ana)["phone"] == Limit(USUAL)


@given(steps=st.lists(st.tuples(mosts, st.integers(0, 30)), min_size=1, max_size=6))
def test_no_part_is_ever_higher_than_what_was_wished_a_day_ago_or_more(steps: list[tuple[Most, int]]) -> None:
    now, limit, wished = MONDAY_NOON, Limit(Most(50, 150)), [(MONDAY_NOON - timedelta(days=9), Most(50, 150))]
    for wish, hours in steps:
        limit = limit.changed(wish, now, IN_EARNEST.raise_waits)
        wished.append((now, wish))
        assert not limit.most.exceeds(wish), "a lower limit holds at once"
        now += timedelta(hours=hours)
        if limit.raised and limit.raised.from_at <= now:
            limit = Limit(limit.raised.most)
        old = [most for at, most in wished if now - at >= IN_EARNEST.raise_waits]
        assert limit.most.payment_minor <= max(most.payment_minor for most in old)
        assert limit.most.day_minor <= max(most.day_minor for most in old)


def test_no_limit_is_higher_than_the_largest_sum_there_is(federation: Kit, ana: int) -> None:
    for wish in (Most(MAX_MINOR + 1, MAX_MINOR), Most(MAX_MINOR, MAX_MINOR + 1)):
        with pytest.raises(Refusal, match="bad_amount"):
            limits.change(federation, ana, {"phone": wish}, proved=True)
    assert limits.limits_of(federation, ana)["phone"] == Limit(USUAL)

    held = limits.change(federation, ana, {"phone": Most(MAX_MINOR, MAX_MINOR)}, proved=True)["phone"]
    assert held.raised is not None


def test_what_is_saved_as_it_was_is_told_to_no_device(federation: Kit, browser_of: Browser) -> None:
    browser = browser_of("ana")

    assert browser.post("/you/limits", data=AS_SENT).status_code == 303

    assert "New limits" not in Page(browser.get("/you/security").text).text
    browser.post("/you/limits", data=AS_SENT | {"phone_payment": "49"})
    assert "New limits for paying on your phone: 49.00 / 150.00 RES" in Page(browser.get("/you/security").text).text
    assert "New limits for showing your code" not in Page(browser.get("/you/security").text).text


def test_the_page_shows_the_limits_and_when_a_higher_one_holds(federation: Kit, browser_of: Browser) -> None:
    browser = browser_of("ana")
    sent = browser.post("/you/limits", data=AS_SENT | {"phone_payment": "80", "code_day": "100,5"})

    page = browser.get(sent.location).text

    assert (sent.status_code, sent.location) == (303, "/you/limits?saved=1")
    assert "Your limits are saved" in page
    assert "Your limits are saved" not in browser.get("/you/limits").text
    assert "A higher limit waits" in Page(page).text
    assert "It holds from 2 March 2026, 12:00:10. Until then: 50.00 RES at once" in Page(page).text
    assert 'value="80.00"' in page
    assert 'value="100.50"' in page


def test_saving_something_else_leaves_a_waiting_raise_alone(federation: Kit, ana: int, browser_of: Browser) -> None:
    before = limits.change(federation, ana, {"phone": Most(80_00, 150_00)}, proved=True)["phone"]

    browser_of("ana").post("/you/limits", data=AS_SENT | {"phone_payment": "80.00", "code_payment": "10.00"})

    assert limits.limits_of(federation, ana) == {"phone": before, "code": Limit(Most(10_00, 150_00))}


def test_the_page_tells_what_was_paid_today(federation: Kit, ana: int, at_work: FlaskClient, clock: Clock) -> None:
    assert pays(federation, 12_50)
    assert charges(federation, 3_00)
    today = Page(at_work.get("/you/limits", base_url=federation.settings.origin).text).text
    clock.advance(days=1)

    assert "Paid so today: 12.50 RES" in today
    assert "Paid so today: 3.00 RES" in today
    assert (
        Page(at_work.get("/you/limits", base_url=federation.settings.origin).text).text.count("Paid so today: 0.00 RES")
        == 2
    )


def test_the_page_of_a_persona_says_that_one_press_is_enough_and_not_that_nothing_was_paid(
    federation: Kit, ana: int, browser_of: Browser
) -> None:
    browser = browser_of("ana")
    code = payments.open_bill(federation, "bakery-1", "bea", amount_minor=60_00, key=new_key()).code
    assert browser.post(f"/b/{code}/pay", json={"key": new_key()}).status_code == 201
    assert charges(federation, 3_00)

    page = Page(browser.get("/you/limits").text).text
    assert "In the demo one press is enough for any sum" in page
    assert "Paid so today: 0.00 RES" not in page
    assert "Paid so today: 3.00 RES" in page


def test_scripts_read_and_set_limits(federation: Kit, browser_of: Browser) -> None:
    browser = browser_of("ana")

    set_to = browser.post("/you/limits", json=AS_SENT | {"phone_day": "200.00", "code_payment": "0.00"}, headers=JSON)

    assert set_to.json == browser.get("/you/limits", headers=JSON).json
    assert set_to.json == {
        "phone": {
            "payment": "50.00",
            "day": "150.00",
            "next": {"payment": "50.00", "day": "200.00", "from": "2026-03-02T12:00:10Z"},
        },
        "code": {"payment": "0.00", "day": "150.00"},
    }


def test_what_is_no_sum_changes_nothing_and_stays_in_its_field(browser_of: Browser) -> None:
    browser = browser_of("ana")

    refused = browser.post("/you/limits", data=AS_SENT | {"phone_payment": "lots"})

    assert refused.status_code == 400
    assert 'value="lots"' in refused.text
    assert "Your limits stay as they are" in Page(refused.text).text


def test_each_field_says_what_is_wrong_with_it_and_the_first_has_the_focus(browser_of: Browser) -> None:
    sent = AS_SENT | {"phone_day": "lots", "code_day": "99999999999.00"}

    refused = browser_of("ana").post("/you/limits", data=sent).text

    fields = {name: refused.partition(f'name="{name}"')[2].partition("</p>")[0] for name in AS_SENT}
    assert [name for name, field in fields.items() if 'aria-invalid="true"' in field] == ["phone_day", "code_day"]
    assert "Write the sum like 12.50" in fields["phone_day"]
    assert "The largest sum is" in fields["code_day"]
    assert refused.count(" autofocus") == 1


def test_raising_asks_for_the_passkey_first_and_every_device_is_told(
    federation: Kit, at_work: FlaskClient, browser_of: Browser
) -> None:
    base = {"base_url": "http://localhost:8000"}
    refused = at_work.post("/you/limits", json=AS_SENT | {"code_day": "151.00"}, **base)
    lowered = at_work.post("/you/limits", json=AS_SENT | {"code_day": "149.00"}, **base)

    assert (refused.status_code, refused.json["type"]) == (403, "step_up_required")
    assert lowered.status_code == 200
    assert (
        "New limits for showing your code: 50.00 / 149.00 RES" in Page(browser_of("ana").get("/you/security").text).text
    )


def test_the_code_screen_tells_the_limit_in_force(browser_of: Browser) -> None:
    browser = browser_of("ana")
    browser.post("/you/limits", data=AS_SENT | {"code_payment": "12.00"})

    assert 'data-limit="12.00"' in browser.get("/code").text


def test_the_code_screen_promises_no_more_than_is_left_of_the_day(
    federation: Kit, phone: MemberPhone, browser_of: Browser, clock: Clock
) -> None:
    browser, bea = browser_of("ana"), browser_of("bea")
    browser.post("/you/limits", data=AS_SENT | {"code_day": "55.00"})
    for sum_, left in (("3.00", "50.00"), ("4.00", "48.00")):
        assert scan(bea, phone.token(), sum_).get_json()["state"] == "paid"
        clock.advance(30)
        assert f'data-limit="{left}"' in browser.get("/code").text
    browser.post("/you/limits", data=AS_SENT | {"code_day": "6.00"})

    assert 'data-limit="0.00"' in browser.get("/code").text


def test_who_is_asked_as_the_day_is_used_up_is_not_told_that_the_sum_is_too_high(
    phone: MemberPhone, browser_of: Browser
) -> None:
    browser, bea = browser_of("ana"), browser_of("bea")
    browser.post("/you/limits", data=AS_SENT | {"code_day": "1.00"})

    asked = scan(bea, phone.token(), "2.00").get_json()["code"]

    says = "This is more than a code pays by itself, at once or in a day, so you decide here."
    assert says in Page(browser.get(f"/b/{asked}").text).text


def test_before_it_is_enrolled_the_code_screen_tells_a_raised_limit_once_it_holds(
    federation: Kit, ana: int, browser_of: Browser, clock: Clock
) -> None:
    limits.change(federation, ana, {"code": Most(200_00, 400_00)}, proved=True)
    said = "Up to {} RES a payment and {} RES a day are paid at once."
    assert said.format("50.00", "150.00") in Page(browser_of("ana").get("/code").text).text
    clock.advance(hours=24)

    assert said.format("200.00", "400.00") in Page(browser_of("ana").get("/code").text).text
