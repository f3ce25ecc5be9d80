"""A till in haste: keys that come before the screen, answers that never come, a hand scanner that types a code."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import clock
from tests.browser.counter import (
    charge,
    expect_paid,
    held_before,
    link_of,
    open_bill,
    pay,
    press,
    scanned_by_hand,
    screen,
)
from tests.browser.script import run_by
from tests.browser.stage import Stage
from tests.browser.world import Counter, bills_of

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]

LATE_MS = 900
# No key of a hand follows the one before it as soon as a hand scanner's do.
HAND_MS = 80
ONCE_MORE = "Scan again and charge once more"


def read_late(till: Page) -> None:
    """Let the till's pages come so late that a cashier has typed the next sum meanwhile."""

    def late(route: Route) -> None:
        if route.request.method == "GET" and route.request.headers.get("accept") == "text/html":
            till.wait_for_timeout(LATE_MS)
        route.continue_()

    till.route(re.compile(r"/tills/[^/]+(\\?.*)?$"), late)


def paid_screen(stage: Stage, *, stays: bool = False) -> Page:
    """Give a till on which a payment has just turned green; with `stays` its time stands still, so that it stays so."""
    till = stage.till(stage.world.counter())
    if stays:
        till.clock.install()
        till.reload()
    code = charge(till, "320")
    if stays:
        # Not before: keys between which no time passes are those of a hand scanner.
        clock.stop(till)
    phone = open_bill(stage, stage.world.member(), code)
    pay(phone)
    if stays:
        expect_paid(phone)
        # Where no stream is free, it would look by its clock.
        till.evaluate("dispatchEvent(new Event('online'))")
    expect(screen(till, "paid")).to_be_attached()
    return till


def typed(till: Page) -> str:
    expect(screen(till, "register")).to_be_attached()
    return till.locator("[data-sum]").inner_text().split()[0]


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [("Control+3 1 3 Backspace 2 5 0", "12.50"), ("9 9 Escape 5 0 0", "5.00"), ("5 0 0 + 3 0 0", "8.00")],
)
def test_every_key_that_is_pressed_before_the_keypad_is_there_counts(stage: Stage, keys: str, wanted: str) -> None:
    till = paid_screen(stage)
    read_late(till)

    press(till, *keys.split())

    assert typed(till) == wanted


def test_what_is_typed_on_the_way_to_a_correction_is_the_right_sum_of_that_correction(stage: Stage) -> None:
    till = paid_screen(stage)
    read_late(till)
    till.get_by_role("link", name="Wrong amount").click()

    press(till, *"1250")

    till.wait_for_timeout(3 * LATE_MS)
    assert typed(till) == "12.50"
    expect(till.locator(".correction")).to_be_visible()


def test_who_asks_for_a_correction_in_the_paid_screens_last_moment_has_it_and_keeps_it(stage: Stage) -> None:
    till = paid_screen(stage, stays=True)
    read_late(till)
    till.get_by_role("link", name="Wrong amount").click()
    # Its six seconds are over before the page is there.
    till.clock.run_for(7_000)

    expect(till.locator(".correction")).to_be_visible()
    till.wait_for_timeout(3 * LATE_MS)
    expect(till.locator(".correction")).to_be_visible()


@pytest.mark.parametrize("leaves", ["Escape", "Next sale"])
def test_what_is_typed_on_the_way_from_a_waiting_bill_is_whole(stage: Stage, leaves: str) -> None:
    till = stage.till(stage.world.counter())
    charge(till, "320")
    read_late(till)
    if leaves == "Escape":
        press(till, leaves)
    else:
        till.get_by_role("link", name=leaves).click()

    press(till, *"1250")

    assert typed(till) == "12.50"


@pytest.fixture
def counter(stage: Stage) -> Counter:
    """Give a counter whose bills are told apart."""
    return stage.world.counter()


def test_a_digit_does_not_leave_a_bill_that_waits(stage: Stage, counter: Counter) -> None:
    till, asked = stage.till(counter), list[str]()
    charge(till, "320")
    till.on("request", lambda request: asked.append(request.url))

    press(till, "5")
    till.evaluate("() => undefined")

    assert stage.world.origin + counter.path not in asked


@pytest.fixture
def lost(stage: Stage, counter: Counter) -> Page:
    """Give the counter's till, which heard nothing of a bill of 12.50 that somebody has paid meanwhile."""
    till = stage.till(counter)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    till.route("**/bills", lose)
    press(till, *"1250", "Enter")
    expect(till.get_by_role("alert").filter(has_text="No answer")).to_be_visible(timeout=20_000)
    parked = till.locator(".parked [data-code]")
    expect(parked).to_have_count(1)
    first = parked.get_attribute("data-code")
    assert first is not None
    phone = open_bill(stage, stage.world.member(), first)
    pay(phone)
    expect_paid(phone)
    expect(parked.locator("a")).to_have_attribute("data-state", "paid")
    till.unroute_all(behavior="wait")
    return till


