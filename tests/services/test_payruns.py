"""Pay runs: two people, the pay date, the month; each line as it would be paid alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.figures import coop_balances, figures, shares_by_month
from tests.races.rush import rush
from wallet.domain.payfile import PayfileLine
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import histories, members, network, paybounds, payments, payruns
from wallet.store import accounts, coops, paylines
from wallet.store import payruns as rows
from wallet.store import people as holders
from wallet.store import roles as offices
from wallet.store.engine import reading, write
from wallet.store.paylines import PayRunLine
from wallet.store.payruns import PayRun
from wallet.store.tables import agreements, invitations, keys, own_set, people, roles, shares, transfers

TODAY = "2026-03-02"
MAKER, OTHER = "eve", "ben"


@pytest.fixture
def bakery(kit: Kit) -> Kit:
    """Give the cast's federation, whose bakery has two stewards and has answered about its cash floor."""
    cast.build(kit)
    members.grant(kit, OTHER, "steward", "bakery")
    paybounds.answer_floor(kit, MAKER, "bakery", None, "Eve Sato")
    for handle in ("ben", "eve"):
        agree(kit, handle)
    return kit


def agree(kit: Kit, handle: str) -> None:
    def work(connection: sa.Connection) -> None:
        who = sa.select(people.c.id).where(people.c.handle == handle)
        row = {"person_id": connection.execute(who).scalar_one(), "version": 1, "words": "", "agreed_at": kit.clock()}
        connection.execute(sa.insert(agreements), row)

    write(kit.engine, work)


def came_by_invitation(kit: Kit, coop: str, handle: str) -> None:
    def work(connection: sa.Connection) -> None:
        place, person = coops.known(connection, coop).id, holders.holder(connection, handle).id
        row = {"token_hash": coop, "kind": "customer", "name": handle, "roles": "", "coop_id": place}
        row |= {"created_at": kit.clock(), "expires_at": kit.clock(), "used_at": kit.clock(), "used_by": person}
        connection.execute(sa.insert(invitations), row)

    write(kit.engine, work)


def due(handle: str, total_minor: int = 240_000, minutes: int = 9_600, deductions_minor: int = 0) -> PayfileLine:
    return PayfileLine(0, handle, "", minutes, total_minor, deductions_minor)


def seen(kit: Kit, number: int, coop: str = "bakery") -> PayRun:
    with reading(kit.engine) as connection:
        return rows.find(connection, coop, number)


def drafted(kit: Kit, *dues: PayfileLine, pay_on: str = TODAY) -> int:
    number = payruns.draft(kit, MAKER, "bakery", pay_on)
    payruns.fill(kit, MAKER, "bakery", number, seen(kit, number).rev, dues)
    return number


def submitted(kit: Kit, *dues: PayfileLine, pay_on: str = TODAY) -> int:
    number = drafted(kit, *dues, pay_on=pay_on)
    payruns.submit(kit, MAKER, "bakery", number, seen(kit, number).rev)
    return number


def approved(kit: Kit, *dues: PayfileLine, pay_on: str = TODAY) -> int:
    number = submitted(kit, *dues, pay_on=pay_on)
    payruns.approve(kit, OTHER, "bakery", number, seen(kit, number).rev)
    return number


def lines_of(kit: Kit, number: int) -> list[PayRunLine]:
    with reading(kit.engine) as connection:
        return paylines.as_kept(connection, seen(kit, number))


def kept(kit: Kit, number: int) -> dict[str, tuple[int, int]]:
    return {line.handle: (line.split.res_minor, line.split.cash_minor) for line in lines_of(kit, number)}


def code_of(act: object, *args: object, **named: object) -> str:
    with pytest.raises(Refusal) as caught:
        act(*args, **named)  # type: ignore[operator]
    return caught.value.code


def test_a_run_of_two_people_is_posted_whole_and_once(bakery: Kit) -> None:
    before = figures(bakery)
    number = approved(bakery, due("ben"), due("eve", 100_001, 0))

    assert payruns.post(bakery, "bakery", number) == payruns.POSTED
    assert payruns.post(bakery, "bakery", number) == payruns.AGAIN

    after = figures(bakery)
    assert after["ben"][0] - before["ben"][0] == 24_000
    assert after["eve"][0] - before["eve"][0] == 10_000
    assert kept(bakery, number) == {"ben": (24_000, 216_000), "eve": (10_000, 90_001)}
    with bakery.engine.connect() as connection:
        made = connection.execute(sa.select(keys.c.made).where(keys.c.scope == "run")).scalars().all()
        paid = connection.execute(sa.select(transfers.c.ref).where(transfers.c.ref.in_(made))).scalars().all()
    assert len(paid) == len(made) == 2
    run = seen(bakery, number)
    assert (run.made_by, run.submitted_by, run.approved_by) == ("Eve Sato", "Eve Sato", "Ben Kessler")


