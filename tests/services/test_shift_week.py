"""A week at five tills by chance: what was signed equals the ledger's sums, and so does every sheet of lines."""

import csv
import shutil
import tempfile
from collections import defaultdict
from io import StringIO
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import cast
from tests.clock import Clock
from wallet.config import Settings
from wallet.domain.money import format_amount, parse_amount
from wallet.domain.shift import Register
from wallet.domain.transfer import Circumstance, Order
from wallet.errors import Refusal
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import network, office, payments, refunds, shifts
from wallet.services.refunds import Ask
from wallet.services.shifts import Closing
from wallet.store import keys, ledger, shift_view, tills, verify
from wallet.store.engine import make_engine, reading, snapshot, write
from wallet.store.keys import Made

TILLS = tuple(f"bakery-{number}" for number in range(1, 6))
# 2.00 is what spreadsheets love to turn into 2; a sum of one unit and one above a thousand stand beside it.
SUMS = st.sampled_from([1, 2_00, 2_50, 9_99, 1_234_56])
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "sell", "sell", "cash", "refund", "fund", "close", "close", "lapse"]),
        st.sampled_from(TILLS),
        SUMS,
        st.integers(0, 100),
        st.integers(1, 36 * 60),
    ),
    min_size=20,
    max_size=60,
)

EXPECTED = {"insufficient_funds", "refund_exceeds_sale", "steward_required", "bill_open"}


class Week:
    """Do what a shop does in a week, and close every shift in the end."""

    def __init__(self, kit: Kit, clock: Clock) -> None:
        self.kit, self.clock, self.keys = kit, clock, 0
        self.sold: list[str] = []
        self.closed: list[tuple[str, int]] = []

    def key(self) -> str:
        self.keys += 1
        return f"key {self.keys}"

    def act(self, kind: str, till: str, total: int, part: int, minutes: int) -> None:
        self.clock.advance(minutes=minutes)
        try:
            if kind in ("sell", "cash"):
                cash = total if kind == "cash" else total * part // 200
                note = "=1+1" if part % 2 else None
                made = self.bill(till, total, cash, note)
                self.sold.append(payments.pay_bill(self.kit, made, "ana", key=self.key(), confirm=True).ref)
            elif kind == "lapse":
                self.bill(till, total, 0, None)
            elif kind == "refund" and self.sold:
                ask = Ask(self.sold[part % len(self.sold)], "ben", min(total, 2_00), 0, "returned", None, self.key())
                refunds.give_back(self.kit, ask)
            elif kind == "fund":
                office.fund(self.kit, "bakery", 1, key=self.key())
            elif kind == "close":
                self.close(till, part)
        except Refusal as refusal:
            if refusal.code not in EXPECTED:
                raise

    def bill(self, till: str, total: int, cash: int, note: str | None) -> str:
        made = payments.open_bill(self.kit, till, "ben", amount_minor=total, cash_minor=cash, note=note, key=self.key())
        return made.code

    def close(self, till: str, off: int = 0) -> None:
        with reading(self.kit.engine) as connection:
            place = shift_view.counter(connection, till, "ben")
            assert place is not None
            running = shift_view.running(connection, till, place.account_id)
        if running is not None:
            register = Register(running.totals.res_minor - off, running.totals.cash_minor)
            shifts.close_shift(self.kit, till, "ben", running.id, Closing(register, "by chance"), key=self.key())
            self.closed.append((till, running.id))

    def end(self) -> None:
        self.clock.advance(minutes=10)
        for till in TILLS:
            self.close(till)


def sums_of_the_ledger(kit: Kit) -> dict[int, tuple[int, int, int]]:
    """Sum up by shift what the journal says, in Python: lines, RES and cash."""
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    asked = sa.text("SELECT shift_id, kind, amount_minor, cash_minor FROM transfers WHERE kind IN ('sale', 'refund')")
    with reading(kit.engine) as connection:
        for shift, kind, res, cash in connection.execute(asked):
            sign = -1 if kind == "refund" else 1
            found[shift][0] += 1
            found[shift][1] += sign * res
            found[shift][2] += sign * cash
    return {shift: (lines, res, cash) for shift, (lines, res, cash) in found.items()}


