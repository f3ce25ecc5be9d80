"""Notices: what changed about a person's ways in; what moved in their wallet, waits for their answer or was voted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from wallet.domain.lately import AHEAD
from wallet.store.tables import ballot_places, ballots, coops, dividend_lines, notices, own_set, pay_lines, people

SHOWN = 10
# Of money: as many as one reads through.
SHOWN_OF_MONEY = 50
ACCESS, MONEY = "access", "money"
# Until when something asks that asks until somebody has done it.
UNTIL_DONE = datetime(9999, 12, 31, tzinfo=UTC)

_insert = sa.insert(notices)
_insert_paid = sa.insert(notices).from_select(
    ["person_id", "topic", "kind", "about", "amount_minor", "link", "at"],
    sa.select(
        pay_lines.c.person_id,
        sa.literal(MONEY),
        sa.literal("paid"),
        sa.bindparam("coop_name", type_=sa.Text),
        pay_lines.c.res_minor,
        sa.literal("/slips/") + pay_lines.c.ref,
        sa.bindparam("now", type_=notices.c.at.type),
    ).where(pay_lines.c.run_id == sa.bindparam("of_run")),
)
_insert_shared = sa.insert(notices).from_select(
    ["person_id", "topic", "kind", "about", "amount_minor", "link", "at"],
    sa.select(
        dividend_lines.c.person_id,
        sa.literal(MONEY),
        sa.literal("dividend"),
        sa.literal(""),
        dividend_lines.c.by_basis_minor + dividend_lines.c.by_hours_minor,
        sa.literal("/receipts/") + dividend_lines.c.ref,
        sa.bindparam("now", type_=notices.c.at.type),
    ).where(dividend_lines.c.run_id == sa.bindparam("of_run"), dividend_lines.c.ref.is_not(None)),
)
# Once for who has several places.
_insert_asked = sa.insert(notices).from_select(
    ["person_id", "topic", "kind", "about", "link", "at", "until_at"],
    sa.select(
        ballot_places.c.person_id,
        sa.literal(MONEY),
        sa.bindparam("of_kind", type_=sa.Text),
        sa.literal(""),
        sa.bindparam("to_page", type_=sa.Text),
        sa.bindparam("now", type_=notices.c.at.type),
        sa.bindparam("until", type_=notices.c.until_at.type),
    )
    .where(ballot_places.c.ballot_id == sa.bindparam("of_ballot"))
    .group_by(ballot_places.c.person_id)
    .order_by(ballot_places.c.person_id),
)
_insert_workers = sa.insert(notices).from_select(
    ["person_id", "topic", "kind", "about", "link", "at"],
    sa.select(
        own_set.c.person_id,
        sa.literal(MONEY),
        sa.bindparam("of_kind", type_=sa.Text),
        coops.c.name,
        sa.literal("/"),
        sa.bindparam("now", type_=notices.c.at.type),
    )
    .join(coops, coops.c.id == own_set.c.coop_id)
    .where(own_set.c.coop_id == sa.bindparam("of_coop"), own_set.c.is_member),
)
_mine = sa.and_(notices.c.person_id == sa.bindparam("of_person"), notices.c.topic == sa.bindparam("on_topic"))
_last = (
    sa.select(
        notices.c.kind,
        notices.c.about,
        notices.c.at,
        notices.c.seen_at,
        notices.c.amount_minor,
        notices.c.link,
        notices.c.until_at,
    )
    .where(_mine)
    .order_by(notices.c.at.desc(), notices.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_now = sa.bindparam("now", type_=notices.c.at.type)
_ahead = sa.bindparam("ahead", type_=notices.c.at.type)
# What is further ahead happened before the clock was set back.
_see = (
    sa.update(notices)
    .where(
        _mine,
        sa.or_(
            sa.and_(notices.c.seen_at.is_(None), notices.c.at <= _now),
            sa.and_(notices.c.at > _ahead, sa.func.coalesce(notices.c.seen_at, notices.c.at) > _ahead),
        ),
    )
    .values(seen_at=_now)
)
_done = (
    sa.update(notices)
    .where(notices.c.link == sa.bindparam("to_page"), notices.c.until_at.is_not(None), notices.c.until_at > _now)
    .values(until_at=_now)
)
_may_vote = (
    sa.select(ballot_places.c.ballot_id)
    .join(
        own_set, sa.and_(own_set.c.person_id == ballot_places.c.person_id, own_set.c.coop_id == ballot_places.c.coop_id)
    )
    .join(coops, coops.c.id == ballot_places.c.coop_id)
    .where(
        ballot_places.c.person_id == notices.c.person_id,
        sa.literal("/ballots/") + sa.cast(ballot_places.c.ballot_id, sa.Text) == notices.c.link,
        ~ballot_places.c.voted,
        own_set.c.is_member,
        coops.c.status != "left",
    )
    .correlate(notices)
    .exists()
)
_of_coop = sa.select(ballot_places.c.person_id).where(
    ballot_places.c.coop_id == sa.bindparam("at_coop", type_=sa.BigInteger)
)
# Over since it was asked, so that nothing keeps when somebody voted.
_no_vote = (
    sa.update(notices)
    .where(notices.c.topic == MONEY, notices.c.kind == "ballot_open", notices.c.until_at > _now, ~_may_vote)
    .values(until_at=notices.c.at)
)
_closes_at = (
    sa.select(ballots.c.closes_at)
    .where(
        sa.literal("/ballots/") + sa.cast(ballots.c.id, sa.Text) == notices.c.link,
        ballots.c.state == "open",
        ballots.c.closes_at > _now,
    )
    .correlate(notices)
)
_vote = (
    sa.update(notices)
    .where(notices.c.topic == MONEY, notices.c.kind == "ballot_open", _closes_at.exists(), _may_vote)
    .values(until_at=_closes_at.scalar_subquery())
)
_vote_of = _vote.where(notices.c.person_id == sa.bindparam("of_person"))
_vote_at = _vote.where(notices.c.person_id.in_(_of_coop))
_no_vote_of = _no_vote.where(notices.c.person_id == sa.bindparam("of_person"))
_no_vote_at = _no_vote.where(notices.c.person_id.in_(_of_coop))
_asking = sa.select(
    sa.exists().where(
        notices.c.link == sa.bindparam("to_page"), notices.c.kind == sa.bindparam("of_kind"), notices.c.until_at > _now
    )
)
_wants = sa.select(people.c.notice_amounts).where(people.c.id == sa.bindparam("of_person"))
_want = (
    sa.update(people).where(people.c.id == sa.bindparam("of_person")).values(notice_amounts=sa.bindparam("to_wanted"))
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold one thing that happened; `about` fills the sentence of its kind.

    Units: `amount_minor` of RES, `link` the address of the page that tells more; both of money alone. `until_at` is
    when what it asks for is done or over, None of what only tells.
    """

    kind: str
    about: str
    at: datetime
    seen_at: datetime | None
    amount_minor: int | None = None
    link: str | None = None
    until_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """Give when what it asks for ends or has ended; None while only somebody who does it ends it."""
        return None if self.until_at == UNTIL_DONE else self.until_at

    def is_over(self, now: datetime) -> bool:
        """Tell whether what it asks for is done, by whomever, or can no longer be done."""
        return self.until_at is not None and now >= self.until_at


