"""Pay shares, worked out once more from a wallet's own journal and held against what was kept and what was paid."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.store.verify.breach import Breach
from wallet.store.verify.charters import Charters
from wallet.store.verify.running import Figures

_KEPT = sa.text(
    "SELECT person_id, month, share_bp, window_from, window_to, income_minor, spend_minor, ratio_bp, target_bp,"
    " charter_version FROM shares WHERE person_id IN :people"
).bindparams(sa.bindparam("people", expanding=True))
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
NAMES = ("share", "window's first month", "window's last month", "income", "spend", "ratio", "target")
# Paid before there was a rule: the floor of that time, from nothing.
OLD = (1000, None, None, 0, 0, None, None)

KeptShare = tuple[Any, ...]


def read_kept(connection: sa.Connection, people: list[int]) -> dict[int, dict[str, KeptShare]]:
    """Read what is kept of the shares of `people`, by person and month."""
    found: dict[int, dict[str, KeptShare]] = defaultdict(dict)
    for person, month, *figures in connection.execute(_KEPT, {"people": people}):
        found[person][month] = tuple(figures)
    return found


def check(
    person: Any, patronage: Figures, kept: dict[str, KeptShare], paid: list[tuple[int, str, int]], charters: Charters
) -> Iterator[Breach]:
    """Hold a person's kept shares, and the lines `paid` as (transfer, month, share), against the journal."""
    for month in sorted(each for each in kept if not MONTH.fullmatch(each)):
        yield Breach("I10", "shares", f"{person}/{month}", "It is kept for what is no month.")
    kept = {month: figures for month, figures in kept.items() if MONTH.fullmatch(month)}
    months = sorted({*kept, *(month for _transfer, month, _share in paid)})
    due = _due(patronage, months[-1], kept, charters) if months else {}
    for month, (*figures, version) in sorted(kept.items()):
        wanted = due.get(month)
        wrong = [name for name, was, is_ in zip(NAMES, figures, wanted or (None,) * 7, strict=True) if was != is_]
        if wanted is None or wrong:
            names = ", ".join(wrong) if wanted else "month, in which nobody was paid yet"
            yield Breach("I10", "shares", f"{person}/{month}", f"It is kept with another {names}.")
        if version not in (0, charters.month(month).version):
            sentence = f"It says version {version} of the charter; that month had {charters.month(month).version}."
            yield Breach("I10", "shares", f"{person}/{month}", sentence)
    for transfer, month, share in paid:
        if month not in kept:
            yield Breach("I10", "shares", f"{person}/{month}", "A line was paid at a share that nobody kept.")
        if share != due[month][0]:
            sentence = f"It was paid at {share} basis points; the share of {month} was {due[month][0]}."
            yield Breach("I10", "transfers", str(transfer), sentence)


def _due(patronage: Figures, last: str, kept: dict[str, KeptShare], charters: Charters) -> dict[str, KeptShare]:
    rows: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for (month, posted), (income, spend) in patronage.items():
        rows[_number(month)].append((_number(posted), income, spend))
    earned = [number for number, found in rows.items() if any(income for _posted, income, _spend in found)]
    due: dict[str, KeptShare] = {}
    if not earned:
        return due
    first = min(earned)
    share = charters.month(_name(first)).floor_bp
    for number in range(first, _number(last) + 1):
        charter = charters.month(_name(number))
        begins = max(first, number - charter.window_months)
        income = spend = 0
        for back in range(begins, number):
            for posted, more_income, more_spend in rows.get(back, ()):
                if posted < number:
                    income, spend = income + more_income, spend + more_spend
        figures: KeptShare = (share, None, None, 0, 0, None, None)
        if number > first:
            figures = _figures(share, (_name(begins), _name(number - 1)), income, max(spend, 0), charter)
        if kept.get(_name(number), (1,))[-1] == 0:
            figures = OLD
        due[_name(number)], share = figures, figures[0]
    return due


def _figures(before: int, window: tuple[str, str], income: int, spend: int, charter: Charter) -> KeptShare:
    if income < charter.frozen_below_minor:
        return (before, *window, income, spend, None, None)
    ratio = 10_000 if spend >= income else 10_000 * spend // income
    target = min(charter.cap_bp, ratio + charter.headroom_bp)
    share = target
    if share > before + charter.rise_bp:
        share = before + charter.rise_bp
    if share < before - charter.fall_bp:
        share = before - charter.fall_bp
    if share < charter.floor_bp:
        share = charter.floor_bp
    if share > charter.cap_bp:
        share = charter.cap_bp
    return (share, *window, income, spend, ratio, target)


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _name(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
