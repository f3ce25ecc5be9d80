"""Dividends of a history: who is eligible, what is on the cut, and which line is refused."""

from hashlib import sha256
from typing import Any

import pytest

from tests.model_events import HEADER, History, rows
from wallet.cli.replay import BOOK
from wallet.kit import Kit
from wallet.services.replay import replay

# Ana works at the bakery, Ben at the farm; each has 100.00 RES of pay for 4,000 minutes, 400 of which came along.
TOWN = (
    "2026-01-01T00:00:00Z,charter",
    "2026-01-01T00:00:00Z,coop,bakery,,,9000.00",
    "2026-01-01T00:00:00Z,coop,farm,,,9000.00",
    "2026-01-01T00:00:00Z,member,bakery,ana",
    "2026-01-01T00:00:00Z,member,farm,ben",
    "2026-01-02T00:00:00Z,pay,bakery,ana,,1000.00,,4000,p1",
    "2026-01-02T00:00:00Z,pay,farm,ben,,1000.00,,4000,p2",
)
FIRST = len(TOWN) + 3
NEW_YORK = "America/New_York"


def told(kit: Kit, *lines: str, zone: str = "UTC") -> dict[str, Any]:
    """Replay the town and these lines, and hold the report against the oracle."""
    padded = [line + "," * (8 - line.count(",")) for line in (*TOWN, "2026-01-02T00:00:00Z,fund,farm,,,500.00,,,f1")]
    text = "\n".join([HEADER, *padded, *(line + "," * (8 - line.count(",")) for line in lines)])
    report = replay(kit, text.split("\n"), BOOK, zone=zone)
    assert report == History(zone).run(rows(text))
    return report


def test_sales_count_up_to_the_end_and_refunds_up_to_the_cut_off(kit: Kit) -> None:
    report = told(
        kit,
        "2026-01-31T23:59:59Z,sale,farm,ana,,40.00,,,s1",
        "2026-01-31T23:59:59Z,sale,bakery,ben,,40.00,,,s2",
        "2026-02-01T00:00:00Z,sale,farm,ana,,20.00,,,s3",
        "2026-02-14T23:59:59Z,refund,,,,10.00,,,s2",
        "2026-02-15T00:00:00Z,refund,,,,10.00,,,s1",
        # Too late for the cut, and of a sale that is not on it: nothing to give back to it.
        "2026-02-15T00:00:00Z,refund,,,,20.00,,,s3",
        "2026-02-15T00:00:00Z,dividend,,,2026-02-01,70.00,,,January",
    )

    # In month 1 of 180 the part by history is 69.61, by 40.00 and 30.00; 0.39 goes by 160 and 120 minutes.
    assert report["dividends"] == {
        "January": {
            "by_basis": {"ana": 39_78, "ben": 29_83},
            "by_hours": {"ana": 22, "ben": 17},
            "total": {"ana": 40_00, "ben": 30_00},
        }
    }
    assert (report["pool"], report["transfers"]) == (430_00, 3 + 6 + 2)
    # What came in like a gift can never become basis.
    assert report["members"]["ana"]["balance"] == 100_00 - 30_00 + 40_00
    assert report["members"]["ana"]["eligible"] == 70_00


def test_an_end_within_a_month_cuts_the_month_by_its_own_days(kit: Kit) -> None:
    report = told(
        kit,
        "2026-01-12T04:59:59Z,sale,farm,ana,,10.00,,,s1",
        "2026-01-12T04:59:59Z,sale,bakery,ben,,10.00,,,s2",
        "2026-01-12T05:00:00Z,sale,farm,ana,,50.00,,,s3",
        "2026-01-13T00:00:00Z,refund,,,,5.00,,,s3",
        "2026-01-14T00:00:00Z,dividend,,,2026-01-12,10.00,,,d1",
        "2026-01-14T00:00:00Z,refund,,,,5.00,,,s1",
        "2026-02-14T00:00:00Z,refund,,,,1.00,,,s2",
        "2026-02-15T00:00:00Z,dividend,,,2026-02-12,10.00,,,d2",
        zone=NEW_YORK,
    )

    assert report["dividends"]["d1"]["by_basis"] == {"ana": 5_00, "ben": 5_00}
    # 10.00 − 5.00 + 50.00 − 5.00 against 10.00 − 1.00: Ana 84.7 %; Ben has no hours that are new.
    assert report["dividends"]["d2"]["by_basis"] == {"ana": 8_42, "ben": 1_52}
    assert report["dividends"]["d2"]["by_hours"] == {"ana": 6}


