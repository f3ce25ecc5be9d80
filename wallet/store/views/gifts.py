"""Gifts that were sent: each as its sender is told, one that looks like a repetition, and whom one has sent to."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.domain.lately import AHEAD
from wallet.errors import refuse
from wallet.store.columns import Instant
from wallet.store.tables import people, transfers

# Whom one has sent to is looked for among this many of one's last gifts.
LOOKED_AT = 60
SHOWN = 6

_taker = people.alias("taker")
_sent = (
    sa.select(transfers.c.ref, transfers.c.amount_minor, transfers.c.debit_balance_minor, _taker.c.handle)
    .join(_taker, _taker.c.account_id == transfers.c.credit_id)
    .where(transfers.c.ref == sa.bindparam("of_ref"), transfers.c.kind == "gift")
)
_same = sa.select(transfers.c.id).where(
    transfers.c.debit_id == sa.bindparam("of_giver"),
    transfers.c.at > sa.bindparam("since", type_=Instant),
    transfers.c.at <= sa.bindparam("until", type_=Instant),
    transfers.c.kind == "gift",
    transfers.c.credit_id == sa.bindparam("to_taker"),
    transfers.c.amount_minor == sa.bindparam("of_amount"),
    transfers.c.id != sa.bindparam("but"),
)
_last = (
    sa.select(transfers.c.credit_id, transfers.c.at)
    .join(people, people.c.account_id == transfers.c.debit_id)
    .where(people.c.id == sa.bindparam("of_person"), transfers.c.kind == "gift")
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
    .limit(LOOKED_AT)
    .subquery()
)
_friends = (
    sa.select(people.c.handle, people.c.name)
    .join(_last, _last.c.credit_id == people.c.account_id)
    .group_by(people.c.id, people.c.handle, people.c.name)
    .order_by(sa.func.max(_last.c.at).desc())
    .limit(SHOWN)
)


@dataclass(frozen=True, slots=True)
class SentGift:
    """Hold a gift as its sender is told; `balance_minor` is what the sender had after it."""

    ref: str
    amount_minor: int
    balance_minor: int
    taker: str
    replayed: bool = False


class Friend(NamedTuple):
    """Name somebody to whom one has sent before."""

    handle: str
    name: str


def sent(connection: sa.Connection, ref: str, *, replayed: bool = False) -> SentGift:
    """Give the gift `ref`, which exists."""
    return replace(SentGift(*connection.execute(_sent, {"of_ref": ref}).one()), replayed=replayed)


def refuse_repeated(
    connection: sa.Connection, giver: int, taker: int, amount_minor: int, now: datetime, charter: Charter, but: int
) -> None:
    """Stop at the same sum to the same wallet moments ago, not counting the transfer `but`, which has just been posted.

    Raises: Refusal looks_repeated.
    """
    since = now - timedelta(seconds=charter.repeat_seconds)
    asked = {"to_taker": taker, "since": since, "until": now + AHEAD, "of_amount": amount_minor, "but": but}
    if connection.execute(_same, {"of_giver": giver, **asked}).first() is not None:
        raise refuse("looks_repeated")


def friends(connection: sa.Connection, person_id: int) -> tuple[Friend, ...]:
    """List the people to whom a person sent last, the latest first."""
    return tuple(Friend(*row) for row in connection.execute(_friends, {"of_person": person_id}))
