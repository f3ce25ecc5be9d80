"""The desks of the federation and of a co-op: what two people decide, and where an act is answered."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from flask.testing import FlaskClient

from tests.races.rush import rush
from tests.resting import rest
from tests.web import polls
from tests.web.conftest import JSON, new_key
from tests.web.doors import LINK
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import invitations, members
from wallet.services import proposals as services
from wallet.services.invitations import Offer
from wallet.store import proposals
from wallet.store.engine import reading
from wallet.store.views import office as office_view

Browser = Callable[[str], FlaskClient]


def waiting(kit: Kit) -> int:
    """Give the newest proposal that waits."""
    with reading(kit.engine) as connection:
        return proposals.waiting(connection, kit.clock())[-1].id


def test_a_co_op_is_in_once_a_second_facilitator_has_agreed(browser_of: Browser, gus: FlaskClient) -> None:
    fay = browser_of("fay")
    form = {"name": "Hill  Farm", "need": "food", "place": "Hill Road 1", "line": "5000"}
    assert fay.post("/federation/coops", data=form).status_code == 303

    own, other = Page(fay.get("/federation").text), Page(gus.get("/federation").text)
    assert "Waits for Gus Orth." in own.text
    assert "What members find there: Food. Where: Hill Road 1." in other.text
    (agree,) = [action for action in other.forms if action.endswith("/agree")]
    assert not [action for action in own.forms if action.endswith("/agree")]
    assert gus.post(agree).status_code == 303

    page = Page(gus.get("/federation/coops/hill-farm").text)
    assert "Hill Farm" in page.text
    assert "5,000.00" in page.text


def test_co_ops_whose_names_give_one_slug_wait_beside_each_other_and_each_has_its_own(
    federation: Kit, browser_of: Browser, gus: FlaskClient
) -> None:
    fay, form = browser_of("fay"), {"need": "food", "line": "100.00"}
    names = ("Пекарня", "Мельница", "パン屋", "Casa Sol", "Casa (Sol)")
    answers = [fay.post("/federation/coops", data=form | {"name": name}) for name in names]
    assert [answer.status_code for answer in answers] == [303] * len(names)
    again = fay.post("/federation/coops", data=form | {"name": "ПЕКАРНЯ"}, headers=JSON)
    assert again.get_json()["type"] == "already_waiting"
    same = fay.post("/federation/coops", data=form | {"name": names[0]}, headers=JSON)
    assert same.get_json()["title"].startswith("This waits for a second person already.")

    with reading(federation.engine) as connection:
        asked = [each.id for each in proposals.waiting(connection, federation.clock())]
    for number in asked:
        assert gus.post(f"/proposals/{number}/agree").status_code == 303
    with reading(federation.engine) as connection:
        slugs = {coop.name: coop.slug for coop in office_view.all_coops(connection)}
    assert [slugs[name] for name in names] == ["co-op", "co-op-2", "co-op-3", "casa-sol", "casa-sol-2"]
    taken = fay.post("/federation/coops", data=form | {"name": "Пекарня"}, headers=JSON)
    assert taken.get_json()["type"] == "name_taken"


def test_a_first_steward_gets_a_link_when_a_second_has_agreed(
    browser_of: Browser, gus: FlaskClient, federation: Kit
) -> None:
    fay = browser_of("fay")
    asked = fay.post("/federation/coops/mill/stewards", data={"name": "Nia Roth"})
    assert asked.status_code == 303
    (agree,) = [action for action in Page(gus.get("/federation").text).forms if action.endswith("/agree")]

    agreed = gus.post(agree)

    (token,) = set(LINK.findall(agreed.text))
    invitation = invitations.look_up(federation, token)
    assert (invitation.kind, invitation.coop, invitation.roles) == ("worker", "mill", ("steward",))
    assert gus.post(agree, headers=JSON).get_json()["type"] == "already_decided"


def test_who_agrees_twice_is_shown_the_same_link_and_nobody_else_is(
    browser_of: Browser, gus: FlaskClient, federation: Kit
) -> None:
    members.grant(federation, "ana", "facilitator")
    browser_of("fay").post("/federation/coops/mill/stewards", data={"name": "Nia Roth"})
    page = Page(gus.get("/federation").text)
    (agree,) = [action for action in page.forms if action.endswith("/agree")]
    form = page.forms[agree]

    first, again = gus.post(agree, data=form), gus.post(agree, data=form)

    assert [set(LINK.findall(answer.text)) for answer in (first, again)] == [set(LINK.findall(first.text))] * 2
    assert ["Idempotent-Replay" in answer.headers for answer in (first, again)] == [False, True]
    for who, key in ((browser_of("ana"), form["key"]), (gus, new_key())):
        assert who.post(agree, data={"key": key}, headers=JSON).get_json()["type"] == "already_decided"
    (withdraw,) = [action for action in Page(gus.get("/federation/people").text).forms if action.endswith("/withdraw")]
    gus.post(withdraw)
    assert gus.post(agree, data=form, headers=JSON).get_json()["type"] == "invitation_spent"


def test_of_two_presses_on_agree_at_once_both_give_the_link(federation: Kit, gus: FlaskClient) -> None:
    services.invite_to_serve(federation, "fay", "mill", "Nia Roth", "steward")

    outcome = rush([partial(services.agree, federation, "gus", waiting(federation), key=new_key())] * 4)

    assert len({made.token for made in outcome.answers}) == 1
    assert sorted(made.replayed for made in outcome.answers) == [False, True, True, True]


def test_who_is_the_only_facilitator_makes_one_link_pressed_twice(federation: Kit, browser_of: Browser) -> None:
    fay, here = browser_of("fay"), "/federation/people"
    form = Page(fay.get(here).text).forms[here] | {"name": "Hal Orr"}

    first, again = fay.post(here, data=form), fay.post(here, data=form)

    assert set(LINK.findall(first.text)) == set(LINK.findall(again.text)) != set()
    assert "Idempotent-Replay" in again.headers
    add = partial(services.add_facilitator, federation, "fay", "Ike Lund", key=form["key"])
    rushed = rush([add] * 4)
    assert sorted(made.replayed for made in rushed.answers) == [False, True, True, True]
    with reading(federation.engine) as connection:
        names = [one.name for one in office_view.invited_to_serve(connection, federation.clock())]
        done = [one for one in proposals.decided_on_desk(connection, None) if one.state == "done"]
    assert (sorted(names), len(done)) == (["Hal Orr", "Ike Lund"], 2)


def test_who_is_invited_to_serve_can_be_taken_back_by_a_facilitator_and_nobody_else_can(
    federation: Kit, browser_of: Browser, gus: FlaskClient
) -> None:
    fay, sam = browser_of("fay"), browser_of("sam")
    customer = invitations.invite(federation, Offer("customer", coop="bakery", name="Hal Orr"))
    for address, name in (("/federation/people", "Ike Lund"), ("/federation/coops/mill/stewards", "Nia Wald")):
        assert fay.post(address, data={"name": name}).status_code == 303
        (agree,) = [action for action in Page(gus.get("/federation").text).forms if action.endswith("/agree")]
        (token,) = LINK.findall(gus.post(agree).text)
        page = Page(gus.get("/federation/people").text)
        assert name in page.text
        (withdraw,) = [action for action in page.forms if action.endswith("/withdraw")]

        assert sam.post(withdraw).status_code == 404
        assert invitations.look_up(federation, token).is_open
        assert gus.post(withdraw).status_code == 303

        assert not invitations.look_up(federation, token).is_open
        assert gus.post(withdraw, headers=JSON).status_code == 410
    assert "Not yet joined" not in Page(gus.get("/federation/people").text).text
    number = invitations.look_up(federation, customer).id
    assert gus.post(f"/federation/invitations/{number}/withdraw", headers=JSON).status_code == 404
    assert invitations.look_up(federation, customer).is_open


def test_who_is_the_only_facilitator_is_told_to_invite_a_second(browser_of: Browser) -> None:
    fay = browser_of("fay")

    assert "/federation/people" in Page(fay.get("/federation").text).links
    assert "/federation/coops" not in Page(fay.get("/federation").text).forms
    assert LINK.search(fay.post("/federation/people", data={"name": "Hal Orr"}).text)


@pytest.mark.parametrize(
    ("path", "offers"),
    [
        ("/federation", "Propose to admit"),
        ("/federation/coops/bakery", "Propose to suspend"),
        ("/federation/dividend", "Show the draft to everybody"),
        ("/federation/ballots", "Propose another value"),
        ("/federation/ballots/new/floor_bp", "Open for how many days"),
    ],
)
def test_while_the_other_facilitator_rests_nothing_that_takes_two_is_offered_and_why(
    federation: Kit, browser_of: Browser, path: str, offers: str
) -> None:
    polls.chartered(federation)
    fay = browser_of("fay")
    assert offers in Page(fay.get(path).text).text

    rest(federation, "gus")

    page = Page(fay.get(path).text)
    assert offers not in page.text
    assert "No other facilitator serves at present" in page.text
    assert "Gus Paz serves from" in page.text.replace("\u2068", "").replace("\u2069", "")


def test_a_facilitator_who_rests_is_marked_and_an_invitation_waits_for_them(
    federation: Kit, browser_of: Browser
) -> None:
    polls.chartered(federation)
    rest(federation, "gus")
    fay = browser_of("fay")
    assert "Another facilitator agrees" in Page(fay.get("/federation/people").text).text

    assert fay.post("/federation/people", data={"name": "Hal Orr"}).status_code == 303

    page = Page(fay.get("/federation/people").text)
    assert "Waits until Gus Paz can agree" in page.text
    assert re.search(r"Gus Paz gus serves from \d", page.text)


def test_a_facilitator_who_is_gone_is_let_go_at_the_desk(federation: Kit, browser_of: Browser) -> None:
    polls.chartered(federation)
    fay, end = browser_of("fay"), "/federation/people/end"
    alone_with_gus = Page(fay.get("/federation/people").text)
    assert "facilitators --end" in alone_with_gus.text
    # Fay herself may stop, for Gus can agree.
    assert alone_with_gus.forms[end] == {"handle": "fay", "drawn_for": "fay"}
    members.grant(federation, "ana", "facilitator")
    page = fay.get("/federation/people").text
    assert page.count(f'action="{end}"') == 3
    assert "facilitators --end" not in Page(page).text

    assert fay.post(end, data={"handle": "gus"}).location == "/federation/people?proposed=1"
    shown = Page(browser_of("ana").get("/federation/people").text)
    assert "Gus Paz no longer serves the federation as facilitator" in shown.text
    assert (
        browser_of("ana")
        .post(f"/proposals/{waiting(federation)}/agree")
        .location.startswith("/federation/people?saved=1#")
    )

    with reading(federation.engine) as connection:
        assert [one.id for one in office_view.facilitators(connection)] == ["ana", "fay"]


def test_a_desk_says_that_something_waits_as_long_as_it_does_and_to_who_proposed_it(
    federation: Kit, browser_of: Browser
) -> None:
    fay, ana = browser_of("fay"), "ana"
    members.grant(federation, ana, "facilitator")
    page = fay.post("/federation/coops/mill/line", data={"line": "5.00"}).location
    says = "Proposed It waits for a second person. Nothing has changed yet."

    assert page == "/federation/coops/mill?proposed=1"
    assert says in Page(fay.get(page).text).text
    assert says not in Page(browser_of(ana).get(page).text).text
    assert browser_of(ana).post(f"/proposals/{waiting(federation)}/agree").status_code == 303
    assert says not in Page(fay.get(page).text).text


def test_a_role_begins_when_a_facilitator_agrees(browser_of: Browser, federation: Kit) -> None:
    members.join(federation, "bakery", "ivo", name="Ivo Brand")
    browser_of("sam").post("/office/bakery/roles", data={"handle": "ivo", "role": "cashier"})
    fay = browser_of("fay")
    (agree,) = [action for action in Page(fay.get("/federation").text).forms if action.endswith("/agree")]

    fay.post(agree)

    assert "/tills/bakery-1" in Page(browser_of("ivo").get("/you").text).links


def test_an_act_of_a_desk_is_answered_where_it_was_done(browser_of: Browser, gus: FlaskClient, federation: Kit) -> None:
    members.join(federation, "bakery", "ivo", name="Ivo Brand")
    members.grant(federation, "bea", "steward", "bakery")
    saved, proposed = (
        "Saved What stands here holds from now on.",
        "Proposed It waits for a second person. Nothing has changed yet.",
    )
    sam, fay = browser_of("sam"), browser_of("fay")
    for browser, path, form, said in (
        (sam, "/office/bakery/roles", {"handle": "ivo", "role": "cashier"}, proposed),
        (sam, "/office/bakery/tills", {"name": "Front"}, saved),
        (sam, "/office/bakery/tills/close", {"till": "bakery-2"}, saved),
        (sam, "/office/bakery/tills/open-again", {"till": "bakery-2"}, saved),
        (sam, "/office/bakery/declarations", {"worth": "5000", "meeting": "2026-02-01"}, proposed),
        (sam, "/office/bakery/pool", {"amount": "1", "key": new_key()}, proposed),
        (sam, "/office/bakery/payday/floor", {"applies": "no", "name": "Sam Vaz"}, saved),
        (fay, "/federation/coops/bakery/line", {"line": "5000"}, proposed),
        (fay, "/federation/people", {"name": "Hal Orr"}, proposed),
    ):
        answer = browser.post(path, data=form)
        assert answer.status_code == 303, (path, answer.text)
        assert said in Page(browser.get(answer.location).text).text, path
    agree = next(action for action in Page(gus.get("/federation/coops/bakery").text).forms if "/agree" in action)
    assert saved in Page(gus.get(gus.post(agree).location).text).text


def test_who_is_to_lose_a_role_is_not_offered_to_decline_it(browser_of: Browser, federation: Kit) -> None:
    members.join(federation, "bakery", "sol", name="Sol Rey")
    members.grant(federation, "sol", "steward", "bakery")
    sol, sam, fay = (browser_of(handle) for handle in ("sol", "sam", "fay"))
    sol.post("/office/bakery/roles/end", data={"handle": "sam", "role": "steward"})
    drop = f"/proposals/{waiting(federation)}/drop"

    offered_to = [drop in Page(each.get(page).text).forms for each, page in (
        (sol, "/office/bakery"), (sam, "/office/bakery"), (fay, "/federation")
    )]  # fmt: skip
    assert offered_to == [True, False, True]
    assert sam.post(drop, headers=JSON).get_json()["type"] == "second_person"


def test_whoever_has_left_is_gone_from_the_list_once_a_second_person_agrees_and_is_told(
    browser_of: Browser, federation: Kit
) -> None:
    sam, bea = browser_of("sam"), browser_of("bea")
    sam.post("/office/bakery/members/end", data={"handle": "bea"})
    office = Page(sam.get("/office/bakery").text)
    assert "Bea Luz no longer works at Bread & Roses" in office.text
    (agree,) = [action for action in Page(browser_of("fay").get("/federation").text).forms if action.endswith("/agree")]
    browser_of("fay").post(agree)

    assert "/office/bakery/members/end" in Page(sam.get("/office/bakery").text).forms, "others still work there"
    assert "You no longer work at Bread & Roses: what you have stays yours" in Page(bea.get("/notices").text).text
    assert bea.get("/tills/bakery-1").status_code == 404


@pytest.mark.parametrize("path", ["/office/bakery", "/office/bakery/invite", "/office/bakery/tills", "/office/nowhere"])
def test_another_co_ops_office_does_not_exist(browser_of: Browser, path: str) -> None:
    answers = {who: browser_of(who).get(path, headers=JSON).get_json()["type"] for who in ("ana", "bea", "fay")}

    assert set(answers.values()) == {"unknown_coop"}


def test_you_leads_to_the_desks_that_are_ones_own(browser_of: Browser) -> None:
    assert "/office/bakery" in Page(browser_of("sam").get("/you").text).links
    assert "/federation" in Page(browser_of("fay").get("/you").text).links
    assert not {"/office/bakery", "/federation"} & set(Page(browser_of("ana").get("/you").text).links)


@pytest.mark.parametrize(
    ("who", "path", "back"),
    [
        ("fay", "/federation/coops/bakery", ("/federation", "Back to Co-ops")),
        ("fay", "/federation/ballots/new/cap_bp", ("/federation/ballots", "Back to Ballots")),
        ("sam", "/office/bakery/payday/settings", ("/office/bakery/payday", "Back to Payday")),
    ],
)
def test_a_page_below_one_of_a_desk_leads_back_to_it(
    browser_of: Browser, who: str, path: str, back: tuple[str, str]
) -> None:
    address, words = back
    below, above = (Page(browser_of(who).get(each).text) for each in (path, address))

    assert words in below.text
    assert below.links.count(address) == 2
    assert "Back to" not in above.text


@pytest.mark.parametrize(("who", "desk"), [("fay", "/federation"), ("sam", "/office/bakery")])
def test_no_page_of_a_desk_s_side_list_leads_back_to_itself(browser_of: Browser, who: str, desk: str) -> None:
    browser = browser_of(who)
    links = Page(browser.get(desk).text).links
    first = links.index("/") + 1
    places = links[first : links.index("/", first)]
    assert len(places) > 5

    assert [place for place in places if "Back to" in Page(browser.get(place).text).text] == []


@pytest.mark.parametrize(
    ("act", "form", "says"),
    [
        ("/roles", {"handle": "bea", "role": "steward"}, "bea does not work here"),
        ("/members/end", {"handle": "bea"}, "bea does not work here"),
        ("/roles/end", {"handle": "bea", "role": "cashier"}, "bea does not serve as that here"),
    ],
)
def test_who_presses_on_a_list_that_others_changed_meanwhile_reads_what_became_of_the_one_on_it(
    browser_of: Browser, federation: Kit, act: str, form: dict[str, str], says: str
) -> None:
    members.leave(federation, "bakery", "bea")
    pressed = browser_of("sam").post(f"/office/bakery{act}", data=form)

    assert pressed.status_code == 404
    assert f"{says} Nothing was changed." in Page(pressed.text).text
    assert "No money moved" not in pressed.text


def test_who_admits_a_co_op_again_that_is_in_by_now_reads_that_it_is(browser_of: Browser, gus: FlaskClient) -> None:
    pressed = browser_of("fay").post("/federation/coops/mill/again", data={"line": "5"})

    assert pressed.status_code == 403
    assert "The Mill is in the federation already Nothing was changed." in Page(pressed.text).text


def test_a_co_op_whose_last_steward_has_ended_gets_one_of_its_workers(federation: Kit, browser_of: Browser) -> None:
    polls.chartered(federation)
    sam, fay, gus, bea = (browser_of(handle) for handle in ("sam", "fay", "gus", "bea"))
    sam.post("/office/bakery/roles/end", data={"handle": "sam", "role": "steward"})
    assert fay.post(f"/proposals/{waiting(federation)}/agree").status_code == 303
    fay.post("/federation/coops/bakery/stewards", data={"name": "Bea Luz"})
    (token,) = LINK.findall(gus.post(f"/proposals/{waiting(federation)}/agree").text)
    assert "Accept as Bea Luz" in bea.get(f"/join/{token}").text

    assert bea.post(f"/join/{token}/accept").status_code == 303

    with reading(federation.engine) as connection:
        (bea_there,) = [one for one in office_view.workers(connection, "bakery") if one.handle == "bea"]
    assert set(bea_there.roles) == {"cashier", "steward"}
