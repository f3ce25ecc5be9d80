"""A shift: what one till took between its first bill and its closing, and where a difference may come from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# Two lines of one sum this close together may be one purchase charged twice, or rung up once.
TWICE_WITHIN = timedelta(minutes=10)
# So many lines are worth a look; whoever has to look at more reads the whole list.
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """Hold a sale, a refund, or a bill that nobody paid (`unpaid`); a refund's parts are below zero."""

    kind: str
    ref: str
    at: datetime
    res_minor: int
    cash_minor: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Hold how many sales and refunds a shift has and what they come to; one with both tenders counts in both."""

    sales: int = 0
    sales_minor: int = 0
    refunds: int = 0
    refunds_minor: int = 0
    cash_sales: int = 0
    cash_sales_minor: int = 0
    cash_refunds: int = 0
    cash_refunds_minor: int = 0

    @property
    def res_minor(self) -> int:
        """Give what the till took in RES."""
        return self.sales_minor - self.refunds_minor

    @property
    def cash_minor(self) -> int:
        """Give what was logged in cash."""
        return self.cash_sales_minor - self.cash_refunds_minor


@dataclass(frozen=True, slots=True)
class Register:
    """Hold what the shop's own register says at the end."""

    res_minor: int
    cash_minor: int

    def over(self, totals: Totals) -> "Register":
        """Give by how much the register is above what the ledger holds; below zero if it is under."""
        return Register(self.res_minor - totals.res_minor, self.cash_minor - totals.cash_minor)

    @property
    def agrees(self) -> bool:
        """Tell, of a difference, that there is none."""
        return self.res_minor == self.cash_minor == 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold a line from which a difference may come: of its "sum", "twice" within minutes, or without a "note"."""

    line: ShiftLine
    why: str


def candidates(lines: Iterable[ShiftLine], difference: Register) -> tuple[Candidate, ...]:
    """List the lines from which `difference` may come, the likeliest first.

    A bill that nobody paid is one only if it has just the missing sum; no line is a candidate without a difference.
    """
    if difference.agrees:
        return ()
    ordered = sorted(lines, key=lambda line: (line.at, line.ref))
    posted = [line for line in ordered if line.kind != "unpaid"]
    noted = any(line.note for line in posted)
    repeated = _repeated(posted)
    reasons = {
        "sum": [line for line in ordered if _explains(line, difference)],
        "twice": [line for line in posted if line.ref in repeated],
        # Where nobody writes notes, a missing one says nothing.
        "note": [line for line in posted if noted and not line.note],
    }
    found: dict[str, Candidate] = {}
    for why, some in reasons.items():
        for line in some:
            found.setdefault(line.ref, Candidate(line, why))
    return tuple(found.values())


def _explains(line: ShiftLine, difference: Register) -> bool:
    """Tell whether one line left out, or rung up and never paid, makes the difference of a tender."""
    return any(
        part != 0 and abs(part) == abs(missing)
        for part, missing in (
            (line.res_minor, difference.res_minor),
            (line.cash_minor, difference.cash_minor),
            (line.res_minor + line.cash_minor, difference.res_minor + difference.cash_minor),
        )
    )


def _repeated(lines: list[ShiftLine]) -> set[str]:
    found: set[str] = set()
    last: dict[tuple[str, int], ShiftLine] = {}
    for line in lines:
        of = line.kind, line.res_minor + line.cash_minor
        before = last.get(of)
        if before is not None and line.at - before.at <= TWICE_WITHIN:
            found |= {before.ref, line.ref}
        last[of] = line
    return found
