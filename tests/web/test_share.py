"""The pay share on screen: why it is what it is, every purchase with its reason, and the same number everywhere."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.web import polls
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.test_charter import passed
from wallet.domain import agreement
from wallet.domain.payfile import PayfileLine
from wallet.kit import Kit
from wallet.services import elections, gifts, histories, members, payruns
from wallet.store import paylines, people, shares
from wallet.store import payruns as payrun_rows
from wallet.store.engine import reading
from wallet.store.payruns import PayRun
from wallet.store.tables import pay_runs
from wallet.store.views import purchases, report

Browser = Callable[[str], FlaskClient]
# The small federation begins at noon of a Monday in March 2026; Ana has had 100.00 of pay from the mill then.


def agree(kit: Kit, handle: str) -> None:
    with reading(kit.engine) as connection:
        person = people.holder(connection, handle)
    elections.agree(kit, person.id, str(agreement.VERSION), agreement.words())


@pytest.fixture
def april(federation: Kit, clock: Clock) -> Kit:
    """Let Ana spend 4.00 RES and 6.00 of cash at the bakery in March, 1.00 at her own mill; then April begins."""
    histories.sell(federation, "bakery", "ana", 400, 600, key="bread")
    histories.sell(federation, "mill", "ana", 100, 0, key="flour")
    gifts.send(federation, "ana", "cal", 50, key="for Cal")
    agree(federation, "ana")
    clock.advance(days=31)
    return federation


def share_of(browser: FlaskClient) -> dict[str, object]:
    return browser.get("/me", headers=JSON).get_json()["share"]


def test_a_window_of_one_month_is_named_once(browser_of: Browser) -> None:
    text = Page(browser_of("ana").get("/share").text).text

    assert "April looks at what you spent at other co-ops in March. It takes" in text


def test_the_share_of_the_month_of_the_first_pay_was_fixed_on_no_first_day(april: Kit, browser_of: Browser) -> None:
    histories.pay(april, "bakery", "bea", 10_000, 480, key="first pay of bea")
    ana, bea = (Page(browser_of(handle).get("/share").text).text for handle in ("ana", "bea"))

    assert "This is the month of your first pay" in bea
    assert "fixed on the first of the month" not in bea
    assert "May stands at" in bea
    assert "It was fixed on the first of the month. May stands at" in ana


def test_who_was_never_paid_is_told_of_res_only_as_what_may_come(federation: Kit, browser_of: Browser) -> None:
    cal = browser_of("cal")
    may = "It begins with your first pay from a co-op: 10 % of it may come in RES, once you have agreed."

    assert may in Page(cal.get("/share").text).text
    agree(federation, "cal")
    assert "10 % of it comes in RES, for everyone." in Page(cal.get("/share").text).text


def test_the_page_says_why_in_words_and_numbers(april: Kit, browser_of: Browser) -> None:
    text = Page(browser_of("ana").get("/share").text).text

    assert "In April, 20 % of your pay comes in RES" in text
    assert "In March you spent this much of your pay at other co-ops" in text
    assert "10.00 spent at other co-ops, RES and cash 100.00 all pay you had from co-ops = 10 %" in text
    assert "Your ratio 10 % Plus headroom, the same for everyone + 10 Where you are heading 20 %" in text
    assert "Of your pay in RES, so far: an estimate, not a promise." in Page(browser_of("ana").get("/").text).text


def test_every_purchase_of_the_window_stands_there_counted_or_not_with_the_reason(
    april: Kit, browser_of: Browser
) -> None:
    text = Page(browser_of("ana").get("/share").text).text

    counts, _heading, rest = text.partition("These don’t, and why")
    assert "Bread & Roses 10.00 RES, and 6.00 of cash that the till logged" in counts
    assert "The Mill 1.00 You work here. Only other co-ops count." in rest
    assert "Gifts 0.50 A gift is not a purchase." in rest


def test_cash_beside_res_that_does_not_count_has_a_line_of_its_own(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    passed(polls.chartered(federation), browser_of, clock, 30, count_logged_cash=0)
    clock.set(datetime(2026, 5, 12, 12, tzinfo=UTC))
    histories.pay(federation, "mill", "ana", 30_000, 600, key="pay")
    histories.sell(federation, "bakery", "ana", 300, 2_000, key="bread and a cake")
    ana = browser_of("ana")
    line = "Bread & Roses 20.00 Cash. By the charter of that month only RES counts."
    assert line in Page(ana.get("/share").text).text.partition("Bought since")[2]
    histories.refund(federation, "bread and a cake", 0, 500)
    clock.set(datetime(2026, 6, 12, 12, tzinfo=UTC))

    text = Page(browser_of("ana").get("/share").text).text
    assert f"These don’t, and why {line.replace('20.00', '15.00')}" in text


def test_a_co_op_that_paid_lately_does_not_count_and_says_until_when(
    april: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.pay(april, "bakery", "ana", 1_000, 60, key="helping out")
    histories.sell(april, "bakery", "ana", 100, 0, key="more bread")

    text = Page(browser_of("ana").get("/share?of=next").text).text

    assert "Bread & Roses 1.00 It paid you on" in text
    assert "For 90 days, to" in text


def told(kit: Kit, browser: FlaskClient) -> dict[str, list[object]]:
    """Gather what each place says of Ana's share of this month, and of the next."""
    me, page = share_of(browser), browser.get("/share", headers=JSON).get_json()["share"]
    with reading(kit.engine) as connection:
        reported = report.standing(connection, "Europe/Lisbon", kit.clock(), kit.charter)["members"]["ana"]["share"]
        line = paylines.worked_out(connection, run_of(kit, connection), "2026-04", kit.charter)[0]
    seen = {name: Page(browser.get(name).text).text for name in ("/", "/share", "/share?of=next")}
    now, coming = f"{me['bp'] // 100}", f"{me['next'] // 100}"
    assert f"{now} % now {coming} % in May Of your pay in RES, so far" in seen["/"]
    assert f"Why {now} % " in seen["/share"]
    assert f"Why {coming} % " in seen["/share?of=next"]
    return {
        "fixed": [me["bp"], page["months"][-1]["bp"], reported["2026-04"], line.terms.entitlement_bp],
        "so far": [me["next"], page["next"]["bp"]],
    }


