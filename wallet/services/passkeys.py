"""Passkeys: joining by invitation, signing in, proving to be there, adding one and removing one.

Every answer of a passkey uses its challenge up first, in a transaction of its own: whatever comes of the rest, nothing
is ever answered twice.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain import passkey
from wallet.domain.handle import handle_from
from wallet.domain.roles import begins
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import (
    bills,
    challenges,
    confinements,
    invitations,
    limits,
    notices,
    ownset,
    passkeys,
    people,
    recovery,
    roles,
    sessions,
)  # fmt: skip
from wallet.store.challenges import Challenge
from wallet.store.engine import write
from wallet.store.invitations import Invitation
from wallet.store.passkeys import Proof
from wallet.store.sessions import Doorway

HANDLE_BYTES = 32
Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Joined:
    """Hold what somebody who has just joined is shown once."""

    handle: str
    codes: tuple[str, ...]


def begin_join(kit: Kit, token_hash: str, bearer: str, name: str) -> Options:
    """Ask a browser to make the first passkey of somebody who is invited.

    Raises: Refusal unknown_invitation, invitation_spent, account_not_open.
    """

    def work(connection: sa.Connection) -> Options:
        now = kit.clock()
        invitation = invitations.find(connection, token_hash, now)
        invitation.require_open()
        known = passkeys.user_handle_of(connection, invitation.person_id) if invitation.person_id else None
        user = known or _new_user_handle()
        drawn = challenges.make(connection, "join", bearer, now, invitation_id=invitation.id, user_handle=user)
        return passkey.creation_options(kit.site, drawn, user, name, name)

    return write(kit.engine, work)


def join(
    kit: Kit, token_hash: str, door: Doorway, credential: dict[str, Any], *, name: str, counter_name: str, device: str
) -> Joined:
    """Join by an invitation with the passkey just made: person, wallet, membership, roles, codes and session at once.

    Raises: Refusal challenge_spent, passkey_refused, passkey_known, unknown_invitation, invitation_spent,
            account_not_open.
    Locks:  who is here already, then the link, until commit.
    """
    asked, challenge = _answered(kit, credential, "join", door.bearer)
    made = passkey.registered(credential, challenge, kit.site)

    def work(connection: sa.Connection) -> Joined:
        invitation = invitations.find(connection, token_hash, kit.clock())
        invitation.require_open()
        if invitation.person_id is not None:
            people.lock(connection, invitation.person_id)
        # Only now: what was signed by a role while this waited was signed before the role rests.
        now = kit.clock()
        if invitation.id != asked.invitation_id:
            raise refuse("challenge_spent")
        person_id = _welcomed(connection, kit, invitation, name, counter_name)
        invitations.use(connection, invitation.id, person_id, now)
        if invitation.opens_at is not None:
            _came_back(connection, person_id, now)
        passkeys.add(connection, person_id, asked.user_handle or "", made, device, now)
        codes = recovery.renew(connection, person_id, now)
        handle = people.handle_of(connection, person_id)
        sessions.enter(connection, handle, door, now, means="passkey", asserted_at=now)
        return Joined(handle, codes)

    return write(kit.engine, work, keyed=False)


def begin_sign_in(kit: Kit, bearer: str) -> Options:
    """Ask a browser for whichever passkey of this wallet its person chooses."""

    def work(connection: sa.Connection) -> Options:
        return passkey.request_options(kit.site, challenges.make(connection, "sign-in", bearer, kit.clock()))

    return write(kit.engine, work)


def sign_in(kit: Kit, door: Doorway, credential: dict[str, Any]) -> str:
    """Sign in whoever the passkey belongs to; give their handle.

    Raises: Refusal challenge_spent, unknown_passkey, passkey_refused.
    """
    _asked, challenge = _answered(kit, credential, "sign-in", door.bearer)
    now = kit.clock()

    def work(connection: sa.Connection) -> str:
        passkeys.hold_owner(connection, credential)
        prover = passkeys.proved(connection, credential, challenge, kit.site, now)
        handle = people.handle_of(connection, prover.person_id)
        # A passkey that may have been copied opens the door, and counts for nothing that needs a fresh one.
        sessions.enter(connection, handle, door, now, means="passkey", asserted_at=None if prover.doubted else now)
        notices.tell(connection, prover.person_id, "signed_in", now, door.device)
        return handle

    return write(kit.engine, work, keyed=False)


def begin_confirm(kit: Kit, person_id: int, bearer: str) -> Options:
    """Ask the signed-in person to prove that they are there."""

    def work(connection: sa.Connection) -> Options:
        drawn = challenges.make(connection, "confirm", bearer, kit.clock(), person_id=person_id)
        return passkey.request_options(kit.site, drawn, passkeys.that_count(connection, person_id))

    return write(kit.engine, work)


def confirm(kit: Kit, person_id: int, bearer: str, credential: dict[str, Any]) -> None:
    """Note on the session that its person has just proved to be there.

    Raises: Refusal challenge_spent, not_signed_in, unknown_passkey, passkey_refused, passkey_doubted.
    """
    asked, challenge = _answered(kit, credential, "confirm", bearer)
    if asked.person_id != person_id:
        raise refuse("challenge_spent")
    now = kit.clock()

    def work(connection: sa.Connection) -> None:
        sessions.hold(connection, person_id, bearer, now)
        prover = passkeys.proved(connection, credential, challenge, kit.site, now, person_id)
        passkeys.require_sure(connection, prover, now)
        sessions.note_assertion(connection, bearer, now)

    write(kit.engine, work, keyed=False)


def begin_add(kit: Kit, person_id: int, bearer: str, name: str) -> Options:
    """Ask the browser of a signed-in person to make one more passkey."""

    def work(connection: sa.Connection) -> Options:
        user = passkeys.user_handle_of(connection, person_id) or _new_user_handle()
        drawn = challenges.make(connection, "add", bearer, kit.clock(), person_id=person_id, user_handle=user)
        known = tuple(one.credential_id for one in passkeys.of_person(connection, person_id))
        return passkey.creation_options(kit.site, drawn, user, name, name, known)

    return write(kit.engine, work)


def add(kit: Kit, person_id: int, bearer: str, credential: dict[str, Any], name: str) -> None:
    """Keep one more passkey of a signed-in person.

    Raises: Refusal challenge_spent, passkey_refused, not_signed_in, passkey_known.
    """
    asked, challenge = _answered(kit, credential, "add", bearer)
    if asked.person_id != person_id:
        raise refuse("challenge_spent")
    made = passkey.registered(credential, challenge, kit.site)
    now = kit.clock()

    def work(connection: sa.Connection) -> None:
        sessions.hold(connection, person_id, bearer, now)
        passkeys.add(connection, person_id, asked.user_handle or "", made, name, now)
        sessions.note_assertion(connection, bearer, now)

    write(kit.engine, work, keyed=False)


def remove(kit: Kit, person_id: int, bearer: str, passkey_id: int) -> None:
    """Remove one of a person's passkeys, never the last.

    Raises: Refusal not_signed_in, unknown_passkey, last_passkey, confined.
    """

    def work(connection: sa.Connection) -> None:
        sessions.hold(connection, person_id, bearer, kit.clock())
        passkeys.remove(connection, person_id, passkey_id, kit.clock())

    write(kit.engine, work, keyed=False)


def begin_payment(kit: Kit, code: str, person_id: int, bearer: str, key: str) -> Options:
    """Ask the payer of a bill for a passkey's answer that counts for this payment alone.

    Raises: Refusal unknown_bill, account_not_open, or how the bill ended: nobody proves what cannot be paid.
    """

    def work(connection: sa.Connection) -> Options:
        found = bills.row(connection, code)
        if found.bound_to not in (None, person_id):
            raise refuse("unknown_bill")
        bills.require_payable(found, kit.clock())
        bound = bills.digest_for_payment(found, key)
        return passkeys.ask_bound(connection, person_id, bearer, kit.site, bound, kit.clock())

    return write(kit.engine, work)


def proof(kit: Kit, credential: dict[str, Any], bearer: str) -> Proof:
    """Give what a payment or a vote needs to check a passkey's answer in its own transaction."""
    return Proof(credential, bearer, kit.site)


