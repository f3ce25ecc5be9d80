"""Phones that make member codes: their keys, the steps they have spent, and what was tried with them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.domain.paycode import newest_step
from wallet.store import people as persons
from wallet.store.tables import accounts, code_attempts, code_keys, people, sessions, transfers

LIVE_PHONES = 5


@dataclass(frozen=True, slots=True)
class Phone:
    """Hold an enrolled phone and the member behind it; `live` unless frozen or removed."""

    device: str
    person_id: int
    handle: str
    secret: bytes
    last_step: int
    live: bool
    is_removed: bool


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Hold whose phone a key enrolled, and whether it was removed since: no key enrols a second time."""

    person_id: int
    device: str
    server_public_key: str
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class CodeOwner:
    """Hold what the code screen says about a member, whether the codes are frozen, and the wallet's newest posting."""

    person_id: int
    account_id: int | None
    counter_name: str
    phones: int
    frozen: bool
    seq: int


_phone = sa.select(
    code_keys.c.device,
    code_keys.c.person_id,
    people.c.handle,
    code_keys.c.secret,
    code_keys.c.last_step,
    sa.and_(code_keys.c.frozen_at.is_(None), code_keys.c.revoked_at.is_(None)).label("live"),
    code_keys.c.revoked_at.is_not(None).label("is_removed"),
).join(people, people.c.id == code_keys.c.person_id)
_phone_by_device = _phone.where(code_keys.c.device == sa.bindparam("named"))
_held = (
    sa.select(code_keys.c.device)
    .where(
        code_keys.c.device == sa.bindparam("named"), code_keys.c.frozen_at.is_(None), code_keys.c.revoked_at.is_(None)
    )
    .with_for_update(read=True)
)
_owner = (
    sa.select(
        people.c.id,
        people.c.account_id,
        people.c.counter_name,
        sa.func.count(code_keys.c.device),
        sa.func.count(code_keys.c.frozen_at),
        sa.func.coalesce(accounts.c.seq, 0),
    )
    .select_from(
        people.outerjoin(
            code_keys, sa.and_(code_keys.c.person_id == people.c.id, code_keys.c.revoked_at.is_(None))
        ).outerjoin(accounts, accounts.c.id == people.c.account_id)
    )
    .where(people.c.handle == sa.bindparam("named"))
    .group_by(people.c.id, people.c.account_id, people.c.counter_name, accounts.c.seq)
)
_spend = (
    sa.update(code_keys)
    .where(
        code_keys.c.device == sa.bindparam("named"),
        code_keys.c.last_step < sa.bindparam("presented"),
        code_keys.c.frozen_at.is_(None),
        code_keys.c.revoked_at.is_(None),
    )
    .values(last_step=sa.bindparam("presented"))
)
_attempt = sa.insert(code_attempts)
_this = sa.and_(code_attempts.c.device == sa.bindparam("named"), code_attempts.c.step == sa.bindparam("presented"))
_under_way = sa.select(code_attempts.c.at).where(
    _this,
    code_attempts.c.till_id == sa.bindparam("by_till"),
    code_attempts.c.key == sa.bindparam("by_key"),
    code_attempts.c.outcome.is_(None),
    code_attempts.c.at > sa.bindparam("since"),
)
_finish = (
    sa.update(code_attempts).where(_this, code_attempts.c.outcome.is_(None)).values(outcome=sa.bindparam("to_outcome"))
)


def find(connection: sa.Connection, device: str) -> Phone | None:
    """Read the phone called `device`, dead ones too."""
    row = connection.execute(_phone_by_device, {"named": device}).one_or_none()
    return None if row is None else Phone(row[0], row[1], row[2], bytes(row[3]), row[4], bool(row[5]), bool(row[6]))


def is_held(connection: sa.Connection, device: str) -> bool:
    """Tell whether a phone is neither frozen nor removed.

    Locks: a live one against being either, until commit.
    """
    return connection.execute(_held, {"named": device}).first() is not None


def owner(connection: sa.Connection, handle: str) -> CodeOwner | None:
    """Read what the code screen of the member `handle` needs."""
    row = connection.execute(_owner, {"named": handle}).one_or_none()
    return None if row is None else CodeOwner(row[0], row[1], row[2], row[3], row[4] > 0, row[5])


def take(connection: sa.Connection, device: str, step: int, till: str, key: str, now: datetime) -> bool:
    """Spend the code of `step`, and with it every earlier one of that phone; False when it is spent or frozen.

    Of any number of tills at once one gets True: the update of the phone's row decides.
    Locks: the phone's row until commit. The caller commits this before any money moves.
    """
    spent = connection.execute(_spend, {"named": device, "presented": step})
    if spent.rowcount != 1:
        return False
    connection.execute(_attempt, {"device": device, "step": step, "till_id": till, "key": key, "at": now})
    return True


def finish(connection: sa.Connection, device: str, step: int, outcome: str) -> bool:
    """Note how an attempt ended: paid, asked or refused; False when it had ended before, which stands."""
    ended = connection.execute(_finish, {"named": device, "presented": step, "to_outcome": outcome})
    return ended.rowcount == 1


def under_way(connection: sa.Connection, device: str, step: int, till: str, key: str, since: datetime) -> bool:
    """Tell whether the till's request `key` took this code after `since` and has not ended yet."""
    asked = {"named": device, "presented": step, "by_till": till, "by_key": key, "since": since}
    return connection.execute(_under_way, asked).first() is not None


