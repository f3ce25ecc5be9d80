"""Rows of passkeys: whose they are, what they signed last, and what a payment's assertion proves."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain import passkey
from wallet.domain.passkey import PAYMENT_SECONDS, KnownPasskey, NewPasskey, Site
from wallet.errors import refuse
from wallet.store import challenges, confinements, notices, people, recovery
from wallet.store.tables import passkeys

log = logging.getLogger(__name__)

_live = passkeys.c.removed_at.is_(None)
_of_person = sa.and_(passkeys.c.person_id == sa.bindparam("of_person"), _live)
_known = sa.select(
    passkeys.c.credential_id,
    passkeys.c.user_handle,
    passkeys.c.public_key,
    passkeys.c.sign_count,
    passkeys.c.backup_eligible,
    passkeys.c.id,
    passkeys.c.person_id,
    passkeys.c.name,
    passkeys.c.doubted_at,
).where(passkeys.c.credential_id == sa.bindparam("of_credential"), _live)
_known_locked = _known.with_for_update()
_whose = sa.select(passkeys.c.person_id).where(passkeys.c.credential_id == sa.bindparam("of_credential"), _live)
_all = (
    sa.select(
        passkeys.c.id,
        passkeys.c.credential_id,
        passkeys.c.name,
        passkeys.c.created_at,
        passkeys.c.last_used_at,
        passkeys.c.backed_up,
        passkeys.c.doubted_at,
    )
    .where(_of_person)
    .order_by(passkeys.c.created_at, passkeys.c.id)
)
_handle = sa.select(passkeys.c.user_handle).where(passkeys.c.person_id == sa.bindparam("of_person")).limit(1)
_taken = sa.select(passkeys.c.id).where(passkeys.c.credential_id == sa.bindparam("of_credential"))
_insert = sa.insert(passkeys).returning(passkeys.c.id)
_used = (
    sa.update(passkeys)
    .where(passkeys.c.id == sa.bindparam("of_id"))
    .values(
        sign_count=sa.bindparam("to_count"),
        backed_up=sa.bindparam("to_backed_up"),
        last_used_at=sa.bindparam("now", type_=passkeys.c.last_used_at.type),
    )
)
_doubt = (
    sa.update(passkeys)
    .where(passkeys.c.id == sa.bindparam("of_id"), passkeys.c.doubted_at.is_(None))
    .values(doubted_at=sa.bindparam("now", type_=passkeys.c.doubted_at.type))
)
_remove = (
    sa.update(passkeys)
    .where(_of_person, passkeys.c.id == sa.bindparam("of_id"))
    .values(removed_at=sa.bindparam("now", type_=passkeys.c.removed_at.type))
)
_end_since = (
    sa.update(passkeys)
    .where(_of_person, passkeys.c.created_at >= sa.bindparam("since", type_=passkeys.c.created_at.type))
    .values(removed_at=sa.bindparam("now", type_=passkeys.c.removed_at.type))
)


@dataclass(frozen=True, slots=True)
class Passkey:
    """Hold a passkey as its owner sees it."""

    id: int
    credential_id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool
    doubted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Prover:
    """Hold who proved to be there, by which passkey; `doubted` tells that its counter went back, now or before."""

    person_id: int
    passkey_id: int
    name: str
    doubted: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """Hold a passkey's answer to the challenge of one payment, the session that sent it, and for which site."""

    credential: dict[str, Any]
    bearer: str
    site: Site


def of_person(connection: sa.Connection, person_id: int) -> tuple[Passkey, ...]:
    """List the live passkeys of a person, oldest first."""
    return tuple(Passkey(*row) for row in connection.execute(_all, {"of_person": person_id}))


def that_count(connection: sa.Connection, person_id: int) -> tuple[str, ...]:
    """Name the passkeys that are asked for a fresh answer: those that nobody may have copied, or else all."""
    held = of_person(connection, person_id)
    return tuple(one.credential_id for one in held if one.doubted_at is None) or tuple(
        one.credential_id for one in held
    )


def user_handle_of(connection: sa.Connection, person_id: int) -> str | None:
    """Give what authenticators call a person, once one does."""
    return connection.execute(_handle, {"of_person": person_id}).scalar_one_or_none()


