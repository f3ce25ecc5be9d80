"""Flags, from the ledger alone: sales that flow back, a basis at one co-op, two co-ops in a circle, months of work."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain import flag
from wallet.store.columns import MICROSECOND, from_micros, micros

# A page shows so many of each, the largest first.
SHOWN = 50

# A co-op is one with its tills: `owners` says whose an account is.
_BACK = sa.text("""
  WITH owners AS (SELECT id AS coop_id, account_id FROM coops UNION ALL SELECT coop_id, account_id FROM tills)
  SELECT s.ref, s.at, p.name AS payer, c.name AS coop, s.amount_minor, CAST(sum(g.amount_minor) AS bigint) AS back_minor
  FROM transfers g
    JOIN people giver ON giver.account_id = g.debit_id
    JOIN transfers s ON s.debit_id = g.credit_id AND s.kind = 'sale' AND s.at < g.at AND s.at >= g.at - :back_within
    JOIN owners o ON o.account_id = s.credit_id
    JOIN coops c ON c.id = o.coop_id
    JOIN people p ON p.account_id = s.debit_id
    JOIN member_terms m ON m.person_id = giver.id AND m.coop_id = o.coop_id
      AND m.from_at <= g.at AND (m.until_at IS NULL OR m.until_at > g.at)
  WHERE g.kind = 'gift' AND g.at > :since AND g.at <= :until AND s.amount_minor > 0
  GROUP BY s.id, s.ref, s.at, p.name, c.name, s.amount_minor
  HAVING 2 * sum(g.amount_minor) > s.amount_minor
  ORDER BY s.amount_minor DESC, s.id LIMIT :shown
""")
_AT_ONE = sa.text("""
  WITH owners AS (SELECT id AS coop_id, account_id FROM coops UNION ALL SELECT coop_id, account_id FROM tills),
  moved AS (
    SELECT s.debit_id AS wallet_id, o.coop_id, s.basis_minor AS minor
    FROM transfers s JOIN owners o ON o.account_id = s.credit_id WHERE s.kind = 'sale' AND s.basis_minor > 0
    UNION ALL SELECT r.credit_id, o.coop_id, -r.basis_minor
    FROM transfers r JOIN owners o ON o.account_id = r.debit_id WHERE r.kind = 'refund' AND r.basis_minor > 0),
  there AS (SELECT wallet_id, coop_id, sum(minor) AS minor FROM moved GROUP BY wallet_id, coop_id)
  SELECT p.handle, p.name AS member, c.name AS coop, CAST(t.minor AS bigint) AS there_minor, a.basis_minor
  FROM there t
    JOIN accounts a ON a.id = t.wallet_id JOIN people p ON p.account_id = a.id JOIN coops c ON c.id = t.coop_id
  WHERE a.basis_minor > 0 AND 100 * t.minor > :percent * a.basis_minor
  ORDER BY a.basis_minor DESC, p.id LIMIT :shown
""")
_CIRCLES = sa.text("""
  WITH owners AS (SELECT id AS coop_id, account_id FROM coops UNION ALL SELECT coop_id, account_id FROM tills),
  sales AS (
    SELECT s.id, o.coop_id, p.id AS person_id, s.at, s.amount_minor FROM transfers s
    JOIN owners o ON o.account_id = s.credit_id JOIN people p ON p.account_id = s.debit_id
    WHERE s.kind = 'sale' AND s.at > :since AND s.at <= :until),
  whole AS (SELECT coop_id, sum(amount_minor) AS minor FROM sales GROUP BY coop_id),
  flows AS (
    SELECT s.coop_id, m.coop_id AS of_id, sum(s.amount_minor) AS minor FROM sales s
    JOIN member_terms m ON m.person_id = s.person_id AND m.coop_id <> s.coop_id
      AND m.from_at <= s.at AND (m.until_at IS NULL OR m.until_at > s.at)
    GROUP BY s.coop_id, m.coop_id)
  SELECT one.name AS one, two.name AS two, CAST(there.minor AS bigint), CAST(w1.minor AS bigint),
    CAST(here.minor AS bigint), CAST(w2.minor AS bigint)
  FROM flows there
    JOIN flows here ON here.coop_id = there.of_id AND here.of_id = there.coop_id AND there.coop_id < there.of_id
    JOIN whole w1 ON w1.coop_id = there.coop_id JOIN whole w2 ON w2.coop_id = here.coop_id
    JOIN coops one ON one.id = there.coop_id JOIN coops two ON two.id = here.coop_id
  WHERE 2 * there.minor > w1.minor AND 2 * here.minor > w2.minor
  ORDER BY w1.minor + w2.minor DESC, one.name LIMIT :shown
""")
_LONG = sa.text("""
  SELECT p.handle, p.name, CAST(sum(t.minutes) AS bigint) AS minutes FROM transfers t
  JOIN people p ON p.account_id = t.credit_id
  WHERE t.kind = 'pay' AND t.at >= :begins AND t.at < :ends
  GROUP BY p.id, p.handle, p.name HAVING sum(t.minutes) > :most ORDER BY minutes DESC, p.id LIMIT :shown
""")


class Back(NamedTuple):
    """Hold a sale of which more than half came back to its payer from members of the co-op; amounts in minor units."""

    ref: str
    at: datetime
    payer: str
    coop: str
    amount_minor: int
    back_minor: int


class AtOne(NamedTuple):
    """Hold a member most of whose basis is of one co-op; amounts in minor units."""

    handle: str
    member: str
    coop: str
    there_minor: int
    basis_minor: int


class Circle(NamedTuple):
    """Hold two co-ops each of which sells mostly to the other's members; amounts in minor units, of `one` first."""

    one: str
    two: str
    one_to_other_minor: int
    one_minor: int
    two_to_other_minor: int
    two_minor: int


class Long(NamedTuple):
    """Hold somebody who was paid for more minutes of a month than count, over all co-ops."""

    handle: str
    name: str
    minutes: int


def flowed_back(connection: sa.Connection, since: datetime, until: datetime) -> list[Back]:
    """List sales of which more than half flowed back by gifts after `since` and up to `until`."""
    asked = _between(since, until) | {"back_within": flag.BACK_WITHIN // MICROSECOND}
    return [Back(row[0], from_micros(row[1]), *row[2:]) for row in connection.execute(_BACK, asked)]


def at_one_coop(connection: sa.Connection) -> list[AtOne]:
    """List members most of whose lifetime basis is of one co-op."""
    return [AtOne(*row) for row in connection.execute(_AT_ONE, {"percent": flag.ONE_COOP_PERCENT, "shown": SHOWN})]


def circles(connection: sa.Connection, since: datetime, until: datetime) -> list[Circle]:
    """List pairs of co-ops each of which sold mostly to the other's members after `since` and up to `until`."""
    return [Circle(*row) for row in connection.execute(_CIRCLES, _between(since, until))]


def long_months(connection: sa.Connection, begins: datetime, ends: datetime, most_minutes: int) -> list[Long]:
    """List people who were paid for more than `most_minutes` from `begins` on and before `ends`."""
    asked = {"begins": micros(begins), "ends": micros(ends), "most": most_minutes, "shown": SHOWN}
    return [Long(*row) for row in connection.execute(_LONG, asked)]


def _between(since: datetime, until: datetime) -> dict[str, int]:
    return {"since": micros(since), "until": micros(until), "shown": SHOWN}