def test_the_month_in_which_it_ends_counts_from_its_first_moment_on(kit: Kit) -> None:
    report = told(
        kit,
        "2026-02-01T04:59:59Z,sale,farm,ana,,10.00,,,s1",
        "2026-02-01T05:00:00Z,sale,bakery,ben,,10.00,,,s2",
        "2026-02-26T05:00:00Z,dividend,,,2026-02-12,10.00,,,d1",
        zone=NEW_YORK,
    )

    assert report["dividends"]["d1"]["by_basis"] == {"ana": 4_97, "ben": 4_97}


def test_who_is_eligible_is_judged_on_what_was_posted_before_the_end(kit: Kit) -> None:
    bought = [
        f"2026-01-03T00:00:00Z,{line}"
        for line in (
            "pay,bakery,temp,,1000.00,,4000,p3",
            "pay,bakery,late,,1000.00,,4000,p4",
            "pay,bakery,gone,,1000.00,,4000,p5",
            "coop,mill,,,0.00",
            "member,mill,closed",
            "pay,bakery,closed,,1000.00,,4000,p6",
            "member,bakery,gone",
            *(f"sale,farm,{who},,10.00,,,s-{who}" for who in ("ana", "temp", "late", "gone", "closed")),
        )
    ]
    report = told(
        kit,
        *bought,
        "2026-01-31T23:59:58Z,member_leaves,bakery,gone",
        "2026-01-31T23:59:59Z,coop_leaves,mill",
        "2026-02-01T00:00:00Z,member,bakery,late",
        "2026-02-01T00:00:00Z,member_leaves,bakery,ana",
        "2026-02-20T00:00:00Z,dividend,,,2026-02-01,10.00,,,d1",
        "2026-02-21T00:00:00Z,member,bakery,temp",
        "2026-02-21T00:00:00Z,member,bakery,gone",
        "2026-02-21T00:00:00Z,coop,mill,,,0.00",
        "2026-03-20T00:00:00Z,dividend,,,2026-03-01,18.00,,,d2",
    )

    assert report["dividends"]["d1"]["total"] == {"ana": 10_00}
    # Each has the same basis; their hours count in full in the first run in which they are eligible. Ana left.
    assert set(report["dividends"]["d2"]["by_basis"]) == {"temp", "late", "gone", "closed"}
    assert sorted(report["dividends"]["d2"]["by_hours"].values()) == [5, 5, 5, 5]


def test_an_hour_counts_once_and_a_late_refund_is_made_up_for_first(kit: Kit) -> None:
    report = told(
        kit,
        "2026-01-03T00:00:00Z,sale,farm,ana,,50.00,,,s1",
        "2026-01-03T00:00:00Z,sale,bakery,ben,,50.00,,,s2",
        "2026-02-20T00:00:00Z,dividend,,,2026-02-01,90.00,,,d1",
        "2026-02-21T00:00:00Z,refund,,,,20.00,,,s1",
        "2026-02-21T00:00:00Z,sale,bakery,ben,,10.00,,,s3",
        "2026-03-20T00:00:00Z,dividend,,,2026-03-01,90.00,,,d2",
        "2026-03-21T00:00:00Z,sale,farm,ana,,30.00,,,s4",
        "2026-04-20T00:00:00Z,dividend,,,2026-04-01,90.00,,,d3",
    )

    assert report["dividends"]["d1"]["by_hours"] == {"ana": 25, "ben": 25}
    assert report["dividends"]["d2"]["by_hours"] == {"ben": 1_00}
    # Ana's 30.00 bring 120 minutes; 80 of them make up for what went back.
    assert report["dividends"]["d3"]["by_hours"] == {"ana": 1_50}


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        (["dividend,,,2026-02-20,1.00,,,d1", "dividend,,,2026-02-21,1.00,,,d2"], ["", "not_allowed"]),
        (["dividend,,,2026-02-01,1.00,,,d1"] * 2, ["", ""]),
        (["dividend,,,2026-02-01,1.00,,,d1", "dividend,,,2026-02-01,2.00,,,d1"], ["", "key_reused"]),
        (["dividend,,,2026-02-01,1.00,,,d1", "dividend,,,2026-01-31,1.00,,,d1"], ["", "key_reused"]),
        (["dividend,,,2026-02-01,1.00,,,d1", "dividend,,,2026-02-01,1.00,,,d2"], ["", "not_allowed"]),
        (["dividend,,,2026-02-01,1.00,,,d1", "dividend,,,2026-01-31,999.00,,,d2"], ["", "not_allowed"]),
        (["dividend,,,2026-02-01,500.01,,,d1", "dividend,,,2026-02-01,500.00,,,d1"], ["insufficient_funds", ""]),
        (["dividend,,,2026-02-01,1.00,,,p1", "gift,,ana,ben,1.00,,,d1"], ["key_reused", ""]),
        (["dividend,,,2026-02-30,0.00,,,d1", "dividend,,,2026-02-01,0.00,,,p1"], ["bad_form", "bad_amount"]),
        (["dividend,,,2026-02-30,1.0,,,d1", "dividend,,,,1.0,,,d1"], ["bad_amount", "bad_form"]),
        (["dividend,,,2026-2-01,1.00,,,d1", "dividend,,,2026-02-01,1.00,,,"], ["bad_form", "bad_form"]),
        (["dividend,x,y,2026-02-01,1.00,z,w,d1", "dividend,,,2026-02-01,1.00,,,d1"], ["", ""]),
        (["dividend,,," + "2" * 65 + ",1.0,,,d1", "dividend,,,2026-02-01,,,,d1"], ["bad_amount", "bad_form"]),
    ],
)  # fmt: skip
def test_a_line_is_refused_for_its_first_fault(kit: Kit, lines: list[str], codes: list[str]) -> None:
    report = told(kit, *(f"2026-02-20T00:00:00Z,{line}" for line in lines))

    found = {entry["line"] - FIRST: entry["code"] for entry in report["refused"]}
    assert found == {place: code for place, code in enumerate(codes) if code}


