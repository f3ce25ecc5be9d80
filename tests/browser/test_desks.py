"""The desks: free of errors and barriers, in light and dark, down to 320 pixels; two people and a list of others."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.stage import PHONE, TABLET, Stage
from tests.browser.test_access import alike, barriers, long_as, width_of
from tests.browser.world import World
from wallet.services import members, proposals

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 800}
YEAR = datetime.now(UTC).year
SCREENS = {
    "federation": ("facilitator", "/federation", "Co-ops"),
    "federation-coop": ("facilitator", "/federation/coops/bakery", "Kneading Table Bakery"),
    "federation-people": ("facilitator", "/federation/people", "Facilitators"),
    "federation-ballots": ("facilitator", "/federation/ballots", "Ballots"),
    "federation-flags": ("facilitator", "/federation/flags", "Worth a look"),
    "federation-dividend": ("facilitator", "/federation/dividend", "Dividend"),
    "federation-dividend-run": ("facilitator", "/federation/dividend/{run}", "Dividend"),
    "office": ("steward", "/office/bakery", "People"),
    "office-invite": ("steward", "/office/bakery/invite", "Invite"),
    "office-accounts": ("steward", "/office/bakery/accounts", "Accounts"),
    "office-accounts-now": ("steward", f"/office/bakery/accounts?first={YEAR}-01-01&last={YEAR}-12-31", "Accounts"),
    "office-tills": ("steward", "/office/bakery/tills", "Tills"),
    "office-counter": ("steward", "/office/bakery/counter", "At the counter"),
    "office-declarations": ("steward", "/office/bakery/declarations", "What we own"),
    "office-place": ("steward", "/office/bakery/place", "For members"),
    "office-pool": ("steward", "/office/bakery/pool", "The pool"),
    "office-payday": ("steward", "/office/bakery/payday", "Payday"),
    "office-payday-settings": ("steward", "/office/bakery/payday/settings", "For every run"),
    "you": ("steward", "/you", "You"),
}
# What stands by itself, unlike a word in a sentence, is as high as a finger.
TOO_LOW = """() => [...document.querySelectorAll("main a[href], main button, main summary")]
  .filter((part) => part.checkVisibility() && !part.closest("p, th, dt, dd"))
  .filter((part) => part.getBoundingClientRect().height < 44)
  .map((part) => part.textContent)"""

# What has the focus, once it is drawn: its text, whether its whole width is in sight, whether a line of links holds it.
REACHED = """() => new Promise((told) => requestAnimationFrame(() => {
  const part = document.activeElement;
  const { left, right } = part.getBoundingClientRect();
  told([part.innerText, left >= 0 && right <= innerWidth, part.matches(".side ul a, .chips a")]);
}))"""


# Whether where one is stands wholly in sight in its line of links.
IS_IN_SIGHT = """() => {
  const { left, right } = document.querySelector(".side [aria-current], .chips [aria-current]").getBoundingClientRect();
  return left >= 0 && right <= innerWidth;
}"""


@dataclass(frozen=True, slots=True)
class Office:
    """Name who runs the bakery's office and two who facilitate."""

    steward: str
    facilitator: str
    second: str
    run: int


@pytest.fixture(scope="module")
def office(world: World) -> Office:
    """Staff the desks, with proposals that wait, that were declined and that were carried out, and a dividend."""
    eve, joy, gus = (world.member(name, coop="bakery") for name in ("Eve Sato", "Joy Abara", "Gus Orth"))
    members.grant(world.kit, eve, "steward", "bakery")
    for handle in (joy, gus):
        members.grant(world.kit, handle, "facilitator")
    colleague = world.member("Ruth Adler", coop="bakery")
    proposals.admit(world.kit, joy, "Hill Farm", 500_000)
    proposals.change_line(world.kit, gus, "bakery", 700_000)
    proposals.give_role(world.kit, eve, "bakery", colleague, "steward")
    proposals.add_facilitator(world.kit, gus, "Hal Orr")
    shopper = world.member()
    world.sale(world.counter(), shopper, 1_250)
    return Office(eve, joy, gus, world.dividend(shopper))


@pytest.mark.parametrize("name", SCREENS)
def test_a_desk_is_whole_without_barriers_and_fits_a_small_phone(stage: Stage, office: Office, name: str) -> None:
    who, path, heading = SCREENS[name]
    page = stage.page(getattr(office, who), viewport=DESK)
    page.goto(path.format(run=office.run))
    expect(page.locator("h1").first).to_contain_text(heading)

    found = {}
    for size in (DESK, PHONE):
        page.set_viewport_size({**size, "height": 100})
        page.set_viewport_size({**size, "height": long_as(page)})
        found[f"at {size['width']}"] = barriers(page)
    page.set_viewport_size({"width": 320, "height": 640})
    found["too low to press"] = page.evaluate(TOO_LOW)
    found["sound alike"] = alike(page)
    assert {which: what for which, what in found.items() if what} == {}
    assert width_of(page) <= 320