def test_a_new_steward_and_a_stranger_sign_nothing_and_nobody_signs_twice(bakery: Kit) -> None:
    number = submitted(bakery, due("ben"))
    rev = seen(bakery, number).rev
    later = replace(bakery, clock=lambda: bakery.clock() + timedelta(hours=24))
    members.join(bakery, "bakery", "new")
    write(bakery.engine, lambda connection: _grant_later(connection, later))
    for who, role, coop in (("ana", "cashier", "bakery"), ("dee", "steward", "mill"), ("flo", "steward", "bakery")):
        members.grant(bakery, who, role, coop)
    with bakery.engine.begin() as connection:
        flo = sa.select(people.c.id).where(people.c.handle == "flo").scalar_subquery()
        connection.execute(sa.update(roles).where(roles.c.person_id == flo).values(revoked_at=bakery.clock()))

    assert code_of(payruns.approve, bakery, MAKER, "bakery", number, rev) == "second_person"
    for who in ("ana", "dee", "flo", "new", "cy"):
        assert code_of(payruns.approve, bakery, who, "bakery", number, rev) == "not_allowed"
        assert code_of(paybounds.set_ceiling, bakery, who, "bakery", 0) == "not_allowed"
    assert code_of(payruns.approve, bakery, OTHER, "bakery", number, rev - 1) == "changed_meanwhile"
    assert code_of(payruns.post, bakery, "bakery", number) == "run_not_ready"
    payruns.approve(later, "new", "bakery", number, rev)
    assert code_of(payruns.approve, later, OTHER, "bakery", number, rev) == "changed_meanwhile"


def test_a_run_that_is_signed_is_changed_by_nobody_and_one_that_is_paid_not_given_back(bakery: Kit) -> None:
    members.grant(bakery, "flo", "steward", "bakery")
    number = drafted(bakery, due("ben"))
    changes: dict[Callable[..., None], tuple[object, ...]] = {
        payruns.fill: ((due("eve"),),),
        payruns.move: (TODAY,),
        payruns.set_ceiling: (100,),
        payruns.drop: (),
        payruns.submit: (),
    }
    for sign, by in ((payruns.submit, MAKER), (payruns.approve, OTHER)):
        sign(bakery, by, "bakery", number, seen(bakery, number).rev)
        rev = seen(bakery, number).rev
        for change, more in changes.items():
            assert code_of(change, bakery, OTHER, "bakery", number, rev, *more) == "changed_meanwhile"
    assert code_of(payruns.approve, bakery, "flo", "bakery", number, rev) == "changed_meanwhile"

    payruns.post(bakery, "bakery", number)
    rev = seen(bakery, number).rev
    for change, more in (changes | {payruns.approve: ()}).items():
        assert code_of(change, bakery, "flo", "bakery", number, rev, *more) == "changed_meanwhile"
    assert code_of(payruns.give_back, bakery, OTHER, "bakery", number) == "changed_meanwhile"


def _grant_later(connection: sa.Connection, later: Kit) -> None:
    place = coops.known(connection, "bakery").id
    offices.grant(connection, holders.holder(connection, "new").id, "steward", place, later.clock())


def test_a_run_cannot_be_submitted_with_something_to_settle(bakery: Kit) -> None:
    empty = payruns.draft(bakery, MAKER, "bakery", TODAY)
    early = drafted(bakery, due("ben"), pay_on="2026-04-01")
    rich = drafted(bakery, due("ben", 20_000_000))
    members.grant(bakery, "dee", "steward", "mill")
    first = payruns.draft(bakery, "dee", "mill", TODAY)

    found = {}
    for number, who, coop in ((empty, MAKER, "bakery"), (early, MAKER, "bakery"), (rich, MAKER, "bakery")):
        with pytest.raises(Refusal) as caught:
            payruns.submit(bakery, who, coop, number, seen(bakery, number).rev)
        found[number] = caught.value.extra["blocking"]
    with pytest.raises(Refusal) as caught:
        payruns.submit(bakery, "dee", "mill", first, seen(bakery, first, "mill").rev)

    assert found == {empty: ["empty"], early: ["early"], rich: ["short"]}
    assert caught.value.extra["blocking"] == ["empty", "floor"]
    assert code_of(payruns.draft, bakery, MAKER, "bakery", "2026-03-01") == "bad_form"
    assert code_of(payruns.draft, bakery, MAKER, "bakery", "2026-04-31") == "bad_form"
    assert code_of(payruns.draft, bakery, "ana", "bakery", TODAY) == "not_allowed"
    move = partial(payruns.move, bakery, MAKER, "bakery", early, seen(bakery, early).rev)
    for wrong in ("2026-03-01", "2026-04-31"):
        assert code_of(move, wrong) == "bad_form"
    move(TODAY)
    assert seen(bakery, early).pay_on == TODAY
    assert code_of(payruns.submit, bakery, "dee", "mill", empty, 1) == "unknown_run"


