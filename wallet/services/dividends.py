"""Dividends: a run is drafted, seen by everybody, approved by a second person and posted, once for a period."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from wallet.domain import dividend, fiscal
from wallet.domain.period import date_of, day_start
from wallet.errors import Refusal, refuse
from wallet.i18n import date_name, sum_name
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import charters, dividend_lines, dividends, facilitators, federation, keys, ledger, notices, pool
from wallet.store.dividend_lines import Cut
from wallet.store.dividends import Draft
from wallet.store.engine import reading, write
from wallet.store.keys import Made

# Refunds up to it are taken off, however late the draft is made.
CUTOFF = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class PaidDividend:
    """Hold what came of a posted run: how many members it paid."""

    members: int


def pay(kit: Kit, label: str, ends_on: date, pot_minor: int) -> PaidDividend | None:
    """Pay out the period `label` at once with its cut-off now, as in a history; None says that it was paid before.

    Raises: Refusal bad_amount, key_reused, not_allowed for a period that is not over or not later than the last,
            dividend_off, insufficient_funds.
    """
    if pot_minor <= 0:
        raise refuse("bad_amount")

    def work(connection: sa.Connection) -> PaidDividend | None:
        now = kit.clock()
        if _claimed(connection, label, ends_on, pot_minor, now):
            return None
        run_id = _make(connection, kit, label, ends_on, pot_minor, now, now, {"state": "posted", "closed_at": now})
        return PaidDividend(ledger.post_dividend(connection, run_id, pool.account(connection), now))

    return write(kit.engine, work)


def draft(kit: Kit, by: str, ends_on: date, pot_minor: int) -> int:
    """Draft the run of the period that ends `ends_on`, for everybody to see; give its key.

    Raises: Refusal bad_amount, not_allowed for who is no facilitator, before the period's cut-off or for a period that
            is not later than the last, second_person, already_waiting, dividend_off, insufficient_funds.
    """
    if pot_minor <= 0:
        raise refuse("bad_amount")

    def work(connection: sa.Connection) -> int:
        now = kit.clock()
        person = facilitators.require_with_second(connection, by, now)
        if dividends.draft(connection) is not None:
            raise refuse("already_waiting")
        zone, charter_on = federation.zone(connection), federation.charter_on(connection)
        # Histories may pay for what was before the charter's day.
        if charter_on is not None and ends_on <= charter_on:
            raise _before_all(charter_on)
        cutoff_at = day_start(ends_on, zone) + CUTOFF
        if cutoff_at > now:
            raise _too_early(date_of(cutoff_at, zone))
        more = {"state": "draft", "drafted_by": person}
        made = _make(connection, kit, _label(connection, ends_on), ends_on, pot_minor, cutoff_at, now, more)
        facilitators.ask_others(connection, by, "approve_dividend", dividends.PAGE, now)
        return made

    return write(kit.engine, work, keyed=False)


def approve(kit: Kit, by: str, run_id: int) -> None:
    """Approve a draft of somebody else.

    Raises: Refusal not_allowed for who is no facilitator, second_person for who drafted it, already_decided.
    """

    def work(connection: sa.Connection) -> None:
        person, found = facilitators.require(connection, by, kit.clock()), dividends.draft(connection)
        if found is not None and (found.id, found.drafted_by) == (run_id, person):
            raise refuse("second_person")
        if not dividends.approve(connection, run_id, person, kit.clock()):
            raise refuse("already_decided")
        notices.done(connection, dividends.PAGE, kit.clock())

    write(kit.engine, work, keyed=False)


def withdraw(kit: Kit, by: str, run_id: int) -> None:
    """Withdraw a draft, approved or not, before it is posted.

    Raises: Refusal not_allowed for who is no facilitator, already_decided.
    """

    def work(connection: sa.Connection) -> None:
        facilitators.require(connection, by, kit.clock())
        if not dividends.withdraw(connection, run_id, kit.clock()):
            raise refuse("already_decided")
        notices.done(connection, dividends.PAGE, kit.clock())

    write(kit.engine, work, keyed=False)


def post(kit: Kit, run_id: int | None = None) -> PaidDividend | None:
    """Post the draft that two facilitators made and everybody could see long enough; None when there is none.

    A `run_id` says which it has to be.
    Raises: Refusal key_reused, insufficient_funds, already_decided if somebody withdrew it meanwhile.
    """
    with reading(kit.engine) as connection:
        found = dividends.draft(connection)
    if found is None or run_id not in (None, found.id):
        return None
    if found.approved_by is None or not is_seen(kit, found, kit.clock()):
        return None
    return _posted(kit, found)


def is_seen(kit: Kit, found: Draft, now: datetime) -> bool:
    """Tell whether everybody could see a draft long enough."""
    return found.drafted_at + kit.deployment.draft_waits <= now


def _posted(kit: Kit, found: Draft) -> PaidDividend:
    def work(connection: sa.Connection) -> PaidDividend:
        now = kit.clock()
        if _claimed(connection, found.label, found.ends_on, found.pot_minor, now):
            return PaidDividend(dividends.paid(connection, found.id))
        if not dividends.close(connection, found.id, now - kit.deployment.draft_waits, now):
            raise refuse("already_decided")
        held_minor = pool.balance(connection)
        if found.pot_minor > held_minor:
            raise _too_little(held_minor)
        paid = ledger.post_dividend(connection, found.id, pool.account(connection), now)
        notices.tell_of_dividend(connection, found.id, now)
        return PaidDividend(paid)

    return write(kit.engine, work)


def _label(connection: sa.Connection, ends_on: date) -> str:
    """Name a period by the first of its names that nothing has: the run has to claim it as a key when it is posted."""

    def is_free(label: str) -> bool:
        made = keys.made_by(connection, "ref", label)
        # Of a dividend's own key the runs tell whether it stands.
        return (made is None or made.act == "dividend") and not dividends.is_posted(connection, label)

    return next(filter(is_free, dividend.period_labels(ends_on)))


def _claimed(connection: sa.Connection, label: str, ends_on: date, pot_minor: int, now: datetime) -> bool:
    """Claim the period's name as a key; tell whether this run has it already."""
    content = keys.digest_of("dividend", label, ends_on, pot_minor)
    return keys.claim(connection, "ref", label, content, Made("dividend", label), now) is not None


