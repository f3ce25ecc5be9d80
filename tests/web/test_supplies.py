"""A co-op buys from a co-op: a steward pays its bill from the co-op's account, two of them above 500.00."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.closing_up import close
from tests.web.conftest import JSON, for_real_people, new_key
from tests.web.doors import code_of, resident
from tests.web.page import Page
from tests.web.phone import MemberPhone
from tests.web.stopped import HOW, stop
from wallet.domain.shift import Register
from wallet.domain.words import words_for
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import histories, members, network, payments, scans, shifts, supplies
from wallet.services.shifts import Closing
from wallet.store import verify
from wallet.store.bills import BillView
from wallet.store.engine import snapshot

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def mill(federation: Kit) -> Kit:
    """Give the federation in which Max is cashier of the mill, Sam and Sue are the bakery's stewards."""
    for handle, coop, role in (("max", "mill", "cashier"), ("sue", "bakery", "steward")):
        members.join(federation, coop, handle)
        members.grant(federation, handle, role, coop)
    return federation


def bill(kit: Kit, amount_minor: int = 12_000, **more: Any) -> str:
    return payments.open_bill(kit, "mill-1", "max", amount_minor=amount_minor, key=new_key(), **more).code


def pays(browser: FlaskClient, code: str, coop: str = "bakery", key: str = "") -> Any:
    return browser.post(f"/office/{coop}/bills/{code}", json={"key": key or new_key()}, headers=JSON)


def waiting(kit: Kit) -> int:
    with kit.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT id FROM proposals WHERE kind = 'supply' ORDER BY id DESC"))
        return int(found.scalars().first() or 0)


def test_a_steward_pays_from_the_co_ops_account_once_and_both_sides_see_it(
    mill: Kit, browser_of: Browser, balances: Balances
) -> None:
    own = payments.open_bill(mill, "bakery-1", "bea", amount_minor=300, key=new_key())
    payments.pay_bill(mill, own.code, "ana", key=new_key())
    sam, code, key, before = browser_of("sam"), bill(mill, note="flour 7"), new_key(), balances()
    assert "Pay from the account of Bread &amp; Roses" in sam.get(f"/b/{code}").get_data(as_text=True)
    first, again = pays(sam, code, key=key), pays(sam, code, key=key)

    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())
    assert again.headers["Idempotent-Replay"] == "true"
    # The buyer's till is swept first; the seller's own account is paid.
    after = balances()
    assert (after["bakery-1"], after["bakery"]) == (0, before["bakery"] + 300 - 12_000)
    assert (after["mill-1"], after["mill"]) == (before["mill-1"], before["mill"] + 12_000)
    assert code_of(pays(sam, code)) == "bill_already_paid"
    ref = first.get_json()["receipt"]
    for reader in ("sam", "max"):
        seen = browser_of(reader).get(f"/receipts/{ref}", headers=JSON).get_json()
        assert (seen["kind"], seen["person"], seen["other"], seen["note"]) == (
            "supply", "Bread & Roses", "The Mill", "flour 7",
        )  # fmt: skip
    words = [browser_of(who).get(f"/receipts/{ref}", headers=JSON).get_json()["words"] for who in ("sam", "max")]
    assert words == [words_for(ref)] * 2
    assert code_of(browser_of("ana").get(f"/receipts/{ref}", headers=JSON)) == "unknown_receipt"
    shown = Page(browser_of("max").get(f"/tills/mill-1?bill={code}").get_data(as_text=True)).text
    assert "Bread & Roses" in shown
    assert "from the co-op’s account" in shown
    last = browser_of("max").get("/tills/mill-1/state", headers=JSON).get_json()["last"]
    assert [(each["payer"], each["amount"]) for each in last] == [("Bread & Roses", "120.00")]


