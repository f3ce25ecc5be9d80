"""You: who is signed in here, light or dark, and the ways out."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON
from tests.web.doors import code_of
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import members, proposals

Browser = Callable[[str], FlaskClient]


def test_the_page_names_the_member_and_leads_to_freezing_and_signing_out(browser_of: Browser) -> None:
    page = Page(browser_of("ana").get("/you").text)

    assert "Ana Reis" in page.text
    assert {"/code/freeze", "/sign-out", "/you/theme"} <= page.forms.keys()


def test_three_names_make_the_same_two_letters_on_every_page(federation: Kit, browser_of: Browser) -> None:
    members.join(federation, "bakery", "gus", name="Gus van Orth")

    own, among_others = browser_of("gus").get("/you").text, browser_of("sam").get("/office/bakery").text

    assert ">GO<" in own
    assert ">GO<" in among_others


def test_a_cashier_finds_every_till_of_theirs(browser_of: Browser) -> None:
    assert "/tills/bakery-1" in Page(browser_of("bea").get("/you").text).links


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_stands_on_every_page_until_it_follows_the_phone_again(browser_of: Browser, theme: str) -> None:
    ana = browser_of("ana")

    chosen = ana.post("/you/theme", data={"theme": theme})
    with_it = [ana.get(address).text for address in ("/", "/activity", "/you", "/nowhere")]
    ana.post("/you/theme", data={"theme": "system"})

    assert (chosen.status_code, chosen.location) == (303, "/you")
    assert all(f'data-theme="{theme}"' in page for page in with_it)
    assert all(f'<meta name="color-scheme" content="{theme}">' in page for page in with_it)
    assert "data-theme" not in ana.get("/").text
    assert '<meta name="color-scheme" content="light dark">' in ana.get("/").text


def test_a_theme_that_is_none_is_refused(browser_of: Browser) -> None:
    assert browser_of("ana").post("/you/theme", data={"theme": "beige"}).status_code == 400


def test_a_cookie_with_another_theme_changes_nothing(browser_of: Browser) -> None:
    ana = browser_of("ana")
    ana.set_cookie("theme", '"><script>')

    assert "script>" not in ana.get("/").text.split("<head>")[0]


def test_a_stranger_has_no_page(stranger: FlaskClient) -> None:
    assert stranger.get("/you").status_code == 401


def test_a_new_steward_reads_from_when_the_office_is_theirs(federation: Kit, browser_of: Browser, clock: Clock) -> None:
    members.join(federation, "bakery", "hal", name="Hal Orr")
    proposals.give_role(federation, "sam", "bakery", "hal", "steward")
    fay = browser_of("fay")
    (agree,) = [action for action in Page(fay.get("/federation").text).forms if action.endswith("/agree")]
    fay.post(agree)

    waiting = Page(browser_of("hal").get("/you").text)
    clock.advance(days=1)
    serving = Page(browser_of("hal").get("/you").text)

    assert "Office of Bread & Roses Opens to you on" in waiting.text
    assert "/office/bakery" not in waiting.links
    assert "/office/bakery" in serving.links
    assert "Opens to you on" not in serving.text


def test_a_new_steward_who_opens_the_office_early_reads_from_when_it_is_theirs(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    members.join(federation, "bakery", "hal", name="Hal Orr")
    proposals.give_role(federation, "sam", "bakery", "hal", "steward")
    (agree,) = [action for action in Page(browser_of("fay").get("/federation").text).forms if action.endswith("/agree")]
    browser_of("fay").post(agree)
    hal = browser_of("hal")

    early = hal.get("/office/bakery/payday")

    assert (early.status_code, code_of(hal.get("/office/bakery", headers=JSON))) == (403, "not_allowed")
    assert "You run this office from 2 March 2026, 12:00 on" in Page(early.text).text
    assert code_of(hal.get("/office/mill", headers=JSON)) == "unknown_coop"
    assert code_of(hal.get("/tills/bakery-1/shift", headers=JSON)) == "unknown_till"
    clock.advance(days=1)
    assert hal.get("/office/bakery").status_code == 200
    assert hal.get("/tills/bakery-1/shift").status_code == 200