def tell(connection: sa.Connection, person_id: int, kind: str, now: datetime, about: str = "") -> None:
    """Leave a notice about a person's ways in, which they see on every device."""
    connection.execute(_insert, {"person_id": person_id, "topic": ACCESS, "kind": kind, "about": about, "at": now})


def tell_of_money(
    connection: sa.Connection,
    person_id: int,
    kind: str,
    now: datetime,
    about: str,
    link: str,
    amount_minor: int | None = None,
    until: datetime | None = None,
) -> None:
    """Leave a notice about a person's money, which leads to the page `link`, and asks for an act there `until` then."""
    row = {"person_id": person_id, "topic": MONEY, "kind": kind, "about": about, "at": now}
    connection.execute(_insert, row | {"link": link, "amount_minor": amount_minor, "until_at": until})


def ask(
    connection: sa.Connection,
    people_ids: Iterable[int],
    kind: str,
    now: datetime,
    about: str,
    link: str,
    until: datetime = UNTIL_DONE,
) -> None:
    """Ask each of these people for an act on the page `link`, until one of them has done it, or it is too late."""
    for person_id in people_ids:
        tell_of_money(connection, person_id, kind, now, about, link, until=until)


def done(connection: sa.Connection, link: str, now: datetime) -> None:
    """Note that nobody needs to do any more what notices ask for that lead to the page `link`."""
    connection.execute(_done, {"to_page": link, "now": now})


