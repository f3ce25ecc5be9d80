"""A transfer: one movement from a debit account to a credit account."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Hold what surrounds a movement at a counter; all of it may be absent in a history."""

    till: str | None = None
    shift_id: int | None = None
    cashier_id: int | None = None
    bill: str | None = None
    note: str | None = None
    means: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Order one movement from the account `payer` to the account `payee`; amounts in minor units.

    `coop_id` is the co-op at whose counter it is spent, or whose tills are swept before it pays.
    """

    ref: str
    at: datetime
    payer: int
    payee: int
    amount_minor: int
    cash_minor: int = 0
    coop_id: int = 0
    where: Circumstance = Circumstance()


@dataclass(frozen=True, slots=True)
class PayLine:
    """Order one line of pay for `minutes` of work; `total_minor` is what is due in RES and cash together."""

    ref: str
    at: datetime
    coop_id: int
    payer: int
    payee: int
    total_minor: int
    minutes: int


@dataclass(frozen=True, slots=True)
class RunOrder:
    """Order the lines of a pay run, from the co-op's account `payer`, by the shares of `month`."""

    run_id: int
    key: str
    at: datetime
    month: str
    coop_id: int
    payer: int


@dataclass(frozen=True, slots=True)
class Posted:
    """Hold a transfer as written: its public ref and what it did; amounts in minor units."""

    id: int
    ref: str
    at: datetime
    amount_minor: int
    cash_minor: int
    debit_balance_minor: int
    credit_balance_minor: int
    qualifies: bool | None = None
    basis_minor: int = 0
    basis_minutes: int = 0
