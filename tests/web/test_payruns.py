"""The office's payday: a run from its lines to the wallets of two stewards' colleagues, and what it never shows."""

import csv
import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.figures import figures
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import histories, members, paybounds, payruns
from wallet.store import paylines
from wallet.store.engine import write
from wallet.store.payruns import PayRun
from wallet.store.tables import agreements, pay_runs, people

Browser = Callable[[str], FlaskClient]
TODAY = "2026-03-02"
HEAD = "handle,name,hours,total,deductions\n"


@pytest.fixture
def office(federation: Kit) -> Kit:
    """Give the small federation, whose bakery has two stewards and three who are paid, two of whom have agreed."""
    members.join(federation, "bakery", "sol", name="Sol Rey")
    members.grant(federation, "sol", "steward", "bakery")
    paybounds.answer_floor(federation, "sam", "bakery", None, "Sam Vaz")
    for handle in ("bea", "sam"):
        agree(federation, handle)
    return federation


def agree(kit: Kit, handle: str) -> None:
    def work(connection: sa.Connection) -> None:
        who = connection.execute(sa.select(people.c.id).where(people.c.handle == handle)).scalar_one()
        row = {"person_id": who, "version": 1, "words": "", "agreed_at": kit.clock()}
        connection.execute(sa.insert(agreements), row)

    write(kit.engine, work)


def begin(browser: FlaskClient, pay_on: str = TODAY) -> str:
    answer = browser.post("/office/bakery/payday", data={"pay_on": pay_on})
    assert answer.status_code == 303
    return answer.location


def bring(browser: FlaskClient, run: str, content: str | bytes, name: str = "pay.csv", **headers: str) -> object:
    encoded = content.encode() if isinstance(content, str) else content
    rev = Page(browser.get(run).text).forms[f"{run}/file"]["rev"]
    data = {"rev": rev, "file": (io.BytesIO(encoded), name)}
    return browser.post(f"{run}/file", data=data, headers=headers)


def press(browser: FlaskClient, run: str, act: str, /, **fields: str) -> object:
    form = Page(browser.get(run).text).forms[f"{run}/{act}"]
    return browser.post(f"{run}/{act}", data=form | fields)


def text_of(browser: FlaskClient, path: str) -> str:
    return Page(browser.get(path).text).text


def test_the_page_says_by_which_months_shares_a_late_run_is_paid(
    office: Kit, browser_of: Browser, clock: Clock
) -> None:
    sam = browser_of("sam")
    run = begin(sam)
    bring(sam, run, f"{HEAD}bea,,10,100.00,\n")
    clock.advance(days=31)
    sam, sol = browser_of("sam"), browser_of("sol")

    said = Page(sam.get("/office/bakery/payday").text).text
    assert "a run is paid in the month in which it is submitted, by that month’s shares" in said
    press(sam, run, "submit")
    press(sol, run, "approve")
    assert "Paid on 2 April 2026, 13:00, by the shares of April." in Page(sol.get(run).text).text


