"""Bills: a till's demands, and how each stands."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain import base32
from wallet.domain.bill import BILL_SECONDS, CODE_LENGTH, WAITING, expiry_of, state_of
from wallet.domain.lately import AHEAD
from wallet.domain.passkey import digest_of_payment
from wallet.errors import refuse
from wallet.store import bill_pages, suspensions
from wallet.store.tables import bills, coops, people, tills, transfers
from wallet.store.tills import Till

# No bill lives longer, unless a co-op's second steward is asked about it.
LIVES = timedelta(seconds=BILL_SECONDS)
ENDED = {
    "paid": "bill_already_paid",
    "expired": "bill_expired",
    "cancelled": "bill_cancelled",
    "declined": "bill_declined",
}

_claimer, _payer, _buyer = people.alias("claimer"), people.alias("payer"), coops.alias("buyer")
_code = bills.c.code == sa.bindparam("of_code")
_views = (
    sa.select(
        bills.c.code,
        bills.c.till_id,
        bills.c.cashier_id,
        bills.c.made_by,
        bills.c.shift_id,
        bills.c.amount_minor,
        bills.c.cash_minor,
        bills.c.note,
        bills.c.state,
        bills.c.opened_at,
        bills.c.expires_at,
        bills.c.claimed_at,
        bills.c.bound_to,
        bills.c.buyer_id,
        bills.c.rev,
        tills.c.name.label("till_name"),
        tills.c.account_id.label("till_account"),
        coops.c.id.label("coop_id"),
        coops.c.slug,
        coops.c.name.label("coop_name"),
        coops.c.mark,
        coops.c.status.label("coop_status"),
        transfers.c.ref.label("receipt"),
        transfers.c.words,
        _claimer.c.handle.label("claimer"),
        _claimer.c.counter_name.label("claimer_name"),
        _payer.c.handle.label("payer"),
        _payer.c.counter_name.label("payer_name"),
        _buyer.c.slug.label("buyer"),
        _buyer.c.name.label("buyer_name"),
    )
    .join(tills, tills.c.id == bills.c.till_id)
    .join(coops, coops.c.id == tills.c.coop_id)
    .outerjoin(transfers, transfers.c.id == bills.c.transfer_id)
    .outerjoin(_claimer, _claimer.c.id == bills.c.claimed_by)
    .outerjoin(_payer, _payer.c.account_id == transfers.c.debit_id)
    .outerjoin(_buyer, _buyer.c.id == bills.c.buyer_id)
)
_view = _views.where(_code)
_in_hand = _views.where(
    bills.c.claimed_by == sa.bindparam("of_person"),
    bills.c.expires_at > sa.bindparam("now"),
    bills.c.state == "open",
    bills.c.buyer_id.is_(None),
).order_by(bills.c.claimed_at.desc())
_view_locked = _view.with_for_update(of=bills)
_insert = sa.insert(bills)
_still = sa.and_(_code, bills.c.state == "open")
_next = {"rev": bills.c.rev + 1}
_pay = sa.update(bills).where(_still).values(state="paid", transfer_id=sa.bindparam("by_transfer"), **_next)
_end = sa.update(bills).where(_still).values(state=sa.bindparam("to_state"), **_next)
_claim = (
    sa.update(bills)
    .where(_still)
    .values(claimed_by=sa.bindparam("by_person"), claimed_at=sa.bindparam("when"), **_next)
)
_unclaim = (
    sa.update(bills)
    .where(_still, bills.c.claimed_by == sa.bindparam("by_person"))
    .values(claimed_by=None, claimed_at=None, **_next)
)
_many = (
    sa.select(bills.c.code)
    .where(
        bills.c.till_id == sa.bindparam("of_till"),
        bills.c.opened_at > sa.bindparam("since"),
        bills.c.opened_at <= sa.bindparam("until"),
    )
    .order_by(bills.c.opened_at.desc())
    .offset(sa.bindparam("fewer"))
    .limit(1)
)


class Row(NamedTuple):
    """Hold a bill's row with its till, its co-op, who claims it, and who has paid it or, as a co-op, is about to."""

    code: str
    till_id: str
    cashier_id: int | None
    made_by: int | None
    shift_id: int
    amount_minor: int
    cash_minor: int
    note: str | None
    state: str
    opened_at: datetime
    expires_at: datetime
    claimed_at: datetime | None
    bound_to: int | None
    buyer_id: int | None
    rev: int
    till_name: str
    till_account: int
    coop_id: int
    slug: str
    coop_name: str
    mark: str
    coop_status: str
    receipt: str | None
    words: str | None
    claimer: str | None
    claimer_name: str | None
    payer: str | None
    payer_name: str | None
    buyer: str | None
    buyer_name: str | None


