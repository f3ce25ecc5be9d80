"""Rows of disputes: what they are about, how they stand, and what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.dispute import ENDED, PASS_AFTER, is_overdue, may_carry, state_of
from wallet.errors import refuse
from wallet.store.tables import coops, dispute_notes, disputes, halts, pay_lines, people, sale_refunds, transfers
from wallet.store.upserts import claim_row

A_PAGE = 50

_about = transfers.alias("about")
_carried = transfers.alias("carried")
_refunded = sa.func.coalesce(sale_refunds.c.refunded_minor, 0)
_cash_refunded = sa.func.coalesce(sale_refunds.c.cash_refunded_minor, 0)
_while_stopped = sa.exists().where(
    halts.c.at <= disputes.c.opened_at, sa.or_(halts.c.lifted_at.is_(None), halts.c.lifted_at >= disputes.c.opened_at)
)
# Decided for the member and given back whole, wherever that was done; who was not there laid down no cash.
_is_given_back = sa.and_(
    # What nobody has decided is no NULL, of which neither this nor its opposite would be true.
    sa.func.coalesce(disputes.c.ruling, "") == "member",
    disputes.c.state.not_in(tuple(ENDED)),
    _about.c.kind == "sale",
    _refunded >= _about.c.amount_minor,
    sa.or_(disputes.c.kind == "not_me", _cash_refunded >= _about.c.cash_minor),
)
_is_over = sa.or_(disputes.c.state.in_(tuple(ENDED)), _is_given_back)
_all = (
    sa.select(
        disputes,
        _is_given_back.label("is_given_back"),
        _about.c.ref.label("about"),
        _about.c.kind.label("about_kind"),
        _about.c.at.label("about_at"),
        _about.c.amount_minor,
        _about.c.cash_minor,
        _about.c.means,
        _while_stopped.label("while_stopped"),
        _refunded.label("refunded_minor"),
        _cash_refunded.label("cash_refunded_minor"),
        _carried.c.ref.label("carried"),
        sa.func.coalesce(_carried.c.amount_minor, 0).label("carried_minor"),
        coops.c.slug.label("coop"),
        coops.c.name.label("coop_name"),
        coops.c.mark,
        coops.c.status.label("coop_status"),
        people.c.handle.label("member"),
        people.c.counter_name.label("member_name"),
        pay_lines.c.run_id,
    )
    .join(_about, _about.c.id == disputes.c.transfer_id)
    .outerjoin(pay_lines, pay_lines.c.ref == _about.c.ref)
    .outerjoin(_carried, _carried.c.id == disputes.c.carried_id)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == disputes.c.transfer_id)
    .join(coops, coops.c.id == disputes.c.coop_id)
    .join(people, people.c.id == disputes.c.person_id)
)
_one = _all.where(disputes.c.ref == sa.bindparam("of_ref"))
_of_transfer = _all.where(_about.c.ref == sa.bindparam("about"))
_at_coop = _all.where(coops.c.slug == sa.bindparam("at_coop"))
# The longest wait before all.
_going_on = _at_coop.where(sa.not_(_is_over)).order_by(
    disputes.c.waits_since.is_(None), disputes.c.waits_since, disputes.c.id
)
_over = _at_coop.where(_is_over).order_by(disputes.c.id.desc()).limit(A_PAGE + 1)
_over_before = _over.where(disputes.c.id < sa.bindparam("before"))
_for_facilitators = (
    _all.where(
        sa.or_(
            disputes.c.state == "passed",
            sa.and_(disputes.c.state == "open", disputes.c.waits_since <= sa.bindparam("before")),
        ),
        sa.not_(_is_over),
        disputes.c.id > sa.bindparam("after"),
    )
    .order_by(disputes.c.id)
    .limit(A_PAGE + 1)
)
# Nobody decides for a co-op whose steward they are, nor what is their own.
_to_decide = _for_facilitators.where(
    coops.c.slug.not_in(sa.bindparam("at_coops", expanding=True)), people.c.handle != sa.bindparam("of_handle")
)
_uncarried = _all.where(_while_stopped, disputes.c.carried_id.is_(None), sa.not_(_is_over)).order_by(disputes.c.id)
_notes = (
    sa.select(
        dispute_notes.c.side,
        dispute_notes.c.act,
        dispute_notes.c.words,
        dispute_notes.c.at,
        people.c.name,
        dispute_notes.c.person_id,
    )
    .join(people, people.c.id == dispute_notes.c.person_id)
    .where(dispute_notes.c.dispute_id == sa.bindparam("of_id"))
    .order_by(dispute_notes.c.id)
)
_lock = sa.select(disputes.c.id).where(disputes.c.ref == sa.bindparam("of_ref")).with_for_update()
_claim = claim_row(disputes).returning(disputes.c.id)
_say = sa.insert(dispute_notes)
# What no till takes at present rests.
_owes = (
    sa.select(disputes.c.id)
    .join(coops, coops.c.id == disputes.c.coop_id)
    .where(disputes.c.person_id == sa.bindparam("of_person"), disputes.c.state == "owed", coops.c.status == "active")
)


@dataclass(frozen=True, slots=True)
class Said:
    """Hold what somebody said and did, for the member, the co-op or the federation."""

    side: str
    act: str
    words: str
    at: datetime
    name: str
    person_id: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """Hold a dispute as it stands at an instant.

    Units: minor units; `left_minor` and `cash_left_minor` are what can still be given back of a sale, `carried_minor`
    what the co-op gave back until it is settled. `by_code` is of a charge by code, `in_time` of one that was disputed
    within the time in which it is carried, `while_stopped` of what was disputed while payments were stopped. `run_id`
    is the pay run of a line, None of one that no run paid.
    """

    id: int
    ref: str
    kind: str
    state: str
    overdue: bool
    opened_at: datetime
    waits_since: datetime | None
    ruling: str | None
    about: str
    about_kind: str
    about_at: datetime
    amount_minor: int
    cash_minor: int
    left_minor: int
    cash_left_minor: int
    by_code: bool
    in_time: bool
    while_stopped: bool
    carried: str | None
    carried_minor: int
    coop_id: int
    coop: str
    coop_name: str
    mark: str
    coop_status: str
    person_id: int
    member: str
    member_name: str
    run_id: int | None

    @property
    def ended(self) -> bool:
        """Tell whether nothing more is to be done."""
        return self.state in ENDED

    @property
    def is_undecided(self) -> bool:
        """Tell whether nobody has decided it yet, a facilitator or its member by ending it."""
        return not self.ended and self.state != "owed" and self.ruling is None

    @property
    def carried_later(self) -> bool:
        """Tell whether it is carried once payments go on, which were stopped when it was disputed in time."""
        waits = self.while_stopped and self.in_time and self.is_undecided
        return waits and self.carried is None and self.left_minor > 0

    @property
    def rests(self) -> bool:
        """Tell whether it is owed to a co-op that takes no payments at present."""
        return self.state == "owed" and self.coop_status != "active"

    @property
    def may_be_owed(self) -> bool:
        """Tell whether what is carried may come to be owed; decided for the member, it is theirs."""
        return self.carried is not None and self.ruling != "member"

    @property
    def refunded_minor(self) -> int:
        """Give what was given back of the sale so far, RES and cash together."""
        return sum(self.refunded)

    @property
    def refunded(self) -> tuple[int, int]:
        """Give what was given back of the sale so far, RES and cash, carried or not; nothing of a line of pay."""
        if self.about_kind != "sale":
            return 0, 0
        return self.amount_minor - self.left_minor, self.cash_minor - self.cash_left_minor

    @property
    def whole_minor(self) -> tuple[int, int]:
        """Give what is left of the sale and the member's: RES and cash; who was not there laid down no cash."""
        return self.left_minor, 0 if self.kind == "not_me" else self.cash_left_minor


