"""A pay run in two browsers, from the file to the wallets; and its screens free of barriers down to 320 pixels."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import PHONE, Stage
from tests.browser.test_access import barriers, long_as, width_of
from tests.browser.world import World
from wallet.domain import agreement
from wallet.services import elections, members, network
from wallet.store import people
from wallet.store.engine import reading

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 800}


@dataclass(frozen=True, slots=True)
class Office:
    """Name the two stewards of a co-op of its own, and two who work there, the first of whom has agreed."""

    coop: str
    maker: str
    other: str
    agreed: str
    cautious: str


@pytest.fixture(scope="module")
def office(world: World) -> Office:
    """Found a co-op with its people."""
    network.admit_coop(world.kit, "laundry", 150_000, name="Bright Laundry")
    named = [
        world.member(name, coop="laundry", paid=False) for name in ("Gus Moller", "Amal Said", "Bea Fischer", "Cy Orr")
    ]
    office = Office("laundry", *named)
    for handle in (office.maker, office.other):
        members.grant(world.kit, handle, "steward", "laundry")
    with reading(world.kit.engine) as connection:
        person = people.holder(connection, office.agreed).id
    elections.agree(world.kit, person, str(agreement.VERSION), "as on the page")
    return office


def whole(page: Page) -> None:
    """Hold a page to every barrier, on a desk and on a phone, in light and dark."""
    found = {}
    for size in (DESK, PHONE):
        page.set_viewport_size({**size, "height": 100})
        page.set_viewport_size({**size, "height": long_as(page)})
        found[f"at {size['width']}"] = barriers(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert {which: what for which, what in found.items() if what} == {}
    assert width_of(page) <= 320
    page.set_viewport_size(DESK)


def pay_file(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(("handle,name,hours,total,deductions", *lines)) + "\n", encoding="utf-8")
    return path


def test_a_run_goes_from_its_file_to_the_wallets_by_two_stewards(
    stage: Stage, world: World, office: Office, tmp_path: Path
) -> None:
    wrong = pay_file(tmp_path, "wrong.csv", f"{office.agreed},Bea,160,2400.00,", "nobody,,1,1.00,")
    right = pay_file(
        tmp_path,
        "right.csv",
        f"{office.agreed},Bea Fischer,160,9000.00,300.00",
        f"{office.cautious},Cy O.,152:30,7000,",
    )
    maker, other = stage.page(office.maker, viewport=DESK), stage.page(office.other, viewport=DESK)
    maker.goto("/office/laundry/payday")
    expect(maker.get_by_text("One question before the first run")).to_be_visible()
    whole(maker)
    maker.get_by_role("link", name="Answer it").click()
    maker.get_by_label("no, none applies").check()
    whole(maker)
    maker.get_by_role("button", name="Keep this answer").click()
    expect(maker.get_by_text("None applies", exact=True)).to_be_visible()

    maker.get_by_role("link", name="Payday", exact=True).click()
    maker.get_by_role("button", name="Begin this run").click()
    maker.locator("#file").set_input_files(wrong)
    maker.get_by_role("button", name="Look at this file").click()
    expect(maker.get_by_role("alert")).to_contain_text("1 fault")
    expect(maker.locator("dl.facts")).to_contain_text("Line 3")
    whole(maker)
    maker.get_by_role("link", name="Choose a file again").click()
    maker.locator("#file").set_input_files(right)
    maker.get_by_role("button", name="Look at this file").click()
    expect(maker.get_by_role("table")).to_contain_text("900.00")
    expect(maker.get_by_text("has not agreed")).to_be_visible()
    whole(maker)
    run = maker.url

    maker.get_by_role("link", name="Change the lines").click()
    expect(maker.get_by_label("Total of Bea Fischer")).to_be_visible()
    whole(maker)
    maker.get_by_label("Total of Bea Fischer").fill("20000")
    maker.get_by_role("button", name="Keep these lines").click()
    expect(maker.get_by_text("500.00 RES short")).to_be_visible()
    whole(maker)
    maker.get_by_role("button", name="Use this ceiling").click()
    maker.get_by_role("button", name="Submit for approval").click()
    expect(maker.get_by_text("You submitted it.")).to_be_visible()

    other.goto(run)
    whole(other)
    other.get_by_role("button", name="Approve and pay 1,500.00 RES").click()
    expect(other.get_by_text("went to wallets")).to_be_visible()
    whole(other)
    member = stage.page(office.agreed)
    member.goto("/")
    expect(member.get_by_text("1,500.00").first).to_be_visible()
