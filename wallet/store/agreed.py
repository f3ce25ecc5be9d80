"""What two people have agreed on: whether it could be done as things stand, and doing it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.deployment import Deployment
from wallet.domain.handle import handle_from
from wallet.domain.names import searchable
from wallet.domain.proposal import KINDS
from wallet.domain.roles import AT_A_COOP, begins
from wallet.domain.secret import digest_of
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.store import (
    buyers,
    coops,
    declarations,
    facilitators,
    federation,
    invitations,
    notices,
    ownset,
    people,
    pool,
    role_ends,
    roles,
    supplies,
    suspensions,
    tillkeys,
)
from wallet.store.accounts import set_floor
from wallet.store.coops import Coop
from wallet.store.invitations import NewInvitation
from wallet.store.proposals import Proposal
from wallet.store.supplies import Request


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
    deployment: Deployment
    token: str


def place(connection: sa.Connection, kind: str, coop: str) -> Coop:
    """Give the co-op at whose desk something of this kind is proposed.

    Raises: Refusal unknown_coop, account_not_open.
    """
    found = coops.known(connection, coop)
    if found.status not in KINDS[kind].statuses:
        refusals = {"fund": suspensions.closed, "invite": suspensions.takes_nobody_in}
        raise refusals.get(kind, suspensions.rests)(found.name, found.status)
    return found


def hold(connection: sa.Connection, by: str, kind: str, content: dict[str, Any], coop: str | None) -> None:
    """Let the co-op that something is about neither come nor go meanwhile; one that comes has name and slug of its own.

    Nor does a role end, or the work, of who says so, `by`, or of whom it is about; of two ways back that two co-ops
    agree on at once for one member the second finds the first one's.
    Locks: the co-op's row, if there is one, the two people as `roles.hold` does, then the federation's for one that
           comes, until commit. They come before every proposal: who lets a co-op go, or ends a role, ends what waits.
    """
    slug = coop or content.get("slug")
    if slug is not None:
        coops.find(connection, slug, lock=True)
    roles.hold(connection, by, content.get("handle", by))
    if kind == "admit":
        federation.lock(connection)


def topics(connection: sa.Connection, proposal: Proposal, now: datetime) -> list[str]:
    """Name what open screens watch that show what is about to change."""
    if proposal.kind == "supply":
        return buyers.topics(proposal.content)
    if proposal.kind in ("end_role", "end_work") and proposal.coop_id is not None:
        return role_ends.topics(connection, proposal.content["handle"], proposal.coop_id, now)
    found = coops.find(connection, proposal.content["slug"]) if proposal.traits.changes_tills else None
    return [] if found is None else suspensions.topics(connection, found.id, now)


def named(connection: sa.Connection, kind: str, content: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Add the name of whom a proposal is about, as those who decide know them; to that of a new co-op, a free slug."""
    if "handle" in content:
        return content | {"name": people.holder(connection, content["handle"]).name}
    is_new = kind == "admit" and "slug" not in content
    return content | {"slug": coops.free_slug(connection, content["name"], now)} if is_new else content


def look_ahead(connection: sa.Connection, act: Act) -> None:
    """Refuse at once what could not be carried out.

    Raises: Refusal of what the act is about: unknown_coop, unknown_member, account_not_open, not_allowed, bad_form,
            insufficient_funds, not_suspended, name_taken.
    """
    look, _do = ACTS[act.kind]
    look(connection, act)


def _look_at_newcomer(connection: sa.Connection, act: Act) -> None:
    content = act.content
    known = coops.find(connection, content["slug"]) if "slug" in content else None
    if known is not None:
        if known.status != "left":
            says = _("%(coop)s is in the federation already. Nothing was changed. Look at it again.", coop=known.name)
            raise refuse("not_allowed", says)
        return
    if "name" not in content:
        raise refuse("unknown_coop")
    # A payer reads the name alone: two that are read alike would be one to them.
    if searchable(content["name"]) in map(searchable, coops.names(connection)):
        raise refuse("name_taken")


def _look_at_coop(connection: sa.Connection, act: Act) -> None:
    coops.require_active(coops.known(connection, act.content["slug"]))


def _look_at_suspended(connection: sa.Connection, act: Act) -> None:
    if coops.known(connection, act.content["slug"]).status != "suspended":
        raise refuse("not_suspended")


def _look_at_reach(connection: sa.Connection, act: Act) -> None:
    coops.require_reach(connection, coops.known(connection, act.content["slug"]), act.content["amount_minor"])


def _look_at_facilitator(connection: sa.Connection, act: Act) -> None:
    facilitators.require_another(connection, act.content["handle"])


def _look_at_owner(connection: sa.Connection, act: Act) -> None:
    handle = act.content["handle"]
    if people.find(connection, handle) is None:
        raise refuse(
            "unknown_member",
            _("Nobody here has the handle %(handle)s. Nothing was changed. Check how it is spelt.", handle=handle),
        )


def _look_at_role(_connection: sa.Connection, act: Act) -> None:
    if act.content["role"] not in AT_A_COOP:
        raise refuse("bad_form")


