"""A shop’s tablet, and what it does while the shop is cut off."""

from playwright.sync_api import Page, expect

from tests.browser.counter import expect_paid, open_bill, pay
from tests.browser.kept import NEVER_ANSWERED
from tests.browser.screens.screen import BAKERY, Cast, Screen
from tests.browser.stage import Stage
from tests.browser.tablet import CARD, fresh, registered, unlocked, unlocked_with_key


def unpaired(stage: Stage, _cast: Cast) -> Page:
    """Have a device show the code by which a steward registers it."""
    return fresh(stage)


def locked(stage: Stage, _cast: Cast) -> Page:
    """Have a registered tablet at which nobody works."""
    return registered(stage, stage.world.counter(), stage.world.steward())


def vouching(stage: Stage, cast: Cast) -> Page:
    """Look at a tablet's code on a cashier's phone."""
    counter = stage.world.counter()
    device = registered(stage, counter, stage.world.steward())
    device.get_by_role("button", name="Unlock").click()
    expect(device.locator(f"{CARD} svg")).to_be_visible()
    phone = stage.page(counter.cashier)
    phone.goto(f"/pair/{device.locator('wallet-pairing[data-code]').get_attribute('data-code')}")
    return phone


def wallet_beside(stage: Stage, cast: Cast) -> Page:
    """Be signed in to a wallet on a locked tablet."""
    # The payer's may read itself anew: bills that other screens left run out.
    device = locked(stage, cast)
    assert device.request.post("/demo/sign-in", data={"handle": stage.world.member()}).ok
    device.goto("/")
    return device


def on_tablet(stage: Stage, _cast: Cast) -> Page:
    """Work at a tablet."""
    counter = stage.world.counter()
    return unlocked(stage, registered(stage, counter, stage.world.steward()), counter.cashier)


def cut_off_tablet(stage: Stage, cast: Cast) -> Page:
    """Have checked a payment on a tablet without a network."""
    counter = stage.world.counter()
    device = registered(stage, counter, stage.world.steward())
    unlocked_with_key(stage, device, counter)
    phone = open_bill(stage, cast.payer, stage.world.bill(counter).code)
    # The till must not show the payment itself: then its digits would pay nothing any more.
    device.goto("/outage")
    pay(phone)
    expect_paid(phone)
    digits = phone.locator("[data-digits]").inner_text()
    device.locator("#sum").fill("12.50")
    device.locator("#digits").fill(digits)
    device.locator("form .button").click()
    expect(device.get_by_role("heading", name="Paid: 12.50", exact=True)).to_be_visible()
    return device


def unable_to_note(stage: Stage, cast: Cast) -> Page:
    """Have a tablet without a network that cannot note a payment."""
    device = cut_off_tablet(stage, cast)
    device.evaluate(NEVER_ANSWERED)
    device.locator("#sum").fill("12.50")
    device.locator("#digits").fill(device.locator("[data-digits]").first.inner_text())
    device.locator("form .button").click()
    expect(device.get_by_role("heading", name="This tablet could not note the payment")).to_be_visible()
    return device


def tablets_desk(stage: Stage, _cast: Cast) -> Page:
    """Look at a co-op's tablets as its steward."""
    steward = stage.world.steward()
    registered(stage, stage.world.counter(), steward)
    desk = stage.page(steward)
    desk.goto("/office/bakery/tablets")
    return desk


SCREENS = (
    Screen("tablet-new", unpaired, "Make this device a till", ".dock .button", ".code-card svg", till=True),
    Screen("tablet-locked", locked, BAKERY, ".dock .button", till=True),
    Screen("tablet-home", wallet_beside, "Home", ".dock .button", 'a[href="/tablet"]', till=True),
    Screen("tablet-till", on_tablet, BAKERY, "[data-charge-button]", till=True),
    Screen("outage", cut_off_tablet, "Check payments without a network", "form .button", "li.row", till=True),
    Screen("outage-silent", unable_to_note, "Check payments without a network", "form .button", "li.row", till=True),
    Screen("tablet-pair", vouching, BAKERY, ".dock .button", ".phrase"),
    Screen("tablets", tablets_desk, "Tablets", "form .button", "li.row"),
)
