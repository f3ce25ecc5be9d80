"""Signed out on another device while paying: each screen says how it stands, and shows it after signing in again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.counter import charge, expect_paid, open_bill, pay, press, screen, sign_out_everywhere, words_of
from tests.browser.gifts import fill_in
from tests.browser.script import run_by
from tests.browser.stage import TABLET, Stage
from tests.browser.world import bills_of

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]


def lose_first(stage: Stage, handle: str, done: int = 201) -> Callable[[Route], None]:
    """Carry out the first request, lose its reply, and sign `handle` out before it is asked again."""
    sent: list[Route] = []
    other = stage.page(handle)

    def lose(route: Route) -> None:
        sent.append(route)
        if len(sent) > 1:
            return route.continue_()
        assert route.fetch(max_redirects=0).status == done
        sign_out_everywhere(other)
        return route.abort()

    return lose


def sign_in_again(page: Page, handle: str) -> None:
    """Follow the way back that the page offers."""
    page.get_by_role("link", name="Choose who you are").click()
    page.locator(f'form:has(input[value="{handle}"]) button').click()


def test_a_till_signed_out_before_the_charge_says_that_no_bill_was_opened(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.page(counter.cashier, viewport=TABLET)
    # Its stream, or a look beside it, would tell the till first.
    for told in ("events", "state"):
        till.route(f"**{counter.path}/{told}", lambda route: None)
    till.goto(counter.path)
    run_by(till, "wallet-till")
    sign_out_everywhere(stage.page(counter.cashier))
    press(till, *"1250", "Enter")

    expect(till.get_by_role("heading", name="Signed out at this till")).to_be_visible()
    expect(till.get_by_text("No bill was opened and no money moved")).to_be_visible()
    assert bills_of(stage.world, counter) == []
    sign_in_again(till, counter.cashier)
    expect(screen(till, "register")).to_be_attached()
    charge(till)
    assert bills_of(stage.world, counter) == ["open"]


def test_a_till_signed_out_while_a_charge_is_out_waits_for_what_became_of_it(stage: Stage) -> None:
    counter = stage.world.counter()
    other, till, held = stage.page(counter.cashier), stage.till(counter), list[Route]()
    till.route("**/bills", lambda route: held.append(route))
    with till.expect_request("**/bills"):
        press(till, *"1250", "Enter")
    sign_out_everywhere(other)
    # The stream may have told it before.
    till.evaluate("() => document.querySelector('wallet-till').screen.refresh()")

    held.pop().continue_()

    expect(till.get_by_role("heading", name="Signed out at this till")).to_be_visible()
    expect(till.get_by_text("No bill was opened and no money moved")).to_be_visible()


def test_a_till_signed_out_after_a_lost_reply_says_that_it_does_not_know_and_finds_out(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    till.route("**/bills", lose_first(stage, counter.cashier))
    press(till, *"1250", "Enter")

    expect(till.get_by_role("heading", name="We do not know yet whether it was done")).to_be_visible()
    sign_in_again(till, counter.cashier)
    expect(screen(till, "register").locator(".parked a")).to_contain_text("12.50")
    assert bills_of(stage.world, counter) == ["open"]


def test_a_till_that_asks_again_once_its_page_is_loaded_anew_does_not_say_that_nothing_was_done(stage: Stage) -> None:
    counter = stage.world.counter()
    till, other, sent = stage.till(counter), stage.page(counter.cashier), []

    def lose(route: Route) -> None:
        sent.append(route.request.post_data)
        if len(sent) == 1:
            assert route.fetch().status == 201
            till.evaluate("() => void setTimeout(() => location.reload())")
            return
        if len(sent) == 2:
            sign_out_everywhere(other)
        route.continue_()

    till.route("**/bills", lose)
    press(till, *"1250", "Enter")

    expect(till.get_by_role("heading", name="We do not know yet whether it was done")).to_be_visible()
    assert len(set(sent)) == 1
    sign_in_again(till, counter.cashier)
    expect(screen(till, "register").locator(".parked a")).to_contain_text("12.50")
    assert bills_of(stage.world, counter) == ["open"]


def test_who_is_signed_out_after_a_lost_reply_is_not_told_that_a_refund_was_refused(stage: Stage) -> None:
    counter = stage.world.counter()
    receipt = stage.world.sale(counter, stage.world.member(), 1_250)
    page = stage.page(counter.cashier)
    page.goto(f"/receipts/{receipt}")
    run_by(page, "wallet-sure")
    page.get_by_text("Goods came back").click()
    page.route("**/refunds", lose_first(stage, counter.cashier, done=303))

    page.get_by_role("button", name="Give it back").click()

    expect(page.get_by_role("heading", name="Still no answer")).to_be_visible(timeout=20_000)
    assert page.url.endswith(f"/receipts/{receipt}")


def test_a_till_signed_out_while_the_payer_confirms_follows_the_bill_to_its_end(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    till = stage.till(counter)
    code = charge(till)
    sign_out_everywhere(stage.page(counter.cashier))
    phone = open_bill(stage, ana, code)

    expect(till.get_by_role("heading", name="The bill of 12.50 is open")).to_be_visible()
    expect(till.get_by_text("No money has moved yet. A member has it on the phone")).to_be_visible()
    expect(till.get_by_text("Ana")).to_have_count(0)
    pay(phone)
    expect_paid(phone)
    expect(till.get_by_role("heading", name="The bill of 12.50 is paid")).to_be_visible()
    expect(till.get_by_text("The money has moved to Kneading Table Bakery, once")).to_be_visible()
    sign_in_again(till, counter.cashier)
    expect(screen(till, "paid")).to_contain_text("Ana")
    assert words_of(till) == words_of(phone)


def test_a_till_signed_out_before_it_could_listen_hears_of_it_by_asking(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.page(counter.cashier, viewport=TABLET)
    till.route("**/events", lambda route: route.fulfill(status=204))
    till.goto(counter.path)
    with till.expect_response("**/state*"):
        charge(till)
    sign_out_everywhere(stage.page(counter.cashier))

    expect(till.get_by_role("heading", name="The bill of 12.50 is open")).to_be_visible()


def test_a_payer_signed_out_before_paying_is_told_that_no_money_moved_and_pays_once(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    bill = stage.world.bill(counter)
    phone = open_bill(stage, ana, bill.code)
    sign_out_everywhere(stage.page(ana))
    pay(phone)

    expect(phone.get_by_text("Sign in to pay this bill. No money has moved.")).to_be_visible()
    assert bills_of(stage.world, counter) == ["open"]
    phone.get_by_role("link", name="Sign in to pay").click()
    phone.locator(f'form:has(input[value="{ana}"]) button').click()
    pay(phone)
    expect_paid(phone)


def test_a_giver_signed_out_after_a_lost_reply_is_not_told_that_no_money_moved(stage: Stage) -> None:
    ana, cal = stage.world.member(), stage.world.member("Cal Dias", paid=False)
    phone = stage.page(ana)
    phone.route("**/gifts", lose_first(stage, ana))
    fill_in(phone, cal, "3")
    phone.get_by_role("button", name="Send 3.00 RES").click()

    expect(phone.get_by_role("heading", name="You are signed out")).to_be_focused()
    expect(phone.get_by_text("Sign in and look in Activity before you send again")).to_be_visible()
    expect(phone.get_by_text("this page finds out by itself")).to_be_hidden()
    expect(phone.get_by_text("No money moved")).to_have_count(0)
    sign_in_again(phone, ana)
    expect(phone.get_by_text("your gift")).to_have_count(1)


def test_a_payer_signed_out_after_a_lost_reply_is_not_told_that_somebody_else_paid(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    bill = stage.world.bill(counter)
    phone = open_bill(stage, ana, bill.code)
    phone.route("**/pay", lose_first(stage, ana))
    pay(phone)

    expect(phone.get_by_text("sign in to see whether it was you who paid")).to_be_visible()
    expect(phone.get_by_text("not paid from your wallet")).to_have_count(0)
    sign_in_again(phone, ana)
    expect_paid(phone)
    assert bills_of(stage.world, counter) == ["paid"]
