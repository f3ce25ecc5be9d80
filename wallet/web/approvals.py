"""Approvals: what waits for the viewer's yes as a second person, wherever they serve."""

from dataclasses import dataclass

import sqlalchemy as sa

from wallet.services import ballots, dividends
from wallet.services import proposals as acts
from wallet.store import ballot_view, dividend_view, payrun_view, proposals
from wallet.store.payruns import page_of
from wallet.store.proposals import Proposal
from wallet.web import charter_words
from wallet.web.current import Viewer, kit


@dataclass(frozen=True, slots=True)
class Approval:
    """Hold one act that waits: a run, a dividend, a ballot or a proposal, and the page on which its yes is said.

    `about` is the run's pay date, the dividend's period, what the ballot is on, or the proposal itself. `by_name` is ""
    where the page alone says who began it, `coop_name` None where it is the federation's.
    """

    kind: str
    page: str
    about: str | Proposal
    by_name: str = ""
    coop_name: str | None = None


def asked_of(connection: sa.Connection, who: Viewer) -> list[Approval]:
    """List what waits for a person who serves as steward or facilitator; what they began waits for somebody else."""
    found = []
    if who.is_steward:
        runs = payrun_view.waiting_for(connection, who.handle, kit().clock())
        found += [Approval("run", page_of(one.coop, one.id), one.pay_on, one.by_name, one.coop_name) for one in runs]
    if who.is_steward or who.is_facilitator:
        found += _proposals(connection, who)
    if who.is_facilitator:
        run = dividend_view.draft(connection)
        if run is not None and run.approved_at is None and run.drafted_by != who.handle:
            found.append(Approval("dividend", dividends.PAGE, run.label, run.drafted_by_name or ""))
        found += [
            Approval("ballot", ballots.page(one.id), charter_words.name_of(one.parameter))
            for one in ballot_view.proposed(connection)
            if one.proposed_by != who.person_id
        ]
    return found


def _proposals(connection: sa.Connection, who: Viewer) -> list[Approval]:
    """List the proposals that ask for somebody's yes; what a bill waits for says home by itself, with its end."""
    now = kit().clock()
    return [
        Approval("proposal", proposals.page(one.id), one, one.by_name, one.coop_name)
        for one in proposals.waiting(connection)
        if one.kind != "supply" and _concerns(one, who) and who.handle in acts.asks(connection, one, now)
    ]


def _concerns(proposal: Proposal, who: Viewer) -> bool:
    return who.is_facilitator or (proposal.coop is not None and who.is_steward_at(proposal.coop))
