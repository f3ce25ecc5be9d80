"""A federation's year, written by SQL as the wallet would have left it: so large that playing it would take days.

Every figure follows from a member's number, so that balances, places in each account's order and running rows are
right without looking back; `verify` finds such books in order. PostgreSQL only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from wallet.domain.period import month_of, month_start, next_month
from wallet.store.columns import micros
from wallet.store.engine import write

# Everybody is paid on the first day; then sales follow one after another, up to the cut-off after the year's end.
STARTS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 15, tzinfo=UTC)
# Beyond it a member's sales could not all be of RES for hours that count.
MOST_SALES = 30
TEAM = 500

# A co-op and its one till, whose accounts stand side by side.
COOPS = """
INSERT INTO accounts (id, kind, rank, floor_minor) SELECT :coops_at + 2 * c, 'coop', 2, -1000000000000 FROM coop;
INSERT INTO accounts (id, kind, rank) SELECT :coops_at + 2 * c + 1, 'till', 1 FROM coop;
INSERT INTO credit_lines (account_id, after_seq, floor_minor) SELECT :coops_at + 2 * c, 0, -1000000000000 FROM coop;
INSERT INTO coops (id, slug, name, need, place, mark, status, admitted_at, account_id)
  SELECT :coop_at + c, 'coop-' || c, 'Co-op ' || c, 'other', '', 'c', 'active', :starts, :coops_at + 2 * c FROM coop;
INSERT INTO coop_terms (coop_id, from_at) SELECT :coop_at + c, :starts FROM coop;
INSERT INTO tills (id, coop_id, name, account_id)
  SELECT 'till-' || c, :coop_at + c, 'Counter', :coops_at + 2 * c + 1 FROM coop
"""
# Half of what a member is paid is left at the end; a sale moves one of 2R equal parts of eligible RES and minutes.
PEOPLE = """
INSERT INTO accounts (id, kind, rank, floor_minor, balance_minor, seq, eligible_minor, eligible_minutes, basis_minor,
    qualified_minutes)
  SELECT :wallets_at + i, 'wallet', 0, 0, :rounds * a, :rounds + 1, :rounds * a, :rounds * u, :rounds * a, :rounds * u
  FROM member;
INSERT INTO people (id, handle, name, counter_name, account_id, joined_at)
  SELECT :person_at + i, 'member-' || i, 'Member ' || i, 'M', :wallets_at + i, :starts FROM member;
INSERT INTO member_terms (person_id, coop_id, from_at)
  SELECT :person_at + i, :coop_at + i % :coops, :starts FROM member;
INSERT INTO own_set (person_id, coop_id, is_member, member_since, last_paid_at)
  SELECT :person_at + i, :coop_at + i % :coops, true, :starts, :starts FROM member;
INSERT INTO agreements (person_id, version, words, agreed_at) SELECT :person_at + i, 1, '', :starts FROM member;
INSERT INTO shares (person_id, month, share_bp, charter_version) SELECT :person_at + i, '2026-01', 1000, 1 FROM member;
INSERT INTO work_months (person_id, month, minutes)
  SELECT :person_at + i, '2026-01', 20 * :rounds * u FROM member;
INSERT INTO transfers (id, ref, kind, at, debit_id, credit_id, amount_minor, cash_minor, debit_seq, credit_seq,
    debit_balance_minor, credit_balance_minor, total_minor, minutes, counted_minutes, share_bp)
  SELECT :transfer_at + i, 'P' || lpad(CAST(i AS text), 9, '0'), 'pay', :starts, :coops_at + 2 * (i % :coops),
    :wallets_at + i, 2 * :rounds * a, 18 * :rounds * a, i / :coops + 1, 1, -2 * :rounds * upto, 2 * :rounds * a,
    20 * :rounds * a, 20 * :rounds * u, 20 * :rounds * u, 1000 FROM member
