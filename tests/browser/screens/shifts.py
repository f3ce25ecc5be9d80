"""A day at a till, for the screens of its shift: sold, closed or not, with a difference or a bill that is open."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.screens.screen import BAKERY, Cast, Screen
from tests.browser.stage import Stage
from tests.browser.world import Counter
from wallet.domain.shift import Register
from wallet.services import network, shifts
from wallet.services.shifts import Closing


def sold(stage: Stage, payer: str, *, leaves_open: bool = False, closes: bool = False) -> tuple[Counter, int]:
    """Sell at a new counter, one sum twice; leave a bill open, or give some back and close with a difference."""
    world, counter = stage.world, stage.world.counter()
    sales = [
        world.sale(counter, payer, amount, cash) for amount, cash in ((1_250, 400), (860, 0), (860, 0), (300, 300))
    ]
    shift = world.open_shift(counter)
    if leaves_open:
        world.bill(counter, 860)
    if closes:
        world.refund(counter, sales[0], 250, 150)
        closing = Closing(Register(1_460, 550), "rung up once, paid twice", "Scanner lens needs a wipe")
        shifts.close_shift(world.kit, counter.till, counter.cashier, shift, closing, key=f"shift {shift}")
    return counter, shift


def shift(*, leaves_open: bool = False) -> Callable[[Stage, Cast], Page]:
    """Have the page open on which a shift is closed."""

    def opened(stage: Stage, cast: Cast) -> Page:
        counter, _shift = sold(stage, cast.payer, leaves_open=leaves_open)
        page = stage.page(counter.cashier)
        page.goto(f"{counter.path}/shift")
        return page

    return opened


def differing(stage: Stage, cast: Cast) -> Page:
    """Have typed what the register says, which is less than the ledger holds."""
    page = shift()(stage, cast)
    page.locator("#register").fill("17.10")
    page.locator("#register-cash").fill("7")
    page.locator(".dock .button").click()
    expect(page.locator("#differs")).to_be_visible()
    return page


def signed(stage: Stage, cast: Cast) -> Page:
    """Have closed a shift with a difference."""
    counter, number = sold(stage, cast.payer, closes=True)
    page = stage.page(counter.cashier)
    page.goto(f"{counter.path}/shifts/{number}")
    return page


def before(stage: Stage, cast: Cast) -> Page:
    """Have a shift closed and the next one open."""
    counter, _shift = sold(stage, cast.payer, closes=True)
    stage.world.sale(counter, cast.payer, 555)
    page = stage.page(counter.cashier)
    page.goto(f"{counter.path}/shifts")
    return page


def unopened(stage: Stage, _cast: Cast) -> Page:
    """Have a till at which nothing was charged yet."""
    counter = stage.world.counter()
    page = stage.page(counter.cashier)
    page.goto(f"{counter.path}/shift")
    return page


def sticker(stage: Stage, _cast: Cast) -> Page:
    """Have a counter's sticker before one, to print."""
    counter = stage.world.counter()
    page = stage.page(counter.cashier)
    page.goto(f"{counter.path}/sticker")
    return page


def asked(*, bills: int = 0) -> Callable[[Stage, Cast], Page]:
    """Have read a sticker while so many bills are open at its counter."""

    def opened(stage: Stage, cast: Cast) -> Page:
        counter = stage.world.counter()
        for number in range(bills):
            stage.world.bill(counter, 500 + number)
        page = stage.page(cast.payer)
        page.goto(f"/c/{counter.till}")
        return page

    return opened


def given_up(stage: Stage, _cast: Cast) -> Page:
    """Come to a till that was closed for good."""
    counter = stage.world.counter()
    network.close_till(stage.world.kit, "bakery", counter.till)
    page = stage.page(counter.cashier)
    page.goto(counter.path)
    return page


SCREENS = (
    Screen("shift", shift(), "Close till", ".dock .button", "dl.facts div", till=True),
    Screen("shift-blocked", shift(leaves_open=True), "Close till", ".dock .button", ".notice .button", till=True),
    Screen("shift-difference", differing, "Close till", ".dock .button", "ul.rows li", till=True),
    Screen("shift-closed", signed, "Shift closed", ".dock .button", "dl.facts div", till=True),
    Screen("shifts", before, "Past shifts", "a.card.row", "ul.rows li", till=True),
    Screen("shift-none", unopened, "Shift", ".dock .button", till=True),
    Screen("sticker", sticker, "Sticker", ".dock .button", ".a6 .qr"),
    Screen("sticker-sum", asked(), BAKERY, ".dock .button", "#ask .hint"),
    Screen("sticker-code", asked(bills=2), BAKERY, "#typed .button", ".notice"),
    Screen("till-closed", given_up, BAKERY, ".dock .button", ".notice"),
)
