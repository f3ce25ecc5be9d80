"""Sessions: signing in and out, with rows that can be revoked at once."""

import re
import secrets
from datetime import timedelta
from hashlib import sha256

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import sessions
from wallet.store.engine import reading, write
from wallet.store.sessions import Bearer, SessionView

LIFETIME = timedelta(days=30)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def sign_in(kit: Kit, handle: str, *, former: str | None = None) -> str:
    """Open a session for `handle` and give its token; the browser's `former` session ends with it.

    Raises: unknown_member.
    """
    token = secrets.token_urlsafe(32)
    now = kit.clock()

    def work(connection: sa.Connection) -> None:
        if former:
            sessions.close(connection, digest(former), now)
        if not sessions.open_for(connection, handle, digest(token), now, now + LIFETIME):
            raise refuse("unknown_member")

    write(kit.engine, work)
    return token


def sign_out(kit: Kit, token: str) -> None:
    """Revoke the session of `token`; an unknown one is no error."""
    write(kit.engine, lambda connection: sessions.close(connection, digest(token), kit.clock()))


def end_all(kit: Kit) -> None:
    """Sign everybody out everywhere."""
    write(kit.engine, lambda connection: sessions.close_everyones(connection, kit.clock()))


def look_up(kit: Kit, token: str) -> SessionView | None:
    """Find the live session of `token`."""
    if not TOKEN.fullmatch(token):
        return None
    with reading(kit.engine) as connection:
        return sessions.find(connection, digest(token), kit.clock())


def bearer(token: str) -> Bearer | None:
    """Give what an act needs to find the session of `token`; None for what cannot be a token."""
    return Bearer(digest(token)) if TOKEN.fullmatch(token) else None


def digest(token: str) -> str:
    """Give what the database keeps of a token: nobody who reads it can sign in with it."""
    return sha256(token.encode()).hexdigest()
