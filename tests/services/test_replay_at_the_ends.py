"""A history may begin with the calendar and end with it: every kind of line is taken at its ends."""

import pytest

from wallet.cli.replay import BOOK
from wallet.kit import Kit
from wallet.services.replay import replay

HEADER = "at,kind,coop,member,other,amount,cash,minutes,ref"
LINES = (
    "coop,bakery,,,100.00,,,",
    "coop,farm,,,0.00,,,",
    "member,bakery,ben,,,,,",
    "customer,,cy,,,,,",
    "pay,bakery,ana,,100.00,,240,p1",
    "sale,farm,ana,,1.00,1.00,,s1",
    "refund,,,,0.50,0.00,,s1",
    "gift,,ana,cy,1.00,,,g1",
    "supply,bakery,,farm,1.00,,,u1",
    "fund,farm,,,1.00,,,f1",
    "member_leaves,bakery,ben,,,,,",
    "coop_leaves,farm,,,,,,",
)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "0001-01-01T00:12:59Z", "9999-12-31T23:59:59Z"])
def test_every_kind_of_line_is_taken_at_the_ends_of_the_calendar(kit: Kit, at: str) -> None:
    report = replay(kit, [HEADER, *(f"{at},{line}" for line in LINES)], BOOK)

    assert report["refused"] == []
    assert (report["members"]["ana"]["balance"], report["coops"]["farm"]["balance"]) == (8_50, 50)


@pytest.mark.parametrize("ends_on", ["0001-01-01", "0001-01-02"])
@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Asia/Tokyo"])
def test_what_was_sold_before_the_zones_first_wall_clock_counts_in_a_dividend(
    kit: Kit, zone: str, ends_on: str
) -> None:
    report = replay(
        kit,
        [
            HEADER,
            *(f"0001-01-01T00:00:00Z,coop,{coop},,,9999999999.99,,," for coop in ("b", "c")),
            "0001-01-01T00:00:01Z,member,b,ana,,,,,",
            "0001-01-01T00:00:01Z,pay,b,ana,,9999999999.99,,9999999,p",
            "0001-01-01T00:00:02Z,sale,c,ana,,500.00,1.00,,s",
            "0001-01-01T00:00:03Z,refund,,,,100.00,0.00,,s",
            "0001-01-01T00:00:03Z,fund,c,,,10.00,,,f",
            f"0001-01-02T23:59:58Z,dividend,,,{ends_on},9.00,,,d1",
        ],
        BOOK,
        zone=zone,
    )

    # West of Greenwich the first day begins hours after the calendar, elsewhere with it: nothing was sold before.
    counts = zone == "America/New_York" or ends_on == "0001-01-02"
    assert report["refused"] == []
    assert report["dividends"]["d1"]["total"] == ({"ana": 9_00} if counts else {})
