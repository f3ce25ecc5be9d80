"""The network is gone just before or after a request of the counter: it is done once, and the screen says how it is."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.counter import charge, expect_paid, pay, press, scan, screen
from tests.browser.script import run_by
from tests.browser.stage import TABLET, Stage
from tests.browser.world import Counter, bills_of
from tests.web.phone import MemberPhone
from wallet.store.tables import shifts, transfers

pytestmark = pytest.mark.browser

BEFORE, AFTER = "before the server", "after the server"
ALWAYS = 1_000
# On the page's clock, for all that is sent again by itself: a press a minute later is another one.
LONGEST_SECONDS = 12
# Tells whether what the page has sent to say that the bill is looked at was answered.
CLAIMED = "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/claim'))"
SIDES = pytest.mark.parametrize("side", [BEFORE, AFTER])


class Gone:
    """Lose the first `times` requests to `pattern` on one side of the server, and count how many were lost."""

    def __init__(self, page: Page, pattern: str, side: str, times: int = 1) -> None:
        self.pattern, self.side, self.left, self.lost = pattern, side, times, 0
        page.route(pattern, self.lose)

    def lose(self, route: Route) -> None:
        if route.request.method != "POST" or self.left == 0:
            return route.continue_()
        self.left -= 1
        self.lost += 1
        if self.side == AFTER:
            route.fetch(max_redirects=0)
        return route.abort()

    def over(self) -> None:
        """Let everything through again; it must have lost something."""
        assert self.lost, f"nothing was sent to {self.pattern}"
        # It stays in between: without it, a request that it still holds would go on by itself.
        self.left = 0


def done(stage: Stage, counter: Counter) -> dict[str, int]:
    """Count what was done at a counter."""
    posted = sa.select(transfers.c.kind).where(transfers.c.till_id == counter.till)
    closed = sa.select(sa.func.count()).where(shifts.c.till_id == counter.till, shifts.c.closed_at.is_not(None))
    with stage.world.kit.engine.connect() as connection:
        kinds, closings = list(connection.scalars(posted)), connection.scalar(closed) or 0
    return {
        "bills": len(bills_of(stage.world, counter)),
        "sales": kinds.count("sale"),
        "refunds": kinds.count("refund"),
        "closed": closings,
    }


@pytest.mark.without_worker
@SIDES
def test_what_is_lost_once_is_done_once_and_shown(stage: Stage, side: str) -> None:
    world = stage.world
    counter, ana = world.counter(), world.member()
    till, phone = stage.till(counter), stage.page(ana)

    gone = Gone(till, "**/bills", side)
    code = charge(till, "1250")
    gone.over()

    gone = Gone(phone, "**/claim", side)
    phone.goto(f"/b/{code}")
    expect(till.locator(".claim")).to_contain_text("Ana")
    gone.over()

    gone = Gone(phone, "**/pay", side)
    pay(phone)
    # The till goes on by itself, a phone stays as it is.
    expect(screen(till, "paid")).to_contain_text("12.50")
    expect_paid(phone)
    gone.over()
    assert done(stage, counter) == {"bills": 1, "sales": 1, "refunds": 0, "closed": 0}

    press(till, "Escape")
    charge(till, "300")
    gone = Gone(till, "**/cancel", side)
    till.get_by_role("button", name="Cancel this bill").click()
    expect(screen(till, "register")).to_be_attached()
    gone.over()
    assert bills_of(world, counter) == ["paid", "cancelled"]

    gone = Gone(till, "**/scans", side)
    scan(till, MemberPhone(world.kit, ana).token(), "450")
    expect(screen(till, "paid")).to_contain_text("4.50")
    gone.over()
    assert done(stage, counter)["sales"] == 2

    till.locator(".last-five li a").first.click()
    run_by(till, "wallet-sure")
    till.get_by_text("Goods came back").click()
    till.get_by_label("In RES").fill("1.00")
    gone = Gone(till, "**/refunds", side)
    till.get_by_role("button", name="Give it back").click()
    expect(till.get_by_role("status")).to_contain_text("Given back: 1.00 RES")
    gone.over()
    assert done(stage, counter)["refunds"] == 1

    till.goto(f"{counter.path}/shift")
    till.locator("#register").fill("16")
    gone = Gone(till, "**/shift/close", side)
    till.locator(".dock .button").click()
    expect(till.get_by_role("heading", name="Shift closed")).to_be_visible()
    gone.over()
    assert done(stage, counter) == {"bills": 2, "sales": 2, "refunds": 1, "closed": 1}


@pytest.mark.without_worker
def test_the_waiting_bill_is_shown_though_the_till_cannot_be_read(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    till.route(f"**{counter.path}?*", lambda route: route.abort())

    code = charge(till, "1250")

    expect(screen(till, "waiting").locator(".amount")).to_contain_text("12.50")
    expect(till).to_have_url(re.compile(rf"\?bill={code}$"))


@pytest.mark.without_worker
def test_a_page_that_could_not_be_read_is_gone_to_when_the_network_is_back(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    charge(till)
    till.route(re.compile(f"{counter.path}$"), lambda route: route.abort())

    with till.expect_event("requestfailed"):
        till.get_by_role("link", name="Next sale").click()
    expect(screen(till, "waiting")).to_be_attached()

    till.unroute_all(behavior="wait")
    till.evaluate("dispatchEvent(new Event('online'))")
    expect(screen(till, "register")).to_be_attached()


@pytest.mark.without_worker
@pytest.mark.parametrize("what", ["a page", "nothing", "nothing of ours", "a half of ours"])
def test_a_page_that_is_not_ours_or_not_whole_is_no_answer_and_the_charge_is_sent_again(
    stage: Stage, what: str
) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    sent: list[str] = []

    def take_the_first(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) > 1:
            return route.continue_()
        answer = route.fetch()
        if what.endswith("of ours"):
            half = answer.text()[: len(answer.text()) // 2]
            return route.fulfill(response=answer, body="" if what == "nothing of ours" else half)
        body = "<h1>Welcome to our network</h1>" if what == "a page" else ""
        return route.fulfill(content_type="text/html", body=body)

    till.route("**/bills", take_the_first)
    charge(till, "1250")

    expect(screen(till, "waiting").locator(".amount")).to_contain_text("12.50")
    assert sent == [sent[0]] * 2
    assert done(stage, counter)["bills"] == 1


@pytest.mark.without_worker
@pytest.mark.parametrize("status", [200, 404, 502])
def test_a_refund_behind_a_gateway_in_trouble_is_sent_again_and_given_once(stage: Stage, status: int) -> None:
    counter = stage.world.counter()
    receipt = stage.world.sale(counter, stage.world.member(), 1_250)
    till = stage.page(counter.cashier)
    till.goto(f"/receipts/{receipt}")
    run_by(till, "wallet-sure")
    till.get_by_text("Goods came back").click()

    failed: list[str] = []

    def fail(route: Route) -> None:
        failed.append(route.request.url)
        route.fetch(max_redirects=0)
        route.fulfill(status=status, content_type="text/html", body="<h1>Bad Gateway</h1>")

    till.route("**/refunds", fail, times=2)
    till.get_by_role("button", name="Give it back").click()

    expect(till.get_by_role("status")).to_contain_text("Given back: 12.50 RES")
    assert len(failed) == 2
    assert done(stage, counter)["refunds"] == 1


def wait_for(page: Page, words: Locator) -> None:
    """Let time pass on the page's clock until it says these words; on a busy machine the rest passes as elsewhere."""
    for _second in range(LONGEST_SECONDS):
        if words.is_visible():
            return
        page.clock.run_for(1_000)
        page.wait_for_timeout(20)
    expect(words).to_be_visible()


