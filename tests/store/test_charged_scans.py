"""What a till was told is paid: its scans of the open shift, and no look at those of all the years before."""

import random
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.closing_up import close
from tests.handset import Handset
from tests.steps import steps
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import payments, scans
from wallet.store.engine import snapshot
from wallet.store.tables import keys, tills, transfers
from wallet.store.views import shifts
from wallet.store.views.shifts import Running

TILL = "bakery-1"
TURNS = (-timedelta(hours=2), timedelta(seconds=40), timedelta(hours=1), timedelta(days=1))


def running(connection: sa.Connection) -> Running | None:
    account = connection.execute(sa.select(tills.c.account_id).where(tills.c.id == TILL)).scalar_one()
    return shifts.running(connection, TILL, account)


def charge(kit: Kit, phone: Handset, clock: Clock, key: str) -> None:
    scans.scan_code(kit, TILL, "ben", token=phone.shows(clock()), amount_minor=50, confirm=True, key=key)


@pytest.mark.parametrize("seed", [5, 8])
def test_the_scans_of_a_shift_are_those_stamped_with_it_though_the_clock_was_set_back(
    kit: Kit, clock: Clock, seed: int
) -> None:
    cast.build(kit)
    # Ben is a cashier already at the earliest hour to which the clock is set back.
    clock.advance(days=30)
    draw, phone, seen = random.Random(seed), Handset(kit, "ana"), set[int]()
    for step in range(40):
        clock.advance(draw.choice(TURNS).total_seconds())
        match draw.choice(("scan", "scan", "bill", "close")):
            case "scan":
                # A phone's code is good once, and no earlier one after it.
                with suppress(Refusal):
                    charge(kit, phone, clock, str(step))
            case "bill":
                bill = payments.open_bill(kit, TILL, "ben", amount_minor=70, key=str(step))
                payments.pay_bill(kit, bill.code, "ana", key=str(step), confirm=True)
            case _:
                with suppress(sa.exc.NoResultFound):
                    close(kit, TILL, "ben", 0)
        with snapshot(kit.engine) as connection:
            shift = running(connection)
            if shift is not None:
                wanted = posted(connection, shift.id)
                assert shifts.unheard(connection, TILL, shift, wanted) == (len(wanted), [])
                seen.add(len(wanted))

    assert len(seen) > 2


def posted(connection: sa.Connection, shift: int) -> set[str]:
    """Go through the whole journal for the sales of a shift."""
    return {row.ref for row in connection.execute(sa.select(transfers)) if row.shift_id == shift and row.kind == "sale"}


@pytest.mark.only_on("sqlite")
@pytest.mark.breaks_books
def test_what_a_till_was_told_is_found_without_what_it_was_told_in_the_years_before(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    charge(kit, Handset(kit, "ana"), clock, "bread")
    year_ago, taken = clock() - timedelta(days=365), []
    with kit.engine.connect() as connection:
        shift = running(connection)
    assert shift is not None
    for earlier in (10, 3_000):
        row = {"scope": f"till:{TILL}", "digest": "", "act": "sale", "made": "", "at": year_ago}
        with kit.engine.begin() as connection:
            connection.execute(sa.insert(keys), [row | {"key": str(uuid4())} for _ in range(earlier)])
        taken.append(steps(kit.engine, lambda connection: shifts.unheard(connection, TILL, shift, set())))

    assert taken[1] < 2 * taken[0]
