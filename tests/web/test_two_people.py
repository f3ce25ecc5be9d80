"""Two people in one browser: by a page that was opened by one nothing is done for the other."""

from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web import polls
from tests.web.conftest import JSON, new_key
from tests.web.doors import begin, code_of, resident, sign_in
from tests.web.page import Page
from tests.web.test_policy import MAY, declared, routes
from tests.web.test_policy import staffed as with_everything
from wallet.domain.limit import USUAL
from wallet.kit import Kit
from wallet.services import histories, invitations, limits, members, payments
from wallet.services.invitations import Offer
from wallet.store import people, tables
from wallet.store.engine import reading

Browsers = Callable[[str], FlaskClient]
SENTENCE = "Somebody else has signed in here since this page was opened"
# What shows itself anew, by a stream of events.
NO_PAGE = {"events.of_till", "events.of_bill"}


@pytest.fixture
def shared(staffed: Kit, browser_of: Browsers) -> FlaskClient:
    """Give the browser of Ana, in which Cal, who has 290.00, is about to sign in."""
    histories.pay(staffed, "mill", "cal", 290_000, 9_600, key="pay of cal")
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

    assert SENTENCE in sent_by(shared, address, form, by_script=by_script)

    cal = Page(shared.get(f"/b/{bill.code}").text).forms[address]
    assert shared.post(address, data=cal).status_code == 303
    assert shared.get("/me", headers=JSON).get_json()["balance"] == "285.00"


@pytest.mark.parametrize("by_script", [True, False], ids=["script", "form"])
def test_a_gift_is_sent_by_whom_its_sheet_was_drawn_for(staffed: Kit, shared: FlaskClient, by_script: bool) -> None:
    sheet = shared.post("/send/bea", data={"amount": "5.00", "note": "", "key": new_key()})
    form = Page(sheet.text).forms["/gifts"]

    assert SENTENCE in sent_by(shared, "/gifts", form, by_script=by_script)

    proof = shared.post("/gifts/challenge", json=form, headers=JSON)
    assert (proof.status_code, SENTENCE in proof.get_json()["title"]) == (403, True)


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

    assert (refused.status_code, "Nothing was changed for them" in Page(refused.text).text) == (403, True)
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

    assert (refused.status_code, "Nothing was changed for them" in Page(refused.text).text) == (403, True)
    assert "7.25" not in refused.text, "what Ana typed is no choice of Bea's"
    assert browser_of("bea").get("/share/less", headers=JSON).get_json() == before
    own = Page(shared.get("/share/less").text).forms[address] | typed
    assert shared.post(address, data=own).status_code == 303


