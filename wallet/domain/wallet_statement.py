"""A member's statement of a month: what they had, every movement, what of it counted, what they had then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from wallet.domain.money import format_amount
from wallet.domain.period import day_of, format_instant

HEADER = ("date", "at", "receipt", "kind", "other", "amount", "balance", "cash", "counted", "basis", "note")


@dataclass(frozen=True, slots=True)
class StatementLine:
    """Hold one movement; `other` is the name of the other side, empty for the federation's pool.

    Units: `signed_minor` the RES that came in, negative what went out; `cash_minor` the cash beside it; `counted_minor`
    what it added to the purchases that count for the pay share, cash included, and `basis_minor` to the dividend's
    basis; these three negative if given back.
    """

    ref: str
    at: datetime
    kind: str
    other: str
    signed_minor: int
    cash_minor: int
    counted_minor: int
    basis_minor: int
    note: str
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Hold a month of a wallet, in the order in which it was posted."""

    month: str
    opening_minor: int
    lines: tuple[StatementLine, ...]

    @property
    def in_minor(self) -> int:
        """Give what came in."""
        return sum(line.signed_minor for line in self.lines if line.signed_minor > 0)

    @property
    def out_minor(self) -> int:
        """Give what went out, as a negative sum."""
        return sum(line.signed_minor for line in self.lines if line.signed_minor < 0)

    @property
    def closing_minor(self) -> int:
        """Give what there was at the end."""
        return self.opening_minor + self.in_minor + self.out_minor

    @property
    def counted_minor(self) -> int:
        """Give what the month's movements added to the purchases that count for the pay share."""
        return sum(line.counted_minor for line in self.lines)

    @property
    def basis_minor(self) -> int:
        """Give what they added to the dividend's basis."""
        return sum(line.basis_minor for line in self.lines)


def rows(statement: Statement, zone: str) -> Iterator[tuple[str, ...]]:
    """Give a statement as the rows of a sheet, between its opening and its closing balance."""
    yield _balance("opening", statement.opening_minor)
    for line in statement.lines:
        yield (
            day_of(line.at, zone), format_instant(line.at), line.ref, line.kind, line.other,
            *map(format_amount, (line.signed_minor, line.balance_minor, line.cash_minor)),
            *map(format_amount, (line.counted_minor, line.basis_minor)), line.note,
        )  # fmt: skip
    yield _balance("closing", statement.closing_minor)


def _balance(kind: str, minor: int) -> tuple[str, ...]:
    return ("", "", "", kind, "", "", format_amount(minor), "", "", "", "")
