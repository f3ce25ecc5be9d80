"""The payer's thumb, tabs and network: whatever they do, one payment, and the screen ends on the truth."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Request, Route, ViewportSize, expect

from tests.browser import clock
from tests.browser.counter import charge, open_bill, pay
from tests.browser.script import run_by
from tests.browser.stage import PHONE, Stage
from wallet.store.bills import BillView
from wallet.store.tables import transfers

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]

PAY = re.compile(r"/b/[0-9A-Z]{8}/pay$")
BUTTON = "Pay 12.50 RES"
# What a press brings about has happened by then.
SOON_MS = 1_500


@pytest.fixture
def bill(stage: Stage) -> BillView:
    return stage.world.bill(stage.world.counter())


@pytest.fixture
def phone(stage: Stage, bill: BillView) -> Page:
    """Open the bill on the phone of somebody who can pay it."""
    page = stage.page(stage.world.member())
    page.goto(f"/b/{bill.code}")
    expect(page.get_by_role("button", name=BUTTON)).to_be_enabled()
    run_by(page, "wallet-confirm")
    return page


def payments_of(stage: Stage, bill: BillView) -> int:
    with stage.world.kit.engine.connect() as connection:
        counted = sa.select(sa.func.count()).select_from(transfers).where(transfers.c.bill == bill.code)
        return connection.execute(counted).scalar_one()


def press(page: Page) -> None:
    page.get_by_role("button", name=BUTTON).click()


def expect_paid(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("You paid 12.50 RES")


def same_sum_again(stage: Stage) -> tuple[Page, BillView]:
    """Pay a bill and open a second one of the same sum at the same till."""
    counter = stage.world.counter()
    first, second = stage.world.bill(counter), stage.world.bill(counter)
    phone = stage.page(stage.world.member())
    phone.goto(f"/b/{first.code}")
    press(phone)
    expect_paid(phone)
    phone.goto(f"/b/{second.code}")
    run_by(phone, "wallet-confirm")
    return phone, second


def test_a_lost_reply_is_asked_for_again_with_the_same_key(stage: Stage, bill: BillView, phone: Page) -> None:
    sent: list[str] = []

    def lose_the_first(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    phone.route(PAY, lose_the_first)
    press(phone)

    expect_paid(phone)
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert payments_of(stage, bill) == 1


def test_a_server_in_trouble_after_a_lost_reply_is_never_taken_for_a_no(
    stage: Stage, bill: BillView, phone: Page
) -> None:
    busy = '{"type": "busy", "title": "The wallet is busy. This try moved no money.", "status": 503}'
    sent: list[str] = []

    def troubled(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            route.fetch()
            route.abort()
        elif len(sent) <= 8:
            route.fulfill(status=503, content_type="application/problem+json", body=busy)
        else:
            route.continue_()

    phone.route(PAY, troubled)
    press(phone)
    expect(phone.get_by_text("We do not know yet whether the money moved. Do not pay again")).to_be_visible()
    # Whoever turns elsewhere meanwhile is not called back at each further ask.
    way_out = phone.locator('[data-when~="doubt"] a, [data-when~="doubt"] button').first
    way_out.focus()
    for said in ("The wallet is busy", "moved no money"):
        expect(phone.get_by_text(said)).to_be_hidden()

    phone.wait_for_function("asked => Number(document.querySelector('[data-part=asked]').textContent) > asked", arg=1)
    expect(way_out).to_be_focused()
    expect_paid(phone)
    assert len(set(sent)) == 1
    assert payments_of(stage, bill) == 1


def never_sent(route: Route) -> None:
    route.abort()


def never_answered(route: Route) -> None:
    route.fetch()
    route.abort()


@pytest.mark.parametrize(("lose", "paid"), [(never_sent, 0), (never_answered, 1)])
def test_while_nothing_is_known_the_sheet_says_so_and_finds_out_by_itself(
    stage: Stage, bill: BillView, phone: Page, lose: Callable[[Route], None], paid: int
) -> None:
    phone.route(PAY, lose)
    # However long the server takes, what is lost on the way back was carried out.
    with phone.expect_event("requestfailed", lambda request: bool(PAY.search(request.url))):
        press(phone)

    expect(phone.get_by_text("We do not know yet whether the money moved. Do not pay again")).to_be_visible()
    expect(phone.get_by_role("button", name=BUTTON)).to_be_hidden()
    assert payments_of(stage, bill) == paid

    phone.unroute_all(behavior="wait")
    expect_paid(phone)
    assert payments_of(stage, bill) == 1


def test_the_paid_screen_comes_with_the_answer(stage: Stage, bill: BillView, phone: Page) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        # A sheet that waits looks now and then how its bill stands, also while it is being paid: that is no page.
        if request.is_navigation_request() or "text/html" in request.headers.get("accept", ""):
            asked.append(f"{request.method} {request.url}")

    phone.on("request", note)
    press(phone)

    expect_paid(phone)
    expect(phone.get_by_role("heading", level=1)).to_be_focused()
    expect(phone).to_have_title("Paid · RES Wallet")
    assert asked == [f"POST {stage.world.origin}/b/{bill.code}/pay"]
    shown = phone.locator("main").inner_text()
    phone.reload()
    expect(phone.locator("main")).to_have_text(shown, use_inner_text=True)


@pytest.mark.parametrize("status", [200, 403, 502])
def test_a_page_that_is_not_ours_is_no_proof_and_the_payment_is_sent_again(
    stage: Stage, bill: BillView, phone: Page, status: int
) -> None:
    sent: list[str] = []

    def take_the_first(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            assert payments_of(stage, bill) == 0
            page = "<body class=paid><h1>You paid 12.50 RES</h1>"
            route.fulfill(status=status, content_type="text/html", body=page)
        else:
            route.continue_()

    phone.route(PAY, take_the_first)
    press(phone)

    expect_paid(phone)
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert payments_of(stage, bill) == 1


@pytest.mark.parametrize("view", [PHONE, {"width": 390, "height": 844}, {"width": 1280, "height": 800}], ids=str)
def test_the_second_press_of_a_double_tap_on_pay_does_not_answer_whether_it_is_a_second_purchase(
    stage: Stage, view: ViewportSize
) -> None:
    phone, second = same_sum_again(stage)
    phone.set_viewport_size(view)
    phone.clock.install()
    phone.reload()
    run_by(phone, "wallet-confirm")
    # However long this test takes from one press to the next.
    clock.stop(phone)
    box = phone.get_by_role("button", name=BUTTON).bounding_box()
    assert box is not None
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    once_more = phone.get_by_role("button", name="Pay 12.50 RES once more")

    phone.mouse.click(*place)
    expect(phone.get_by_text("You paid the same sum here a moment ago")).to_be_visible()
    phone.mouse.click(*place)

    phone.wait_for_timeout(SOON_MS)
    assert payments_of(stage, second) == 0
    phone.clock.run_for(clock.STILL_MS)
    once_more.click()
    expect_paid(phone)
    assert payments_of(stage, second) == 1


def test_after_a_refusal_without_script_the_next_press_ends_at_the_address_of_the_bill(stage: Stage) -> None:
    phone, second = same_sum_again(stage)
    phone.evaluate("() => document.querySelector('form[data-act=pay]').submit()")
    expect(phone.get_by_role("button", name="Pay 12.50 RES once more")).to_be_visible()
    expect(phone).to_have_url(re.compile(rf"/b/{second.code}$"))
    phone.get_by_role("button", name="Pay 12.50 RES once more").click()

    expect_paid(phone)
    expect(phone).to_have_url(re.compile(rf"/b/{second.code}$"))
    assert payments_of(stage, second) == 1


def test_a_double_tap_pays_once(stage: Stage, bill: BillView, phone: Page) -> None:
    phone.get_by_role("button", name=BUTTON).dblclick()

    expect_paid(phone)
    assert payments_of(stage, bill) == 1


def test_a_second_tab_and_the_way_back_show_the_one_payment(stage: Stage, bill: BillView, phone: Page) -> None:
    second = stage.watched(phone.context.new_page())
    second.goto(f"/b/{bill.code}")
    expect(second.get_by_role("button", name=BUTTON)).to_be_enabled()
    press(phone)
    expect_paid(phone)

    expect_paid(second)
    phone.get_by_role("link", name="Done").click()
    expect(phone).to_have_url(re.compile(r"/$"))
    phone.go_back()
    expect_paid(phone)
    assert payments_of(stage, bill) == 1


def test_the_same_sum_at_the_same_till_is_asked_once_more(stage: Stage) -> None:
    phone, second = same_sum_again(stage)
    press(phone)

    expect(phone.get_by_role("heading", name="You paid the same sum here a moment ago")).to_be_focused()
    assert payments_of(stage, second) == 0
    phone.get_by_role("button", name="Pay 12.50 RES once more").click()
    expect_paid(phone)
    assert payments_of(stage, second) == 1


def test_a_bill_that_runs_out_before_the_thumb_says_that_no_money_moved(stage: Stage) -> None:
    bill = stage.world.bill(stage.world.counter(), left=4)
    phone = stage.page(stage.world.member())
    phone.goto(f"/b/{bill.code}")

    expect(phone.get_by_text("The bill ran out")).to_be_visible()
    expect(phone.get_by_text("No money moved.")).to_be_visible()
    assert payments_of(stage, bill) == 0


def test_whoever_has_spent_their_res_meanwhile_reads_what_is_missing_and_is_offered_no_pay(
    stage: Stage, bill: BillView
) -> None:
    ana = stage.world.member()
    phone = open_bill(stage, ana, bill.code)
    run_by(phone, "wallet-confirm")
    stage.world.pay(stage.world.bill(stage.world.counter(), 23_500).code, ana)
    press(phone)

    expect(phone.get_by_role("heading", name="7.50 RES are missing")).to_be_visible()
    expect(phone.get_by_role("button", name=BUTTON)).to_have_count(0)
    assert payments_of(stage, bill) == 0


def test_without_script_the_form_pays(stage: Stage, bill: BillView) -> None:
    phone = stage.page(stage.world.member(), java_script_enabled=False)
    phone.goto(f"/b/{bill.code}")
    press(phone)

    expect_paid(phone)
    assert payments_of(stage, bill) == 1


@pytest.mark.parametrize("sticker", [False, True])
def test_a_pasted_link_of_a_bill_fits_where_its_code_is_typed(stage: Stage, bill: BillView, sticker: bool) -> None:
    page = stage.page(stage.world.member())
    page.goto(f"/c/{stage.world.counter().till}" if sticker else "/pay")
    page.locator("#code").press_sequentially(f"{stage.world.origin}/b/{bill.code}")
    page.locator("#code").press("Enter")

    expect(page.get_by_role("button", name=BUTTON)).to_be_enabled()


def test_who_does_not_pay_at_once_leaves_no_notice_at_the_till_that_they_confirm(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    code = charge(till, "1250")
    phone = stage.page(stage.world.member())
    held: list[Route] = []
    phone.route("**/claim", lambda route: held.append(route))
    phone.clock.install()
    with phone.expect_request("**/claim"):
        phone.goto(f"/b/{code}")
    # However long this test takes, the phone's patience does not end.
    clock.stop(phone)
    phone.get_by_role("button", name="Do not pay").click()
    expect(phone.get_by_role("button", name=BUTTON)).to_be_disabled()

    held.pop().continue_()
    expect(phone.get_by_role("heading", name="You did not pay")).to_be_visible()
    bill = till.request.get(f"/b/{code}", headers={"Accept": "application/json"})
    assert bill.json()["state"] == "open"
    expect(till.get_by_text("is confirming")).to_be_hidden()


def test_who_does_not_pay_need_not_wait_for_a_claim_that_gets_no_answer(stage: Stage, bill: BillView) -> None:
    phone = stage.page(stage.world.member())
    phone.route("**/claim", lambda route: None)
    phone.goto(f"/b/{bill.code}")
    run_by(phone, "wallet-confirm")
    # On a dead line the browser waits for the next page, and this one stays; a test could not look at it meanwhile.
    phone.evaluate("() => { HTMLFormElement.prototype.submit = () => {}; }")
    phone.get_by_role("button", name="Do not pay").click()
    expect(phone.get_by_role("heading", name="You have not paid here")).to_be_visible()
    expect(phone.get_by_role("button", name="Do not pay")).to_be_hidden()
    phone.get_by_role("link", name="Go to Home").click()
    expect(phone.get_by_role("heading", name="Home")).to_be_visible()

    phone.goto(f"/b/{bill.code}")
    run_by(phone, "wallet-confirm")
    phone.get_by_role("button", name="Do not pay").click()
    expect(phone.get_by_role("heading", name="You did not pay")).to_be_visible()


def test_a_sheet_pays_nothing_from_the_wallet_of_who_signed_in_meanwhile(stage: Stage) -> None:
    world = stage.world
    phone = open_bill(stage, world.member(), world.bill(world.counter()).code)
    assert phone.context.request.post("/demo/sign-in", data={"handle": world.member("Cal Dias")}).status == 204

    pay(phone)

    expect(phone.get_by_text("Somebody else has signed in here since this page was opened.")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("227.50 RES")).to_be_visible()
    pay(phone)
    expect_paid(phone)
