"""The columns that tables are made of: `_minor` RES or cash, `_at` instants, `_bp` ratios, and keys."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index
from sqlalchemy.types import TypeDecorator

from wallet.domain.period import EPOCH

MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """Store an aware instant as whole microseconds since 1970 UTC, alike on both databases."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> int | None:
        """Turn an aware instant into microseconds."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, _dialect: Any) -> datetime | None:
        """Turn microseconds into an aware instant."""
        return None if value is None else from_micros(value)


class Day(sa.Text):
    """A day `YYYY-MM-DD` of the federation's zone."""


class Month(sa.Text):
    """A month `YYYY-MM` of the federation's zone."""


def micros(at: datetime) -> int:
    """Give the whole microseconds from 1970 UTC to the aware instant `at`."""
    return (at - EPOCH) // MICROSECOND


def from_micros(value: int) -> datetime:
    """Give the aware instant `value` microseconds after 1970 UTC."""
    return EPOCH + timedelta(microseconds=value)


def identity() -> Column[int]:
    """Give the surrogate key of a table; SQLite numbers only plain INTEGER keys by itself."""
    return Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)


def minor(name: str, **options: Any) -> Column[int]:
    """Give an amount column in minor units."""
    return Column(name, sa.BigInteger, nullable=options.pop("nullable", False), **options)


def count(name: str) -> Column[int]:
    """Give a running figure that starts at 0."""
    return Column(name, sa.BigInteger, nullable=False, server_default="0")


def at(name: str, *, nullable: bool = False, **options: Any) -> Column[datetime]:
    """Give an instant column."""
    return Column(name, Instant, nullable=nullable, **options)


def text(name: str, *, nullable: bool = False, **options: Any) -> Column[str]:
    """Give a text column."""
    return Column(name, sa.Text, nullable=nullable, **options)


def day(name: str, *, nullable: bool = False, **options: Any) -> Column[str]:
    """Give a column of days, `YYYY-MM-DD`."""
    return Column(name, Day, nullable=nullable, **options)


def month(name: str, *, nullable: bool = False, **options: Any) -> Column[str]:
    """Give a column of months, `YYYY-MM`."""
    return Column(name, Month, nullable=nullable, **options)


def to(target: str, name: str, *, nullable: bool = False, **options: Any) -> Column[int]:
    """Give a column that refers to the key of table `target`."""
    return Column(name, sa.BigInteger, ForeignKey(f"{target}.id"), nullable=nullable, **options)


def some(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Give an index of those rows alone for which `where` holds."""
    return Index(name, *columns, unique=unique, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
