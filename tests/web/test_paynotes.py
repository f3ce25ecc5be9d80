"""What about a line of pay is worth a look, as the charter of the month has it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web import polls
from tests.web.test_payruns import HEAD, begin, bring, office, text_of
from wallet.domain.charter import Charter
from wallet.kit import Kit
from wallet.services import ballots
from wallet.store.engine import write
from wallet.store.tables import pay_lines
from wallet.web import paynotes

__all__ = ["office"]

Browser = Callable[[str], FlaskClient]
LINES = HEAD + "bea,Bea Luz,250,1000.00,\nsol,Sol Rey,310,1000.00,\n"


def pay_of_may(kit: Kit, browser_of: Browser, clock: Clock, hours: int | None) -> str:
    """Draft a run of May, from which on members voted how many hours of a month count; give its page."""
    polls.chartered(kit)
    if hours:
        number = ballots.propose(kit, "gus", hours * 60, "Rest.", 30, parameter="month_minutes_max")
        ballots.agree(kit, "fay", number)
        for coop, handles in {"bakery": ("bea", "sam", "sol"), "mill": ("ana", "fay", "gus")}.items():
            for handle in handles:
                browser_of(handle).post(f"/ballots/{number}/{coop}", data={"choice": "yes"})
    clock.set(datetime(2026, 5, 2, 12, tzinfo=UTC))
    run = begin(browser_of("sam"), "2026-05-02")
    bring(browser_of("sam"), run, LINES)
    return run


@pytest.mark.parametrize(
    ("voted", "whom", "hours"), [(None, "Sol Rey", 300), (200, "Bea Luz, Sol Rey", 200), (744, "", 300)]
)
def test_a_run_warns_of_hours_above_what_the_charter_counts(
    office: Kit, browser_of: Browser, clock: Clock, voted: int | None, whom: str, hours: int
) -> None:
    run = pay_of_may(office, browser_of, clock, voted)

    said = text_of(browser_of("sam"), run)

    sentence = f"{whom} More than {hours} hours: what is beyond them never counts for the dividend."
    assert (sentence in said, f"over {hours} hours" in said) == (bool(whom), bool(whom))
    assert said.count("what is beyond them never counts") == bool(whom)


def test_a_file_that_was_brought_before_is_judged_by_what_counts_now(
    office: Kit, browser_of: Browser, clock: Clock
) -> None:
    run = pay_of_may(office, browser_of, clock, 744)
    write(office.engine, lambda connection: connection.execute(sa.update(pay_lines).values(warnings="long")))

    assert "hours: what is beyond them" not in text_of(browser_of("sam"), run)


def test_the_most_that_counts_of_an_hour_is_written_as_every_sum(app: Flask) -> None:
    with app.test_request_context("/"):
        said = paynotes.words(paynotes.SENTENCES, Charter(rate_max_minor=100_000))["fast"]

    assert said.startswith("More than 1,000.00 an hour")
