"""Refunds at a counter, as a script of somebody else meets them."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.outsider import CODE, INSTANT, RECEIPT, is_replay, post, refuses, says
from tests.web.page import Page
from wallet.domain import rate
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import counter, members, network, payday, payments, rates, refunds, sales
from wallet.services.refunds import Ask
from wallet.store import notices, people
from wallet.store.engine import reading

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def shop(federation: Kit) -> Kit:
    """Give Ana 300.00 RES, and the bakery a second steward and a second cashier."""
    payday.pay_line(federation, "mill", "ana", 290_000, 9_600, key="second pay of ana")
    members.grant(federation, "sam", "cashier", "bakery")
    for handle, role in (("tim", "steward"), ("joy", "cashier")):
        members.join(federation, "bakery", handle, name=handle.title(), counter_name=handle.title())
        members.grant(federation, handle, role, "bakery")
    return federation


@pytest.fixture
def bea(browser_of: Browser) -> FlaskClient:
    return browser_of("bea")


def bought(kit: Kit, amount: int, cash: int = 0, payer: str = "ana") -> str:
    """Let somebody buy at the bakery; give the receipt's number."""
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=amount, cash_minor=cash, key=new_key())
    return payments.pay_bill(kit, bill.code, payer, key=new_key(), confirm=True).ref


def back(browser: FlaskClient, receipt: str, amount: str, **more: str) -> TestResponse:
    """Ask for a refund."""
    return post(
        browser, f"/receipts/{receipt}/refunds", **({"amount": amount, "reason": "stale", "key": new_key()} | more)
    )


def test_a_part_comes_back_in_its_tender_and_the_answer_says_how_much_in_all(
    bea: FlaskClient, browser_of: Browser, shop: Kit, balances: Balances
) -> None:
    sale, before = bought(shop, 1250, 250), balances()

    says(
        back(bea, sale, "3.00", cash="1.00", note="return 9"),
        201, refund=RECEIPT, refunded_total="3.00", cash_refunded_total="1.00",
    )  # fmt: skip
    says(back(bea, sale, "0.00", cash="1.50"), 201, refund=RECEIPT, refunded_total="3.00", cash_refunded_total="2.50")
    says(back(bea, sale, "7.00"), 201, refund=RECEIPT, refunded_total="10.00", cash_refunded_total="2.50")
    refuses(back(bea, sale, "0.01"), 409, "refund_exceeds_sale")
    refuses(back(bea, sale, "0.00", cash="0.01"), 409, "refund_exceeds_sale")

    assert balances()["ana"] == before["ana"] + 1000
    assert balances()["bakery-1"] == before["bakery-1"] - 1000
    me = browser_of("ana").get("/me", headers=JSON).get_json()
    assert (me["balance"], me["eligible"], me["basis"]) == ("300.00", "300.00", "0.00")


def test_a_key_answers_as_it_did_the_first_time_also_for_the_next_cashier(
    bea: FlaskClient, browser_of: Browser, shop: Kit
) -> None:
    sale, key = bought(shop, 1250), new_key()
    first = back(bea, sale, "5.00", key=key)
    assert back(bea, sale, "1.00").status_code == 201

    again = back(browser_of("joy"), sale, "5.00", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 201, first.data)
    refuses(back(bea, sale, "5.01", key=key), 422, "key_reused")
    refuses(back(bea, bought(shop, 700), "5.00", key=key), 422, "key_reused")
    refuses(post(bea, "/tills/bakery-1/bills", amount="5.00", key=key), 422, "key_reused")
    refused = new_key()
    refuses(back(bea, sale, "99.00", key=refused), 409, "refund_exceeds_sale")
    assert back(bea, sale, "1.00", key=refused).status_code == 201, "a refused request leaves its key free"


def test_only_a_cashier_of_that_co_op_gives_back_and_never_a_purchase_of_their_own(
    bea: FlaskClient, browser_of: Browser, shop: Kit, stranger: FlaskClient
) -> None:
    sale = bought(shop, 1250)
    members.join(shop, "mill", "max")
    members.grant(shop, "max", "cashier", "mill")
    payday.pay_line(shop, "bakery", "bea", 100_000, 9_600, key="pay of bea")
    own = bought(shop, 500, payer="bea")

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
        ({"amount": "1.00", "reason": "x" * 101}, 400, "bad_form"),
        ({"amount": "1.00", "note": "x" * 41}, 400, "bad_form"),
        ({"amount": "1.00", "key": "no"}, 400, "bad_form"),
        ({"amount": "1.00", "words": "more"}, 400, "bad_form"),
    ],
)
def test_what_is_no_refund_is_refused_and_moves_nothing(
    bea: FlaskClient, shop: Kit, balances: Balances, fields: dict[str, str], status: int, code: str
) -> None:
    sale, before = bought(shop, 500), balances()

    refuses(back(bea, sale, **fields), status, code)
    assert balances() == before


