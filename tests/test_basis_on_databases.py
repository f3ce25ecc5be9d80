"""The books of both databases keep the rule of basis to the unit: the table of cases, at the largest amounts too."""

from dataclasses import astuple
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.domain.basis_cases import CASES, Case, Figures, In, Out, Pay, Refund, Sale
from tests.figures import figures
from wallet.domain import basis
from wallet.domain.transfer import Order, PayLine, Posted, RunOrder
from wallet.kit import Kit
from wallet.services import members, network, payments
from wallet.store import coops, ledger, ownset, paylines, payruns, people
from wallet.store.engine import reading, write
from wallet.store.paylines import PayRunEntry
from wallet.store.tables import accounts, pay_lines, sale_refunds, shares, transfers, work_months

# The figures before an event are put there by hand, so the journal cannot explain them.
pytestmark = pytest.mark.breaks_books
COLUMNS = ("balance_minor", "eligible_minor", "eligible_minutes", "basis_minor", "qualified_minutes")
MONTH = "2026-03"


@pytest.fixture
def small_world(kit: Kit) -> Kit:
    """Give the kit of a federation with two co-ops and two wallets; Ana works at the bakery."""
    network.found_federation(kit, "Cases")
    for slug in ("bakery", "farm"):
        network.admit_coop(kit, slug, 10**13)
    members.join(kit, "bakery", "ana")
    members.accept_customer(kit, "ben")
    return kit


def stand_at(connection: sa.Connection, person: people.Holder, before: Figures) -> None:
    row = sa.update(accounts).where(accounts.c.id == person.account_id)
    connection.execute(row.values(dict(zip(COLUMNS, before, strict=True))))


def sold_before(connection: sa.Connection, kit: Kit, sale: Sale, refunded: int, payer: int, payee: int) -> Any:
    """Write a sale that made this basis, and how much of it was refunded."""
    row = {
        "ref": "SOLD", "kind": "sale", "at": kit.clock(), "debit_id": payer, "credit_id": payee,
        "amount_minor": sale.res, "cash_minor": 1, "debit_seq": 1, "credit_seq": 1, "debit_balance_minor": 0,
        "credit_balance_minor": 0, "qualifies": sale.qualifies, "basis_minor": sale.basis,
        "basis_minutes": sale.minutes,
    }  # fmt: skip
    sale_id = connection.execute(sa.insert(transfers).returning(transfers.c.id), row).scalar_one()
    given = {"sale_id": sale_id, "refunded_minor": refunded, "cash_refunded_minor": 0}
    connection.execute(sa.insert(sale_refunds), given)
    return ledger.find_sale(connection, "SOLD")


def post(connection: sa.Connection, kit: Kit, case: Case) -> Posted:
    ana, ben = people.holder(connection, "ana"), people.holder(connection, "ben")
    bakery, farm = coops.known(connection, "bakery"), coops.known(connection, "farm")
    stand_at(connection, ana, case.before)
    now, wallet = kit.clock(), ana.account_id
    match case.event:
        case Pay(total, minutes, counted_before, share_bp):
            counted = {"person_id": ana.id, "month": MONTH, "minutes": counted_before}
            connection.execute(sa.insert(work_months), counted)
            settled = {"person_id": ana.id, "month": MONTH, "share_bp": share_bp, "income_minor": 0, "spend_minor": 0}
            connection.execute(sa.insert(shares), settled | {"charter_version": 1})
            line = PayLine("R", now, bakery.id, bakery.account_id, wallet, total, minutes)
            return ledger.post_pay(connection, line, kit.charter)
        case Sale(res, qualifies, _, _):
            payee = farm if qualifies else bakery
            order = Order("R", now, wallet, payee.account_id, res, 1, payee.id)
            posted = ledger.post_sale(connection, order, kit.charter)
            assert posted.qualifies == qualifies
            return posted
        case Out(amount):
            return ledger.post_gift(connection, Order("R", now, wallet, ben.account_id, amount))
        case In(amount):
            stand_at(connection, ben, (amount, 0, 0, 0, 0))
            return ledger.post_gift(connection, Order("R", now, ben.account_id, wallet, amount))
        case Refund(sale, refunded, amount):
            sold = sold_before(connection, kit, sale, refunded, wallet, farm.account_id)
            return ledger.post_refund(connection, Order("R", now, sold.credit_id, wallet, amount, 1), sold, kit.charter)


class UndoneError(Exception):
    """Undo a case, so that one database serves all of them."""


