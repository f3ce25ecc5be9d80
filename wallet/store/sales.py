"""Sales at a counter: paid once, shown alike on both screens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.domain.lately import AHEAD
from wallet.domain.period import date_of, day_start
from wallet.errors import refuse
from wallet.store import roles
from wallet.store.federation import zone as federation_zone
from wallet.store.tables import coops, people, sale_refunds, tills, transfers

_found = (
    sa.select(
        transfers.c.ref,
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        transfers.c.debit_balance_minor,
        transfers.c.words,
        transfers.c.qualifies,
        transfers.c.at,
        coops.c.slug,
        people.c.counter_name,
        people.c.handle,
    )
    .join(tills, tills.c.id == transfers.c.till_id)
    .join(coops, coops.c.id == tills.c.coop_id)
    .join(people, people.c.account_id == transfers.c.debit_id)
    .where(transfers.c.ref == sa.bindparam("of_ref"))
)
_same = sa.select(transfers.c.id).where(
    transfers.c.debit_id == sa.bindparam("of_payer"),
    transfers.c.at > sa.bindparam("since"),
    transfers.c.at <= sa.bindparam("until"),
    transfers.c.kind == "sale",
    transfers.c.till_id == sa.bindparam("at_till"),
    transfers.c.amount_minor + transfers.c.cash_minor == sa.bindparam("of_total"),
    transfers.c.id != sa.bindparam("but"),
    ~sa.exists().where(
        sale_refunds.c.sale_id == transfers.c.id,
        sale_refunds.c.refunded_minor == transfers.c.amount_minor,
        sale_refunds.c.cash_refunded_minor == transfers.c.cash_minor,
    ),
)

_cash = (
    sa.select(
        sa.func.coalesce(
            sa.func.sum(transfers.c.cash_minor - sa.func.coalesce(sale_refunds.c.cash_refunded_minor, 0)), 0
        )
    )
    .select_from(transfers)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
    .where(
        transfers.c.debit_id == sa.bindparam("of_payer"),
        transfers.c.at >= sa.bindparam("since"),
        transfers.c.at < sa.bindparam("until"),
        transfers.c.kind == "sale",
        transfers.c.till_id.is_not(None),
        transfers.c.cash_minor > 0,
    )
)
_many = (
    sa.select(transfers.c.id)
    .where(
        transfers.c.debit_id == sa.bindparam("of_payer"),
        transfers.c.at > sa.bindparam("since"),
        transfers.c.at <= sa.bindparam("until"),
    )
    .order_by(transfers.c.at.desc())
    .offset(sa.bindparam("fewer"))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Paid:
    """Hold a paid bill or scan; `amount_minor` is the whole sum, `balance_minor` the payer's balance after it."""

    ref: str
    amount_minor: int
    cash_minor: int
    balance_minor: int
    words: str
    qualifies: bool
    at: datetime
    coop: str
    payer_name: str
    payer: str
    replayed: bool = False


def paid(connection: sa.Connection, ref: str, *, replayed: bool = False) -> Paid:
    """Give the sale `ref` made at a till, as both screens show it."""
    row = connection.execute(_found, {"of_ref": ref}).one()
    return Paid(
        ref=row.ref,
        amount_minor=row.amount_minor + row.cash_minor,
        cash_minor=row.cash_minor,
        balance_minor=row.debit_balance_minor,
        words=row.words,
        qualifies=row.qualifies,
        at=row.at,
        coop=row.slug,
        payer_name=row.counter_name,
        payer=row.handle,
        replayed=replayed,
    )


def refuse_repeated(
    connection: sa.Connection, payer: int, till: str, total_minor: int, now: datetime, charter: Charter, but: int = 0
) -> None:
    """Stop at the same sum by the same payer at the same till moments ago, unless it was given back whole.

    The transfer `but` is not counted.

    Asked after the posting, which holds the wallet's lock: before it, two payments at once would both see nothing.
    Raises: Refusal looks_repeated.
    """
    since = now - timedelta(seconds=charter.repeat_seconds)
    asked = {"since": since, "until": now + AHEAD, "at_till": till, "of_total": total_minor, "but": but}
    if connection.execute(_same, {"of_payer": payer, **asked}).first() is not None:
        raise refuse("looks_repeated")


@dataclass(frozen=True, slots=True)
class Logged:
    """Hold cash that a cashier logs for a member: the member's wallet, how much, who logs it, and where."""

    payer: int
    cash_minor: int
    cashier_id: int | None
    coop_id: int


def require_steward(
    connection: sa.Connection, logged: Logged, now: datetime, charter: Charter, *, posted: bool = True
) -> None:
    """Let none but a steward of the co-op log more cash for a member and day than the charter allows.

    Asked after the posting, which holds the wallet's lock, unless it is not `posted` yet. Cash that tills gave back on
    that day's sales does not count.
    Raises: Refusal steward_required.
    """
    if logged.cash_minor == 0:
        return
    zone = federation_zone(connection)
    today = date_of(now, zone)
    # A clock that was set back may have logged some of tomorrow's already.
    since, until = (day_start(day, zone) for day in (today, today + timedelta(days=1)))
    asked = {"of_payer": logged.payer, "since": since, "until": until}
    before = int(connection.execute(_cash, asked).scalar_one())
    total = before if posted else before + logged.cash_minor
    who, where = logged.cashier_id, logged.coop_id
    if total > charter.logged_cash_day_minor and not (
        who is not None and roles.serves(connection, who, "steward", where, now)
    ):
        raise refuse("steward_required")


def paid_since(connection: sa.Connection, payer: int, since: datetime, times: int, now: datetime) -> bool:
    """Tell whether the wallet has paid `times` or more since then."""
    asked = {"of_payer": payer, "since": since, "until": now + AHEAD, "fewer": times - 1}
    return connection.execute(_many, asked).first() is not None
