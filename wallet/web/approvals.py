"""Approvals: what waits for the viewer's yes as a second person, wherever they serve, and disputes to decide."""

from dataclasses import dataclass

import sqlalchemy as sa

from wallet.domain import payrun
from wallet.services import ballots
from wallet.store import disputes, proposals, second_persons
from wallet.store.ballots import page as ballot_page
from wallet.store.disputes import Dispute
from wallet.store.dividends import PAGE as DIVIDEND
from wallet.store.payruns import page_of
from wallet.store.proposals import Proposal
from wallet.store.views import ballots as ballot_view
from wallet.store.views import dividends, payruns
from wallet.web import charter_words, charters
from wallet.web.current import Viewer, kit
from wallet.web.today import this_day


@dataclass(frozen=True, slots=True)
class Approval:
    """Hold one act that waits, by its kind: a run, one unpaid, a dividend, a ballot, a dispute or that of a proposal.

    `page` is where one says yes; `about` is the run's pay date, the dividend's period, what the ballot is on, or the
    dispute or the proposal itself. `by_name` is "" where the page alone says who began it, `coop_name` None where it is
    the federation's.
    """

    kind: str
    page: str
    about: str | Proposal | Dispute
    by_name: str = ""
    coop_name: str | None = None


def asked_of(connection: sa.Connection, who: Viewer) -> list[Approval]:
    """List what waits for a person who serves as steward or facilitator; what they began waits for somebody else."""
    at = [coop for role, coop in who.roles if role == "steward" and coop is not None]
    if not at and not who.is_facilitator:
        return []
    found = _runs(connection, who, at)
    found += _proposals(connection, who, at)
    if who.is_facilitator:
        found += _of_federation(connection, who) + _disputes(connection, who, at)
    return found


def _runs(connection: sa.Connection, who: Viewer, at: list[str]) -> list[Approval]:
    today = this_day().isoformat()
    found = [
        Approval("run", page_of(one.coop, one.id), one.pay_on, one.by_name, one.coop_name)
        for one in payruns.waiting(connection, at)
        if one.by != who.handle and not payrun.is_stale(one.month, today[:7])
    ]
    return found + [
        Approval("unpaid", page_of(one.coop, one.id), one.pay_on, "", one.coop_name)
        for one in payruns.unpaid(connection, at, today)
    ]


def _proposals(connection: sa.Connection, who: Viewer, at: list[str]) -> list[Approval]:
    now = kit().clock()
    waiting = proposals.waiting(connection, now, None if who.is_facilitator else at)
    return [
        Approval(one.kind, proposals.page(one.id), one, one.by_name, one.coop_name)
        for one in second_persons.asked(connection, who.handle, waiting, now)
        if not one.rests
    ]


def _of_federation(connection: sa.Connection, who: Viewer) -> list[Approval]:
    run = dividends.draft(connection)
    least = ballots.shortest(kit(), charters.this_month(connection)).days
    found = [
        Approval("ballot", ballot_page(one.id), charter_words.name_of(one.parameter))
        for one in ballot_view.proposed(connection)
        if one.proposed_by != who.person_id and one.open_days >= least
    ]
    if run is not None and run.approved_at is None and run.drafted_by != who.handle:
        found.append(Approval("dividend", DIVIDEND, run.label, run.drafted_by_name or ""))
    return found


def _disputes(connection: sa.Connection, who: Viewer, at: list[str]) -> list[Approval]:
    return [
        Approval("dispute", f"/disputes/{one.ref}", one, one.member_name, one.coop_name)
        for one in disputes.to_decide(connection, who.handle, at, kit().clock())
    ]
