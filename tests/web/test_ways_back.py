"""A way back in person: two people agree, its owner has a day to stop it, then small sums for three days."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.authenticator import Authenticator
from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.doors import (
    Resident,
    begin,
    code_of,
    confirm,
    invited,
    join,
    notices_of_all,
    resident,
    sign_in,
    well_paid,
)
from tests.web.page import Page
from tests.web.phone import MemberPhone, scanned
from wallet.domain.limit import Limit, Most
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import limits, members, payments, proposals
from wallet.store import people, tables
from wallet.store import proposals as rows
from wallet.store.engine import reading

pytestmark = pytest.mark.for_real_people


@pytest.fixture
def eva(app: Flask, federation: Kit) -> Resident:
    """Give somebody who lost a phone, with 900.00 RES."""
    return well_paid(app, federation)


def waiting(kit: Kit) -> int:
    with kit.engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.max(tables.proposals.c.id))).scalar_one())


def all_that_wait(kit: Kit) -> list[rows.Proposal]:
    with reading(kit.engine) as connection:
        return rows.waiting(connection, kit.clock())


def agreed(kit: Kit, handle: str = "eva") -> str:
    """Let Sam propose and Fay agree; give the link."""
    proposals.recover(kit, "sam", "bakery", handle)
    token = proposals.agree(kit, "fay", waiting(kit)).token
    assert token is not None
    return f"/join/{token}"


def pay(app_browser: FlaskClient, passkey: Authenticator, kit: Kit, amount_minor: int) -> Any:
    code, key = payments.open_bill(kit, "bakery-1", "bea", amount_minor=amount_minor, key=new_key()).code, new_key()
    proof = passkey.prove(begin(app_browser, f"/b/{code}/challenge", key=key))
    body = {"key": key, "assertion": proof, "confirm": True}
    return app_browser.post(f"/b/{code}/pay", json=body, headers=JSON)


def test_a_way_back_opens_after_a_day_and_shuts_everybody_else_out(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    link, phone, passkey = agreed(kit), app.test_client(), Authenticator()
    assert "does not work yet" in phone.get(link).get_data(as_text=True)
    clock.advance(hours=23, minutes=59)
    assert code_of(phone.post(f"{link}/challenge", json={"name": "Eva"}, headers=JSON)) == "invitation_spent"

    clock.advance(minutes=1)
    back = join(phone, link, passkey)

    assert (back.status_code, back.get_json()["handle"]) == (201, "eva")
    assert phone.get("/me", headers=JSON).get_json()["balance"] == "900.00"
    assert eva.browser.get("/me", headers=JSON).status_code == 401
    told = notices_of_all(kit)
    assert told.index("way_back_asked") < told.index("way_back")
    assert "came_back" in notices_of_all(kit)


def test_who_comes_back_is_asked_for_no_name_and_keeps_theirs(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    link, phone, passkey = agreed(kit), app.test_client(), Authenticator()
    clock.advance(days=1)
    assert "Your name" not in Page(phone.get(link).text).text
    options = begin(phone, f"{link}/challenge")
    assert options["user"]["name"] == "Eva Blum"

    back = phone.post(link, json={"credential": passkey.make(options)}, headers=JSON)

    assert (back.status_code, back.get_json()["handle"]) == (201, "eva")
    assert "Eva Blum" in Page(phone.get("/you").text).text


def test_a_way_back_ends_the_codes_of_phones_that_were_there_before(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    link, phone = agreed(kit), MemberPhone(kit, "eva")
    clock.advance(hours=24)
    assert scanned(kit, phone) == ""
    clock.advance(seconds=30)

    join(app.test_client(), link, Authenticator())

    assert scanned(kit, phone) == "code_spent"


def test_for_three_days_a_passkey_lifts_no_limit(app: Flask, kit: Kit, eva: Resident, clock: Clock) -> None:
    link, phone, passkey = agreed(kit), app.test_client(), Authenticator()
    clock.advance(hours=24)
    join(phone, link, passkey)

    assert pay(phone, passkey, kit, 50_00).status_code == 201
    held = pay(phone, passkey, kit, 50_01)
    assert code_of(held) == "step_up_required"
    assert "a passkey does not help" in held.get_json()["title"]
    gift = phone.post("/gifts", json={"to": "ana", "amount": "50.01", "key": new_key()}, headers=JSON)
    assert "a passkey does not help" in gift.get_json()["title"]
    clock.advance(hours=71, minutes=59)
    assert code_of(pay(phone, passkey, kit, 50_01)) == "step_up_required"
    clock.advance(minutes=1)
    assert pay(phone, passkey, kit, 50_01).status_code == 201


def test_for_three_days_no_limit_is_raised(app: Flask, kit: Kit, eva: Resident, clock: Clock) -> None:
    link, phone, passkey = agreed(kit), app.test_client(), Authenticator()
    clock.advance(hours=24)
    join(phone, link, passkey)
    wish = dict.fromkeys(("phone_payment", "phone_day", "code_payment", "code_day"), "500.00")

    assert code_of(phone.post("/you/limits", json=wish, headers=JSON)) == "not_allowed"
    clock.advance(hours=72)
    confirm(phone, passkey)
    assert phone.post("/you/limits", json=wish, headers=JSON).status_code < 400


def test_limits_that_were_raised_before_do_not_help_who_came_back(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    with reading(kit.engine) as connection:
        number = people.holder(connection, eva.handle).id

    def set_to(phone: Most, code: Most) -> None:
        limits.change(kit, number, {"phone": phone, "code": code}, proved=True)

    set_to(Most(400_00, 800_00), Most(10_00, 20_00))
    clock.advance(hours=25)
    set_to(Most(400_00, 800_00), Most(300_00, 300_00))
    link, phone, passkey = agreed(kit), app.test_client(), Authenticator()
    clock.advance(hours=24)

    join(phone, link, passkey)

    assert code_of(pay(phone, passkey, kit, 50_01)) == "step_up_required"
    assert pay(phone, passkey, kit, 50_00).status_code == 201
    clock.advance(hours=25)
    assert limits.limits_of(kit, number) == dict.fromkeys(("phone", "code"), Limit(Most(50_00, 150_00)))


@pytest.mark.parametrize("when", ["asked", "agreed"])
def test_the_owner_stops_who_pretends_to_be_them(app: Flask, kit: Kit, eva: Resident, clock: Clock, when: str) -> None:
    link = "" if when == "asked" else agreed(kit)
    if not link:
        proposals.recover(kit, "sam", "bakery", "eva")
    clock.advance(minutes=1)
    assert "It was not me: stop it" in eva.browser.get("/you/security").get_data(as_text=True)

    assert eva.browser.post("/you/security/way-back/stop", json={}, headers=JSON).status_code == 204
    assert notices_of_all(kit)[-1] == "way_back_stopped"

    assert "It was not me" not in eva.browser.get("/you/security").get_data(as_text=True)
    if link:
        clock.advance(hours=25)
        assert app.test_client().get(link).status_code == 410
    else:
        with pytest.raises(Refusal, match="already_decided"):
            proposals.agree(kit, "fay", waiting(kit))
    assert sign_in(app.test_client(), eva.passkey).status_code == 200


def test_a_thief_with_the_phone_does_not_keep_its_owner_out(app: Flask, kit: Kit, eva: Resident, clock: Clock) -> None:
    clock.advance(minutes=10)
    link, stop = agreed(kit), "/you/security/way-back/stop"

    answer = eva.browser.post(stop, json={}, headers=JSON)
    assert (code_of(answer), answer.get_json()["confirm"]) == ("step_up_required", "/you/security")
    page = Page(eva.browser.post(stop, data={}).text).text
    assert "Confirm with passkey" in page

    clock.advance(hours=24)
    assert app.test_client().get(link).status_code == 200
    confirm(eva.browser, eva.passkey)
    assert eva.browser.post(stop, json={}, headers=JSON).status_code == 204
    assert app.test_client().get(link).status_code == 410


@pytest.mark.parametrize(("by", "says"), [("eva", "stopped by the member"), ("sam", "withdrawn")])
def test_the_desk_reads_who_ended_a_way_back_that_was_asked_for(
    app: Flask, kit: Kit, eva: Resident, by: str, says: str
) -> None:
    sam = resident(app, kit, kind="person", handle="sam").browser
    proposals.recover(kit, "sam", "bakery", "eva")

    if by == "eva":
        eva.browser.post("/you/security/way-back/stop", json={}, headers=JSON)
    else:
        sam.post(f"/proposals/{waiting(kit)}/drop")

    page = Page(sam.get("/office/bakery").text).text
    assert "A new way in for Eva Blum (eva)" in page
    assert [one for one in ("stopped by the member", "withdrawn") if one in page] == [says]


def test_the_desk_reads_that_a_way_back_was_stopped_after_two_had_agreed(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    sam = resident(app, kit, kind="person", handle="sam").browser
    clock.goes = timedelta(microseconds=1)
    agreed(kit)
    tag = "agreed to, then stopped"
    assert tag not in Page(sam.get("/office/bakery").text).text

    eva.browser.post("/you/security/way-back/stop", json={}, headers=JSON)

    page = Page(sam.get("/office/bakery").text).text
    assert tag in page[page.index("A new way in for Eva Blum (eva)") :]


def test_who_stops_a_way_back_stops_nobody_elses_and_no_invitation(
    app: Flask, kit: Kit, eva: Resident, clock: Clock
) -> None:
    agreed(kit)
    of_bea, new = agreed(kit, "bea"), invited(kit)

    assert eva.browser.post("/you/security/way-back/stop", json={}, headers=JSON).status_code == 204
    assert eva.browser.post("/you/security/way-back/stop", json={}, headers=JSON).status_code == 204

    assert "It was not me" not in eva.browser.get("/you/security").text
    assert notices_of_all(kit).count("way_back_stopped") == 1
    clock.advance(hours=24)
    assert [app.test_client().get(link).status_code for link in (of_bea, new)] == [200, 200]


def test_no_other_coop_keeps_a_member_from_a_way_back(kit: Kit, eva: Resident) -> None:
    members.join(kit, "mill", "mia")
    members.grant(kit, "mia", "steward", "mill")
    proposals.recover(kit, "mia", "mill", "eva")

    assert agreed(kit)

    asked = [one.coop for one in all_that_wait(kit) if one.kind == "recover"]
    assert asked == ["mill"]


def test_who_stops_a_way_back_stops_what_every_coop_asks(app: Flask, kit: Kit, eva: Resident) -> None:
    members.join(kit, "mill", "mia")
    members.grant(kit, "mia", "steward", "mill")
    proposals.recover(kit, "mia", "mill", "eva")
    proposals.recover(kit, "sam", "bakery", "eva")
    proposals.recover(kit, "sam", "bakery", "bea")

    assert eva.browser.post("/you/security/way-back/stop", json={}, headers=JSON).status_code == 204

    assert [one.content["handle"] for one in all_that_wait(kit)] == ["bea"]


def test_nobody_agrees_alone_or_for_themselves(kit: Kit, eva: Resident) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        proposals.recover(kit, "sam", "bakery", "sam")
    with pytest.raises(Refusal, match="unknown_member"):
        proposals.recover(kit, "sam", "bakery", "nobody")
    with pytest.raises(Refusal, match="not_allowed"):
        proposals.recover(kit, "bea", "bakery", "eva")
    proposals.recover(kit, "sam", "bakery", "eva")
    with pytest.raises(Refusal, match="already_waiting"):
        proposals.recover(kit, "sam", "bakery", "eva")
    with pytest.raises(Refusal, match="second_person"):
        proposals.agree(kit, "sam", waiting(kit))


def test_who_agrees_reads_whose_wallet_it_is_and_when_the_link_opens(app: Flask, kit: Kit, eva: Resident) -> None:
    fay = resident(app, kit, kind="person", handle="fay").browser
    proposals.recover(kit, "sam", "bakery", "eva")

    assert "A new way in for Eva Blum (eva)" in Page(fay.get("/federation").text).text
    link = fay.post(f"/proposals/{waiting(kit)}/agree")

    assert link.status_code == 201
    assert "It opens on 3 March 2026 at 12:00" in Page(link.text).text.replace("\xa0", " ")


def test_the_link_of_an_invitation_speaks_of_no_day_to_wait(app: Flask, kit: Kit) -> None:
    sam = resident(app, kit, kind="person", handle="sam").browser

    link = sam.post("/office/bakery/invite", data={"name": "Ivo", "kind": "customer", "key": new_key()})

    assert link.status_code == 201
    assert "It opens on" not in Page(link.text).text


def test_who_founds_reads_which_office_they_run(app: Flask, kit: Kit) -> None:
    link = invited(kit, "facilitator", coop="bakery", roles=("steward",))

    page = Page(app.test_client().get(link).text).text

    assert "You will run the office of Bread & Roses." in page


def test_a_later_way_back_ends_the_former_and_waits_anew(app: Flask, kit: Kit, eva: Resident, clock: Clock) -> None:
    former = agreed(kit)
    clock.advance(hours=20)
    later = agreed(kit)
    clock.advance(hours=23)

    assert app.test_client().get(former).status_code == 410
    assert "does not work yet" in app.test_client().get(later).get_data(as_text=True)