def test_above_the_tills_limit_a_steward_agrees_from_their_own_session(
    bea: FlaskClient, browser_of: Browser, shop: Kit, balances: Balances
) -> None:
    sale, key = bought(shop, 15_000, 3_000), new_key()
    assert back(bea, sale, "70.00", cash="30.00").status_code == 201, "just the limit"
    before = balances()

    asked = back(bea, sale, "0.01", key=key)
    refund = says(asked, 202, refund=RECEIPT, state="waiting")["refund"]
    assert balances() == before
    again = back(bea, sale, "0.01", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 202, asked.data)
    refuses(back(bea, sale, "50.01"), 409, "refund_exceeds_sale")

    done = post(browser_of("tim"), f"/refunds/{refund}/approve")
    whole = {"refund": refund, "refunded_total": "70.01", "cash_refunded_total": "30.00"}
    says(done, 200, **whole)
    says(post(browser_of("sam"), f"/refunds/{refund}/approve"), 200, **whole)
    assert balances()["ana"] == before["ana"] + 1, "agreed to twice, given back once"
    again = back(bea, sale, "0.01", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 202, asked.data)


def test_nobody_else_agrees_not_the_asker_nor_the_payer_nor_too_late(
    bea: FlaskClient, browser_of: Browser, shop: Kit, balances: Balances, clock: Clock
) -> None:
    members.join(shop, "mill", "mia")
    members.grant(shop, "mia", "steward", "mill")
    sale = bought(shop, 12_000)
    mine = says(back(browser_of("sam"), sale, "110.00"), 202, refund=RECEIPT, state="waiting")["refund"]
    before = balances()

    for handle in ("ana", "bea", "joy", "mia", "fay", "cal"):
        refuses(post(browser_of(handle), f"/refunds/{mine}/approve"), 404, "unknown_refund")
    refuses(post(browser_of("sam"), f"/refunds/{mine}/approve"), 403, "not_allowed")
    refuses(post(browser_of("tim"), "/refunds/0000000000ZZ/approve"), 404, "unknown_refund")
    clock.advance(599.999)
    assert browser_of("tim").get(f"/refunds/{mine}", headers=JSON).get_json()["state"] == "waiting"
    clock.advance(0.001)
    assert browser_of("tim").get(f"/refunds/{mine}", headers=JSON).get_json()["state"] == "lapsed"
    refuses(post(browser_of("tim"), f"/refunds/{mine}/approve"), 410, "refund_lapsed")
    assert balances() == before

    payday.pay_line(shop, "bakery", "tim", 130_000, 9_600, key="pay of tim")
    own = bought(shop, 12_000, payer="tim")
    asked = says(back(bea, own, "120.00"), 202, refund=RECEIPT, state="waiting")["refund"]
    refuses(post(browser_of("tim"), f"/refunds/{asked}/approve"), 403, "not_allowed")
    assert post(browser_of("sam"), f"/refunds/{asked}/approve").status_code == 200


def test_what_was_given_back_meanwhile_is_not_given_back_again(
    bea: FlaskClient, browser_of: Browser, shop: Kit, balances: Balances
) -> None:
    sale = bought(shop, 12_000)
    asked = [says(back(bea, sale, "115.00"), 202, refund=RECEIPT, state="waiting")["refund"] for _ in range(2)]
    tim = browser_of("tim")
    assert post(tim, f"/refunds/{asked[0]}/approve").status_code == 200
    before = balances()

    refuses(post(tim, f"/refunds/{asked[1]}/approve"), 409, "refund_exceeds_sale")
    assert balances() == before


def test_a_new_steward_agrees_to_nothing_before_the_role_begins(
    bea: FlaskClient, browser_of: Browser, shop: Kit, clock: Clock
) -> None:
    asked = says(back(bea, bought(shop, 12_000), "110.00"), 202, refund=RECEIPT, state="waiting")["refund"]
    with shop.engine.begin() as connection:
        connection.execute(sa.text("UPDATE roles SET granted_at = granted_at + 86400000000 WHERE role = 'steward'"))

    refuses(post(browser_of("tim"), f"/refunds/{asked}/approve"), 404, "unknown_refund")
    clock.advance(days=1)
    refuses(post(browser_of("tim"), f"/refunds/{asked}/approve"), 410, "refund_lapsed")