def check(kit: Kit, app: Flask, closed: list[tuple[str, int]]) -> int:
    """Hold each report and each sheet against the ledger; give how many lines the longest sheet has."""
    browser = app.test_client()
    browser.post("/demo/sign-in", json={"handle": "ben"})
    ledger_says, most = sums_of_the_ledger(kit), 0
    for till, shift in closed:
        told = browser.get(f"/tills/{till}/shifts/{shift}", headers={"Accept": "application/json"}).get_json()
        text = browser.get(f"/tills/{till}/shifts/{shift}/lines.csv").text
        rows = list(csv.DictReader(StringIO(text)))
        lines, res, cash = ledger_says.pop(shift, (0, 0, 0))
        signed = {"res": format_amount(res), "cash": format_amount(cash)}
        assert told["taken"] == signed
        parts = [(minor(row["res"]), minor(row["cash"])) for row in rows]
        assert (len(rows), sum(part[0] for part in parts), sum(part[1] for part in parts)) == (lines, res, cash)
        assert all(not row["note"].startswith("=") for row in rows)
        most = max(most, len(rows))
    assert ledger_says == {}, "a sale is in no shift that was closed"
    with snapshot(kit.engine) as connection:
        assert verify.check(connection) == []
        held = sa.text("SELECT SUM(a.balance_minor) FROM accounts a JOIN tills t ON t.account_id = a.id")
        assert connection.execute(held).scalar_one() == 0
    return most


def minor(written: str) -> int:
    return -parse_amount(written[1:]) if written.startswith("-") else parse_amount(written)


def shop(path: Path, migrated: Path) -> tuple[Kit, Clock, Flask]:
    url, clock = f"sqlite:///{shutil.copyfile(migrated, path)}", Clock()
    settings_here = Settings(database_url=url, secret_key="for tests only: a secret of more than 32 letters", demo=True)
    kit = Kit(make_engine(url), clock, settings_here)
    cast.build(kit)
    for till in TILLS[2:]:
        network.open_till(kit, "bakery", till, f"Counter {till[-1]}")
    return kit, clock, create_app(settings_here, engine=kit.engine, clock=clock)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_closing_reports_of_a_week_with_five_tills_are_the_ledgers_sums(
    migrated_sqlite: Path, acts: list[tuple[str, str, int, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kit, clock, app = shop(Path(folder) / "wallet.sqlite3", migrated_sqlite)
        week = Week(kit, clock)
        for act in acts:
            week.act(*act)
        week.end()
        check(kit, app, week.closed)
        app.extensions["streams"].live.close()
        kit.engine.dispose()


def test_a_sheet_of_more_than_a_thousand_lines_is_complete(tmp_path: Path, migrated_sqlite: Path) -> None:
    kit, clock, app = shop(tmp_path / "wallet.sqlite3", migrated_sqlite)
    week = Week(kit, clock)
    week.act("sell", "bakery-1", 2_00, 1, 1)

    def many(connection: sa.Connection) -> None:
        place = tills.at_till(connection, "bakery-1", "ben")
        shift = tills.shift_of(connection, place, clock())
        first = ledger.find_sale(connection, week.sold[0])
        for number in range(1_200):
            where = Circumstance("bakery-1", shift, place.cashier_id, None, f"slip {number}", None)
            order = Order(ledger.new_ref(), clock(), first.debit_id, first.credit_id, 2, 1, place.coop_id, where)
            posted = ledger.post_sale(connection, order, kit.charter)
            keys.claim(connection, "ref", f"many {number}", "", Made("sale", posted.ref), clock())

    write(kit.engine, many)
    week.end()

    assert check(kit, app, week.closed) == 1_201
    app.extensions["streams"].live.close()
    kit.engine.dispose()