def test_only_whom_a_co_op_knows_can_stand_in_its_run(bakery: Kit) -> None:
    number = payruns.draft(bakery, MAKER, "bakery", TODAY)
    for dues in ((due("ana"),), (due("nobody"),)):
        assert code_of(payruns.fill, bakery, MAKER, "bakery", number, 1, dues) == "unknown_member"
    assert code_of(payruns.fill, bakery, MAKER, "bakery", number, 1, (due("ben"), due("ben"))) == "bad_form"

    histories.pay(bakery, "bakery", "ana", 1_000, 60, key="helped out")
    payruns.fill(bakery, MAKER, "bakery", number, 1, (due("ana"),))
    assert code_of(payruns.fill, bakery, MAKER, "bakery", number, 1, ()) == "changed_meanwhile"

    came_by_invitation(bakery, "mill", "cy")
    assert code_of(payruns.fill, bakery, MAKER, "bakery", number, 2, (due("cy"),)) == "unknown_member"
    came_by_invitation(bakery, "bakery", "cy")
    payruns.fill(bakery, MAKER, "bakery", number, 2, (due("cy"),))
    payruns.submit(bakery, MAKER, "bakery", number, 3)
    assert list(kept(bakery, number)) == ["cy"], "in the place of the lines before"


def test_a_run_of_a_month_that_is_over_goes_back_to_draft(bakery: Kit, clock: Clock) -> None:
    number = approved(bakery, due("ben"), pay_on="2026-03-31")
    assert code_of(payruns.post, bakery, "bakery", number) == "run_not_ready"
    assert payruns.post_due(bakery) == []
    before = figures(bakery)

    clock.set(datetime(2026, 4, 1, tzinfo=UTC))
    assert payruns.post_due(bakery) == [("bakery", number, payruns.MONTH)]

    assert figures(bakery) == before
    run = seen(bakery, number)
    assert (run.state, run.returned, run.approved_by, run.submitted_by) == ("draft", "month", None, None)
    payruns.submit(bakery, OTHER, "bakery", number, run.rev)
    payruns.approve(bakery, MAKER, "bakery", number, seen(bakery, number).rev)
    assert payruns.post_due(bakery) == [("bakery", number, payruns.POSTED)]
    assert payruns.post_due(bakery) == []


def test_what_would_change_a_share_that_a_run_was_signed_with_is_not_posted(bakery: Kit, clock: Clock) -> None:
    clock.set(datetime(2026, 4, 1, tzinfo=UTC))
    submitted(bakery, due("ben"), pay_on="2026-04-01")
    clock.set(datetime(2026, 3, 31, tzinfo=UTC))

    assert code_of(histories.pay, bakery, "mill", "ben", 1_000, 60, key="late") == "busy"
    assert histories.pay(bakery, "mill", "ana", 1_000, 60, key="of nobody whom the run pays")


def test_a_run_that_the_credit_line_no_longer_bears_waits_whole(bakery: Kit) -> None:
    number = approved(bakery, due("ben", 9_000_000), due("eve", 1_000))
    before = figures(bakery), coop_balances(bakery)
    histories.pay(bakery, "bakery", "ana", 1_000_000, 60, key="more than is left")
    between = figures(bakery), coop_balances(bakery)

    assert payruns.post_due(bakery) == [("bakery", number, "insufficient_funds")]
    assert (figures(bakery), coop_balances(bakery)) == between != before
    assert seen(bakery, number).is_approved

    histories.sell(bakery, "bakery", "ana", 100_000, 0, key="enough again")
    assert payruns.post_due(bakery) == [("bakery", number, payruns.POSTED)]


def test_who_signs_second_pays_at_once_if_the_pay_date_has_come_and_else_only_signs(bakery: Kit) -> None:
    found = {}
    for pay_on in (TODAY, "2026-03-03"):
        number = submitted(bakery, due("ben"), pay_on=pay_on)
        ended = payruns.approve_and_post(bakery, OTHER, "bakery", number, seen(bakery, number).rev)
        found[pay_on] = ended, seen(bakery, number).state

    assert found == {TODAY: (payruns.POSTED, "posted"), "2026-03-03": (payruns.APPROVED, "submitted")}