def test_a_refund_is_never_refused_for_lack_of_float_nor_after_the_co_op_has_left(
    bea: FlaskClient, shop: Kit, balances: Balances
) -> None:
    sale = bought(shop, 5_000)
    payday.pay_line(shop, "bakery", "joy", 1_000, 60, key="what sweeps the till")
    assert balances()["bakery-1"] == 0
    network.coop_leaves(shop, "bakery")

    assert back(bea, sale, "50.00").status_code == 201
    assert balances()["bakery-1"] == -5_000


def test_a_till_that_is_closed_for_good_gives_back_through_its_co_op(
    bea: FlaskClient, shop: Kit, balances: Balances
) -> None:
    sale = bought(shop, 5_000)
    payday.pay_line(shop, "bakery", "joy", 1_000, 60, key="what sweeps the till")
    with shop.engine.begin() as connection:
        connection.execute(sa.text("UPDATE shifts SET closed_at = opened_at"))
        connection.execute(sa.text("UPDATE tills SET closed_at = 1 WHERE id = 'bakery-1'"))
    before = balances()

    assert back(bea, sale, "50.00").status_code == 201
    assert (balances()["bakery-1"], balances()["bakery"]) == (0, before["bakery"] - 5_000)
    with shop.engine.begin() as connection:
        connection.execute(sa.text("UPDATE shifts SET closed_at = NULL"))
        connection.execute(sa.text("UPDATE tills SET closed_at = NULL WHERE id = 'bakery-1'"))


def test_a_sale_of_a_history_is_given_back_by_the_co_op_itself(bea: FlaskClient, shop: Kit, balances: Balances) -> None:
    sales.sell(shop, "bakery", "ana", 700, 0, key="long ago")
    with reading(shop.engine) as connection:
        ref = connection.execute(
            sa.text("SELECT ref FROM transfers WHERE kind = 'sale' AND till_id IS NULL")
        ).scalar_one()
    before, key = balances(), new_key()

    first = back(bea, ref, "7.00", key=key)
    assert first.status_code == 201
    assert is_replay(back(bea, ref, "7.00", key=key))
    assert balances()["bakery"] == before["bakery"] - 700


def test_a_late_refund_lowers_its_own_month_and_the_sales_basis(browser_of: Browser, shop: Kit, clock: Clock) -> None:
    sale = bought(shop, 9_000)
    assert browser_of("ana").get("/me", headers=JSON).get_json()["basis"] == "90.00"
    clock.advance(days=100)

    assert back(browser_of("bea"), sale, "90.00").status_code == 201
    me = browser_of("ana").get("/me", headers=JSON).get_json()
    assert (me["basis"], me["qualified_minutes"], me["balance"]) == ("0.00", 0, "300.00")
    with reading(shop.engine) as connection:
        rows = connection.execute(
            sa.text("SELECT month, posted_month, spend_minor FROM patronage_months WHERE spend_minor <> 0 ORDER BY 1")
        ).all()
    assert [tuple(row) for row in rows] == [("2026-03", "2026-03", 9_000), ("2026-06", "2026-06", -9_000)]


def test_payer_and_till_are_told(bea: FlaskClient, browser_of: Browser, shop: Kit) -> None:
    sale = bought(shop, 1_250, 250)
    refund = back(bea, sale, "3.00", cash="1.00", reason="wrong_sum").get_json()["refund"]

    with reading(shop.engine) as connection:
        ana = people.holder(connection, "ana")
        told = notices.last(connection, ana.id, notices.MONEY)[0]
    assert (told.kind, told.about, told.amount_minor) == ("refunded", "Bread & Roses", 300)
    assert told.link == f"/receipts/{refund}"
    state = bea.get("/tills/bakery-1/state", headers=JSON).get_json()
    assert re.fullmatch("[0-9a-f]{16}", state["rev"])
    assert [each["refunded"] for each in state["last"]] == ["4.00"]
    shown = browser_of("ana").get(f"/receipts/{sale}", headers=JSON).get_json()
    assert (shown["refunded"], shown["cash_refunded"], shown["refunds"]) == ("3.00", "1.00", [refund])


def test_a_till_asks_for_so_many_refunds_a_minute(shop: Kit, balances: Balances, clock: Clock) -> None:
    sale, before = bought(shop, 500), balances()
    for _ in range(rate.MONEY_OF_TILL.times):
        rates.count(shop, rate.MONEY_OF_TILL, "till bakery-1")

    with pytest.raises(Refusal, match="too_many") as refused:
        refunds.give_back(shop, Ask(sale, "bea", 100, 0, "stale", None, new_key()))
    assert refused.value.retry_after == 1
    assert balances()["ana"] == before["ana"]
    clock.advance(1)
    assert refunds.give_back(shop, Ask(sale, "bea", 100, 0, "stale", None, new_key())).state == "posted"


def correct(browser: FlaskClient, sale: str, amount: str, **more: str) -> TestResponse:
    """Ask for a wrong sum back and for the right bill."""
    return post(browser, "/tills/bakery-1/corrections", **({"sale": sale, "amount": amount, "key": new_key()} | more))


