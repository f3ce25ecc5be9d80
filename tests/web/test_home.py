"""Home: the welcome of a stranger, the wallet of a member, and the way to the till."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask, render_template
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.doors import invited
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import histories, members, network, payments
from wallet.store import halts
from wallet.store.engine import write
from wallet.store.tables import people

Browser = Callable[[str], FlaskClient]


def test_a_stranger_is_welcomed_by_the_federation_and_led_to_the_demo(stranger: FlaskClient) -> None:
    page = Page(stranger.get("/").text)

    assert "The wallet of Valley: 2 co‑ops, one currency" in page.text
    assert "/demo" in page.links


def test_two_personas_of_one_name_are_told_apart_by_their_handles(federation: Kit, stranger: FlaskClient) -> None:
    members.join(federation, "mill", "lia", name="Ana Reis", counter_name="Lia")

    text = Page(stranger.get("/demo").text).text

    for words in ("Ana Reis ana, member; works at", "Ana Reis lia, member; works at", "Fay Cruz member"):
        assert words in text


def test_no_persona_is_led_to_a_till_that_is_closed_for_good(federation: Kit, stranger: FlaskClient) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")

    def starts_at() -> tuple[list[str], str]:
        (bea,) = (one for one in stranger.get("/demo", headers=JSON).json["personas"] if one["handle"] == "bea")
        return bea["tills"], stranger.post("/demo/sign-in", data={"handle": "bea"}).location

    network.close_till(federation, "bakery", "bakery-1")
    assert starts_at() == (["bakery-2"], "/tills/bakery-2")
    network.close_till(federation, "bakery", "bakery-2")
    assert starts_at() == ([], "/")


def test_a_federation_of_one_co_op_says_so_and_its_quilt_keeps_open_squares(app: Flask) -> None:
    with app.test_request_context("/"):
        welcome = render_template(
            "home/welcome.html", federation="Valley", blocks=["weir"], count=1, tablet=None, is_out=False
        )

    assert "The wallet of Valley: one co‑op, one currency" in Page(welcome).text
    assert welcome.count('class="unsewn"') == 3


def test_a_member_sees_the_balance_the_pay_share_and_what_moved_last(federation: Kit, browser_of: Browser) -> None:
    histories.sell(federation, "bakery", "ana", 250, 0, key="a loaf")

    page = Page(browser_of("ana").get("/").text)

    for words in (
        "You have 7.50 RES",
        "in April Of your pay, so far: an estimate, not a promise. May come in RES, once you have agreed.",
        "March 2026",
        "Bread & Roses",
        "−2.50 counts",
        "+10.00",
    ):
        assert words in page.text
    assert {"/pay", "/code", "/activity", "/you"} <= set(page.links)


def test_who_works_at_tills_of_two_co_ops_reads_of_both_and_of_neither_alone(
    federation: Kit, browser_of: Browser
) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    bea = browser_of("bea")
    assert "Bread & Roses, 2 counters" in Page(bea.get("/").text).text

    members.grant(federation, "bea", "cashier", "mill")

    text = Page(bea.get("/").text).text
    assert "3 counters of 2 co-ops" in text
    assert "Bread & Roses, 3" not in text


def test_who_takes_up_an_invitation_to_work_with_their_own_wallet_reads_that_they_do(
    federation: Kit, browser_of: Browser
) -> None:
    cal, link = browser_of("cal"), invited(federation, "worker", coop="bakery", name="Cal Dias", roles=())

    accepted = cal.post(f"{link}/accept", data={})

    assert "You work at Bread & Roses now" in Page(cal.get(accepted.location).text).text
    for elsewhere in ("/", "/?joined=mill", "/?joined=nowhere", "/?joined=%00"):
        assert "You work at" not in Page(cal.get(elsewhere).text).text


def test_only_the_last_three_movements_stand_on_the_home_page(federation: Kit, browser_of: Browser) -> None:
    for number in range(4):
        histories.sell(federation, "bakery", "ana", 100 + number, 0, key=f"loaf {number}")

    page = Page(browser_of("ana").get("/").text)

    assert [words in page.text for words in ("−1.03", "−1.02", "−1.01", "−1.00")] == [True, True, True, False]


def test_who_was_never_paid_has_no_share_and_who_never_moved_reads_so(browser_of: Browser) -> None:
    page = Page(browser_of("cal").get("/").text)

    assert "an estimate, not a promise" not in page.text
    assert "an estimate, not a promise" in browser_of("ana").get("/").text
    assert "Nothing has moved yet" in page.text


def test_a_cashier_finds_the_till_from_home_and_others_do_not(browser_of: Browser) -> None:
    assert "/tills/bakery-1" in Page(browser_of("bea").get("/").text).links
    assert "/tills/bakery-1" not in Page(browser_of("ana").get("/").text).links


def test_who_serves_without_a_wallet_reads_so_and_is_not_asked_to_pay(federation: Kit, browser_of: Browser) -> None:
    row = {"handle": "max", "name": "Max Rio", "counter_name": "Max", "joined_at": federation.clock()}
    write(federation.engine, lambda connection: connection.execute(sa.insert(people).values(**row)))

    page = Page(browser_of("max").get("/").text)

    assert "You have no wallet yet" in page.text
    assert "/pay" not in page.links


def test_the_phone_may_keep_the_balance_for_the_page_without_a_network(browser_of: Browser) -> None:
    text = browser_of("ana").get("/").text

    assert 'value="10.00"' in text
    assert 'data-remember="balance"' in text
    assert 'data-handle="ana"' in text


def test_all_together_never_hold_less_than_who_reads_it(federation: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")
    assert "10.00 RES are held in all" in Page(ana.get("/").text).text

    histories.pay(federation, "mill", "ana", 100_000, 600, key="wages")

    assert "110.00 RES are held in all" in Page(ana.get("/").text).text


def test_one_line_says_what_res_is_and_is_ten_minutes_old_at_most(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    ana = browser_of("ana")
    assert "10.00 RES are held in all, with 2 places to spend them ." in Page(ana.get("/").text).text

    histories.sell(federation, "bakery", "ana", 300, 0, key="a loaf")
    network.admit_coop(federation, "clinic", 0)
    network.open_till(federation, "clinic", "clinic-1", "Counter 1")
    network.admit_coop(federation, "without a counter", 0)
    assert "10.00 RES are held in all, with 2 places" in Page(ana.get("/").text).text
    clock.advance(days=40)

    # At the end of the month 10.00 was outstanding, of which 7.00 is with Ana and 3.00 with the bakery.
    assert (
        "10.00 RES are held in all, with 3 places to spend them . Each is spent 0.30 times a year."
        in Page(browser_of("ana").get("/").text).text
    )


def test_until_a_place_is_counted_the_line_names_none(brought: tuple[Kit, Browser]) -> None:
    valley, browser_of = brought
    network.found_federation(valley, "Valley")
    members.accept_customer(valley, "cy", name="Cy Lund", counter_name="Cy")

    text = Page(browser_of("cy").get("/").text).text

    assert ("0.00 RES are held in all." in text, "0 places" in text) == (True, False)


def test_every_member_reads_what_a_co_op_left_uncovered(federation: Kit, browser_of: Browser) -> None:
    network.coop_leaves(federation, "mill")

    words = "10.00 RES of them are uncovered: The Mill has left the federation and owes them."
    for handle in ("ana", "cal"):
        assert words in Page(browser_of(handle).get("/").text).text


def test_members_and_tills_read_that_payments_are_stopped_and_nobody_can_pay(
    federation: Kit, browser_of: Browser
) -> None:
    code = payments.open_bill(federation, "bakery-1", "bea", amount_minor=100, key=new_key()).code
    write(federation.engine, lambda connection: halts.stop(connection, "a test", federation.clock()))
    ana, bea = browser_of("ana"), browser_of("bea")

    assert "Payments are stopped everywhere" in Page(ana.get("/").text).text
    assert "Payments are stopped everywhere" in Page(bea.get("/tills/bakery-1").text).text
    refused = ana.post(f"/b/{code}/pay", json={"key": new_key()}, headers=JSON)
    assert (refused.status_code, refused.get_json()["type"]) == (409, "payments_stopped")

    write(federation.engine, lambda connection: halts.lift(connection, halts.last(connection), federation.clock()))
    assert "Payments are stopped" not in ana.get("/").text + bea.get("/tills/bakery-1").text
    assert ana.post(f"/b/{code}/pay", json={"key": new_key()}, headers=JSON).status_code == 201
