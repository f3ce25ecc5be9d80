"""What a session pays by itself has an end: 50.00 at once and 150.00 a day, unless a passkey proves the payment."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.persona import sign_in
from tests.races.rush import rush
from tests.web.conftest import new_key
from tests.web.phone import MemberPhone
from wallet.domain.period import day_of
from wallet.errors import Refusal
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import gifts, histories, payments, scans, sessions
from wallet.services.gifts import Gift
from wallet.store.sales import Paid
from wallet.store.sessions import Bearer, open_for
from wallet.store.tables import code_days, phone_days

ZONE = "Europe/Lisbon"
BASE = "http://localhost:8000"
AT_ONCE, A_DAY = 50_00, 150_00
Pay = Callable[..., Paid]
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def rich(federation: Kit) -> Kit:
    """Give the federation in which Ana has 910.00 RES."""
    histories.pay(federation, "mill", "ana", 9_000_00, 9_600, key="a good month")
    return federation


@pytest.fixture
def session(rich: Kit) -> Bearer:
    """Give a session of Ana's that is no demo's."""
    found = sessions.bearer(sign_in(rich, "ana"))
    assert found is not None
    return found


@pytest.fixture
def pay(rich: Kit, session: Bearer) -> Pay:
    """Give a function that pays a new bill with Ana's session."""

    def paid(amount_minor: int, cash_minor: int = 0, *, kit: Kit = rich) -> Paid:
        code = bill(rich, amount_minor, cash_minor)
        return payments.pay_bill(kit, code, session, key=new_key(), confirm=True)

    return paid


@pytest.fixture
def ana(rich: Kit, clock: Clock) -> Iterator[FlaskClient]:
    """Give Ana's browser at a wallet that is no demo."""
    app = create_app(rich.settings, engine=rich.engine, clock=clock)
    browser = app.test_client()
    browser.set_cookie("wallet", sign_in(rich, "ana"), domain="localhost")
    yield browser
    app.extensions["streams"].live.close()


def bill(kit: Kit, amount_minor: int, cash_minor: int = 0) -> str:
    return payments.open_bill(
        kit, "bakery-1", "bea", amount_minor=amount_minor, cash_minor=cash_minor, key=new_key()
    ).code


def asks(pay: Pay, *amounts: int) -> bool:
    """Tell whether a payment is refused until a passkey proves it."""
    try:
        pay(*amounts)
    except Refusal as refusal:
        return refusal.code == "step_up_required"
    return False


def counted(kit: Kit) -> dict[str, int]:
    with kit.engine.connect() as connection:
        return {row.day: row.spent_minor for row in connection.execute(phone_days.select())}


@pytest.mark.parametrize(
    ("amounts", "last_asks"),
    [
        ([AT_ONCE], False),
        ([AT_ONCE + 1], True),
        ([AT_ONCE] * 3, False),
        ([AT_ONCE] * 3 + [1], True),
        ([AT_ONCE, AT_ONCE, 49_99, 1], False),
        ([AT_ONCE, AT_ONCE, 49_99, 2], True),
    ],
)
def test_a_session_alone_pays_50_at_once_and_150_a_day(pay: Pay, amounts: list[int], last_asks: bool) -> None:
    for amount in amounts[:-1]:
        pay(amount)

    assert asks(pay, amounts[-1]) is last_asks


def test_only_the_part_in_res_counts(rich: Kit, pay: Pay) -> None:
    pay(AT_ONCE + 30_00, 30_00)
    pay(170_00, 170_00)

    assert counted(rich) == {"2026-03-02": AT_ONCE}


def test_a_refused_payment_moves_nothing_counts_nothing_and_leaves_bill_and_key_free(
    rich: Kit, session: Bearer, pay: Pay, balances: Balances
) -> None:
    before, code, key = balances(), bill(rich, AT_ONCE + 1), new_key()

    with pytest.raises(Refusal, match="step_up_required"):
        payments.pay_bill(rich, code, session, key=key)

    assert balances() == before
    assert counted(rich) == {}
    assert payments.pay_bill(rich, code, "ana", key=key).amount_minor == AT_ONCE + 1


def test_a_payment_that_no_session_vouches_for_is_neither_bounded_nor_counted(rich: Kit, pay: Pay) -> None:
    payments.pay_bill(rich, bill(rich, 400_00), "ana", key=new_key())
    pay(AT_ONCE)

    assert counted(rich) == {"2026-03-02": AT_ONCE}


def test_a_payment_sent_again_counts_once(rich: Kit, session: Bearer) -> None:
    code, key = bill(rich, AT_ONCE), new_key()
    for _turn in range(5):
        payments.pay_bill(rich, code, session, key=key)

    assert counted(rich) == {"2026-03-02": AT_ONCE}


def test_too_little_res_is_said_before_a_passkey_is_asked_for(pay: Pay) -> None:
    with pytest.raises(Refusal, match="insufficient_funds"):
        pay(2_000_00)


def test_a_persona_of_the_demo_counts_as_asserted_in_the_demo_alone(rich: Kit, session: Bearer, pay: Pay) -> None:
    demo = replace(rich, settings=replace(rich.settings, demo=True))

    assert asks(pay, 400_00)
    assert pay(400_00, kit=demo).amount_minor == 400_00
    assert gifts.give(demo, session, Gift("cal", False, 400_00, "", new_key())).amount_minor == 400_00
    assert counted(rich) == {}


