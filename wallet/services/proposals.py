"""Proposals: acts of the office that take two people, one who proposes and another who agrees.

Who may not propose an act, whichever it is, is refused it as `not_allowed`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import uuid4

import sqlalchemy as sa

from wallet.domain.money import MAX_MINOR
from wallet.domain.names import searchable
from wallet.domain.period import date_of
from wallet.domain.proposal import KINDS
from wallet.domain.secret import digest_of, drawn
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import agreed, buyers, federation, invitations, keys, notices, people, proposals, second_persons
from wallet.store.agreed import Act
from wallet.store.engine import write
from wallet.store.keys import Made
from wallet.store.proposals import Proposal

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what came of it: whether it is done, the token of an invitation that it made, if it was asked before."""

    done: bool
    token: str | None = None
    replayed: bool = False


def admit(kit: Kit, by: str, name: str, credit_line_minor: int, *, need: str = "other", place: str = "") -> Outcome:
    """Propose to admit a new co-op; while it waits, none waits whose name is read alike.

    Raises: Refusal name_taken, already_waiting, second_person.
    """
    content = {"name": name, "need": need, "place": place, "line_minor": credit_line_minor}
    # No slug has a space: it is about none that may be admitted again.
    return _propose(kit, by, "admit", f"new {searchable(name)}", content)


def admit_again(kit: Kit, by: str, slug: str, credit_line_minor: int) -> Outcome:
    """Propose to admit a co-op again that has left.

    Raises: Refusal unknown_coop, not_allowed if it is in, already_waiting, second_person.
    """
    return _propose(kit, by, "admit", slug, {"slug": slug, "line_minor": credit_line_minor})


def change_line(kit: Kit, by: str, slug: str, credit_line_minor: int) -> Outcome:
    """Propose another credit line for a co-op.

    Raises: Refusal unknown_coop, account_not_open, already_waiting, second_person.
    """
    return _propose(kit, by, "line", slug, {"slug": slug, "line_minor": credit_line_minor})


def suspend(kit: Kit, by: str, slug: str, reason: str) -> Outcome:
    """Propose to suspend a co-op: it gives back, and neither charges nor pays, until this is lifted.

    Raises: Refusal unknown_coop, account_not_open, already_waiting, second_person.
    """
    return _propose(kit, by, "suspend", slug, {"slug": slug, "reason": reason})


def lift(kit: Kit, by: str, slug: str) -> Outcome:
    """Propose to lift a co-op's suspension.

    Raises: Refusal unknown_coop, not_suspended, already_waiting, second_person.
    """
    return _propose(kit, by, "lift", slug, {"slug": slug})


def let_go(kit: Kit, by: str, slug: str) -> Outcome:
    """Propose that a co-op leaves.

    Raises: Refusal unknown_coop, account_not_open, already_waiting, second_person.
    """
    return _propose(kit, by, "leave", slug, {"slug": slug})


def add_facilitator(kit: Kit, by: str, name: str, *, key: str | None = None) -> Outcome:
    """Propose to invite a facilitator; the same key gives whoever is alone the same link again.

    Raises: Refusal already_waiting, invitation_spent when the key's link works no more.
    """
    return _propose(kit, by, "facilitator", name, {"name": name}, key=key)


def give_role(kit: Kit, by: str, coop: str, handle: str, role: str) -> Outcome:
    """Propose that a worker of a co-op serves it as cashier or steward.

    Raises: Refusal unknown_coop, account_not_open of one that has left, unknown_member, bad_form, already_waiting.
    """
    return _propose(kit, by, "role", f"{coop} {handle} {role}", {"handle": handle, "role": role}, coop)


def invite_to_serve(kit: Kit, by: str, coop: str, name: str, role: str, *, key: str | None = None) -> Outcome:
    """Propose to invite somebody who is not here yet as a worker of a co-op who serves it as cashier or steward.

    The same key gives whoever is alone the same link again.
    Raises: Refusal unknown_coop, account_not_open, bad_form, already_waiting, invitation_spent when the key's link
            works no more.
    """
    return _propose(kit, by, "invite", f"{coop} {name} {role}", {"name": name, "role": role}, coop, key=key)


def end_role(kit: Kit, by: str, coop: str, handle: str, role: str) -> Outcome:
    """Propose that somebody no longer serves a co-op as cashier or steward.

    Raises: Refusal unknown_coop, account_not_open of one that has left, unknown_member, bad_form, already_waiting,
            second_person.
    """
    return _propose(kit, by, "end_role", f"{coop} {handle} {role}", {"handle": handle, "role": role}, coop)


def end_facilitator(kit: Kit, by: str, handle: str) -> Outcome:
    """Propose that somebody, who may be oneself, no longer facilitates.

    Raises: Refusal unknown_member, not_allowed for the last one, already_waiting, second_person.
    """
    return _propose(kit, by, "end_facilitator", handle, {"handle": handle})


