"""Replay: bring in a history, through the same use cases that the counter and the office call."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from wallet.domain.event import Event, HistoryLine, WrongHeader, read
from wallet.domain.period import day_of, zone_to_keep
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit, no_hint
from wallet.store import charters, dividends, federation
from wallet.store.engine import reading, snapshot
from wallet.store.views import report

# What a federation is called that a history founds.
NAME = "RES"


class CannotReplay(Exception):
    """Say, in a sentence, why a history cannot be brought in at all."""


@dataclass(frozen=True, slots=True)
class ReplayBook:
    """Name the use cases that a history goes through; each takes the kit first.

    Those that carry a key answer with what they posted, or None when the key did it before.
    """

    found: Callable[..., Any]
    admit_coop: Callable[..., Any]
    coop_leaves: Callable[..., Any]
    join: Callable[..., Any]
    leave: Callable[..., Any]
    accept_customer: Callable[..., Any]
    pay: Callable[..., Any]
    sell: Callable[..., Any]
    refund: Callable[..., Any]
    give: Callable[..., Any]
    supply: Callable[..., Any]
    fund: Callable[..., Any]
    pay_dividend: Callable[..., Any]


@dataclass(slots=True)
class Tally:
    """Hold what came of a history so far: counts, refused lines as (line, code), and the time it has come to."""

    transfers: int = 0
    replayed: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    last_at: datetime | None = None


def replay(
    kit: Kit, lines: Iterable[str], book: ReplayBook, *, zone: str = "UTC", strict: bool = False
) -> dict[str, Any]:
    """Replay the physical `lines` of an event file into a database without transfers; give the report.

    With `strict` the first refused line ends it, and stands last in the report.
    Raises: CannotReplay.
    """
    zone = _kept(zone)
    tally = _Replay(kit, book, zone).run(_readable(kit, lines, zone), strict=strict)
    with snapshot(kit.engine) as connection:
        dated = charters.history(connection, kit.charter, kit.clock())
        standing = report.standing(connection, zone, tally.last_at, dated)
        paid = dividends.of_all(connection)
    refused = [{"line": line, "code": code} for line, code in tally.refused]
    counts = {"transfers": tally.transfers, "replayed": tally.replayed, "refused": refused, "dividends": paid}
    return standing | counts


def _kept(zone: str) -> str:
    try:
        return zone_to_keep(zone)
    except Refusal:
        raise CannotReplay(_("There is no time zone of that name.")) from None


def _readable(kit: Kit, lines: Iterable[str], zone: str) -> Iterable[HistoryLine]:
    try:
        events = read(lines)
    except WrongHeader:
        raise CannotReplay(_("This is not an event file: its header line is another.")) from None
    with reading(kit.engine) as connection:
        if report.has_transfers(connection):
            raise CannotReplay(_("This database has transfers already. Replay into an empty one."))
        if federation.founded_zone(connection) not in (None, zone):
            raise CannotReplay(_("The federation of this database lives in another time zone."))
    return events


class _Replay:
    """Keep the clock that the lines move, and do what they say."""

    def __init__(self, kit: Kit, book: ReplayBook, zone: str) -> None:
        self.kit = replace(kit, clock=self._clock, hint=no_hint)
        self.book = book
        self.zone = zone
        self.tally = Tally()
        self.acts: dict[str, Callable[[Event], Any]] = {
            "coop": lambda e: book.admit_coop(self.kit, e.coop, e.amount_minor),
            "coop_leaves": lambda e: book.coop_leaves(self.kit, e.coop),
            "member": lambda e: book.join(self.kit, e.coop, e.member),
            "member_leaves": lambda e: book.leave(self.kit, e.coop, e.member),
            "customer": lambda e: book.accept_customer(self.kit, e.member),
        }
        self.movements: dict[str, Callable[[Event], Any]] = {
            "pay": lambda e: book.pay(self.kit, e.coop, e.member, e.amount_minor, e.minutes, key=e.ref),
            "sale": lambda e: book.sell(self.kit, e.coop, e.member, e.amount_minor, e.cash_minor, key=e.ref),
            "refund": lambda e: book.refund(self.kit, e.ref, e.amount_minor, e.cash_minor),
            "gift": lambda e: book.give(self.kit, e.member, e.other, e.amount_minor, key=e.ref),
            "supply": lambda e: book.supply(self.kit, e.coop, e.other, e.amount_minor, key=e.ref),
            "fund": lambda e: book.fund(self.kit, e.coop, e.amount_minor, key=e.ref),
            "dividend": lambda e: book.pay_dividend(self.kit, e.ref, e.ends_on, e.amount_minor),
        }

    def run(self, lines: Iterable[HistoryLine], *, strict: bool) -> Tally:
        for line in lines:
            try:
                self._take(line)
            except Refusal as refusal:
                if refusal.code == "busy":
                    # The database, not the line, is at fault: going on would lose what the line says.
                    raise CannotReplay(
                        _("The database is busy with something else. Start again with an empty one.")
                    ) from None
                self.tally.refused.append((line.number, refusal.code))
                if strict:
                    break
        if self.tally.last_at is None:
            self.book.found(self.kit, NAME, self.zone)
        return self.tally

    def _clock(self) -> datetime:
        assert self.tally.last_at is not None, "no line has set the clock yet"
        return self.tally.last_at

    def _take(self, line: HistoryLine) -> None:
        first = self.tally.last_at is None
        if line.at is not None:
            self.tally.last_at = line.at
            if first:
                # The charter dates from the first dated line, whatever its kind and fate.
                self.book.found(self.kit, NAME, self.zone, day_of(line.at, self.zone))
        if line.event is None:
            raise refuse(line.code or "bad_form")
        self._do(line.event, first=first)

    def _do(self, event: Event, *, first: bool) -> None:
        if event.kind == "charter":
            if not first:
                raise refuse("not_allowed")
            return
        if event.kind in self.acts:
            self.acts[event.kind](event)
            return
        made = self.movements[event.kind](event)
        if made is None:
            self.tally.replayed += 1
        else:
            # A dividend is as many transfers as it pays members, perhaps none.
            self.tally.transfers += made.members if event.kind == "dividend" else 1