def test_who_came_into_the_demo_by_a_passkey_is_asked_for_it_there_too(rich: Kit, clock: Clock) -> None:
    demo = replace(rich, settings=replace(rich.settings, demo=True))
    phone = Bearer("a digest")
    with rich.engine.begin() as connection:
        assert open_for(connection, "ana", phone.digest, clock(), clock() + timedelta(days=1), means="passkey")

    with pytest.raises(Refusal, match="step_up_required"):
        payments.pay_bill(demo, bill(rich, AT_ONCE + 1), phone, key=new_key(), confirm=True)
    with pytest.raises(Refusal, match="step_up_required"):
        gifts.give(demo, phone, Gift("cal", False, AT_ONCE + 1, "", new_key()))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Summer time: midnight in Lisbon is an hour before UTC's.
        (datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC), datetime(2026, 7, 1, 23, 0, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, 0, 0, 0, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_midnight_of_the_federation(rich: Kit, clock: Clock, before: datetime, after: datetime) -> None:
    clock.set(before)
    token = sessions.bearer(sign_in(rich, "ana"))
    assert token is not None

    def pay(amount_minor: int) -> Paid:
        return payments.pay_bill(rich, bill(rich, amount_minor), token, key=new_key(), confirm=True)

    for _turn in range(3):
        pay(AT_ONCE)
    assert asks(pay, 1)
    clock.set(after)

    assert not asks(pay, AT_ONCE)
    assert list(counted(rich).values()) == [A_DAY, AT_ONCE]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_tried_a_session_alone_never_exceeds_its_limits(
    rich: Kit, pay: Pay, clock: Clock, balances: Balances, seed: int
) -> None:
    dice, spent, before = random.Random(seed), Counter[str](), balances()["ana"]
    for _turn in range(60):
        clock.advance(minutes=dice.randint(1, 200))
        amount = dice.choice([1, 9_99, 20_00, 49_99, AT_ONCE, AT_ONCE + 1, 90_00])
        day = day_of(clock(), ZONE)
        fits = amount <= AT_ONCE and spent[day] + amount <= A_DAY
        if before - spent.total() < amount:
            break

        assert asks(pay, amount) is not fits
        spent[day] += amount * fits

    assert max(spent.values()) <= A_DAY
    assert balances()["ana"] == before - spent.total()
    assert counted(rich) == {day: sum_minor for day, sum_minor in spent.items() if sum_minor}


def test_of_16_payments_at_the_same_moment_exactly_as_many_pass_as_the_day_allows(
    rich: Kit, session: Bearer, balances: Balances
) -> None:
    before = balances()["ana"]
    codes = [bill(rich, 10_00 + turn) for turn in range(16)]

    outcome = rush(partial(payments.pay_bill, rich, code, session, key=new_key()) for code in codes)

    paid = before - balances()["ana"]
    assert len(outcome.answers) == 14
    assert outcome.refused == Counter({"step_up_required": 2})
    assert paid <= A_DAY
    assert list(counted(rich).values()) == [paid]


def test_over_http_the_wallet_asks_for_a_passkey(rich: Kit, ana: FlaskClient) -> None:
    small, large = bill(rich, AT_ONCE), bill(rich, AT_ONCE + 1)

    paid = ana.post(f"/b/{small}/pay", json={"key": new_key()}, base_url=BASE)
    refused = ana.post(f"/b/{large}/pay", json={"key": new_key()}, base_url=BASE)

    assert paid.status_code == 201
    assert (refused.status_code, refused.json["type"]) == (403, "step_up_required")


def test_an_hour_that_comes_twice_is_one_day(rich: Kit, clock: Clock) -> None:
    clock.set(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    token = sessions.bearer(sign_in(rich, "ana"))
    assert token is not None
    for _turn in range(2):
        payments.pay_bill(rich, bill(rich, AT_ONCE), token, key=new_key(), confirm=True)
        clock.advance(hours=1)

    assert counted(rich) == {"2026-10-25": 2 * AT_ONCE}
    assert clock() - datetime(2026, 10, 25, 0, 30, tzinfo=UTC) == timedelta(hours=2)


def test_sending_and_paying_count_together(rich: Kit, pay: Pay, balances: Balances) -> None:
    pay(AT_ONCE)
    phone = sessions.bearer(sign_in(rich, "ana"))
    assert phone is not None
    gifts.give(rich, phone, Gift("cal", False, AT_ONCE, "", new_key()))
    pay(AT_ONCE)

    with pytest.raises(Refusal, match="step_up_required"):
        gifts.give(rich, phone, Gift("cal", False, 1, "", new_key()))
    gifts.give(rich, "ana", Gift("cal", False, 1, "", new_key()))

    assert balances()["cal"] == AT_ONCE + 1
    assert counted(rich) == {"2026-03-02": A_DAY}


def test_charges_by_code_and_payments_on_the_phone_do_not_share_a_limit(rich: Kit, pay: Pay) -> None:
    phone = MemberPhone(rich, "ana")
    scans.scan_code(rich, "bakery-1", "bea", token=phone.token(), amount_minor=AT_ONCE, key=new_key())

    assert counted(rich) == {}
    for _turn in range(3):
        pay(AT_ONCE)
    with rich.engine.connect() as connection:
        assert connection.execute(code_days.select()).one().spent_minor == AT_ONCE
