"""Pay slips: one's own, with every figure and the reason for each part."""

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import JSON
from tests.web.page import Page
from wallet.domain import agreement
from wallet.domain.payfile import PayfileLine
from wallet.kit import Kit
from wallet.services import elections, members, paybounds, payruns
from wallet.store import payruns as rows
from wallet.store import people
from wallet.store.engine import reading
from wallet.store.views import slips

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def bakery(federation: Kit) -> Kit:
    """Give the bakery a second steward and an answer about its cash floor; Bea has agreed to RES, Sam has not."""
    members.grant(federation, "bea", "steward", "bakery")
    paybounds.answer_floor(federation, "sam", "bakery", 1_550, "Sam Vaz")
    with reading(federation.engine) as connection:
        bea = people.holder(connection, "bea").id
    elections.agree(federation, bea, str(agreement.VERSION), agreement.words())
    return federation


def pay(kit: Kit, *dues: PayfileLine) -> dict[str, str]:
    """Post a run of the bakery; give the slips that it made."""
    number = payruns.draft(kit, "sam", "bakery", kit.clock().date().isoformat())
    payruns.fill(kit, "sam", "bakery", number, 1, dues)
    for act, by in ((payruns.submit, "sam"), (payruns.approve, "bea")):
        with reading(kit.engine) as connection:
            rev = rows.find(connection, "bakery", number).rev
        act(kit, by, "bakery", number, rev)
    assert payruns.post(kit, "bakery", number) == payruns.POSTED
    with reading(kit.engine) as connection:
        return {due.handle: slips.of(connection, due.handle)[0].ref for due in dues}


def test_a_slip_says_what_made_the_part_in_res_small(bakery: Kit, browser_of: Browser) -> None:
    paybounds.set_ceiling(bakery, "sam", "bakery", 800)
    paybounds.note_overpayment(bakery, "sam", "bakery", "bea", 5_000, "twice in February", key="twice")
    found = pay(bakery, PayfileLine(1, "bea", "", 3_600, 100_000, 20_000))

    text = Page(browser_of("bea").get(f"/slips/{found['bea']}").text).text

    for words in (
        "Before deductions 1,200.00",
        "Deductions that law takes in cash −200.00",
        "Due to you 1,000.00",
        "Kept back, for what was paid too much before −50.00",
        "In RES 20.00",
        "In cash, paid outside the wallet 930.00",
        "Together 950.00",
        "In March your pay share was 10 % .",
        "Bread & Roses paid everybody at most 8 % in RES.",
        "At least 15.50 of every hour comes in cash at Bread & Roses: 930.00 for your 60 h. That left 20.00 for RES.",
        "Nothing of it was left to be kept back then.",
    ):
        assert words in text.replace("\u202f", " ")


def test_all_that_tells_of_a_pay_says_which_part_a_cash_floor_left_for_res(bakery: Kit, browser_of: Browser) -> None:
    found = pay(bakery, PayfileLine(1, "bea", "", 3_600, 100_000, 0))
    bea = browser_of("bea")

    receipt = Page(bea.get(f"/receipts/{found['bea']}").text).text
    (line,) = csv.DictReader(io.StringIO(bea.get("/slips/file").text))

    assert "In RES 70.00 In cash 930.00 Together 1,000.00 Part of your pay in RES 7 %" in receipt
    assert (line["res"], line["cash"], line["share"]) == ("70.00", "930.00", "7.00")
    assert bea.get(f"/slips/{found['bea']}", headers=JSON).get_json()["share"] == 700
    for path in ("/", "/activity"):
        assert "7 % of pay" in Page(bea.get(path).text).text


def test_what_one_pay_cannot_bear_is_carried_and_said(bakery: Kit, browser_of: Browser) -> None:
    paybounds.note_overpayment(bakery, "sam", "bakery", "bea", 150_000, "a month too much", key="a month")
    found = pay(bakery, PayfileLine(1, "bea", "", 3_600, 100_000, 0))

    bea = browser_of("bea")

    assert "500.01 of it were still to be kept back then" in Page(bea.get(f"/slips/{found['bea']}").text).text
    told = bea.get(f"/slips/{found['bea']}", headers=JSON).get_json()
    assert (told["kept_back"], told["carried"], told["res"], told["cash"]) == ("999.99", "500.01", "0.00", "0.01")


def test_who_had_not_agreed_reads_that_all_came_in_cash(bakery: Kit, browser_of: Browser) -> None:
    found = pay(bakery, PayfileLine(1, "sam", "", 600, 100_000, 0))

    page = Page(browser_of("sam").get(f"/slips/{found['sam']}").text)

    assert "You had not agreed to be paid in RES yet, so all of it came in cash." in page.text
    assert {"/agreement", "/share?of=2026-03"} <= set(page.links)


def test_slips_are_listed_by_year_and_only_ones_own(bakery: Kit, browser_of: Browser) -> None:
    found = pay(bakery, PayfileLine(1, "bea", "", 3_600, 100_000, 0))
    ana, bea = browser_of("ana"), browser_of("bea")

    assert "2026 Paid, in all 1,000.00 In RES 70.00 In cash 930.00 For work of 60 h" in Page(
        bea.get("/slips").text
    ).text.replace("\u202f", " ")
    assert [slip["coop"] for slip in ana.get("/slips", headers=JSON).get_json()["slips"]] == ["The Mill"]
    refused = ana.get(f"/slips/{found['bea']}", headers=JSON)
    assert (refused.status_code, refused.get_json()["type"]) == (404, "unknown_slip")
    assert browser_of("cal").get("/slips", headers=JSON).get_json() == {"slips": []}


def test_a_pay_from_a_history_has_its_slip_and_all_are_in_the_file(browser_of: Browser) -> None:
    ana = browser_of("ana")
    ref = ana.get("/slips", headers=JSON).get_json()["slips"][0]["slip"]

    assert "That part of your pay came in RES" in Page(ana.get(f"/slips/{ref}").text).text
    saved = list(csv.reader(io.StringIO(ana.get("/slips/file").text)))
    assert saved[1] == ["2026-03-02", "The Mill", "8", "0.00", "100.00", "0.00", "10.00", "90.00", "10.00", ref]
