"""Refunds at a counter, as a script of somebody else meets them."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.counter_back import back, bought
from tests.web.outsider import RECEIPT, is_replay, post, refuses, says
from tests.web.page import Page
from wallet.domain import rate
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import histories, members, network, rates, refunds
from wallet.services.refunds import Ask
from wallet.store import notices, people
from wallet.store.engine import reading
from wallet.store.payments import Charge

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


def test_a_part_comes_back_in_its_tender_and_the_answer_says_how_much_in_all(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances
) -> None:
    sale, before = bought(staffed, 1250, 250), balances()

    noted = back(bea, sale, "3.00", cash="1.00", note="return 9")
    says(noted, 201, refund=RECEIPT, refunded_total="3.00", cash_refunded_total="1.00")
    for shows in ("refunds", "receipts"):
        assert "Note of the shop return 9" in Page(bea.get(f"/{shows}/{noted.get_json()['refund']}").text).text
    says(back(bea, sale, "0.00", cash="1.50"), 201, refund=RECEIPT, refunded_total="3.00", cash_refunded_total="2.50")
    says(back(bea, sale, "7.00"), 201, refund=RECEIPT, refunded_total="10.00", cash_refunded_total="2.50")
    refuses(back(bea, sale, "0.01"), 409, "refund_exceeds_sale")
    refuses(back(bea, sale, "0.00", cash="0.01"), 409, "refund_exceeds_sale")

    assert balances()["ana"] == before["ana"] + 1000
    assert balances()["bakery-1"] == before["bakery-1"] - 1000
    me = browser_of("ana").get("/me", headers=JSON).get_json()
    assert (me["balance"], me["eligible"], me["basis"]) == ("300.00", "300.00", "0.00")


def test_a_key_answers_as_it_did_the_first_time_also_for_the_next_cashier(
    bea: FlaskClient, browser_of: Browser, staffed: Kit
) -> None:
    sale, key = bought(staffed, 1250), new_key()
    first = back(bea, sale, "5.00", key=key)
    assert back(bea, sale, "1.00").status_code == 201

    again = back(browser_of("joy"), sale, "5.00", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 201, first.data)
    refuses(back(bea, sale, "5.01", key=key), 422, "key_reused")
    refuses(back(bea, bought(staffed, 700), "5.00", key=key), 422, "key_reused")
    refuses(post(bea, "/tills/bakery-1/bills", amount="5.00", key=key), 422, "key_reused")
    refused = new_key()
    refuses(back(bea, sale, "99.00", key=refused), 409, "refund_exceeds_sale")
    assert back(bea, sale, "1.00", key=refused).status_code == 201, "a refused request leaves its key free"


def test_a_retry_of_who_serves_no_more_is_not_told_that_no_money_moved(staffed: Kit, browser_of: Browser) -> None:
    joy, sale, key = browser_of("joy"), bought(staffed, 1250), new_key()
    says(back(joy, sale, "3.00", key=key), 201, refund=RECEIPT, refunded_total="3.00", cash_refunded_total="0.00")
    members.leave(staffed, "bakery", "joy")
    again = back(joy, sale, "3.00", key=key)
    refuses(again, 404, "unknown_sale")
    assert "No money moved" not in again.get_json()["title"]
    assert "what was done before stands" in again.get_json()["title"]


def test_only_a_cashier_of_that_co_op_gives_back_and_never_a_purchase_of_their_own(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, stranger: FlaskClient
) -> None:
    sale = bought(staffed, 1250)
    members.join(staffed, "mill", "max")
    members.grant(staffed, "max", "cashier", "mill")
    histories.pay(staffed, "bakery", "bea", 100_000, 9_600, key="pay of bea")
    own = bought(staffed, 500, payer="bea")

    refuses(back(stranger, sale, "1.00"), 401, "not_signed_in")
    for handle in ("cal", "max", "fay"):
        refuses(back(browser_of(handle), sale, "1.00"), 404, "unknown_sale")
    for handle in ("ana", "tim"):
        refuses(back(browser_of(handle), sale, "1.00"), 403, "not_allowed")
    refuses(back(bea, own, "1.00"), 403, "not_allowed")
    says(back(browser_of("joy"), own, "1.00"), 201, refund=RECEIPT, refunded_total="1.00", cash_refunded_total="0.00")
    refuses(back(bea, "0000000000ZZ", "1.00"), 404, "unknown_sale")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"amount": "0.00"}, 400, "bad_amount"),
        ({"amount": "-1.00"}, 400, "bad_amount"),
        ({"amount": "1"}, 400, "bad_amount"),
        ({"amount": "1.00", "cash": "x"}, 400, "bad_amount"),
        ({"amount": "1.00", "reason": ""}, 400, "bad_form"),
        ({"amount": "1.00", "reason": " "}, 400, "bad_form"),
        ({"amount": "1.00", "reason": "\u200b"}, 400, "bad_form"),
        ({"amount": "1.00", "reason": "eggs \u202edlos"}, 400, "bad_form"),
        ({"amount": "1.00", "reason": "x" * 101}, 400, "bad_form"),
        ({"amount": "1.00", "note": "x" * 41}, 400, "bad_form"),
        ({"amount": "1.00", "key": "no"}, 400, "bad_form"),
        ({"amount": "1.00", "words": "more"}, 400, "bad_form"),
    ],
)
def test_what_is_no_refund_is_refused_and_moves_nothing(
    bea: FlaskClient, staffed: Kit, balances: Balances, fields: dict[str, str], status: int, code: str
) -> None:
    sale, before = bought(staffed, 500), balances()

    refuses(back(bea, sale, **fields), status, code)
    assert balances() == before


def test_a_refund_is_never_refused_for_lack_of_float_nor_after_the_co_op_has_left(
    bea: FlaskClient, staffed: Kit, balances: Balances
) -> None:
    sale = bought(staffed, 5_000)
    histories.pay(staffed, "bakery", "joy", 1_000, 60, key="what sweeps the till")
    assert balances()["bakery-1"] == 0
    network.coop_leaves(staffed, "bakery")

    assert back(bea, sale, "50.00").status_code == 201
    assert balances()["bakery-1"] == -5_000


def test_a_till_that_is_closed_for_good_gives_back_through_its_co_op(
    bea: FlaskClient, staffed: Kit, balances: Balances
) -> None:
    sale = bought(staffed, 5_000)
    histories.pay(staffed, "bakery", "joy", 1_000, 60, key="what sweeps the till")
    with staffed.engine.begin() as connection:
        connection.execute(sa.text("UPDATE shifts SET closed_at = opened_at"))
        connection.execute(sa.text("UPDATE tills SET closed_at = 1 WHERE id = 'bakery-1'"))
    before = balances()

    assert back(bea, sale, "50.00").status_code == 201
    assert (balances()["bakery-1"], balances()["bakery"]) == (0, before["bakery"] - 5_000)
    with staffed.engine.begin() as connection:
        connection.execute(sa.text("UPDATE shifts SET closed_at = NULL"))
        connection.execute(sa.text("UPDATE tills SET closed_at = NULL WHERE id = 'bakery-1'"))


def test_a_sale_of_a_history_is_given_back_by_the_co_op_itself(
    bea: FlaskClient, staffed: Kit, balances: Balances
) -> None:
    ref = sold_long_ago(staffed, "bakery")
    before, key = balances(), new_key()

    first = back(bea, ref, "7.00", key=key)
    assert first.status_code == 201
    assert is_replay(back(bea, ref, "7.00", key=key))
    assert balances()["bakery"] == before["bakery"] - 700


def test_what_one_co_op_asks_for_without_a_till_is_neither_anothers_key_nor_anothers_rate(staffed: Kit) -> None:
    members.join(staffed, "mill", "max")
    members.grant(staffed, "max", "cashier", "mill")
    key, wanted = new_key(), [("bea", sold_long_ago(staffed, "bakery")), ("max", sold_long_ago(staffed, "mill"))]
    asks = [Ask(sale, cashier, 100, 0, "stale", None, key) for cashier, sale in wanted]

    assert [refunds.give_back(staffed, ask).replayed for ask in asks] == [False, False]
    for _ in range(rate.MONEY_OF_TILL.times - 1):
        rates.count(staffed, rate.MONEY_OF_TILL, "coop bakery")
    with pytest.raises(Refusal, match="too_many"):
        refunds.give_back(staffed, replace(asks[0], key=new_key()))
    assert refunds.give_back(staffed, replace(asks[1], key=new_key())).state == "posted"


def sold_long_ago(kit: Kit, coop: str) -> str:
    histories.sell(kit, coop, "ana", 700, 0, key=f"long ago at {coop}")
    with reading(kit.engine) as connection:
        newest = "SELECT ref FROM transfers WHERE kind = 'sale' AND till_id IS NULL ORDER BY id DESC LIMIT 1"
        return str(connection.execute(sa.text(newest)).scalar_one())


def test_a_late_refund_lowers_its_own_month_and_the_sales_basis(
    browser_of: Browser, staffed: Kit, clock: Clock
) -> None:
    sale = bought(staffed, 9_000)
    assert browser_of("ana").get("/me", headers=JSON).get_json()["basis"] == "90.00"
    clock.advance(days=100)

    assert back(browser_of("bea"), sale, "90.00").status_code == 201
    me = browser_of("ana").get("/me", headers=JSON).get_json()
    assert (me["basis"], me["qualified_minutes"], me["balance"]) == ("0.00", 0, "300.00")
    with reading(staffed.engine) as connection:
        rows = connection.execute(
            sa.text("SELECT month, posted_month, spend_minor FROM patronage_months WHERE spend_minor <> 0 ORDER BY 1")
        ).all()
    assert [tuple(row) for row in rows] == [("2026-03", "2026-03", 9_000), ("2026-06", "2026-06", -9_000)]


def test_payer_and_till_are_told(bea: FlaskClient, browser_of: Browser, staffed: Kit) -> None:
    sale = bought(staffed, 1_250, 250)
    refund = back(bea, sale, "3.00", cash="1.00", reason="wrong_sum").get_json()["refund"]

    with reading(staffed.engine) as connection:
        ana = people.holder(connection, "ana")
        told = notices.last(connection, ana.id, notices.MONEY)[0]
    assert (told.kind, told.about, told.amount_minor) == ("refunded", "Bread & Roses", 300)
    assert told.link == f"/receipts/{refund}"
    state = bea.get("/tills/bakery-1/state", headers=JSON).get_json()
    assert re.fullmatch("[0-9a-f]{16}", state["rev"])
    assert [each["refunded"] for each in state["last"]] == ["4.00"]
    shown = browser_of("ana").get(f"/receipts/{sale}", headers=JSON).get_json()
    assert (shown["refunded"], shown["cash_refunded"], shown["refunds"]) == ("3.00", "1.00", [refund])


def test_a_till_asks_for_so_many_refunds_and_corrections_a_minute(
    staffed: Kit, balances: Balances, clock: Clock
) -> None:
    sale, before = bought(staffed, 500), balances()
    for _ in range(rate.MONEY_OF_TILL.times):
        rates.count(staffed, rate.MONEY_OF_TILL, "till bakery-1")

    with pytest.raises(Refusal, match="too_many") as refused:
        refunds.give_back(staffed, Ask(sale, "bea", 100, 0, "stale", None, new_key()))
    assert refused.value.retry_after == 1
    with pytest.raises(Refusal, match="too_many"):
        refunds.correct(staffed, sale, "bea", Charge("bakery-1", "bea", 100, 0, None, new_key()))
    assert balances()["ana"] == before["ana"]
    clock.advance(1)
    assert refunds.give_back(staffed, Ask(sale, "bea", 100, 0, "stale", None, new_key())).state == "posted"


def test_what_was_given_back_already_is_answered_again_however_busy_the_till_is(staffed: Kit) -> None:
    ask = Ask(bought(staffed, 500), "bea", 100, 0, "stale", None, new_key())
    done = refunds.give_back(staffed, ask)
    with pytest.raises(Refusal, match="too_many"):
        for _ in range(2 * rate.MONEY_OF_TILL.times):
            rates.count(staffed, rate.MONEY_OF_TILL, "till bakery-1")

    again = refunds.give_back(staffed, ask)
    assert (again.ref, again.replayed) == (done.ref, True)


def test_the_pages_say_the_same_without_a_script(bea: FlaskClient, browser_of: Browser, staffed: Kit) -> None:
    sale = bought(staffed, 20_000, 1_000)
    form = f"/receipts/{sale}/refunds"
    fields = Page(bea.get(f"/receipts/{sale}").text).forms[form]
    assert "Give back" not in browser_of("tim").get(f"/receipts/{sale}").text, "a steward who is no cashier only looks"

    bare = bea.post(form, data={"amount": "3", "reason": "other", "words": " ", **fields})
    assert bare.status_code == 400
    assert "Say why it is given back" in bare.text.partition('<span id="words-wrong">')[2]
    done = bea.post(form, data={"amount": "3", "cash": "1,5", "reason": "other", "words": "cold", **fields})
    assert done.status_code == 303
    page = Page(bea.get(done.location).text)
    for words in ("Given back: 3.00 RES and 1.50 in cash", "Take the cash from the drawer", "cold", "by Bea"):
        assert words in page.text
    large = bea.post(form, data={"amount": "180", "reason": "twice", "key": new_key()})
    assert "It waits for a steward" in Page(bea.get(large.location).text).text
    assert large.location in Page(bea.get(f"/receipts/{sale}").text).links

    tim = browser_of("tim")
    assert large.location in Page(tim.get("/").text).links
    assert large.location in Page(tim.get("/office/bakery/counter").text).links
    approve = Page(tim.get(large.location).text).forms
    assert set(approve) == {f"{large.location}/approve", f"{large.location}/decline"}
    assert tim.post(f"{large.location}/approve", data={}).status_code == 303
    assert "Given back: 180.00 RES" in Page(tim.get(large.location).text).text
    assert "approved by Tim" in Page(browser_of("ana").get(f"/receipts/{sale}").text).text
    assert browser_of("cal").get(large.location).status_code == 404

    asked = bea.post(form, data={"amount": "6", "reason": "twice", "key": new_key()}).location
    sam = browser_of("sam")
    bare = bea.post(form, data={"amount": "8", "reason": "twice", "key": new_key()})
    assert bare.status_code == 409
    assert sam.post(f"{asked}/approve", data={}).status_code == 303
    again = sam.post(f"{asked}/approve", data={"more": "1"})
    assert again.status_code == 400


def test_what_a_colleague_gave_back_meanwhile_is_said_with_name_and_time_and_not_given_twice(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances
) -> None:
    sale, joy = bought(staffed, 1_000), browser_of("joy")
    form = f"/receipts/{sale}/refunds"
    mine, hers = (Page(browser.get(f"/receipts/{sale}").text).forms[form] for browser in (bea, joy))
    sent = {"amount": "4,00", "reason": "returned"}
    first = bea.post(form, data=sent | mine)
    assert first.status_code == 303
    before = balances()

    late = joy.post(form, data=sent | hers)
    page = Page(late.text)
    assert late.status_code == 409
    assert "It was given back already: 4.00 RES By Bea, 12:00" in page.text.replace("12:00 PM", "12:00")
    assert "No money moved again." in page.text
    assert balances() == before
    again = bea.post(form, data=sent | mine)
    assert (is_replay(again), again.location) == (True, first.location), "a form that is sent twice is one refund"
    assert joy.post(form, data=sent | page.forms[form]).status_code == 303, "who has read it may give back more"
    assert balances()["ana"] == before["ana"] + 400

    mine, hers = (Page(browser.get(f"/receipts/{sale}").text).forms[form] for browser in (bea, joy))
    assert bea.post(form, data=sent | {"amount": "2"} | mine).status_code == 303
    nothing_left = Page(joy.post(form, data=sent | {"amount": "2"} | hers).text)
    assert "It was given back already: 2.00 RES" in nothing_left.text
    assert form not in nothing_left.forms


def test_cash_that_a_colleague_gave_back_meanwhile_is_not_given_twice_either(
    bea: FlaskClient, browser_of: Browser, staffed: Kit
) -> None:
    sale, joy = bought(staffed, 1_000, 400), browser_of("joy")
    form = f"/receipts/{sale}/refunds"
    mine, hers = (Page(browser.get(f"/receipts/{sale}").text).forms[form] for browser in (bea, joy))
    sent = {"amount": "0", "cash": "1.50", "reason": "returned"}
    assert bea.post(form, data=mine | sent).status_code == 303

    late = joy.post(form, data=hers | sent)
    assert late.status_code == 409
    assert joy.post(form, data=Page(late.text).forms[form] | sent).status_code == 303, "who has read it may go on"
    with reading(staffed.engine) as connection:
        back_in_all = connection.execute(sa.text("SELECT cash_refunded_minor FROM sale_refunds")).scalar_one()
    assert back_in_all == 300