def test_a_bill_whose_answer_was_lost_is_not_shown_as_paid_to_the_next_customer(
    stage: Stage, counter: Counter, lost: Page
) -> None:
    press(lost, "Enter")

    expect(screen(lost, "waiting")).to_be_attached()
    assert bills_of(stage.world, counter) == ["paid", "open"]


def test_a_till_that_is_loaded_anew_after_a_lost_answer_makes_no_bill_by_itself(
    stage: Stage, counter: Counter, lost: Page
) -> None:
    with lost.expect_response("**/bills"):
        lost.reload()

    expect(lost.locator('wallet-till[aria-busy="false"]')).to_be_attached()
    expect(screen(lost, "register")).to_be_attached()
    assert bills_of(stage.world, counter) == ["paid"]


@pytest.mark.parametrize(("later_ms", "made"), [(0, 1), (61_000, 2), (-7_200_000, 2)])
def test_a_bill_that_a_failing_server_made_is_shown_by_the_next_press_unless_that_means_another_customer(
    stage: Stage, later_ms: int, made: int
) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    failed = '{"type": "failed", "title": "Something went wrong.", "status": 500}'

    def fail(route: Route) -> None:
        route.fetch()
        route.fulfill(status=500, content_type="application/problem+json", body=failed)

    till.route("**/bills", fail, times=1)
    press(till, *"1250", "Enter")
    expect(till.get_by_role("alert").filter(has_text="Something went wrong")).to_be_visible()
    till.evaluate("later => { const now = Date.now; Date.now = () => now() + later; }", later_ms)

    press(till, "Enter")

    expect(screen(till, "waiting")).to_be_attached()
    assert len(bills_of(stage.world, counter)) == made


def test_a_bill_whose_answer_was_lost_and_that_was_paid_unseen_is_shown_as_paid(stage: Stage, counter: Counter) -> None:
    till, other = stage.till(counter), stage.page(counter.cashier)
    answers = iter([False] * 4)

    def lose(route: Route) -> None:
        # Nothing is read, and only what is pressed once more is answered.
        if route.request.method == "POST" and next(answers, True):
            return route.continue_()
        if route.request.method == "POST":
            route.fetch()
        return route.abort()

    till.route("**/tills/**", lose)
    press(till, *"1250", "Enter")
    expect(till.get_by_role("alert").filter(has_text="No answer")).to_be_visible(timeout=20_000)
    other.goto(counter.path)
    code = other.locator(".parked [data-code]").get_attribute("data-code")
    assert code is not None
    stage.world.pay(code, stage.world.member())

    press(till, "Enter")

    expect(screen(till, "paid")).to_contain_text("12.50")
    assert bills_of(stage.world, counter) == ["paid"]


@pytest.mark.parametrize("sent", ["bills", "scans"])
def test_a_till_that_is_loaded_anew_much_later_does_not_charge_what_was_never_answered(
    stage: Stage, counter: Counter, sent: str
) -> None:
    till = stage.till(counter)
    till.route(f"**/{sent}", lambda route: route.abort())
    press(till, *"1250")
    if sent == "bills":
        press(till, "Enter")
    else:
        scanned_by_hand(till, link_of(stage, stage.world.member()))
    expect(till.get_by_role("alert").filter(has_text="No answer")).to_be_visible(timeout=20_000)
    till.unroute_all(behavior="wait")
    again: list[str] = []
    till.on("request", lambda request: again.append(request.url) if request.method == "POST" else None)

    till.add_init_script("{ const now = Date.now; Date.now = () => now() + 61_000; }")
    till.reload()

    run_by(till, "wallet-till")
    expect(till.locator('wallet-till[aria-busy="false"]')).to_be_attached()
    run_by(till, "wallet-till-scan")
    assert till.evaluate("() => sessionStorage.length") == 0
    assert again == []


# As most type, and as one that is set for slow tills does over a radio link.
@pytest.mark.parametrize("key_ms", [1, 60])
def test_a_hand_scanner_charges_the_member_and_types_no_sum(stage: Stage, counter: Counter, key_ms: int) -> None:
    till, member = stage.till(counter), stage.world.member()
    press(till, *"250")

    scanned_by_hand(till, link_of(stage, member), key_ms)

    expect(screen(till, "paid")).to_be_attached()
    expect(till.locator("main")).to_contain_text("2.50")
    assert bills_of(stage.world, counter) == []


def test_a_letter_that_a_hand_slips_on_takes_no_digit_of_the_sum(stage: Stage) -> None:
    till = stage.till(stage.world.counter())

    for key in "12q50":
        till.wait_for_timeout(HAND_MS)
        press(till, key)

    assert typed(till) == "12.50"


