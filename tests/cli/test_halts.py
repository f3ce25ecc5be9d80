"""Broken books stop every payment, until a whole check finds them sound again."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from tests import cast
from tests.clock import Clock
from wallet.errors import Refusal
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import gifts, office, payday, sales
from wallet.store import halts
from wallet.store.engine import reading, write
from wallet.store.tables import accounts, coops, people, transfers

Run = Callable[..., Result]


@pytest.fixture
def app(kit: Kit, clock: Clock) -> Flask:
    cast.build(kit)
    sales.sell(kit, "bakery", "ana", 10_00, 0, key="bread")
    return create_app(kit.settings, engine=kit.engine, clock=clock)


@pytest.fixture
def run(app: Flask) -> Run:
    """Give the commands, with what they say for people and for programs apart."""
    return lambda *arguments: app.test_cli_runner().invoke(args=arguments)


def move(kit: Kit, minor: int) -> None:
    """Move RES from the mill to Ana behind the ledger's back."""
    ana = sa.select(people.c.account_id).where(people.c.handle == "ana").scalar_subquery()
    mill = sa.select(coops.c.account_id).where(coops.c.slug == "mill").scalar_subquery()

    def work(connection: sa.Connection) -> None:
        for one, more in ((ana, minor), (mill, -minor)):
            changed = sa.update(accounts).where(accounts.c.id == one)
            connection.execute(changed.values(balance_minor=accounts.c.balance_minor + more))

    write(kit.engine, work)


def stopped(kit: Kit) -> bool:
    with reading(kit.engine) as connection:
        return halts.since(connection) is not None


def posted(kit: Kit) -> int:
    with reading(kit.engine) as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(transfers)).scalar_one())


def test_money_that_is_not_as_it_must_be_stops_every_payment_until_it_is(kit: Kit, run: Run) -> None:
    first = run("verify")
    assert (first.exit_code, stopped(kit), "Payments go on." in first.stderr) == (0, False, False)
    move(kit, 1)
    found = run("verify")
    assert (found.exit_code, stopped(kit)) == (1, True)
    assert "Payments are stopped until a whole check finds the books sound." in found.stderr

    before = posted(kit)
    for act in (
        lambda: sales.sell(kit, "bakery", "ana", 1_00, 0, key="more bread"),
        lambda: gifts.send(kit, "ana", "cy", 1_00, key="a gift"),
        lambda: office.supply(kit, "bakery", "mill", 1_00, key="flour"),
        lambda: office.fund(kit, "mill", 1_00, key="pool"),
        lambda: payday.pay_line(kit, "mill", "ana", 10_00, 60, key="a pay"),
    ):
        with pytest.raises(Refusal, match="payments_stopped"):
            act()
    assert posted(kit) == before

    # Looking at the newest rows alone finds nothing, and proves nothing of the others.
    assert (run("verify", "--since", "1000000").exit_code, stopped(kit)) == (0, True)
    move(kit, -1)
    sound = run("verify")
    assert (sound.exit_code, stopped(kit), "Payments go on." in sound.stderr) == (0, False, True)
    sales.sell(kit, "bakery", "ana", 1_00, 0, key="more bread")
    assert posted(kit) == before + 1
    assert "Payments go on." not in run("verify").stderr, "they were not stopped"
