"""Broken books stop every payment, until a whole check finds them sound again."""

import json
import re
from collections.abc import Callable
from typing import NoReturn

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from tests import cast
from tests.clock import Clock
from tests.imports import ROOT
from wallet.cli.verify import examined, settled
from wallet.errors import Refusal
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import gifts, histories
from wallet.store import halts
from wallet.store.engine import reading, write
from wallet.store.tables import accounts, coops, people, transfers
from wallet.store.verify import ballots

Run = Callable[..., Result]


@pytest.fixture
def app(kit: Kit, clock: Clock) -> Flask:
    cast.build(kit)
    histories.sell(kit, "bakery", "ana", 10_00, 0, key="bread")
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
        lambda: histories.sell(kit, "bakery", "ana", 1_00, 0, key="more bread"),
        lambda: gifts.send(kit, "ana", "cy", 1_00, key="a gift"),
        lambda: histories.supply(kit, "bakery", "mill", 1_00, key="flour"),
        lambda: histories.fund(kit, "mill", 1_00, key="pool"),
        lambda: histories.pay(kit, "mill", "ana", 10_00, 60, key="a pay"),
    ):
        with pytest.raises(Refusal, match="payments_stopped"):
            act()
    assert posted(kit) == before

    # Looking at the newest rows alone finds nothing, and proves nothing of the others.
    assert (run("verify", "--since", "1000000").exit_code, stopped(kit)) == (0, True)
    move(kit, -1)
    sound = run("verify")
    assert (sound.exit_code, stopped(kit), "Payments go on." in sound.stderr) == (0, False, True)
    histories.sell(kit, "bakery", "ana", 1_00, 0, key="more bread")
    assert posted(kit) == before + 1
    assert "Payments go on." not in run("verify").stderr, "they were not stopped"


def test_what_the_guide_says_of_a_balance_that_was_changed_lets_payments_go_on(kit: Kit, run: Run) -> None:
    with kit.engine.begin() as connection:
        ana = sa.select(people.c.account_id).where(people.c.handle == "ana").scalar_subquery()
        more = sa.update(accounts).where(accounts.c.id == ana).values(balance_minor=accounts.c.balance_minor + 500)
        connection.execute(more)
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    (mending,) = re.findall(r"^UPDATE accounts .*;$", guide, re.MULTILINE)

    says = run("verify").stdout
    assert "I3 accounts all: All balances sum to 500 and not to 0." in says
    found = re.search(r"I2 accounts (\d+): It stands at \d+; its postings come to (\d+)\.", says)
    assert found is not None, says
    assert says.count("\n  I") == 2
    with kit.engine.begin() as connection:
        connection.exec_driver_sql(mending.replace("31", found[1]).replace("172987", found[2]))

    assert (run("verify").exit_code, stopped(kit)) == (0, False)


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    ("deed", "told"),
    [
        (
            "UPDATE accounts SET balance_minor = 9223372036854775807"
            " WHERE id = (SELECT account_id FROM people WHERE handle = 'ana')",
            "Its balance_minor is beyond what any books hold.",
        ),
        (
            "UPDATE accounts SET balance_minor = 2000000000000000000 WHERE kind IN ('wallet', 'coop', 'till')",
            "It stands at 2000000000000000000; its postings come to",
        ),
    ],
)
def test_a_balance_that_no_sum_can_hold_is_named_and_stops_payments(kit: Kit, run: Run, deed: str, told: str) -> None:
    with kit.engine.begin() as connection:
        connection.exec_driver_sql(deed)

    found = run("verify")

    assert (found.exit_code, told in found.stdout, stopped(kit)) == (1, True, True), found.output
    assert "Not everything could be checked" not in found.output


def test_a_check_lets_payments_go_on_only_as_far_as_it_has_seen(kit: Kit, run: Run) -> None:
    """One that has begun before the books broke comes to its end after another one has stopped payments."""
    move(kit, 1)
    run("verify")
    move(kit, -1)
    older = examined(kit, None)
    move(kit, 1)
    assert run("verify").exit_code == 1

    assert settled(kit, *older, whole=True).startswith("Payments stay stopped")
    assert stopped(kit)
    move(kit, -1)
    assert settled(kit, *examined(kit, None), whole=True) == "Payments go on."
    assert not stopped(kit)


@pytest.fixture
def falls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the last check fall over something that nobody thought of."""

    def fall(*_given: object) -> NoReturn:
        raise RecursionError("a secret of the books")

    monkeypatch.setattr(ballots, "check", fall)


def test_what_nobody_expected_is_no_finding_and_no_page_of_code(
    run: Run, falls: None, caplog: pytest.LogCaptureFixture
) -> None:
    spoken, written = run("verify"), run("verify", "--json")

    assert (spoken.exit_code, spoken.stdout, spoken.stderr.count("\n")) == (2, "", 1)
    assert spoken.stderr.startswith("Could not check the books: An error came that nobody expected (RecursionError)")
    assert (written.exit_code, json.loads(written.stdout)["sound"]) == (2, None)
    assert "a secret of the books" not in spoken.output + written.output
    assert "a secret of the books" in caplog.text, "the log says where"


@pytest.mark.breaks_books
def test_money_that_is_wrong_stops_payments_also_where_a_check_falls_afterwards(
    kit: Kit, run: Run, falls: None
) -> None:
    move(kit, 1)
    spoken, written = run("verify"), run("verify", "--json")

    assert (spoken.exit_code, written.exit_code, stopped(kit)) == (1, 1, True)
    assert "Not everything could be checked: An error came that nobody expected (RecursionError)" in spoken.stdout
    answer = json.loads(written.stdout)
    assert (answer["sound"], answer["breaches"][0]["invariant"]) == (False, "I2")
    assert "RecursionError" in answer["why_not_all"]
