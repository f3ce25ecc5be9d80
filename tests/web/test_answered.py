"""The answer to a form is read again at an address that can be read: Back and a reload send nothing once more."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.authenticator import but
from tests.web.conftest import new_key
from tests.web.doors import begin, resident
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import members, payments

Browser = Callable[[str], FlaskClient]
ANOTHER = but(challenge=b"\x07" * 32)


def is_read_at(browser: FlaskClient, address: str, form: dict[str, str], there: str) -> None:
    """Expect that what answers the form at `address` is read again `there`, where nothing is said of a refusal."""
    answered = browser.post(address, data=form)
    assert answered.mimetype == "text/html"
    assert Page(answered.text).answered == there
    again = browser.get(there)
    assert (again.status_code, Page(again.text).answered) == (200, None)


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/send", {"who": "nobody"}),
        ("/c/bakery-1", {"amount": "zz9", "key": new_key()}),
        ("/join", {"link": "no link"}),
    ],
)  # fmt: skip
def test_a_form_that_was_refused_is_read_again_as_it_was_before(
    browser_of: Browser, address: str, form: dict[str, str]
) -> None:
    is_read_at(browser_of("ana"), address, form, address)


@pytest.mark.parametrize("form", [{"amount": "zz9"}, {"amount": "5.00"}, {"amount": "5.00", "change": "1"}])
def test_what_asks_about_a_gift_is_read_again_with_the_key_of_that_gift(
    browser_of: Browser, form: dict[str, str]
) -> None:
    key = new_key()
    is_read_at(browser_of("ana"), "/send/sam", form | {"key": key}, f"/send/sam?key={key}")


def test_a_shift_that_stays_open_is_read_again_where_it_is_closed(federation: Kit, browser_of: Browser) -> None:
    sale = payments.open_bill(federation, "bakery-1", "bea", amount_minor=300, key=new_key())
    payments.pay_bill(federation, sale.code, "ana", key=new_key())
    bea, here = browser_of("bea"), "/tills/bakery-1/shift"
    found = re.search(r'name="shift" value="(\d+)"', bea.get(here).text)
    assert found is not None
    for counted in ("none", "9.00"):
        form = {"shift": found[1], "res": counted, "key": new_key()}
        is_read_at(bea, f"{here}/close", form, here)


def test_a_bill_that_is_more_than_its_payer_has_is_read_again_as_it_stands(
    federation: Kit, browser_of: Browser
) -> None:
    code = payments.open_bill(federation, "bakery-1", "bea", amount_minor=9_000_00, key=new_key()).code
    is_read_at(browser_of("ana"), f"/b/{code}/pay", {"key": new_key()}, f"/b/{code}")


def test_a_bill_that_no_co_op_pays_any_more_is_read_again_as_it_stands(federation: Kit, browser_of: Browser) -> None:
    members.join(federation, "mill", "max")
    members.grant(federation, "max", "cashier", "mill")
    code = payments.open_bill(federation, "mill-1", "max", amount_minor=300, key=new_key()).code
    payments.cancel_bill(federation, code, "max")
    here = f"/office/bakery/bills/{code}"
    is_read_at(browser_of("sam"), here, {"key": new_key()}, here)


@pytest.mark.for_real_people
def test_a_passkey_that_was_refused_is_asked_for_again_with_the_way_on(app: Flask, federation: Kit) -> None:
    eva = resident(app, federation)
    for browser, ask, address, there in (
        (app.test_client(), "/sign-in/challenge", "/sign-in", "/sign-in?next=/you"),
        (eva.browser, "/you/confirm/challenge", "/you/confirm", "/you/confirm?next=/you"),
    ):
        proof = eva.passkey.prove(begin(browser, ask), ANOTHER)
        is_read_at(browser, address, {"credential": json.dumps(proof), "next": "/you"}, there)