def test_a_file_that_is_larger_than_any_form_is_read(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")

    answer = bring(sam, begin(sam), HEAD + "nobody,,1,1.00,\n" * 6_000)

    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert "This handle stands in line 2 already" in answer.text  # type: ignore[attr-defined]


def test_a_file_becomes_pay_when_two_stewards_have_signed(office: Kit, browser_of: Browser) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam)
    assert "Ready to submit once there are lines." in text_of(sam, run)

    assert bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,300\nsol,Solveig,80:30,1000.50,\n").status_code == 303  # type: ignore[attr-defined]
    preview = text_of(sam, run)
    for part in ("2 people to pay", "240.00", "2,160.00", "other name", "has not agreed", "Sam Vaz Work here"):
        assert part in preview, part
    assert f"{run}/approve" not in Page(sam.get(run).text).forms

    press(sam, run, "submit")
    assert f"{run}/approve" not in Page(sam.get(run).text).forms
    assert "Pay for 2 March 2026 waits for a second steward" in text_of(sol, "/office/bakery")
    before = figures(office)
    assert "Approve and pay 240.00 RES" in text_of(sol, run)
    press(sol, run, "approve")

    assert figures(office)["bea"][0] - before.get("bea", (0,))[0] == 24_000
    assert figures(office)["sol"][0] == 0
    assert "Bread & Roses paid you" in text_of(browser_of("bea"), "/notices")
    (slip,) = [link for link in Page(browser_of("bea").get("/notices").text).links if "/slips/" in (link or "")]
    assert "240.00" in text_of(browser_of("bea"), slip or "")
    assert "waits for a second steward" not in text_of(sol, "/office/bakery")
    paid = text_of(sam, run)
    assert "240.00 RES went to wallets. 3,160.50 USD are for the cash payroll." in paid
    assert "paid" in text_of(sam, "/office/bakery/payday")
    rows = list(csv.reader(io.StringIO(sol.get(f"{run}/cash.csv").text)))
    assert rows[1:] == [
        ["bea", "Bea Luz", "160", "2400.00", "300.00", "0.00", "240.00", "2160.00"],
        ["sol", "Sol Rey", "80:30", "1000.50", "0.00", "0.00", "0.00", "1000.50"],
    ]


