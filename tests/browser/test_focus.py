"""Where the focus is: on what was refused, within a sheet that is open, and back where it was opened."""

import json
import re
from typing import Literal

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.counter import charge, next_sale, press, screen
from tests.browser.script import run_by
from tests.browser.stage import PHONE, Stage
from tests.browser.test_long_names import enlarge

pytestmark = pytest.mark.browser

# What has the focus, if the dock covers its head, as high as a finger.
UNDER_THE_DOCK = """() => {
    const held = document.activeElement, dock = document.querySelector(".dock");
    const { top, height } = held.getBoundingClientRect();
    const isCovered = !dock.contains(held) && top + Math.min(height, 48) > dock.getBoundingClientRect().top;
    return isCovered ? [held.ariaLabel ?? held.innerText] : [];
}"""


@pytest.mark.parametrize(
    ("address", "field", "button", "said"),
    [
        ("/pay", "code", "Show the bill", "That is not a till’s code"),
        ("/send", "who", "Find them", "That finds nobody"),
        ("/join", "link", "Open the invitation", "This is not an invitation of this wallet"),
        ("/sign-in/recovery", "code", "Sign in with this code", "You are not signed in"),
    ],
)
def test_what_was_typed_and_refused_has_the_focus_and_names_what_is_wrong(
    stage: Stage, address: str, field: str, button: str, said: str
) -> None:
    page = stage.page(None if address.startswith(("/join", "/sign-in")) else stage.world.member())
    page.goto(address)
    page.locator(f"#{field}").fill("XX-XX")
    page.get_by_role("button", name=button).click()

    written = page.locator(f"#{field}")
    expect(written).to_be_focused()
    expect(written).to_have_value("XX-XX")
    expect(written).to_have_attribute("aria-invalid", "true")
    names = (written.get_attribute("aria-describedby") or "").split()
    assert said in " ".join(page.locator(f"#{name}").inner_text() for name in names)


