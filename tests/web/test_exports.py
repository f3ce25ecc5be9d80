"""Every file that one can take away: none is missed, each is whole beyond a thousand lines, and 2.00 stays 2.00."""

import csv
from collections.abc import Callable
from io import StringIO
from itertools import cycle
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from wallet.kit import Kit
from wallet.store import people as holders
from wallet.store.engine import write
from wallet.store.tables import coops, dividend_lines, dividend_runs, own_set, pay_lines, pay_runs, people, transfers

MANY = 1_001
# Who takes the file, from where, and the column in which each line has 2.00; None where a line has no sum yet.
FILES: dict[str, tuple[str, str, str | None]] = {
    "counted_sales.sheet": ("ana", "/dividend/basis.csv", "RES"),
    "counted_sales.sheet_of_run": ("ana", "/dividend/1/basis.csv", "RES"),
    "dividend_runs.sheet": ("fay", "/federation/dividend/1/lines.csv", "by basis"),
    "payday.template": ("sam", "/office/bakery/payday/template.csv", None),
    "payruns.cash": ("sam", "/office/bakery/payday/1/cash.csv", "total"),
    "slips.as_file": ("ana", "/slips/file", "due"),
    "wallet_statement.as_sheet": ("ana", "/statement.csv?month=2026-03", "amount"),
}
# Held by tests of their own: tests/web/test_bookkeeping.py, tests/services/test_shift_week.py; and a single line.
ELSEWHERE = {"bookkeeping.as_beancount", "bookkeeping.as_sheet", "shifts.lines", "dividend.sheet"}
ENDINGS = (".csv", ".beancount", "/file")

# The rows are written past the ledger: files are looked at, not the books.
# What is written into a file is the same on both databases.
pytestmark = [pytest.mark.breaks_books, pytest.mark.only_on("sqlite")]


@pytest.fixture
def much(federation: Kit) -> Kit:
    """Give the federation in which each file has more than a thousand lines."""
    write(federation.engine, lambda connection: fill(connection, federation))
    return federation


def fill(connection: sa.Connection, kit: Kit) -> None:
    now, (ana, sam, fay) = kit.clock(), (holders.holder(connection, who) for who in ("ana", "sam", "fay"))
    place = connection.execute(sa.select(coops).where(coops.c.slug == "bakery")).one()
    names = cycle(("=1+1", "W;=1+1"))
    named = [{"handle": f"worker-{n}", "name": next(names), "counter_name": "W", "joined_at": now} for n in range(MANY)]
    connection.execute(sa.insert(people), named)
    some = sa.select(people.c.id).where(people.c.handle.like("worker-%"))
    workers = [int(found) for found in connection.execute(some).scalars()]
    known = [{"person_id": one, "coop_id": place.id, "is_member": True, "member_since": now} for one in workers]
    connection.execute(sa.insert(own_set), known)
    run = {"key": "run", "coop_id": place.id, "pay_on": "2026-03-28", "state": "submitted", "made_by": sam.id}
    signed = {"made_at": now, "month": "2026-03", "submitted_by": sam.id, "submitted_at": now}
    connection.execute(sa.insert(pay_runs), run | signed)
    split = {"entitlement_bp": 1_000, "share_bp": 1_000, "res_minor": 20, "cash_minor": 180}
    due = {"run_id": 1, "minutes": 60, "due_minor": 200}
    each = [{"person_id": one, "number": number, "ref": f"L{one}"} for number, one in enumerate(workers)]
    connection.execute(sa.insert(pay_lines), [due | split | one for one in each])
    period = {"label": "2026-03", "ends_on": "2026-04-01", "cutoff_at": now, "pot_minor": 200 * MANY, "state": "draft"}
    rule = {"history_minor": 0, "months": 1, "sunset_months": 180, "charter_version": 1}
    connection.execute(sa.insert(dividend_runs), period | rule | {"drafted_by": fay.id, "drafted_at": now})
    line = {"run_id": 1, "basis_minor": 1, "minutes": 1, "new_minutes": 1, "by_basis_minor": 200, "by_hours_minor": 0}
    connection.execute(sa.insert(dividend_lines), [line | {"person_id": one, "ref": f"D{one}"} for one in workers])
    assert ana.account_id is not None
    moved(connection, now, ana.account_id, place.account_id)


def moved(connection: sa.Connection, now: Any, wallet: int, coop: int) -> None:
    """Write as many sales that count, and as many pays."""
    sums = {"at": now, "amount_minor": 200, "debit_balance_minor": 0, "credit_balance_minor": 0}
    sale = sums | {"kind": "sale", "debit_id": wallet, "credit_id": coop, "qualifies": True}
    pay = sums | {"kind": "pay", "debit_id": coop, "credit_id": wallet, "total_minor": 200, "minutes": 60}
    for row, head in ((sale | {"basis_minor": 200, "basis_minutes": 1}, "S"), (pay | {"share_bp": 10_000}, "P")):
        seq = 10 if head == "S" else 10 + MANY
        connection.execute(
            sa.insert(transfers),
            [row | {"ref": f"{head}{n}", "debit_seq": seq + n, "credit_seq": seq + n} for n in range(MANY)],
        )


def test_no_file_is_missed(app: Flask) -> None:
    found = {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.endswith(ENDINGS) and "GET" in rule.methods
    }

    assert found - {"payruns.bring"} == {*FILES, *ELSEWHERE}


def test_every_file_is_whole_beyond_a_thousand_lines_and_2_00_stays_2_00(
    much: Kit, browser_of: Callable[[str], FlaskClient]
) -> None:
    for name, (who, path, column) in FILES.items():
        answer = browser_of(who).get(path)
        assert (answer.status_code, answer.mimetype) == (200, "text/csv"), name
        rows = list(csv.DictReader(StringIO(answer.text)))
        # A statement has the sales and the pays.
        many = 2 * MANY if name == "wallet_statement.as_sheet" else MANY
        assert len(rows) >= many, name
        for mark in (",", ";"):
            parted = csv.reader(StringIO(answer.text), delimiter=mark)
            assert not any(cell.startswith("=") for row in parted for cell in row), (name, mark)
        if column is not None:
            assert sum(row[column].lstrip("-") == "2.00" for row in rows) >= many, (name, rows[0])
