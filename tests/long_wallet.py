"""A wallet with as many movements as one likes, written past the ledger: for measuring lists, not for the books."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random

import sqlalchemy as sa

from wallet.domain.period import month_of
from wallet.kit import Kit
from wallet.services import members, network
from wallet.store.engine import write
from wallet.store.patronage import add_patronage
from wallet.store.tables import accounts, coops, people, tills, transfers

COOPS, TILLS, FRIENDS, SELDOM = 14, 2, 6, 5
YEARS = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class Places:
    """Hold the accounts with which a wallet has to do."""

    wallet: int
    employer: int
    friends: tuple[int, ...]
    tills: tuple[int, ...]
    seldom: int


def found(kit: Kit, *handles: str) -> None:
    """Found a federation in which each of `handles` works at the mill, with friends and co-ops to pay."""
    network.found_federation(kit, "Valley", zone="Europe/Lisbon")
    for slug in ("mill", "orchard", *(f"coop-{number}" for number in range(COOPS))):
        network.admit_coop(kit, slug, 0, name=slug.replace("-", " ").title())
        for number in range(TILLS):
            network.open_till(kit, slug, f"{slug}-{number}", f"Counter {number}")
    for number in range(FRIENDS):
        members.accept_customer(kit, f"friend-{number}", name=f"Friend {number}", counter_name="F")
    for handle in handles:
        members.join(kit, "mill", handle, name=handle.title(), counter_name=handle)


def fill(kit: Kit, handle: str, movements: int, until: datetime) -> None:
    """Give a wallet `movements`: purchases nearly all, pay, and a few of what is seldom."""
    dice, refs, first = Random(movements), count(), month_of(until - YEARS, "Europe/Lisbon")

    def work(connection: sa.Connection) -> None:
        here = places(connection, handle)
        rows = []
        for number in range(movements):
            kind, debit, credit, qualifies = one_of(dice, here, number)
            rows.append({
                "ref": f"{handle}-{next(refs)}", "kind": kind, "at": until - YEARS * (movements - number) / movements,
                "debit_id": debit, "credit_id": credit, "qualifies": qualifies, "amount_minor": 1 + number % 9_000,
                "debit_seq": number, "credit_seq": number, "debit_balance_minor": 0, "credit_balance_minor": 0,
            })  # fmt: skip
        connection.execute(sa.insert(transfers), rows)
        seq = sa.update(accounts).where(accounts.c.id == here.wallet).values(seq=movements)
        connection.execute(seq)
        # What they bought counts from the beginning on.
        person_id = connection.execute(sa.select(people.c.id).where(people.c.handle == handle)).scalar_one()
        add_patronage(connection, person_id, first, first, income_minor=1)

    write(kit.engine, work)


def one_of(dice: Random, here: Places, number: int) -> tuple[str, int, int, bool | None]:
    """Draw a movement; the first ones are those that are seldom, so that one looks for them from the other end."""
    if number < SELDOM:
        return "sale", here.wallet, here.seldom, True
    if number < SELDOM + FRIENDS:
        friend = here.friends[number - SELDOM]
        return ("gift", here.wallet, friend, None) if number % 2 else ("gift", friend, here.wallet, None)
    if number % 50 == 0:
        return "pay", here.employer, here.wallet, None
    till = dice.choice(here.tills)
    return "sale", here.wallet, till, till not in here.tills[:TILLS]


def places(connection: sa.Connection, handle: str) -> Places:
    """Look up the accounts; the tills of the employer come first."""
    by_slug = by_name(connection, coops.c.slug, coops.c.account_id)
    by_till = by_name(connection, tills.c.id, tills.c.account_id)
    by_handle = by_name(connection, people.c.handle, people.c.account_id)
    counters = [account for name, account in sorted(by_till.items()) if not name.startswith(("mill", "orchard"))]
    own = [account for name, account in sorted(by_till.items()) if name.startswith("mill")]
    friends = tuple(account for name, account in sorted(by_handle.items()) if name.startswith("friend"))
    return Places(by_handle[handle], by_slug["mill"], friends, (*own, *counters), by_till["orchard-0"])


def by_name(connection: sa.Connection, name: sa.Column[str], account: sa.Column[int]) -> dict[str, int]:
    """Give accounts by the names of their owners."""
    return {str(row[0]): int(row[1] or 0) for row in connection.execute(sa.select(name, account))}
