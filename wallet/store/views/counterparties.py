"""Whom a wallet has had to do with: the accounts on the other side of its movements."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.names import has_words, words_of
from wallet.store.tables import coops, own_set, people, tills, transfers

_here = sa.bindparam("of_account", type_=sa.BigInteger)
_person = people.alias("person")
_direct = coops.alias("direct")
_at_till = coops.alias("at_till")


class Counterparty(NamedTuple):
    """Hold an account with its owner's name; `coop` is the slug of a co-op's or a till's, None for a person's."""

    account_id: int
    name: str
    coop: str | None


def _met(mine: sa.Column[int], other: sa.Column[int], *only: sa.ColumnElement[bool]) -> Any:
    """Select the accounts on the other side, jumping from one to the next in an index: its cost is their number."""
    first = sa.select(other).where(mine == _here, *only).order_by(other).limit(1)
    met = sa.select(first.scalar_subquery().label("id")).cte(f"met_{other.name}", recursive=True)
    following = sa.select(other).where(mine == _here, other > met.c.id, *only).order_by(other).limit(1)
    return met.union_all(sa.select(following.scalar_subquery()).where(met.c.id.is_not(None)))


_paid = _met(transfers.c.debit_id, transfers.c.credit_id)
_givers = _met(transfers.c.credit_id, transfers.c.debit_id, transfers.c.kind == sa.literal_column("'gift'"))
# Whoever paid the person is in their own set for good.
_employers = (
    sa.select(coops.c.account_id.label("id"))
    .join(own_set, own_set.c.coop_id == coops.c.id)
    .join(people, people.c.id == own_set.c.person_id)
    .where(people.c.account_id == _here)
)
_others = sa.union(sa.select(_paid.c.id), sa.select(_givers.c.id), _employers).subquery()
_ALL = (
    sa.select(
        _others.c.id,
        sa.func.coalesce(_at_till.c.name, _direct.c.name, _person.c.name).label("name"),
        sa.func.coalesce(_at_till.c.slug, _direct.c.slug).label("coop"),
    )
    .select_from(_others)
    .outerjoin(_person, _person.c.account_id == _others.c.id)
    .outerjoin(_direct, _direct.c.account_id == _others.c.id)
    .outerjoin(tills, tills.c.account_id == _others.c.id)
    .outerjoin(_at_till, _at_till.c.id == tills.c.coop_id)
    .where(_others.c.id.is_not(None))
    .order_by(sa.literal_column("name"), _others.c.id)
)


def of(connection: sa.Connection, account_id: int) -> list[Counterparty]:
    """List everybody with whom the wallet `account_id` has had to do, and each till by itself."""
    return [Counterparty(*row) for row in connection.execute(_ALL, {"of_account": account_id}) if row.name is not None]


def coops_among(found: Iterable[Counterparty]) -> dict[str, str]:
    """Give the names of the co-ops among them, by slug."""
    return {one.coop: one.name for one in found if one.coop is not None}


def named(found: Iterable[Counterparty], typed: str) -> list[Counterparty]:
    """Give those whose names hold every word that somebody typed, whatever its case and accents."""
    words = words_of(typed)
    return [one for one in found if has_words(one.name, words)]
