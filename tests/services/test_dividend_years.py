"""Dividends of sixteen years: what was paid in the third comes to the same bytes in the last, whatever has changed."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import sqlalchemy as sa
from flask import Flask

from tests import cast
from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.services.test_ballots import closed, opened, vote
from tests.tampering import found_in
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import dividends, histories, members, network
from wallet.store import dividends as rows
from wallet.store.engine import reading, snapshot

FIRST, THIRD, LAST = 2026, 2028, 2041
# One that does not go up in equal parts.
POT = 90_01
EVERYBODY = ("ana", "ben", "dee", "cy")
FIRST_SALE = sa.text("SELECT ref FROM transfers WHERE kind = 'sale' ORDER BY id LIMIT 1")
RUNS = "UPDATE dividend_runs SET state = '{}' WHERE state = '{}' AND ends_on >= '2029-01-01'"


def year(kit: Kit, clock: Clock, number: int, workers: dict[str, str]) -> None:
    """Let everybody be paid in March and spend a part of it at others, in sums of their own; and fill the pool."""
    if number > FIRST:
        clock.set(datetime(number, 3, 2, 12, tzinfo=UTC))
    for place, (who, coop) in enumerate(workers.items()):
        histories.pay(kit, coop, who, 240_000, 9_600, key=f"pay of {who}, {number}")
        shop = "mill" if coop == "bakery" else "bakery"
        histories.sell(kit, shop, who, 50_00 + 7_01 * place + number, 0, key=f"{who} buys, {number}")
    histories.fund(kit, "clinic", 100_00, key=f"pool {number}")


def shared(kit: Kit, clock: Clock, number: int) -> int:
    """Share out the year in the next January; give the run."""
    clock.set(datetime(number + 1, 1, 20, tzinfo=UTC))
    run = dividends.draft(kit, "flo", date(number + 1, 1, 1), POT)
    dividends.approve(kit, "eve", run)
    clock.advance(days=7)
    paid = dividends.post(kit)
    assert paid is not None
    assert paid.members >= 2
    return run


def papers(app: Flask, run: int) -> dict[str, bytes]:
    """Give what a run shows: everybody's statement, and the facilitators' sheet of all lines; without refs."""
    found = {}
    for who, page in (*((who, f"/dividend/{run}/statement.csv") for who in EVERYBODY), ("flo", sheet_of(run))):
        browser = app.test_client()
        assert browser.post("/demo/sign-in", json={"handle": who}).status_code == 204
        answer = browser.get(page)
        assert answer.status_code == 200
        found[who] = b"\n".join(line.rpartition(b",")[0] if who == "flo" else line for line in answer.data.splitlines())
        found[who] = b"\n".join(line for line in found[who].splitlines() if not line.startswith(b"receipt,"))
    return found


def sheet_of(run: int) -> str:
    return f"/federation/dividend/{run}/lines.csv"


def reported(kit: Kit, label: str) -> bytes:
    """Give a period as reports have it."""
    with snapshot(kit.engine) as connection:
        # A draft as if it were posted: reports know no others.
        connection.execute(sa.text("UPDATE dividend_runs SET state = 'posted', closed_at = 0 WHERE state = 'draft'"))
        found = rows.of_all(connection)[label]
        connection.rollback()
    return json.dumps(found, indent=2, sort_keys=True).encode()


def test_the_third_year_recomputed_in_the_sixteenth_comes_to_the_same_bytes(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    network.found_federation(kit, "Alder Valley", charter_on="2026-01-01")
    members.grant(kit, "eve", "facilitator")
    app = create_app(replace(kit.settings, demo=True), engine=kit.engine, clock=clock)
    workers = {"ana": "mill", "ben": "bakery", "dee": "mill"}
    for number in range(FIRST, THIRD + 1):
        year(kit, clock, number, workers)
        run = shared(kit, clock, number)
    with reading(kit.engine) as connection:
        sold = str(connection.execute(FIRST_SALE).scalar_one())
    then, in_report = papers(app, run), reported(kit, "2028")
    assert b"yours in all" in then["ana"]
    assert b"yours in all" not in then["cy"]

    for number in range(THIRD + 1, LAST + 1):
        year(kit, clock, number, workers)
        if number == 2029:
            ballot = opened(kit, 96)
            for who, coop in cast.WORKERS.items():
                vote(kit, ballot, coop, who)
            assert closed(kit, clock, ballot)[0] == "passed"
        if number == 2030:
            refund_sale(kit, sold, 10_00, 0)
            members.leave(kit, "mill", "dee")
            members.join(kit, "clinic", "cy")
            workers = {"ana": "mill", "ben": "bakery", "cy": "clinic"}
        shared(kit, clock, number)
    with reading(kit.engine) as connection:
        clocks = connection.execute(sa.text("SELECT months, sunset_months FROM dividend_runs ORDER BY id")).all()
    assert (clocks[2], clocks[3], clocks[4], clocks[-1]) == ((36, 180), (48, 180), (60, 96), (192, 96))
    assert (papers(app, run), reported(kit, "2028")) == (then, in_report), "what was paid stands"
    assert found_in(kit).breaches == [], "verify works all of it out from the journal"

    # Nothing was shared out since the second: the draft of then, made of what the journal holds now.
    with kit.engine.begin() as connection:
        connection.execute(sa.text(RUNS.format("withdrawn", "posted")))
    clock.set(datetime(2029, 1, 20, tzinfo=UTC))
    again = dividends.draft(kit, "flo", date(2029, 1, 1), POT)
    assert (papers(app, again), reported(kit, "2028")) == (then, in_report)

    dividends.withdraw(kit, "eve", again)
    with kit.engine.begin() as connection:
        connection.execute(sa.text(RUNS.format("posted", "withdrawn") + f" AND id <> {again}"))
