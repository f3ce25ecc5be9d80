"""The split of a dividend in PostgreSQL: `domain/dividend.split` and `new_minutes` said once more, for many members.

Reading a million members into Python, splitting there and sending a million lines back takes many times as long. One
table of cases holds both equal. SQLite multiplies in 64 bits at most, and so its lines are worked out in Python.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from wallet.domain.dividend import Clock
from wallet.store.ledger import ALPHABET
from wallet.store.tables import dividend_lines

# What fits into 64 bits is divided there, which is quicker by far; what does not, exactly too, as `numeric`.
FITS = 2**63
# So many counts are read to find where the largest remainders end.
_STEPS = 4096
# A random UUID's bytes of which at least five bits are random, one for each character of a ref.
_RANDOM_BYTES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12)
_PARTS = ("by_basis_minor", "by_hours_minor")
_random = sa.func.uuid_send(sa.func.gen_random_uuid(), type_=sa.LargeBinary)


class _Lent(sa.Executable, sa.ClauseElement):
    """Make a table of this transaction alone from what is selected: filled at once, as an INSERT would not."""

    inherit_cache = False

    def __init__(self, table: sa.TableClause, selected: sa.Select[Any]) -> None:
        """Name the table."""
        self.table, self.selected = table, selected


@compiles(_Lent)
def _lent(lent: _Lent, compiler: Any, **_: Any) -> str:
    return f"CREATE TEMPORARY TABLE {lent.table.name} ON COMMIT DROP AS {compiler.process(lent.selected)}"


def _figures(*names: str) -> list[sa.ColumnClause[int]]:
    return [sa.column(name, sa.BigInteger) for name in names]


_weights = sa.table(
    "dividend_weights", sa.column("handle", sa.Text), *_figures("person_id", "basis_minor", "minutes", "new_minutes")
)
_split = sa.table("dividend_split", *_figures("person_id", "basis_minor", "minutes", "new_minutes", *_PARTS))


class _Edge(NamedTuple):
    """Hold the smallest remainder for which there is one more, and for how many of those who share it."""

    remainder: int
    left: int


@dataclass(frozen=True, slots=True)
class Part:
    """Hold a part of the pot, the weight by which it goes, what all weights come to, and the greatest of them."""

    minor: int
    weight: sa.ColumnClause[int]
    whole: int
    most: int

    @property
    def type(self) -> sa.types.TypeEngine[Any]:
        """Give the narrowest type in which it can be multiplied by the greatest weight."""
        return sa.BigInteger() if self.minor * self.most < FITS else sa.Numeric()

    def number(self, value: int) -> sa.ColumnElement[Any]:
        """Give a number of this part's type."""
        return sa.cast(sa.bindparam(None, value, type_=self.type), self.type)

    def divided(self, value: sa.ColumnElement[Any], by: int) -> sa.ColumnElement[Any]:
        """Divide and round down."""
        whole = isinstance(self.type, sa.BigInteger)
        return value.op("/", precedence=8)(self.number(by)) if whole else sa.func.div(value, self.number(by))

    @property
    def product(self) -> sa.ColumnElement[Any]:
        """Give a member's quota, in parts of the whole."""
        return self.number(self.minor) * self.weight

    @property
    def quota(self) -> sa.ColumnElement[Any]:
        """Give a member's quota, rounded down."""
        return sa.cast(self.divided(self.product, self.whole), sa.BigInteger)

    @property
    def remainder(self) -> sa.ColumnElement[Any]:
        """Give what rounding down takes off a member's quota, in parts of the whole."""
        return self.product % self.number(self.whole)