def asks(connection: sa.Connection, kind: str, link: str, now: datetime) -> bool:
    """Tell whether anybody is still asked for an act of this kind on the page `link`."""
    return bool(connection.execute(_asking, {"to_page": link, "of_kind": kind, "now": now}).scalar_one())


def tell_of_run(connection: sa.Connection, run_id: int, coop_name: str, now: datetime) -> None:
    """Leave everybody of a pay run a notice that leads to their slip."""
    connection.execute(_insert_paid, {"of_run": run_id, "coop_name": coop_name, "now": now})


def tell_workers(connection: sa.Connection, coop_id: int, kind: str, now: datetime) -> None:
    """Leave everybody who works at a co-op a notice about it, in one statement."""
    connection.execute(_insert_workers, {"of_coop": coop_id, "of_kind": kind, "now": now})


def tell_of_dividend(connection: sa.Connection, run_id: int, now: datetime) -> None:
    """Leave a notice for everybody whom a dividend has paid, in one statement."""
    connection.execute(_insert_shared, {"of_run": run_id, "now": now})


def tell_of_ballot(
    connection: sa.Connection, ballot_id: int, kind: str, now: datetime, until: datetime | None = None
) -> None:
    """Leave everybody on a ballot's roll one notice that leads to it, and asks for their vote `until` then."""
    asked = {"of_ballot": ballot_id, "of_kind": kind, "to_page": f"/ballots/{ballot_id}", "now": now, "until": until}
    connection.execute(_insert_asked, asked)


def ask_no_vote(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """Note that a person's vote is asked no more where they have cast it at every co-op at which they may."""
    connection.execute(_no_vote_of, {"of_person": person_id, "now": now})


def ask_no_vote_at(connection: sa.Connection, coop_id: int, now: datetime) -> None:
    """Note the same of everybody who has a place at a co-op, which has left."""
    connection.execute(_no_vote_at, {"at_coop": coop_id, "now": now})


def ask_vote(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """Note that a person's vote is asked again at the ballots at which they may cast it once more."""
    connection.execute(_vote_of, {"of_person": person_id, "now": now})


def ask_vote_at(connection: sa.Connection, coop_id: int, now: datetime) -> None:
    """Note the same of everybody who has a place at a co-op, which is admitted again."""
    connection.execute(_vote_at, {"at_coop": coop_id, "now": now})


def last(connection: sa.Connection, person_id: int, topic: str = ACCESS) -> tuple[Notice, ...]:
    """List the last things that happened, newest first."""
    asked = {"of_person": person_id, "on_topic": topic, "most": SHOWN if topic == ACCESS else SHOWN_OF_MONEY}
    return tuple(Notice(*row) for row in connection.execute(_last, asked))


def see(connection: sa.Connection, person_id: int, now: datetime, topic: str = ACCESS) -> None:
    """Note that a person has seen what happened up to now."""
    connection.execute(_see, {"of_person": person_id, "on_topic": topic, "now": now, "ahead": now + AHEAD})


def wants_amounts(connection: sa.Connection, person_id: int) -> bool:
    """Tell whether a person wants sums in the list of notices."""
    return bool(connection.execute(_wants, {"of_person": person_id}).scalar_one())


def want_amounts(connection: sa.Connection, person_id: int, wanted: bool) -> None:
    """Put sums into a person's list of notices, or leave them out."""
    connection.execute(_want, {"of_person": person_id, "to_wanted": wanted})