def test_the_books_hold_every_case_as_worked_out_by_hand(small_world: Kit) -> None:
    found: dict[str, tuple[Figures, int, int]] = {}

    def work(connection: sa.Connection, case: Case) -> None:
        posted = post(connection, small_world, case)
        wallet = people.holder(connection, "ana").account_id
        row = connection.execute(sa.select(accounts).where(accounts.c.id == wallet)).one()
        stored = connection.execute(sa.select(transfers).where(transfers.c.id == posted.id)).one()
        figures = tuple(getattr(row, column) for column in COLUMNS)
        found[case.name] = (figures, stored.basis_minor or 0, stored.basis_minutes or 0)
        raise UndoneError

    for case in CASES:
        with pytest.raises(UndoneError):
            write(small_world.engine, partial(work, case=case))

    assert found == {case.name: (case.after, *moved_by(case)) for case in CASES}


def test_a_run_of_pay_holds_every_line_as_worked_out_by_hand(small_world: Kit) -> None:
    found: dict[str, Figures] = {}
    lines = {case.name: case for case in CASES if isinstance(case.event, Pay)}

    def work(connection: sa.Connection, case: Case) -> None:
        ana, bakery = people.holder(connection, "ana"), coops.known(connection, "bakery")
        stand_at(connection, ana, case.before)
        assert isinstance(case.event, Pay)
        total, minutes, counted_before, share_bp = astuple(case.event)
        connection.execute(sa.insert(work_months), {"person_id": ana.id, "month": MONTH, "minutes": counted_before})
        now = small_world.clock()
        run = payruns.add(connection, bakery.id, str(uuid4()), "2026-03-02", ana.id, now)
        paylines.refill(connection, run, [PayRunEntry("R", ana.id, minutes, total, 0)])
        res = basis.res_part(total, share_bp)
        split = {"entitlement_bp": share_bp, "share_bp": share_bp, "res_minor": res, "cash_minor": total - res}
        connection.execute(sa.update(pay_lines).values(split))
        order = RunOrder(run, str(uuid4()), now, MONTH, bakery.id, bakery.account_id)
        ledger.post_run(connection, order, small_world.charter)
        row = connection.execute(sa.select(accounts).where(accounts.c.id == ana.account_id)).one()
        found[case.name] = tuple(getattr(row, column) for column in COLUMNS)
        raise UndoneError

    for case in lines.values():
        with pytest.raises(UndoneError):
            write(small_world.engine, partial(work, case=case))

    assert len(found) > 5
    assert found == {name: case.after for name, case in lines.items()}


def moved_by(case: Case) -> tuple[int, int]:
    """Tell which basis and minutes the transfer itself must keep."""
    gained = (case.after[3] - case.before[3], case.after[4] - case.before[4])
    return (-gained[0], -gained[1]) if isinstance(case.event, Refund) else gained


def test_the_counter_holds_every_sale_as_worked_out_by_hand(small_world: Kit) -> None:
    members.accept_customer(small_world, "cy")
    for slug in ("bakery", "farm"):
        network.open_till(small_world, slug, slug, "Counter")
        members.grant(small_world, "cy", "cashier", slug)
    found, sales = {}, {case.name: case for case in CASES if isinstance(case.event, Sale)}
    for name, case in sales.items():
        assert isinstance(case.event, Sale)
        with small_world.engine.connect() as connection:
            ana = people.holder(connection, "ana")
        write(small_world.engine, partial(stand_at, person=ana, before=case.before))
        till, total = "farm" if case.event.qualifies else "bakery", case.event.res + 1
        bill = payments.open_bill(small_world, till, "cy", amount_minor=total, cash_minor=1, key=name)
        paid = payments.pay_bill(small_world, bill.code, "ana", key=name, confirm=True)
        with small_world.engine.connect() as connection:
            stored = connection.execute(sa.select(transfers).where(transfers.c.ref == paid.ref)).one()
        assert (paid.qualifies, paid.balance_minor) == (case.event.qualifies, case.after[0])
        found[name] = (figures(small_world)["ana"], stored.basis_minor or 0, stored.basis_minutes or 0)

    assert found == {name: (case.after, *moved_by(case)) for name, case in sales.items()}


def test_a_membership_that_ended_no_longer_makes_a_coop_one_s_own(small_world: Kit) -> None:
    with reading(small_world.engine) as connection:
        ana, bakery = people.holder(connection, "ana"), coops.known(connection, "bakery")
    members.leave(small_world, "bakery", "ana")

    with reading(small_world.engine) as connection:
        assert ownset.why_own(connection, ana.id, bakery.id, small_world.clock(), small_world.charter) is None
