"""Each transfer by itself: two accounts of the right sort, an amount its kind may have; all balances together 0."""

from collections.abc import Iterator

import sqlalchemy as sa

from wallet.store.verify.breach import Breach

_COUNT = sa.text("SELECT COUNT(*) FROM transfers WHERE id > :after")
# In two parts, of which no sum can be too large for the database, whatever a balance says.
_SUM = sa.text(
    "SELECT COALESCE(SUM(balance_minor >> 32), 0), COALESCE(SUM(balance_minor & 4294967295), 0) FROM accounts"
)
_ACCOUNTS = sa.text(
    "SELECT t.id, t.kind FROM transfers t"
    " LEFT JOIN accounts d ON d.id = t.debit_id LEFT JOIN accounts c ON c.id = t.credit_id"
    " WHERE t.id > :after AND (d.id IS NULL OR c.id IS NULL OR d.id = c.id OR NOT ("
    " (t.kind = 'pay' AND d.kind = 'coop' AND c.kind = 'wallet')"
    " OR (t.kind = 'sale' AND d.kind = 'wallet' AND c.kind IN ('till', 'coop'))"
    " OR (t.kind = 'refund' AND d.kind IN ('till', 'coop') AND c.kind = 'wallet')"
    " OR (t.kind = 'gift' AND d.kind = 'wallet' AND c.kind = 'wallet')"
    " OR (t.kind = 'supply' AND d.kind = 'coop' AND c.kind = 'coop')"
    " OR (t.kind = 'fund' AND d.kind = 'coop' AND c.kind = 'pool')"
    " OR (t.kind = 'dividend' AND d.kind = 'pool' AND c.kind = 'wallet')"
    " OR (t.kind = 'sweep' AND d.kind IN ('till', 'coop') AND c.kind IN ('till', 'coop') AND d.kind <> c.kind)"
    ")) ORDER BY t.id"
)
_AMOUNTS = sa.text(
    "SELECT id, kind, amount_minor FROM transfers WHERE id > :after AND (amount_minor < 0 OR cash_minor < 0"
    " OR (amount_minor = 0 AND NOT (kind = 'pay' OR (kind IN ('sale', 'refund') AND cash_minor > 0)))"
    " OR (cash_minor <> 0 AND kind NOT IN ('pay', 'sale', 'refund'))) ORDER BY id"
)
_SWEEPS = sa.text(
    "SELECT t.id FROM transfers t LEFT JOIN tills d ON d.account_id = t.debit_id"
    " LEFT JOIN tills c ON c.account_id = t.credit_id"
    " LEFT JOIN coops o ON o.account_id IN (t.debit_id, t.credit_id)"
    " WHERE t.id > :after AND t.kind = 'sweep' AND (o.id IS NULL OR COALESCE(d.coop_id, c.coop_id, -1) <> o.id)"
    " ORDER BY t.id"
)
_TILLS = sa.text(
    "SELECT t.id FROM transfers t JOIN tills l ON l.id = t.till_id"
    " WHERE t.id > :after AND t.kind = 'sale' AND t.credit_id <> l.account_id ORDER BY t.id"
)
_WHERE = sa.text(
    "SELECT t.id FROM transfers t LEFT JOIN tills l ON l.id = t.till_id LEFT JOIN shifts s ON s.id = t.shift_id"
    " LEFT JOIN people p ON p.id = t.cashier_id WHERE t.id > :after"
    " AND ((t.till_id IS NOT NULL AND l.id IS NULL) OR (t.cashier_id IS NOT NULL AND p.id IS NULL)"
    " OR (t.shift_id IS NOT NULL AND (s.id IS NULL OR s.till_id <> t.till_id))) ORDER BY t.id"
)
_OWNERS = sa.text(
    "SELECT a.id FROM accounts a LEFT JOIN (SELECT account_id FROM people UNION ALL SELECT account_id FROM coops"
    " UNION ALL SELECT account_id FROM tills) o ON o.account_id = a.id"
    " WHERE a.kind <> 'pool' GROUP BY a.id HAVING COUNT(o.account_id) <> 1 ORDER BY a.id"
)
_POOLS = sa.text("SELECT id FROM accounts WHERE kind = 'pool' ORDER BY id")


def count_transfers(connection: sa.Connection, after: int) -> int:
    """Count the transfers whose id is greater than `after`."""
    return int(connection.execute(_COUNT, {"after": after}).scalar_one())


def check(connection: sa.Connection, after: int) -> Iterator[Breach]:
    """Look at every transfer whose id is greater than `after`, and at the sum of all balances."""
    told = {"after": after}
    for row in connection.execute(_ACCOUNTS, told):
        yield Breach("I1", "transfers", str(row.id), f"A {row.kind} does not run between two such accounts.")
    for row in connection.execute(_AMOUNTS, told):
        yield Breach("I1", "transfers", str(row.id), f"A {row.kind} cannot be of {row.amount_minor} with its cash.")
    for row in connection.execute(_SWEEPS, told):
        yield Breach("I1", "transfers", str(row.id), "A sweep runs between a co-op and a till of another.")
    for row in connection.execute(_TILLS, told):
        yield Breach("I1", "transfers", str(row.id), "A sale at a till went into another account.")
    for row in connection.execute(_WHERE, told):
        yield Breach("I1", "transfers", str(row.id), "It names a till, a shift of it or a cashier that does not exist.")
    for row in connection.execute(_OWNERS):
        yield Breach("I1", "accounts", str(row.id), "An account belongs to nobody, or to more than one.")
    for row in list(connection.execute(_POOLS))[1:]:
        yield Breach("I1", "accounts", str(row.id), "There is a second pool.")
    high, low = connection.execute(_SUM).one()
    total = (int(high) << 32) + int(low)
    if total != 0:
        yield Breach("I3", "accounts", "all", f"All balances sum to {total} and not to 0.")