@pytest.mark.parametrize(
    ("who", "coop", "made", "code"),
    [
        ("ana", "bakery", {}, "unknown_coop"),
        ("max", "bakery", {}, "unknown_coop"),
        ("sam", "mill", {}, "unknown_coop"),
        ("sam", "bakery", {"cash_minor": 1}, "not_allowed"),
    ],
)
def test_who_may_not_and_what_cannot_be_paid_moves_nothing(
    mill: Kit, browser_of: Browser, balances: Balances, who: str, coop: str, made: dict[str, Any], code: str
) -> None:
    before = balances()

    assert code_of(pays(browser_of(who), bill(mill, **made), coop)) == code
    with pytest.raises(Refusal, match=code):
        supplies.pay(mill, who, coop, bill(mill, **made), key=new_key())
    assert balances() == before


def test_the_own_bill_an_ended_one_and_more_than_the_credit_line_are_refused(
    mill: Kit, browser_of: Browser, balances: Balances, clock: Clock
) -> None:
    sam, before = browser_of("sam"), balances()
    own = payments.open_bill(mill, "bakery-1", "bea", amount_minor=300, key=new_key())
    assert code_of(pays(sam, own.code)) == "not_allowed"
    for _ in range(2):
        assert pays(sam, bill(mill, 50_000)).status_code == 201
    # The line of 1,000.00 is used up to the last cent, and not further.
    assert balances()["bakery"] == before["bakery"] - 100_000
    assert code_of(pays(sam, bill(mill, 1))) == "insufficient_funds"
    late = bill(mill)
    clock.advance(180)
    assert code_of(pays(sam, late)) == "bill_expired"
    network.coop_leaves(mill, "bakery")
    assert code_of(pays(sam, bill(mill))) == "account_not_open"


def test_a_bill_that_waits_for_a_members_yes_is_no_co_ops_to_pay(
    mill: Kit, phone: MemberPhone, browser_of: Browser
) -> None:
    histories.pay(mill, "mill", "ana", 900_00, 480, key="more pay of ana")
    asked = scans.scan_code(mill, "mill-1", "max", token=phone.token(), amount_minor=50_01, key=new_key())
    assert isinstance(asked, BillView)
    sam = browser_of("sam")

    assert code_of(sam.get(f"/office/bakery/bills/{asked.code}", headers=JSON)) == "unknown_bill"
    assert code_of(pays(sam, asked.code)) == "unknown_bill"


def test_above_500_it_takes_two_stewards_and_the_bill_waits_with_the_co_ops_name(
    mill: Kit, browser_of: Browser, balances: Balances, clock: Clock
) -> None:
    sam, sue, max_, code, key = browser_of("sam"), browser_of("sue"), browser_of("max"), bill(mill, 50_001), new_key()
    before = balances()
    asked, again = pays(sam, code, key=key), pays(sam, code, key=key)
    assert (asked.status_code, asked.get_json(), again.status_code) == (202, {"state": "waiting"}, 202)
    assert balances() == before
    assert max_.get(f"/b/{code}", headers=JSON).get_json()["payer"] == "Bread & Roses"
    shown = max_.get(f"/tills/mill-1?bill={code}").get_data(as_text=True)
    assert "waits for its second steward" in shown
    assert 'class="initials"' not in shown, "a co-op is no person"
    told = sue.get("/notices", headers=JSON).get_json()["notices"]
    assert [(one["kind"], one["about"], one["page"]) for one in told] == [
        ("agree", "The Mill", f"/office/bakery/bills/{code}")
    ]
    clock.advance(minutes=9, seconds=59)
    assert "Pay 500.01 RES to The Mill" in sue.get("/office/bakery").get_data(as_text=True)
    # Neither who asked, nor a facilitator, who is none of the co-op's stewards.
    for who in ("sam", "fay"):
        answer = browser_of(who).post(f"/proposals/{waiting(mill)}/agree", headers=JSON)
        assert code_of(answer) in ("second_person", "unknown_proposal")
    assert sue.post(f"/proposals/{waiting(mill)}/agree").status_code == 303

    assert balances()["bakery"] == before["bakery"] - 50_001
    assert max_.get(f"/b/{code}", headers=JSON).get_json()["state"] == "paid"