@pytest.mark.for_real_people
def test_nobodys_limits_are_raised_by_a_page_that_was_opened_for_somebody_else(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    eva, ida = resident(app, kit, name="Eva Blum"), resident(app, kit, name="Ida Fux")
    shared, raised = eva.browser, dict.fromkeys(("phone_payment", "phone_day", "code_payment", "code_day"), "9000.00")
    form = Page(shared.get("/you/limits").text).forms["/you/limits"]
    assert sign_in(shared, ida.passkey).status_code == 200

    refused = shared.post("/you/limits", data=form | raised)

    assert (refused.status_code, SENTENCE in Page(refused.text).text) == (403, True)
    assert "9000.00" not in refused.text, "what Eva typed is no choice of Ida's"
    clock.advance(hours=24)
    with reading(kit.engine) as connection:
        found = people.find(connection, ida.handle)
    assert found is not None
    assert limits.limits_of(kit, found.id)["code"].most == USUAL


@pytest.mark.for_real_people
def test_nobodys_ways_in_are_changed_by_a_page_that_was_opened_for_somebody_else(app: Flask, kit: Kit) -> None:
    eva, ida = resident(app, kit, name="Eva Blum"), resident(app, kit, name="Ida Fux")
    shared, drawn, added = eva.browser, "/you/security/recovery-codes", "/you/security/passkeys"
    forms = Page(shared.get("/you/security").text).forms
    assert sign_in(shared, ida.passkey).status_code == 200

    assert shared.post(drawn, data=forms[drawn]).status_code == 403
    asked = shared.post(f"{added}/challenge", json={"drawn_for": forms[added]["drawn_for"]}, headers=JSON)
    assert (asked.status_code, SENTENCE in asked.get_json()["title"]) == (403, True), "no passkey is made in vain"
    begin(shared, f"{added}/challenge")
    by_code = app.test_client().post("/sign-in/recovery", json={"code": ida.codes[0]}, headers=JSON)
    assert by_code.status_code == 200


@pytest.mark.parametrize("kind", ["worker", "facilitator"])
def test_an_invitation_is_accepted_by_whom_the_button_names(staffed: Kit, browser_of: Browsers, kind: str) -> None:
    offer = Offer(kind, coop="bakery" if kind == "worker" else None, name="Ana")
    token = invitations.invite(staffed, offer)
    shared, accept = browser_of("ana"), f"/join/{token}/accept"
    page = Page(shared.get(f"/join/{token}").text)
    assert "Accept as Ana Reis" in page.text
    assert shared.post("/demo/sign-in", json={"handle": "cal"}).status_code == 204

    assert shared.post(accept, data=page.forms[accept]).status_code == 403
    assert invitations.look_up(staffed, token).is_open
    own = Page(shared.get(f"/join/{token}").text).forms[accept]
    assert shared.post(accept, data=own).status_code == 303


def test_nobodys_vote_is_cast_by_a_page_that_was_opened_for_somebody_else(
    federation: Kit, browser_of: Browsers
) -> None:
    number = polls.opened(polls.chartered(federation))
    shared, cast = browser_of("ana"), f"/ballots/{number}/mill"
    form = Page(shared.post(f"{cast}/check", data={"choice": "yes"}).text).forms[cast]
    assert shared.post("/demo/sign-in", json={"handle": "fay"}).status_code == 204

    assert shared.post(cast, data=form).status_code == 403
    assert shared.post(cast, data={"choice": "no"}).status_code == 303, "her vote is still hers"


def test_who_signs_in_by_a_page_of_somebody_else_is_signed_in(federation: Kit, browser_of: Browsers) -> None:
    shared = browser_of("ana")
    assert shared.post("/demo/sign-in", json={"handle": "cal"}).status_code == 204

    assert shared.post("/demo/sign-in", json={"handle": "bea", "drawn_for": "ana"}).status_code == 204
    assert shared.post("/sign-out", data={"drawn_for": "ana"}).status_code == 303
    assert code_of(shared.post("/receive", data={"drawn_for": "ana"}, headers=JSON)) == "not_signed_in"


@pytest.mark.parametrize(("named", "code"), [("cal", "not_allowed"), ("ana", "bad_form")])
def test_of_a_form_with_a_file_it_is_asked_first_for_whom_its_page_was_drawn(
    federation: Kit, browser_of: Browsers, named: str, code: str
) -> None:
    body = {"drawn_for": named, "file": (BytesIO(b"name,as\n"), "list.csv")}
    assert code_of(browser_of("ana").post("/receive", data=body, headers=JSON)) == code


@pytest.mark.parametrize("named", [7, "", ["ana"], {}])
def test_who_names_nobody_a_page_could_be_for_is_refused(federation: Kit, browser_of: Browsers, named: object) -> None:
    answer = browser_of("ana").post("/receive", json={"drawn_for": named}, headers=JSON)
    assert code_of(answer) == "bad_form"


def test_no_form_of_any_page_acts_for_who_has_signed_in_since(federation: Kit, app: Flask) -> None:
    ask, urls, browser = with_everything(federation, app), app.url_map.bind("localhost:8000"), app.test_client()
    for coop in ("mill", "bakery"):
        members.join(federation, coop, "zoe")
    for role, place in (("facilitator", None), ("steward", "bakery"), ("cashier", "bakery")):
        members.grant(federation, "zoe", role, place)
    tried, acted = set(), []
    pages = [(rule, who) for rule, method in routes(app) if method == "GET" and (who := declared(app, rule))]
    for rule, handle in ((rule, one) for rule, who in pages for one in sorted({"ana", "sam", "fay"} & MAY[who.who])):
        if rule.endpoint in NO_PAGE:
            continue
        assert browser.post("/demo/sign-in", json={"handle": handle}).status_code == 204
        forms = own_forms(app, browser, urls.build(rule.endpoint, ask.places(rule)))
        assert browser.post("/demo/sign-in", json={"handle": "zoe"}).status_code == 204
        before = rows(federation)
        for action, form in forms.items():
            refused = browser.post(action, data=form)
            if (refused.status_code, SENTENCE in refused.text, rows(federation)) != (403, True, before):
                acted.append(f"{rule.rule} of {handle}: {action} {refused.status_code}")
        tried |= forms.keys()

    assert acted == []
    assert len(tried) > 40


def own_forms(app: Flask, browser: FlaskClient, address: str) -> dict[str, dict[str, str]]:
    """Give the forms of a page that say for whom it was drawn, but for those that act for just anybody."""
    answer = browser.get(address)
    forms = Page(answer.text).forms if answer.status_code == 200 and answer.mimetype == "text/html" else {}
    answer.close()
    views = app.url_map.bind("localhost:8000")
    return {
        action: form
        for action, form in forms.items()
        if "drawn_for" in form and not hasattr(app.view_functions[views.match(action, method="POST")[0]], "is_public")
    }


def rows(kit: Kit) -> dict[str, list[object]]:
    """Give all that is in the database."""
    with reading(kit.engine) as connection:
        return {table.name: list(connection.execute(sa.select(table)).all()) for table in tables.metadata.sorted_tables}
