"""The line takes what is sent and brings nothing back, and nobody is told: what is kept comes up all the same."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.counter import charge, expect_paid, open_bill, pay
from tests.browser.kept import wait_until_kept
from tests.browser.slow import Line, on_line, on_slow_network
from tests.browser.stage import Stage
from tests.browser.tablet import registered, unlocked_with_key
from tests.browser.test_kept_code import NOTE_TITLES, SLOW_SECONDS
from tests.browser.test_member_shows import CARD, enrol, ready
from tests.browser.test_outage import check

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("brings", ["nothing", "the beginning of a page"])
@pytest.mark.parametrize("path", ["/", "/code"])
def test_what_a_phone_keeps_comes_up_on_a_dead_line_and_its_page_once_that_lives(
    stage: Stage, path: str, brings: str
) -> None:
    with on_line(stage.playwright, stage.world.origin) as (browser, line):
        phone = stage.page(stage.world.member(), browser=browser)
        enrol(phone)
        phone.goto("/")
        ready(phone.context)
        wait_until_kept(phone, "balance")

        die(line, path if brings != "nothing" else "")
        phone.goto(path, wait_until="commit")

        expect(phone.get_by_text("You had at")).to_be_visible()
        expect(phone.locator(f"{CARD} svg")).to_be_visible()
        live(line)
        heading = "Home" if path == "/" else "My code"
        expect(phone.get_by_role("heading", level=1, name=heading)).to_be_visible()
        expect(phone).to_have_url(stage.world.origin + path)
        stage.contexts.pop().close()


def test_a_page_that_broke_off_is_not_left_half_but_comes_once_the_line_lives(stage: Stage) -> None:
    with on_line(stage.playwright, stage.world.origin) as (browser, line):
        phone = stage.page(stage.world.member(), browser=browser)
        phone.goto("/")
        ready(phone.context)

        line.begun, line.hangs_up = "/activity", True
        phone.goto("/activity", wait_until="commit")

        expect(phone.get_by_text("No connection.")).to_be_visible()
        live(line)
        expect(phone.get_by_role("heading", level=1, name="Activity")).to_be_visible()
        stage.contexts.pop().close()


def test_on_a_slow_network_home_comes_though_what_is_kept_was_shown_meanwhile(stage: Stage) -> None:
    with on_slow_network(stage.playwright, stage.world.origin, "/", SLOW_SECONDS) as browser:
        phone = stage.page(stage.world.member(), browser=browser)
        enrol(phone)
        ready(phone.context)

        phone.add_init_script(NOTE_TITLES)
        phone.goto("/", wait_until="commit")

        expect(phone.get_by_role("link", name="My code")).to_be_visible()
        expect(phone).to_have_url(f"{stage.world.origin}/")
        phone.wait_for_load_state("domcontentloaded")
        titles = [title.partition(" · ")[0] for title in phone.evaluate("sessionStorage.titles").splitlines()]
        assert titles == ["No connection", "Home"]
        stage.contexts.pop().close()


def test_a_tablet_whose_line_is_dead_comes_to_the_digits_while_they_hold(stage: Stage) -> None:
    counter = stage.world.counter()
    with on_line(stage.playwright, stage.world.origin) as (browser, line):
        shop = Stage(stage.playwright, browser, stage.world, stage.folder)
        tablet = registered(shop, counter, stage.world.steward())
        tablet.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        unlocked_with_key(shop, tablet, counter)
        code = charge(tablet)

        die(line)
        say_so(tablet)
        phone = open_bill(stage, stage.world.member(), code)
        pay(phone)
        expect_paid(phone)
        tablet.get_by_role("link", name="No connection. Check payments").click(no_wait_after=True)

        expect(tablet.get_by_text("Kneading Table Bakery, Counter")).to_be_visible()
        check(tablet, "12.50", phone.locator("[data-digits]").inner_text())
        expect(tablet.get_by_role("heading", name="Paid: 12.50", exact=True)).to_be_visible()
        live(line)
        shop.close()
        assert shop.complaints == []


def die(line: Line, begun: str = "") -> None:
    """Let a line bring nothing any more, except for the beginning of the page at `begun`."""
    line.is_dead, line.begun = True, begun


def live(line: Line) -> None:
    """Let a line carry everything again."""
    line.is_dead, line.begun = False, ""


def say_so(tablet: Page) -> None:
    """Have a tablet notice at once that it is cut off, as its looks tell within some seconds."""
    tablet.evaluate("dispatchEvent(new Event('offline'))")