def test_who_agrees_twice_to_a_payment_is_led_to_its_receipt_as_the_first_time(
    mill: Kit, browser_of: Browser, balances: Balances
) -> None:
    code = bill(mill, 60_000)
    pays(browser_of("sam"), code)
    sue, before = browser_of("sue"), balances()
    forms = Page(sue.get(f"/office/bakery/bills/{code}").text).forms
    (agree,) = [action for action in forms if action.endswith("/agree")]

    first, again = (sue.post(agree, data=forms[agree], follow_redirects=True) for _press in range(2))

    assert again.request.path == first.request.path
    assert first.request.path.startswith("/receipts/")
    assert sue.post(agree, data=forms[agree]).headers["Idempotent-Replay"] == "true"
    assert balances()["bakery"] == before["bakery"] - 60_000


def test_the_till_waits_for_no_second_steward_once_who_asked_for_one_works_there_no_more(
    mill: Kit, browser_of: Browser
) -> None:
    max_, code = browser_of("max"), bill(mill, 60_000)
    pays(browser_of("sam"), code)
    till = f"/tills/mill-1?bill={code}"
    assert "waits for its second steward" in Page(max_.get(till).text).text
    members.leave(mill, "bakery", "sam")
    assert "waits for its second steward" not in Page(max_.get(till).text).text
    assert max_.get(f"/b/{code}", headers=JSON).get_json()["state"] == "open"


def test_what_waits_too_long_is_declined_or_paid_by_a_member_moves_nothing_from_the_co_op(
    mill: Kit, browser_of: Browser, balances: Balances, clock: Clock
) -> None:
    histories.pay(mill, "mill", "ana", 600_000, 9_600, key="much")
    sam, sue = browser_of("sam"), browser_of("sue")
    before = balances()
    late = bill(mill, 60_000)
    pays(sam, late)
    clock.advance(minutes=10)
    assert "Pay 600.00" not in sue.get("/office/bakery").get_data(as_text=True)
    assert code_of(sue.post(f"/proposals/{waiting(mill)}/agree", headers=JSON)) == "bill_expired"

    declined = bill(mill, 60_000)
    pays(sam, declined)
    sue.post(f"/proposals/{waiting(mill)}/drop")
    assert browser_of("max").get(f"/b/{declined}", headers=JSON).get_json()["state"] == "open"
    # Declined is not forbidden: a member may still pay it, and it can be asked for again.
    assert pays(sam, declined).status_code == 202
    payments.pay_bill(mill, declined, "ana", key=new_key())
    assert code_of(sue.post(f"/proposals/{waiting(mill)}/agree", headers=JSON)) == "bill_already_paid"
    assert balances()["bakery"] == before["bakery"]


@pytest.mark.parametrize("ends", ["agree", "drop", "cancel", "paid", "late"])
def test_the_second_steward_is_told_until_when_and_no_longer_than_it_waits(
    mill: Kit, browser_of: Browser, clock: Clock, ends: str
) -> None:
    sue, code, dot = browser_of("sue"), bill(mill, 50_001), 'class="news"'
    pays(browser_of("sam"), code)
    assert dot in sue.get("/").get_data(as_text=True)
    if ends == "late":
        clock.advance(minutes=9, seconds=59)
        assert dot in sue.get("/").get_data(as_text=True)
        clock.advance(1)
    elif ends == "cancel":
        payments.cancel_bill(mill, code, "max")
    elif ends == "paid":
        histories.pay(mill, "mill", "ana", 600_000, 9_600, key="much")
        payments.pay_bill(mill, code, "ana", key=new_key())
    else:
        assert sue.post(f"/proposals/{waiting(mill)}/{ends}").status_code == 303

    assert dot not in sue.get("/").get_data(as_text=True)
    told = sue.get("/notices", headers=JSON).get_json()["notices"][0]
    assert (told["kind"], told["until"], told["new"]) == ("agree", f"{clock():%Y-%m-%dT%H:%M:%SZ}", False)