def _look_at_worker(connection: sa.Connection, act: Act) -> None:
    assert act.coop_id is not None
    handle = act.content["handle"]
    person = people.find(connection, handle)
    if person is None or not ownset.works_at(connection, person.id, act.coop_id):
        says = _("%(handle)s does not work here. Nothing was changed. Look at the list again.", handle=handle)
        raise refuse("unknown_member", says)


def _look_at_server(connection: sa.Connection, act: Act) -> None:
    _look_at_role(connection, act)
    _look_at_worker(connection, act)


def _look_at_serving(connection: sa.Connection, act: Act) -> None:
    _look_at_role(connection, act)
    handle, role = act.content["handle"], act.content["role"]
    assert act.coop_id is not None
    if not roles.holds(connection, handle, role, act.coop_id):
        says = _("%(handle)s does not serve as that here. Nothing was changed. Look at the list again.", handle=handle)
        raise refuse("unknown_member", says)


def _look_at_nothing(_connection: sa.Connection, _act: Act) -> None:
    """Leave it to the act itself, or to its place."""


def carry_out(connection: sa.Connection, act: Act) -> str | None:
    """Do it; give the token of an invitation that it makes.

    Raises: Refusal as in `look_ahead`, and whatever the act itself refuses.
    """
    look, do = ACTS[act.kind]
    look(connection, act)
    return do(connection, act)


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


def _invited(act: Act, kind: str, name: str) -> NewInvitation:
    until = act.now + invitations.LIVES
    return NewInvitation(digest_of(act.token), kind, name, act.now, until, handle=handle_from(name))


def _invite(connection: sa.Connection, act: Act, invited: NewInvitation) -> str:
    host = people.find(connection, act.by)
    if not invitations.add_once(connection, replace(invited, invited_by=host.id if host else None)):
        raise refuse("already_decided")
    return act.token


def _invite_to_serve(connection: sa.Connection, act: Act) -> str:
    invited = _invited(act, "worker", act.content["name"])
    return _invite(connection, act, replace(invited, coop_id=act.coop_id, roles=act.content["role"]))


def _serve(connection: sa.Connection, act: Act) -> None:
    role, person = act.content["role"], people.holder(connection, act.content["handle"])
    roles.grant(connection, person.id, role, act.coop_id, begins(role, act.now, act.deployment))


def _supply(connection: sa.Connection, act: Act) -> None:
    request = Request("bill", act.content["bill"], act.content["bill"], act.content["buyer"])
    supplies.pay(connection, request, act.now)


def _way_back(connection: sa.Connection, act: Act) -> str:
    person = people.find(connection, act.content["handle"])
    assert person is not None
    opens = act.now + act.deployment.way_back_waits
    # One way back at a time: the newest, which waits anew.
    invitations.stop_ways_back(connection, person.id, act.now)
    notices.tell(connection, person.id, "way_back", act.now)
    invited = _invited(act, "person", person.name)
    return _invite(connection, act, replace(invited, person_id=person.id, opens_at=opens))


def _end_facilitator(connection: sa.Connection, act: Act) -> None:
    facilitators.end(connection, act.content["handle"], act.now)


def _revoke(connection: sa.Connection, act: Act) -> None:
    role, person = act.content["role"], people.holder(connection, act.content["handle"])
    assert act.coop_id is not None
    if role == "steward":
        role_ends.end(connection, person.id, act.coop_id, act.now)
    if roles.revoke(connection, person.id, role, act.coop_id, act.now) and role == "cashier":
        tillkeys.renew_of_coop(connection, act.coop_id, act.now)


def _let_go(connection: sa.Connection, act: Act) -> None:
    person, place = people.holder(connection, act.content["handle"]), coops.known(connection, act.content["coop"])
    ownset.left(connection, person.id, place.id, act.now)
    notices.tell_of_money(connection, person.id, "left_work", act.now, place.name, "/")


_Look = Callable[[sa.Connection, Act], None]
_Do = Callable[[sa.Connection, Act], str | None]
# What is seen ahead of each kind, besides the place at which it is proposed, and what carries it out.
ACTS: dict[str, tuple[_Look, _Do]] = {
    "admit": (_look_at_newcomer, _admit),
    "line": (_look_at_coop, _set_line),
    "suspend": (_look_at_coop, _suspend),
    "lift": (_look_at_suspended, _lift),
    "leave": (_look_at_coop, _leave),
    "facilitator": (_look_at_nothing, _invite_facilitator),
    "end_facilitator": (_look_at_facilitator, _end_facilitator),
    "invite": (_look_at_role, _invite_to_serve),
    "role": (_look_at_server, _serve),
    "end_role": (_look_at_serving, _revoke),
    "end_work": (_look_at_worker, _let_go),
    "recover": (_look_at_owner, _way_back),
    "supply": (_look_at_nothing, _supply),
    "fund": (_look_at_reach, _fund),
    "declare": (_look_at_nothing, _declare),
}
