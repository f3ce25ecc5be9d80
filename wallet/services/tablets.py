"""Tablets: a steward makes a shared device a till, and cashiers sign it in from their own phones.

The device shows a code, somebody's phone vouches for it, and the device takes what it was given. What it then holds is
a session of that cashier which works tills and nothing else, and which ends when nobody touches it.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.domain.pairing import awake_until
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import pairings, sessions, tablets, tillkeys
from wallet.store.engine import reading, write
from wallet.store.pairings import Pairing
from wallet.store.sessions import Bearer
from wallet.store.tablets import Tablet
from wallet.store.tills import at_till, no_such_till

MEANS = "tablet"


@dataclass(frozen=True, slots=True)
class Browser:
    """Tell what a browser is: a tablet, one that was revoked, or none yet; and the code it shows."""

    tablet: Tablet | None
    former: Tablet | None
    pairing: Pairing | None


def standing(kit: Kit, token_hash: str) -> Browser:
    """Tell what the browser with this token is."""
    with reading(kit.engine) as connection:
        tablet = tablets.of_browser(connection, token_hash)
        former = None if tablet else tablets.last_of_browser(connection, token_hash)
        return Browser(tablet, former, pairings.shown(connection, token_hash, kit.clock()))


def stands_at(kit: Kit, token_hash: str, till: str) -> bool:
    """Tell whether the browser with this token is a tablet of the co-op whose till it is."""
    with reading(kit.engine) as connection:
        tablet = tablets.of_browser(connection, token_hash)
        return tablet is not None and tablets.coop_of_till(connection, till) == tablet.coop


def show_code(kit: Kit, token_hash: str) -> str:
    """Draw a code that the browser with this token shows for five minutes."""

    def work(connection: sa.Connection) -> str:
        tablet = tablets.of_browser(connection, token_hash)
        return pairings.show_code(connection, token_hash, tablet.id if tablet else None, kit.clock())

    return write(kit.engine, work, keyed=False)


def look_up(kit: Kit, code: str) -> tuple[Pairing, Tablet | None]:
    """Give the pairing of a code, and the tablet that it signs in, if it signs one in.

    Raises: Refusal unknown_pairing.
    """
    with reading(kit.engine) as connection:
        return _known(connection, code, kit.clock())


def vouched_for(kit: Kit, code: str, person_id: int) -> Tablet | None:
    """Give the tablet for which a person has just vouched by this code."""
    with reading(kit.engine) as connection:
        return _vouched_for(connection, code, person_id, kit.clock())


def register(kit: Kit, steward_id: int, coop: str, code: str, till: str, name: str) -> None:
    """Make the browser that shows `code` the tablet of a till of `coop`; twice is once.

    Raises: Refusal unknown_pairing, unknown_till.
    """

    def work(connection: sa.Connection) -> None:
        now = kit.clock()
        pairing, _tablet = _known(connection, code, now)
        if tablets.coop_of_till(connection, till) != coop:
            raise no_such_till()
        before = tablets.of_browser(connection, pairing.token_hash)
        if before is not None and before.coop != coop:
            # It stands in another co-op's shop: that co-op's stewards let go of it first.
            raise refuse("unknown_pairing")
        if before is not None:
            _take_out(connection, before, steward_id, now)
        tablets.add(connection, pairing.token_hash, till, name, steward_id, now)
        made = tablets.of_browser(connection, pairing.token_hash)
        if made is None or made.till != till:
            # Of two that come at once with one code, the other has made it another till's.
            raise refuse("unknown_pairing")
        pairings.drop_code(connection, pairing.token_hash)
        tillkeys.ensure(connection, till, now)

    write(kit.engine, work, keyed=False)


def sign_in(kit: Kit, cashier: str, bearer: str, till: str, code: str) -> None:
    """Vouch, as a cashier of its till, for the tablet that shows `code`; twice is once.

    Raises: Refusal unknown_till, not_signed_in, unknown_pairing.
    """

    def work(connection: sa.Connection) -> None:
        now = kit.clock()
        cashier_id = at_till(connection, till, cashier).cashier_id
        sessions.hold(connection, cashier_id, bearer, now)
        before = _vouched_for(connection, code, cashier_id, now)
        if before is not None and before.till == till:
            return
        pairing, tablet = _known(connection, code, now)
        if tablet is None or tablet.till != till:
            raise refuse("unknown_pairing")
        if not pairings.approve(connection, pairing.code, cashier_id, now):
            raise refuse("unknown_pairing")

    write(kit.engine, work)


def enter(kit: Kit, token_hash: str, digest: str) -> str:
    """Begin the session that a cashier has vouched for, on the tablet itself; give its till.

    `digest` is what the database keeps of the new session's token. Whoever worked there before is signed out.
    Raises: Refusal unknown_pairing, for a code that nobody has approved, or one approved by who is no cashier now,
            which is used up all the same: a tablet that is approved asks by itself.
    Locks:  the code, until commit: who signs out everywhere or takes the tablet out of service finds the session.
    """

    def work(connection: sa.Connection) -> str | None:
        now = kit.clock()
        approved = pairings.use(connection, token_hash, now)
        tablet = tablets.of_browser(connection, token_hash)
        if approved is None or tablet is None or approved[1] != tablet.id:
            return None
        handle = tablets.cashier(connection, approved[0], tablet.coop_id)
        if handle is None:
            return None
        tablets.close_sessions(connection, tablet.id, now)
        sessions.open_for(
            connection,
            handle,
            digest,
            now,
            awake_until(now, now),
            means=MEANS,
            device=f"{tablet.till_name}, {tablet.name}",
        )
        tablets.bind(connection, digest, tablet.id)
        return tablet.till

    till = write(kit.engine, work)
    if till is None:
        raise refuse("unknown_pairing")
    return till


def is_open(kit: Kit, bearer: Bearer) -> bool:
    """Tell whether somebody is signed in at the tablet with this session."""
    with reading(kit.engine) as connection:
        return sessions.find(connection, bearer.digest, kit.clock()) is not None


def is_for(kit: Kit, bearer: Bearer, kind: str | None, name: str) -> bool:
    """Tell whether the session of a tablet is for what an address names: a till or a thing of its co-op."""
    with reading(kit.engine) as connection:
        return tablets.is_for(connection, bearer.digest, kind, name)


def keep_awake(kit: Kit, bearer: Bearer, busy_until: datetime | None = None) -> None:
    """Note that somebody is at the tablet with this session; a locked one stays locked."""

    def work(connection: sa.Connection) -> None:
        began = tablets.began_at(connection, bearer.digest)
        if began is not None:
            now = kit.clock()
            tablets.stay(connection, bearer.digest, awake_until(now, began, busy_until), now)

    write(kit.engine, work)


def lock(kit: Kit, bearer: Bearer) -> None:
    """Sign whoever works at the tablet with this session out of it; twice is once."""
    write(kit.engine, lambda connection: sessions.close(connection, bearer.digest, kit.clock()))


def revoke(kit: Kit, steward_id: int, coop: str, tablet_id: int) -> None:
    """Take a tablet out of service at once; what it shows cannot be acted on any more.

    Raises: Refusal unknown_tablet.
    """

    def work(connection: sa.Connection) -> None:
        now, tablet = kit.clock(), tablets.find(connection, tablet_id)
        if tablet is None or tablet.coop != coop or not _take_out(connection, tablet, steward_id, now):
            raise refuse("unknown_tablet")

    write(kit.engine, work, keyed=False)


def _take_out(connection: sa.Connection, tablet: Tablet, steward_id: int, now: datetime) -> bool:
    # First: a tablet that begins holds its code.
    pairings.withdraw(connection, tablet.id)
    tillkeys.renew(connection, tablet.till, now)
    return tablets.revoke(connection, tablet.coop, tablet.id, steward_id, now)


def _vouched_for(connection: sa.Connection, code: str, person_id: int, now: datetime) -> Tablet | None:
    tablet_id = pairings.vouched_for(connection, code, person_id, now)
    return None if tablet_id is None else tablets.find(connection, tablet_id)


def _known(connection: sa.Connection, code: str, now: datetime) -> tuple[Pairing, Tablet | None]:
    pairing = pairings.by_code(connection, code, now)
    if pairing is None:
        raise refuse("unknown_pairing")
    tablet = None if pairing.tablet_id is None else tablets.find(connection, pairing.tablet_id)
    if pairing.tablet_id is not None and tablet is None:
        raise refuse("unknown_pairing")
    return pairing, tablet