def run_of(kit: Kit, connection: sa.Connection) -> PayRun:
    number = connection.execute(sa.select(pay_runs.c.id)).scalar_one()
    return payrun_rows.find(connection, "mill", number)


def test_home_page_me_run_and_replay_tell_one_share_and_a_refund_moves_only_the_estimate(
    april: Kit, browser_of: Browser
) -> None:
    ana, bread = browser_of("ana"), histories.sell(april, "bakery", "ana", 200, 0, key="bread again")
    members.grant(april, "fay", "steward", "mill")
    number = payruns.draft(april, "fay", "mill", "2026-04-30")
    payruns.fill(april, "fay", "mill", number, 1, [PayfileLine(1, "ana", "", 480, 10_000, 0)])
    assert bread is not None
    assert told(april, ana) == {"fixed": [2000] * 4, "so far": [1600] * 2}

    refund_sale(april, bread.ref, 200, 0)

    assert told(april, ana) == {"fixed": [2000] * 4, "so far": [1500] * 2}
    page = ana.get("/share", headers=JSON).get_json()["share"]["next"]
    assert (page["spent"], page["income_expected"]) == ("10.00", "100.00")


def test_a_share_of_a_month_that_is_over_is_explained_too(april: Kit, browser_of: Browser, clock: Clock) -> None:
    clock.advance(days=30)
    ana = browser_of("ana")

    text = Page(ana.get("/share?of=2026-04").text).text

    assert "Why 20 % in April" in text
    assert "Bread & Roses 10.00 RES, and 6.00 of cash" in text
    assert "Everyone begins at 10 %." in Page(ana.get("/share?of=2026-03").text).text
    assert ana.get("/share?of=2026-02").status_code == ana.get("/share?of=soon").status_code == 404


