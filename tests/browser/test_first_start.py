"""From an empty database to the first paid bill, with nothing of the demo: a command, passkeys, and four people."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.counter import expect_paid, link_on, pay, screen
from tests.browser.stage import TABLET, Stage
from tests.browser.test_passkeys import Lock
from tests.browser.world import World
from tests.imports import ROOT
from tests.serving import served
from wallet.config import Settings
from wallet.kit import Kit
from wallet.store import verify
from wallet.store.engine import make_engine, snapshot

pytestmark = pytest.mark.browser


def flask(url: str, *arguments: str) -> str:
    """Run one of our commands on the database at `url`."""
    environment = os.environ | {"DATABASE_URL": url, "SECRET_KEY": secrets.token_urlsafe(48), "WALLET_DEMO": ""}
    command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def empty_stage(playwright: Playwright, chromium: Browser, tmp_path: Path) -> Iterator[Stage]:
    """Give a stage on a database in which there is nothing but its schema."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    flask(url, "db", "upgrade")
    engine = make_engine(url)
    try:
        with served(url, demo=False) as port:
            kit = Kit(engine, settings=Settings(database_url=url))
            stage = Stage(playwright, chromium, World(f"http://localhost:{port}", kit), tmp_path)
            try:
                yield stage
            finally:
                stage.close()
        assert stage.complaints == []
    finally:
        engine.dispose()


def joins(stage: Stage, link: str, name: str, **options: object) -> Page:
    """Let somebody follow an invitation on a device of their own."""
    phone = stage.page(**options)  # type: ignore[arg-type]
    Lock(phone)
    phone.goto("/join/" + link.rpartition("/join/")[2])
    phone.get_by_label("Your name").fill(name)
    picture(stage, phone, f"join-{name.split()[0].lower()}")
    phone.get_by_role("button", name="Make my passkey").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Write these codes down")
    phone.get_by_role("link", name="I have written them down").click()
    return phone


def invites(stage: Stage, desk: Page, name: str, kind: str) -> str:
    """Invite one person at a co-op's desk; give the link that its QR code holds."""
    desk.goto("/office/weir-mill/invite")
    desk.get_by_label("Name", exact=True).fill(name)
    desk.get_by_label(kind).check()
    desk.get_by_role("button", name="Invite", exact=True).click()
    link = desk.get_by_label("Link").input_value()
    picture(stage, desk, "invitation")
    assert link_on(desk, ".code-card") == link
    return link


def picture(stage: Stage, page: Page, name: str) -> None:
    """Keep a picture of a step, as docs/first-start.md shows them."""
    # A sheet that is still coming up would be grey.
    page.evaluate("() => Promise.allSettled(document.getAnimations().map((each) => each.finished))")
    page.screenshot(path=stage.folder / f"{name}.png")


def test_from_an_empty_database_to_the_first_paid_bill(empty_stage: Stage) -> None:
    url = empty_stage.world.kit.settings.database_url
    told = flask(
        url, "init", "--name", "Alder Valley", "--zone", "Europe/Lisbon", "--cash", "EUR", "--charter", "2026-03-01",
        "--coop", "Weir Mill", "--credit-line", "5000", "--facilitator", "Joy Abara",
    )  # fmt: skip
    (link,) = re.findall(r"\S+/join/\S+", told)

    desk = joins(empty_stage, link, "Joy Abara", viewport={"width": 1280, "height": 800})
    desk.goto("/you")
    desk.get_by_role("link", name="Office of Weir Mill").click()
    desk.get_by_role("link", name="Tills").click()
    desk.get_by_label("Name").fill("Counter 1")
    desk.get_by_role("button", name="Add this till").click()
    expect(desk.get_by_text("weir-mill-1")).to_be_visible()

    till = joins(
        empty_stage,
        invites(empty_stage, desk, "Ben Kessler", "a member who works here"),
        "Ben Kessler",
        viewport=TABLET,
    )
    phone = joins(empty_stage, invites(empty_stage, desk, "Cy Okafor", "a customer"), "Cy Okafor")
    desk.goto("/office/weir-mill")
    desk.get_by_role("button", name="Make cashier").click()
    expect(desk.get_by_text("Joy Abara alone")).to_be_visible()
    picture(empty_stage, desk, "office")

    till.goto("/tills/weir-mill-1")
    for key in ("1", "2", "5", "0", "cash", "1", "2", "5", "0"):
        till.locator(f'[data-key="{key}"]').click()
    till.locator("[data-charge-button]").click()
    expect(screen(till, "waiting")).to_be_attached()
    picture(empty_stage, till, "till")
    bill = link_on(till)
    assert bill.startswith(f"{empty_stage.world.origin}/b/")
    phone.goto(bill)
    picture(empty_stage, phone, "bill")
    pay(phone)

    expect_paid(phone)
    picture(empty_stage, phone, "paid")
    expect(till.locator("body")).to_contain_text("Cy Okafor")
    with snapshot(empty_stage.world.kit.engine) as connection:
        assert verify.check(connection) == []
