"""What every page of the desk shows: the proposals that wait, for whom, and what came of the last ones."""

from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from wallet.domain.addresses import segment
from wallet.domain.secret import digest_of
from wallet.services.proposals import Outcome
from wallet.store import coops, invitations, proposals, second_persons
from wallet.store.engine import reading
from wallet.store.proposals import Proposal
from wallet.store.views import office, quilt
from wallet.web.answers import once
from wallet.web.current import kit, signed_in, viewer

# Below a co-op's office, where proposals of these kinds are made.
PAGES = {"fund": "/pool", "declare": "/declarations"}


def shown(connection: sa.Connection, *, coop_id: int | None = None, slug: str | None = None) -> dict[str, Any]:
    """Give what the proposals' cards need: of one co-op's office, of one co-op in the federation, or of all."""
    now = kit().clock()
    waiting = proposals.waiting_on_desk(connection, coop_id, now)
    decided = proposals.decided_on_desk(connection, coop_id)
    if slug is not None:
        waiting, decided = (
            [each for each in found if slug in (each.content.get("slug"), each.coop)] for found in (waiting, decided)
        )
    return {
        "federation": quilt.name(connection),
        "asked": [
            (each, second_persons.may_agree(connection, each, now), second_persons.agree_later(connection, each, now))
            for each in waiting
        ],
        "decided": decided,
        "names": {coop.slug: coop.name for coop in office.all_coops(connection)},
    }


def of_two(connection: sa.Connection, coop: str, kind: str) -> dict[str, Any]:
    """Give what the page of a co-op needs that is about one kind of proposal, and whether nobody could agree to one."""
    place = coops.known(connection, coop).id
    cards = shown(connection, coop_id=place)
    return {
        "coop": office.one_coop(connection, coop),
        "asked": [each for each in cards["asked"] if each[0].kind == kind],
        "decided": [each for each in cards["decided"] if each.kind == kind],
        "names": cards["names"],
        "alone": second_persons.is_alone(connection, signed_in().handle, place, kind, kit().clock()),
    }


def second(connection: sa.Connection) -> dict[str, Any]:
    """Give what a facilitator's page needs to say whether a second one is there: only who serves now can agree."""
    others = [each for each in office.facilitators(connection) if each.id != signed_in().handle]
    resting = [each for each in others if each.since > kit().clock()]
    return {"alone": len(resting) == len(others), "resting": resting}


def went_on(outcome: Outcome, back: str, name: str = "") -> ResponseReturnValue:
    """Answer an act of the desk: with the link of the invitation that it made, else on the page it came from.

    That page says whether it is done or waits for a second person.
    """
    if outcome.token is None:
        page, mark, place = back.partition("#")
        return once(redirect(f"{page}?{'saved' if outcome.done else 'proposed'}=1{mark}{place}", 303), outcome.replayed)
    with reading(kit().engine) as connection:
        opens_at = invitations.find(connection, digest_of(outcome.token), kit().clock()).opens_at
    link = join_link(outcome.token)
    page = render_template("office/link.html", link=link, name=name, back=back, opens_at=opens_at)
    return once((page, 201), outcome.replayed)


def join_link(token: str) -> str:
    """Give the link that an invitation's person opens."""
    return f"{kit().settings.origin}/join/{token}"


def page_of(proposal: Proposal) -> str:
    """Name the page on which the viewer sees a proposal."""
    who = viewer()
    if proposal.kind == "supply":
        return f"/office/{segment(proposal.coop or '')}/bills/{proposal.content['bill']}"
    if proposal.coop is not None and who is not None and who.is_steward_at(proposal.coop):
        return f"/office/{segment(proposal.coop)}{PAGES.get(proposal.kind, '')}"
    return "/federation/people" if is_about_facilitators(proposal) else "/federation"


def is_about_facilitators(proposal: Proposal) -> bool:
    """Tell whether a proposal changes who facilitates."""
    return proposal.kind in ("facilitator", "end_facilitator")
