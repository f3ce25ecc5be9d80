"""A co-op's counters as its office opens them: under the next number, once for a name, and for good closed."""

from collections.abc import Callable
from functools import partial

from flask.testing import FlaskClient

from tests.races.rush import rush
from tests.web.conftest import JSON
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import members, network

Browser = Callable[[str], FlaskClient]


def test_a_till_opens_under_the_next_number(browser_of: Browser) -> None:
    sam = browser_of("sam")
    sam.post("/office/bakery/tills", data={"name": "Counter 2"})

    assert "bakery-2" in Page(sam.get("/office/bakery/tills").text).text
    assert "/tills/bakery-2" in Page(browser_of("bea").get("/you").text).links


def test_a_script_that_works_at_tills_is_told_at_which(browser_of: Browser, federation: Kit) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    network.close_till(federation, "bakery", "bakery-1")

    told = [browser_of(who).get("/tills/", headers=JSON).get_json() for who in ("bea", "ana")]

    assert told == [{"tills": [{"till": "bakery-2", "name": "Counter 2", "coop": "bakery"}]}, {"tills": []}]


def test_a_till_of_the_longest_slug_has_an_id_that_every_form_takes(brought: tuple[Kit, Browser]) -> None:
    kit, opened = brought
    network.found_federation(kit, "Valley")
    # Alike as far as there is room for them.
    for slug in ("c" * 64, "c" * 63 + "d"):
        network.admit_coop(kit, slug, 0)
        members.join(kit, slug, "ana")
        members.grant(kit, "ana", "steward", slug)
        made = [network.open_next_till(kit, slug, f"Counter {number}") for number in range(1, 11)]
        assert {len(till) for till in made} == {64}
        assert opened("ana").post(f"/office/{slug}/tills/close", data={"till": made[-1]}).status_code == 303


def test_who_presses_twice_opens_one_till_and_who_opens_two_at_once_opens_both(
    browser_of: Browser, federation: Kit
) -> None:
    sam, here = browser_of("sam"), "/office/bakery/tills"
    assert sam.post(here, data={"name": "Counter 2"}).status_code == 303

    again = sam.post(here, data={"name": "COUNTER 2"})

    assert (again.status_code, here in Page(again.text).forms) == (409, True)
    assert "A counter of this name is open here already." in again.text.partition('<span id="name-wrong">')[2]
    sam.post("/office/bakery/tills/close", data={"till": "bakery-2"})
    assert sam.post(here, data={"name": "Counter 2"}).status_code == 303, "the other one is closed"
    outcome = rush([partial(network.open_next_till, federation, "bakery", f"Stall {number}") for number in range(4)])
    assert sorted(outcome.answers) == ["bakery-4", "bakery-5", "bakery-6", "bakery-7"]


def test_a_counter_is_not_opened_again_beside_one_of_its_name(browser_of: Browser, federation: Kit) -> None:
    network.open_till(federation, "bakery", "bakery-9", "Front")
    network.close_till(federation, "bakery", "bakery-9")
    sam, here = browser_of("sam"), "/office/bakery/tills"
    assert sam.post(here, data={"name": "FRONT"}).status_code == 303

    refused = sam.post(f"{here}/open-again", data={"till": "bakery-9"})

    assert (refused.status_code, here in Page(refused.text).forms) == (409, True)
    assert "A counter of this name is open here already Nothing was opened again." in Page(refused.text).text
    script = sam.post(f"{here}/open-again", json={"till": "bakery-9"}, headers=JSON)
    assert (script.status_code, script.get_json()["type"]) == (409, "name_taken")
    assert Page(browser_of("bea").get("/tills/").text).text.upper().count("FRONT") == 1
    sam.post(f"{here}/close", data={"till": "bakery-2"})
    for _ in range(2):
        assert sam.post(f"{here}/open-again", data={"till": "bakery-9"}).status_code == 303, "twice is once"


def test_of_two_counters_of_one_name_that_are_opened_again_at_once_one_is_open(federation: Kit) -> None:
    names = ("bakery-8", "bakery-9")
    for till in names:
        network.open_till(federation, "bakery", till, "Front")
        network.close_till(federation, "bakery", till)

    outcome = rush([partial(network.open_till_again, federation, "bakery", till) for till in names])

    assert dict(outcome.refused) == {"name_taken": 1}
