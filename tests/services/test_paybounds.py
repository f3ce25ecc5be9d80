"""What bounds the RES of a line: the share, what its member chose, the co-op's ceilings and its cash floor an hour."""

import pytest
import sqlalchemy as sa

from tests.services.test_payruns import (
    MAKER,
    OTHER,
    agree,
    bakery,
    code_of,
    drafted,
    due,
    kept,
    lines_of,
    seen,
    submitted,
)
from wallet.domain.payline import Terms
from wallet.kit import Kit
from wallet.services import members, paybounds, payruns
from wallet.store import coops
from wallet.store import paybounds as bounds
from wallet.store.engine import reading, write
from wallet.store.tables import elections, people, transfers

__all__ = ["bakery"]


def elect(kit: Kit, handle: str, bp: int, month: str = "2026-03") -> None:
    def work(connection: sa.Connection) -> None:
        who = sa.select(people.c.id).where(people.c.handle == handle)
        row = {"person_id": connection.execute(who).scalar_one(), "from_month": month, "elected_bp": bp}
        connection.execute(sa.insert(elections), row | {"chosen_at": kit.clock()})

    write(kit.engine, work)


def test_what_bounds_a_line_is_worked_out_and_kept_when_it_is_submitted(bakery: Kit) -> None:
    members.join(bakery, "bakery", "ivo")
    elect(bakery, "eve", 400)
    elect(bakery, "eve", 300, "2026-04")
    number = submitted(bakery, due("ben"), due("eve"), due("ivo"))
    assert kept(bakery, number) == {"ben": (24_000, 216_000), "eve": (9_600, 230_400), "ivo": (0, 240_000)}

    agree(bakery, "ivo")
    payruns.give_back(bakery, MAKER, "bakery", number)
    run = seen(bakery, number)
    assert (run.state, run.returned, run.returned_by) == ("draft", "taken back", "Eve Sato")
    assert code_of(payruns.give_back, bakery, MAKER, "bakery", number) == "changed_meanwhile"
    paybounds.set_ceiling(bakery, OTHER, "bakery", 800)
    paybounds.answer_floor(bakery, OTHER, "bakery", 1_420, "Ben Kessler")
    payruns.submit(bakery, MAKER, "bakery", number, seen(bakery, number).rev)

    # 160 hours at 14.20 of cash leave 128.00 of 2,400.00.
    assert kept(bakery, number) == {"ben": (12_800, 227_200), "eve": (9_600, 230_400), "ivo": (12_800, 227_200)}
    terms = {"ben": Terms(1_000, None, 800, 1_420), "eve": Terms(1_000, 400, 800, 1_420)}
    assert {line.handle: line.terms for line in lines_of(bakery, number)} == terms | {"ivo": terms["ben"]}
    payruns.approve(bakery, OTHER, "bakery", number, seen(bakery, number).rev)
    payruns.post(bakery, "bakery", number)
    with bakery.engine.connect() as connection:
        bps = connection.execute(sa.select(transfers.c.share_bp).where(transfers.c.total_minor == 240_000)).scalars()
        assert sorted(bps) == [400, 800, 800, 1_000, 1_000, 1_000]


def test_what_another_co_op_has_set_bounds_no_line_here(bakery: Kit) -> None:
    members.grant(bakery, "dee", "steward", "mill")
    paybounds.set_ceiling(bakery, "dee", "mill", 100)
    paybounds.answer_floor(bakery, "dee", "mill", 1_450, "Dee Lindqvist")

    assert kept(bakery, submitted(bakery, due("ben"))) == {"ben": (24_000, 216_000)}


@pytest.mark.parametrize("last", ["a ceiling", "a floor", "none"])
def test_what_a_co_op_set_last_bounds_a_line_and_nothing_that_it_had_set_before(bakery: Kit, last: str) -> None:
    bounding = {"a ceiling": [(None, 1_450), (500, None)], "a floor": [(500, None), (None, 1_450)]}
    for ceiling_bp, hour_minor in bounding.get(last, [(500, 1_450), (None, None)]):
        paybounds.set_ceiling(bakery, MAKER, "bakery", ceiling_bp)
        paybounds.answer_floor(bakery, MAKER, "bakery", hour_minor, "Eve")

    pays = {"a ceiling": (12_000, 228_000), "a floor": (8_000, 232_000), "none": (24_000, 216_000)}
    assert kept(bakery, submitted(bakery, due("ben"))) == {"ben": pays[last]}


def test_a_ceiling_is_a_part_of_the_pay_from_nothing_to_all_of_it(bakery: Kit) -> None:
    number = drafted(bakery, due("ben"))
    for wrong in (-1, 10_001):
        rev = seen(bakery, number).rev
        assert code_of(payruns.set_ceiling, bakery, MAKER, "bakery", number, rev, wrong) == "bad_form"
        assert code_of(paybounds.set_ceiling, bakery, MAKER, "bakery", wrong) == "bad_form"

    for ceiling_bp in (0, 10_000, None):
        payruns.set_ceiling(bakery, MAKER, "bakery", number, seen(bakery, number).rev, ceiling_bp)
        assert seen(bakery, number).ceiling_bp == ceiling_bp
        paybounds.set_ceiling(bakery, MAKER, "bakery", ceiling_bp)


def test_the_answer_about_a_cash_floor_is_an_amount_or_none_and_bears_a_name(bakery: Kit) -> None:
    for minor, name, code in ((0, "Eve", "bad_amount"), (-1, "Eve", "bad_amount"), (1, " ", "bad_form")):
        assert code_of(paybounds.answer_floor, bakery, MAKER, "bakery", minor, name) == code
    paybounds.answer_floor(bakery, MAKER, "bakery", 1, " Eve ")
    with reading(bakery.engine) as connection:
        found = bounds.floor_of(connection, coops.known(connection, "bakery").id)
    assert found is not None
    assert (found.hour_minor, found.name) == (1, "Eve")