@pytest.mark.parametrize(("place", "note"), [("Reference", "table 4"), ("Scan", None)])
def test_a_hand_scanner_charges_the_member_wherever_the_focus_is(
    stage: Stage, counter: Counter, place: str, note: str | None
) -> None:
    till = stage.till(counter)
    press(till, *"250")
    till.locator("wallet-keypad").get_by_text(place, exact=True).click()
    if note:
        till.get_by_label("Your own reference").press_sequentially(note)
    else:
        expect(till.get_by_role("dialog")).to_be_visible()

    with till.expect_request("**/scans") as sent:
        scanned_by_hand(till, link_of(stage, stage.world.member()))

    assert sent.value.post_data_json.get("note") == note
    expect(screen(till, "paid")).to_contain_text("2.50")
    assert bills_of(stage.world, counter) == []


def test_a_barcode_under_a_hand_scanner_is_a_reference_where_one_is_asked_for(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    press(till, *"250")
    till.get_by_text("Reference", exact=True).click()

    scanned_by_hand(till, "20261130AB")

    expect(screen(till, "waiting").locator("main")).to_contain_text("20261130AB")


@pytest.fixture
def repeated(stage: Stage, counter: Counter) -> tuple[Page, str]:
    """Give the counter's till, which offers to charge a member 12.50 once more, and the link on that member's phone."""
    till, ana = stage.till(counter), stage.world.member()
    press(till, *"1250")
    scanned_by_hand(till, link_of(stage, ana))
    expect(screen(till, "paid")).to_be_attached()
    press(till, *"1250")
    expect(screen(till, "register")).to_be_attached()
    scanned_by_hand(till, link_of(stage, ana))
    expect(till.get_by_role("button", name=ONCE_MORE)).to_be_visible()
    return till, link_of(stage, ana)


def test_once_more_is_offered_for_no_other_sum_than_the_one_that_was_charged(repeated: tuple[Page, str]) -> None:
    till, _link = repeated
    till.wait_for_timeout(HAND_MS)

    press(till, "Escape", *"300")

    expect(till.locator("[data-sum]")).to_have_text("3.00 RES")
    expect(till.get_by_role("button", name=ONCE_MORE)).to_be_hidden()


def test_a_hand_scanner_charges_once_more_what_the_camera_was_opened_for(repeated: tuple[Page, str]) -> None:
    till, link = repeated
    till.get_by_role("button", name=ONCE_MORE).click()
    expect(till.get_by_role("dialog")).to_be_visible()

    scanned_by_hand(till, link)

    expect(screen(till, "paid")).to_contain_text("12.50")


def test_what_is_charged_once_more_has_the_reference_that_was_typed_for_it(repeated: tuple[Page, str]) -> None:
    till, link = repeated
    till.get_by_text("Reference", exact=True).click()
    till.get_by_label("Your own reference").press_sequentially("table 4", delay=HAND_MS)
    till.get_by_role("button", name=ONCE_MORE).click()

    with till.expect_request("**/scans") as sent:
        held_before(till, link)

    assert sent.value.post_data_json["note"] == "table 4"


def test_a_hand_scanner_at_a_correction_is_told_that_a_code_is_read_at_the_next_sale(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    till = stage.till(counter)
    till.goto(f"{counter.path}?wrong={stage.world.sale(counter, ana, 2_150)}")
    press(till, *"1250")

    scanned_by_hand(till, link_of(stage, ana))

    expect(till.locator("[data-trouble]")).to_contain_text("A code is read at the next sale")
    assert typed(till) == "12.50"


def test_goods_under_a_hand_scanner_become_no_sum_and_no_bill(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    press(till, *"250")

    scanned_by_hand(till, "4006381333931")

    expect(till.get_by_role("alert")).to_contain_text("not a member’s code")
    assert typed(till) == "2.50"


@pytest.mark.parametrize("text", ["4006381333931", "https://wallet.example/m/AT8xLw41Qb7"])
def test_what_a_hand_scanner_types_on_a_paid_screen_becomes_no_bill(stage: Stage, text: str) -> None:
    till = paid_screen(stage)

    scanned_by_hand(till, text)

    assert typed(till) == "0.00"


def test_a_till_whose_page_never_comes_still_shows_the_bill_that_was_made(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    till.clock.install()
    till.reload()
    # The till does not become tired of waiting for its page.
    clock.stop(till)
    hung: list[Route] = []
    till.route(re.compile(r"/tills/[^/]+$"), lambda route: hung.append(route))
    till.evaluate("() => document.querySelector('wallet-till').screen.refresh() && 0")
    # It may have been reading its page already, for its own sake: then that is what hangs.
    while not hung:
        till.wait_for_timeout(10)

    press(till, *"300", "Enter")

    expect(screen(till, "waiting")).to_be_attached()


def test_a_till_without_a_network_goes_on_with_what_was_typed_once_it_is_back(stage: Stage) -> None:
    till = paid_screen(stage, stays=True)
    till.context.set_offline(True)
    press(till, *"45")
    till.clock.run_for(1_000)
    expect(screen(till, "paid")).to_be_attached()

    till.context.set_offline(False)

    assert typed(till) == "0.45"
