"""A till that waits for an answer: what it charges is done once, and what comes meanwhile or too late harms no sale."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.counter import charge, link_of, next_sale, press, scanned_by_hand, screen
from tests.browser.script import run_by
from tests.browser.stage import Stage
from tests.browser.world import Counter, bills_of

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]

# What a till does by itself, it has done by then.
SOON_MS = 1_500
# From now on the browser keeps nothing more.
FULL = """() => {
    Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""


@pytest.fixture
def counter(stage: Stage) -> Counter:
    """Give a counter whose payments are told apart."""
    return stage.world.counter()


def told_nothing(till: Page) -> None:
    """Wait until the till says that it does not know."""
    expect(till.get_by_role("alert").filter(has_text="No answer yet")).to_be_visible(timeout=20_000)


def lost_scan(stage: Stage, till: Page, code: str) -> None:
    """Scan a member's code for 4.50 while nothing reaches the server, until the till says that it does not know."""
    till.route("**/scans", lambda route: route.abort())
    press(till, *"450")
    scanned_by_hand(till, code)
    told_nothing(till)
    till.unroute_all(behavior="wait")


def lost_bill(till: Page) -> None:
    """Charge 4.50 while nothing reaches the server, until the till says that it does not know."""
    till.route("**/bills", lambda route: route.abort())
    press(till, *"450", "Enter")
    told_nothing(till)
    till.unroute_all(behavior="wait")


def lost_correction(till: Page, counter: Counter, sale: str) -> None:
    """Put the sum of a sale right while nothing reaches the server, until the till says that it does not know."""
    till.goto(f"{counter.path}?wrong={sale}")
    run_by(till, "wallet-till")
    till.route("**/corrections", lambda route: route.abort())
    press(till, *"230", "Enter")
    told_nothing(till)
    till.unroute_all(behavior="wait")


def payments(till: Page) -> list[str]:
    """Give the sums of the payments that the keypad lists, once the till has done what it does by itself."""
    till.wait_for_timeout(SOON_MS)
    expect(screen(till, "register")).to_be_attached()
    return till.locator(".last-five .sum[value]").all_inner_texts()


def test_a_scan_that_got_no_answer_is_not_sent_again_after_the_member_has_paid_in_another_way(
    stage: Stage, counter: Counter
) -> None:
    till, ana = stage.till(counter), stage.world.member()
    lost_scan(stage, till, link_of(stage, ana))
    press(till, "Escape")
    stage.world.pay(charge(till, "500"), ana)
    expect(screen(till, "paid")).to_be_attached()

    press(till, "7")

    assert payments(till) == ["5.00"]


def test_a_scan_that_got_no_answer_is_not_sent_again_by_a_look_at_a_parked_bill(stage: Stage, counter: Counter) -> None:
    till = stage.till(counter)
    parked = charge(till, "320")
    next_sale(till)
    lost_scan(stage, till, link_of(stage, stage.world.member()))
    till.locator(f'.parked [data-code="{parked}"] a').click()
    expect(screen(till, "waiting")).to_be_attached()

    press(till, "Escape")

    assert payments(till) == []


@pytest.mark.parametrize("size", [(360, 640), (360, 740), (768, 1024), (1024, 768), (1280, 720)])
def test_a_cashier_who_is_told_to_look_at_the_last_payments_sees_the_newest(
    stage: Stage, counter: Counter, size: tuple[int, int]
) -> None:
    for minor in (320, 330, 340):
        stage.world.sale(counter, stage.world.member(), minor)
    till = stage.till(counter, viewport={"width": size[0], "height": size[1]})
    charge(till, "410")
    next_sale(till)

    lost_scan(stage, till, link_of(stage, stage.world.member()))

    expect(till.locator(".last-five li").first).to_be_in_viewport(ratio=1)
    expect(till.locator(".last-five .sum[value]").first).to_have_text("3.40")
    expect(till.get_by_role("button", name="Charge 4.50 RES")).to_be_in_viewport(ratio=1)
    press(till, "Escape")
    expect(till.locator(".parked")).to_be_visible()


@pytest.mark.parametrize("what", ["a bill", "a scan", "a correction"])
@pytest.mark.parametrize("back", ["a link", "Back"])
def test_what_got_no_answer_is_not_sent_again_by_who_comes_back_from_a_receipt(
    stage: Stage, counter: Counter, what: str, back: str
) -> None:
    sale = stage.world.sale(counter, stage.world.member(), 320)
    till = stage.till(counter)
    if what == "a scan":
        lost_scan(stage, till, link_of(stage, stage.world.member()))
    elif what == "a bill":
        lost_bill(till)
    else:
        lost_correction(till, counter, sale)
        till.get_by_role("link", name="Leave it as it is").click()
        expect(till.locator(".correction")).to_have_count(0)
    till.locator(".last-five li a").first.click()
    expect(till).to_have_url(re.compile("/receipts/"))

    if back == "Back":
        till.go_back()
    else:
        till.goto(counter.path)
    run_by(till, "wallet-till")

    assert payments(till) == ["3.20"]
    expect(till.locator(".last-five .back")).to_have_count(0)
    assert bills_of(stage.world, counter) == ["paid"]


def test_a_correction_that_was_given_up_is_not_sent_by_a_page_loaded_anew(stage: Stage, counter: Counter) -> None:
    sale = stage.world.sale(counter, stage.world.member(), 320)
    till = stage.till(counter)
    lost_correction(till, counter, sale)
    till.get_by_role("link", name="Leave it as it is").click()
    expect(till.locator(".correction")).to_have_count(0)

    till.reload()
    run_by(till, "wallet-till")

    assert payments(till) == ["3.20"]
    assert bills_of(stage.world, counter) == ["paid"]


@pytest.mark.parametrize("then", ["a bill", "another scan"])
def test_a_page_loaded_anew_sends_no_scan_again_that_something_else_was_charged_after(
    stage: Stage, counter: Counter, then: str
) -> None:
    till = stage.till(counter)
    lost_scan(stage, till, link_of(stage, stage.world.member()))
    press(till, "Escape")
    if then == "a bill":
        charge(till, "500")
        next_sale(till)
    else:
        press(till, *"500")
        scanned_by_hand(till, link_of(stage, stage.world.member()))
        expect(screen(till, "paid")).to_be_attached()
        press(till, "Escape")
    expect(screen(till, "register")).to_be_attached()

    till.reload()
    run_by(till, "wallet-till")

    assert payments(till) == ([] if then == "a bill" else ["5.00"])


def test_a_scan_that_was_carried_out_unheard_is_the_same_when_its_code_is_scanned_again(
    stage: Stage, counter: Counter
) -> None:
    till, code = stage.till(counter), link_of(stage, stage.world.member())
    till.route("**/scans", lambda route: route.fetch() and route.abort())
    press(till, *"450")
    scanned_by_hand(till, code)
    told_nothing(till)
    till.unroute_all(behavior="wait")

    scanned_by_hand(till, code)

    expect(screen(till, "paid")).to_contain_text("4.50")
    press(till, "Escape")
    assert payments(till) == ["4.50"]


def test_a_bill_that_was_made_unheard_is_the_same_when_pressed_again_after_refusals_of_who_asks(
    stage: Stage, counter: Counter
) -> None:
    till, refusals = stage.till(counter), iter([None, 429, 403])

    def refuse(route: Route) -> None:
        status = next(refusals, 201)
        if status is None:
            route.fetch()
            return route.abort()
        if status == 201:
            return route.continue_()
        body = f'{{"type": "refused", "title": "Nothing was changed.", "status": {status}}}'
        return route.fulfill(status=status, content_type="application/problem+json", body=body)

    till.route("**/bills", refuse)
    press(till, *"450")
    for _refusal in (429, 403):
        press(till, "Enter")
        told_nothing(till)

    press(till, "Enter")

    expect(screen(till, "waiting")).to_contain_text("4.50")
    assert bills_of(stage.world, counter) == ["open"]


def test_a_scan_that_was_refused_is_not_sent_again_by_a_page_that_is_loaded_anew(
    stage: Stage, counter: Counter
) -> None:
    till, sent = stage.till(counter), list[str]()
    press(till, *"450")
    scanned_by_hand(till, f"{link_of(stage, stage.world.member())[:-3]}AAA")
    expect(till.get_by_role("alert")).to_contain_text("No phone here shows this code")
    till.on("request", lambda request: sent.append(request.method))

    till.reload()
    run_by(till, "wallet-till")

    expect(till.locator('wallet-till[aria-busy="false"]')).to_be_attached()
    assert "POST" not in sent


def test_a_till_goes_on_charging_after_a_look_at_a_parked_bill_during_a_scan(stage: Stage, counter: Counter) -> None:
    till, held = stage.till(counter), list[Route]()
    parked = charge(till, "320")
    next_sale(till)
    till.route("**/scans", lambda route: held.append(route))
    press(till, *"450")
    with till.expect_request("**/scans"):
        scanned_by_hand(till, link_of(stage, stage.world.member()))
    till.locator(f'.parked [data-code="{parked}"] a').click()
    expect(screen(till, "waiting")).to_be_attached()

    held.pop().continue_()

    expect(screen(till, "paid")).to_contain_text("4.50")
    press(till, "Escape")
    expect(screen(till, "register")).to_be_attached()
    charge(till, "300")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("bills", "No answer yet, so we do not know whether it was done"),
        ("scans", "No answer yet, so we do not know whether the member was charged"),
        ("a code that nobody has", "No phone here shows this code"),
    ],
)
def test_what_became_of_a_charge_is_said_at_the_keypad_and_beside_no_bill_that_came_to_the_front(
    stage: Stage, counter: Counter, sent: str, said: str
) -> None:
    till, held = stage.till(counter), list[Route]()
    parked = charge(till, "320")
    next_sale(till)
    code = link_of(stage, stage.world.member())
    place = "**/bills" if sent == "bills" else "**/scans"
    till.route(place, lambda route: held.append(route) if not held else route.abort())
    press(till, *"450")
    with till.expect_request(place):
        if sent == "bills":
            press(till, "Enter")
        else:
            scanned_by_hand(till, code if sent == "scans" else f"{code[:-3]}AAA")
    till.locator(f'.parked [data-code="{parked}"] a').click()
    expect(screen(till, "waiting")).to_be_attached()

    if sent in ("bills", "scans"):
        held[0].abort()
    else:
        held[0].continue_()

    expect(till.locator('wallet-till[aria-busy="false"]')).to_be_attached(timeout=20_000)
    expect(till.locator("[data-trouble]")).to_be_hidden()
    next_sale(till)
    expect(till.get_by_role("alert")).to_contain_text(said)


