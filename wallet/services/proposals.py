"""Proposals: acts of the office that take two people, one who proposes and another who agrees."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from wallet.domain.handle import handle_from
from wallet.domain.roles import AT_A_COOP, begins
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import bills, coops, funding, invitations, notices, ownset, people, proposals, supplies
from wallet.store.accounts import set_floor
from wallet.store.engine import write
from wallet.store.proposals import Proposal
from wallet.store.supplies import Request

# Begun by whoever is alone, since nobody is there yet who could agree: it makes the second person.
ALONE = frozenset({"facilitator", "role", "end_role"})
INVITATION_LIVES = timedelta(days=7)
# Long enough that the owner of a wallet sees the notice and can stop who pretends to be them.
WAY_BACK_WAITS = timedelta(hours=24)
WAY_BACK_WAITS_IN_DEMO = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what came of it: whether it is done, and the token of an invitation that it made."""

    done: bool
    token: str | None = None


def admit(
    kit: Kit, by: str, credit_line_minor: int, *, slug: str, name: str = "", need: str = "other", place: str = ""
) -> Outcome:
    """Propose to admit a co-op, or to admit one again that has left.

    Raises: Refusal not_allowed if it is in already, already_waiting, second_person.
    """
    content = {"slug": slug, "name": name, "need": need, "place": place, "line_minor": credit_line_minor}
    return _propose(kit, by, "admit", slug, content)


def change_line(kit: Kit, by: str, slug: str, credit_line_minor: int) -> Outcome:
    """Propose another credit line for a co-op.

    Raises: Refusal unknown_coop, account_not_open, already_waiting, second_person.
    """
    return _propose(kit, by, "line", slug, {"slug": slug, "line_minor": credit_line_minor})


def let_go(kit: Kit, by: str, slug: str) -> Outcome:
    """Propose that a co-op leaves.

    Raises: Refusal unknown_coop, account_not_open, already_waiting, second_person.
    """
    return _propose(kit, by, "leave", slug, {"slug": slug})


def add_facilitator(kit: Kit, by: str, name: str) -> Outcome:
    """Propose to invite a facilitator.

    Raises: Refusal already_waiting.
    """
    return _propose(kit, by, "facilitator", name, {"name": name})


def give_role(kit: Kit, by: str, coop: str, handle: str, role: str) -> Outcome:
    """Propose that a worker of a co-op serves it as cashier or steward.

    Raises: Refusal unknown_coop, unknown_member, bad_form, already_waiting.
    """
    return _propose(kit, by, "role", f"{coop} {handle} {role}", {"handle": handle, "role": role}, coop)


def invite_to_serve(kit: Kit, by: str, coop: str, name: str, role: str) -> Outcome:
    """Propose to invite somebody who is not here yet as a worker of a co-op who serves it as cashier or steward.

    Raises: Refusal unknown_coop, account_not_open, bad_form, already_waiting.
    """
    return _propose(kit, by, "role", f"{coop} {name} {role}", {"name": name, "role": role}, coop)


def end_role(kit: Kit, by: str, coop: str, handle: str, role: str) -> Outcome:
    """Propose that somebody no longer serves a co-op as cashier or steward.

    Raises: Refusal unknown_coop, unknown_member, bad_form, already_waiting.
    """
    return _propose(kit, by, "end_role", f"{coop} {handle} {role}", {"handle": handle, "role": role}, coop)


def recover(kit: Kit, by: str, coop: str, handle: str) -> Outcome:
    """Propose that somebody whom the co-op has before it gets a way back into their wallet; its owner is told.

    Raises: Refusal unknown_coop, unknown_member, not_allowed for oneself, already_waiting, second_person.
    """
    if handle == by:
        raise refuse("not_allowed")
    return _propose(kit, by, "recover", handle, {"handle": handle}, coop)


def put_in(kit: Kit, by: str, coop: str, amount_minor: int) -> Outcome:
    """Propose that a co-op puts RES into the federation's pool; another of its stewards agrees.

    Raises: Refusal bad_amount, unknown_coop, account_not_open, not_allowed, already_waiting, second_person.
    """
    if amount_minor <= 0:
        raise refuse("bad_amount")
    return _propose(kit, by, "fund", coop, {"slug": coop, "amount_minor": amount_minor, "key": str(uuid4())}, coop)