def end_work(kit: Kit, by: str, coop: str, handle: str) -> Outcome:
    """Propose that somebody no longer works at a co-op; what they serve it as ends with it.

    Raises: Refusal unknown_coop, unknown_member, already_waiting, second_person.
    """
    return _propose(kit, by, "end_work", f"{coop} {handle}", {"handle": handle, "coop": coop}, coop)


def recover(kit: Kit, by: str, coop: str, handle: str) -> Outcome:
    """Propose that somebody whom the co-op has before it gets a way back into their wallet; its owner is told.

    Raises: Refusal unknown_coop, account_not_open of one that has left, unknown_member, not_allowed for oneself,
            already_waiting, second_person.
    """
    if handle == by:
        raise refuse(
            "not_allowed",
            _("Nobody vouches for themselves. Nothing was changed. Ask another steward to propose it for you."),
        )
    return _propose(kit, by, "recover", f"{coop} {handle}", {"handle": handle}, coop)


def put_in(kit: Kit, by: str, coop: str, amount_minor: int, *, key: str) -> Outcome:
    """Propose that a co-op puts RES into the federation's pool; another of its stewards agrees. Safe to send twice.

    Sent again with its key it is the same proposal, whatever the other has said.
    Raises: Refusal bad_amount, unknown_coop, account_not_open, insufficient_funds, not_allowed, already_waiting,
            second_person, key_reused.
    Locks:  the key, from when the proposal stands until commit.
    """
    if amount_minor <= 0:
        raise refuse("bad_amount")
    content = {"slug": coop, "amount_minor": amount_minor, "key": str(uuid4())}

    def work(connection: sa.Connection) -> Outcome:
        person = people.find(connection, by)
        if person is None:
            raise refuse("not_allowed")
        request = f"person:{person.id}", key, keys.digest_of("put in", coop, amount_minor)
        again = Outcome(False, replayed=True)
        if keys.find(connection, *request) is not None:
            return again
        try:
            with connection.begin_nested():
                number, outcome = _begun(connection, kit, by, "fund", coop, content, coop)
                if keys.claim(connection, *request, Made("proposal", str(number)), kit.clock()) is not None:
                    raise refuse("already_waiting")
        except Refusal as refusal:
            # Of two that came at once with one key, the other was first.
            if refusal.code != "already_waiting" or keys.find(connection, *request) is None:
                raise
            return again
        return outcome

    return write(kit.engine, work)


def declare(kit: Kit, by: str, coop: str, worth_minor: int, meeting_on: date) -> Outcome:
    """Propose to declare what a co-op owns, in cash, as its meeting approved it; another of its stewards agrees.

    Raises: Refusal bad_amount, bad_form for a meeting that is still to come, unknown_coop, account_not_open,
            already_waiting, second_person.
    """
    if not 0 <= worth_minor <= MAX_MINOR:
        raise refuse("bad_amount")

    def work(connection: sa.Connection) -> Outcome:
        if meeting_on > date_of(kit.clock(), federation.zone(connection)):
            raise refuse(
                "bad_form", _("That meeting is still to come. Nothing was declared. Write the day on which it was.")
            )
        content = {"slug": coop, "worth_minor": worth_minor, "meeting_on": meeting_on.isoformat()}
        return _begun(connection, kit, by, "declare", coop, content, coop)[1]

    return write(kit.engine, work, keyed=False)


def agree(kit: Kit, by: str, proposal_id: int, *, key: str | None = None) -> Outcome:
    """Agree to a proposal of somebody else, which carries it out; who agreed to it is answered as the first time.

    Where that made a link, only the same key gives it again.
    Raises: Refusal unknown_proposal, second_person, account_not_open as when it was proposed, already_decided,
            invitation_spent when the key's link works no more, and whatever the act itself refuses.
    Locks:  the co-op that it is about, who agrees and whom it is about, the proposal, then what the act itself locks,
            until commit.
    """
    token = _token(key, f"{by} agrees {proposal_id}")
    told: list[str] = []

    def work(connection: sa.Connection) -> Outcome:
        if invitations.made_before(connection, digest_of(token), kit.clock()):
            return Outcome(True, token, replayed=True)
        found = _known(connection, kit, proposal_id, by)
        if found.decider == by and found.state == "done" and not found.traits.makes_link:
            return Outcome(True, replayed=True)
        agreed.hold(connection, by, found.kind, found.content, found.coop)
        told[:] = agreed.topics(connection, found, kit.clock())
        if by not in second_persons.may_agree(connection, found, kit.clock()):
            raise refuse("second_person")
        if found.coop is not None:
            # It may have stopped since this was proposed: an invitation made now would be barred.
            agreed.place(connection, found.kind, found.coop)
        # A way back that was stopped since is known by the instant that its link shares with the yes.
        now = kit.clock()
        _decided(connection, found, "done", by, now)
        act = Act(found.kind, found.coop_id, found.content, by, now, kit.deployment, token)
        return Outcome(True, agreed.carry_out(connection, act))

    outcome = _or_again(lambda: write(kit.engine, work, keyed=False))
    kit.hint(*told)
    return outcome


