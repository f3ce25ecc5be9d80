"""A purchase that no second steward answered ends with its bill: any number of them keep nothing else from a desk."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import members, payments, proposals, supplies
from wallet.store import proposals as rows
from wallet.store.engine import write
from wallet.store.tables import proposals as proposed

Browser = Callable[[str], FlaskClient]

YEARS = 400


@pytest.fixture
def shops(federation: Kit, clock: Clock) -> Kit:
    """Give both desks something decided and something that waits, before years of purchases that nobody answered."""
    for handle, coop, role in (("max", "mill", "cashier"), ("sue", "bakery", "steward")):
        members.join(federation, coop, handle, name=handle.title())
        members.grant(federation, handle, role, coop)
    members.join(federation, "mill", "gus")
    members.grant(federation, "gus", "facilitator")
    proposals.give_role(federation, "sam", "bakery", "bea", "steward")
    agreed(federation, "sue")
    proposals.change_line(federation, "fay", "bakery", 2_000_00)
    agreed(federation, "gus")
    proposals.invite_to_serve(federation, "sam", "bakery", "Hal", "cashier")
    proposals.change_line(federation, "fay", "mill", 3_000_00)
    forget(federation, clock)
    return federation


def agreed(kit: Kit, by: str) -> None:
    with kit.engine.connect() as connection:
        number = connection.execute(sa.select(sa.func.max(proposed.c.id))).scalar_one()
    proposals.agree(kit, by, number)


def ask(kit: Kit) -> None:
    """Let Sam ask the other steward for a bill of the mill."""
    code = payments.open_bill(kit, "mill-1", "max", amount_minor=600_00, key=new_key()).code
    assert supplies.pay(kit, "sam", "bakery", code, key=new_key()).receipt is None


def forget(kit: Kit, clock: Clock, times: int = YEARS) -> None:
    """Let a purchase run out, and write as many more like it as years bring."""
    ask(kit)
    clock.advance(minutes=10)

    def work(connection: sa.Connection) -> None:
        one = connection.execute(sa.select(proposed).order_by(proposed.c.id.desc()).limit(1)).one()._asdict()
        del one["id"]
        at = one.pop("proposed_at")
        more = [one | {"subject": f"{n:08}", "proposed_at": at - timedelta(hours=n)} for n in range(times)]
        connection.execute(sa.insert(proposed), more)

    write(kit.engine, work)


def test_what_waits_and_what_was_decided_stand_on_both_desks_behind_any_number_that_nobody_answered(
    shops: Kit, browser_of: Browser
) -> None:
    for who, desk, waits, done in (
        ("sue", "/office/bakery", "Invite Hal to Bread & Roses as cashier", "Bea Luz serves Bread & Roses as steward"),
        ("gus", "/federation", "Credit line of The Mill: 3,000.00 RES", "Credit line of Bread & Roses: 2,000.00 RES"),
    ):
        page = Page(browser_of(who).get(desk).text)
        assert (waits in page.text, done in page.text) == (True, True), desk
        assert [action for action in page.forms if action.endswith("/agree")], desk
        assert "for a bill that waits at its till" not in page.text


def test_home_reads_nothing_of_what_nobody_answered(
    shops: Kit, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sue, read = browser_of("sue"), list[str]()
    made = rows.Proposal

    def counted(*values: object) -> rows.Proposal:
        found = made(*values)  # type: ignore[arg-type]
        read.append(found.kind)
        return found

    monkeypatch.setattr(rows, "Proposal", counted)

    ask(shops)
    read.clear()
    assert "Sam Vaz asks you to agree" in Page(sue.get("/").text).text

    assert sorted(read) == ["invite", "supply"]


def test_who_serves_no_more_withdraws_nothing_that_was_over_before(shops: Kit, browser_of: Browser) -> None:
    members.leave(shops, "bakery", "sam")

    page = Page(browser_of("sue").get("/office/bakery").text).text
    assert "Invite Hal to Bread & Roses as cashier" in page, "it ended with his role"
    assert "no longer applies" in page
    assert "for a bill that waits at its till" not in page
