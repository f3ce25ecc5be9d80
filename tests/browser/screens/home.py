"""What a member meets first and keeps at hand: the welcome, home, notices, and what is theirs under You."""

from dataclasses import replace
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser.screens.screen import Cast, Screen, at
from tests.browser.stage import Stage
from tests.web.phone import MemberPhone
from wallet.services import gifts, scans
from wallet.services.gifts import Gift


def noticed(stage: Stage, cast: Cast) -> Page:
    """Have received something and read of it."""
    newcomer = stage.world.member("Tom Berg")
    gifts.give(stage.world.kit, cast.payer, Gift(newcomer, False, 250, "", str(uuid4())), confirm=True)
    page = at("/notices", "payer")(stage, replace(cast, payer=newcomer))
    expect(page.locator("ul.rows li")).to_have_count(1)
    return page


def raised(stage: Stage, cast: Cast) -> Page:
    """Have raised one limit and lowered another."""
    page = at("/you/limits", "colleague")(stage, cast)
    page.locator("#phone_payment").fill("80")
    page.locator("#code_day").fill("100,50")
    page.locator(".dock .button").click()
    expect(page.get_by_text("A higher limit waits")).to_be_visible()
    return page


def billed(stage: Stage, cast: Cast) -> Page:
    """Come home from a bill that one has opened."""
    bill = stage.world.bill(stage.world.counter())
    stage.world.claim(bill.code, cast.payer)
    return at("/")(stage, cast)


def asked(stage: Stage, cast: Cast) -> Page:
    """Be asked by a till, which has read one's code, for more than one has, while another bill is open."""
    world, counter, member = stage.world, stage.world.counter(), stage.world.member()
    world.claim(world.bill(counter, 430).code, member)
    token = MemberPhone(world.kit, member).token()
    scans.scan_code(
        world.kit,
        counter.till,
        counter.cashier,
        token=token,
        amount_minor=1_234_550,
        cash_minor=1_000,
        key=str(uuid4()),
    )
    return at("/")(stage, replace(cast, payer=member))


SCREENS = (
    Screen("welcome", at("/", None), "See what it builds", ".foot .button", "header .quilt, header svg"),
    Screen("demo", at("/demo", None), "Who do you want to be?", "button.row", "ul.rows li"),
    Screen("home", at("/"), "Home", ".dock .button", "ul.rows li"),
    Screen("home-bill", billed, "Home", ".dock .button", "section.bill"),
    Screen("home-asked", asked, "Home", ".dock .button", "a.card.row"),
    Screen("home-new", at("/", "newcomer"), "Home", ".dock .button"),
    Screen("home-cashier", at("/", "cashier"), "Home", ".dock .button", "a.card.row"),
    Screen("notices", noticed, "Notices", ".chips button", "ul.rows li"),
    Screen("notices-none", at("/notices", "colleague"), "Notices", ".chips button"),
    Screen("you", at("/you"), "You", 'form[action="/sign-out"] .button', ".who"),
    Screen("install", at("/install"), "The installed app", ".topbar .icon-button", "ol.steps li"),
    Screen("install-stranger", at("/install", None), "The installed app", ".topbar .icon-button", "ol.steps li"),
    Screen("limits", at("/you/limits"), "Limits", ".dock .button", ".field"),
    Screen("limits-raised", raised, "Limits", ".dock .button", ".notice"),
    Screen("unknown-page", at("/nowhere"), "", ".dock .button"),
    Screen("signed-out", at("/activity", None), "", ".dock .button"),
)
