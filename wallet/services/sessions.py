"""Sessions: signing in and out, with rows that can be revoked at once."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from wallet.domain.recovery import parted
from wallet.domain.secret import digest_of, is_token
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import codes, confinements, invitations, notices, pairings, people, proposals, recovery, sessions
from wallet.store.engine import note, reading, write
from wallet.store.sessions import Bearer, Doorway, SessionView

LIFETIME = timedelta(days=30)
# Long enough to make a new passkey.
RECOVERY_LIFETIME = timedelta(hours=1)


def doorway(kit: Kit, *, former: str = "", ceremony: str = "", device: str = "") -> tuple[str, Doorway]:
    """Draw the token of a new session; give it with what the sign-in needs to know of the browser.

    `former` and `ceremony` are the tokens that the browser sent.
    """
    token = secrets.token_urlsafe(32)
    ended = digest_of(former) if former else None
    return token, Doorway(digest_of(ceremony), digest_of(token), kit.clock() + LIFETIME, ended, device)


def sign_in_as(kit: Kit, handle: str, door: Doorway) -> None:
    """Sign a persona of the demo in, without any proof.

    Raises: Refusal unknown_member.
    """

    def work(connection: sa.Connection) -> None:
        sessions.enter(connection, handle, door, kit.clock(), means="demo", asserted_at=None)

    write(kit.engine, work)


def sign_in_by_code(kit: Kit, door: Doorway, code: str) -> str:
    """Sign in whoever a recovery code belongs to, once; give their handle.

    Raises: Refusal unknown_code.
    """
    parts = parted(code) or ("", "")
    now = kit.clock()

    def work(connection: sa.Connection) -> str:
        person_id = recovery.use(connection, *parts, now)
        if person_id is None:
            raise refuse("unknown_code")
        handle = people.handle_of(connection, person_id)
        brief = replace(door, until=min(door.until, now + RECOVERY_LIFETIME))
        sessions.enter(connection, handle, brief, now, means="recovery", asserted_at=None)
        notices.tell(connection, person_id, "recovery_used", now, door.device)
        return handle

    return write(kit.engine, work, keyed=False)


def new_recovery_codes(kit: Kit, person_id: int, bearer: str) -> tuple[str, ...]:
    """Draw ten new recovery codes and give them, this once; the former ones work no more.

    Raises: Refusal not_signed_in.
    """

    def work(connection: sa.Connection) -> tuple[str, ...]:
        sessions.hold(connection, person_id, bearer, kit.clock())
        drawn = recovery.renew(connection, person_id, kit.clock())
        notices.tell(connection, person_id, "recovery_renewed", kit.clock())
        return drawn

    return write(kit.engine, work)


def end_one(kit: Kit, person_id: int, session_id: int) -> None:
    """Sign a person out on one browser; the phone that it is makes no codes that a till takes.

    Raises: Refusal unknown_session.
    """

    def work(connection: sa.Connection) -> None:
        if not sessions.close_one(connection, person_id, session_id, kit.clock()):
            raise refuse("unknown_session")
        codes.revoke_of_session(connection, session_id, kit.clock())

    write(kit.engine, work, keyed=False)


def end_everywhere(kit: Kit, person_id: int) -> None:
    """Sign a person out on every browser and tablet; phones that make codes for them make none that a till takes."""

    def work(connection: sa.Connection) -> None:
        sessions.shut_out(connection, person_id, kit.clock())
        notices.tell(connection, person_id, "left_everywhere", kit.clock())

    write(kit.engine, work)


def stop_way_back(kit: Kit, person_id: int) -> None:
    """Stop whoever asks at a co-op for a way into this person's wallet; twice is once.

    Raises: Refusal confined, in the three days after a way back: who came in by a wrong one would stop the owner's.
    """

    def work(connection: sa.Connection) -> None:
        now, handle = kit.clock(), people.handle_of(connection, person_id)
        if confinements.is_confined(connection, person_id, now):
            raise refuse("confined")
        asked = proposals.withdraw_ways_back(connection, handle, person_id, now)
        if invitations.stop_ways_back(connection, person_id, now) or asked:
            notices.tell(connection, person_id, "way_back_stopped", now)

    write(kit.engine, work)


def remove_phone(kit: Kit, person_id: int, device: str) -> None:
    """Let one phone of a person make codes no more; twice is once."""
    write(kit.engine, lambda connection: codes.revoke(connection, person_id, kit.clock(), device))


def see_notices(kit: Kit, person_id: int, bearer: str, at: datetime) -> None:
    """Note that a person has seen what had happened at `at`, on the browser of this session."""

    def work(connection: sa.Connection) -> None:
        notices.see(connection, person_id, at)
        sessions.note_look(connection, bearer, at)

    note(kit.engine, work)


def sign_out(kit: Kit, token: str) -> None:
    """Revoke the session of `token`, and the key of the phone on which it was; an unknown one is no error."""

    def work(connection: sa.Connection) -> None:
        ended = sessions.close(connection, digest_of(token), kit.clock())
        if ended is not None:
            codes.revoke_of_session(connection, ended, kit.clock())

    write(kit.engine, work)


def end_all(kit: Kit) -> None:
    """Sign everybody out on every browser and tablet, and end every link that lets somebody in.

    Phones make codes that a till takes once they are set up anew.
    """

    def work(connection: sa.Connection) -> None:
        now = kit.clock()
        sessions.close_everyones(connection, now)
        pairings.unvouch_everyones(connection)
        codes.revoke_everyones(connection, now)
        invitations.withdraw_everyones(connection, now)
        proposals.withdraw_everyones_ways_back(connection, now)

    write(kit.engine, work)


def look_up(kit: Kit, asked: Bearer) -> SessionView | None:
    """Find the live session of who asks."""
    with reading(kit.engine) as connection:
        return sessions.find(connection, asked.digest, kit.clock())


def bearer(token: str, *, at_counter: bool = False) -> Bearer | None:
    """Give what an act needs to find the session of `token`; None for what cannot be a token.

    A tablet's token is kept under another digest: put into the place of a wallet's, it opens nothing.
    """
    if not is_token(token):
        return None
    return Bearer(digest_of(f"tablet {token}" if at_counter else token))
