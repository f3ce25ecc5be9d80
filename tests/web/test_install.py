"""Installing the wallet: the page for both kinds of phone, and an offer that is put off once."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.web.page import Page

Browser = Callable[[str], FlaskClient]


def test_the_page_tells_both_ways_to_members_and_strangers(stranger: FlaskClient, browser_of: Browser) -> None:
    for browser in (stranger, browser_of("ana")):
        page = Page(browser.get("/install").text)

        assert "Choose “Add to home screen”" in page.text
        assert "In Safari, press Share" in page.text


def test_home_offers_the_app_until_it_is_put_off_and_you_lead_to_it_always(browser_of: Browser) -> None:
    ana = browser_of("ana")
    assert "/install" in Page(ana.get("/").text).links

    put_off = ana.post("/install/later")

    assert (put_off.status_code, put_off.location) == (303, "/")
    assert "/install" not in Page(ana.get("/").text).links
    assert "/install" in Page(ana.get("/you").text).links


def test_putting_off_takes_no_fields_and_no_other_method(browser_of: Browser) -> None:
    ana = browser_of("ana")

    assert ana.post("/install/later", data={"until": "never"}).status_code == 400
    assert ana.get("/install/later").status_code == 405
    assert "/install" in Page(ana.get("/").text).links
