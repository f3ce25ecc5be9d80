"""The sales behind a basis: they add up to it, today's and that of each line of a dividend, also after refunds."""

import csv
import io
from collections.abc import Callable
from datetime import date

from flask.testing import FlaskClient

from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.web.page import Page
from wallet.domain.money import parse_amount
from wallet.kit import Kit
from wallet.services import dividends, histories, members, network
from wallet.store.engine import snapshot
from wallet.store.views import dividends as dividend_view
from wallet.store.views import standing

Browser = Callable[[str], FlaskClient]


def added_up(browser: FlaskClient, address: str) -> tuple[int, int]:
    """Add the lines of a sheet up as a member would."""
    lines = list(csv.DictReader(io.StringIO(browser.get(address).text)))
    basis = sum(parse_amount(one["basis"]) - parse_amount(one["basis given back"]) for one in lines)
    return basis, sum(int(one["minutes"]) - int(one["minutes given back"]) for one in lines)


def test_the_sales_add_up_to_the_line_and_to_the_basis_whenever_a_refund_comes(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    network.found_federation(federation, "Valley", charter_on="2020-12-01")
    bought = []
    for number, minor in enumerate((150, 210, 95, 120)):
        bought.append(histories.sell(federation, "bakery", "ana", minor, 0, key=f"bread {number}"))
        clock.advance(days=10)
    histories.sell(federation, "mill", "ana", 100, 0, key="one's own co-op")
    histories.fund(federation, "mill", 900, key="pool")
    refs = [one.ref for one in bought if one is not None]
    assert len(refs) == 4
    # The first three are of March: one is given back in time, one partly in time and partly too late.
    refund_sale(federation, refs[0], 150, 0)
    refund_sale(federation, refs[1], 33, 0)
    clock.advance(days=30)
    refund_sale(federation, refs[1], 77, 0)
    members.join(federation, "mill", "gus")
    members.grant(federation, "gus", "facilitator")
    clock.advance(days=2)
    dividends.draft(federation, "fay", date(2026, 4, 1), 900)

    ana = browser_of("ana")
    with snapshot(federation.engine) as connection:
        run = dividend_view.draft(connection)
        assert run is not None
        line, mine = dividend_view.line_of(connection, run.id, "ana"), standing.of(connection, "ana")
    assert line is not None
    assert mine is not None
    assert line.basis_minor == 210 - 33 + 95
    assert added_up(ana, f"/dividend/{run.id}/basis.csv") == (line.basis_minor, line.minutes)
    assert mine.basis_minor == 210 - 33 - 77 + 95 + 120
    assert added_up(ana, "/dividend/basis.csv") == (mine.basis_minor, mine.qualified_minutes)
    assert line.minutes != mine.qualified_minutes

    assert f"/dividend/{run.id}/basis" in Page(ana.get(f"/dividend/{run.id}").text).links
    shown = Page(ana.get(f"/dividend/{run.id}/basis").text)
    assert "March 2026" in shown.text
    assert "Sales before 1 April 2026" in shown.text
    assert "2.72" in shown.text
    assert {f"/receipts/{refs[0]}", f"/receipts/{refs[1]}", f"/receipts/{refs[2]}"} <= set(shown.links)
    assert f"/receipts/{refs[3]}" not in shown.links
    assert f"/receipts/{refs[3]}" in Page(ana.get("/dividend/basis").text).links
    assert f"/receipts/{refs[1]}" in Page(ana.get("/dividend/basis?month=2026-03").text).links


def test_it_is_one_step_from_the_dividend_and_a_month_without_a_sale_is_no_page(browser_of: Browser) -> None:
    ana = browser_of("ana")

    assert "/dividend/basis" in Page(ana.get("/dividend").text).links
    assert "No sale has counted." in Page(ana.get("/dividend/basis").text).text
    assert added_up(ana, "/dividend/basis.csv") == (0, 0)
    assert ana.get("/dividend/basis?month=2026-03").status_code == 404
    assert ana.get("/dividend/7/basis").status_code == 404
    assert ana.get("/dividend/7/basis.csv").status_code == 404