def test_the_table_of_months_names_their_windows_only_where_all_have_the_same(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    polls.chartered(federation)
    clock.advance(days=31)
    three, looked_at = "those of the three months before.", "those of the months that were looked at."
    assert three in Page(browser_of("ana").get("/share").text).text
    passed(federation, browser_of, clock, 30, window_months=1)
    clock.advance(days=31)

    for address in ("/share", "/share?of=2026-04", "/share?of=2026-06"):
        text = Page(browser_of("ana").get(address).text).text
        assert (three in text, looked_at in text) == (False, True), address


def test_a_pay_is_split_by_the_share_that_the_page_told(april: Kit, browser_of: Browser) -> None:
    told = share_of(browser_of("ana"))["bp"]

    paid = histories.pay(april, "mill", "ana", 10_000, 480, key="April")

    assert paid is not None
    assert (told, paid.res_minor, paid.cash_minor) == (2000, 2_000, 8_000)


def test_what_would_lift_it_is_a_sum_and_a_day(april: Kit, browser_of: Browser) -> None:
    text = Page(browser_of("ana").get("/share").text).text

    assert "Next step: 30 % in May" in text
    assert "May looks at what you spent at other co-ops" in text
    assert "It takes 40.00." in text
    assert "30.00 more at other co-ops by 30 April 2026." in text


def test_what_came_back_beyond_what_was_spent_is_in_what_is_missing_of_the_next_share(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.pay(federation, "mill", "ana", 100_000, 480, key="March")
    histories.sell(federation, "bakery", "ana", 9_000, 0, key="goods")
    for month in (4, 5, 6, 7):
        clock.set(datetime(2026, month, 10, 12, tzinfo=UTC))
        histories.pay(federation, "mill", "ana", 100_000, 480, key=f"pay {month}")
        histories.sell(federation, "bakery", "ana", 100, 0, key=f"bread of {month}")
    # So late that it lowers July, in which little was bought.
    histories.refund(federation, "goods", 8_000, 0)
    ana = browser_of("ana")

    text = Page(ana.get("/share?of=next").text).text
    step = re.search(r"Next step: ([\d.]+)\s%", text)
    more = re.search(r"([\d.]+) more at other co-ops by", text)
    assert step is not None
    assert more is not None
    assert "−77.00 so far" in text
    assert "More came back in these months than was spent in them: what is spent makes up for that first. The" in text
    assert "A share never counts less than 0 of a window." in text

    histories.sell(federation, "bakery", "ana", 0, round(float(more[1]) * 100), key="that much")
    assert f"{share_of(ana)['next'] / 100:g}" == step[1]


def test_what_was_spent_and_what_it_keeps_are_two_sentences(april: Kit, browser_of: Browser) -> None:
    histories.sell(april, "bakery", "ana", 0, 4_000, key="bread of April")

    page = browser_of("ana").get("/share").text

    assert re.search(r"You have spent what it takes\.</strong>\sThe line in the bar", page)


def test_what_keeps_the_share_keeps_it_by_the_pay_that_is_assumed(april: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")
    histories.sell(april, "bakery", "ana", 0, 1_200, key="bread of April")

    text = Page(ana.get("/share").text).text
    assert share_of(ana)["next"] == 2100
    assert "The line in the bar is 20.00: you are past it, which keeps 20 %, unless more pay or a refund comes." in text

    histories.pay(april, "mill", "ana", 40_000, 480, key="a month of much pay")
    assert share_of(ana)["next"] == 1500


def test_the_courtesy_screen_moves_by_the_same_numbers(april: Kit, browser_of: Browser) -> None:
    ana, bea = browser_of("ana"), browser_of("bea")
    bill = bea.post("/tills/bakery-1/bills", json={"amount": "2.00", "key": new_key()}).get_json()["code"]
    before = share_of(ana)["next"]
    assert ana.post(f"/b/{bill}/pay", json={"key": new_key()}).status_code == 201

    text = Page(ana.get(f"/b/{bill}").text).text

    assert (before, share_of(ana)["next"]) == (1500, 1600)
    assert "It counts. Your share for May stands at 16 %, up from 15 %." in text
    assert "16 %" in Page(ana.get("/").text).text


def test_the_courtesy_screen_of_what_came_back_says_so_and_not_what_it_did_at_first(
    april: Kit, browser_of: Browser
) -> None:
    ana, bea = browser_of("ana"), browser_of("bea")
    bill = bea.post("/tills/bakery-1/bills", json={"amount": "2.00", "key": new_key()}).get_json()["code"]
    receipt = ana.post(f"/b/{bill}/pay", json={"key": new_key()}).get_json()["receipt"]

    refund_sale(april, receipt, 50, 0)
    part = Page(ana.get(f"/b/{bill}").text).text
    refund_sale(april, receipt, 150, 0)
    whole = Page(ana.get(f"/b/{bill}").text).text

    left = "What is left counts: {0} for your pay share, {0} for the dividend."
    assert f"Given back so far: 0.50. {left.format('1.50')}" in part
    assert f"Given back so far: 2.00. {left.format('0.00')}" in whole
    assert "It counts." not in part + whole
    assert "up from" not in part + whole


def test_at_the_floor_it_says_what_is_still_true(federation: Kit, browser_of: Browser, clock: Clock) -> None:
    histories.sell(federation, "mill", "ana", 100, 0, key="flour")
    clock.advance(days=31)

    text = Page(browser_of("ana").get("/share").text).text

    assert "Nothing you bought counted: 100 % was at your own co-op." in text
    assert "A share is never below 10 %" in text


def test_at_the_cap_it_says_that_spending_still_counts(april: Kit, app: Flask, browser_of: Browser) -> None:
    charter = replace(april.charter, cap_bp=2000)
    app.extensions["kit"] = replace(app.extensions["kit"], charter=charter)

    text = Page(browser_of("ana").get("/share").text).text

    assert "In April, 20 % of your pay comes in RES" in text
    assert "This is the most there is. What you spend still counts: it keeps your share here." in text
    assert "Staying at 20 % in May" in text


@pytest.mark.parametrize(
    ("voted", "says", "untrue"),
    [
        ({"floor_bp": 4_000}, "Next step: 40 % in May May comes to that whatever you spend.", "by 30 April"),
        ({"floor_bp": 4_000}, "Share of your pay in May 40 %", "A share rises"),
        ({"fall_bp": 0}, "Next step: 30 % in May", "keeps 20 %"),
        ({"rise_bp": 10_000, "cap_bp": 5_000}, "Falling to 50 % in June June comes to that", "A share falls"),
    ],
)
def test_the_next_step_and_the_working_go_by_every_bound_of_the_charter(
    federation: Kit, browser_of: Browser, clock: Clock, voted: dict[str, int], says: str, untrue: str
) -> None:
    chartered = polls.chartered(federation)
    histories.sell(chartered, "bakery", "ana", 0, 6_000, key="bread")
    for parameter, value in voted.items():
        passed(chartered, browser_of, clock, 30, **{parameter: value})

    text = Page(browser_of("ana").get("/share?of=next").text).text.replace("\u202f", " ")

    assert says in text
    assert untrue not in text


def test_nothing_is_to_be_spent_for_a_share_that_the_floor_keeps(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    passed(polls.chartered(federation), browser_of, clock, 30, headroom_bp=0)

    text = Page(browser_of("ana").get("/share").text).text.replace("\u202f", " ")

    assert "Next step: 20 % in May" in text
    assert "The line in the bar" not in text


def test_the_month_of_the_first_pay_and_having_none_are_said_plainly(federation: Kit, browser_of: Browser) -> None:
    assert "Everyone begins at 10 %." in Page(browser_of("ana").get("/share").text).text
    assert "You have no pay share yet" in Page(browser_of("cal").get("/share").text).text
    assert browser_of("cal").get("/share", headers=JSON).get_json() == {"share": None}


def test_who_works_nowhere_any_more_is_promised_no_pay(april: Kit, browser_of: Browser, clock: Clock) -> None:
    members.leave(april, "mill", "ana")
    assert "In April, 20 % of your pay comes in RES" in Page(browser_of("ana").get("/share").text).text, "paid in March"
    clock.advance(days=31)
    ana = browser_of("ana")
    assert "In May, 20 % of your pay may come in RES, once a co-op pays you again." in Page(ana.get("/share").text).text
    assert "May come in RES, once a co-op pays you again." in Page(ana.get("/").text).text
    clock.advance(days=365)

    ana = browser_of("ana")
    for page in ("/", "/share"):
        text = Page(ana.get(page).text).text
        assert "Your share stays at 20 % until a co-op pays you again." in text
        assert "comes in RES" not in text.lower()


def test_the_rule_is_one_step_away_with_its_version_and_the_settings(april: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")

    assert "/share/rule" in Page(ana.get("/share").text).links
    text = Page(ana.get("/share/rule").text).text
    assert "Version of the charter 1" in text
    assert "Headroom 10 points" in text


def test_one_point_is_no_points(april: Kit, app: Flask, browser_of: Browser) -> None:
    charter = replace(april.charter, rise_bp=100, fall_bp=150)
    app.extensions["kit"] = replace(app.extensions["kit"], charter=charter)
    ana = browser_of("ana")

    rule, mine = (Page(ana.get(page).text).text for page in ("/share/rule", "/share"))

    assert "by at most 1 point up or 1.5 points down in a month" in rule
    assert "Rises in a month by at most 1 point Falls" in rule
    assert "A share rises 1 point a month at most" in mine


def test_points_are_written_as_the_readers_language_writes_figures(
    april: Kit, app: Flask, browser_of: Browser, languages: Path
) -> None:
    (languages / "de").mkdir()
    (languages / "de" / "messages.po").touch()
    charter = replace(april.charter, headroom_bp=1_250, rise_bp=750, fall_bp=225)
    app.extensions["kit"] = replace(app.extensions["kit"], charter=charter)
    asked = {"Accept-Language": "de", "Accept": "text/html"}
    ana = browser_of("ana")

    rule, mine = (Page(ana.get(page, headers=asked).text).text for page in ("/share/rule", "/share"))

    assert "The ratio plus 12,5 points" in rule
    assert "by at most 7,5 points up or 2,25 points down" in rule
    assert "Headroom 12,5 points" in rule
    assert "Plus headroom, the same for everyone + 12,5" in mine


def test_what_counts_on_the_page_sums_to_what_the_share_was_computed_from(
    april: Kit, browser_of: Browser, clock: Clock
) -> None:
    sold = histories.sell(april, "bakery", "ana", 0, 900, key="cash")
    assert sold is not None
    clock.advance(days=95)
    refund_sale(april, sold.ref, 0, 300)
    histories.pay(april, "mill", "ana", 10_000, 480, key="July")
    histories.sell(april, "bakery", "ana", 500, 0, key="July's bread")
    with reading(april.engine) as connection:
        mine = shares.outlook(connection, "ana", "2026-07", april.charter)
        assert mine is not None
        assert mine.next.share.window_from is not None
        found = purchases.between(
            connection, "ana", mine.next.share.window_from, clock().replace(month=8), "Europe/Lisbon", april.charter
        )

    assert sum(one.sum_minor for one in purchases.counted(found)) == mine.next.share.spend_minor == 200
    assert "lowers the month in which it came back" in Page(browser_of("ana").get("/share?of=next").text).text
