"""Member codes: enrolling a phone that makes them, and freezing them when a payment was not the member's."""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wallet.domain import passkey, paycode
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import codes, notices, people, sessions
from wallet.store.engine import write

POINT_BYTES = 65


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Hold what a phone needs to make codes: its device id and the server's half of the key, both base64url."""

    device: str
    public_key: str


def enrol(kit: Kit, handle: str, public_key: str, bearer: str | None = None) -> Enrolment:
    """Enrol a phone of the member `handle` by the public half of its P-256 key; asking again answers alike.

    Whoever ends the session in which that is done, of the digest `bearer`, takes the key back.
    The server makes a key pair for this phone alone, keeps what both sides derive, and forgets its private half.
    Raises: Refusal unknown_member; bad_form for what is no point of the curve; not_allowed for a person without a
            wallet, for another's key and for that of a phone that was removed; not_signed_in in a session that has
            ended meanwhile.
    Locks:  the person, then the session, until commit: who freezes the codes or ends the session finds the phone.
    """
    point = _read_point(public_key)
    digest = hashlib.sha256(point).hexdigest()
    ours = ec.generate_private_key(ec.SECP256R1())
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise refuse("bad_form", _("This phone’s key is malformed. Nothing was changed. Try again.")) from error
    secret = ours.exchange(ec.ECDH(), theirs)
    answer = passkey.to_base64url(ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def work(connection: sa.Connection) -> Enrolment:
        now = kit.clock()
        person_id = _member(connection, handle).person_id
        people.lock(connection, person_id)
        session_id = None if bearer is None else sessions.hold(connection, person_id, bearer, now)
        # Only now: their codes may have been frozen, or this phone enrolled, while the lock was waited for.
        member = _member(connection, handle)
        known = codes.enrolled(connection, digest)
        if known is not None:
            if known.person_id != member.person_id:
                raise refuse("not_allowed", _("This phone is enrolled for somebody else. Sign out on it first."))
            if known.is_revoked:
                raise refuse("not_allowed", _("This phone was removed. Nothing was changed. Add it with a new key."))
            return Enrolment(known.device, known.server_public_key)
        device = paycode.device_name(secrets.token_bytes(paycode.DEVICE_BYTES))
        codes.add(
            connection,
            device=device,
            person_id=member.person_id,
            secret=secret,
            public_key_hash=digest,
            server_public_key=answer,
            frozen_at=now if member.frozen else None,
            session_id=session_id,
            now=now,
        )
        if session_id is not None:
            sessions.note_own_act(connection, session_id, now)
        notices.tell(connection, member.person_id, "phone_added", now)
        return Enrolment(device, answer)

    return write(kit.engine, work)


def freeze(kit: Kit, handle: str) -> None:
    """Freeze the codes of every phone of the member; those shown before stay dead.

    Raises: Refusal unknown_member, not_allowed for a person without a wallet.
    """
    now = kit.clock()
    step = paycode.step_at(now)
    write(kit.engine, lambda connection: codes.freeze(connection, _member(connection, handle).person_id, step, now))


def unfreeze(kit: Kit, handle: str) -> None:
    """Let the member's phones make codes again.

    Raises: Refusal unknown_member, not_allowed for a person without a wallet.
    """
    write(kit.engine, lambda connection: codes.unfreeze(connection, _member(connection, handle).person_id))


def _member(connection: sa.Connection, handle: str) -> codes.CodeOwner:
    member = codes.owner(connection, handle)
    if member is None:
        raise refuse("unknown_member")
    if member.account_id is None:
        raise refuse("not_allowed", _("There is no wallet here yet, so there is nothing a code could pay from."))
    return member


def _read_point(text: str) -> bytes:
    try:
        point = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        point = b""
    if len(point) != POINT_BYTES or point[0] != 4 or passkey.to_base64url(point) != text:
        raise refuse("bad_form", _("This phone’s key is malformed. Nothing was changed. Try again."))
    return point