def _make(
    connection: sa.Connection,
    kit: Kit,
    label: str,
    ends_on: date,
    pot_minor: int,
    cutoff_at: datetime,
    now: datetime,
    more: dict[str, object],
) -> int:
    """Keep a run with the lines that its cut comes to; give its key."""
    zone, charter_on = federation.zone(connection), federation.charter_on(connection)
    if charter_on is None or day_start(ends_on, zone) > cutoff_at:
        raise refuse("not_allowed")
    ends = dividends.ends(connection)
    if ends and ends_on <= ends[-1]:
        raise _too_late(ends[-1])
    voted = charters.history(connection, kit.charter, now)
    periods = fiscal.periods(voted, charter_on, ends)
    if periods.is_off(ends_on):
        raise refuse("dividend_off")
    held_minor = pool.balance(connection)
    if pot_minor > held_minor:
        raise _too_little(held_minor)
    charter = voted.of_period(periods.begins(ends_on))
    clock = dividend.clock_at(charter_on, ends_on, charter)
    row = {
        "label": label,
        "ends_on": ends_on.isoformat(),
        "cutoff_at": cutoff_at,
        "pot_minor": pot_minor,
        "charter_version": charter.version,
        "drafted_at": now,
    }
    run_id = dividends.keep_run(connection, row | more, clock)
    dividend_lines.keep(connection, run_id, Cut(ends_on, cutoff_at, zone), pot_minor, label, clock)
    return run_id


def _too_early(cutoff_on: date) -> Refusal:
    sentence = _(
        "Refunds of this period are taken off until its cut-off on %(day)s. Nothing was changed. Draft it after that, "
        "or choose an earlier end.",
        day=date_name(cutoff_on),
    )
    return refuse("not_allowed", sentence)


def _before_all(charter_on: date) -> Refusal:
    sentence = _(
        "The first period begins on %(day)s. Nothing was changed. Choose a later end.", day=date_name(charter_on)
    )
    return refuse("not_allowed", sentence)


def _too_late(last: date) -> Refusal:
    sentence = _("The last period ended on %(day)s. Nothing was changed. Choose a later end.", day=date_name(last))
    return refuse("not_allowed", sentence)


def _too_little(held_minor: int) -> Refusal:
    sentence = _(
        "There are %(sum)s RES in the pool, not enough for this. No money moved. Share out at most that.",
        sum=sum_name(held_minor),
    )
    return refuse("insufficient_funds", sentence)
