"""Pay runs: drafted and submitted by one steward, approved by another, posted whole on the pay date, once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from wallet.domain import payrun
from wallet.domain.payfile import Payfile, PayfileLine
from wallet.domain.payrun import PayRunFacts
from wallet.domain.period import day_of, month_of, month_start, next_month, parse_day
from wallet.domain.ratio import WHOLE_BP
from wallet.domain.transfer import RunOrder
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import (
    charters,
    coops,
    federation,
    ledger,
    notices,
    paybounds,
    paylines,
    payruns,
    people,
    roles,
    shares,
)
from wallet.store.engine import reading, write
from wallet.store.paylines import PayRunEntry, PayRunLine
from wallet.store.payruns import PayRun
from wallet.store.roles import Serving
from wallet.store.views import payruns as payrun_view

# How posting a run ended: done, it was done before, or it went back to draft since the month or an overpayment changed.
POSTED, AGAIN, MONTH, OVERPAID = "posted", "again", "month", "overpaid"
APPROVED = "approved"


def draft(kit: Kit, by: str, coop: str, pay_on: str) -> int:
    """Begin a run that is to be paid on the day `pay_on`, and give its number; of a draft without lines there is one.

    Raises: Refusal unknown_coop, account_not_open, not_allowed, bad_form for a day that is none or is over.
    Locks:  the co-op until commit: of two that come at once the second finds what the first has begun.
    """
    parse_day(pay_on)

    def work(connection: sa.Connection) -> int:
        now = kit.clock()
        place = coops.require_active(coops.known(connection, coop, lock=True))
        steward = roles.require_steward(connection, place.id, by, now)
        _require_to_come(connection, pay_on, now)
        begun = payruns.without_lines(connection, place.id, pay_on)
        return begun or payruns.add(connection, place.id, str(uuid4()), pay_on, steward.id, now)

    return write(kit.engine, work, keyed=False)


def fill(kit: Kit, by: str, coop: str, run_id: int, rev: int, dues: Sequence[PayfileLine]) -> None:
    """Put lines in the place of a draft's; each handle is one whom the co-op may pay, and stands once.

    Raises: Refusal unknown_run, not_allowed, unknown_member, bad_form, changed_meanwhile.
    """
    if len({due.handle for due in dues}) != len(dues):
        raise refuse("bad_form")

    def work(connection: sa.Connection) -> None:
        run, _steward_id = _mine(connection, kit, coop, run_id, by)
        payees = paylines.payees(connection, run.coop_id)
        if any(due.handle not in payees for due in dues):
            raise refuse("unknown_member")
        payruns.edit(connection, run, rev, digest=Payfile(tuple(dues), ()).digest if dues else None)
        entries = (
            PayRunEntry(
                ledger.new_ref(),
                payees[due.handle].id,
                due.minutes,
                due.total_minor,
                due.deductions_minor,
                due.warnings,
            )
            for due in dues
        )
        paylines.refill(connection, run.id, entries)

    write(kit.engine, work, keyed=False)


def move(kit: Kit, by: str, coop: str, run_id: int, rev: int, pay_on: str) -> None:
    """Give a draft another pay date.

    Raises: Refusal unknown_run, not_allowed, bad_form, changed_meanwhile.
    """
    parse_day(pay_on)

    def work(connection: sa.Connection) -> None:
        run, _steward_id = _mine(connection, kit, coop, run_id, by)
        _require_to_come(connection, pay_on, kit.clock())
        payruns.edit(connection, run, rev, pay_on=pay_on)

    write(kit.engine, work, keyed=False)


def set_ceiling(kit: Kit, by: str, coop: str, run_id: int, rev: int, ceiling_bp: int | None) -> None:
    """Set the one ceiling of a draft, equal for all its lines, or take it away.

    Raises: Refusal unknown_run, not_allowed, bad_form, changed_meanwhile.
    """
    if ceiling_bp is not None and not 0 <= ceiling_bp <= WHOLE_BP:
        raise refuse("bad_form")

    def work(connection: sa.Connection) -> None:
        run, _steward_id = _mine(connection, kit, coop, run_id, by)
        payruns.edit(connection, run, rev, ceiling_bp=ceiling_bp)

    write(kit.engine, work, keyed=False)


def drop(kit: Kit, by: str, coop: str, run_id: int, rev: int) -> None:
    """Give up a draft.

    Raises: Refusal unknown_run, not_allowed, changed_meanwhile.
    """

    def work(connection: sa.Connection) -> None:
        run, _steward_id = _mine(connection, kit, coop, run_id, by)
        payruns.drop(connection, run, rev)
        notices.done(connection, payruns.page_of(coop, run.id), kit.clock())

    write(kit.engine, work, keyed=False)


def submit(kit: Kit, by: str, coop: str, run_id: int, rev: int) -> None:
    """Sign a draft first: its splits are worked out by this month's shares and kept.

    Raises: Refusal unknown_coop, unknown_run, not_allowed, changed_meanwhile, run_not_ready.
    Locks:  the co-op, the steward, the run, then the wallets, until commit: who lets the co-op go, or ends the
            steward's role, gives this run back, too.
    """

    def work(connection: sa.Connection) -> None:
        coops.known(connection, coop, lock=True)
        run, steward = _mine(connection, kit, coop, run_id, by)
        ledger.lock_wallets(connection, run.id)
        # Whatever bounds a line is set with one of these locks had: it was there at this instant, or came after it.
        now, zone = kit.clock(), federation.zone(connection)
        month = month_of(now, zone)
        payruns.submit(connection, run, rev, steward.id, month, now)
        dated = charters.standing(connection, kit.charter, now)
        shares.settle_all(connection, paylines.among(run.id), month, dated, first=False)
        lines = paylines.worked_out(connection, run, month, dated)
        blocking = payrun.blocking(facts(connection, run, lines, now))
        if blocking:
            raise refuse("run_not_ready", blocking=list(blocking))
        paylines.keep(connection, run.id, lines)
        notices.done(connection, payruns.page_of(coop, run.id), now)
        # By the shares of a month that is over nobody is paid.
        _ask(connection, run, "approve_run", now, but=steward, until=month_start(next_month(month), zone))

    write(kit.engine, work, keyed=False)


def approve(kit: Kit, by: str, coop: str, run_id: int, rev: int) -> None:
    """Sign, as a second steward, what another has submitted.

    Raises: Refusal unknown_coop, unknown_run, not_allowed, second_person for who submitted what waits,
            changed_meanwhile.
    Locks:  the co-op, the steward, so that their role neither ends nor rests meanwhile, and the run, until commit.
    """

    def work(connection: sa.Connection) -> None:
        coops.known(connection, coop, lock=True)
        run, steward = _mine(connection, kit, coop, run_id, by)
        now = kit.clock()
        if not payruns.approve(connection, run, rev, steward.id, now):
            is_first = run.submitted_by_handle == by and run.state == "submitted" and not run.is_approved
            raise _approves_alone() if is_first else payruns.changed_meanwhile(run)
        notices.done(connection, payruns.page_of(coop, run.id), now)

    write(kit.engine, work, keyed=False)


def approve_and_post(kit: Kit, by: str, coop: str, run_id: int, rev: int) -> str:
    """Sign second, and pay at once if the pay date has come and the co-op pays; the signature stands in any case.

    Raises: Refusal as `approve` and `post`.
    """
    approve(kit, by, coop, run_id, rev)
    with reading(kit.engine) as connection:
        run, today = payruns.find(connection, coop, run_id), _today(connection, kit.clock())
    return post(kit, coop, run_id) if run.coop_is_open and run.pay_on <= today else APPROVED


def give_back(kit: Kit, by: str, coop: str, run_id: int) -> None:
    """Make a run that is not posted a draft again: taken back by who submitted it, or returned by another steward.

    Raises: Refusal unknown_run, not_allowed, changed_meanwhile.
    """

    def work(connection: sa.Connection) -> None:
        run, steward = _mine(connection, kit, coop, run_id, by)
        why, now = "taken back" if run.submitted_by_handle == by else "returned", kit.clock()
        if not payruns.give_back(connection, run, why, steward.id):
            raise payruns.changed_meanwhile(run)
        paylines.forget(connection, run.id)
        notices.done(connection, payruns.page_of(coop, run.id), now)
        if why == "returned":
            _ask(connection, run, "run_returned", now, only=run.submitted_by_handle)

    write(kit.engine, work, keyed=False)


def post(kit: Kit, coop: str, run_id: int) -> str:
    """Post what two stewards have signed and whose pay date has come: all its lines, or none; once.

    A run that holds the shares of a month that is over goes back to draft, and so does one that would keep back of an
    overpayment what has been kept back or taken back meanwhile.
    Raises: Refusal unknown_coop, unknown_run, account_not_open, insufficient_funds, run_not_ready when it is not to be
            posted yet.
    Locks:  the co-op, so that no other run of it is posted and it does not leave meanwhile, the run, then the accounts,
            until commit.
    """

    def work(connection: sa.Connection) -> str:
        place = coops.known(connection, coop, lock=True)
        run = payruns.find(connection, coop, run_id, lock=True)
        now, zone = kit.clock(), federation.zone(connection)
        if run.state == "posted":
            return AGAIN
        if not run.is_approved or run.month is None or day_of(now, zone) < run.pay_on:
            raise refuse("run_not_ready")
        coops.require_open(place)
        why = MONTH if payrun.is_stale(run.month, month_of(now, zone)) else ""
        if not why and not paylines.still_carried(connection, run):
            why = OVERPAID
        if why:
            payruns.give_back(connection, run, why)
            paylines.forget(connection, run.id)
            notices.done(connection, payruns.page_of(coop, run.id), now)
            _ask(connection, run, "run_back", now)
            return why
        is_first = payruns.mark_posted(connection, run, now)
        assert is_first, "its row is locked, and it was not posted"
        for handle in paylines.without_wallet(connection, run.id):
            people.with_wallet(connection, handle, now)
        order = RunOrder(run.id, run.key, now, run.month, run.coop_id, run.account_id)
        try:
            ledger.post_run(connection, order, charters.standing(connection, kit.charter, now))
        except Refusal as refusal:
            raise _unpaid() if refusal.code == "insufficient_funds" else refusal from None
        notices.done(connection, payruns.page_of(coop, run.id), now)
        notices.tell_of_run(connection, run.id, place.name, now)
        return POSTED

    return write(kit.engine, work)


def post_due(kit: Kit) -> list[tuple[str, int, str]]:
    """Post every run that two stewards have signed and whose pay date has come; tell stewards of what is not paid.

    Give each as co-op, number and how it ended: as `post` says, or the code of what refused it.
    """
    with reading(kit.engine) as connection:
        due = payrun_view.due(connection, day_of(kit.clock(), federation.zone(connection)))
    return [(coop, run_id, _ended(kit, coop, run_id)) for coop, run_id in due]


def facts(connection: sa.Connection, run: PayRun, lines: Sequence[PayRunLine], now: datetime) -> PayRunFacts:
    """Gather what decides whether a run may be submitted."""
    res = sum(line.split.res_minor for line in lines)
    short = max(0, res - coops.reach(connection, run.coop_id)) if res else 0
    floor = paybounds.floor_of(connection, run.coop_id)
    today = _today(connection, now)
    return PayRunFacts(len(lines), run.pay_on, today, floor is not None, run.coop_is_open, short, run.month)


def _ended(kit: Kit, coop: str, run_id: int) -> str:
    try:
        return post(kit, coop, run_id)
    except Refusal as refusal:
        if refusal.code == "insufficient_funds":
            _tell_that_it_waits(kit, coop, run_id)
        return refusal.code


def _tell_that_it_waits(kit: Kit, coop: str, run_id: int) -> None:
    """Ask a co-op's stewards to look at a run that could not be paid, once for as long as it waits."""

    def work(connection: sa.Connection) -> None:
        now = kit.clock()
        run = payruns.find(connection, coop, run_id, lock=True)
        # Whoever pressed meanwhile may have paid it or sent it back.
        if run.is_approved and not notices.asks(connection, "run_waits", payruns.page_of(coop, run_id), now):
            _ask(connection, run, "run_waits", now)

    write(kit.engine, work)