def test_one_steward_alone_pays_no_large_bill(mill: Kit, browser_of: Browser) -> None:
    members.grant(mill, "max", "steward", "mill")
    own = payments.open_bill(mill, "bakery-1", "bea", amount_minor=60_000, key=new_key())

    assert code_of(pays(browser_of("max"), own.code, "mill")) == "second_person"


def test_who_is_its_only_steward_is_offered_to_ask_nobody_and_reads_how_else_to_pay(
    mill: Kit, browser_of: Browser
) -> None:
    members.grant(mill, "max", "steward", "mill")
    sums = (50_000, 50_001)
    code, large = (payments.open_bill(mill, "bakery-1", "bea", amount_minor=one, key=new_key()).code for one in sums)
    max_ = browser_of("max")

    assert "Pay 500.00 RES from The Mill" in Page(max_.get(f"/office/mill/bills/{code}").text).text
    sheet = Page(max_.get(f"/office/mill/bills/{large}").text)
    says = "The Mill has no other steward now, and above 500.00 RES it takes two. Pay from your own wallet, or in cash."
    assert says in sheet.text
    assert "Ask another steward" not in sheet.text
    assert f"/office/mill/bills/{large}" not in sheet.forms
    assert f"/b/{large}" in sheet.links


def test_a_shift_counts_what_a_co_op_paid_as_its_register_does(mill: Kit, browser_of: Browser) -> None:
    assert pays(browser_of("sam"), bill(mill)).status_code == 201
    with mill.engine.connect() as connection:
        shift = connection.execute(sa.text("SELECT id FROM shifts WHERE till_id = 'mill-1'")).scalar_one()
    closing = Closing(Register(12_000, 0), None)
    shifts.close_shift(mill, "mill-1", "max", shift, closing, key=new_key())

    with snapshot(mill.engine) as connection:
        signed = connection.execute(sa.text("SELECT sales, sales_minor FROM closings")).one()
        assert tuple(signed) == (1, 12_000)
        assert verify.check(connection) == []


def test_a_session_alone_moves_nothing_of_the_co_op(mill: Kit, clock: Clock, balances: Balances) -> None:
    app = for_real_people(mill, clock)
    eva = resident(app, mill, kind="worker", coop="bakery")
    members.grant(mill, eva.handle, "steward", "bakery")
    clock.advance(minutes=6)
    code, before = bill(mill), balances()

    assert code_of(pays(eva.browser, code)) == "step_up_required"
    assert balances() == before
    app.extensions["streams"].live.close()


def test_a_steward_pays_from_the_co_ops_account_at_most_30_times_a_minute(
    mill: Kit, clock: Clock, balances: Balances
) -> None:
    app = for_real_people(mill, clock)
    eva = resident(app, mill, kind="worker", coop="bakery")
    members.grant(mill, eva.handle, "steward", "bakery")
    before = balances()["bakery"]

    assert [pays(eva.browser, bill(mill, 100)).status_code for _turn in range(31)] == [201] * 30 + [429]
    assert balances()["bakery"] == before - 30_00
    clock.advance(minutes=1)
    assert pays(eva.browser, bill(mill, 100)).status_code == 201
    app.extensions["streams"].live.close()


def test_the_sheet_says_who_how_much_and_from_where(mill: Kit, browser_of: Browser) -> None:
    sam, small, large = browser_of("sam"), bill(mill), bill(mill, 50_001)
    sheet = Page(sam.get(f"/office/bakery/bills/{small}").get_data(as_text=True))
    assert "Pay 120.00 RES from Bread & Roses" in sheet.text
    done = sam.post(f"/office/bakery/bills/{small}", data=sheet.forms[f"/office/bakery/bills/{small}"])
    assert done.location.startswith("/receipts/")
    asked = Page(sam.get(f"/office/bakery/bills/{large}").get_data(as_text=True))
    assert "Ask another steward" in asked.text
    assert sam.post(f"/office/bakery/bills/{large}", data=asked.forms[f"/office/bakery/bills/{large}"]).location == (
        f"/office/bakery/bills/{large}"
    )


