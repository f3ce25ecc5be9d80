"""A small federation under load: tills, cashiers and members with RES to spend."""

import sqlalchemy as sa

from bench.load import Counter
from wallet.config import Settings
from wallet.kit import Kit
from wallet.services import histories, members, network
from wallet.services import sessions as sign_in
from wallet.store import migrate, sessions
from wallet.store.engine import make_engine, write

COUNTERS = 40
COOPS = 8
# So many that each comes less than once a second.
PAYERS = 25


def found(url: str) -> tuple[list[Counter], sa.Engine]:
    """Found the federation in an empty database; give its counters, each with its sessions, and the engine."""
    engine = make_engine(url)
    migrate.upgrade(engine)
    kit = Kit(engine, settings=Settings(database_url=url, demo=True))
    network.found_federation(kit, "Bench")
    for number in range(COOPS):
        network.admit_coop(kit, f"coop-{number}", 10**11)
    network.admit_coop(kit, "mill", 10**11)
    return [_counter(kit, number) for number in range(COUNTERS)], engine


def _counter(kit: Kit, number: int) -> Counter:
    coop, till, cashier = f"coop-{number % COOPS}", f"till-{number}", f"cashier-{number}"
    network.open_till(kit, coop, till, till)
    members.join(kit, coop, cashier)
    members.grant(kit, cashier, "cashier", coop)
    payers = [f"payer-{number}-{place}" for place in range(PAYERS)]
    for payer in payers:
        members.join(kit, "mill", payer)
        histories.pay(kit, "mill", payer, 10**7, 9600, key=payer)
    return Counter(till, _signed_in(kit, cashier), tuple(_signed_in(kit, payer) for payer in payers))


def _signed_in(kit: Kit, handle: str) -> str:
    """Give the cookie of a session that a passkey opened: unlike a persona's, it is held to the limits of a phone."""
    token, door = sign_in.doorway(kit)
    now = kit.clock()
    write(
        kit.engine, lambda connection: sessions.enter(connection, handle, door, now, means="passkey", asserted_at=now)
    )
    return f"wallet={token}"