def test_a_co_op_below_its_floor_still_pays_what_is_all_in_cash(bakery: Kit) -> None:
    members.join(bakery, "bakery", "ivo")
    write(bakery.engine, partial(_lend, coop="bakery", minor=0))
    in_res = drafted(bakery, due("ben"))
    assert code_of(payruns.submit, bakery, MAKER, "bakery", in_res, seen(bakery, in_res).rev) == "run_not_ready"

    number = approved(bakery, due("ivo"))
    assert payruns.post(bakery, "bakery", number) == payruns.POSTED
    assert kept(bakery, number) == {"ivo": (0, 240_000)}


def test_what_lies_in_the_tills_is_swept_first_and_pays(bakery: Kit) -> None:
    bill = payments.open_bill(bakery, "bakery-1", "ben", amount_minor=20_000, cash_minor=0, note=None, key="bill")
    payments.pay_bill(bakery, bill.code, "ana", key="sale", confirm=True)
    # 976,000 are left of the credit line, and 20,000 lie in the till: just enough.
    number = approved(bakery, due("ben", 9_960_000))

    assert payruns.post(bakery, "bakery", number) == payruns.POSTED
    assert coop_balances(bakery)["bakery"] == -cast.CREDIT_LINE_MINOR


def test_a_line_knows_of_membership_and_pay_at_its_own_co_op_alone(bakery: Kit, clock: Clock) -> None:
    histories.pay(bakery, "bakery", "ana", 1_000, 60, key="helped out")
    helped_at = clock()
    clock.advance(hours=1)
    histories.pay(bakery, "mill", "ana", 1_000, 60, key="at her own")
    histories.pay(bakery, "mill", "eve", 1_000, 60, key="helped out there")

    number = submitted(bakery, due("ana"), due("eve"))

    known = {line.handle: (line.is_member, line.last_paid_at) for line in lines_of(bakery, number)}
    assert known == {"ana": (False, helped_at), "eve": (True, None)}