def enrolled(connection: sa.Connection, public_key_hash: str) -> Enrolled | None:
    """Give the phone that was enrolled with this public key."""
    row = connection.execute(
        sa.select(
            code_keys.c.person_id,
            code_keys.c.device,
            code_keys.c.server_public_key,
            code_keys.c.revoked_at.is_not(None),
        ).where(code_keys.c.public_key_hash == public_key_hash)
    ).one_or_none()
    return None if row is None else Enrolled(*row)


def add(
    connection: sa.Connection,
    *,
    device: str,
    person_id: int,
    secret: bytes,
    public_key_hash: str,
    server_public_key: str,
    frozen_at: datetime | None,
    session_id: int | None,
    now: datetime,
) -> None:
    """Enrol a phone; a member keeps the newest few of which a code may be taken now, all others are revoked."""
    connection.execute(
        sa.insert(code_keys),
        {
            "device": device,
            "person_id": person_id,
            "secret": secret,
            "public_key_hash": public_key_hash,
            "server_public_key": server_public_key,
            "enrolled_at": now,
            "frozen_at": frozen_at,
            "session_id": session_id,
        },
    )
    newest = (
        sa.select(code_keys.c.device)
        .where(
            code_keys.c.person_id == person_id,
            code_keys.c.revoked_at.is_(None),
            code_keys.c.last_step <= newest_step(now),
        )
        .order_by((code_keys.c.device == device).desc(), code_keys.c.enrolled_at.desc())
        .limit(LIVE_PHONES)
    )
    kept = list(connection.execute(newest).scalars())
    connection.execute(
        sa.update(code_keys)
        .where(code_keys.c.person_id == person_id, code_keys.c.revoked_at.is_(None), code_keys.c.device.not_in(kept))
        .values(revoked_at=now)
    )


def freeze(connection: sa.Connection, person_id: int, step: int, now: datetime) -> None:
    """Freeze every phone of the person; codes up to `step` stay dead after a later unfreezing.

    Locks:  the person, then the phones, until commit: one that is added at this moment is frozen with the others.
    """
    persons.lock(connection, person_id)
    connection.execute(
        sa.update(code_keys)
        .where(code_keys.c.person_id == person_id, code_keys.c.revoked_at.is_(None))
        .values(frozen_at=now, last_step=sa.case((code_keys.c.last_step < step, step), else_=code_keys.c.last_step))
    )


def unfreeze(connection: sa.Connection, person_id: int) -> None:
    """Let every phone of the person make codes again.

    Locks:  as `freeze`.
    """
    persons.lock(connection, person_id)
    connection.execute(
        sa.update(code_keys)
        .where(code_keys.c.person_id == person_id, code_keys.c.revoked_at.is_(None))
        .values(frozen_at=None)
    )


def phones_of(connection: sa.Connection, person_id: int) -> tuple[tuple[str, datetime], ...]:
    """List the phones that make codes for a person, newest first: device and when it was enrolled."""
    live = (
        sa.select(code_keys.c.device, code_keys.c.enrolled_at)
        .where(code_keys.c.person_id == person_id, code_keys.c.revoked_at.is_(None))
        .order_by(code_keys.c.enrolled_at.desc())
    )
    return tuple((device, at) for device, at in connection.execute(live))


def revoke(connection: sa.Connection, person_id: int, now: datetime, device: str | None = None) -> int:
    """Let one phone of a person, or each, make codes no more; count them."""
    these = [code_keys.c.person_id == person_id, code_keys.c.revoked_at.is_(None)]
    if device is not None:
        these.append(code_keys.c.device == device)
    return connection.execute(sa.update(code_keys).where(*these).values(revoked_at=now)).rowcount


def revoke_everyones(connection: sa.Connection, now: datetime) -> None:
    """Let every phone of everybody make codes no more."""
    connection.execute(sa.update(code_keys).where(code_keys.c.revoked_at.is_(None)).values(revoked_at=now))


def revoke_of_session(connection: sa.Connection, session_id: int, now: datetime) -> None:
    """Let the phone that was set up in a session make codes no more: somebody has ended it."""
    connection.execute(
        sa.update(code_keys)
        .where(code_keys.c.session_id == session_id, code_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def pass_on(connection: sa.Connection, former: int, session_id: int, now: datetime) -> None:
    """Have the phone set up in a `former` session follow the next one of its browser; another member's ends it."""
    whose = sa.select(sessions.c.person_id).where(sessions.c.id == session_id).scalar_subquery()
    connection.execute(
        sa.update(code_keys)
        .where(code_keys.c.session_id == former, code_keys.c.person_id == whose)
        .values(session_id=session_id)
    )
    revoke_of_session(connection, former, now)


def last_paid_by_code(connection: sa.Connection, account_id: int, after_seq: int, since: datetime) -> str | None:
    """Give the ref of the wallet's newest sale by a shown code after its posting `after_seq`, at or after `since`."""
    return connection.execute(
        sa.select(transfers.c.ref)
        .where(
            transfers.c.debit_id == account_id,
            transfers.c.debit_seq > after_seq,
            transfers.c.at >= since,
            transfers.c.kind == "sale",
            transfers.c.means == "code",
        )
        .order_by(transfers.c.debit_seq.desc())
        .limit(1)
    ).scalar_one_or_none()
