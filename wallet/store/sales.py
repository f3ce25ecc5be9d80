"""Sales at a counter: paid once, shown alike on both screens."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from wallet.domain.charter import Charter
from wallet.domain.period import day_of
from wallet.errors import refuse
from wallet.store.tables import code_days, coops, federation, people, tills, transfers

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
    transfers.c.kind == "sale",
    transfers.c.till_id == sa.bindparam("at_till"),
    transfers.c.amount_minor + transfers.c.cash_minor == sa.bindparam("of_total"),
    transfers.c.id != sa.bindparam("but"),
)
_day = insert(code_days)
_spent = _day.on_conflict_do_update(
    index_elements=["person_id", "day"],
    set_={"spent_minor": code_days.c.spent_minor + _day.excluded.spent_minor},
    where=code_days.c.spent_minor + _day.excluded.spent_minor <= sa.bindparam("most", type_=sa.BigInteger),
).returning(code_days.c.spent_minor)
_limits = sa.select(
    people.c.code_payment_minor, people.c.code_day_minor, sa.select(federation.c.zone).scalar_subquery()
).where(people.c.id == sa.bindparam("of_person"))


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
    found = Paid(row.ref, row.amount_minor + row.cash_minor, *row[2:])
    return replace(found, replayed=replayed)


def refuse_repeated(
    connection: sa.Connection, payer: int, till: str, total_minor: int, now: datetime, charter: Charter, but: int = 0
) -> None:
    """Stop at the same sum by the same payer at the same till moments ago, not counting the transfer `but`.

    Asked after the posting, which holds the wallet's lock: before it, two payments at once would both see nothing.
    Raises: Refusal looks_repeated.
    """
    since = now - timedelta(seconds=charter.repeat_seconds)
    asked = {"of_payer": payer, "since": since, "at_till": till, "of_total": total_minor, "but": but}
    if connection.execute(_same, asked).first() is not None:
        raise refuse("looks_repeated")


def within_code_limits(connection: sa.Connection, person_id: int, res_minor: int, now: datetime) -> bool:
    """Count a charge by shown code against the member's own limits; tell whether it fits them.

    Locks: the member's row for the day, until commit.
    """
    payment, day, zone = connection.execute(_limits, {"of_person": person_id}).one()
    if payment == 0 or res_minor > min(payment, day):
        return False
    row = {"person_id": person_id, "day": day_of(now, zone), "spent_minor": res_minor, "most": day}
    return connection.execute(_spent, row).first() is not None
