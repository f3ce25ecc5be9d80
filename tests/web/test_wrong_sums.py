"""A sum that is none, or words that are read as others: a form says so at each field, and keeps all that was typed."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import new_key
from tests.web.page import Page
from wallet.domain import agreement
from wallet.kit import Kit
from wallet.services import disputes, elections, payments
from wallet.store import people
from wallet.store.engine import reading

Browser = Callable[[str], FlaskClient]
Form = dict[str, str]

NO_SUM = "Write the sum like 12.50, without a currency or spaces."
TURNED = "Hidden signs in what you wrote turn letters around. Type it instead of pasting it. No money moved."
NO_PART = "Write a percentage up to your share"


@pytest.fixture
def bought(staffed: Kit) -> str:
    """Let Ana pay 5.00 at the bakery, 2.00 of it in cash; give the receipt."""
    bill = payments.open_bill(staffed, "bakery-1", "bea", amount_minor=500, cash_minor=200, key=new_key())
    return payments.pay_bill(staffed, bill.code, "ana", key=new_key(), confirm=True).ref


@pytest.fixture
def addresses(staffed: Kit, bought: str) -> dict[str, str]:
    """Give the address of each form."""
    dispute = disputes.begin(staffed, "ana", bought, "It was stale", not_me=False).ref
    with reading(staffed.engine) as connection:
        ana = people.holder(connection, "ana").id
    elections.agree(staffed, ana, str(agreement.VERSION), agreement.words())
    return {
        "limits": "/you/limits",
        "share": "/share/less",
        "refund": f"/receipts/{bought}/refunds",
        "dispute": f"/disputes/{dispute}/refund",
        "shift": "/tills/bakery-1/shift/close",
        "sticker": "/c/bakery-1",
        "gift": "/send/bea",
    }


LIMITS = {"phone_payment": "50", "phone_day": "1.234", "code_payment": "x", "code_day": "20"}


@pytest.mark.parametrize(
    ("who", "place", "form", "wrong"),
    [
        ("ana", "limits", LIMITS, {"phone_day": NO_SUM, "code_payment": NO_SUM}),
        ("ana", "share", {"most": "120"}, {"most": NO_PART}),
        ("bea", "refund", {"amount": "1.0.0", "cash": "a <b", "reason": "returned", "note": "7", "words": "torn"},
         {"amount": NO_SUM, "cash": NO_SUM}),
        ("bea", "refund", {"amount": "1", "cash": "1e3", "reason": "other", "words": "torn"}, {"cash": NO_SUM}),
        ("sam", "dispute", {"amount": "1", "cash": "2,345", "words": "Sorry & all"}, {"cash": NO_SUM}),
        ("bea", "shift", {"res": "3", "cash": "2..0", "reason": "", "note": "for Sam"}, {"cash": NO_SUM}),
        ("bea", "shift", {"res": "--3", "cash": "2.", "note": ""}, {"res": NO_SUM, "cash": NO_SUM}),
        ("ana", "sticker", {"amount": "12.345"}, {"amount": NO_SUM}),
        ("ana", "gift", {"amount": "ten", "note": "tea"}, {"amount": NO_SUM}),
        ("ana", "gift", {"amount": "10", "note": "tea \u202eaet"}, {"note": TURNED}),
        ("bea", "shift", {"res": "3", "cash": "2", "note": "for \u2067Sam"}, {"note": TURNED}),
        ("bea", "refund", {"amount": "1", "reason": "other", "words": "torn\u202d", "note": "\u202a7"},
         {"note": TURNED, "words": TURNED}),
    ],
)  # fmt: skip
def test_each_field_that_holds_what_it_cannot_says_so_and_all_that_was_typed_stays(
    browser_of: Browser, addresses: dict[str, str], who: str, place: str, form: Form, wrong: Form
) -> None:
    browser, address = browser_of(who), addresses[place]
    sent = dict(form)
    if place in ("refund", "dispute", "shift", "sticker", "gift"):
        sent["key"] = new_key()
    if place == "shift":
        (sent["shift"],) = re.findall(r'name="shift" value="(\d+)"', browser.get("/tills/bakery-1/shift").text)

    answer = browser.post(address, data=sent)

    assert answer.status_code == 400
    assert "What is wrong stands below its field." in Page(answer.text).text
    inputs = {
        each: tag for tag in re.findall(r"<input\s[^>]*>", answer.text) for each in re.findall(r'\sname="(\w+)"', tag)
    }
    settles = " Nothing was changed." if place == "limits" else " No money moved."
    for name, sentence in wrong.items():
        says = sentence + settles if sentence == NO_SUM else sentence
        below = answer.text.partition(f'<span id="{name}-wrong">')[2].partition("</p>")[0]
        assert says in unescape(below), name
        assert f'aria-describedby="{name}-wrong' in inputs[name]
        assert 'aria-invalid="true"' in inputs[name]
    assert answer.text.count('aria-invalid="true"') == len(wrong)
    assert answer.text.count(" autofocus") == 1
    assert " autofocus" in inputs[next(iter(wrong))]
    for name, value in form.items():
        if name != "reason":
            kept = inputs.get(name) or re.findall(rf'name="{name}"[^>]*>([^<]*)</textarea>', answer.text)[0]
            assert value in unescape(kept), name


def test_a_sum_that_is_one_but_too_large_is_said_on_top_and_at_no_field(
    browser_of: Browser, addresses: dict[str, str]
) -> None:
    answer = browser_of("bea").post(
        addresses["refund"], data={"amount": "9", "cash": "0", "reason": "returned", "key": new_key()}
    )

    assert answer.status_code == 409
    assert "Nothing was given back" in Page(answer.text).text
    assert "aria-invalid" not in answer.text
    assert 'value="9"' in answer.text


def test_a_script_reads_no_more_than_the_first_sum_that_is_wrong(browser_of: Browser, bought: str) -> None:
    body = {"amount": "x", "cash": "1.234", "reason": "returned", "key": new_key()}

    answer = browser_of("bea").post(f"/receipts/{bought}/refunds", json=body)

    assert (answer.status_code, set(answer.get_json())) == (400, {"type", "title", "status"})


def test_words_that_were_typed_in_a_dispute_stay_in_the_form_that_was_refused_alone(
    browser_of: Browser, addresses: dict[str, str]
) -> None:
    there = addresses["dispute"]

    refused = browser_of("sam").post(there, data={"amount": "9", "cash": "0", "words": "Our fault", "key": new_key()})

    assert refused.status_code == 409
    assert refused.text.count("Our fault</textarea>") == 1
    assert "Our fault" not in browser_of("sam").get(there.rpartition("/")[0]).text