def split(
    connection: sa.Connection, weighed: sa.Select[Any], asked: dict[str, Any], pot_minor: int, label: str, clock: Clock
) -> None:
    """Split the pot among those whom `weighed` gives, into a table of this transaction."""
    # Compiling these statements takes longer than they do.
    connection.exec_driver_sql("SET LOCAL jit = off")
    each = weighed.subquery()
    fresh = sa.func.greatest(0, each.c.minutes - each.c.counted_minutes).label("new_minutes")
    columns = (each.c.handle, each.c.person_id, each.c.basis_minor, each.c.minutes, fresh)
    connection.execute(_Lent(_weights, sa.select(*columns)), asked)
    history = clock.by_basis(pot_minor)
    weights = (_weights.c.basis_minor, _weights.c.new_minutes)
    sums = (function(weight) for function in (sa.func.sum, sa.func.max) for weight in weights)
    wholes = [int(figure or 0) for figure in connection.execute(sa.select(*sums)).one()]
    minors = (history, pot_minor - history)
    parts = [Part(*of) for of in zip(minors, weights, wholes[:2], wholes[2:], strict=True)]
    given = [_given(connection, part, label).label(name) for part, name in zip(parts, _PARTS, strict=True)]
    weight = (_weights.c.person_id, _weights.c.basis_minor, _weights.c.minutes, _weights.c.new_minutes)
    connection.execute(_Lent(_split, sa.select(*weight, *given)))


def keep(connection: sa.Connection, run_id: int) -> None:
    """Keep what `split` came to as the lines of a run; who gets something gets the ref of a transfer."""
    each = sa.select(*_split.c, _random.label("random")).order_by(_split.c.person_id).subquery()
    pays = each.c.by_basis_minor + each.c.by_hours_minor > 0
    figures = [each.c[column.name] for column in _split.c]
    lines = sa.select(sa.literal(run_id, sa.BigInteger), *figures, sa.case((pays, ref_of(each.c.random))))
    names = ["run_id", *(column.name for column in figures), "ref"]
    connection.execute(sa.insert(dividend_lines).from_select(names, lines))


def _given(connection: sa.Connection, part: Part, label: str) -> sa.ColumnElement[Any]:
    """Give the expression of what a member gets of a part: the quota, and for the largest remainders one more."""
    if part.whole == 0:
        return sa.literal(0, sa.BigInteger)
    edge = _edge(connection, part)
    if edge is None:
        return part.quota
    is_tied = part.remainder == part.number(edge.remainder)
    drawn = sa.func.sha256(sa.func.convert_to(sa.literal(f"{label}:") + _weights.c.handle, "UTF8"))
    tied = sa.select(_weights.c.person_id).where(is_tied).order_by(drawn).limit(edge.left).correlate(None)
    is_drawn = sa.and_(is_tied, _weights.c.person_id.in_(tied))
    one_more = sa.or_(part.remainder > part.number(edge.remainder), is_drawn)
    return part.quota + sa.case((one_more, 1), else_=0)


def _edge(connection: sa.Connection, part: Part) -> _Edge | None:
    """Find the remainder down to which one more is given, None if nothing is left; without sorting all of them.

    What all quotas leave over is what the remainders come to. Counted in steps, from the largest on, they say within
    which step the edge lies, and only those are looked at one by one.
    """
    step = part.divided(part.remainder, part.whole // _STEPS + 1)
    counted = sa.select(step.label("step"), sa.func.count(), sa.func.sum(part.remainder)).group_by(step)
    steps = sorted(connection.execute(counted).all(), reverse=True)
    left = int(sum(row[2] for row in steps)) // part.whole
    if left == 0:
        return None
    within, left = _down_to(left, ((row[0], row[1]) for row in steps))
    remainder = part.remainder.label("remainder")
    each = sa.select(remainder, sa.func.count()).where(step == part.number(within)).group_by(remainder)
    return _Edge(*_down_to(left, sorted(connection.execute(each).all(), reverse=True)))


def _down_to(left: int, counted: Iterable[tuple[Any, int]]) -> tuple[int, int]:
    """Go down what is `counted` to the value at which `left` runs out, and tell how many are left there."""
    for value, count in counted:
        if count >= left:
            return int(value), left
        left -= count
    raise AssertionError("less was counted than is left over")


def ref_of(random: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """Spell random bytes as the ref of a transfer, which the ledger draws otherwise."""
    places = (sa.func.get_byte(random, place).op("&")(31) for place in _RANDOM_BYTES)
    return sa.func.concat(*(sa.func.substr(ALPHABET, place + 1, 1) for place in places))