def test_a_run_pays_each_line_just_as_it_would_be_paid_alone(bakery: Kit, clock: Clock) -> None:
    # (earned and spent before, this line's total and minutes): the effort bound, no hours, a first pay, no RES part.
    people_ = {
        "kim": (240_000, 9_600, 5_000),
        "lou": (240_000, 17_900, 0),
        "mo": (300_000, 18_000, 29_000),
        "nia": (0, 0, 0),
        "oz": (1, 600, 0),
    }
    lines = {"kim": (240_000, 9_600), "lou": (999_999, 18_001), "mo": (5, 60), "nia": (7_777_777, 0), "oz": (4, 1)}
    for coop, suffix in (("bakery", "-run"), ("mill", "-one")):
        write(bakery.engine, partial(_lend, coop=coop))
        for handle, (earned, minutes, spent) in people_.items():
            members.join(bakery, coop, handle + suffix)
            agree(bakery, handle + suffix)
            if earned:
                histories.pay(bakery, coop, handle + suffix, earned, minutes, key=f"{handle}{suffix}")
            if spent:
                histories.sell(
                    bakery, "clinic", handle + suffix, min(spent, earned // 10), 100, key=f"s{handle}{suffix}"
                )
    for month in (3, 4, 6):
        clock.set(datetime(2026, month, 28, 12, tzinfo=UTC))
        number = approved(
            bakery, *(due(f"{handle}-run", *line) for handle, line in lines.items()), pay_on=f"2026-{month:02d}-28"
        )
        assert payruns.post(bakery, "bakery", number) == payruns.POSTED
        for handle, line in lines.items():
            histories.pay(bakery, "mill", f"{handle}-one", *line, key=f"{handle} {month}")

    found = figures(bakery)
    assert [found[f"{one}-run"] for one in lines] == [found[f"{one}-one"] for one in lines]
    # The mill had paid one wage more to begin with.
    assert coop_balances(bakery)["bakery"] - cast.WAGE_RES_MINOR == coop_balances(bakery)["mill"]
    every = shares_by_month(bakery)
    assert [every[f"{one}-run"] for one in lines] == [every[f"{one}-one"] for one in lines]
    for table in ("patronage_months", "work_months", "shares"):
        assert _rows(bakery, table, "-run") == _rows(bakery, table, "-one"), table
    assert _journal(bakery, "-run") == _journal(bakery, "-one")


def _lend(connection: sa.Connection, coop: str, minor: int = 10**9) -> None:
    accounts.set_floor(connection, coops.known(connection, coop).account_id, -minor)


def _rows(kit: Kit, table: str, suffix: str) -> list[tuple[object, ...]]:
    statement = sa.text(
        f"SELECT p.handle, t.* FROM {table} t JOIN people p ON p.id = t.person_id"
        f" WHERE p.handle LIKE '%{suffix}' ORDER BY p.handle, t.month"
    )
    with kit.engine.connect() as connection:
        return [(row[0].removesuffix(suffix), *row[2:]) for row in connection.execute(statement)]


def _journal(kit: Kit, suffix: str) -> list[tuple[object, ...]]:
    statement = sa.text(
        "SELECT p.handle, t.at, t.amount_minor, t.cash_minor, t.credit_seq, t.credit_balance_minor, t.total_minor,"
        " t.minutes, t.counted_minutes, t.share_bp, t.qualifies, o.last_paid_at FROM transfers t"
        " JOIN people p ON p.account_id = t.credit_id JOIN own_set o ON o.person_id = p.id"
        f" WHERE t.kind = 'pay' AND p.handle LIKE '%{suffix}' ORDER BY p.handle, t.credit_seq"
    )
    with kit.engine.connect() as connection:
        return [(row[0].removesuffix(suffix), *row[1:]) for row in connection.execute(statement)]


def test_a_run_makes_its_co_op_the_own_one_of_those_whom_it_pays_and_of_nobody_else(bakery: Kit, clock: Clock) -> None:
    came_by_invitation(bakery, "bakery", "cy")
    paid = {"eve": None}
    for handle in ("ben", "cy"):
        clock.advance(minutes=1)
        payruns.post(bakery, "bakery", approved(bakery, due(handle, 5_000)))
        paid[handle] = clock()

    with bakery.engine.connect() as connection:
        place = coops.known(connection, "bakery").id
        asked = sa.select(people.c.handle, own_set.c.last_paid_at).join_from(people, own_set)
        assert dict(connection.execute(asked.where(own_set.c.coop_id == place)).all()) == paid


def test_who_has_no_wallet_yet_has_one_with_the_first_pay(bakery: Kit) -> None:
    network.open_till(bakery, "bakery", "bakery-9", "Counter")
    with bakery.engine.begin() as connection:
        row = {"handle": "tim", "name": "Tim", "counter_name": "Tim", "joined_at": bakery.clock()}
        connection.execute(sa.insert(people), row)
        connection.execute(
            sa.text(
                "INSERT INTO own_set (person_id, coop_id, is_member)"
                " SELECT p.id, c.id, false FROM people p, coops c WHERE p.handle = 'tim' AND c.slug = 'bakery'"
            )
        )
    later = drafted(bakery, due("tim", 5_000))
    payruns.post(bakery, "bakery", approved(bakery, due("ben", 5_000)))
    assert "tim" not in figures(bakery), "another run pays nobody whom it does not hold"
    paid = sa.select(shares.c.share_bp).join(people).where(people.c.handle == "tim")
    with bakery.engine.connect() as connection:
        assert connection.execute(paid).all() == []

    payruns.submit(bakery, MAKER, "bakery", later, seen(bakery, later).rev)
    with bakery.engine.connect() as connection:
        assert connection.execute(paid).all() == [], "not before the pay"
    payruns.approve(bakery, OTHER, "bakery", later, seen(bakery, later).rev)
    payruns.post(bakery, "bakery", later)
    assert figures(bakery)["tim"] == (0, 0, 0, 0, 0)
    with bakery.engine.connect() as connection:
        assert connection.execute(paid).scalars().all() == [1_000]


def test_a_run_that_is_begun_twice_is_one_draft_until_it_has_lines(bakery: Kit) -> None:
    met = rush([partial(payruns.draft, bakery, by, "bakery", TODAY) for by in (MAKER, OTHER)])
    (first,) = set(met.answers)
    assert payruns.draft(bakery, MAKER, "bakery", "2026-03-03") != first
    payruns.fill(bakery, MAKER, "bakery", first, seen(bakery, first).rev, [due("ben")])

    second = payruns.draft(bakery, MAKER, "bakery", TODAY)
    assert second != first
    assert payruns.draft(bakery, MAKER, "bakery", TODAY) == second
    payruns.drop(bakery, MAKER, "bakery", second, seen(bakery, second).rev)
    assert payruns.draft(bakery, MAKER, "bakery", TODAY) not in (first, second)
