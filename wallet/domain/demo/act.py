"""An act: one thing that happens in Alder Valley, planned before anything is told."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class DemoAct:
    """Hold one thing that happens; of a sale `amount_minor` is the whole sum, `of` the number of a sale refunded.

    The lines of a run come before it; of who takes less `amount_minor` is in basis points, and a dividend is of what
    lies in the pool. What is said of a dispute is about the sale `of`; a ballot has the number `of`.
    """

    at: datetime
    number: int
    kind: str
    coop: str = ""
    person: str = ""
    other: str = ""
    amount_minor: int = 0
    cash_minor: int = 0
    minutes: int = 0
    till: str = ""
    of: int = 0
    words: str = ""