"""
# The round's number is `round`: everybody buys once in it, at another co-op than their own.
SALES = """
INSERT INTO transfers (id, ref, kind, at, debit_id, credit_id, amount_minor, debit_seq, credit_seq,
    debit_balance_minor, credit_balance_minor, qualifies, basis_minor, basis_minutes, till_id)
  SELECT :transfer_at + :members * (:round + 1) + i, 'S' || lpad(CAST(:members * :round + i AS text), 9, '0'), 'sale',
    :first_at + (:members * :round + i) * :step, :wallets_at + i, :coops_at + 2 * s.c + 1, a, :round + 2,
    s.seq + i / :coops + 1, (2 * :rounds - :round - 1) * a, s.minor + upto, true, a, u, 'till-' || s.c
  FROM member JOIN standing s ON s.c = (i % :coops + 1 + :round % (:coops - 1)) % :coops ORDER BY i;
UPDATE standing SET seq = standing.seq + came.seq, minor = standing.minor + came.minor
  FROM (SELECT (i % :coops + 1 + :round % (:coops - 1)) % :coops AS c, count(*) AS seq, sum(a) AS minor FROM member
    GROUP BY 1) came WHERE came.c = standing.c
"""
# How many of a member's sales fell into a month, from the numbers of the sales between whose instants it lies.
MONTHS = """
CREATE TEMP VIEW spent AS SELECT i, a, u, month, (upto_sale - 1 - i + {members}) / {members}
    - (from_sale - 1 - i + {members}) / {members} AS times FROM member, month_sales;
INSERT INTO basis_months (person_id, month, basis_minor, minutes)
  SELECT {person_at} + i, month, times * a, times * u FROM spent WHERE times > 0 ORDER BY month, i;
INSERT INTO patronage_months (person_id, month, posted_month, income_minor, spend_minor)
  SELECT {person_at} + i, month, month, CASE month WHEN '2026-01' THEN 20 * {rounds} * a ELSE 0 END, times * a
  FROM spent WHERE times > 0 OR month = '2026-01' ORDER BY month, i
"""
ENDING = """
UPDATE accounts SET seq = s.seq, balance_minor = s.minor FROM standing s WHERE id = :coops_at + 2 * s.c + 1;
UPDATE accounts SET seq = :team, balance_minor = -2 * :rounds * paid.minor FROM (SELECT i % :coops AS c,
  sum(a) AS minor FROM member GROUP BY 1) paid WHERE id = :coops_at + 2 * paid.c;
INSERT INTO keys (scope, key, digest, act, made, at)
  SELECT 'ref', ref, repeat('0', 64), kind, ref, at FROM transfers WHERE id >= :transfer_at ORDER BY id
