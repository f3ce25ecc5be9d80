"""The federation at a glance: its name and the blocks of its co-ops."""

from dataclasses import dataclass

import sqlalchemy as sa

from wallet.store.tables import coops, federation

_NAME = sa.select(federation.c.name)
_MARKS = sa.select(coops.c.mark).where(coops.c.status == "active").order_by(coops.c.id)


@dataclass(frozen=True, slots=True)
class Quilt:
    """Hold the federation's name, None before it is founded, and what draws each active co-op's block."""

    name: str | None
    marks: tuple[str, ...]


def name(connection: sa.Connection) -> str | None:
    """Give the federation's name, None before it is founded."""
    return connection.execute(_NAME).scalar_one_or_none()


def of(connection: sa.Connection) -> Quilt:
    """Read the federation at a glance."""
    return Quilt(name(connection), tuple(connection.execute(_MARKS).scalars()))