def test_who_pays_what_the_co_op_has_paid_is_led_to_its_receipt(
    mill: Kit, browser_of: Browser, balances: Balances
) -> None:
    sam, sue, code = browser_of("sam"), browser_of("sue"), bill(mill)
    here = f"/office/bakery/bills/{code}"
    form = Page(sue.get(here).text).forms[here]
    receipt, after = pays(sam, code).get_json()["receipt"], balances()

    again = sue.post(here, data=form)

    assert (again.status_code, again.location) == (303, f"/receipts/{receipt}")
    assert sue.get(again.location).status_code == 200
    assert code_of(pays(sue, code)) == "bill_already_paid"
    assert balances() == after
    ours = bill(mill, 100)
    payments.pay_bill(mill, ours, "ana", key=new_key())
    assert "Not paid" in sue.post(f"/office/bakery/bills/{ours}", data={"key": new_key()}).text


@pytest.mark.parametrize("amount_minor", [12_000, 50_001])
def test_who_pays_or_agrees_to_the_same_sum_at_the_same_till_reads_that_it_was_paid_today(
    mill: Kit, browser_of: Browser, clock: Clock, amount_minor: int
) -> None:
    histories.supply(mill, "mill", "bakery", 80_000, key="enough for all of them")
    network.open_till(mill, "mill", "mill-2", "Counter 2")
    sam, sue, said = browser_of("sam"), browser_of("sue"), "paid the same sum at this till today"
    reader = sam if amount_minor == 12_000 else sue

    def bought(till: str = "mill-1", more_minor: int = 0, agrees: bool = False) -> tuple[str, Page]:
        made = payments.open_bill(mill, till, "max", amount_minor=amount_minor + more_minor, key=new_key())
        here = f"/office/bakery/bills/{made.code}"
        if reader is sue:
            pays(sam, made.code)
        shown = Page(reader.get(here).get_data(as_text=True))
        if agrees:
            done = sue.post(f"/proposals/{waiting(mill)}/agree") if reader is sue else pays(sam, made.code)
            assert done.status_code in (201, 303)
        return str(reader.get(here).location), shown

    receipt, first = bought(agrees=True)
    assert said not in first.text
    clock.advance(minutes=9)
    _, again = bought(agrees=True)
    assert f"Bread & Roses {said}" in again.text
    assert receipt in again.links
    assert said not in bought("mill-2")[1].text
    assert said not in bought(more_minor=1)[1].text
    clock.advance(hours=24)
    assert said not in bought()[1].text


def test_the_sheet_waits_for_the_second_steward_and_leads_to_the_receipt_once_it_is_paid(
    mill: Kit, browser_of: Browser
) -> None:
    sam, sue, code = browser_of("sam"), browser_of("sue"), bill(mill, 50_001)
    here = f"/office/bakery/bills/{code}"
    assert sam.get(here, headers=JSON).get_json() == {"state": "open"}
    pays(sam, code)
    assert sam.get(here, headers=JSON).get_json() == {"state": "waiting"}
    asked, agreeing = (Page(browser.get(here).get_data(as_text=True)) for browser in (sam, sue))
    assert "It waits for a second steward" in asked.text
    assert f"/proposals/{waiting(mill)}/agree" not in asked.forms
    assert "Sam Vaz asks you to agree" in agreeing.text
    # Without a script, too, the sheet says what becomes of it.
    assert f'content="3;url={here}"' in sam.get(here).get_data(as_text=True)
    # It stands on the second steward's home page too, and on nobody else's.
    assert [here in browser.get("/").get_data(as_text=True) for browser in (sam, sue)] == [False, True]

    done = sue.post(f"/proposals/{waiting(mill)}/agree")
    assert done.location == here
    receipt = sam.get(here).location
    assert receipt == sue.get(here).location
    assert receipt.startswith("/receipts/")
    for browser in (sam, sue):
        shown = Page(browser.get(receipt).get_data(as_text=True))
        assert "Paid, " in shown.text
        # Back is a page that this steward may see: the till is the other co-op's.
        assert "/office/bakery" in shown.links
        assert "/tills/mill-1" not in shown.links
    assert here not in sue.get("/").get_data(as_text=True)


