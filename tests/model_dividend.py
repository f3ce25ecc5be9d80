"""The dividend for the oracle of `tests/model.py`: worked out from everything that ever happened, with fractions."""

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any

from tests.model import Model, No

SUNSET = 180


def pay(model: Model, at: datetime, label: str, amount: int, end: date) -> int:
    """Pay a dividend; tell how many members got something."""
    ends = midnight(model, end)
    if ends > at or (model.last_end is not None and end <= model.last_end):
        raise No("not_allowed")
    if amount > model.pool:
        raise No("insufficient_funds")
    basis, minutes = lifetime(model, ends, at)
    eligible = [who for who in working(model, ends) if basis.get(who, 0) > 0]
    fresh = {who: max(0, minutes[who] - model.counted.get(who, 0)) for who in eligible}
    history = amount * max(0, SUNSET - months(model.charter_on, end)) // SUNSET
    by_basis = split(history, {who: basis[who] for who in eligible}, label)
    by_hours = split(amount - history, fresh, label)
    total = {who: by_basis.get(who, 0) + by_hours.get(who, 0) for who in {*by_basis, *by_hours}}
    for who in eligible:
        model.counted[who] = max(model.counted.get(who, 0), minutes[who])
    for who, minor in total.items():
        model.people[who].balance += minor
        model.pool -= minor
    model.last_end = end
    model.dividends[label] = {"by_basis": by_basis, "by_hours": by_hours, "total": total}
    return len(total)


def midnight(model: Model, day: date) -> datetime:
    """Give the instant at which a day begins; the calendar's ends keep UTC."""
    begins = datetime(day.year, day.month, day.day, tzinfo=model.zone)
    try:
        return begins.astimezone(UTC)
    except OverflowError:
        return begins.replace(tzinfo=UTC)


def months(start: date, end: date) -> int:
    """Count month after month until the next one is not over."""
    count = 0
    while True:
        year, month = divmod(start.year * 12 + start.month + count, 12)
        day = min(start.day, calendar.monthrange(year, month + 1)[1])
        if date(year, month + 1, day) > end:
            return count
        count += 1


def lifetime(model: Model, ends: datetime, cutoff: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """Sum basis and minutes of sales before the end, less what was given back before the cut-off."""
    basis: dict[str, int] = {}
    minutes: dict[str, int] = {}
    for sale in model.sales.values():
        if sale.at < ends:
            back = [(more, time) for when, more, time in sale.backs if when < cutoff]
            basis[sale.member] = basis.get(sale.member, 0) + sale.basis - sum(more for more, _ in back)
            minutes[sale.member] = minutes.get(sale.member, 0) + sale.minutes - sum(time for _, time in back)
    return basis, minutes


def working(model: Model, ends: datetime) -> set[str]:
    """Tell who worked at a co-op that was in, before the end."""
    places: set[str] = set()
    works: set[tuple[str, str]] = set()
    acts: dict[str, Callable[[str, str], Any]] = {
        "coop": lambda coop, _member: places.add(coop),
        "coop_leaves": lambda coop, _member: places.discard(coop),
        "member": lambda coop, member: works.add((coop, member)),
        "member_leaves": lambda coop, member: works.discard((coop, member)),
    }
    for at, kind, coop, member in model.comings:
        if at < ends:
            acts[kind](coop, member)
    return {member for coop, member in works if coop in places}


def split(part: int, weights: dict[str, int], label: str) -> dict[str, int]:
    """Round down, then one more to each in the order of what was cut off, then of the hash."""
    whole = sum(weights.values())
    if whole == 0:
        return {}
    exact = {who: Fraction(part * weight, whole) for who, weight in weights.items()}
    given = {who: int(quota) for who, quota in exact.items()}

    def order(who: str) -> tuple[Fraction, str]:
        return given[who] - exact[who], sha256(f"{label}:{who}".encode()).hexdigest()

    for who in sorted(exact, key=order)[: part - sum(given.values())]:
        given[who] += 1
    return {who: minor for who, minor in given.items() if minor}
