"""Papers: what the share button hands on, and what stands on a printed page."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

PRINTS = "window.printed = 0; window.print = () => { window.printed += 1; };"
SHARES = """
  window.shared = [];
  navigator.canShare = () => true;
  navigator.share = async (paper) => {
    window.shared.push(paper);
    if (window.refusal) throw new DOMException("no", window.refusal);
  };
"""


def receipt(stage: Stage, *scripts: str, who: str = "payer") -> Page:
    """Open the receipt of a sale with a note, in a browser that has what `scripts` give it."""
    world = stage.world
    counter, payer = world.counter(), world.member()
    bill = world.bill(counter, 1_250, cash_minor=250, note="r 17")
    ref = world.pay(bill.code, payer)
    page = stage.page(payer if who == "payer" else counter.cashier)
    for script in scripts:
        page.add_init_script(script)
    page.goto(f"/receipts/{ref}")
    return page


def test_a_receipt_is_shared_as_text_without_a_balance(stage: Stage) -> None:
    page = receipt(stage, PRINTS, SHARES)

    page.get_by_role("button", name="Share receipt").click()

    (paper,) = page.evaluate("() => window.shared")
    assert paper["title"] == "Receipt, Kneading Table Bakery"
    where, sums, when, number, note = paper["text"].splitlines()
    assert where.startswith("Kneading Table Bakery, Counter")
    assert (sums, note) == ("10.00\N{NO-BREAK SPACE}RES and 2.50 in cash", "Note of the shop: r 17")
    assert when.startswith("Paid, ")
    assert number == f"Receipt {page.url.rpartition('/')[2]}"
    assert page.evaluate("() => window.printed") == 0


@pytest.mark.parametrize(("refusal", "printed"), [("AbortError", 0), ("NotAllowedError", 1)])
def test_what_cannot_be_shared_is_printed_unless_its_owner_stopped_it(stage: Stage, refusal: str, printed: int) -> None:
    page = receipt(stage, PRINTS, SHARES, f"window.refusal = '{refusal}';")

    page.get_by_role("button", name="Share receipt").click()

    assert len(page.evaluate("() => window.shared")) == 1
    assert page.evaluate("() => window.printed") == printed


@pytest.mark.parametrize("who", ["payer", "cashier"])
def test_where_nothing_can_be_shared_a_receipt_is_printed(stage: Stage, who: str) -> None:
    page = receipt(stage, PRINTS, who=who)

    expect(page.get_by_role("button", name="Share receipt")).to_have_count(0)
    page.get_by_role("button", name="Print receipt").click()

    assert page.evaluate("() => window.printed") == 1


def test_a_printed_pay_slip_holds_nothing_to_press(stage: Stage) -> None:
    page = stage.page(stage.world.member())
    page.goto("/slips")
    page.locator("ul.rows a").first.click()
    wrong = page.get_by_role("link", name="A line looks wrong")
    expect(wrong).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name="Why in these parts")).to_be_visible()
    expect(wrong).to_be_hidden()


def test_a_printed_receipt_holds_the_shops_note_and_no_balance(stage: Stage) -> None:
    page = receipt(stage)
    expect(page.get_by_text("You had, after it")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_text("r 17", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{stage.world.origin}/receipts/")).to_be_visible()
    expect(page.get_by_text("You had, after it")).to_be_hidden()
    expect(page.locator(".dock")).to_be_hidden()


def test_the_printed_sales_behind_a_basis_hold_nothing_to_press(stage: Stage) -> None:
    payer = stage.world.member()
    stage.world.sale(stage.world.counter(), payer, 430)
    page = stage.page(payer)
    page.goto("/dividend/basis")
    sheet = page.get_by_role("link", name="Save CSV")
    expect(sheet).to_be_visible()

    page.emulate_media(media="print")

    expect(sheet).to_be_hidden()