def _ask(
    connection: sa.Connection,
    run: PayRun,
    kind: str,
    now: datetime,
    *,
    but: Serving | None = None,
    only: str | None = None,
    until: datetime = notices.UNTIL_DONE,
) -> None:
    """Ask the stewards of a run's co-op, `but` one of them or `only` the one of this handle, to look at the run."""
    stewards = roles.serving(connection, run.coop_id, "steward", now).values()
    asked = [each.id for each in stewards if each != but and only in (None, each.handle)]
    name, page = coops.known(connection, run.coop).name, payruns.page_of(run.coop, run.id)
    notices.ask(connection, asked, kind, now, name, page, until)


def _mine(connection: sa.Connection, kit: Kit, coop: str, run_id: int, by: str) -> tuple[PayRun, Serving]:
    """Give a run and the steward of its co-op called `by`, whose role has begun.

    Locks:  the steward, then the run, until commit.
    """
    steward = roles.require_steward(connection, coops.known(connection, coop).id, by, kit.clock())
    return payruns.find(connection, coop, run_id, lock=True), steward


def _approves_alone() -> Refusal:
    sentence = _(
        "The second must be somebody else. You submitted this run. No money moved. Another steward approves it."
    )
    return refuse("second_person", sentence)


def _unpaid() -> Refusal:
    sentence = _(
        "This run is approved and not paid: the co-op’s credit line does not bear it. No money moved. Look at how much "
        "is missing."
    )
    return refuse("insufficient_funds", sentence)


def _require_to_come(connection: sa.Connection, pay_on: str, now: datetime) -> None:
    if pay_on < _today(connection, now):
        raise refuse("bad_form", _("That day is over. Nothing was changed. Choose today or a later day."))


def _today(connection: sa.Connection, now: datetime) -> str:
    return day_of(now, federation.zone(connection))
