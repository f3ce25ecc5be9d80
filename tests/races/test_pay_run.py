"""One pay run, two stewards, everything at once: whoever signs first never signs second, and it is paid once."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.races.conftest import Meets
from tests.races.rush import deadlocks, rush, wait_until_it_waits
from tests.services.test_payruns import MAKER, OTHER, agree, approved, drafted, due, seen, submitted
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import members, network, paybounds, payments, payruns
from wallet.store import coops, elections, ledger, people, roles, verify
from wallet.store import paybounds as paybound_rows
from wallet.store.engine import snapshot, write
from wallet.store.ledger.coops import sweep

TRIALS = 6
TRIES = 40
# Who takes back gives up long before the others do, or the run would hardly ever be posted.
TAKES_BACK = 10
SIGNED = sa.text("SELECT submitted_by, approved_by, state FROM pay_runs WHERE id = :run")
PAID = sa.text("SELECT COUNT(*) FROM transfers t JOIN pay_lines l ON l.ref = t.ref WHERE l.run_id = :run")


@pytest.fixture
def bakery(kit: Kit) -> Kit:
    """Give a bakery with two stewards who have agreed to be paid in RES."""
    cast.build(kit)
    members.grant(kit, OTHER, "steward", "bakery")
    paybounds.answer_floor(kit, MAKER, "bakery", None, "Eve Sato")
    for handle in (MAKER, OTHER):
        agree(kit, handle)
    return kit


def until_over(kit: Kit, number: int, act: Callable[[int], object], tries: int = TRIES) -> None:
    """Try `act` on whatever the run is at the moment, until it is posted."""
    for _try in range(tries):
        run = seen(kit, number)
        if run.state == "posted":
            return
        with contextlib.suppress(Refusal):
            act(run.rev)


def everything(kit: Kit, number: int) -> Iterator[Callable[[], None]]:
    for who in (MAKER, OTHER):
        for act in (payruns.submit, payruns.approve):
            yield partial(until_over, kit, number, partial(act, kit, who, "bakery", number))
    yield partial(until_over, kit, number, lambda _rev: payruns.give_back(kit, MAKER, "bakery", number), TAKES_BACK)
    for _ in range(2):
        yield partial(until_over, kit, number, lambda _rev: payruns.post(kit, "bakery", number))


def test_maker_and_approver_are_two_people_whatever_happens_at_once_and_it_is_paid_once(bakery: Kit) -> None:
    posted = 0
    for _trial in range(TRIALS):
        number = drafted(bakery, due("ben", 1_000, 60), due("eve", 2_000, 60))

        rush(everything(bakery, number))

        with bakery.engine.connect() as connection:
            first, second, state = connection.execute(SIGNED, {"run": number}).one()
            paid = connection.execute(PAID, {"run": number}).scalar_one()
        assert first is None or first != second
        assert paid == (2 if state == "posted" else 0)
        posted += state == "posted"
    assert posted > 0, "nothing was ever signed twice and paid"
    assert deadlocks(bakery) == 0


def test_an_approval_that_looks_first_and_signs_after_would_sign_twice(bakery: Kit) -> None:
    """The control: between its look and its signature the other takes the run back, and it is submitted anew."""
    number = submitted(bakery, due("ben", 1_000, 60))
    looked = seen(bakery, number)
    assert looked.submitted_by_handle == MAKER
    payruns.give_back(bakery, MAKER, "bakery", number)
    payruns.submit(bakery, OTHER, "bakery", number, seen(bakery, number).rev)
    careless = sa.text(
        "UPDATE pay_runs SET approved_at = submitted_at, approved_by = (SELECT id FROM people WHERE handle = :who)"
        " WHERE id = :run AND state = 'submitted'"
    )

    with pytest.raises(sa.exc.IntegrityError, match="two_people"):
        write(bakery.engine, lambda connection: connection.execute(careless, {"who": OTHER, "run": number}))
    with pytest.raises(Refusal) as caught:
        payruns.approve(bakery, OTHER, "bakery", number, looked.rev)
    assert caught.value.code == "second_person"


def test_who_pays_while_their_own_pay_is_posted_waits_for_it_and_neither_is_lost(
    bakery: Kit, balances: Callable[[], dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, before = approved(bakery, due("ben", 10_00, 60)), balances()
    flour = payments.open_bill(bakery, "mill-1", "dee", amount_minor=5_00, key="flour")
    has_read = threading.Event()

    def held_until_the_payment_waits(*asked: Any) -> None:
        has_read.set()
        wait_until_it_waits(bakery)
        sweep(*asked)

    def pays() -> object:
        assert has_read.wait(30)
        return payments.pay_bill(bakery, flour.code, "ben", key="paid")

    monkeypatch.setattr("wallet.store.ledger.payruns.sweep", held_until_the_payment_waits)
    met = rush([partial(payruns.post, bakery, "bakery", number), pays])

    assert (len(met.answers), met.refused) == (2, {})
    assert balances()["ben"] == before["ben"] + 1_00 - 5_00


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("run_is_first", [True, False])
def test_a_run_that_is_submitted_while_its_coop_leaves_is_a_draft_afterwards(
    pairs: Kit, meets: Meets, run_is_first: bool
) -> None:
    paybounds.answer_floor(pairs, MAKER, "bakery", None, "Eve Sato")
    number = drafted(pairs, due("ben", 10_00, 60))
    submit = partial(payruns.submit, pairs, MAKER, "bakery", number, seen(pairs, number).rev)
    leave = partial(network.coop_leaves, pairs, "bakery")
    if run_is_first:
        meets("wallet.store.ledger.lock_wallets", submit, leave)
    else:
        assert meets("wallet.store.coops.leave", leave, submit)[1] == "run_not_ready"

    assert seen(pairs, number).state == "draft"


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("run_is_first", [True, False])
def test_a_run_that_is_posted_while_its_coop_leaves_is_paid_before_or_a_draft_afterwards(
    bakery: Kit, meets: Meets, run_is_first: bool
) -> None:
    number = approved(bakery, due("ben", 10_00, 60))
    post, leave = partial(payruns.post, bakery, "bakery", number), partial(network.coop_leaves, bakery, "bakery")
    if run_is_first:
        assert meets("wallet.store.payruns.find", post, leave)[0] == "posted"
    else:
        assert meets("wallet.store.coops.leave", leave, post)[1] == "run_not_ready"

    assert seen(bakery, number).state == ("posted" if run_is_first else "draft")
    assert deadlocks(bakery) == 0


def come_back(kit: Kit, handle: str) -> None:
    """Let somebody's roles rest, as of who comes back in person, from when nobody else has hold of them."""

    def work(connection: sa.Connection) -> None:
        person = people.holder(connection, handle).id
        people.lock(connection, person)
        roles.rest(connection, person, kit.clock(), kit.clock() + timedelta(days=3))

    write(kit.engine, work)


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("signs", ["submits", "approves"])
def test_who_signs_while_their_role_comes_to_rest_has_signed_before_or_is_refused(
    pairs: Kit, meets: Meets, signs: str, is_first: bool
) -> None:
    paybounds.answer_floor(pairs, MAKER, "bakery", None, "Eve Sato")
    agree(pairs, "ben")
    # Of a run of next week: what is approved is not paid at once.
    number = drafted(pairs, due("ben", 10_00, 60), pay_on="2026-03-09")
    begun, at = time.monotonic(), pairs.clock()
    ticking = replace(pairs, clock=lambda: at + timedelta(seconds=time.monotonic() - begun))
    if signs == "submits":
        act, who = payruns.submit, MAKER
    else:
        payruns.submit(pairs, MAKER, "bakery", number, seen(pairs, number).rev)
        act, who = payruns.approve, "ivo"
    sign = partial(act, ticking, who, "bakery", number, seen(pairs, number).rev)
    rest = partial(come_back, ticking, who)
    if is_first:
        assert meets("wallet.store.roles.require_steward", sign, rest)[0] is None
    else:
        assert meets("wallet.store.roles.rest", rest, sign)[1] == "not_allowed"

    with snapshot(pairs.engine) as connection:
        assert verify.check(connection) == []


@pytest.mark.parametrize("bound", ["an agreement", "a ceiling"])
def test_what_bounds_a_line_while_its_run_waits_to_be_signed_came_before_it_in_the_books_too(
    kit: Kit, clock: Clock, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    cast.build(kit)
    members.grant(kit, OTHER, "steward", "bakery")
    paybounds.answer_floor(kit, MAKER, "bakery", None, "Eve Sato")
    number = drafted(kit, due("ben", 1_000, 60))
    held = ledger.lock_wallets

    def waited_for(connection: sa.Connection, run_id: int) -> None:
        clock.advance(seconds=1)
        person, coop = people.holder(connection, "ben").id, coops.known(connection, "bakery").id
        if bound == "an agreement":
            elections.agree(connection, person, 1, "the words", clock())
        else:
            paybound_rows.set_ceiling(connection, coop, 500, person, clock())
        clock.advance(seconds=1)
        held(connection, run_id)

    monkeypatch.setattr(ledger, "lock_wallets", waited_for)
    payruns.submit(kit, MAKER, "bakery", number, seen(kit, number).rev)

    with snapshot(kit.engine) as connection:
        assert verify.check(connection) == []