def test_a_file_with_faults_changes_nothing_and_names_its_lines(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    run = begin(sam)
    bring(sam, run, HEAD + "bea,,1,10.00,\n")

    for content, lines in (
        (HEAD + "bea,,160,2400.00,\nnobody,,1,1.00,\nbea,,1,1.00,\nana,,1,1.00,\n", [3, 4, 5]),
        (HEAD + 'sam,,160,-1.00,\nsol,,1,"=HYPERLINK(1)",\n', [2, 3]),
        ((HEAD + "bea,,1,10.00,\n").encode("utf-16"), [1]),
        (HEAD + "bea,,1,10.00,\nsum,,1,10.01,\n", [3]),
        ("", [1]),
    ):
        answer = bring(sam, run, content, Accept="application/json")
        assert answer.status_code == 400  # type: ignore[attr-defined]
        assert sorted(row["line"] for row in answer.get_json()["rows"]) == lines  # type: ignore[attr-defined]
        page = bring(sam, run, content)
        assert all(f"Line {line}" in Page(page.text).text for line in lines)  # type: ignore[attr-defined]
    assert "1 person to pay" in text_of(sam, run)


def test_a_line_with_too_many_columns_is_told_so_whatever_parts_them(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    for part in ",;":
        content = f"{HEAD}bea,,10,100.00,,more\n".replace(",", part)
        said = Page(bring(sam, begin(sam), content).text).text  # type: ignore[attr-defined]
        assert "Line 2 This line has more than five columns. Where commas part them," in said


def test_lines_are_typed_in_a_table_and_faults_keep_what_was_typed(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    run = begin(sam)
    table = sam.get(f"{run}/lines").text
    assert "Bea Luz" in table
    rev = Page(table).forms[f"{run}/lines"]["rev"]
    typed = {
        "rev": rev, "handle": ["bea", "sam", "sol"], "hours": ["160", "x1", ""], "total": ["2400", "1,50", " "],
        "deductions": ["", "", ""],
    }  # fmt: skip

    answer = sam.post(f"{run}/lines", data=typed)
    assert answer.status_code == 400
    assert "The hours are not readable." in Page(answer.text).text
    assert 'value="x1"' in answer.text

    both = sam.post(f"{run}/lines", data=typed | {"total": ["2400", "", " "]}).text
    assert "The hours are not readable. Write 152, 152.5 or 152:30. The total is missing." in Page(both).text
    assert (both.count('aria-invalid="true"'), both.count('aria-invalid="true" autofocus')) == (2, 1)
    assert '<tr role="row" aria' not in both

    assert sam.post(f"{run}/lines", data=typed | {"hours": ["160", "1:30", ""]}).status_code == 303
    assert "2 people to pay" in text_of(sam, run)
    assert "1:30" in sam.get(f"{run}/lines").text
    again = sam.post(f"{run}/lines", data=typed | {"hours": ["160", "1:30", ""]})
    assert (again.status_code, again.location) == (303, run)
    assert sam.post(f"{run}/lines", data=typed | {"hours": ["160"]}).status_code == 400


def test_a_slip_mended_does_not_replace_what_a_colleague_typed_meanwhile(office: Kit, browser_of: Browser) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam)
    table = f"{run}/lines"
    seen = Page(sam.get(table).text).forms[table]
    row = {"handle": ["bea"], "hours": ["10"], "total": ["50"], "deductions": [""]}
    theirs = {"handle": ["bea", "sol"], "hours": ["10", "8"], "total": ["200", "160"], "deductions": ["", "1"]}
    assert sol.post(table, data=seen | theirs | {"drawn_for": "sol"}).status_code == 303

    slip = sam.post(table, data=seen | row | {"hours": ["ten"]})
    assert slip.status_code == 400
    overtaken = sam.post(table, data=Page(slip.text).forms[table] | row)

    assert overtaken.status_code == 409
    said = Page(overtaken.text).text
    assert "Somebody has changed this run meanwhile" in said
    assert "Now in the run: 10 hours, 200.00" in said
    assert "Now in the run: 8 hours, 160.00, deductions 1.00" in said
    assert "2 people to pay" in text_of(sam, run)
    assert sam.post(table, data=Page(overtaken.text).forms[table] | row).status_code == 303
    assert "1 person to pay" in text_of(sam, run)


def test_what_was_typed_is_kept_whatever_a_colleague_did_with_the_run(office: Kit, browser_of: Browser) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam)
    table = f"{run}/lines"
    row = {"handle": ["bea"], "hours": ["123"], "total": ["1999.00"], "deductions": [""]}
    seen = Page(sam.get(table).text).forms[table]
    press(sol, run, "date", pay_on="2026-03-05")

    moved = sam.post(table, data=seen | row)
    assert moved.status_code == 409
    assert 'value="1999.00"' in moved.text
    assert "Keep these lines" in Page(moved.text).text
    press(sol, run, "drop")
    given_up = sam.post(table, data=Page(moved.text).forms[table] | row)

    assert given_up.status_code == 409
    assert 'value="1999.00"' in given_up.text
    assert "These lines cannot be kept in this run any more" in Page(given_up.text).text
    assert "Keep these lines" not in Page(given_up.text).text


def test_who_presses_twice_on_a_run_reads_what_the_first_press_did(office: Kit, browser_of: Browser) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,\n")

    def twice(browser: FlaskClient, act: str) -> str:
        form = Page(browser.get(run).text).forms[f"{run}/{act}"]
        first, second = (browser.post(f"{run}/{act}", data=form) for _press in range(2))
        assert (first.status_code, second.status_code) == (303, 409)
        return Page(second.text).text

    assert "This run is submitted already Nothing more was done and no money moved." in twice(sam, "submit")
    once = twice(sol, "approve")
    assert "This run is paid already Everybody on it was paid once. No further money moved." in once
    assert "no money moved" not in once
    assert "changed this run meanwhile" not in once
    # Nor is who submitted it told that it waits for another, once another has approved it.
    late = sam.post(f"{run}/approve", data={"rev": "3"})
    assert (late.status_code, "This run is paid already" in Page(late.text).text) == (409, True)


def test_a_run_that_cannot_be_signed_or_paid_says_why_where_it_was_pressed_and_nowhere_else(
    office: Kit, browser_of: Browser, clock: Clock
) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam, "2026-03-31")
    bring(sam, run, HEAD + "bea,Bea Luz,160,9000.00,\nsam,Sam Vaz,160,6000.00,\n")
    early = sam.post(f"{run}/post")
    assert (early.status_code, "This pay run is not ready No money moved." in Page(early.text).text) == (409, True)
    press(sam, run, "submit")

    rev = Page(sol.get(run).text).forms[f"{run}/approve"]["rev"]
    alone = sam.post(f"{run}/approve", data={"rev": rev})
    assert alone.status_code == 409
    assert (
        "The second must be somebody else You submitted this run. No money moved. Another steward approves it."
        in Page(alone.text).text
    )

    press(sol, run, "approve")
    clock.advance(days=29)
    sam = browser_of("sam")
    short = press(sam, run, "post")
    assert short.status_code == 409  # type: ignore[attr-defined]
    for says in ("This run is approved and not paid: the co-op’s credit line does not bear it", "500.00 RES short"):
        assert says in Page(short.text).text  # type: ignore[attr-defined]
    assert 'data-address="' + run in short.text  # type: ignore[attr-defined]
    assert "This run is approved and not paid" not in text_of(sam, run)
    for code in ("changed_meanwhile", "second_person", "account_not_open", "run_not_ready"):
        assert text_of(sam, f"{run}?said={code}") == text_of(sam, run)


