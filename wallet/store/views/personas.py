"""Personas: the people of a demo federation, with what each may do."""

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from wallet.store.tables import coops, own_set, people, roles, tills

_PEOPLE = sa.select(people.c.id, people.c.handle, people.c.name, people.c.account_id).order_by(people.c.id)
_ROLES = (
    sa.select(roles.c.person_id, roles.c.role, coops.c.slug)
    .select_from(roles.outerjoin(coops, coops.c.id == roles.c.coop_id))
    .where(roles.c.revoked_at.is_(None))
    .order_by(roles.c.role, coops.c.slug)
)
_WORK = (
    sa.select(own_set.c.person_id, coops.c.name)
    .join(coops, coops.c.id == own_set.c.coop_id)
    .where(own_set.c.is_member)
    .order_by(coops.c.name)
)
_TILLS = (
    sa.select(coops.c.slug, tills.c.id)
    .join(tills, tills.c.coop_id == coops.c.id)
    .where(tills.c.closed_at.is_(None))
    .order_by(tills.c.id)
)


@dataclass(frozen=True, slots=True)
class Persona:
    """Hold one person: roles with their co-op, `member` first for a wallet, tills they serve and where they work."""

    handle: str
    name: str
    roles: tuple[tuple[str, str | None], ...]
    tills: tuple[str, ...]
    works_at: tuple[str, ...]


def everyone(connection: sa.Connection) -> list[Persona]:
    """List every person of the federation, in the order they came."""
    held: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    for person, role, coop in connection.execute(_ROLES):
        held[person].append((role, coop))
    work: dict[int, list[str]] = defaultdict(list)
    for person, name in connection.execute(_WORK):
        work[person].append(name)
    served: dict[str | None, list[str]] = defaultdict(list)
    for coop, till in connection.execute(_TILLS):
        served[coop].append(till)
    return [
        Persona(
            handle=handle,
            name=name,
            roles=(*((("member", None),) if wallet is not None else ()), *held[person]),
            tills=tuple(till for role, coop in held[person] if role == "cashier" for till in served[coop]),
            works_at=tuple(work[person]),
        )
        for person, handle, name, wallet in connection.execute(_PEOPLE)
    ]
