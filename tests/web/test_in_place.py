"""A refused form of a desk: its own page says why, what was typed stands in it, and the way back is not by Home."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.domain.sheet import MOST_BYTES
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.services import histories, members, network, payments

Browser = Callable[[str], FlaskClient]
WRITE_IT = "Write the sum like 12.50, without a currency or spaces."
SETTLED = f"{WRITE_IT} Nothing was changed."
PERCENT = "Write a percentage from 0 to 100, such as 12.5"


@pytest.fixture
def desks(staffed: Kit) -> Kit:
    """Give the federation a charter, a second facilitator, and a pool of 0.50."""
    network.found_federation(staffed, "Valley", charter_on="2020-12-01")
    members.join(staffed, "mill", "gus", name="Gus Orth")
    members.grant(staffed, "gus", "facilitator")
    histories.fund(staffed, "mill", 50, key="pool")
    return staffed


@pytest.mark.parametrize(
    ("who", "address", "form", "title", "says"),
    [
        ("fay", "/federation/coops", {"name": "Zed <3", "need": "other", "line": "1.234"}, "Co-ops", SETTLED),
        ("fay", "/federation/coops/mill/line", {"line": "zz9"}, "The Mill", SETTLED),
        ("fay", "/federation/dividend", {"ends_on": "2026-02-01", "pot": "9.99"}, "Dividend", "0.50 RES in the pool"),
        ("fay", "/federation/dividend", {"ends_on": "2026-03-01", "pot": "0.10"}, "Dividend", "15\xa0March 2026"),
        ("sam", "/office/bakery/pool", {"amount": "zz9", "key": "a key"}, "The pool", WRITE_IT),
        ("sam", "/office/bakery/recover", {"handle": "anna"}, "Invite", "Nobody here has the handle anna"),
        ("sam", "/office/bakery/recover", {"handle": "sam"}, "Invite", "Nobody vouches for themselves"),
        ("sam", "/office/bakery/tills", {"name": "*"}, "Tills", "Write a name that others can read"),
        ("sam", "/office/bakery/counter/tender", {"part": "zz9"}, "At the counter", PERCENT),
        ("sam", "/office/bakery/counter/tills/bakery-1/limit", {"limit": "zz9"}, "At the counter", SETTLED),
        ("sam", "/office/bakery/payday/ceiling", {"percent": "120", "act": "set"}, "For every run", PERCENT),
        ("sam", "/office/bakery/payday/floor", {"applies": "yes", "hour": "", "name": "Sam V."}, "For every run",
         "leave it blank if none applies"),
        ("sam", "/office/bakery/payday/floor", {"applies": "yes", "hour": "9.999", "name": "Sam V."}, "For every run",
         SETTLED),
        ("sam", "/office/bakery/declarations", {"worth": "9 000", "meeting": "2026-02-01"}, "What we own",
         SETTLED),
        ("fay", "/federation/coops/mill/line", {"line": "99999999999"}, "The Mill",
         "The largest sum is 9,999,999,999.99. Nothing was changed."),
        ("sam", "/office/bakery/payday/overpayments",
         {"handle": "bea", "amount": "1.2.3", "note": "twice", "key": "a key"},
         "For every run", WRITE_IT),
        ("sam", "/office/bakery/tablets", {"pairing": "ZZZZ-ZZZZ", "till": "bakery-1", "name": "Blue"}, "Tablets",
         "There is no such tablet code"),
    ],
)  # fmt: skip
def test_a_refused_form_of_a_desk_is_answered_on_its_page_with_what_was_typed(
    desks: Kit, browser_of: Browser, who: str, address: str, form: dict[str, str], title: str, says: str
) -> None:
    answer = browser_of(who).post(address, data=form)

    assert 400 <= answer.status_code < 500
    page = Page(answer.text)
    assert f'<h1 tabindex="-1">{title}</h1>' in answer.text
    assert says in page.text.replace(" 15 March", " 15\xa0March"), page.text
    if '-wrong"' in answer.text:
        assert "Nothing was changed What is wrong stands below its field." in page.text
    assert address in page.forms
    assert 'role="alert"' in answer.text
    kept = " ".join(answer.text.partition(f'action="{address}"')[2].partition("</form>")[0].split())
    for name, value in form.items():
        if name not in ("act", "need", "till", "applies", "handle", "key"):
            assert f'name="{name}" value="{value.replace("<", "&lt;")}"' in kept or f'value="{value}"' in kept
    # Sent a second time from the page that says it, it is answered there again.
    again = browser_of(who).post(address, data=form, headers={"Referer": f"http://localhost:8000{address}"})
    assert says in Page(again.text).text.replace(" 15 March", " 15\xa0March")


@pytest.mark.parametrize(
    ("who", "address", "form", "field", "says"),
    [
        ("fay", "/federation/coops/mill/line", {"line": "zz9"}, "line", WRITE_IT),
        ("fay", "/federation/coops/mill/suspend", {"reason": " "}, "reason", "Write a few words first."),
        ("sam", "/office/bakery/tills", {"name": "*"}, "name", "Write a name that others can read"),
        ("sam", "/office/bakery/pool", {"amount": "0", "key": "a key"}, "amount", "Write it like 12.50."),
        ("sam", "/office/bakery/counter/tills/bakery-1/limit", {"limit": "zz9"}, "limit", WRITE_IT),
        ("sam", "/office/bakery/payday/ceiling", {"percent": "120", "act": "set"}, "percent", PERCENT),
        ("sam", "/office/bakery/payday/overpayments",
         {"handle": "bea", "amount": "1.2.3", "note": "twice", "key": "a key"}, "amount", WRITE_IT),
        ("sam", "/office/bakery/tablets", {"pairing": "ZZZZ-ZZZZ", "till": "bakery-1", "name": "*"}, "name",
         "Write a name that others can read"),
        ("sam", "/office/bakery/payday", {"pay_on": "30.11.2026"}, "pay_on", "Choose a day. Nothing was changed."),
        ("sam", "/office/bakery/declarations", {"worth": "5", "meeting": "31"}, "meeting", "Choose a day."),
        # What a service finds is said below the field that it is about.
        ("sam", "/office/bakery/payday", {"pay_on": "2020-01-01"}, "pay_on", "That day is over."),
        ("sam", "/office/bakery/payday/floor", {"applies": "yes", "hour": "", "name": "Sam V."}, "hour",
         "Write the least cash per hour"),
        ("sam", "/office/bakery/recover", {"handle": "anna"}, "handle", "Nobody here has the handle anna"),
        ("sam", "/office/bakery/recover", {"handle": "sam"}, "handle", "Nobody vouches for themselves"),
        ("sam", "/office/bakery/tablets", {"pairing": "ZZZZ-ZZZZ", "till": "bakery-1", "name": "Blue"}, "pairing",
         "There is no such tablet code"),
        ("sam", "/office/bakery/pool", {"amount": "9999999", "key": "a key"}, "amount", "does not reach that far"),
        ("sam", "/office/bakery/declarations", {"worth": "5", "meeting": "2199-01-01"}, "meeting", "still to come"),
        ("sam", "/office/bakery/counter/tender", {"part": "0"}, "part", "Write a part above 0"),
        ("sam", "/office/bakery/counter/tills/bakery-1/limit", {"limit": "9999999"}, "limit", "no higher limit"),
        ("fay", "/federation/coops", {"name": "THE MILL", "need": "other", "line": "5"}, "name",
         "A co-op here has this name"),
        ("fay", "/federation/ballots/new/floor_bp", {"value": "60", "reason": "So", "days": "30"}, "value",
         "Write a value from 0\u202f% to 50\u202f%. Nothing was changed."),
        ("fay", "/federation/ballots/new/floor_bp", {"value": "120", "reason": "So", "days": "30"}, "value",
         "Write a value from 0\u202f% to 50\u202f%. Nothing was changed."),
        ("fay", "/federation/dividend", {"ends_on": "2026-02-01", "pot": "9.99"}, "pot", "0.50 RES in the pool"),
        ("fay", "/federation/dividend", {"ends_on": "2026-03-01", "pot": "0.10"}, "ends_on", "Refunds of this period"),
    ],
)  # fmt: skip
def test_the_field_that_is_wrong_is_marked_with_why_and_holds_the_focus(
    desks: Kit, browser_of: Browser, who: str, address: str, form: dict[str, str], field: str, says: str
) -> None:
    form = {name: new_key() if value == "a key" else value for name, value in form.items()}
    whole = browser_of(who).post(address, data=form).text
    refused = whole.partition(f'action="{address}"')[2].partition("</form>")[0]
    (marked,) = [each for each in re.findall("<input[^>]*>", refused) if "aria-invalid" in each]

    assert f'name="{field}"' in marked
    assert 'aria-invalid="true"' in marked
    assert " autofocus" in marked
    assert f'aria-describedby="{field}-wrong' in marked
    assert says in refused.partition(f'<span id="{field}-wrong">')[2].partition("</p>")[0]
    assert (whole.count("aria-invalid"), whole.count(" autofocus")) == (1, 1)


def test_a_form_of_a_co_op_whose_short_name_is_quoted_in_addresses_is_answered_on_its_page(
    staffed: Kit, browser_of: Browser
) -> None:
    network.admit_coop(staffed, "food & co", 10_000, name="Food & Co")
    members.grant(staffed, "sam", "steward", "food & co")

    answer = browser_of("sam").post("/office/food%20%26%20co/counter/tender", data={"part": "zz9"})

    assert answer.status_code == 400
    assert PERCENT in Page(answer.text).text
    assert 'value="zz9"' in answer.text


def test_only_the_refused_form_keeps_what_was_typed(desks: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    network.open_till(desks, "bakery", "bakery-2", "Counter 2")
    limit = sam.post("/office/bakery/counter/tills/bakery-1/limit", data={"limit": "zz9"}).text
    ceiling = sam.post("/office/bakery/payday/ceiling", data={"percent": "zz9", "act": "set"}).text

    assert (limit.count("zz9"), ceiling.count("zz9")) == (1, 1)
    assert "zz9" not in sam.get("/office/bakery/payday/settings").text


def test_who_declines_what_another_agreed_to_reads_on_the_page_that_it_is_decided(
    desks: Kit, browser_of: Browser
) -> None:
    members.join(desks, "bakery", "sol")
    members.grant(desks, "sol", "steward", "bakery")
    assert browser_of("sam").post("/office/bakery/pool", data={"amount": "5", "key": new_key()}).status_code == 303
    tim, sol = browser_of("tim"), browser_of("sol")
    (action,) = [each for each in Page(sol.get("/office/bakery/pool").text).forms if each.endswith("/drop")]
    assert tim.post(action.replace("/drop", "/agree")).status_code == 303

    late = sol.post(action)

    assert late.status_code == 409
    assert "Somebody has decided this already" in Page(late.text).text
    assert "/office/bakery/pool" in Page(late.text).forms


def test_a_pay_file_that_is_too_large_is_refused_on_the_run_s_page(desks: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    run = sam.post("/office/bakery/payday", data={"pay_on": "2026-03-02"}).location
    answer = sam.post(
        f"{run}/file", data=b"x" * (MOST_BYTES + 10_000), content_type="multipart/form-data; boundary=part"
    )

    assert answer.status_code == 413
    assert "This request is too large" in Page(answer.text).text
    assert f"{run}/file" in Page(answer.text).forms


def test_a_form_that_is_too_large_is_refused_on_its_page_without_what_was_typed(
    desks: Kit, browser_of: Browser
) -> None:
    answer = browser_of("sam").post("/office/bakery/pool", data={"amount": "1" * 100_000, "key": "a key"})

    assert answer.status_code == 413
    assert "This request is too large" in Page(answer.text).text
    assert "/office/bakery/pool" in Page(answer.text).forms


def test_scripts_and_strangers_are_answered_as_before(desks: Kit, browser_of: Browser, stranger: FlaskClient) -> None:
    problem = browser_of("fay").post("/federation/coops/mill/line", data={"line": "zz9"}, headers=JSON)
    assert (problem.mimetype, problem.get_json()["type"]) == ("application/problem+json", "bad_amount")
    for who, status in ((browser_of("ana"), 404), (stranger, 401)):
        answer = who.post("/federation/coops/mill/line", data={"line": "zz9"})
        assert answer.status_code == status
        assert "Credit line" not in answer.text


def test_the_page_of_an_error_leads_back_to_the_form_first(desks: Kit, browser_of: Browser) -> None:
    ana, here = browser_of("ana"), {"Origin": "http://localhost:8000"}
    form = {"amount": "5.00", "key": new_key()}
    led = ana.post("/b/ZZZZZZ/pay", data=form, headers=here | {"Referer": "http://localhost:8000/pay?from=home"})
    assert Page(led.text).links[-2:] == ["/pay?from=home", "/"]
    for elsewhere in (
        "http://elsewhere.example/pay",
        "http://localhost:8000//elsewhere.example/",
        "/nowhere",
        "http://[",
        "",
    ):
        lost = ana.post("/b/ZZZZZZ/pay", data=form | {"key": new_key()}, headers=here | {"Referer": elsewhere})
        assert lost.status_code == 404
        assert "Back to the page before" not in lost.text
        assert Page(lost.text).answered is None


def test_the_page_of_an_error_that_sends_the_form_again_is_itself_read_where_the_form_was(
    desks: Kit, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_busy(*_asked: object, **_fields: object) -> None:
        raise refuse("busy")

    monkeypatch.setattr(payments, "pay_bill", is_busy)
    ana, sent_from = (
        browser_of("ana"),
        {"Origin": "http://localhost:8000", "Referer": "http://localhost:8000/pay?from=home"},
    )

    busy = ana.post("/b/7K3M9QRX/pay", data={"key": new_key()}, headers=sent_from)

    assert (busy.status_code, "/b/7K3M9QRX/pay" in Page(busy.text).forms) == (503, True)
    assert Page(busy.text).answered == "/pay?from=home"