def test_a_run_that_pays_nobody_is_posted_all_the_same(kit: Kit) -> None:
    report = told(
        kit,
        "2026-02-20T00:00:00Z,dividend,,,2026-02-01,500.00,,,d1",
        "2026-02-20T00:00:00Z,dividend,,,2026-02-01,500.00,,,d1",
        "2026-02-20T00:00:00Z,dividend,,,2026-02-01,400.00,,,d2",
    )

    assert report["dividends"] == {"d1": {"by_basis": {}, "by_hours": {}, "total": {}}}
    assert (report["pool"], report["transfers"], report["replayed"]) == (500_00, 3, 1)
    assert [entry["code"] for entry in report["refused"]] == ["not_allowed"]


def test_odd_units_go_by_the_hash_and_never_by_who_came_first(kit: Kit) -> None:
    crew = [f"m{number}" for number in range(7)]
    report = told(
        kit,
        *(f"2026-01-03T00:00:00Z,member,bakery,{who}" for who in crew),
        *(f"2026-01-03T00:00:00Z,pay,bakery,{who},,1000.00,,4000,p-{who}" for who in crew),
        *(f"2026-01-04T00:00:00Z,sale,farm,{who},,10.00,,,s-{who}" for who in crew),
        "2026-02-20T00:00:00Z,dividend,,,2026-02-01,10.03,,,January",
    )

    drawn = sorted(crew, key=lambda who: sha256(f"January:{who}".encode()).hexdigest())
    assert drawn != crew
    # 9.97 by history are 1.42 for each and three more; 0.06 by hours are one for each of six.
    assert report["dividends"]["January"]["by_basis"] == {who: 1_43 if who in drawn[:3] else 1_42 for who in crew}
    assert report["dividends"]["January"]["by_hours"] == dict.fromkeys(drawn[:6], 1)


def test_from_the_sunset_on_every_hour_counts_the_same(kit: Kit) -> None:
    report = told(
        kit,
        "2026-01-03T00:00:00Z,sale,farm,ana,,80.00,,,s1",
        "2026-01-03T00:00:00Z,sale,bakery,ben,,20.00,,,s2",
        "2040-12-01T00:00:00Z,dividend,,,2040-12-01,180.00,,,d1",
        "2040-12-01T00:00:00Z,sale,farm,ana,,10.00,,,s3",
        "2040-12-01T00:00:00Z,sale,bakery,ben,,10.00,,,s4",
        "2041-01-01T00:00:00Z,dividend,,,2041-01-01,1.00,,,d2",
    )

    assert report["dividends"]["d1"]["by_basis"] == {"ana": 80, "ben": 20}
    assert report["dividends"]["d2"] == {
        "by_basis": {}, "by_hours": {"ana": 50, "ben": 50}, "total": {"ana": 50, "ben": 50}
    }  # fmt: skip


def test_a_pool_as_large_as_an_amount_can_be_is_split_to_the_last_unit(kit: Kit) -> None:
    most = "9999999999.99"
    report = told(
        kit,
        f"2026-01-03T00:00:00Z,coop,mint,,,{most}",
        f"2026-01-03T00:00:00Z,fund,mint,,,{most},,,f2",
        "2026-01-03T00:00:00Z,sale,farm,ana,,0.03,,,s1",
        "2026-01-03T00:00:00Z,sale,bakery,ben,,99.98,,,s2",
        f"2026-02-20T00:00:00Z,dividend,,,2026-01-31,{most},,,d1",
    )

    given = report["dividends"]["d1"]["by_basis"]
    assert given == {"ana": 299_970_003, "ben": 999_700_029_996}
    assert report["pool"] == 500_00