def agree(kit: Kit, by: str, proposal_id: int) -> Outcome:
    """Agree to a proposal of somebody else, which carries it out.

    Raises: Refusal unknown_proposal, second_person, already_decided, and whatever the act itself refuses.
    """

    told: list[str] = []

    def work(connection: sa.Connection) -> Outcome:
        found = _known(connection, kit, proposal_id, by)
        told[:] = _topics(found)
        if by not in may_agree(connection, found, kit.clock()):
            raise refuse("second_person")
        _decided(connection, kit, found, "done", by)
        return Outcome(True, _carried_out(connection, kit, found.kind, found.coop_id, found.content, by))

    outcome = write(kit.engine, work, keyed=False)
    kit.hint(*told)
    return outcome


def drop(kit: Kit, by: str, proposal_id: int) -> None:
    """Decline a proposal of somebody else, or take back one's own.

    Raises: Refusal unknown_proposal, already_decided.
    """

    def work(connection: sa.Connection) -> list[str]:
        found = _known(connection, kit, proposal_id, by)
        _decided(connection, kit, found, "withdrawn" if found.by == by else "declined", by)
        if found.kind == "supply":
            bill = bills.row(connection, found.content["bill"])
            bills.note_buyer(connection, bill.code, None, bill.expires_at)
        return _topics(found)

    kit.hint(*write(kit.engine, work, keyed=False))


def may_agree(connection: sa.Connection, proposal: Proposal, now: datetime) -> dict[str, str]:
    """Name, by handle, those for whom a proposal waits: not who made it, and not whom it is about."""
    could = proposals.who_could(connection, proposal.coop_id, now, proposal.kind)
    left_out = {proposal.by, proposal.content.get("handle")}
    return {handle: name for handle, name in could.items() if handle not in left_out}


def _topics(proposal: Proposal) -> list[str]:
    if proposal.kind != "supply":
        return []
    return [f"till:{proposal.content['till']}", f"bill:{proposal.content['bill']}"]


def _known(connection: sa.Connection, kit: Kit, proposal_id: int, by: str) -> Proposal:
    found = proposals.find(connection, proposal_id)
    if found is None or by not in proposals.who_could(connection, found.coop_id, kit.clock(), found.kind):
        raise refuse("unknown_proposal")
    return found


def _decided(connection: sa.Connection, kit: Kit, proposal: Proposal, state: str, by: str) -> None:
    person = people.find(connection, by)
    assert person is not None
    if not proposals.decide(connection, proposal.id, state, person.id, kit.clock()):
        raise refuse("already_decided")


def _propose(kit: Kit, by: str, kind: str, subject: str, content: dict[str, Any], coop: str | None = None) -> Outcome:
    def work(connection: sa.Connection) -> Outcome:
        now = kit.clock()
        place = None if coop is None else coops.require_open(coops.known(connection, coop)).id
        could = proposals.who_could(connection, place, now, kind)
        person = people.find(connection, by)
        if person is None or by not in could:
            raise refuse("not_allowed")
        _look_ahead(connection, kind, place, content)
        named = _named(connection, content)
        others = set(could) - {by, content.get("handle")}
        if not others and kind not in ALONE:
            raise refuse("second_person")
        row = {"kind": kind, "subject": subject, "coop_id": place, "proposed_by": person.id, "proposed_at": now}
        if kind == "recover":
            owner = people.find(connection, content["handle"])
            assert owner is not None
            notices.tell(connection, owner.id, "way_back_asked", now)
        if others:
            proposals.add(connection, row | {"state": "waiting"}, named)
            return Outcome(False)
        proposals.add(connection, row | {"state": "done", "decided_at": now}, named)
        return Outcome(True, _carried_out(connection, kit, kind, place, content, by))

    return write(kit.engine, work, keyed=False)


def _named(connection: sa.Connection, content: dict[str, Any]) -> dict[str, Any]:
    """Add the name of whom a proposal is about, as those who decide know them."""
    return content | ({"name": people.holder(connection, content["handle"]).name} if "handle" in content else {})


def _look_ahead(connection: sa.Connection, kind: str, place: int | None, content: dict[str, Any]) -> None:
    """Refuse at once what could not be carried out."""
    if kind == "admit":
        known = coops.find(connection, content["slug"])
        if known is not None and known.status != "left":
            raise refuse("not_allowed")
        if known is None and not content["name"]:
            raise refuse("bad_form")
    elif kind in ("line", "leave", "fund"):
        coops.require_open(coops.known(connection, content["slug"]))
    elif kind == "recover":
        if people.find(connection, content["handle"]) is None:
            raise refuse("unknown_member")
    elif kind in ("role", "end_role"):
        if content["role"] not in AT_A_COOP:
            raise refuse("bad_form")
        assert place is not None
        if "handle" not in content:
            return
        person = people.holder(connection, content["handle"])
        if kind == "role" and not ownset.works_at(connection, person.id, place):
            raise refuse("unknown_member")
        if kind == "end_role" and not people.holds(connection, content["handle"], content["role"], place):
            raise refuse("unknown_member")


