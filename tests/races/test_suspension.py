"""A co-op is suspended while it is paid and pays: each act comes before and moves its money once, or is refused."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.figures import coop_balances, figures
from tests.races.rush import rush, wait_until_it_waits
from tests.services.test_payruns import MAKER, OTHER, approved, due
from tests.services.test_payruns import agree as agree_to_res
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import histories, members, network, paybounds, payments, payruns, proposals
from wallet.store import coops, ledger, migrate, suspensions
from wallet.store import proposals as rows
from wallet.store.engine import is_postgresql, reading
from wallet.store.sales import Paid

PAYERS = 10
SALES = sa.text("SELECT COUNT(*) FROM transfers WHERE kind = 'sale'")
# What a sale does once it holds the payee's account.
LOOK = re.compile(
    r"  IF NOT EXISTS \(SELECT 1 FROM coops c WHERE [^;]*THEN\n    PERFORM refuse\('account_not_open'\);\n  END IF;\n"
)
FUNCTIONS = Path(migrate.__file__).parent / "migrations" / "functions"


def facilitators(town: Kit) -> None:
    """Let Fay and Gus facilitate, and Cy run the farm's office."""
    for handle in ("fay", "gus"):
        members.join(town, "mint", handle)
        members.grant(town, handle, "facilitator")
    members.grant(town, "cy", "steward", "farm")


def signed_run(town: Kit) -> int:
    """Let two stewards of the bakery sign a run that pays one of them in RES, too; give its number."""
    for handle in (MAKER, OTHER):
        members.join(town, "bakery", handle)
        members.grant(town, handle, "steward", "bakery")
    paybounds.answer_floor(town, MAKER, "bakery", None, "Eve Sato")
    agree_to_res(town, MAKER)
    return approved(town, due(MAKER, 10_00))


def sales_so_far(town: Kit) -> int:
    with reading(town.engine) as connection:
        return int(connection.execute(SALES).scalar_one())


def agree(town: Kit) -> int:
    """Agree, as Gus, to what waits; tell how many sales were in the books when this was answered."""
    with reading(town.engine) as connection:
        (waiting,) = [each.id for each in rows.waiting(connection, town.clock())]
    proposals.agree(town, "gus", waiting)
    return sales_so_far(town)


def test_payments_that_meet_a_suspension_come_before_it_or_move_nothing(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    facilitators(town)
    network.open_till(town, "bakery", "bakery-2", "Second counter")
    payers = [give_res(f"payer-{number}", 100_00) for number in range(PAYERS)]
    for trial in range(4):
        codes = [
            payments.open_bill(
                town, f"bakery-{1 + number % 2}", "cy", amount_minor=1_00 + trial, key=f"{trial} {number}"
            ).code
            for number in range(PAYERS)
        ]
        proposals.suspend(town, "fay", "bakery", "Its books are open.")
        before, taken = figures(town), coop_balances(town)["bakery"]

        paying = [
            partial(payments.pay_bill, town, code, payer, key=f"{trial} {payer}", confirm=True)
            for code, payer in zip(codes, payers, strict=True)
        ]
        met = rush([*paying[:5], partial(agree, town), *paying[5:]])

        (seen,) = [answer for answer in met.answers if isinstance(answer, int)]
        paid = [answer for answer in met.answers if isinstance(answer, Paid)]
        assert sales_so_far(town) == seen, "a payment came after the suspension was answered"
        assert met.refused == ({"account_not_open": PAYERS - len(paid)} if len(paid) < PAYERS else {})
        assert coop_balances(town)["bakery"] - taken == len(paid) * (1_00 + trial)
        after = figures(town)
        assert sorted(before[payer][0] - after[payer][0] for payer in payers) == sorted(
            [1_00 + trial] * len(paid) + [0] * (PAYERS - len(paid))
        )
        states = sorted(payments.show_bill(town, code, "cy").state for code in codes)
        assert states == sorted(["paid"] * len(paid) + ["cancelled"] * (PAYERS - len(paid)))
        proposals.lift(town, "fay", "bakery")
        agree(town)
        assert states == sorted(payments.show_bill(town, code, "cy").state for code in codes)


@contextmanager
def half_suspended(town: Kit, act: Callable[[], object]) -> Iterator[list[object]]:
    """Suspend the bakery while `act` has looked at it and waits for its account; give what came of the act."""
    came = list[object]()

    def run() -> None:
        try:
            came.append(act())
        except Refusal as refusal:
            came.append(refusal.code)

    thread = threading.Thread(target=run)
    as_a_writer = {"isolation_level": "READ COMMITTED"} if is_postgresql(town.engine) else {"writes": True}
    with town.engine.execution_options(**as_a_writer).connect() as connection, connection.begin():
        bakery = coops.known(connection, "bakery", lock=True)
        ledger.hold_coop(connection, bakery.id, bakery.account_id)
        thread.start()
        wait_until_it_waits(town)
        suspensions.begin(connection, bakery.id, bakery.account_id, "Its books are open.", town.clock())
        assert came == [], "it did not wait"
    thread.join(60)
    yield came
    with town.engine.begin() as connection:
        suspensions.lift(connection, coops.known(connection, "bakery").id, town.clock())


def test_whoever_has_looked_before_a_suspension_looks_again_when_it_is_there(
    town: Kit, give_res: Callable[[str, int], str], balances: Callable[[], dict[str, int]]
) -> None:
    facilitators(town)
    give_res("ana", 100_00)
    bill = payments.open_bill(town, "bakery-1", "cy", amount_minor=1_00, key="bill").code
    acts: dict[str, Callable[[], object]] = {
        "a bill": partial(payments.pay_bill, town, bill, "ana", key="paid"),
        "a line of pay": partial(histories.pay, town, "bakery", "ana", 10_00, 60, key="pay"),
        "a run of pay": partial(payruns.post, town, "bakery", signed_run(town)),
        "what it buys": partial(histories.supply, town, "bakery", "farm", 1_00, key="bought"),
        "what it sells": partial(histories.supply, town, "farm", "bakery", 1_00, key="sold"),
        "the pool": partial(histories.fund, town, "bakery", 1_00, key="fund"),
    }
    before, ends = balances(), dict[str, list[object]]()
    for name, act in acts.items():
        with half_suspended(town, act) as came:
            ends[name] = came

    assert ends == {name: ["account_not_open"] for name in acts}
    assert balances() == before


@pytest.mark.only_on("postgresql")
def test_a_payment_that_does_not_look_again_is_caught_coming_after_the_suspension(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    give_res("ana", 100_00)
    bill = payments.open_bill(town, "bakery-1", "cy", amount_minor=1_00, key="bill").code
    functions = (FUNCTIONS / "0028_counted_cash.sql").read_text(encoding="utf-8")
    start = functions.index("CREATE FUNCTION post_sale(")
    careful = functions[start : functions.index("END $$;", start) + len("END $$;")]
    statement = LOOK.sub("", careful)
    assert statement != careful, "there is nothing to leave out"
    with town.engine.begin() as connection:
        connection.execute(sa.text(statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)))

    with half_suspended(town, partial(payments.pay_bill, town, bill, "ana", key="paid")) as came:
        (paid,) = came
        assert isinstance(paid, Paid), "the very same payment, and nothing refused it"
    assert figures(town)["ana"][0] == 99_00