def _answered(kit: Kit, credential: dict[str, Any], ceremony: str, bearer: str) -> tuple[Challenge, bytes]:
    challenge = passkey.challenge_in(credential)

    def work(connection: sa.Connection) -> Challenge:
        return challenges.use(connection, challenge, ceremony, bearer, kit.clock())

    return write(kit.engine, work, keyed=False), challenge


def _welcomed(connection: sa.Connection, kit: Kit, invitation: Invitation, name: str, counter_name: str) -> int:
    """Make the person of an invitation with what they are invited to, or find who is here already."""
    if invitation.person_id is not None:
        return invitation.person_id
    now = kit.clock()
    person = people.newcomer(connection, invitation.handle or handle_from(name), now, name, counter_name)
    if invitation.kind == "worker" and invitation.coop_id is not None:
        ownset.joined(connection, person.id, invitation.coop_id, now)
    for role in invitation.roles:
        # Who founds the federation begins at once: nobody is there yet who could object.
        since = now if invitation.kind == "facilitator" else begins(role, now, kit.deployment)
        roles.grant(connection, person.id, role, invitation.coop_id, since)
    if invitation.kind == "facilitator":
        roles.grant(connection, person.id, "facilitator", None, now)
    return person.id


def _came_back(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """Shut whoever was in before out, and hold the wallet to small sums until its owner would have noticed."""
    sessions.shut_out(connection, person_id, now)
    earlier = confinements.find(connection, person_id, now)
    if earlier is not None:
        # Of two who came back within three days one is not the owner, and the passkeys of the first may be theirs.
        passkeys.end_since(connection, person_id, earlier.since, now)
    roles.rest(connection, person_id, now, confinements.confine(connection, person_id, now))
    limits.bring_down(connection, person_id, now)
    notices.tell(connection, person_id, "came_back", now)


def _new_user_handle() -> str:
    return passkey.to_base64url(secrets.token_bytes(HANDLE_BYTES))