def _carried_out(
    connection: sa.Connection, kit: Kit, kind: str, place: int | None, content: dict[str, Any], by: str
) -> str | None:
    """Do what a proposal says; give the token of an invitation that it makes."""
    _look_ahead(connection, kind, place, content)
    acts: dict[str, Callable[[], str | None]] = {
        "admit": lambda: _admit(connection, kit, content),
        "line": lambda: _set_line(connection, content),
        "leave": lambda: _leave(connection, kit, content),
        "facilitator": lambda: _invite(connection, kit, by, {"kind": "facilitator", "name": content["name"]}),
        "role": lambda: _serve(connection, kit, place, content, by),
        "supply": lambda: _supply(connection, kit, content),
        "recover": lambda: _way_back(connection, kit, content, by),
        "fund": lambda: _fund(connection, kit, content),
        "end_role": lambda: _revoke(connection, kit, place, content),
    }
    return acts[kind]()


def _admit(connection: sa.Connection, kit: Kit, content: dict[str, Any]) -> None:
    slug, line_minor = content["slug"], content["line_minor"]
    known = coops.find(connection, slug)
    if known is not None:
        coops.readmit(connection, known, line_minor, kit.clock())
        return
    row = {"slug": slug, "name": content["name"], "need": content["need"], "place": content["place"], "mark": slug}
    coops.admit(connection, row | {"admitted_at": kit.clock()}, line_minor)


def _set_line(connection: sa.Connection, content: dict[str, Any]) -> None:
    place = coops.known(connection, content["slug"], lock=True)
    set_floor(connection, place.account_id, -content["line_minor"])


def _leave(connection: sa.Connection, kit: Kit, content: dict[str, Any]) -> None:
    coops.leave(connection, coops.require_open(coops.known(connection, content["slug"], lock=True)), kit.clock())


def _fund(connection: sa.Connection, kit: Kit, content: dict[str, Any]) -> None:
    funding.put_in(connection, content["slug"], content["amount_minor"], content["key"], kit.clock())


def _invite(connection: sa.Connection, kit: Kit, by: str, row: dict[str, Any]) -> str:
    token = secrets.token_urlsafe(32)
    host = people.find(connection, by)
    usual = {"coop_id": None, "person_id": None, "handle": handle_from(row["name"]), "roles": ""}
    made = {
        "token_hash": sha256(token.encode()).hexdigest(),
        "invited_by": host.id if host else None,
        "created_at": kit.clock(),
        "expires_at": kit.clock() + INVITATION_LIVES,
    }
    invitations.add(connection, usual | row | made)
    return token


def _serve(connection: sa.Connection, kit: Kit, place: int | None, content: dict[str, Any], by: str) -> str | None:
    if "handle" not in content:
        row = {"kind": "worker", "coop_id": place, "name": content["name"], "roles": content["role"]}
        return _invite(connection, kit, by, row)
    since = begins(content["role"], kit.clock(), demo=kit.settings.demo)
    person = people.holder(connection, content["handle"])
    people.grant(connection, person.id, content["role"], place, since)
    return None


def _supply(connection: sa.Connection, kit: Kit, content: dict[str, Any]) -> None:
    request = Request("bill", content["bill"], content["bill"], content["buyer"])
    supplies.pay(connection, request, kit.clock())


def _way_back(connection: sa.Connection, kit: Kit, content: dict[str, Any], by: str) -> str:
    person = people.find(connection, content["handle"])
    assert person is not None
    opens = kit.clock() + (WAY_BACK_WAITS_IN_DEMO if kit.settings.demo else WAY_BACK_WAITS)
    # One way back at a time: the newest, which waits anew.
    invitations.stop_ways_back(connection, person.id, kit.clock())
    notices.tell(connection, person.id, "way_back", kit.clock())
    row = {"kind": "person", "person_id": person.id, "name": person.name, "opens_at": opens}
    return _invite(connection, kit, by, row)


def _revoke(connection: sa.Connection, kit: Kit, place: int | None, content: dict[str, Any]) -> None:
    assert place is not None
    person = people.holder(connection, content["handle"])
    people.revoke(connection, person.id, content["role"], place, kit.clock())