def test_a_wrong_amount_goes_back_whole_with_the_bill_that_is_right(
    bea: FlaskClient, browser_of: Browser, shop: Kit, balances: Balances
) -> None:
    sale, key = bought(shop, 2_150, 150), new_key()
    assert back(bea, sale, "1.00").status_code == 201
    before = balances()

    first = correct(bea, sale, "12.50", cash="0.50", note="7", key=key)
    bill = says(
        first, 201, code=CODE, url=re.compile(r"http.*/b/\w{8}"), state="open", amount="12.50", cash="0.50",
        expires_at=INSTANT,
    )  # fmt: skip
    again = correct(browser_of("joy"), sale, "12.50", cash="0.50", note="7", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 201, first.data)
    refuses(correct(bea, sale, "12.51", cash="0.50", note="7", key=key), 422, "key_reused")
    refuses(correct(bea, sale, "12.50"), 409, "refund_exceeds_sale")

    assert balances()["ana"] == before["ana"] + 1_900
    story = browser_of("ana").get(f"/receipts/{sale}", headers=JSON).get_json()
    assert (story["refunded"], story["cash_refunded"], len(story["refunds"])) == ("20.00", "1.50", 2)
    assert post(browser_of("ana"), f"/b/{bill['code']}/pay", key=new_key()).status_code == 201


def test_a_correction_is_whole_or_not_at_all(
    bea: FlaskClient, browser_of: Browser, shop: Kit, balances: Balances
) -> None:
    sale, key = bought(shop, 2_150), new_key()
    counter.set_res_part(shop, "bakery", 5_000)
    before = balances()

    refuses(correct(bea, sale, "12.50", key=key), 409, "cash_part_required")
    refuses(correct(bea, sale, "0.00"), 400, "bad_amount")
    refuses(correct(bea, sale, "1.00", cash="2.00"), 400, "bad_amount")
    refuses(correct(bea, "0000000000ZZ", "1.00"), 404, "unknown_sale")
    refuses(correct(browser_of("ana"), sale, "12.50"), 403, "not_allowed")
    refuses(correct(browser_of("cal"), sale, "12.50"), 404, "unknown_sale")
    network.open_till(shop, "bakery", "bakery-2", "Counter 2")
    refuses(post(bea, "/tills/bakery-2/corrections", sale=sale, amount="1.00", key=new_key()), 404, "unknown_sale")
    assert balances() == before | {"bakery-2": 0}
    assert correct(bea, sale, "12.50", cash="6.25", key=key).status_code == 201


def test_a_correction_above_the_limit_asks_a_steward_and_makes_no_bill(
    bea: FlaskClient, browser_of: Browser, shop: Kit
) -> None:
    sale, key = bought(shop, 12_000), new_key()
    first = correct(bea, sale, "12.50", key=key)
    refund = says(first, 202, refund=RECEIPT, state="waiting")["refund"]

    assert bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"][0]["state"] == "paid"
    assert post(browser_of("tim"), f"/refunds/{refund}/approve").status_code == 200
    again = correct(bea, sale, "12.50", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 202, first.data)


def test_the_pages_say_the_same_without_a_script(bea: FlaskClient, browser_of: Browser, shop: Kit) -> None:
    sale = bought(shop, 20_000, 1_000)
    form = f"/receipts/{sale}/refunds"
    fields = Page(bea.get(f"/receipts/{sale}").text).forms[form]
    assert "Give back" not in browser_of("tim").get(f"/receipts/{sale}").text, "a steward who is no cashier only looks"

    bare = bea.post(form, data={"amount": "3", "reason": "other", "words": " ", **fields})
    assert bare.status_code == 400
    assert "Say why" in Page(bare.text).text
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
    assert list(approve) == [f"{large.location}/approve"]
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


def test_the_keypad_corrects_without_a_script(bea: FlaskClient, shop: Kit) -> None:
    sale = bought(shop, 2_150)
    page = Page(bea.get(f"/tills/bakery-1?wrong={sale}").text)
    hidden = page.forms["/tills/bakery-1/corrections"]
    fields = {name: hidden[name] for name in ("key", "sale")}

    assert (fields["sale"], "21.50, paid by Ana, goes back with the new bill" in page.text) == (sale, True)
    empty = bea.post("/tills/bakery-1/corrections", data={**fields, "amount": ""})
    assert empty.status_code == 400
    assert "goes back with the new bill" in Page(empty.text).text
    done = bea.post("/tills/bakery-1/corrections", data={**fields, "amount": "12,50"})
    assert done.status_code == 303, Page(done.text).text
    assert "bill=" in done.location
