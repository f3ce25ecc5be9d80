"""A till: its keypad, the bill in front and what becomes of it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.counter import press, screen
from tests.browser.screens.screen import BAKERY, Cast, Screen, at
from tests.browser.stage import TABLET, Stage
from wallet.services import counter as settled


def keypad(stage: Stage, cast: Cast) -> Page:
    """Have typed a sum."""
    till = stage.till(cast.counter)
    press(till, *"800", "+", *"450")
    return till


def refused(stage: Stage, cast: Cast) -> Page:
    """Have pressed Charge with nothing typed, while a bill is parked."""
    counter = stage.world.counter()
    # What was paid at the counter of all screens is parked for half a minute only.
    stage.world.bill(counter)
    till = stage.till(counter)
    till.locator("[data-charge-button]").click()
    expect(till.locator("[data-trouble]")).to_be_visible()
    return till


def camera(stage: Stage, cast: Cast) -> Page:
    """Have the scanner open at a till without a camera."""
    till = keypad(stage, cast)
    till.locator("[data-scan]").click()
    expect(till.locator("dialog wallet-scanner")).to_be_visible()
    return till


def waiting(*, claimed_by: str | None = None, cash_minor: int = 0) -> Callable[[Stage, Cast], Page]:
    """Have a bill out, with two more parked beside it when nobody looks at it yet."""

    def opened(stage: Stage, cast: Cast) -> Page:
        counter = stage.world.counter()
        for amount in (640, 2_315) if claimed_by is None else ():
            stage.world.bill(counter, amount, left=100)
        bill = stage.world.bill(counter, cash_minor=cash_minor)
        if claimed_by is not None:
            stage.world.claim(bill.code, getattr(cast, claimed_by))
        till = stage.till(counter)
        till.goto(f"{counter.path}?bill={bill.code}")
        return till

    return opened


def green(stage: Stage, cast: Cast) -> Page:
    """Have just been paid."""
    counter = stage.world.counter()
    stage.world.sale(counter, cast.payer, 240)
    bill = stage.world.bill(counter)
    till = stage.till(counter)
    till.goto(f"{counter.path}?bill={bill.code}")
    stage.world.pay(bill.code, cast.payer)
    expect(screen(till, "paid")).to_be_attached()
    # The field goes back to the keypad after six seconds, of which a busy machine takes more; here it stays.
    till.evaluate("() => clearInterval(document.querySelector('wallet-till').leaving)")
    return till


def over(stage: Stage, cast: Cast) -> Page:
    """Have a bill that ran out."""
    counter = stage.world.counter()
    bill = stage.world.bill(counter, left=0)
    till = stage.till(counter)
    till.goto(f"{counter.path}?bill={bill.code}")
    return till


def signed_out(stage: Stage, _cast: Cast) -> Page:
    """Look at a till whose cashier is signed out while a bill waits."""
    counter = stage.world.counter()
    page = stage.page(viewport=TABLET)
    page.goto(f"{counter.path}?bill={stage.world.bill(counter).code}")
    return page


def wrong(stage: Stage, cast: Cast) -> Page:
    """Have typed the right sum for a payment that was wrong, at a till that gave something back before."""
    counter = stage.world.counter()
    stage.world.refund(counter, stage.world.sale(counter, cast.payer, 760), 260)
    receipt = stage.world.sale(counter, cast.payer, 240)
    till = stage.till(counter)
    till.goto(f"{counter.path}?wrong={receipt}")
    press(till, *"420")
    return till


def in_part(stage: Stage, cast: Cast) -> Page:
    """Have typed a sum at a co-op that takes only a part of it in RES."""
    clinic = stage.world.counter("clinic")
    settled.set_res_part(stage.world.kit, "clinic", 5_000)
    till = stage.till(clinic)
    press(till, *"1250")
    return till


SCREENS = (
    Screen("tills", at("/tills/", "cashier"), "Your tills", "a.row", "a.row"),
    Screen("till", keypad, BAKERY, "[data-charge-button]", ".last-five li", till=True),
    Screen("till-refused", refused, BAKERY, "[data-charge-button]", ".parked li", till=True),
    Screen("till-scan", camera, BAKERY, "dialog .button", till=True),
    Screen("till-waiting", waiting(), BAKERY, ".actions .button", ".parked li", till=True),
    Screen("till-claimed", waiting(claimed_by="payer"), BAKERY, ".actions .button", ".claim", till=True),
    Screen("till-cash", waiting(cash_minor=400), BAKERY, ".actions .button", ".amount", till=True),
    Screen("till-paid", green, BAKERY, "main a[data-visit]", ".last-five li", till=True),
    Screen("till-signed-out", signed_out, "Signed out at this till", ".dock .button", till=True),
    Screen("till-doubt", at("/tills/{till}?left=unknown", None), "Signed out at this till", ".dock .button", till=True),
    Screen("till-wrong", wrong, BAKERY, "[data-charge-button]", ".correction", till=True),
    Screen("till-part", in_part, "Alder Clinic", "[data-need-button]", ".need", till=True),
    Screen("till-over", over, BAKERY, ".actions .button", ".amount", till=True),
)