@pytest.mark.without_worker
@SIDES
def test_while_no_answer_comes_the_screen_says_what_is_not_known_and_pressing_again_does_it_once(
    stage: Stage, side: str
) -> None:
    world = stage.world
    counter, ana = world.counter(), world.member()
    till = stage.page(counter.cashier, viewport=TABLET)
    till.clock.install()
    till.goto(counter.path)
    trouble, unsure = till.locator("[data-trouble]"), till.get_by_text("Press again")

    gone = Gone(till, "**/bills", side, ALWAYS)
    press(till, *"1250", "Enter")
    wait_for(till, trouble.get_by_text("we do not know whether it was done"))
    gone.over()
    press(till, "Enter")
    expect(screen(till, "waiting")).to_be_attached()
    assert done(stage, counter)["bills"] == 1

    gone = Gone(till, "**/cancel", side, ALWAYS)
    cancel = till.get_by_role("button", name="Cancel this bill")
    cancel.click()
    if side == BEFORE:
        wait_for(till, trouble.get_by_text("we do not know whether it was done"))
        gone.over()
        cancel.click()
        expect(screen(till, "register")).to_be_attached()
    else:
        # The answer is lost, yet the screen is read anew, and says what became of the bill.
        wait_for(till, screen(till, "ended").get_by_text("No money moved."))
        gone.over()
    assert bills_of(world, counter) == ["cancelled"]

    till.goto(counter.path)
    gone = Gone(till, "**/scans", side, ALWAYS)
    scan(till, MemberPhone(world.kit, ana).token(), "450")
    wait_for(till, trouble.get_by_text("we do not know whether the member was charged"))
    assert done(stage, counter)["sales"] == (0 if side == BEFORE else 1)
    gone.over()
    till.reload()
    expect(screen(till, "paid")).to_contain_text("4.50")
    assert done(stage, counter)["sales"] == 1

    till.locator(".last-five li a").first.click()
    run_by(till, "wallet-sure")
    till.get_by_text("Goods came back").click()
    till.get_by_label("In RES").fill("1.00")
    gone = Gone(till, "**/refunds", side, ALWAYS)
    till.get_by_role("button", name="Give it back").click()
    wait_for(till, unsure)
    gone.over()
    till.get_by_role("button", name="Give it back").click()
    expect(till.get_by_role("status")).to_contain_text("Given back: 1.00 RES")
    assert done(stage, counter)["refunds"] == 1

    till.goto(f"{counter.path}/shift")
    till.locator("#register").fill("3.50")
    gone = Gone(till, "**/shift/close", side, ALWAYS)
    till.locator(".dock .button").click()
    wait_for(till, unsure)
    gone.over()
    till.locator(".dock .button").click()
    expect(till.get_by_role("heading", name="Shift closed")).to_be_visible()
    assert done(stage, counter)["closed"] == 1