def add(connection: sa.Connection, person_id: int, user_handle: str, made: NewPasskey, name: str, now: datetime) -> int:
    """Keep a new passkey and tell its owner.

    Raises: Refusal passkey_known, also for one that was removed: a passkey is never anybody else's.
    """
    if connection.execute(_taken, {"of_credential": made.credential_id}).first() is not None:
        raise refuse("passkey_known")
    row = {
        "person_id": person_id,
        "credential_id": made.credential_id,
        "user_handle": user_handle,
        "public_key": made.public_key,
        "sign_count": made.sign_count,
        "backup_eligible": made.backup_eligible,
        "backed_up": made.backed_up,
        "transports": made.transports,
        "name": name,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            new = int(connection.execute(_insert, row).scalar_one())
    except sa.exc.IntegrityError as twice:
        raise refuse("passkey_known") from twice
    notices.tell(connection, person_id, "passkey_added", now, name)
    return new


def remove(connection: sa.Connection, person_id: int, passkey_id: int, now: datetime) -> None:
    """Remove a passkey, never the last, nor in the three days after a way back one that is older than it.

    One that came by that way back takes the recovery codes with it that were drawn since.
    Raises: Refusal unknown_passkey, last_passkey, confined.
    Locks:  the person until commit, so that two removals at once leave one.
    """
    people.lock(connection, person_id)
    found = of_person(connection, person_id)
    gone = next((one for one in found if one.id == passkey_id), None)
    if gone is None:
        raise refuse("unknown_passkey")
    if len(found) == 1:
        raise refuse("last_passkey")
    held = confinements.find(connection, person_id, now)
    if held is not None and gone.created_at < held.since:
        raise refuse("confined")
    connection.execute(_remove, {"of_person": person_id, "of_id": passkey_id, "now": now})
    notices.tell(connection, person_id, "passkey_removed", now, gone.name)
    # Whoever came in was given ten of them, and whoever removes what they brought shuts them out.
    if held is not None and recovery.end_since(connection, person_id, held.since, now):
        notices.tell(connection, person_id, "recovery_ended", now)


def end_since(connection: sa.Connection, person_id: int, since: datetime, now: datetime) -> None:
    """Remove every passkey of a person that was made since then, be it the last."""
    connection.execute(_end_since, {"of_person": person_id, "since": since, "now": now})


def hold_owner(connection: sa.Connection, credential: dict[str, Any]) -> None:
    """Hold whose passkey answers, to sign them in: whoever shuts them out at this moment finds them in, or was first.

    Locks:  the person, if the passkey is known, until commit; they come before it.
    """
    person_id = connection.execute(_whose, _named(credential)).scalar()
    if person_id is not None:
        people.lock(connection, person_id)


def proved(
    connection: sa.Connection,
    credential: dict[str, Any],
    challenge: bytes,
    site: Site,
    now: datetime,
    person_id: int | None = None,
) -> Prover:
    """Check a passkey's answer to `challenge`, of the person if one is named, and note its use.

    A counter that went back is logged and told to the owner, and never locks them out.
    Raises: Refusal unknown_passkey, passkey_refused.
    Locks:  the passkey until commit.
    """
    row = connection.execute(_known_locked, _named(credential)).first()
    if row is None or (person_id is not None and row.person_id != person_id):
        raise refuse("unknown_passkey")
    known = KnownPasskey(row[0], row[1], bytes(row[2]), row[3], bool(row[4]))
    found = passkey.asserted(credential, challenge, site, known, named=person_id is not None)
    connection.execute(
        _used,
        {
            "of_id": row.id, "to_count": max(found.sign_count, known.sign_count), "to_backed_up": found.backed_up,
            "now": now,
        },
    )  # fmt: skip
    prover = Prover(row.person_id, row.id, row.name, found.went_back or row.doubted_at is not None)
    if found.went_back:
        _note_doubt(connection, prover, now)
    return prover


def _named(credential: dict[str, Any]) -> dict[str, str]:
    named = credential.get("id")
    return {"of_credential": named if isinstance(named, str) else ""}


def require_sure(connection: sa.Connection, prover: Prover, now: datetime) -> None:
    """Let a passkey that may have been copied count for nothing that needs a fresh one, unless its person has no other.

    Raises: Refusal passkey_doubted, which leaves the doubt on the passkey though the act is rolled back.
    """
    if not prover.doubted or len(of_person(connection, prover.person_id)) == 1:
        return
    refusal = refuse("passkey_doubted")
    refusal.leaves = lambda anew: _note_doubt(anew, prover, now)
    raise refusal


def _note_doubt(connection: sa.Connection, prover: Prover, now: datetime) -> None:
    if connection.execute(_doubt, {"of_id": prover.passkey_id, "now": now}).rowcount:
        log.warning("The counter of passkey %s went back; it may have been copied.", prover.passkey_id)
        notices.tell(connection, prover.person_id, "passkey_doubted", now, prover.name)


def ask_bound(
    connection: sa.Connection,
    person_id: int,
    bearer: str,
    site: Site,
    bound: str,
    now: datetime,
    *,
    ceremony: str = "pay",
) -> dict[str, Any]:
    """Write what a browser is asked to prove, by a passkey of this person, for just what `assert_bound` then asks.

    Units:  `bearer` the session's digest in hex; `bound` as for `assert_bound`.
    """
    drawn = challenges.make(
        connection, ceremony, bearer, now, person_id=person_id, bound=bound, seconds=PAYMENT_SECONDS
    )
    return passkey.request_options(site, drawn, that_count(connection, person_id), PAYMENT_SECONDS)


def assert_bound(
    connection: sa.Connection, person_id: int, proof: Proof, bound: str, now: datetime, *, ceremony: str = "pay"
) -> None:
    """Let a payment or a vote go on only with a fresh answer of its owner's passkey to a challenge made for just this.

    Units:  `bound` as domain.passkey.digest_of_payment gives it, or domain.ballot.digest_of_vote.
    Raises: Refusal challenge_spent, unknown_passkey, passkey_refused, passkey_doubted, step_up_required for another
            payment's.
    Locks:  the challenge and the passkey until commit; a rolled back payment leaves the challenge unused.
    """
    challenge = passkey.challenge_in(proof.credential)
    asked = challenges.use(connection, challenge, ceremony, proof.bearer, now)
    if asked.person_id != person_id:
        raise refuse("challenge_spent")
    if asked.bound != bound or not challenge.endswith(bytes.fromhex(bound)):
        raise refuse("step_up_required")
    prover = proved(connection, proof.credential, challenge, proof.site, now, person_id)
    require_sure(connection, prover, now)
