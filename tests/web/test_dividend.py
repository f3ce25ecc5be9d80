"""The dividend on screen: what a member brings to it, the clock, and what it is not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import histories, network

Browser = Callable[[str], FlaskClient]
# The small federation begins at noon of a Monday in March 2026; Ana has had 10.00 RES from the mill for 48 minutes.


@pytest.fixture
def chartered(federation: Kit) -> Kit:
    """Let the charter date from 63 months ago, and Ana spend 4.00 RES at the bakery."""
    network.found_federation(federation, "Valley", charter_on="2020-12-01")
    histories.sell(federation, "bakery", "ana", 400, 0, key="bread")
    return federation


def test_it_tells_basis_hours_and_what_can_still_count(chartered: Kit, browser_of: Browser) -> None:
    text = Page(browser_of("ana").get("/dividend").text).text

    assert "then spent at other co-ops 4.00" in text
    assert "pay for 19 min" in text.replace("\u202f", " ")
    assert "Spend the 6.00 RES at other co-ops and your basis grows by as much" in text


def test_the_clock_tells_both_parts_and_the_day_on_which_history_ends(chartered: Kit, browser_of: Browser) -> None:
    page = browser_of("ana").get("/dividend").text
    text = Page(page).text

    assert "15 years, then equal" in text
    assert "today, month 63 of 180" in text
    assert "65 % of a dividend goes by what each has circulated" in text.replace("\u202f", " ")
    assert "35 % goes by new hours of work" in text.replace("\u202f", " ")
    assert "From 1 December 2035 every hour counts the same, whoever came first." in text
    assert 'cx="119.7" cy="52.5"' in page


@pytest.mark.parametrize(
    ("voted", "said"),
    [
        ({"pool_rate_bp": 0}, "Co-ops are asked for nothing, so nothing is shared out"),
        ({"pool_rate_bp": 1, "month_minutes_max": 60}, "Without the bound on work it would be 256 times"),
    ],
)
def test_the_pyramid_is_answered_whatever_co_ops_are_asked_for(
    app: Flask, chartered: Kit, browser_of: Browser, voted: dict[str, int], said: str
) -> None:
    app.extensions["kit"] = replace(app.extensions["kit"], charter=replace(chartered.charter, **voted))

    answer = browser_of("ana").get("/dividend/pyramid")

    assert answer.status_code == 200
    assert said in Page(answer.text).text
    assert ("Times as much" in Page(answer.text).text) is False


def test_after_the_sunset_every_hour_counts_the_same(chartered: Kit, browser_of: Browser, clock: Clock) -> None:
    clock.advance(days=365 * 10)

    text = Page(browser_of("ana").get("/dividend").text).text

    assert "Since 1 December 2035 every hour counts the same" in text
    assert "today, month 180 of 180" in text


def test_it_says_what_it_is_not(chartered: Kit, browser_of: Browser) -> None:
    text = Page(browser_of("cal").get("/dividend").text).text

    assert "It is no promise" in text
    assert "You cannot get it by holding RES, by owning or lending, or by bringing people in." in text
    assert "Nothing in your wallet can still count." in text


def test_scripts_get_the_same_figures(chartered: Kit, browser_of: Browser) -> None:
    assert browser_of("ana").get("/dividend", headers=JSON).get_json() == {
        "basis": "4.00",
        "eligible": "6.00",
        "qualified_minutes": 19,
        "clock": {"month": 63, "sunset": 180, "by_basis_bp": 6500},
        "off": False,
    }


def test_before_there_is_a_charter_there_is_no_clock(federation: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")

    assert ana.get("/dividend", headers=JSON).get_json()["clock"] is None
    assert "then equal" not in Page(ana.get("/dividend").text).text


def test_it_is_one_step_from_the_share_and_the_rule_one_further(chartered: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")

    assert "/dividend" in Page(ana.get("/share").text).links
    assert "/dividend" in Page(browser_of("cal").get("/share").text).links
    assert "/dividend/rule" in Page(ana.get("/dividend").text).links
    assert "Months until every hour counts the same 180" in Page(ana.get("/dividend/rule").text).text


def test_whether_this_is_a_pyramid_is_answered_with_figures(chartered: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")

    assert "/dividend/pyramid" in Page(ana.get("/dividend").text).links
    text = Page(ana.get("/dividend/pyramid").text).text
    assert "with the phase-out: a founder gets 1.33 times what the least get for a year of work" in text
    assert "Without the bound on work it would be 257 times" in text


def test_how_many_times_as_much_is_written_as_the_readers_language_writes_figures(
    chartered: Kit, browser_of: Browser, languages: Path
) -> None:
    (languages / "de").mkdir()
    (languages / "de" / "messages.po").touch()

    answer = browser_of("ana").get("/dividend/pyramid", headers={"Accept-Language": "de", "Accept": "text/html"})

    text = Page(answer.text).text
    assert "with the phase-out: a founder gets 1,33 times" in text
    assert "if history counted for ever: 9,91 times" in text
    assert "Times as much 2,50" in text
    assert "their co-ops put 1 % of it into the pool" in text