def test_a_bill_that_cannot_be_fetched_says_so_and_comes_when_the_network_does(stage: Stage) -> None:
    bill = stage.world.bill(stage.world.counter())
    phone = stage.page(stage.world.member())
    phone.goto("/")
    phone.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    phone.context.set_offline(True)
    phone.goto(f"/b/{bill.code}")
    expect(phone.get_by_text("No connection.")).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.get_by_role("button", name="Pay 12.50 RES")).to_be_visible()


def test_who_asks_for_a_file_without_a_network_comes_back_to_where_they_asked(stage: Stage) -> None:
    ana = stage.world.member()
    stage.world.sale(stage.world.counter(), ana, 1_250)
    phone = stage.page(ana)
    phone.goto("/")
    phone.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    phone.goto("/statement")
    phone.context.set_offline(True)
    phone.locator('a[href*="/statement.csv"]').click()
    expect(phone.get_by_text("No connection.")).to_be_visible()
    expect(phone.get_by_role("link", name="Try again")).to_have_attribute("href", re.compile("/statement$"))

    phone.context.set_offline(False)

    expect(phone.get_by_role("heading", level=1, name="Statement")).to_be_visible()


def test_a_form_sent_without_a_network_says_that_nobody_knows_and_leads_back_to_its_page(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    code = charge(till, "1250")
    phone = stage.page(stage.world.member())
    phone.goto("/")
    phone.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    phone.goto(f"/b/{code}")
    expect(till.get_by_text("is confirming")).to_be_visible()

    phone.context.set_offline(True)
    phone.get_by_role("button", name="Do not pay").click()
    expect(phone.get_by_role("heading", name="No answer came")).to_be_visible()
    expect(phone.get_by_role("link", name="Look again")).to_have_attribute("href", re.compile(f"/b/{code}$"))

    # What says that the bill is looked at again comes before what says that it is not.
    phone.context.set_offline(False)
    expect(phone.get_by_role("button", name="Pay 12.50 RES")).to_be_visible()
    phone.wait_for_function(CLAIMED)
    phone.get_by_role("button", name="Do not pay").click()
    expect(phone.get_by_role("heading", name="You did not pay")).to_be_visible()
    expect(till.get_by_text("is confirming")).to_be_hidden()
