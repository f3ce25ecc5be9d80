"""What two people have agreed on: whether it could be done as things stand, and doing it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wallet.domain.handle import handle_from
from wallet.domain.names import searchable
from wallet.domain.roles import AT_A_COOP, begins
from wallet.domain.secret import digest_of
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.store import (
    coops,
    declarations,
    facilitators,
    invitations,
    notices,
    ownset,
    people,
    pool,
    proposals,
    roles,
    supplies,
    suspensions,
    tillkeys,
)
from wallet.store.accounts import set_floor
from wallet.store.coops import Coop
from wallet.store.invitations import Invited
from wallet.store.proposals import Proposal
from wallet.store.supplies import Request

# Long enough that the owner of a wallet sees the notice and can stop who pretends to be them.
WAY_BACK_WAITS = timedelta(hours=24)
WAY_BACK_WAITS_IN_DEMO = timedelta(seconds=10)
# What changes whether a co-op's tills may charge.
STANDING = frozenset({"admit", "suspend", "lift", "leave"})


@dataclass(frozen=True, slots=True)
class Act:
    """Hold what is to be done: its kind, the co-op of a role, its content, who is the last to say so, and when.

    `token` is that of the link, if it makes an invitation; it is kept nowhere.
    """

    kind: str
    coop_id: int | None
    content: dict[str, Any]
    by: str
    now: datetime
    demo: bool
    token: str


def place(connection: sa.Connection, kind: str, coop: str, content: dict[str, Any]) -> Coop:
    """Give the co-op that a proposal is about.

    A suspended one may still choose who serves it, and help its members; each lets members go, whether it is in or not.
    Raises: Refusal unknown_coop, account_not_open.
    """
    found = coops.known(connection, coop)
    if kind == "end_work":
        return found
    if found.status == "suspended" and proposals.goes_on_suspended(kind, content):
        return found
    if kind == "fund":
        return coops.require_open(found)
    return coops.require_inviting(found) if kind == "role" and "handle" not in content else coops.require_active(found)


def topics(connection: sa.Connection, proposal: Proposal, now: datetime) -> list[str]:
    """Name what open screens watch that show what is about to change."""
    if proposal.kind == "supply":
        return [f"till:{proposal.content['till']}", f"bill:{proposal.content['bill']}"]
    found = coops.find(connection, proposal.content["slug"]) if proposal.kind in STANDING else None
    return [] if found is None else suspensions.topics(connection, found.id, now)


def named(connection: sa.Connection, content: dict[str, Any]) -> dict[str, Any]:
    """Add the name of whom a proposal is about, as those who decide know them."""
    return content | ({"name": people.holder(connection, content["handle"]).name} if "handle" in content else {})


def look_ahead(connection: sa.Connection, act: Act) -> None:
    """Refuse at once what could not be carried out.

    Raises: Refusal of what the act is about: unknown_coop, unknown_member, account_not_open, not_allowed, bad_form,
            insufficient_funds, not_suspended, name_taken.
    """
    kind, content = act.kind, act.content
    if kind == "admit":
        _look_at_newcomer(connection, content)
    elif kind in ("line", "leave", "suspend", "declare"):
        coops.require_active(coops.known(connection, content["slug"]))
    elif kind == "fund":
        place = coops.require_open(coops.known(connection, content["slug"]))
        coops.require_reach(connection, place, content["amount_minor"])
    elif kind == "lift":
        if coops.known(connection, content["slug"]).status != "suspended":
            raise refuse("not_suspended")
    elif kind == "recover":
        if people.find(connection, content["handle"]) is None:
            handle = content["handle"]
            raise refuse(
                "unknown_member",
                _("Nobody here has the handle %(handle)s. Nothing was changed. Check how it is spelt.", handle=handle),
            )
    elif kind == "end_role" and act.coop_id is None:
        facilitators.require_another(connection, content["handle"])
    elif kind in ("role", "end_role", "end_work"):
        _look_at_worker(connection, act)


def _look_at_newcomer(connection: sa.Connection, content: dict[str, Any]) -> None:
    known = coops.find(connection, content["slug"])
    if known is not None:
        if known.status != "left":
            says = _("%(coop)s is in the federation already. Nothing was changed. Look at it again.", coop=known.name)
            raise refuse("not_allowed", says)
        return
    if not content["name"]:
        raise refuse("bad_form")
    # A payer reads the name alone: two that are read alike would be one to them.
    if searchable(content["name"]) in map(searchable, coops.names(connection)):
        raise refuse("name_taken")


def _look_at_worker(connection: sa.Connection, act: Act) -> None:
    content, place = act.content, act.coop_id
    if act.kind != "end_work" and content["role"] not in AT_A_COOP:
        raise refuse("bad_form")
    assert place is not None
    if "handle" not in content:
        return
    handle = content["handle"]
    if act.kind == "end_role":
        if not roles.holds(connection, handle, content["role"], place):
            says = _(
                "%(handle)s does not serve as that here. Nothing was changed. Look at the list again.", handle=handle
            )
            raise refuse("unknown_member", says)
        return
    person = people.find(connection, handle)
    if person is None or not ownset.works_at(connection, person.id, place):
        says = _("%(handle)s does not work here. Nothing was changed. Look at the list again.", handle=handle)
        raise refuse("unknown_member", says)


def carry_out(connection: sa.Connection, act: Act) -> str | None:
    """Do it; give the token of an invitation that it makes.

    Raises: Refusal as in `look_ahead`, and whatever the act itself refuses.
    """
    look_ahead(connection, act)
    acts: dict[str, Callable[[sa.Connection, Act], str | None]] = {
        "admit": _admit,
        "line": _set_line,
        "suspend": _suspend,
        "lift": _lift,
        "leave": _leave,
        "facilitator": _invite_facilitator,
        "role": _serve,
        "supply": _supply,
        "recover": _way_back,
        "fund": _fund,
        "declare": _declare,
        "end_role": _revoke,
        "end_work": _let_go,
    }
    return acts[act.kind](connection, act)


def _admit(connection: sa.Connection, act: Act) -> None:
    content = act.content
    slug, line_minor = content["slug"], content["line_minor"]
    known = coops.find(connection, slug)
    if known is not None:
        coops.readmit(connection, known, line_minor, act.now)
        notices.tell_workers(connection, known.id, "lifted", act.now)
        return
    row = {"slug": slug, "name": content["name"], "need": content["need"], "place": content["place"], "mark": slug}
    coops.admit(connection, row | {"admitted_at": act.now}, line_minor)


def _set_line(connection: sa.Connection, act: Act) -> None:
    place = coops.known(connection, act.content["slug"], lock=True)
    set_floor(connection, place.account_id, -act.content["line_minor"])


def _suspend(connection: sa.Connection, act: Act) -> None:
    place = coops.require_active(coops.known(connection, act.content["slug"], lock=True))
    suspensions.begin(connection, place.id, place.account_id, act.content["reason"], act.now)


def _lift(connection: sa.Connection, act: Act) -> None:
    place = coops.known(connection, act.content["slug"], lock=True)
    if place.status != "suspended":
        raise refuse("not_suspended")
    suspensions.lift(connection, place.id, act.now)


def _leave(connection: sa.Connection, act: Act) -> None:
    place = coops.require_active(coops.known(connection, act.content["slug"], lock=True))
    coops.leave(connection, place, act.now)
    notices.tell_workers(connection, place.id, "coop_left", act.now)


def _fund(connection: sa.Connection, act: Act) -> None:
    pool.put_in(connection, act.content["slug"], act.content["amount_minor"], act.content["key"], act.now)


def _declare(connection: sa.Connection, act: Act) -> None:
    place = coops.known(connection, act.content["slug"])
    meeting_on = date.fromisoformat(act.content["meeting_on"])
    declarations.declare(connection, place.id, act.content["worth_minor"], meeting_on, act.now)


def _invite_facilitator(connection: sa.Connection, act: Act) -> str:
    return _invite(connection, act, _invited(act, "facilitator", act.content["name"]))


def _invited(act: Act, kind: str, name: str) -> Invited:
    until = act.now + invitations.LIVES
    return Invited(digest_of(act.token), kind, name, act.now, until, handle=handle_from(name))


def _invite(connection: sa.Connection, act: Act, invited: Invited) -> str:
    host = people.find(connection, act.by)
    if not invitations.add_once(connection, replace(invited, invited_by=host.id if host else None)):
        raise refuse("already_decided")
    return act.token


def _serve(connection: sa.Connection, act: Act) -> str | None:
    content = act.content
    if "handle" not in content:
        invited = _invited(act, "worker", content["name"])
        return _invite(connection, act, replace(invited, coop_id=act.coop_id, roles=content["role"]))
    since = begins(content["role"], act.now, demo=act.demo)
    person = people.holder(connection, content["handle"])
    roles.grant(connection, person.id, content["role"], act.coop_id, since)
    return None


def _supply(connection: sa.Connection, act: Act) -> None:
    request = Request("bill", act.content["bill"], act.content["bill"], act.content["buyer"])
    supplies.pay(connection, request, act.now)


def _way_back(connection: sa.Connection, act: Act) -> str:
    person = people.find(connection, act.content["handle"])
    assert person is not None
    opens = act.now + (WAY_BACK_WAITS_IN_DEMO if act.demo else WAY_BACK_WAITS)
    # One way back at a time: the newest, which waits anew.
    invitations.stop_ways_back(connection, person.id, act.now)
    notices.tell(connection, person.id, "way_back", act.now)
    invited = _invited(act, "person", person.name)
    return _invite(connection, act, replace(invited, person_id=person.id, opens_at=opens))


def _revoke(connection: sa.Connection, act: Act) -> None:
    if act.coop_id is None:
        facilitators.end(connection, act.content["handle"], act.now)
        return
    person = people.holder(connection, act.content["handle"])
    role = act.content["role"]
    if roles.revoke(connection, person.id, role, act.coop_id, act.now) and role == "cashier":
        tillkeys.renew_of_coop(connection, act.coop_id, act.now)


def _let_go(connection: sa.Connection, act: Act) -> None:
    person, place = people.holder(connection, act.content["handle"]), coops.known(connection, act.content["coop"])
    ownset.left(connection, person.id, place.id, act.now)
    notices.tell_of_money(connection, person.id, "left_work", act.now, place.name, "/")