def test_what_is_typed_while_a_charge_is_out_is_no_part_of_its_sum(stage: Stage, counter: Counter) -> None:
    till, answers = stage.till(counter), iter([False] * 4)

    def lose(route: Route) -> None:
        if next(answers, True):
            return route.continue_()
        route.fetch()
        return route.abort()

    till.route("**/bills", lose)
    with till.expect_request("**/bills"):
        press(till, *"1250", "Enter")
    press(till, *"300")
    till.locator('[data-key="cash"]').click()
    told_nothing(till)

    press(till, "Enter")

    expect(screen(till, "waiting")).to_contain_text("12.50")
    assert bills_of(stage.world, counter) == ["open"]


def test_a_late_answer_to_a_cancel_leaves_the_next_customers_bill_in_front(stage: Stage, counter: Counter) -> None:
    till, held = stage.till(counter), list[Route]()
    charge(till, "320")
    till.route("**/cancel", lambda route: held.append(route))
    with till.expect_request("**/cancel"):
        till.get_by_role("button", name="Cancel this bill").click()
    press(till, "Escape")
    expect(screen(till, "register")).to_be_attached()
    charge(till, "300")

    with till.expect_response("**/cancel"):
        held.pop().continue_()

    till.wait_for_timeout(SOON_MS)
    expect(screen(till, "waiting").locator("main .amount")).to_contain_text("3.00")


@pytest.mark.parametrize("holds", ["nothing", "what was charged before"])
def test_pressed_again_a_charge_is_the_same_where_the_browser_takes_nothing_more_to_keep(
    stage: Stage, counter: Counter, holds: str
) -> None:
    till, lost = stage.till(counter), iter(range(4))

    def lose(route: Route) -> None:
        if next(lost, None) is None:
            return route.continue_()
        route.fetch()
        return route.abort()

    if holds != "nothing":
        till.route("**/bills", lambda route: route.abort())
        press(till, *"300", "Enter")
        told_nothing(till)
        till.unroute_all(behavior="wait")
        press(till, "Escape")
    till.evaluate(FULL)
    till.route("**/bills", lose)
    press(till, *"1250", "Enter")
    told_nothing(till)

    press(till, "Enter")

    expect(screen(till, "waiting")).to_contain_text("12.50")
    assert bills_of(stage.world, counter) == ["open"]
