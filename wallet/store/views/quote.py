"""What a payer reads before and after paying a bill: who gets the money, what is left, and whether it counts."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.domain import basis
from wallet.store import ownset, patronage, suspensions
from wallet.store.tables import accounts, bills, coops, own_set, people, sale_refunds, tills, transfers


@dataclass(frozen=True, slots=True)
class Payee:
    """Hold whose counter asks for money."""

    slug: str
    name: str
    place: str | None
    mark: str
    status: str
    since: datetime
    till_name: str
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Quote:
    """Hold what a bill means for one member now; `own` is None, "member" or "paid" by this co-op lately.

    `first_pay` is the month of the first pay, None before it. Units: `balance_minor` of the member's wallet before
    paying; None without a wallet.
    """

    balance_minor: int | None
    own: str | None
    first_pay: str | None


@dataclass(frozen=True, slots=True)
class PaidSale:
    """Hold a sale as its payer sees it; `amount_minor` is the RES part, `first_pay` the month of the payer's first pay.

    Units: `back_minor` and `cash_back_minor` what was given back of it since; `basis_minor` what of it still counts for
    the dividend.
    """

    ref: str
    at: datetime
    amount_minor: int
    cash_minor: int
    back_minor: int
    cash_back_minor: int
    balance_minor: int
    qualifies: bool
    basis_minor: int
    words: str | None
    till: str
    first_pay: str | None
    payee: Payee


_payee_columns = (
    coops.c.slug,
    coops.c.name,
    coops.c.place,
    coops.c.mark,
    coops.c.status,
    coops.c.admitted_at,
    tills.c.name,
    suspensions.stopped_at,
)
_payee = (
    sa.select(*_payee_columns)
    .select_from(bills.join(tills, tills.c.id == bills.c.till_id).join(coops, coops.c.id == tills.c.coop_id))
    .where(bills.c.code == sa.bindparam("named"))
)
_standing = (
    sa.select(
        sa.select(accounts.c.balance_minor).where(accounts.c.id == people.c.account_id).scalar_subquery(),
        own_set.c.is_member,
        own_set.c.last_paid_at,
        patronage.first_pay(people.c.id),
    )
    .select_from(
        people.outerjoin(
            own_set,
            sa.and_(
                own_set.c.person_id == people.c.id,
                own_set.c.coop_id
                == sa.select(coops.c.id).where(coops.c.slug == sa.bindparam("coop")).scalar_subquery(),
            ),
        )
    )
    .where(people.c.handle == sa.bindparam("handle"))
)
_sale = (
    sa.select(
        transfers.c.ref,
        transfers.c.at,
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        sa.func.coalesce(sale_refunds.c.refunded_minor, 0),
        sa.func.coalesce(sale_refunds.c.cash_refunded_minor, 0),
        transfers.c.debit_balance_minor,
        transfers.c.qualifies,
        sa.func.coalesce(transfers.c.basis_minor, 0),
        transfers.c.words,
        transfers.c.till_id,
        patronage.first_pay(people.c.id),
        *_payee_columns,
    )
    .join(people, people.c.account_id == transfers.c.debit_id)
    .join(tills, tills.c.id == transfers.c.till_id)
    .join(coops, coops.c.id == tills.c.coop_id)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
    .where(transfers.c.ref == sa.bindparam("ref"), people.c.handle == sa.bindparam("handle"))
)
_bound_bill = (
    sa.select(bills.c.code)
    .join(people, people.c.id == bills.c.claimed_by)
    .where(
        people.c.handle == sa.bindparam("handle"),
        bills.c.expires_at > sa.bindparam("now"),
        bills.c.state == "open",
        bills.c.bound_to.is_not(None),
    )
    .order_by(bills.c.expires_at.desc())
    .limit(1)
)


def payee(connection: sa.Connection, code: str) -> Payee | None:
    """Read whose bill `code` is."""
    row = connection.execute(_payee, {"named": code}).one_or_none()
    return None if row is None else Payee(*row)


def standing(connection: sa.Connection, handle: str, coop: str, now: datetime, own_set_days: int) -> Quote:
    """Read what paying the co-op would mean for the member `handle`."""
    row = connection.execute(_standing, {"handle": handle, "coop": coop}).one_or_none()
    if row is None:
        return Quote(None, None, None)
    balance_minor, is_member, last_paid_at, first_pay = row
    return Quote(balance_minor, ownset.reason(is_member, last_paid_at, now, own_set_days), first_pay)


def sale(connection: sa.Connection, ref: str, handle: str) -> PaidSale | None:
    """Read the sale `ref` if `handle` paid it at a till."""
    row = connection.execute(_sale, {"ref": ref, "handle": handle}).one_or_none()
    if row is None:
        return None
    ref, at, amount_minor, cash_minor, back, cash_back, balance_minor, qualifies, basis_minor, *rest = row
    words, till, first_pay, *whom = rest
    given, _minutes = basis.given_back(basis.SoldBasis(amount_minor, basis_minor, 0), 0, back)
    parts = (amount_minor, cash_minor, back, cash_back)
    counts = bool(qualifies), basis_minor - given
    return PaidSale(ref, at, *parts, balance_minor, *counts, words, till, first_pay, Payee(*whom))


def bound_bill(connection: sa.Connection, handle: str, now: datetime) -> str | None:
    """Give the code of the bill that waits for `handle` to approve a scan."""
    return connection.execute(_bound_bill, {"handle": handle, "now": now}).scalar_one_or_none()
