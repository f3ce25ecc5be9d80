"""Something is wrong: the member, the stewards and the facilitators."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.screens.screen import Cast, Screen
from tests.browser.stage import Stage
from tests.web.phone import MemberPhone
from wallet.services import disputes, scans


def disputing(who: str, path: str = "/disputes/{dispute}", *, by_code: bool = True) -> Callable[[Stage, Cast], Page]:
    """Look at a charge that was not the payer's, as they, as a steward of the bakery or as a facilitator."""

    def opened(stage: Stage, cast: Cast) -> Page:
        world, ana = stage.world, stage.world.member("Ana Moreau")
        if by_code:
            token = MemberPhone(world.kit, ana).token()
            where = cast.counter.till, cast.cashier
            paid = scans.scan_code(world.kit, *where, token=token, amount_minor=1_250, key=f"scan of {ana}")
            ref = str(paid.ref)  # type: ignore[union-attr]
        else:
            ref = world.sale(cast.counter, ana, 1_250)
        if "{receipt}" in path:
            dispute = ""
        else:
            dispute = disputes.begin(world.kit, ana, ref, "I was at work at that time", not_me=True).ref
        if who == "facilitator":
            disputes.pass_on(world.kit, ana, dispute)
        handle = {"member": lambda: ana, "steward": world.steward, "facilitator": world.facilitator}[who]()
        page = stage.page(handle)
        page.goto(path.format(receipt=ref, dispute=dispute))
        return page

    return opened


SCREENS = (
    Screen("dispute-new", disputing("member", "/receipts/{receipt}/dispute?not_me=1"), "It was not me", ".dock button"),
    Screen("dispute", disputing("member"), "Not me", "form .button", ".thread li"),
    Screen("dispute-steward", disputing("steward", by_code=False), "Something is wrong", "form .button", ".thread li"),
    Screen("dispute-decide", disputing("facilitator"), "Not me", "form .button", ".thread li"),
    Screen("disputes", disputing("steward", "/office/bakery/disputes"), "Disputes", "a.row", "ul.rows li"),
    Screen("disputes-passed", disputing("facilitator", "/federation/disputes"), "Disputes", "a.row", "ul.rows li"),
)
