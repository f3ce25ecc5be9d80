"""The split that PostgreSQL works out is that of the rule, to the last unit."""

from collections.abc import Mapping

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wallet.domain import dividend
from wallet.domain.dividend import Clock, Weight
from wallet.store import dividend_split
from wallet.store.engine import write
from wallet.store.ledger import ALPHABET

# The most that the contract lets anybody have, and a pot of all of it.
MOST = 10**12 - 1
# By handle: lifetime basis and minutes, and the minutes that an earlier run counted.
Standing = Mapping[str, tuple[int, int, int]]
# By handle: minutes that are new, the part by basis and the part by hours.
Lines = dict[str, tuple[int, int, int]]
CASES: dict[str, tuple[int, Clock, Standing]] = {
    "the worked example": (
        1_000_00,
        Clock(63, 180),
        {"ana": (15_600_00, 10_800, 0), "ben": (4_800_00, 14_400, 0), "cy": (600_00, 2_400, 0)},
    ),
    "the most there can be": (
        MOST, Clock(1, 180), {f"m{number}": (MOST - number % 7, 10**9 + number % 3, number) for number in range(40)},
    ),
    "all alike, so that the hash decides": (17, Clock(90, 180), {f"m{number}": (5, 60, 0) for number in range(30)}),
    "nothing left over": (300, Clock(0, 180), {"ana": (1, 0, 0), "ben": (2, 0, 0)}),
    "fewer units than members": (3, Clock(0, 180), {f"m{number}": (1 + number, 1, 0) for number in range(9)}),
    "after the sunset by hours alone": (100, Clock(180, 180), {"ana": (7, 60, 0), "ben": (9, 61, 0)}),
    "no new hours stay in the pool": (100, Clock(90, 180), {"ana": (7, 60, 60), "ben": (9, 61, 90)}),
    "hours taken back are made up for first": (100, Clock(90, 180), {"ana": (7, 60, 90), "ben": (9, 61, 1)}),
    "nobody is eligible": (100, Clock(90, 180), {}),
    "a handle of any letters": (5, Clock(0, 180), {"çedilha": (1, 1, 0), "ß:%s": (1, 1, 0), "\\x41'": (1, 1, 0)}),
    "one alone": (MOST, Clock(90, 180), {"ana": (1, 1, 0)}),
}  # fmt: skip
STANDINGS = st.dictionaries(
    st.text("abcçß%:'\\", min_size=1, max_size=4),
    st.tuples(st.integers(1, MOST), st.integers(0, 10**9), st.integers(0, 10**9)),
    max_size=12,
)

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_every_case_comes_to_what_the_rule_says(engine: sa.Engine) -> None:
    for name, case in CASES.items():
        assert in_postgresql(engine, *case, "2026") == by_the_rule(*case, "2026"), name


@given(st.integers(1, MOST), st.integers(0, 200), STANDINGS, st.sampled_from(["2026", "2026-03", "2026-03-14"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_have_the_lines_are_those_of_the_rule(
    engine: sa.Engine, pot: int, months: int, standing: Standing, label: str
) -> None:
    clock = Clock(months, 180)

    assert in_postgresql(engine, pot, clock, standing, label) == by_the_rule(pot, clock, standing, label)


def test_a_thousand_lines_get_a_thousand_refs_such_as_the_ledger_draws(engine: sa.Engine) -> None:
    refs = sa.select(dividend_split.ref_of(sa.literal_column("uuid_send(gen_random_uuid())"))).select_from(
        sa.func.generate_series(1, 1_000)
    )
    with engine.connect() as connection:
        drawn = list(connection.execute(refs).scalars())

    assert len(set(drawn)) == 1_000
    assert {len(ref) for ref in drawn} == {12}
    # Each place has all 32 letters, about 31 times each.
    for place in range(12):
        counts = [sum(ref[place] == letter for ref in drawn) for letter in ALPHABET]
        assert 5 < min(counts) <= max(counts) < 80


def in_postgresql(
    engine: sa.Engine, pot: int, clock: Clock, standing: Standing, label: str
) -> dict[str, tuple[int, ...]]:
    """Split with the twin."""
    names = ("person_id", "handle", "basis_minor", "minutes", "counted_minutes")
    types = (sa.BigInteger, sa.Text, *[sa.BigInteger] * 3)
    rows = [(number, handle, *figures) for number, (handle, figures) in enumerate(standing.items())]
    columns = [sa.column(name, type_) for name, type_ in zip(names, types, strict=True)]
    weighed = sa.select(sa.values(*columns, name="standing").data(rows or [(0, "", 0, 0, 0)]))
    handles = {number: handle for number, handle, *_figures in rows}

    def work(connection: sa.Connection) -> Lines:
        dividend_split.split(connection, weighed if rows else weighed.where(sa.false()), {}, pot, label, clock)
        came = connection.exec_driver_sql(
            "SELECT person_id, new_minutes, by_basis_minor, by_hours_minor FROM dividend_split"
        )
        return {handles[person]: (fresh, by_basis, by_hours) for person, fresh, by_basis, by_hours in came}

    return write(engine, work)


def by_the_rule(pot: int, clock: Clock, standing: Standing, label: str) -> Lines:
    """Split with the domain."""
    weights = {
        handle: Weight(basis, minutes, dividend.new_minutes(minutes, counted))
        for handle, (basis, minutes, counted) in standing.items()
    }
    came = dividend.split(pot, weights, label, clock)
    return {
        handle: (weight.new_minutes, came.by_basis.get(handle, 0), came.by_hours.get(handle, 0))
        for handle, weight in weights.items()
    }
