"""A limit is lowered while a payment waits for its wallet: a lowered one holds at once."""

import threading
from collections.abc import Callable
from functools import partial

from tests.clock import Clock
from tests.figures import figures
from tests.handset import Handset
from tests.persona import sign_in
from tests.races.rush import wait_until_it_waits
from wallet.domain.limit import Limit, Most
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import payments, scans, sessions
from wallet.store import accounts, limits, people
from wallet.store.bills import BillView
from wallet.store.engine import is_postgresql
from wallet.store.sales import Paid


def while_ana_lowers(town: Kit, means: str, act: Callable[[], object]) -> object:
    """Lower Ana's limit for `means` to 1.00 while `act` waits for her wallet; give what came of the act."""
    came = list[object]()

    def run() -> None:
        try:
            came.append(act())
        except Refusal as refusal:
            came.append(refusal.code)

    thread = threading.Thread(target=run)
    as_a_writer = {"isolation_level": "READ COMMITTED"} if is_postgresql(town.engine) else {"writes": True}
    with town.engine.execution_options(**as_a_writer).connect() as connection, connection.begin():
        ana = people.holder(connection, "ana")
        accounts.lock(connection, [ana.account_id])
        thread.start()
        wait_until_it_waits(town)
        people.lock(connection, ana.id)
        limits.keep(connection, means, ana.id, Limit(Most(1_00, 1_00)))
        assert came == [], "it did not wait"
    thread.join(60)
    (end,) = came
    return end


def test_a_payment_by_phone_that_waited_keeps_to_the_limit_that_was_lowered_meanwhile(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    give_res("ana", 100_00)
    bearer = sessions.bearer(sign_in(town, "ana"))
    assert bearer is not None
    bill = payments.open_bill(town, "bakery-1", "cy", amount_minor=10_00, key="bill").code

    end = while_ana_lowers(town, "phone", partial(payments.pay_bill, town, bill, bearer, key="paid", confirm=True))

    assert end == "step_up_required"
    assert figures(town)["ana"][0] == 100_00


def test_a_scan_that_waited_asks_above_the_limit_that_was_lowered_meanwhile(
    town: Kit, give_res: Callable[[str, int], str], clock: Clock
) -> None:
    phone = Handset(town, give_res("ana", 100_00))

    def scan(key: str) -> object:
        clock.advance(30)
        token = phone.shows(clock.now)
        return scans.scan_code(town, "bakery-1", "cy", token=token, amount_minor=10_00, confirm=True, key=key)

    # The day's first charge makes its row, which holds the member's own against being changed; later ones do not.
    assert isinstance(scan("first"), Paid)
    end = while_ana_lowers(town, "code", partial(scan, "second"))

    assert isinstance(end, BillView), "it was charged"
    assert figures(town)["ana"][0] == 90_00