@dataclass(frozen=True, slots=True)
class DisputeTold(Dispute):
    """Hold a dispute with what was said in it, the first before all."""

    said: tuple[Said, ...]

    @property
    def concerns_federation(self) -> bool:
        """Tell whether it is, or ever was, a facilitator's to read."""
        return self.state == "passed" or self.ruling is not None or any(one.act == "passed" for one in self.said)

    @property
    def passed_on(self) -> bool:
        """Tell whether somebody passed it on and no facilitator has decided since; not what the clock passes on."""
        return self._last("passed", "for_member") == "passed"

    @property
    def said_right(self) -> bool:
        """Tell whether the stewards have noted that it is set right, and nobody has said otherwise since."""
        return self._last("right", "wrote", "passed", "for_member") == "right"

    def _last(self, *acts: str) -> str | None:
        return next((one.act for one in reversed(self.said) if one.act in acts), None)


def add(connection: sa.Connection, row: Mapping[str, object]) -> bool:
    """Keep a new dispute; tell whether the transfer was not disputed before."""
    return connection.execute(_claim, row).first() is not None


def say(
    connection: sa.Connection, dispute_id: int, person_id: int, side: str, act: str, words: str, now: datetime
) -> None:
    """Add what somebody said."""
    row = {"dispute_id": dispute_id, "person_id": person_id, "side": side, "act": act, "words": words, "at": now}
    connection.execute(_say, row)