def test_the_sheet_says_that_nobody_is_left_who_may_agree_and_offers_to_withdraw(
    mill: Kit, browser_of: Browser
) -> None:
    sam, code = browser_of("sam"), bill(mill, 60_000)
    pays(sam, code)
    assert "sue can agree on their own phone." in Page(sam.get(f"/office/bakery/bills/{code}").text).text
    members.leave(mill, "bakery", "sue")
    page = Page(sam.get(f"/office/bakery/bills/{code}").text)
    assert "There is nobody who may agree No money has moved. Bread & Roses has no other steward now." in page.text
    assert "can agree on their own phone" not in page.text
    assert list(page.forms) == [f"/proposals/{waiting(mill)}/drop"]


def test_another_co_op_is_not_offered_a_bill_for_which_one_asks_its_second_steward(
    mill: Kit, browser_of: Browser
) -> None:
    network.admit_coop(mill, "dairy", 100_000, name="Dairy")
    for handle in ("dan", "dot"):
        members.join(mill, "dairy", handle)
        members.grant(mill, handle, "steward", "dairy")
    dan, code = browser_of("dan"), bill(mill, 60_000)
    here = f"/office/dairy/bills/{code}"
    assert here in Page(dan.get(here).text).forms
    pays(browser_of("sam"), code)

    page = Page(dan.get(here).text)
    assert here not in page.forms
    assert "Bread & Roses asks its second steward No money moved." in page.text
    refused = pays(dan, code, "dairy")
    assert code_of(refused) == "already_waiting"
    assert refused.get_json()["title"].startswith("Bread & Roses asks its second steward")
    browser_of("sam").post(f"/proposals/{waiting(mill)}/drop")
    assert here in Page(dan.get(here).text).forms
    assert pays(dan, code, "dairy").status_code == 202


def test_the_sheet_says_how_a_bill_ended_and_that_no_money_moved(mill: Kit, browser_of: Browser, clock: Clock) -> None:
    histories.pay(mill, "mill", "ana", 600_000, 9_600, key="much")
    sam, sue, ends = browser_of("sam"), browser_of("sue"), {}
    for end in ("declined", "withdrawn", "cancelled", "paid", "expired", "short"):
        code = bill(mill, 60_000)
        assert pays(sam, code).status_code == 202
        if end in ("declined", "withdrawn"):
            (sue if end == "declined" else sam).post(f"/proposals/{waiting(mill)}/drop")
        elif end == "cancelled":
            payments.cancel_bill(mill, code, "max")
        elif end == "paid":
            payments.pay_bill(mill, code, "ana", key=new_key())
        elif end == "expired":
            clock.advance(minutes=10)
        elif end == "short":
            # There was enough when it was asked for.
            assert pays(sam, bill(mill, 50_000)).status_code == 201
        answer = sue.post(f"/proposals/{waiting(mill)}/agree").get_data(as_text=True) if end == "short" else ""
        ends[end] = Page(answer or sam.get(f"/office/bakery/bills/{code}").get_data(as_text=True)).text
    assert "sue declined" in ends["declined"]
    assert "Ask another steward" in ends["declined"]
    assert "Ask another steward" in ends["withdrawn"]
    assert "The till cancelled the bill" in ends["cancelled"]
    assert "Somebody else paid it" in ends["paid"]
    assert "Nobody agreed within ten minutes" in ends["expired"]
    assert "The account of Bread & Roses does not reach that far" in ends["short"]
    assert all("No money moved" in text for end, text in ends.items() if end != "withdrawn")