@dataclass(frozen=True, slots=True)
class BillView:
    """Hold a bill as it stands at an instant; `amount_minor` is the whole sum, `cash_minor` the part taken in cash."""

    code: str
    state: str
    amount_minor: int
    cash_minor: int
    note: str | None
    till: str
    till_name: str
    coop: str
    coop_name: str
    coop_mark: str
    opened_at: datetime
    expires_at: datetime
    bound: bool
    rev: int
    payer: str | None = None
    payer_name: str | None = None
    receipt: str | None = None
    words: str | None = None
    replayed: bool = False

    @property
    def res_minor(self) -> int:
        """Give the part to pay in RES."""
        return self.amount_minor - self.cash_minor

    def without_payer(self) -> "BillView":
        """Give the bill as anybody else may see it."""
        return replace(self, payer=None, payer_name=None, receipt=None, words=None, note=None)


def new_code() -> str:
    """Draw the code of a bill."""
    return base32.written(secrets.token_bytes(CODE_LENGTH))


def add(
    connection: sa.Connection,
    code: str,
    till: Till,
    shift_id: int,
    amount_minor: int,
    cash_minor: int,
    note: str | None,
    now: datetime,
    bound_to: int | None = None,
) -> None:
    """Write a new bill; one that a scan made is bound to its member and claimed from the start."""
    row = {
        "code": code,
        "till_id": till.id,
        "cashier_id": till.cashier_id,
        "shift_id": shift_id,
        "amount_minor": amount_minor,
        "cash_minor": cash_minor,
        "note": note,
        "state": "open",
        "opened_at": now,
        "expires_at": expiry_of(now, scanned=bound_to is not None),
        "bound_to": bound_to,
        "claimed_by": bound_to,
        "claimed_at": None if bound_to is None else now,
    }
    connection.execute(_insert, row)


def add_by_member(
    connection: sa.Connection, code: str, till: str, shift_id: int, person_id: int, amount_minor: int, now: datetime
) -> None:
    """Write a new bill that a member makes at the till's sticker: theirs from the start, and of no cashier."""
    row = {
        "code": code,
        "till_id": till,
        "made_by": person_id,
        "shift_id": shift_id,
        "amount_minor": amount_minor,
        "cash_minor": 0,
        "state": "open",
        "opened_at": now,
        "expires_at": expiry_of(now),
        "claimed_by": person_id,
        "claimed_at": now,
    }
    connection.execute(_insert, row)


def row(connection: sa.Connection, code: str, *, lock: bool = False) -> Row:
    """Give the bill's row with its till, co-op and payer.

    Raises: Refusal unknown_bill.
    Locks:  the bill until commit, if asked.
    """
    found = connection.execute(_view_locked if lock else _view, {"of_code": code}).first()
    if found is None:
        raise refuse("unknown_bill")
    return Row(**found._mapping)


