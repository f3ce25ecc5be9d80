"""A small federation under load: tills, cashiers and members with RES to spend."""

import sqlalchemy as sa

from bench.load import Counter
from wallet.config import Settings
from wallet.kit import Kit
from wallet.services import members, network, payday, sessions
from wallet.store import migrate
from wallet.store.engine import make_engine

COUNTERS = 40
COOPS = 8


def found(url: str) -> tuple[list[Counter], sa.Engine]:
    """Found the federation in an empty database; give its counters, each with two sessions, and the engine."""
    engine = make_engine(url)
    migrate.upgrade(engine)
    kit = Kit(engine, settings=Settings(database_url=url, demo=True))
    network.found_federation(kit, "Bench")
    for number in range(COOPS):
        network.admit_coop(kit, f"coop-{number}", 10**11)
    network.admit_coop(kit, "mill", 10**11)
    return [_counter(kit, number) for number in range(COUNTERS)], engine


def _counter(kit: Kit, number: int) -> Counter:
    coop, till = f"coop-{number % COOPS}", f"till-{number}"
    cashier, payer = f"cashier-{number}", f"payer-{number}"
    network.open_till(kit, coop, till, till)
    members.join(kit, coop, cashier)
    members.grant(kit, cashier, "cashier", coop)
    members.join(kit, "mill", payer)
    payday.pay_line(kit, "mill", payer, 10**9, 9600, key=f"pay-{number}")
    return Counter(till, _cookie(kit, cashier), _cookie(kit, payer))


def _cookie(kit: Kit, handle: str) -> str:
    return f"wallet={sessions.sign_in(kit, handle)}"
