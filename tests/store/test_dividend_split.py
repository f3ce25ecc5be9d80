"""The split over columns is that of the rule, to the last unit."""

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wallet.domain import dividend
from wallet.domain.dividend import Clock, Weight
from wallet.store import dividend_split
from wallet.store.bulk import Figures
from wallet.store.dividend_split import Weights
from wallet.store.engine import write
from wallet.store.tables import people

# The most that the contract lets anybody have, and a pot of all of it.
MOST = 10**12 - 1
JOINED = datetime(2026, 1, 1, tzinfo=UTC)
# By handle: lifetime basis and minutes, and the minutes that an earlier run counted.
Standing = Mapping[str, tuple[int, int, int]]
# By handle: minutes that are new, the part by basis and the part by hours.
Lines = dict[str, tuple[int, ...]]
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
    "a sum beyond 64 bits and a pot of one": (1, Clock(0, 180), {f"m{number}": (2**62, 1, 0) for number in range(3)}),
    "one alone": (MOST, Clock(90, 180), {"ana": (1, 1, 0)}),
}  # fmt: skip
STANDINGS = st.dictionaries(
    st.text("abcçß%:'\\", min_size=1, max_size=4),
    st.tuples(st.integers(1, MOST), st.integers(0, 10**9), st.integers(0, 10**9)),
    max_size=12,
)


def test_every_case_comes_to_what_the_rule_says(engine: sa.Engine) -> None:
    for name, case in CASES.items():
        assert by_columns(engine, *case, "2026") == by_the_rule(*case, "2026"), name


@given(st.integers(1, MOST), st.integers(0, 200), STANDINGS, st.sampled_from(["2026", "2026-03", "2026-03-14"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_have_the_lines_are_those_of_the_rule(
    engine: sa.Engine, pot: int, months: int, standing: Standing, label: str
) -> None:
    clock = Clock(months, 180)

    assert by_columns(engine, pot, clock, standing, label) == by_the_rule(pot, clock, standing, label)


def by_columns(engine: sa.Engine, pot: int, clock: Clock, standing: Standing, label: str) -> Lines:
    """Split as the wallet does; the people are gone afterwards."""
    handles = dict(enumerate(standing))
    rows = [(number, *standing[handle]) for number, handle in handles.items()]
    weights = Weights(*np.array(rows, dtype=np.int64).reshape(len(rows), 4).T)

    def work(connection: sa.Connection) -> tuple[Figures, Figures]:
        for number, handle in handles.items():
            person = {"id": number, "handle": handle, "name": "", "counter_name": "", "joined_at": JOINED}
            connection.execute(sa.insert(people).values(person))
        split = dividend_split.split(connection, weights, pot, label, clock)
        connection.execute(sa.delete(people).where(people.c.id.in_(handles)))
        return split

    columns = (weights.person_id, weights.new_minutes, *write(engine, work))
    return {handles[person]: tuple(line) for person, *line in zip(*map(list, columns), strict=True)}


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