def state(found: Row, now: datetime) -> str:
    """Tell how the bill of a row stands at `now`; one of a co-op that is not active waits for nobody."""
    held = found.bound_to is not None or found.buyer_id is not None
    stands = state_of(found.state, found.expires_at, found.claimed_at, held, now)
    return "cancelled" if stands in WAITING and found.coop_status != "active" else stands


def require_payable(found: Row, now: datetime) -> None:
    """Let only a bill that can be paid go on.

    Raises: Refusal account_not_open, of a co-op that is not active, or how the bill ended.
    """
    stands = state(found, now)
    if stands != "paid" and found.coop_status != "active":
        raise suspensions.closed(found.coop_name, found.coop_status)
    if stands in ENDED:
        raise refuse(ENDED[stands])


def view(found: Row, now: datetime) -> BillView:
    """Give the bill of a row as its till and its payer may see it."""
    stands = state(found, now)
    claimed = stands == "claimed"
    return BillView(
        code=found.code,
        state=stands,
        amount_minor=found.amount_minor,
        cash_minor=found.cash_minor,
        note=found.note,
        till=found.till_id,
        till_name=found.till_name,
        coop=found.slug,
        coop_name=found.coop_name,
        coop_mark=found.mark,
        opened_at=found.opened_at,
        expires_at=found.expires_at,
        bound=found.bound_to is not None,
        rev=found.rev,
        payer=found.claimer if claimed else found.payer,
        payer_name=(found.buyer_name or found.claimer_name) if claimed else (found.payer_name or found.buyer_name),
        receipt=found.receipt,
        words=found.words,
    )


def in_hand(connection: sa.Connection, person_id: int, now: datetime) -> list[BillView]:
    """List the bills that a person has opened and not put away, and those that a till asks them for; the latest first.

    One that somebody else has opened since is theirs, and one that a co-op is to pay is no person's.
    """
    found = connection.execute(_in_hand, {"of_person": person_id, "now": now})
    return [bill for bill in (view(Row(**one._mapping), now) for one in found) if bill.state in WAITING]


def made_before(connection: sa.Connection, code: str, now: datetime) -> BillView:
    """Give a bill to the till whose key made it, with its first end, also if it waits longer for a co-op's steward."""
    found = view(row(connection, code), now).without_payer()
    return replace(found, expires_at=expiry_of(found.opened_at, scanned=found.bound), replayed=True)


def claim(connection: sa.Connection, code: str, person_id: int, now: datetime) -> None:
    """Note who is confirming; it lapses by itself and stops nobody."""
    connection.execute(_claim, {"of_code": code, "by_person": person_id, "when": now})


def unclaim(connection: sa.Connection, code: str, person_id: int) -> None:
    """Take a member's notice back."""
    connection.execute(_unclaim, {"of_code": code, "by_person": person_id})


def end(connection: sa.Connection, found: Row, to_state: str, now: datetime) -> None:
    """Decline or cancel the bill of a row that nobody paid; notices that ask for a yes to it are over."""
    connection.execute(_end, {"of_code": found.code, "to_state": to_state})
    bill_pages.answered(connection, now, found.code, bound_to=found.bound_to, buyer=found.buyer)


def pay(connection: sa.Connection, code: str, transfer_id: int) -> bool:
    """Mark a bill paid by a transfer; tell whether it was still open."""
    return connection.execute(_pay, {"of_code": code, "by_transfer": transfer_id}).rowcount == 1


def digest_for_payment(found: Row, key: str) -> str:
    """Give the digest of what the payer of a bill's row agrees to: payee, amounts, bill and key."""
    res_minor = found.amount_minor - found.cash_minor
    return digest_of_payment(found.till_id, found.slug, res_minor, found.cash_minor, found.code, key)


def opened_since(connection: sa.Connection, till: str, since: datetime, times: int, now: datetime) -> bool:
    """Tell whether the till has opened `times` bills or more since then."""
    asked = {"of_till": till, "since": since, "until": now + AHEAD, "fewer": times - 1}
    return connection.execute(_many, asked).first() is not None
