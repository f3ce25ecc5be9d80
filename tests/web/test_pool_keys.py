"""A co-op's part of the pool is asked for once: with its key it is answered as at first, whatever came of it."""

from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.races.rush import rush
from tests.web.conftest import new_key
from tests.web.outsider import is_replay, post, refuses
from tests.web.page import Page
from tests.web.test_ways_back import waiting
from wallet.kit import Kit
from wallet.services import proposals
from wallet.store import tables

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
POOL = "/office/bakery/pool"


def puts_in(browser: FlaskClient, key: str, amount: str = "100.00") -> TestResponse:
    return post(browser, POOL, amount=amount, key=key)


@pytest.mark.parametrize("ends", ["agree", "drop", ""])
def test_a_retry_after_a_lost_answer_puts_nothing_in_twice(
    staffed: Kit, browser_of: Browser, balances: Balances, ends: str
) -> None:
    sam, tim, key = browser_of("sam"), browser_of("tim"), new_key()
    first = puts_in(sam, key)
    assert (first.status_code, is_replay(first)) == (303, False)
    asked = waiting(staffed)
    if ends:
        assert tim.post(f"/proposals/{asked}/{ends}").status_code == 303
    before = balances()

    again = puts_in(sam, key)

    assert (again.status_code, again.location, is_replay(again)) == (303, first.location, True)
    assert (waiting(staffed), balances()) == (asked, before)
    assert balances()["pool"] == (100_00 if ends == "agree" else 0)


def test_a_key_of_the_pool_is_that_of_one_sum(staffed: Kit, browser_of: Browser) -> None:
    sam, key = browser_of("sam"), new_key()
    puts_in(sam, key)
    asked = waiting(staffed)

    refuses(puts_in(sam, key, "100.01"), 422, "key_reused")
    for amount, what in (("100.00", "This waits"), ("100.01", "Something else than this waits")):
        refused = puts_in(sam, new_key(), amount)
        refuses(refused, 409, "already_waiting")
        assert refused.get_json()["title"].startswith(what)
    refuses(post(sam, POOL, amount="100.00"), 400, "bad_form")
    assert waiting(staffed) == asked
    # A key is a person's own, and what was refused left it free.
    refuses(puts_in(browser_of("tim"), key), 409, "already_waiting")
    browser_of("tim").post(f"/proposals/{asked}/drop")
    assert puts_in(browser_of("tim"), key).status_code == 303


def test_the_form_carries_a_key_of_its_own(staffed: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    form, other = (Page(sam.get(POOL).text).forms[POOL] for _ in range(2))
    assert form["key"] != other["key"]

    assert [is_replay(sam.post(POOL, data=form | {"amount": "1"})) for _ in range(2)] == [False, True]


def test_sent_many_times_at_once_it_is_asked_for_once(staffed: Kit) -> None:
    key = new_key()
    outcome = rush([partial(proposals.put_in, staffed, "sam", "bakery", 1_00, key=key) for _ in range(8)])

    assert (sorted(one.replayed for one in outcome.answers), outcome.together > 1) == ([False] + [True] * 7, True)
    with staffed.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.proposals)).scalar() == 1
