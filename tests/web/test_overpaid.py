"""What was overpaid, as pages tell it: a run that waits, one that is paid, and the slip."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.page import Page
from tests.web.test_payruns import HEAD, begin, bring, office, press, text_of
from wallet.kit import Kit
from wallet.services import paybounds

__all__ = ["office"]

Browser = Callable[[str], FlaskClient]


def test_a_paid_run_says_what_it_carried_on_then(office: Kit, browser_of: Browser, clock: Clock) -> None:
    sam, sol, bea = browser_of("sam"), browser_of("sol"), browser_of("bea")
    paybounds.note_overpayment(office, "sam", "bakery", "bea", 3_000_00, "a month too much", key="before")
    runs = []
    for who in ("bea", "sol"):
        run = begin(sam)
        runs.append(run)
        bring(sam, run, HEAD + f"{who},,160,2400.00,\n")
        press(sam, run, "submit")
        press(sol, run, "approve")
    (slip,) = [
        link
        for link in Page(bea.get("/slips").text).links
        if link and link.startswith("/slips/") and "file" not in link
    ]
    before = [text_of(sam, run) for run in runs], text_of(bea, slip)
    assert "600.01 carried on" in before[0][0]
    assert "carried on" not in before[0][1]
    assert "600.01 of it were still to be kept back then." in before[1]

    clock.advance(days=3)
    paybounds.note_overpayment(office, "sam", "bakery", "sol", 5_000, "twice", key="after")
    paybounds.withdraw_overpayment(office, "sam", "bakery", 1)

    assert ([text_of(browser_of("sam"), run) for run in runs], text_of(browser_of("bea"), slip)) == before


def test_the_list_of_runs_says_no_sum_of_a_draft_whose_own_page_knows_what_is_kept_back(
    office: Kit, browser_of: Browser
) -> None:
    sam = browser_of("sam")
    paybounds.note_overpayment(office, "sam", "bakery", "bea", 5_000, "twice", key="k")
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,10,1000.00,\n")
    assert "All 1 10 h 950.00" in text_of(sam, run)

    assert "draft 1 not yet not yet" in text_of(sam, "/office/bakery/payday")
    press(sam, run, "submit")
    assert "1 950.00 95.00" in text_of(sam, "/office/bakery/payday")


def test_a_run_that_would_keep_back_what_was_taken_back_says_so_in_words_that_are_true_of_both(
    office: Kit, browser_of: Browser
) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    paybounds.note_overpayment(office, "sam", "bakery", "bea", 5_000, "twice", key="k")
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,\n")
    press(sam, run, "submit")
    paybounds.withdraw_overpayment(office, "sam", "bakery", 1)

    press(sol, run, "approve")

    assert "What is to be kept back of an overpayment has changed meanwhile" in text_of(sol, run)


def test_what_was_paid_too_much_stands_with_who_noted_it(office: Kit, browser_of: Browser) -> None:
    paybounds.note_overpayment(office, "sol", "bakery", "bea", 5_000, "twice", key="noted")

    assert "twice, noted on 2 March 2026 by Sol Rey" in text_of(browser_of("sam"), "/office/bakery/payday/settings")