def change(connection: sa.Connection, dispute_id: int, **values: str | int | datetime | None) -> None:
    """Change how a dispute stands; the caller holds its lock."""
    connection.execute(sa.update(disputes).where(disputes.c.id == dispute_id).values(values))


def known(connection: sa.Connection, ref: str, now: datetime, *, lock: bool = False) -> DisputeTold:
    """Give a dispute with what was said.

    Raises: Refusal unknown_dispute.
    Locks:  the dispute until commit, if asked.
    """
    if lock:
        connection.execute(_lock, {"of_ref": ref})
    row = connection.execute(_one, {"of_ref": ref}).first()
    if row is None:
        raise refuse("unknown_dispute")
    said = tuple(Said(**each._mapping) for each in connection.execute(_notes, {"of_id": row.id}))
    found = _read(row, now)
    return DisputeTold(**{each.name: getattr(found, each.name) for each in fields(found)}, said=said)


def about(connection: sa.Connection, ref: str, now: datetime) -> Dispute | None:
    """Give the dispute about the transfer `ref`, if there is one."""
    row = connection.execute(_of_transfer, {"about": ref}).first()
    return None if row is None else _read(row, now)


def going_on(connection: sa.Connection, slug: str, now: datetime) -> list[Dispute]:
    """List the disputes of a co-op that are not over, what waits longest first."""
    return [_read(row, now) for row in connection.execute(_going_on, {"at_coop": slug})]


def over(
    connection: sa.Connection, slug: str, now: datetime, before: int | None = None
) -> tuple[list[Dispute], int | None]:
    """List the disputes of a co-op that are over, the newest first, and where the next page begins."""
    asked = {"at_coop": slug} | ({} if before is None else {"before": before})
    found = connection.execute(_over if before is None else _over_before, asked).all()
    return _page(found, now)


def for_facilitators(connection: sa.Connection, now: datetime, after: int = 0) -> tuple[list[Dispute], int | None]:
    """List what was passed on or waits for stewards for a week, the oldest first, and where the next page begins."""
    return _page(connection.execute(_for_facilitators, {"before": now - PASS_AFTER, "after": after}).all(), now)


def to_decide(connection: sa.Connection, handle: str, at: Sequence[str], now: datetime) -> list[Dispute]:
    """List the oldest of what a facilitator who is a steward of the co-ops `at` may decide."""
    asked = {"before": now - PASS_AFTER, "after": 0, "at_coops": at, "of_handle": handle}
    return _page(connection.execute(_to_decide, asked).all(), now)[0]


def uncarried(connection: sa.Connection, now: datetime) -> list[Dispute]:
    """List what was disputed in time while payments were stopped, and is carried once they go on."""
    return [found for row in connection.execute(_uncarried) if (found := _read(row, now)).carried_later]


def owes(connection: sa.Connection, person_id: int) -> bool:
    """Tell whether a sum that a co-op carried is owed by this person, who can pay it.

    Source: docs/decisions/0029
    """
    return connection.execute(_owes, {"of_person": person_id}).first() is not None


def _page(rows: Sequence[Any], now: datetime) -> tuple[list[Dispute], int | None]:
    return [_read(row, now) for row in rows[:A_PAGE]], rows[A_PAGE - 1].id if len(rows) > A_PAGE else None


def _read(row: Any, now: datetime) -> Dispute:
    state = "refunded" if row.is_given_back else state_of(row.state, row.waits_since, now)
    is_sale = row.about_kind == "sale"
    return Dispute(
        id=row.id,
        ref=row.ref,
        kind=row.kind,
        state=state,
        overdue=is_overdue(state, row.waits_since, now),
        opened_at=row.opened_at,
        waits_since=row.waits_since,
        ruling=row.ruling,
        about=row.about,
        about_kind=row.about_kind,
        about_at=row.about_at,
        amount_minor=row.amount_minor,
        cash_minor=row.cash_minor,
        left_minor=row.amount_minor - row.refunded_minor if is_sale else 0,
        cash_left_minor=row.cash_minor - row.cash_refunded_minor if is_sale else 0,
        by_code=row.means == "code",
        in_time=may_carry(row.means, row.about_at, row.opened_at),
        while_stopped=row.while_stopped,
        carried=row.carried,
        carried_minor=row.carried_minor,
        coop_id=row.coop_id,
        coop=row.coop,
        coop_name=row.coop_name,
        mark=row.mark,
        coop_status=row.coop_status,
        person_id=row.person_id,
        member=row.member,
        member_name=row.member_name,
        run_id=row.run_id,
    )