@pytest.mark.parametrize("page", ["place", "pool"])
def test_where_nothing_stands_beside_it_the_work_has_the_whole_width(stage: Stage, page: str) -> None:
    desk = stage.page(stage.world.steward("mill"), viewport=TABLET)
    desk.goto(f"/office/mill/{page}")
    work, card = (desk.locator(part).first.bounding_box() for part in (".columns", ".columns .card"))
    assert work
    assert card
    assert card["width"] == work["width"]


def test_what_is_set_for_the_counters_has_the_wide_column_and_what_waits_the_narrow_one(stage: Stage) -> None:
    desk = stage.page(stage.world.steward(), viewport=DESK)
    desk.goto("/office/bakery/counter")
    waits, limits = (desk.locator(f"[aria-labelledby={part}]").bounding_box() for part in ("waits", "limits"))
    assert waits
    assert limits
    assert limits["x"] < waits["x"]
    assert limits["width"] > waits["width"]


def test_a_list_is_looked_at_mended_and_sent_off(stage: Stage, office: Office, tmp_path: Path) -> None:
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text('name,as\nHal Orr,worker\n"=HYPERLINK(1)",customer\n', encoding="utf-8")
    right.write_text("name,as\nHal Orr,worker\nZoë Martin,customer\n", encoding="utf-8")
    desk = stage.page(office.steward, viewport=DESK)
    desk.goto("/office/bakery/invite")

    desk.get_by_label("File").set_input_files(wrong)
    desk.get_by_role("button", name="Look at the list").click()
    expect(desk.get_by_role("alert")).to_contain_text("1 fault")
    expect(desk.locator("dl.facts")).to_contain_text("Line 3")
    assert barriers(desk) == []

    desk.get_by_role("link", name="Choose a file again").click()
    desk.get_by_label("File").set_input_files(right)
    desk.get_by_role("button", name="Look at the list").click()
    expect(desk.get_by_role("status")).to_contain_text("2 people")
    desk.get_by_role("button", name="Invite all and show the links").click()
    expect(desk.locator(".link")).to_have_count(2)
    assert barriers(desk) == []


@pytest.mark.parametrize("gives", ["its apps", "the clipboard"])
def test_the_link_of_an_invitation_is_handed_on_by_one_press(stage: Stage, office: Office, gives: str) -> None:
    desk = stage.page(office.steward, viewport=PHONE)
    desk.add_init_script(
        "window.given = [];"
        f"navigator.canShare = () => {str(gives == 'its apps').lower()};"
        "navigator.share = async ({ url }) => { window.given.push(url); };"
        "navigator.clipboard.writeText = async (text) => { window.given.push(text); };"
    )
    desk.goto("/office/bakery/invite")
    desk.get_by_label("Name", exact=True).fill("Nora Lind")
    desk.get_by_label("a customer").check()
    desk.get_by_role("button", name="Invite", exact=True).click()

    desk.get_by_role("button", name="Share the link" if gives == "its apps" else "Copy the link").click()

    expect(desk.get_by_text("Copied")).to_have_count(0 if gives == "its apps" else 1)
    assert desk.evaluate("() => window.given") == [desk.get_by_label("Link").input_value()]
    assert barriers(desk) == []


def test_what_one_proposes_another_carries_out_in_their_own_browser(stage: Stage, office: Office) -> None:
    first, second = stage.page(office.facilitator), stage.page(office.second)
    first.goto("/federation/coops/mill")
    first.get_by_label("Credit line in RES").fill("123456.50")
    first.get_by_role("button", name="Propose this line").click()
    expect(first.get_by_text("Credit line of Weir Mill: 123,456.50 RES")).to_be_visible()
    expect(first.get_by_role("button", name="Agree")).to_have_count(0)

    second.goto("/federation/coops/mill")
    second.get_by_role("button", name="Agree").click()

    second.goto("/federation/coops/mill")
    expect(second.locator("dl.facts").first).to_contain_text("123,456.50")


@pytest.mark.parametrize("place", ["/office/bakery/invite", "/places"])
def test_whatever_the_focus_reaches_in_a_line_of_links_is_wholly_in_sight(
    stage: Stage, office: Office, place: str
) -> None:
    page = stage.page(office.steward, reduced_motion="reduce")
    page.goto(place)
    names = page.locator(".side ul a, .chips a").all_inner_texts()
    seen: dict[str, bool] = {}

    while len(seen) < len(names):
        page.keyboard.press("Tab")
        text, in_sight, in_line = page.evaluate(REACHED)
        if in_line:
            seen[text] = in_sight

    assert seen == dict.fromkeys(names, True)


@pytest.mark.parametrize("place", ["/office/bakery", "/activity"])
def test_where_one_is_stands_in_sight_in_a_line_of_links(
    world: World, stage: Stage, office: Office, place: str
) -> None:
    world.sale(world.counter(), office.steward, 1_250)
    page = stage.page(office.steward, viewport={"width": 320, "height": 640})
    page.goto(place)
    links = page.locator(f":is(.side ul, .chips) a[href^='{place}']").evaluate_all(
        "(all) => all.map((one) => one.href)"
    )
    assert len(links) > 3
    for link in links:
        page.goto(link)
        page.wait_for_function(IS_IN_SIGHT)