def test_the_sheet_of_a_filter_takes_the_focus_keeps_it_in_sight_and_gives_it_back(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.goto("/activity")
    sheet, opens = phone.locator("#narrow"), phone.get_by_role("button", name="Filter")
    opens.focus()
    press(phone, "Enter")
    expect(phone.locator("#coop")).to_be_focused()
    press(phone, "Escape")
    expect(sheet).to_be_hidden()
    expect(opens).to_be_focused()

    press(phone, "Enter", "Tab", "Tab")
    expect(phone.get_by_role("button", name="Show", exact=True)).to_be_focused()
    press(phone, "Tab")
    expect(sheet).to_be_hidden()
    expect(phone.locator(".chips a").first).to_be_focused()


@pytest.mark.parametrize("left_by", ["Escape", "Back"])
def test_a_filter_that_was_chosen_and_left_does_not_narrow_what_is_searched(stage: Stage, left_by: str) -> None:
    payer = stage.world.member()
    stage.world.sale(stage.world.counter(), payer, 430)
    stage.world.sale(stage.world.counter("mill"), payer, 510)
    phone = stage.page(payer)
    phone.goto("/activity")
    run_by(phone, "wallet-sheet")
    phone.get_by_role("button", name="Filter").click()
    phone.get_by_label("Co-op", exact=True).select_option("bakery")

    if left_by == "Escape":
        press(phone, "Escape")
    else:
        phone.get_by_role("button", name="Show", exact=True).click()
        expect(phone).to_have_url(re.compile("coop=bakery"))
        phone.go_back()
        run_by(phone, "wallet-sheet")
    # It is taken back a moment after the sheet has gone, sooner than a hand has typed.
    expect(phone.get_by_label("Co-op", exact=True)).to_have_value("")
    phone.get_by_role("searchbox").fill("5.10")
    press(phone, "Enter")

    expect(phone.get_by_text("−5.10")).to_be_visible()


@pytest.mark.without_worker
def test_who_is_refused_on_the_sheet_stays_at_its_button(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.goto(f"/b/{stage.world.bill(stage.world.counter()).code}")
    run_by(phone, "wallet-confirm")
    problem = {"type": "too_many", "title": "That was too often. No money moved.", "status": 429}
    said = {"status": 429, "content_type": "application/problem+json", "body": json.dumps(problem)}
    phone.route("**/pay", lambda route: route.fulfill(**said))  # type: ignore[arg-type]
    button = phone.locator('form[data-act="pay"] button')
    button.focus()

    press(phone, "Enter")

    expect(phone.get_by_text("That was too often")).to_be_visible()
    expect(button).to_be_focused()


@pytest.mark.without_worker
def test_who_hears_nothing_of_a_refund_stays_at_its_button(stage: Stage) -> None:
    counter = stage.world.counter()
    page = stage.page(counter.cashier)
    page.goto(f"/receipts/{stage.world.sale(counter, stage.world.member(), 430)}")
    run_by(page, "wallet-sure")
    page.get_by_text("Goods came back").click()
    page.route("**/refunds", lambda route: route.abort())
    button = page.get_by_role("button", name="Give it back")
    button.focus()

    press(page, "Enter")

    expect(page.get_by_role("heading", name="Still no answer")).to_be_visible()
    expect(button).to_be_focused()


def test_who_sets_a_phone_up_for_codes_has_the_focus_at_the_code(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.goto("/code")
    phone.get_by_role("button", name="Use this phone for codes").focus()

    press(phone, "Enter")

    expect(phone.locator(".code-card svg")).to_be_visible()
    expect(phone.locator('wallet-code [data-part="name"]')).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_sheet_the_ring_of_what_has_the_focus_is_the_one_of_every_light_or_dark_page(
    stage: Stage, scheme: Literal["light", "dark"]
) -> None:
    member = stage.world.member()
    phone = stage.page(member, color_scheme=scheme)
    rings = []
    for path in ("/you", f"/b/{stage.world.bill(stage.world.counter()).code}"):
        phone.goto(path)
        phone.locator("main :is(a, button):visible").first.focus()
        press(phone, "Shift+Tab", "Tab")
        held = phone.locator("main :focus-visible")
        rings.append(held.evaluate("(held) => getComputedStyle(held).outlineColor"))
    assert rings[0] == rings[1]


@pytest.mark.parametrize(("letters", "size"), [(16, PHONE), (20, PHONE), (28, {"width": 390, "height": 844})], ids=str)
def test_on_home_nothing_that_has_the_focus_is_under_the_dock_while_a_bill_waits(
    stage: Stage, letters: int, size: ViewportSize
) -> None:
    member = stage.world.member()
    stage.world.claim(stage.world.bill(stage.world.counter()).code, member)
    phone = stage.page(member, viewport=size)
    phone.goto("/")
    enlarge(phone, letters)
    covered = []
    for _ in phone.locator("main :is(a, button):visible").all():
        press(phone, "Tab")
        covered += phone.evaluate(UNDER_THE_DOCK)
    expect(phone.locator("main :focus, .dock :focus")).to_be_attached()
    assert covered == []


def test_who_stands_on_one_of_the_last_payments_stays_there_when_another_is_paid(stage: Stage) -> None:
    counter = stage.world.counter()
    first = stage.world.sale(counter, stage.world.member(), 430)
    till = stage.till(counter)
    run_by(till, "wallet-till")
    line = till.locator(f'.last-five a[href$="{first}"]')
    line.focus()

    stage.world.sale(counter, stage.world.member(), 510)

    expect(till.locator(".last-five li")).to_have_count(2)
    expect(line).to_be_focused()


def test_what_is_paid_stays_in_front_while_the_focus_is_on_one_of_its_links(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    till.clock.install()
    till.reload()
    stage.world.pay(charge(till, "320"), stage.world.member())
    expect(screen(till, "paid")).to_be_attached()
    wrong = till.get_by_role("link", name="Wrong amount")
    press(till, "Tab", "Tab")
    expect(wrong).to_be_focused()

    asked: list[str] = []
    till.on("request", lambda request: asked.append(request.url) if request.url.endswith(counter.path) else None)
    till.clock.run_for(20_000)
    expect(wrong).to_be_focused()
    assert asked == []

    till.get_by_role("heading", name="Paid", exact=True).focus()
    till.clock.run_for(6_000)
    expect(screen(till, "register")).to_be_attached()


def test_who_stands_on_a_bill_that_waits_stays_there_when_it_is_paid(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    code = charge(till, "320")
    next_sale(till)
    place = till.locator(f'.parked [data-code="{code}"] a')
    place.focus()

    stage.world.pay(code, stage.world.member())

    expect(place).to_have_attribute("data-state", "paid")
    expect(place).to_be_focused()
