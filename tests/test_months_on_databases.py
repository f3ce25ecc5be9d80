"""A month begins at midnight in the federation's zone, to the microsecond, whichever way a sale is posted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.tampering import found_in
from wallet.cli.replay import BOOK
from wallet.domain.period import day_of, month_of
from wallet.kit import Kit
from wallet.services import histories, members, network, payments
from wallet.services.replay import replay
from wallet.store.columns import MICROSECOND, micros
from wallet.store.tables import federation

MONTHS = sa.text("SELECT month, spend_minor FROM patronage_months WHERE spend_minor <> 0 ORDER BY month")
POSTED_MONTHS = sa.text(
    "SELECT month, posted_month, spend_minor FROM patronage_months WHERE spend_minor <> 0 ORDER BY month, posted_month"
)
BASIS = sa.text("SELECT month, basis_minor FROM basis_months ORDER BY month")
# When clocks are turned back: over midnight, to it, from it, and in Kwajalein by 23 hours.
TURNED_BACK = [
    ("America/St_Johns", datetime(2009, 11, 1, 2, 31, tzinfo=UTC)),
    ("America/St_Johns", datetime(1988, 10, 30, 1, 31, tzinfo=UTC)),
    ("America/Goose_Bay", datetime(2010, 11, 7, 3, 1, tzinfo=UTC)),
    ("America/Phoenix", datetime(1944, 10, 1, 6, 1, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2, 0, tzinfo=UTC)),
    ("America/Havana", datetime(2017, 11, 5, 5, 0, tzinfo=UTC)),
    ("Pacific/Kwajalein", datetime(1969, 9, 30, 13, 0, tzinfo=UTC)),
]
ENDS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, microsecond=0))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/New_York", "Asia/Kathmandu", "America/Sao_Paulo"])
@pytest.mark.parametrize(("year", "month"), [(2026, 4), (2027, 1)])
def test_the_last_microsecond_counts_for_the_old_month_and_midnight_for_the_new(
    kit: Kit, clock: Clock, zone: str, year: int, month: int
) -> None:
    midnight = datetime(year, month, 1, tzinfo=ZoneInfo(zone))
    clock.set(midnight - timedelta(days=3))
    network.found_federation(kit, "Months", zone)
    for slug in ("bakery", "mint"):
        network.admit_coop(kit, slug, 1_000_00)
    network.open_till(kit, "bakery", "bakery-1", "Counter")
    members.accept_customer(kit, "cy")
    members.grant(kit, "cy", "cashier", "bakery")
    histories.pay(kit, "mint", "ana", 100_00, 60, key="pay")

    for turn, moment in enumerate((midnight - timedelta(microseconds=1), midnight)):
        clock.set(moment)
        bill = payments.open_bill(kit, "bakery-1", "cy", amount_minor=1_00 + turn, key=f"bill {turn}")
        payments.pay_bill(kit, bill.code, "ana", key=f"bill {turn}")
        histories.sell(kit, "bakery", "ana", 8_00 // (turn + 2), 0, key=f"sale {turn}")

    with kit.engine.connect() as connection:
        spent = [tuple(row) for row in connection.execute(MONTHS)]
    old, new = f"{midnight - timedelta(hours=1):%Y-%m}", f"{midnight:%Y-%m}"
    assert spent == [(old, 1_00 + 4_00), (new, 1_01 + 2_66)]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/New_York"])
def test_the_months_of_a_sale_and_of_its_refund_are_those_of_the_federations_zone(
    kit: Kit, clock: Clock, zone: str
) -> None:
    april, june = (datetime(2026, month, 1, tzinfo=ZoneInfo(zone)) for month in (4, 6))
    clock.set(april - timedelta(days=3))
    network.found_federation(kit, "Months", zone)
    for slug in ("bakery", "mint"):
        network.admit_coop(kit, slug, 1_000_00)
    histories.pay(kit, "mint", "ana", 200_00, 600, key="pay")
    sold = []
    for moment, minor in ((april - MICROSECOND, 8_00), (april, 4_00)):
        clock.set(moment)
        sold.append(histories.sell(kit, "bakery", "ana", minor, 0, key=f"sale of {minor}"))
    march_sale, april_sale = (sale.ref for sale in sold if sale)

    clock.set(june - MICROSECOND)
    refund_sale(kit, march_sale, 2_00, 0)
    refund_sale(kit, april_sale, 1_00, 0)
    clock.set(june)
    refund_sale(kit, march_sale, 3_00, 0)

    with kit.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(POSTED_MONTHS)] == [
            ("2026-03", "2026-03", 8_00),
            ("2026-03", "2026-05", -2_00),
            ("2026-04", "2026-04", 4_00),
            ("2026-04", "2026-05", -1_00),
            ("2026-06", "2026-06", -3_00),
        ]
        assert [tuple(row) for row in connection.execute(BASIS)] == [("2026-03", 3_00), ("2026-04", 3_00)]


@pytest.mark.parametrize(
    ("zone", "kept", "hour"),
    [("CET", "Europe/Brussels", 22), ("EET", "Europe/Athens", 21), ("MET", "Europe/Brussels", 22),
     ("WET", "Europe/Lisbon", 23)],
)  # fmt: skip
def test_a_zone_that_is_an_abbreviation_too_has_summer_time_on_both_databases(
    kit: Kit, zone: str, kept: str, hour: int
) -> None:
    history = (
        "at,kind,coop,member,other,amount,cash,minutes,ref",
        "2026-06-01T12:00:00Z,coop,bakery,,,100.00,,,",
        "2026-06-01T12:00:00Z,coop,mint,,,100.00,,,",
        "2026-06-01T12:00:00Z,pay,mint,ana,,100.00,,60,p1",
        f"2026-06-30T{hour - 1}:59:59Z,sale,bakery,ana,,1.00,,,s1",
        f"2026-06-30T{hour}:00:00Z,sale,bakery,ana,,2.00,,,s2",
    )

    report = replay(kit, history, BOOK, zone=zone)

    assert report["refused"] == []
    with kit.engine.connect() as connection:
        assert connection.execute(sa.select(federation.c.zone)).scalar_one() == kept
        assert [tuple(row) for row in connection.execute(MONTHS)] == [("2026-06", 1_00), ("2026-07", 2_00)]


def test_a_history_goes_into_a_federation_that_was_founded_in_its_zone_by_the_other_name(kit: Kit) -> None:
    network.found_federation(kit, "Months", "CET")

    for zone in ("CET", "Europe/Brussels"):
        assert replay(kit, ["at,kind,coop,member,other,amount,cash,minutes,ref"], BOOK, zone=zone)["refused"] == []


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Manila", "America/Juneau"])
def test_at_the_ends_of_the_calendar_a_day_and_a_month_are_the_same_in_both_languages(kit: Kit, zone: str) -> None:
    first, last = ENDS
    steps = [timedelta(minutes=minutes) for minutes in range(0, 60 * 60, 20)]
    moments = [*(first + step for step in steps), *(last - step for step in steps), datetime(2026, 7, 1, tzinfo=UTC)]
    asked = sa.text("SELECT day_of(:at, :zone), month_of(:at, :zone)")

    with kit.engine.connect() as connection:
        for at in moments:
            found = connection.execute(asked, {"at": micros(at), "zone": zone}).one()
            assert tuple(found) == (day_of(at, zone), month_of(at, zone)), at


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize(("zone", "turned"), TURNED_BACK)
def test_where_clocks_go_back_over_midnight_a_day_and_a_month_are_the_same_in_both_languages(
    kit: Kit, zone: str, turned: datetime
) -> None:
    asked = sa.text("SELECT day_of(:at, :zone), month_of(:at, :zone)")
    steps = range(-26 * 3600, 26 * 3600, 1800)

    with kit.engine.connect() as connection:
        for at in (turned + timedelta(seconds=step + around) for step in steps for around in (-61, -60, -1, 0, 1)):
            found = connection.execute(asked, {"at": micros(at), "zone": zone}).one()
            assert tuple(found) == (day_of(at, zone), month_of(at, zone)), at


def test_a_month_that_has_begun_counts_each_sale_once_where_the_clock_goes_back_over_its_midnight(kit: Kit) -> None:
    history = (
        "at,kind,coop,member,other,amount,cash,minutes,ref",
        "2009-10-01T12:00:00Z,coop,bakery,,,100.00,,,",
        "2009-10-01T12:00:00Z,coop,mint,,,100.00,,,",
        "2009-10-01T12:00:00Z,member,mint,ana,,,,,",
        "2009-10-01T12:00:00Z,pay,mint,ana,,100.00,,600,p1",
        "2009-10-01T12:00:00Z,fund,mint,,,10.00,,,f1",
        "2009-11-01T02:29:59Z,sale,bakery,ana,,1.00,,,s1",
        "2009-11-01T02:30:00Z,sale,bakery,ana,,2.00,,,s2",
        "2009-11-01T03:29:59Z,sale,bakery,ana,,4.00,,,s3",
        "2009-11-15T12:00:00Z,dividend,,,2009-11-01,10.00,,,October",
    )

    report = replay(kit, history, BOOK, zone="America/St_Johns")

    assert report["refused"] == []
    with kit.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(MONTHS)] == [("2009-10", 1_00), ("2009-11", 6_00)]
        assert connection.execute(sa.text("SELECT basis_minor FROM dividend_lines")).scalars().all() == [1_00]
    assert found_in(kit).breaches == []


def test_a_sale_of_the_last_day_counts_for_a_month_of_the_calendar(kit: Kit, clock: Clock) -> None:
    clock.set(datetime(9999, 12, 30, 10, tzinfo=UTC))
    network.found_federation(kit, "Months", "Pacific/Kiritimati")
    for slug in ("bakery", "mint"):
        network.admit_coop(kit, slug, 1_000_00)
    histories.pay(kit, "mint", "ana", 100_00, 60, key="pay")
    clock.set(datetime(9999, 12, 31, 10, 30, tzinfo=UTC))

    histories.sell(kit, "bakery", "ana", 1_00, 0, key="sale")

    with kit.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(MONTHS)] == [("9999-12", 1_00)]
