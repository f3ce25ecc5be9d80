"""Tills of the matrix: one at which no bill stays open, so that its shift can be closed, and one that is idle."""

from tests.web.conftest import new_key
from wallet.domain.shift import Register
from wallet.kit import Kit
from wallet.services import network, payments, shifts
from wallet.services.shifts import Closing
from wallet.store.engine import reading
from wallet.store.views import office
from wallet.store.views import shifts as shift_view

TILL, IDLE = "bakery-9", "bakery-8"


def idle(kit: Kit, till: str = IDLE) -> str:
    """Give a till at which nothing was charged yet, unless it is named."""
    with reading(kit.engine) as connection:
        known = {each.id for each in office.standing_tills(connection, "bakery")}
    if till not in known:
        network.open_till(kit, "bakery", till, f"Counter {till[-1]}")
    return till


def open_shift(kit: Kit) -> int:
    """Give the number of the till's open shift."""
    idle(kit, TILL)
    made = payments.open_bill(kit, TILL, "bea", amount_minor=100, cash_minor=100, key=new_key())
    payments.cancel_bill(kit, made.code, "bea")
    with reading(kit.engine) as connection:
        place = shift_view.counter(connection, TILL, "bea", kit.clock())
        assert place is not None
        running = shift_view.running(connection, TILL, place.account_id)
        assert running is not None
        return running.id


def closed_shift(kit: Kit) -> int:
    """Give the number of a shift of the till that is closed."""
    number = open_shift(kit)
    shifts.close_shift(kit, TILL, "bea", number, Closing(Register(0, 0)), key=new_key())
    return number
