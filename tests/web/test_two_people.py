"""Two people in one browser: a sheet that was opened by one pays nothing from the wallet of the other."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import payday, payments

Browsers = Callable[[str], FlaskClient]
SENTENCE = "Somebody else has signed in here since this page was opened. Nothing was paid from their wallet."


@pytest.fixture
def shared(staffed: Kit, browser_of: Browsers) -> FlaskClient:
    """Give the browser of Ana, in which Cal, who has 290.00, is about to sign in."""
    payday.pay_line(staffed, "mill", "cal", 290_000, 9_600, key="pay of cal")
    return browser_of("ana")


def sent_by(browser: FlaskClient, address: str, form: dict[str, str], *, by_script: bool) -> str:
    """Send what Ana's sheet holds once Cal has signed in; give what is answered."""
    assert browser.post("/demo/sign-in", json={"handle": "cal"}).status_code == 204
    answer = browser.post(address, json=form, headers=JSON) if by_script else browser.post(address, data=form)
    assert answer.status_code == 403
    assert browser.get("/me", headers=JSON).get_json()["balance"] == "290.00"
    return str(answer.get_json()["title"]) if by_script else Page(answer.text).text


@pytest.mark.parametrize("by_script", [True, False], ids=["script", "form"])
def test_a_bill_is_paid_by_whom_its_sheet_was_drawn_for(
    staffed: Kit, shared: FlaskClient, browser_of: Browsers, by_script: bool
) -> None:
    bill = payments.open_bill(staffed, "bakery-1", "bea", amount_minor=5_00, key=new_key())
    address = f"/b/{bill.code}/pay"
    form = Page(shared.get(f"/b/{bill.code}").text).forms[address]

    assert SENTENCE.partition(". ")[0] in sent_by(shared, address, form, by_script=by_script)

    cal = Page(shared.get(f"/b/{bill.code}").text).forms[address]
    assert shared.post(address, data=cal).status_code == 303
    assert shared.get("/me", headers=JSON).get_json()["balance"] == "285.00"


@pytest.mark.parametrize("by_script", [True, False], ids=["script", "form"])
def test_a_gift_is_sent_by_whom_its_sheet_was_drawn_for(staffed: Kit, shared: FlaskClient, by_script: bool) -> None:
    sheet = shared.post("/send/bea", data={"amount": "5.00", "note": "", "key": new_key()})
    form = Page(sheet.text).forms["/gifts"]

    assert SENTENCE.partition(". ")[0] in sent_by(shared, "/gifts", form, by_script=by_script)

    proof = shared.post("/gifts/challenge", json=form, headers=JSON)
    assert (proof.status_code, proof.get_json()["title"]) == (403, f"{SENTENCE} Open it again to see who would pay.")