def test_a_pay_date_that_came_too_late_stands_in_its_field_on_the_run_as_it_is_now(
    office: Kit, browser_of: Browser
) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam)
    seen = Page(sam.get(run).text).forms[f"{run}/date"]
    press(sol, run, "date", pay_on="2026-03-05")

    late = sam.post(f"{run}/date", data=seen | {"pay_on": "2026-03-09"})

    assert late.status_code == 409
    assert "Somebody has changed this run meanwhile Nothing was done and no money moved." in Page(late.text).text
    assert 'value="2026-03-09"' in late.text
    assert "Pay for 5 March 2026" in Page(late.text).text
    again = Page(late.text).forms[f"{run}/date"] | {"pay_on": "2026-03-09"}
    assert sam.post(f"{run}/date", data=again).status_code == 303
    assert "Pay for 9 March 2026" in text_of(sam, run)


def test_who_approved_a_run_and_serves_no_more_is_not_told_that_no_money_moved(
    office: Kit, browser_of: Browser
) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,\n")
    press(sam, run, "submit")
    form = Page(sol.get(run).text).forms[f"{run}/approve"]
    assert sol.post(f"{run}/approve", data=form).status_code == 303
    members.leave(office, "bakery", "sol")
    again = sol.post(f"{run}/approve", data=form)
    assert again.status_code == 404
    assert "This try moved no money; what was done before stands." in Page(again.text).text


