"""What the database says about wallets and co-ops, read with SQL of the tests' own."""

import sqlalchemy as sa

from wallet.domain.period import month_of
from wallet.kit import Kit
from wallet.store import shares

FIGURES = sa.text(
    "SELECT p.handle, a.balance_minor, a.eligible_minor, a.eligible_minutes, a.basis_minor, a.qualified_minutes"
    " FROM people p JOIN accounts a ON a.id = p.account_id"
)
COOPS = sa.text(
    "SELECT c.slug, a.balance_minor + COALESCE((SELECT SUM(t.balance_minor) FROM accounts t"
    " JOIN tills ON tills.account_id = t.id WHERE tills.coop_id = c.id), 0)"
    " FROM coops c JOIN accounts a ON a.id = c.account_id"
)
POOL = sa.text("SELECT balance_minor FROM accounts WHERE kind = 'pool'")


def figures(kit: Kit) -> dict[str, tuple[int, int, int, int, int]]:
    """Give balance, eligible, eligible minutes, basis and qualified minutes of every wallet, by handle."""
    with kit.engine.connect() as connection:
        return {row[0]: (row[1], row[2], row[3], row[4], row[5]) for row in connection.execute(FIGURES)}


def coop_balances(kit: Kit) -> dict[str, int]:
    """Give the balance of every co-op together with its tills, by slug."""
    with kit.engine.connect() as connection:
        return {slug: int(balance) for slug, balance in connection.execute(COOPS)}


def pool_balance(kit: Kit) -> int:
    """Give the balance of the federation's pool."""
    with kit.engine.connect() as connection:
        return int(connection.execute(POOL).scalar_one())


def shares_by_month(kit: Kit, zone: str = "UTC") -> dict[str, dict[str, int]]:
    """Give the pay share of each month up to now of everybody who was ever paid, by handle."""
    with kit.engine.connect() as connection:
        found = shares.of_all(connection, month_of(kit.clock(), zone), kit.charter)
        people = connection.execute(sa.text("SELECT id, handle FROM people"))
        return {handle: found[person] for person, handle in people if found.get(person)}