def drop(kit: Kit, by: str, proposal_id: int) -> None:
    """Decline a proposal of somebody else, or take back one's own; who did so is answered as the first time.

    Raises: Refusal unknown_proposal, second_person for whom it is about, already_decided.
    """

    def work(connection: sa.Connection) -> list[str]:
        found = _known(connection, kit, proposal_id, by)
        if found.decider == by and found.state in ("withdrawn", "declined"):
            return []
        # Who is to lose a role would keep it by declining each time.
        if by != found.by and by not in second_persons.may_agree(connection, found, kit.clock()):
            raise refuse("second_person", _("This is about yourself: others decide about it. Nothing was changed."))
        _decided(connection, found, "withdrawn" if found.by == by else "declined", by, kit.clock())
        if found.kind == "supply":
            buyers.note_none(connection, found.content["bill"])
        return agreed.topics(connection, found, kit.clock())

    kit.hint(*_or_again(lambda: write(kit.engine, work, keyed=False)))


def _known(connection: sa.Connection, kit: Kit, proposal_id: int, by: str) -> Proposal:
    found = proposals.find(connection, proposal_id)
    if found is None or by not in proposals.who_could(connection, found.coop_id, kit.clock(), found.kind):
        raise refuse("unknown_proposal")
    return found


def _decided(connection: sa.Connection, proposal: Proposal, state: str, by: str, now: datetime) -> None:
    person = people.find(connection, by)
    assert person is not None
    if not proposals.decide(connection, proposal.id, state, person.id, now):
        raise refuse("already_decided")
    notices.done(connection, proposals.asked_on(proposal.id, proposal.kind, proposal.content), now)


def _token(key: str | None, what: str) -> str:
    """Draw the token of a link from a key, which is random and kept nowhere; without one it is drawn anew."""
    return drawn(key or str(uuid4()), what)


def _or_again(work: Callable[[], Done]) -> Done:
    """Do it; of two presses at once the second then finds what the first has done."""
    try:
        return work()
    except Refusal as refusal:
        if refusal.code != "already_decided":
            raise
        return work()


def _propose(
    kit: Kit,
    by: str,
    kind: str,
    subject: str,
    content: dict[str, Any],
    coop: str | None = None,
    *,
    key: str | None = None,
) -> Outcome:
    token = _token(key, f"{by} {kind} {subject}")

    def work(connection: sa.Connection) -> Outcome:
        if invitations.made_before(connection, digest_of(token), kit.clock()):
            return Outcome(True, token, replayed=True)
        return _begun(connection, kit, by, kind, subject, content, coop, token)[1]

    return _or_again(lambda: write(kit.engine, work, keyed=False))


def _begun(
    connection: sa.Connection,
    kit: Kit,
    by: str,
    kind: str,
    subject: str,
    content: dict[str, Any],
    coop: str | None,
    token: str = "",
) -> tuple[int, Outcome]:
    agreed.hold(connection, by, kind, content, coop)
    now = kit.clock()
    place = None if coop is None else agreed.place(connection, kind, coop).id
    could = proposals.who_could(connection, place, now, kind)
    person = people.find(connection, by)
    if person is None or by not in could:
        raise refuse("not_allowed")
    act = Act(kind, place, content, by, now, kit.deployment, token)
    agreed.look_ahead(connection, act)
    named = agreed.named(connection, kind, content, now)
    others = frozenset(second_persons.others(could, by, content))
    if not others and not KINDS[kind].alone:
        raise refuse("second_person")
    # Whose role rests for a while is the second person all the same; a co-op's first steward is one once they begin.
    waits_for = others or second_persons.others(proposals.who_rests(connection, place, now, kind), by, content)
    row = {"kind": kind, "subject": subject, "coop_id": place, "proposed_by": person.id, "proposed_at": now}
    if kind == "recover":
        owner = people.find(connection, content["handle"])
        assert owner is not None
        notices.tell(connection, owner.id, "way_back_asked", now)
    if waits_for:
        waits = proposals.add(connection, row | {"state": "waiting"}, named)
        nearest = sorted(second_persons.nearest(connection, others, place, now))
        asked = [people.holder(connection, handle).id for handle in nearest]
        notices.ask(connection, asked, "second", now, person.name, proposals.page(waits))
        return waits, Outcome(False)
    number = proposals.add(connection, row | {"state": "done", "decided_at": now}, named)
    return number, Outcome(True, agreed.carry_out(connection, act))
