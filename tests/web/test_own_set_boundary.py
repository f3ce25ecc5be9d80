"""The last instant at which a co-op that paid somebody is theirs, and the first at which it is not: sheet and books."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import histories, payments
from wallet.store.tables import transfers

Browser = Callable[[str], FlaskClient]

# Seconds after the ninety days, and what a purchase then is.
ENDS = pytest.mark.parametrize(("seconds", "counts"), [(0, False), (1, True)])


@pytest.fixture
def paid(federation: Kit, clock: Clock) -> Kit:
    """Pay Cal, who is nobody's member, at the bakery, and let ninety days go by."""
    histories.pay(federation, "bakery", "cal", 10_000, 480, key="pay of cal")
    clock.advance(days=90)
    return federation


def judged(kit: Kit) -> list[bool]:
    """Tell of every sale whether it qualifies."""
    statement = sa.select(transfers.c.qualifies).where(transfers.c.kind == "sale").order_by(transfers.c.id)
    with kit.engine.connect() as connection:
        return [bool(one) for one in connection.execute(statement).scalars()]


@ENDS
def test_a_bill_says_what_it_does_to_the_last_second_of_the_ninety_days(
    paid: Kit, browser_of: Browser, clock: Clock, seconds: int, counts: bool
) -> None:
    clock.advance(seconds)
    cal = browser_of("cal")
    code = payments.open_bill(paid, "bakery-1", "bea", amount_minor=450, key=new_key()).code
    page = Page(cal.get(f"/b/{code}").text)
    answer = cal.post(f"/b/{code}/pay", json={"key": page.forms[f"/b/{code}/pay"]["key"]})

    assert (answer.status_code, judged(paid)) == (201, [counts])
    assert ("counts, 4.50" in page.text, "own co-op" in page.text) == (counts, not counts)


@ENDS
def test_a_sale_of_a_history_is_judged_by_the_same_second(paid: Kit, clock: Clock, seconds: int, counts: bool) -> None:
    clock.advance(seconds)
    histories.sell(paid, "bakery", "cal", 450, 0, key="bread")

    assert judged(paid) == [counts]