def test_who_presses_twice_begins_one_run(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    form = Page(sam.get("/office/bakery/payday").text).forms["/office/bakery/payday"] | {"pay_on": TODAY}

    first, again = (sam.post("/office/bakery/payday", data=form) for _press in range(2))

    assert (again.status_code, again.location) == (303, first.location)
    assert text_of(sam, "/office/bakery/payday").count("draft") == 1


def test_the_very_lines_of_another_run_are_worth_a_look(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    one = begin(sam)
    bring(sam, one, HEAD + "bea,Bea Luz,160,2400.00,\n", "march.csv")
    two = begin(sam)
    bring(sam, two, HEAD.replace(",", ";") + "bea;;160:00;2400;0.00\n", "other.csv")

    assert "These are the very lines of the run of 2 March 2026." in text_of(sam, two)


def test_a_credit_line_that_is_short_says_by_how_much_and_offers_what_fits(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,9000.00,\nsam,Sam Vaz,160,6000.00,\n")

    short = text_of(sam, run)
    assert "500.00 RES short" in short
    assert "It fits with one ceiling of 6.66 % for all" in short.replace("\u202f", " ")
    assert f"{run}/submit" not in Page(sam.get(run).text).forms
    offered = [form for form in sam.get(run).text.split("<form") if 'value="6.66"' in form]
    assert offered

    rev = Page(sam.get(run).text).forms[f"{run}/drop"]["rev"]
    sam.post(f"{run}/ceiling", data={"percent": "6.66", "act": "set", "rev": rev})
    press(sam, run, "submit")
    assert "599.40" in text_of(sam, run)
    press(browser_of("sol"), run, "approve")
    assert figures(office)["bea"][0] == 59_940


def test_who_signs_second_sees_what_was_deducted(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,310.50\nsam,Sam Vaz,160,2400.00,\nsol,Sol Rey,152,5,2287\n")

    press(sam, run, "submit")

    seen = text_of(browser_of("sol"), run)
    assert seen.count(" deducted") == 4
    for part in ("310.50 deducted", "2,287.00 deducted", "2,597.50 deducted"):
        assert part in seen
    assert "Sol Rey More is deducted than is left to pay." in seen


def test_a_run_that_was_given_up_is_listed_and_read_as_one(office: Kit, browser_of: Browser) -> None:
    sam, place = browser_of("sam"), "/office/bakery/payday"
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,9000.00,\nsam,Another,160,6000.00,\n")
    assert "500.00 RES short" in text_of(sam, run)

    given_up = press(sam, run, "drop")

    assert given_up.location == run  # type: ignore[attr-defined]
    seen = text_of(sam, run)
    for part in ("Given up. No money moved.", "2 people were to be paid", "9,000.00"):
        assert part in seen
    for part in ("short", "worth a look", "other name", "Two people sign", "Check"):
        assert part not in seen
    assert list(Page(sam.get(run).text).forms) == []
    assert "given up" in text_of(sam, place)
    assert "not yet" not in text_of(sam, place)


def test_a_run_that_is_prepared_before_its_month_is_held_against_the_pay_of_that_month(
    office: Kit, browser_of: Browser
) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    paid = begin(sam)
    bring(sam, paid, HEAD + "bea,Bea Luz,160,2400.00,\n")
    press(sam, paid, "submit")
    press(sol, paid, "approve")

    for pay_on, is_said in (("2026-03-31", True), ("2026-04-01", False)):
        run = begin(sam, pay_on)
        bring(sam, run, HEAD + "bea,Bea Luz,160,2300.00,\n")
        assert ("Paid by this co-op in this month before." in text_of(sam, run)) is is_said


def test_before_the_first_run_there_is_one_question(federation: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    assert "One question before the first run" in text_of(sam, "/office/bakery/payday")
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,\n")
    assert "Whether a cash floor applies has not been answered." in text_of(sam, run)

    for wrong in ({"applies": "yes", "hour": ""}, {"applies": "no", "hour": "9"}, {"applies": "maybe", "hour": ""}):
        assert sam.post("/office/bakery/payday/floor", data=wrong | {"name": "Sam"}).status_code == 400
    sam.post("/office/bakery/payday/floor", data={"applies": "yes", "hour": "12.50", "name": "Sam Vaz"})

    assert "12.50 USD an hour Answered by Sam Vaz on 2 March 2026." in text_of(sam, "/office/bakery/payday/settings")
    assert "One question" not in text_of(sam, "/office/bakery/payday")
    assert f"{run}/submit" in Page(sam.get(run).text).forms


def test_what_was_overpaid_is_noted_shown_and_taken_back(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    over = "/office/bakery/payday/overpayments"
    for amount in ("3000.00", "1.00"):
        sam.post(over, data={"handle": "bea", "amount": amount, "note": "October twice", "key": new_key()})
    (*_, newest) = sorted(
        form for form in Page(sam.get("/office/bakery/payday/settings").text).forms if "withdraw" in form
    )
    sam.post(newest)
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,\n")

    seen = text_of(sam, run)
    assert "2,400.00 less 2,399.99 overpaid" in seen
    assert "600.01 carried on" in seen
    assert sam.post(over, data={"handle": "ana", "amount": "1", "note": "x", "key": new_key()}).status_code == 404


def test_who_presses_twice_notes_one_overpayment(office: Kit, browser_of: Browser) -> None:
    sam, over = browser_of("sam"), "/office/bakery/payday/overpayments"
    key = Page(sam.get("/office/bakery/payday/settings").text).forms[over]["key"]
    form = {"handle": "bea", "amount": "50.00", "note": "October twice", "key": key}

    first, again = sam.post(over, data=form), sam.post(over, data=form)

    assert (first.status_code, again.status_code, again.location) == (303, 303, first.location)
    assert "Idempotent-Replay" in again.headers
    shown = text_of(sam, "/office/bakery/payday/settings")
    assert shown.count("October twice") == 1
    assert "50.00 still to keep back" in shown
    other = sam.post(over, data=form | {"amount": "60.00"})
    assert (other.status_code, text_of(sam, "/office/bakery/payday/settings")) == (422, shown)


def test_what_waits_can_be_taken_back_sent_back_and_given_up(office: Kit, browser_of: Browser) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam, "2026-03-31")
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,\n")
    press(sam, run, "submit")
    press(sol, run, "approve")
    assert "It is paid on 31 March 2026, whole." in text_of(sam, run)

    press(sol, run, "return")
    assert "Sol Rey sent this run back" in text_of(sam, run)
    press(sam, run, "date", pay_on="2026-03-30")
    press(sam, run, "submit")
    press(sam, run, "return")
    assert "Sam Vaz took this run back" in text_of(sam, run)
    press(sam, run, "drop")
    assert "Given up. No money moved." in text_of(sam, run)
    assert sam.get(f"{run}/cash.csv").status_code == 409
    assert sam.get(f"/office/bakery/payday/{10**30}").status_code == 404
    assert sam.post(f"/office/bakery/payday/overpayments/{10**30}/withdraw").status_code == 404


def test_the_cash_of_a_run_that_is_taken_back_while_it_is_read_is_what_it_was(
    office: Kit, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam, kept = browser_of("sam"), paylines.as_kept
    run = begin(sam, "2026-03-31")
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,\n")
    press(sam, run, "submit")

    def taken_back_before(connection: sa.Connection, found: PayRun) -> list[paylines.PayRunLine]:
        payruns.give_back(office, "sam", "bakery", found.id)
        return kept(connection, found)

    monkeypatch.setattr(paylines, "as_kept", taken_back_before)
    answer = sam.get(f"{run}/cash.csv")

    assert (answer.status_code, "bea,Bea Luz,160,2400.00,0.00,0.00,240.00,2160.00" in answer.text) == (200, True)


def test_the_template_names_who_works_here_and_nothing_in_it_runs(office: Kit, browser_of: Browser) -> None:
    members.join(office, "bakery", "=eve", name="+Eve")

    rows = list(csv.reader(io.StringIO(browser_of("sam").get("/office/bakery/payday/template.csv").text)))

    assert rows[0] == ["handle", "name", "hours", "total", "deductions"]
    assert ["bea", "Bea Luz", "", "", ""] in rows
    assert ["'=eve", "'+Eve", "", "", ""] in rows


@pytest.mark.parametrize("handle", ["@nia", "+351912345678", "-nia", " nia"])
@pytest.mark.parametrize("way", ["table", "file", "template"])
def test_whoever_a_history_names_can_be_paid(office: Kit, browser_of: Browser, handle: str, way: str) -> None:
    members.join(office, "bakery", handle)
    sam = browser_of("sam")
    run = begin(sam)
    if way == "table":
        rev = Page(sam.get(f"{run}/lines").text).forms[f"{run}/lines"]["rev"]
        typed = {"rev": rev, "handle": [handle], "hours": ["10"], "total": ["100.00"], "deductions": [""]}
        sam.post(f"{run}/lines", data=typed)
    else:
        named = [handle, ""]
        if way == "template":
            rows = csv.reader(io.StringIO(sam.get("/office/bakery/payday/template.csv").text))
            named = next(row[:2] for row in rows if row[0].removeprefix("'") == handle)
        out = io.StringIO()
        csv.writer(out).writerow([*named, "10", "100.00", ""])
        bring(sam, run, HEAD + out.getvalue())

    seen = text_of(sam, run)
    assert "1 person to pay" in seen
    assert "other name" not in seen


def test_no_page_of_a_steward_tells_anybody_s_ratio_or_purchases(
    office: Kit, browser_of: Browser, clock: Clock
) -> None:
    """Bea's share is then 16.66 %, from a ratio of 6.66 % and two purchases at the mill."""
    histories.pay(office, "bakery", "bea", 90_000, 4_000, key="February")
    histories.sell(office, "mill", "bea", 4_123, 1_876, key="flour")
    clock.set(clock().replace(month=4, day=1))
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam, "2026-04-01")
    bring(sam, run, HEAD + "bea,Bea Luz,160,5000.00,\n")
    assert "833.00" in text_of(sam, run)
    pages = [
        run,
        f"{run}/lines",
        f"{run}/cash.csv",
        "/office/bakery/payday",
        "/office/bakery/payday/settings",
        "/office/bakery",
    ]

    for act, who in (("submit", sam), ("approve", sol)):
        press(who, run, act)
        for page in pages:
            shown = sam.get(page).text.replace("\u202f", " ")
            for secret in ("16.66", "6.66", "1666", "41.23", "18.76", "59.99", "The Mill", "flour"):
                assert secret not in shown, (page, secret)
    assert sam.get("/share", headers=JSON).get_json() == {"share": None}


def test_a_table_never_shows_only_some_of_the_lines(
    office: Kit, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet.web.payruns.TYPED_ROWS", 1)
    sam = browser_of("sam")
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,\nsam,Sam Vaz,160,2400.00,\n")

    assert "Too many for a table" in text_of(sam, run)
    assert sam.get(f"{run}/lines").location == run


def test_a_ceiling_that_is_left_blank_is_not_set_to_nothing(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    run = begin(sam)
    rev = Page(sam.get(run).text).forms[f"{run}/drop"]["rev"]

    for address, beside in (("/office/bakery/payday/ceiling", {}), (f"{run}/ceiling", {"rev": rev})):
        refused = sam.post(address, data={"percent": " ", "act": "set"} | beside)
        blank = sam.post(address, data={"percent": "", "act": "set"} | beside)
        assert (refused.status_code, blank.status_code) == (400, 400)
        assert "Write a percentage from 0 to 100" in Page(blank.text).text
        assert 'aria-describedby="percent-wrong' in blank.text
        assert sam.post(address, json={"act": "set"} | beside, headers=JSON).get_json()["type"] == "bad_amount"
    assert "There is none: everybody is paid by their own share." in text_of(sam, "/office/bakery/payday/settings")


def test_runs_are_listed_page_by_page_the_latest_pay_date_first(office: Kit, browser_of: Browser) -> None:
    sam, place = browser_of("sam"), "/office/bakery/payday"

    def work(connection: sa.Connection) -> list[str]:
        one = connection.execute(sa.select(pay_runs)).mappings().one()
        # The first pay dates were written last, and each is that of two.
        days = [f"2026-04-{30 - n // 2:02}" for n in range(60)]
        made = [dict(one) | {"id": one["id"] + n, "key": new_key(), "pay_on": day} for n, day in enumerate(days, 1)]
        connection.execute(sa.insert(pay_runs), made)
        return [
            f"{place}/{run['id']}" for run in sorted(made, key=lambda run: (run["pay_on"], run["id"]), reverse=True)
        ]

    oldest = begin(sam)
    runs = [*write(office.engine, work), oldest]

    first = Page(sam.get(place).text)
    (further,) = [link for link in first.links if link and "before=" in link]
    second = Page(sam.get(further).text)

    assert [link for link in first.links if link in runs] == runs[:60]
    assert [link for link in second.links if link in runs] == runs[60:]
    assert "Show older ones" not in second.text
