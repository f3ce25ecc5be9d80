"""A shown member code is good for one attempt, at one till, for a minute."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.figures import figures
from tests.handset import Handset
from tests.races.conftest import Meets
from tests.races.rush import rush
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import codes, network, scans
from wallet.store.sales import Paid

TILLS = 32


@pytest.fixture
def phone(town: Kit, give_res: Callable[[str, int], str]) -> Handset:
    """Ana's phone; she holds 100.00."""
    return Handset(town, give_res("ana", 100_00))


def scan(kit: Kit, till: str, token: str, key: str, amount: int = 12_50) -> object:
    return scans.scan_code(kit, till, "cy", token=token, amount_minor=amount, key=key)


def attempts(kit: Kit) -> int:
    with kit.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT COUNT(*) FROM code_attempts")).scalar_one())


def test_32_tills_that_scan_one_code_at_once_make_one_attempt(town: Kit, phone: Handset) -> None:
    for number in range(2, TILLS // 2 + 2):
        for slug in ("bakery", "farm"):
            network.open_till(town, slug, f"{slug}-{number}", "Counter")
    tills = [f"{slug}-{number}" for slug in ("bakery", "farm") for number in range(2, TILLS // 2 + 2)]
    token = phone.shows(town.clock())

    met = rush([partial(scan, town, till, token, f"scan at {till}") for till in tills])

    assert (len(met.answers), met.refused) == (1, {"code_spent": TILLS - 1})
    assert attempts(town) == 1
    assert figures(town)["ana"][0] == 87_50


def test_one_request_sent_32_times_at_once_pays_once(town: Kit, phone: Handset) -> None:
    token = phone.shows(town.clock())

    met = rush([partial(scan, town, "bakery-1", token, "one key")] * TILLS)

    paid = [answer for answer in met.answers if isinstance(answer, Paid)]
    assert set(met.refused) <= {"busy"}, "only the request that is under way may be asked to come back"
    assert len({answer.ref for answer in paid}) == 1
    assert [answer.replayed for answer in paid].count(False) == 1
    assert (attempts(town), figures(town)["ana"][0]) == (1, 87_50)


def test_an_attempt_that_is_refused_spends_the_code_too(town: Kit, phone: Handset) -> None:
    token = phone.shows(town.clock())

    met = rush([partial(scan, town, till, token, till, 40_00) for till in ("bakery-1", "farm-1")])
    assert (len(met.answers), met.refused) == (1, {"code_spent": 1})

    with pytest.raises(Refusal) as caught:
        scan(town, "farm-1", token, "again")
    assert caught.value.code == "code_spent"


@pytest.mark.parametrize(
    ("seconds", "paid"),
    [(-6, False), (-5.001, False), (-5, True), (0, True), (59, True), (59.999, True), (60, False), (61, False)],
)
def test_a_code_is_taken_from_5_s_before_its_step_until_60_s_after_it_began(
    town: Kit, phone: Handset, clock: Clock, seconds: float, paid: bool
) -> None:
    began = clock.now.replace(second=30, microsecond=0)
    token = phone.shows(began)
    clock.set(began + timedelta(seconds=seconds))

    if paid:
        assert isinstance(scan(town, "bakery-1", token, "k"), Paid)
    else:
        with pytest.raises(Refusal) as caught:
            scan(town, "bakery-1", token, "k")
        assert caught.value.code == "code_spent"
    assert attempts(town) == int(paid)


def test_a_code_shown_just_after_another_kills_the_earlier_one(town: Kit, phone: Handset, clock: Clock) -> None:
    earlier, later = phone.shows(clock.now), phone.shows(clock.now + timedelta(seconds=30))
    clock.advance(30)

    assert isinstance(scan(town, "bakery-1", later, "k1"), Paid)
    with pytest.raises(Refusal) as caught:
        scan(town, "farm-1", earlier, "k2")
    assert caught.value.code == "code_spent"


def last_step(kit: Kit) -> int:
    with kit.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT MAX(last_step) FROM code_keys")).scalar_one())


def test_a_code_that_was_tried_while_the_clock_was_ahead_is_not_taken_when_its_time_has_come(
    town: Kit, phone: Handset, clock: Clock
) -> None:
    clock.advance(hours=6)
    assert isinstance(scan(town, "bakery-1", phone.shows(clock.now), "once"), Paid)
    token = phone.shows(clock.now + timedelta(seconds=30))
    clock.advance(25)
    with pytest.raises(Refusal) as caught:
        scan(town, "bakery-1", token, "twice")
    assert caught.value.code == "looks_repeated"
    spent = last_step(town)
    clock.advance(hours=-6)
    anew = Handset(town, "ana")
    assert isinstance(scan(town, "farm-1", anew.shows(clock.now), "anew"), Paid)
    assert last_step(town) == spent
    clock.advance(hours=6)

    met = rush(
        [partial(scan, town, till, token, f"{n} at {till}") for till in ("bakery-1", "farm-1") for n in range(8)]
    )

    assert (met.answers, met.refused) == ([], {"code_spent": 16})
    assert (attempts(town), last_step(town), figures(town)["ana"][0]) == (3, spent, 75_00)


def test_of_two_servers_one_of_which_is_ahead_neither_takes_what_the_other_has_taken(
    town: Kit, phone: Handset, clock: Clock
) -> None:
    early = clock.now + timedelta(hours=6)
    ahead, later, token = replace(town, clock=lambda: early), phone.shows(early), phone.shows(clock.now)
    acts = [partial(scan, ahead, "bakery-1", later, f"ahead {n}", 10_00) for n in range(8)]
    acts += [partial(scan, town, "farm-1", token, f"right {n}", 10_00) for n in range(8)]

    met = rush(acts)

    taken = len(met.answers)
    assert (met.refused, attempts(town)) == ({"code_spent": 16 - taken}, taken)
    assert taken in (1, 2), "the code of now is dead with a later one"
    assert last_step(town) == int(early.timestamp()) // 30
    for then in (clock.now, early):
        clock.set(then)
        again = rush([partial(scan, town, "farm-1", each, f"{then} {each}") for each in (later, token)])
        assert (again.answers, again.refused) == ([], {"code_spent": 2})
    assert figures(town)["ana"][0] == 100_00 - taken * 10_00


def test_codes_that_are_frozen_pay_nothing_that_comes_after(town: Kit, phone: Handset, meets: Meets) -> None:
    token = phone.shows(town.clock())
    # The first step of a scan is to take the code, and that stands by itself.
    paid, _frozen = meets(
        "wallet.services.scans.write",
        partial(scan, town, "bakery-1", token, "once more"),
        partial(codes.freeze, town, "ana"),
    )

    assert (paid, figures(town)["ana"][0]) == ("code_spent", 100_00)


@pytest.mark.only_on("postgresql")
def test_whoever_freezes_codes_waits_for_the_payment_that_is_under_way(town: Kit, phone: Handset, meets: Meets) -> None:
    def freeze_and_look() -> int:
        codes.freeze(town, "ana")
        return figures(town)["ana"][0]

    pay = partial(scan, town, "bakery-1", phone.shows(town.clock()), "under way")
    _paid, left = meets("wallet.store.people.payer", pay, freeze_and_look)

    assert left == 87_50