def test_another_co_op_reads_that_somebody_else_paid_and_no_receipt(mill: Kit, browser_of: Browser) -> None:
    network.admit_coop(mill, "farm", 100_000)
    members.join(mill, "farm", "fay")
    members.grant(mill, "fay", "steward", "farm")
    code = bill(mill)
    assert pays(browser_of("sam"), code).status_code == 201

    shown = browser_of("fay").get(f"/office/farm/bills/{code}")

    assert shown.status_code == 200
    assert "Somebody else paid it" in Page(shown.get_data(as_text=True)).text


def test_too_little_on_the_account_is_said_before_a_second_steward_is_asked(
    mill: Kit, browser_of: Browser, balances: Balances
) -> None:
    """The line is 1,000.00; what lies in a till counts."""
    own = payments.open_bill(mill, "bakery-1", "bea", amount_minor=300, key=new_key())
    payments.pay_bill(mill, own.code, "ana", key=new_key())
    sam, sue, before = browser_of("sam"), browser_of("sue"), balances()
    reach = before["bakery"] + before["bakery-1"] + 100_000
    much, fits = bill(mill, reach + 1), bill(mill, reach)

    assert code_of(pays(sam, much)) == "insufficient_funds"
    answer = sam.post(f"/office/bakery/bills/{much}", data={"key": new_key()})
    assert (answer.status_code, "does not reach that far" in answer.get_data(as_text=True)) == (409, True)
    assert waiting(mill) == 0
    assert sue.get("/notices", headers=JSON).get_json()["notices"] == []
    assert browser_of("max").get(f"/b/{much}", headers=JSON).get_json()["state"] == "open"
    assert balances() == before

    assert pays(sam, fits).status_code == 202
    assert sue.post(f"/proposals/{waiting(mill)}/agree").status_code == 303
    assert balances()["bakery"] == -100_000


def test_too_little_on_the_account_is_said_on_the_sheet_of_one_who_pays_alone(mill: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    for _ in range(2):
        assert pays(sam, bill(mill, 50_000)).status_code == 201
    answer = sam.post(f"/office/bakery/bills/{bill(mill, 1)}", data={"key": new_key()})

    assert answer.status_code == 409
    assert "does not reach that far, even with its credit line. No money moved" in answer.get_data(as_text=True)


@pytest.mark.parametrize("ends", ["cancelled", "paid", *HOW])
def test_a_bill_that_has_ended_asks_no_second_steward_to_agree(mill: Kit, browser_of: Browser, ends: str) -> None:
    sue, code = browser_of("sue"), bill(mill, 60_000)
    pays(browser_of("sam"), code)
    agree = f"/proposals/{waiting(mill)}/agree"
    assert "asks you to agree" in Page(sue.get("/").text).text
    assert agree in Page(sue.get("/office/bakery").text).forms

    if ends == "cancelled":
        payments.cancel_bill(mill, code, "max")
    elif ends == "paid":
        histories.pay(mill, "mill", "ana", 600_000, 9_600, key="much")
        payments.pay_bill(mill, code, "ana", key=new_key())
    else:
        stop(mill, "mill", ends)

    assert "asks you to agree" not in Page(sue.get("/").text).text
    assert agree not in Page(sue.get("/office/bakery").text).forms


def test_the_selling_till_s_shift_says_why_less_was_moved_than_taken(mill: Kit, browser_of: Browser) -> None:
    supplies.pay(mill, "sam", "bakery", bill(mill), key=new_key())
    close(mill, "mill-1", "max", 12_000)

    text = Page(browser_of("max").get("/tills/mill-1/shifts/1").text).text

    assert "Moved to the co-op’s account 0.00 RES" in text
    assert "a co-op paid a bill here, whose RES go to the account at once" in text
    for cause in ("a payday", "another co-op’s bill", "the pool", "a debt of refunds"):
        assert cause in text
