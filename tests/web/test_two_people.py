"""Two people in one browser: by a page that was opened by one the other pays nothing, and agrees to nothing."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import payday, payments

Browsers = Callable[[str], FlaskClient]
SENTENCE = "Somebody else has signed in here since this page was opened. Nothing was paid from their wallet."
UNCHANGED = "Nothing was changed for them."


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


@pytest.mark.parametrize("answer", ["0", "1"], ids=["no", "yes"])
def test_nobody_answers_for_good_by_the_agreement_that_was_opened_for_somebody_else(
    browser_of: Browsers, answer: str
) -> None:
    shared = browser_of("ana")
    form = Page(shared.get("/agreement").text).forms["/agreement"] | {"agree": answer}
    asked_at_home = "Do you want to be paid in RES?"
    assert asked_at_home in Page(browser_of("bea").get("/").text).text
    assert shared.post("/demo/sign-in", json={"handle": "bea"}).status_code == 204

    refused = shared.post("/agreement", data=form)

    assert (refused.status_code, UNCHANGED in Page(refused.text).text) == (403, True)
    assert shared.post("/agreement", json=form | {"agree": answer == "1"}, headers=JSON).status_code == 403
    assert asked_at_home in Page(browser_of("bea").get("/").text).text
    own = Page(shared.get("/agreement").text).forms["/agreement"]
    assert shared.post("/agreement", data=own | {"agree": answer}).status_code == 303


@pytest.mark.parametrize("address", ["/share/less", "/share/whole"])
def test_nobody_takes_another_part_of_their_pay_by_a_page_that_was_opened_for_somebody_else(
    browser_of: Browsers, address: str
) -> None:
    for handle, most in (("ana", "0.00"), ("bea", "5.00")):
        browser = browser_of(handle)
        browser.post("/agreement", data={"agree": "1", "version": "1"})
        assert browser.post("/share/less", json={"most": most}).status_code == 200
    before = browser_of("bea").get("/share/less", headers=JSON).get_json()
    shared = browser_of("ana")
    typed = {"most": "7.25"} if address == "/share/less" else {}
    form = Page(shared.get("/share/less").text).forms[address] | typed
    assert shared.post("/demo/sign-in", json={"handle": "bea"}).status_code == 204

    refused = shared.post(address, data=form)

    assert (refused.status_code, UNCHANGED in Page(refused.text).text) == (403, True)
    assert "7.25" not in refused.text, "what Ana typed is no choice of Bea's"
    assert browser_of("bea").get("/share/less", headers=JSON).get_json() == before
    own = Page(shared.get("/share/less").text).forms[address] | typed
    assert shared.post(address, data=own).status_code == 303
