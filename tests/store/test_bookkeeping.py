"""What a co-op's accounts had at an instant is the plain sum of what was posted before it, and is found by less."""

import random
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import cast, long_wallet
from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.steps import steps
from wallet.domain.bookkeeping import MAIN, till_account
from wallet.kit import Kit
from wallet.services import histories, payments
from wallet.store.engine import snapshot
from wallet.store.tables import coops, tills, transfers
from wallet.store.views import bookkeeping

STEPS = 60
TURNS = (-timedelta(hours=7), -timedelta(seconds=1), timedelta(0), timedelta(minutes=5), timedelta(days=1))


@pytest.fixture
def instants(kit: Kit, clock: Clock, request: pytest.FixtureRequest) -> list[datetime]:
    """Let things happen by chance at the bakery and the mill, as the clock is set forth and back; tell when."""
    cast.build(kit)
    draw, seen, sold = random.Random(request.param), [clock()], list[str]()
    for step in range(STEPS):
        clock.advance(draw.choice(TURNS).total_seconds())
        seen.append(clock())
        minor, key = draw.randrange(1, 90), str(step)
        match draw.choice(("till", "till", "history", "refund", "supply", "fund")):
            case "till":
                till, cashier = draw.choice((("bakery-1", "ben"), ("bakery-2", "ben"), ("mill-1", "dee")))
                bill = payments.open_bill(kit, till, cashier, amount_minor=minor, key=key)
                sold.append(payments.pay_bill(kit, bill.code, "ana", key=key, confirm=True).ref)
            case "history":
                histories.sell(kit, "bakery", "ana", minor, 0, key=key)
            case "refund" if sold:
                refund_sale(kit, sold.pop(), 1, 0)
            case "supply":
                seller, buyer = draw.sample(("bakery", "mill"), 2)
                histories.supply(kit, seller, buyer, minor, key=key)
            case _:
                histories.fund(kit, "bakery", minor, key=key)
    return seen


@pytest.mark.parametrize("instants", [3, 14, 15], indirect=True)
def test_what_an_account_had_is_the_sum_of_what_was_posted_before_though_the_clock_was_set_back(
    kit: Kit, instants: list[datetime]
) -> None:
    moments = [at + timedelta(microseconds=more) for at in set(instants) for more in (0, 1)]
    with snapshot(kit.engine) as connection:
        for coop in cast.COOPS:
            found = {at: bookkeeping.balances(connection, coop, at) for at in moments}
            assert found == {at: summed(connection, coop, at) for at in moments}


def summed(connection: sa.Connection, coop: str, before: datetime) -> dict[str, int]:
    """Sum up row by row; an account that never moved by then is left out."""
    main = connection.execute(sa.select(coops.c.account_id).where(coops.c.slug == coop)).scalar_one()
    at_tills = sa.select(tills.c.account_id, tills.c.id).join(coops, coops.c.id == tills.c.coop_id)
    own = {main: MAIN} | {
        account: till_account(till) for account, till in connection.execute(at_tills.where(coops.c.slug == coop))
    }
    found = dict[str, int]()
    for row in connection.execute(sa.select(transfers)):
        for account, minor in ((row.credit_id, row.amount_minor), (row.debit_id, -row.amount_minor)):
            if account in own and row.at < before:
                found[own[account]] = found.get(own[account], 0) + minor
    return found


@pytest.mark.only_on("sqlite")
@pytest.mark.breaks_books
def test_the_balances_of_a_month_that_is_just_over_are_not_summed_up_from_the_first_day_on(
    kit: Kit, clock: Clock
) -> None:
    long_wallet.found(kit, "ana", "ben")
    month_ago, taken = clock() - timedelta(days=30), []
    for handle, movements in (("ana", 100), ("ben", 5_000)):
        long_wallet.fill(kit, handle, movements, month_ago)
        taken.append(steps(kit.engine, lambda connection: bookkeeping.balances(connection, "coop-3", month_ago)))

    assert taken[1] < 2 * taken[0]