"""
NUMBERED = ("accounts", "coops", "people", "transfers")


@dataclass(frozen=True, slots=True)
class Size:
    """Hold how many members there are, in how many co-ops, and how often each buys."""

    team: int
    coops: int
    rounds: int

    @classmethod
    def of(cls, members: int, sales: int) -> "Size":
        """Come as near to so many members and sales as equal co-ops and equal members do."""
        team = min(TEAM, members // 4)
        size = cls(team, members // team, sales // members)
        assert 1 <= size.rounds <= MOST_SALES, f"{sales} sales are not 1 to {MOST_SALES} for each of {members} members"
        return size

    @property
    def members(self) -> int:
        """Count the members."""
        return self.team * self.coops

    @property
    def sales(self) -> int:
        """Count the sales."""
        return self.members * self.rounds


def write_year(engine: sa.Engine, size: Size) -> None:
    """Write the year into a federation that was just founded."""
    write(engine, lambda connection: _write(connection, size))
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
        connection.exec_driver_sql("CHECKPOINT")


def _write(connection: sa.Connection, size: Size) -> None:
    for setting in ("session_replication_role = replica", "maintenance_work_mem = '1GB'", "work_mem = '256MB'"):
        connection.exec_driver_sql(f"SET LOCAL {setting}")
    indexes = _without_indexes(connection)
    first = STARTS + timedelta(days=1)
    known = {
        "members": size.members, "coops": size.coops, "rounds": size.rounds, "team": size.team,
        "starts": micros(STARTS), "first_at": micros(first), "step": (micros(ENDS) - micros(first)) // size.sales,
    }  # fmt: skip
    known |= {f"{one}_at": _free(connection, table) for one, table in (("person", "people"), ("coop", "coops"))}
    known |= {"transfer_at": _free(connection, "transfers"), "wallets_at": _free(connection, "accounts")}
    known["coops_at"] = known["wallets_at"] + size.members
    _ground(connection, known)
    _all(connection, COOPS, known)
    _all(connection, PEOPLE, known)
    for number in range(size.rounds):
        _all(connection, SALES, known | {"round": number})
    _months(connection, known)
    _all(connection, ENDING, known)
    for table in NUMBERED:
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
    for index in indexes:
        connection.exec_driver_sql(index)


def _without_indexes(connection: sa.Connection) -> list[str]:
    """Drop what is quicker built once at the end; give the statements that do."""
    found = connection.exec_driver_sql(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'transfers' AND indexname LIKE 'ix_%%'"
    ).all()
    for name, _definition in found:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _free(connection: sa.Connection, table: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").scalar_one())


def _ground(connection: sa.Connection, known: dict[str, int]) -> None:
    """Lay out who a member is: what each sale is of, the minutes in it, and the sum of it over the team so far."""
    price = f"500 + i % {known['coops']} % 101"
    place = f"i / {known['coops']}"
    for statement in (
        f"CREATE TEMP TABLE coop ON COMMIT DROP AS SELECT c FROM generate_series(0, {known['coops']} - 1) c",
        "CREATE TEMP TABLE member ON COMMIT DROP AS SELECT CAST(i AS bigint) AS i,"
        f" CAST({price} + {place} AS bigint) AS a, CAST(30 + i % ({900 // known['rounds']} - 29) AS bigint) AS u,"
        f" CAST(({place} + 1) * ({price}) + {place} * ({place} + 1) / 2 AS bigint) AS upto"
        f" FROM generate_series(0, {known['members']} - 1) i",
        "CREATE TEMP TABLE standing ON COMMIT DROP AS SELECT c, CAST(0 AS bigint) AS seq, CAST(0 AS bigint) AS minor"
        " FROM coop",
        "CREATE TEMP TABLE month_sales (month text, from_sale bigint, upto_sale bigint) ON COMMIT DROP",
        "ANALYZE coop, member, standing",
    ):
        connection.execute(sa.text(statement))


def _months(connection: sa.Connection, known: dict[str, int]) -> None:
    month, sales = month_of(STARTS, "UTC"), known["members"] * known["rounds"]
    while month_start(month, "UTC") < ENDS:
        begins, ends = month_start(month, "UTC"), month_start(next_month(month), "UTC")
        from_sale, upto_sale = (
            min(sales, max(0, -(-(micros(at) - known["first_at"]) // known["step"]))) for at in (begins, ends)
        )
        connection.execute(
            sa.text("INSERT INTO month_sales VALUES (:m, :a, :b)"), {"m": month, "a": from_sale, "b": upto_sale}
        )
        month = next_month(month)
    for statement in MONTHS.format(**known).strip().split(";\n"):
        connection.execute(sa.text(statement))
    connection.exec_driver_sql("DROP VIEW spent")


def _all(connection: sa.Connection, statements: str, known: dict[str, int]) -> None:
    for statement in statements.strip().split(";\n"):
        text = sa.text(statement)
        asked = {name: value for name, value in known.items() if name in text.compile().params}
        # Sent as what it is: a small number would be multiplied as a small one.
        connection.execute(text.bindparams(*(sa.bindparam(name, type_=sa.BigInteger) for name in asked)), asked)
