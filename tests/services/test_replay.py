"""A history is brought in line by line: the first check that fails names the refusal, the rest goes on."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from tests.clock import Clock
from wallet.cli.replay import BOOK, as_text, command
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.services import circulation, histories, members, network
from wallet.services.replay import CannotReplay, replay
from wallet.store import verify
from wallet.store.engine import snapshot
from wallet.store.tables import federation, transfers

HEADER = "at,kind,coop,member,other,amount,cash,minutes,ref"
# A small federation: ana and ben work at the bakery, cy shops; the bakery may owe 100.00, the farm nothing.
TOWN = (
    "charter",
    "coop,bakery,,,100.00",
    "coop,farm,,,0.00",
    "member,bakery,ana",
    "member,bakery,ben",
    "customer,,cy",
    "pay,bakery,ana,,100.00,,240,p1",
)
FIRST = len(TOWN) + 2
CASES: list[tuple[str, list[str], list[tuple[int, str]]]] = [
    ("a co-op is admitted once", ["coop,bakery,,,1.00"], [(0, "not_allowed")]),
    ("a co-op that left is admitted again", ["coop_leaves,farm", "coop,farm,,,5.00", "fund,farm,,,5.00,,,f1"], []),
    ("who is not in cannot leave", ["coop_leaves,mill"], [(0, "unknown_coop")]),
    ("a co-op leaves once", ["coop_leaves,farm", "coop_leaves,farm"], [(1, "account_not_open")]),
    ("a charter line comes first or not at all", ["charter"], [(0, "not_allowed")]),
    ("one joins a co-op once", ["member,bakery,ana"], [(0, "not_allowed")]),
    ("one may join another co-op", ["member,farm,ana"], []),
    ("one joins no unknown co-op", ["member,mill,ana"], [(0, "unknown_coop")]),
    ("a co-op that left takes nobody, old members either",
     ["coop_leaves,bakery", "member,bakery,ana", "member,bakery,dee"],
     [(1, "account_not_open"), (2, "account_not_open")]),
    ("a refused line opens no wallet", ["member,mill,dee", "gift,,ana,dee,1.00,,,g1"],
     [(0, "unknown_coop"), (1, "unknown_member")]),
    ("one leaves a co-op one is in", ["member_leaves,bakery,ana", "member_leaves,bakery,ana"], [(1, "not_allowed")]),
    ("an unknown person leaves nothing", ["member_leaves,bakery,dee"], [(0, "unknown_member")]),
    ("unknown co-op goes before unknown member", ["member_leaves,mill,dee", "sale,mill,dee,,1.00,,,s1"],
     [(0, "unknown_coop"), (1, "unknown_coop")]),
    ("one leaves a co-op that left", ["coop_leaves,bakery", "member_leaves,bakery,ana"], []),
    ("a person with a wallet is no new customer", ["customer,,ana", "customer,,cy"],
     [(0, "not_allowed"), (1, "not_allowed")]),
    ("the first pay opens a wallet", ["pay,bakery,dee,,10.00,,60,p2", "gift,,dee,cy,1.00,,,g1"], []),
    ("a pay whose RES part is 0 opens one too", ["pay,bakery,dee,,0.01,,0,p2", "customer,,dee"], [(1, "not_allowed")]),
    ("a debit of 0 always fits", ["pay,farm,ana,,0.04,,1,p2", "pay,farm,ana,,0.05,,1,p3"],
     [(1, "insufficient_funds")]),
    ("a debit of 0 fits below the floor too", ["sale,farm,ana,,4.00,,,s1", "fund,farm,,,4.00,,,f1",
     "refund,,,,4.00,,,s1", "pay,farm,ana,,0.04,,1,p2", "pay,farm,ana,,0.05,,1,p3"], [(4, "insufficient_funds")]),
    ("the floor may be reached exactly", ["supply,bakery,,farm,90.00,,,u1", "supply,bakery,,farm,0.01,,,u2"],
     [(1, "insufficient_funds")]),
    ("a wallet never goes below zero", ["sale,farm,ana,,10.01,,,s1", "sale,farm,ana,,10.00,,,s1"],
     [(0, "insufficient_funds")]),
    ("a purchase all in cash needs no RES", ["sale,farm,cy,,,5.00,,s1", "sale,farm,cy,,0.00,5.00,,s2"], []),
    ("a stranger buys nothing", ["sale,farm,dee,,1.00,,,s1"], [(0, "unknown_member")]),
    ("a closed co-op sells nothing, whatever the balance", ["coop_leaves,farm", "sale,farm,ana,,99.00,,,s1"],
     [(1, "account_not_open")]),
    ("a gift to oneself is none", ["gift,,ana,ana,99.00,,,g1"], [(0, "not_allowed")]),
    ("a stranger goes before oneself", ["gift,,dee,dee,1.00,,,g1"], [(0, "unknown_member")]),
    ("supply to oneself is none", ["supply,bakery,,bakery,1.00,,,u1"], [(0, "not_allowed")]),
    ("oneself goes before closed", ["coop_leaves,farm", "supply,farm,,farm,1.00,,,u1"], [(1, "not_allowed")]),
    ("closed goes before poor", ["coop_leaves,farm", "supply,farm,,bakery,1.00,,,u1", "supply,bakery,,farm,999.00,,,u1",
     "fund,farm,,,1.00,,,f1", "pay,farm,ana,,100.00,,60,p2"], [(1, "account_not_open"), (2, "account_not_open"),
     (3, "account_not_open"), (4, "account_not_open")]),
    ("a refund is never a replay", ["sale,farm,ana,,4.00,,,s1", "refund,,,,2.00,,,s1", "refund,,,,2.00,,,s1",
     "refund,,,,2.00,,,s1"], [(3, "refund_exceeds_sale")]),
    ("each tender is refunded up to its own", ["sale,farm,ana,,4.00,1.00,,s1", "refund,,,,1.00,1.01,,s1",
     "refund,,,,4.01,,,s1", "refund,,,,4.00,1.00,,s1"], [(1, "refund_exceeds_sale"), (2, "refund_exceeds_sale")]),
    ("only a sale is refunded", ["refund,,,,1.00,,,p1", "refund,,,,1.00,,,none"],
     [(0, "unknown_sale"), (1, "unknown_sale")]),
    ("a closed co-op still refunds", ["sale,farm,ana,,4.00,,,s1", "coop_leaves,farm", "refund,,,,4.00,,,s1"], []),
    ("a refund may pass the floor", ["sale,farm,ana,,4.00,,,s1", "fund,farm,,,4.00,,,f1", "refund,,,,4.00,,,s1"], []),
    ("one ref is one movement, of whatever kind", ["gift,,ana,ben,1.00,,,p1", "fund,bakery,,,1.00,,,p1",
     "sale,farm,ana,,1.00,,,p1", "pay,bakery,ana,,100.00,,241,p1"],
     [(0, "key_reused"), (1, "key_reused"), (2, "key_reused"), (3, "key_reused")]),
    ("a ref stands for every column of its line", ["sale,farm,ana,,1.00,0.50,,s1", "gift,,ana,ben,1.00,,,g1",
     "supply,bakery,,farm,1.00,,,u1", "fund,farm,,,1.00,,,f1", "pay,farm,ana,,100.00,,240,p1",
     "pay,bakery,ben,,100.00,,240,p1", "pay,bakery,ana,,100.01,,240,p1", "sale,bakery,ana,,1.00,0.50,,s1",
     "sale,farm,ben,,1.00,0.50,,s1", "sale,farm,ana,,1.01,0.50,,s1", "sale,farm,ana,,1.00,0.51,,s1",
     "gift,,cy,ben,1.00,,,g1", "gift,,ana,cy,1.00,,,g1", "gift,,ana,ben,1.01,,,g1", "supply,farm,,farm,1.00,,,u1",
     "supply,bakery,,bakery,1.00,,,u1", "supply,bakery,,farm,1.01,,,u1", "fund,bakery,,,1.00,,,f1",
     "fund,farm,,,1.01,,,f1"], [(place, "key_reused") for place in range(4, 19)]),
    ("the ref goes before the unknown", ["sale,mill,dee,,1.00,,,p1"], [(0, "key_reused")]),
    ("a refused line leaves its ref free", ["sale,farm,ana,,99.00,,,s1", "gift,,ana,ben,1.00,,,s1",
     "gift,,ana,ben,1.00,,,s1"], [(0, "insufficient_funds")]),
    ("zero is no amount", ["pay,bakery,ana,,0.00,,1,p2", "sale,farm,ana,,0.00,0.00,,s1", "refund,,,,,,,s1",
     "gift,,ana,ana,0.00,,,g1", "supply,mill,,mill,0.00,,,u1", "fund,mill,,,0.00,,,f1"],
     [(place, "bad_amount") for place in range(6)]),
    ("zero goes before the ref", ["gift,,ana,ben,0.00,,,p1"], [(0, "bad_amount")]),
    ("a bad form goes before a bad amount", ["gift,,ana,,1.0,,,g1", "pay,bakery,ana,,1.0,,x,p2"],
     [(0, "bad_form"), (1, "bad_amount")]),
    ("a kind of tomorrow is refused", ["lottery,farm,ana,,1.00,,,x1"], [(0, "bad_form")]),
]  # fmt: skip


def events(*lines: str, start: int = 0) -> list[str]:
    """Give an event file: a minute between lines, which are padded to nine columns."""
    dated = [
        f"2026-01-05T{(start + minute) // 60:02}:{(start + minute) % 60:02}:00Z,{line}"
        for minute, line in enumerate(lines)
    ]
    return [HEADER, *(line + "," * (8 - line.count(",")) for line in dated)]


def refused(report: dict[str, Any], first: int = FIRST) -> list[tuple[int, str]]:
    """Give the refused lines, counted from `first`, and their codes."""
    return [(entry["line"] - first, entry["code"]) for entry in report["refused"]]


def run(path: Path, url: str, *lines: str, options: tuple[str, ...] = ()) -> Result:
    """Run the command on a file of `lines` in the folder `path`."""
    (path / "events.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = [str(path / "events.csv"), "--report", str(path / "report.json")]
    return CliRunner().invoke(command, [*files, "--database", url, *options])


@pytest.mark.parametrize(("lines", "codes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_line_is_refused_for_its_first_fault_and_the_rest_goes_on(
    kit: Kit, lines: list[str], codes: list[tuple[int, str]]
) -> None:
    report = replay(kit, events(*TOWN, *lines), BOOK)

    assert refused(report) == codes
    assert report["sum"] == 0


def test_a_line_sent_again_is_counted_and_does_nothing_whatever_changed_since(kit: Kit) -> None:
    again = ["sale,farm,ana,junk,4.00,,,s1", "pay,bakery,ana,,100.00,0.00,240,p1", "gift,,ana,ben,1.00,,,g1"]
    lines = ["sale,farm,ana,,4.00,0.00,,s1", "gift,,ana,ben,1.00,,,g1", "coop_leaves,farm", "coop_leaves,bakery"]

    once = replay(kit, events(*TOWN, *lines, *again), BOOK)

    assert (once["refused"], once["replayed"], once["transfers"]) == ([], 3, 3)
    assert once["members"]["ana"]["balance"] == 500


def test_who_joins_and_leaves_again_still_buys_at_who_paid_them_what_does_not_count(kit: Kit) -> None:
    lines = ["pay,bakery,cy,,10.00,,60,p2", "member,bakery,cy", "member_leaves,bakery,cy", "sale,bakery,cy,,0.40,,,s1"]

    report = replay(kit, events(*TOWN, *lines, "sale,farm,cy,,0.60,,,s2"), BOOK)

    assert report["refused"] == []
    assert report["members"]["cy"]["basis"] == 60


def test_the_report_tells_everything_that_stands(kit: Kit) -> None:
    lines = [
        "sale,farm,ana,,4.00,1.00,,s1",
        "refund,,,,1.00,,,s1",
        "gift,,ana,cy,2.00,,,g1",
        "supply,farm,,bakery,1.00,,,u1",
        "fund,farm,,,0.50,,,f1",
        "nonsense",
    ]

    report = replay(kit, events(*TOWN, *lines), BOOK)

    nobody = {"balance": 0, "eligible": 0, "eligible_minutes": 0, "basis": 0, "qualified_minutes": 0, "share": {}}
    assert report == {
        "members": {
            "ana": {
                "balance": 500,
                "eligible": 500,
                "eligible_minutes": 13,
                "basis": 300,
                "qualified_minutes": 8,
                "share": {"2026-01": 1000},
            },
            "ben": nobody,
            "cy": nobody | {"balance": 200},
        },
        "coops": {"bakery": {"balance": -900}, "farm": {"balance": 150}},
        "pool": 50,
        "outstanding": 900,
        "sum": 0,
        "transfers": 6,
        "replayed": 0,
        "refused": [{"line": FIRST + 5, "code": "bad_form"}],
        "dividends": {},
    }


def test_every_dated_line_moves_the_clock_and_none_goes_back(kit: Kit) -> None:
    lines = [
        HEADER,
        "2026-01-01T00:00:00Z,coop,bakery,,,100.00,,,",
        "2026-03-31T23:59:59Z,nonsense,,,,,,,",
        "2026-03-01T00:00:00Z,pay,bakery,ana,,1.00,,1,p1",
        "2026-03-31T23:59:59Z,pay,bakery,ana,,1.00,,1,p1",
        "2026-05-01T00:00:00Z,nonsense",
        "2026-04-01T00:00:00Z,nonsense,,,,,,,",
    ]

    report = replay(kit, lines, BOOK)

    assert refused(report, 0) == [(3, "bad_form"), (4, "bad_form"), (6, "bad_form"), (7, "bad_form")]
    assert report["members"]["ana"]["share"] == {"2026-03": 1000, "2026-04": 1000}
    with kit.engine.connect() as connection:
        assert connection.execute(sa.select(transfers.c.at)).scalar() == datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)


def test_the_charter_dates_from_the_first_dated_line_in_the_federations_zone(kit: Kit) -> None:
    rows = ["soon,charter", "2026-01-01T03:00:00Z,nonsense", "2026-02-01T04:59:59Z,charter"]
    lines = [HEADER, *(row + "," * 7 for row in rows)]

    report = replay(kit, lines, BOOK, zone="America/New_York")

    assert refused(report, 0) == [(2, "bad_form"), (3, "bad_form"), (4, "not_allowed")]
    with kit.engine.connect() as connection:
        found = connection.execute(sa.select(federation.c.zone, federation.c.charter_on)).one()
    assert tuple(found) == ("America/New_York", "2025-12-31")


def test_a_founded_federation_in_which_nothing_moved_takes_the_date_of_the_history(kit: Kit) -> None:
    network.found_federation(kit, "Valley", charter_on="2011-01-01")

    replay(kit, events(*TOWN), BOOK)

    with kit.engine.connect() as connection:
        found = connection.execute(sa.select(federation.c.name, federation.c.charter_on)).one()
    assert tuple(found) == ("Valley", events(*TOWN)[1][:10])


def test_a_month_is_the_federations_month(kit: Kit) -> None:
    lines = ["2026-01-01T00:00:00Z,coop,bakery,,,100.00,,,", "2026-03-01T04:00:00Z,pay,bakery,ana,,1.00,,1,p1"]

    report = replay(kit, [HEADER, *lines], BOOK, zone="America/New_York")

    assert report["members"]["ana"]["share"] == {"2026-02": 1000}


def test_a_history_of_nothing_founds_a_federation_of_nobody(kit: Kit) -> None:
    report = replay(kit, [HEADER + "\n", "\n"], BOOK)

    assert report["members"] == {} == report["coops"]
    assert (report["pool"], report["outstanding"], report["sum"], report["refused"]) == (0, 0, 0, [])


def test_the_largest_amounts_and_the_ends_of_the_calendar_are_books_too(kit: Kit) -> None:
    lines = [
        "0001-01-01T00:00:00Z,coop,bakery,,,9999999999.99,,,",
        "0001-01-01T00:00:00Z,coop,farm,,,0.00,,,",
        "0001-01-02T00:00:00Z,pay,bakery,ana,,9999999999.99,,9999999,p1",
        "0001-01-03T00:00:00Z,sale,farm,ana,,1000000000.00,8999999999.99,,s1",
        "9999-12-31T23:59:59Z,refund,,,,999999999.99,8999999999.99,,s1",
        "9999-12-31T23:59:59Z,pay,farm,ana,,9999999999.99,,0,p2",
    ]

    report = replay(kit, [HEADER, *lines], BOOK)

    assert refused(report, 0) == [(7, "insufficient_funds")]
    assert report["coops"] == {"bakery": {"balance": -100_000_000_000}, "farm": {"balance": 1}}
    ana = report["members"]["ana"]
    assert (ana["balance"], ana["eligible"], ana["basis"]) == (99_999_999_999, 67_499, 1)
    assert len(ana["share"]) == 9999 * 12


def test_who_looks_while_a_history_comes_in_keeps_no_half_of_its_months(kit: Kit, clock: Clock) -> None:
    clock.set(datetime(2026, 5, 10, 12, tzinfo=UTC))
    lines = [
        "2026-01-05T12:00:00Z,coop,bakery,,,100.00,,,",
        "2026-01-06T12:00:00Z,pay,bakery,ana,,100.00,,240,p1",
        "2026-01-27T12:00:00Z,pay,bakery,ana,,50.00,,120,p2",
        "2026-02-03T12:00:00Z,pay,bakery,ana,,50.00,,120,p3",
    ]
    kept = []

    def read() -> Iterator[str]:
        yield HEADER
        for line in lines:
            kept.append(circulation.keep_months(kit))
            yield line

    replay(kit, read(), BOOK)

    assert [*kept, circulation.keep_months(kit)] == [[], [], [], [], ["2026-01"]]
    with snapshot(kit.engine) as connection:
        assert verify.check(connection) == []


def test_a_busy_database_stops_the_history(kit: Kit) -> None:
    def busy(*_given: object, **_named: object) -> None:
        raise refuse("busy")

    with pytest.raises(CannotReplay):
        replay(kit, events(*TOWN), dataclasses.replace(BOOK, join=busy))


def test_strict_stops_at_the_first_refused_line(kit: Kit) -> None:
    report = replay(kit, events(*TOWN, "charter", "gift,,ana,ben,1.00,,,g1"), BOOK, strict=True)

    assert refused(report) == [(0, "not_allowed")]
    assert report["transfers"] == 1


def test_books_with_a_transfer_take_no_history(kit: Kit, clock: Clock) -> None:
    network.found_federation(kit, "Town")
    network.admit_coop(kit, "bakery", 10_000)
    members.join(kit, "bakery", "ana")
    histories.pay(kit, "bakery", "ana", 1_000, 60, key="p1")

    with pytest.raises(CannotReplay):
        replay(kit, events(*TOWN), BOOK)


def test_the_zone_of_a_founded_federation_is_kept(kit: Kit) -> None:
    network.found_federation(kit, "Town", "Europe/Berlin")

    with pytest.raises(CannotReplay):
        replay(kit, events(*TOWN), BOOK, zone="UTC")

    assert replay(kit, events(*TOWN), BOOK, zone="Europe/Berlin")["refused"] == []


def test_the_same_file_gives_the_same_bytes(kit: Kit, tmp_path: Path) -> None:
    lines = events(*TOWN, "customer,,Zoë", "gift,,ana,Zoë,1.00,,,g1", "gift,,ana,nobody,1.00,,,g2")
    report = as_text(replay(kit, lines, BOOK))

    result = run(tmp_path, f"sqlite:///{tmp_path / 'second.sqlite3'}", *lines)

    assert result.exit_code == 0, result.output
    written = (tmp_path / "report.json").read_bytes()
    assert written == report.encode()
    sorted_text = json.dumps(json.loads(written), indent=2, sort_keys=True, ensure_ascii=False)
    assert report == f"{sorted_text}\n"
    assert '"Zoë"' in report


def test_the_exit_status_tells_done_stopped_or_impossible(database_url: str, tmp_path: Path) -> None:
    lines = events(*TOWN, "charter", "gift,,ana,ben,1.00,,,g1")

    done = run(tmp_path, database_url, *lines)
    again = run(tmp_path, database_url, *lines)

    assert (done.exit_code, again.exit_code) == (0, 2)
    assert json.loads((tmp_path / "report.json").read_text())["transfers"] == 2


def test_strict_ends_with_status_1_and_still_reports(database_url: str, tmp_path: Path) -> None:
    stopped = run(tmp_path, database_url, *events(*TOWN, "charter"), options=("--strict",))

    assert stopped.exit_code == 1
    assert refused(json.loads((tmp_path / "report.json").read_text())) == [(0, "not_allowed")]


@pytest.mark.parametrize(
    ("head", "options"),
    [
        ("at,kind", ()),
        ("", ()),
        (HEADER, ("--timezone", "Mars/Base")),
        (HEADER, ("--timezone", "localtime")),
        (HEADER, ("--timezone", "right/Europe/Berlin")),
        (HEADER, ("--database", "nonsense://nowhere")),
        (HEADER, ("--database", "no address")),
        (HEADER, ("--database", "sqlite://")),
        (HEADER, ("--report", "/nowhere/at/all/report.json")),
        (HEADER, ("--unknown-option",)),
    ],
)
def test_what_cannot_be_replayed_ends_with_status_2(tmp_path: Path, head: str, options: tuple[str, ...]) -> None:
    result = run(tmp_path, f"sqlite:///{tmp_path / 'books.sqlite3'}", head, *events(*TOWN)[1:], options=options)

    assert result.exit_code == 2, result.output
    assert not (tmp_path / "report.json").exists()


def test_a_file_of_another_encoding_is_none(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_bytes("\n".join(events("customer,,Zoë")).encode("latin-1"))

    result = CliRunner().invoke(
        command, [str(tmp_path / "events.csv"), "--database", f"sqlite:///{tmp_path / 'books.sqlite3'}"]
    )

    assert result.exit_code == 2


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Not a database at all. " * 500)

    result = run(tmp_path, f"sqlite:///{tmp_path / 'notes.txt'}", *events(*TOWN))

    assert result.exit_code == 2, result.output
    assert (tmp_path / "notes.txt").read_text().startswith("Not a database")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_ends_of_any_system_are_read_alike(tmp_path: Path, end: str) -> None:
    # What Unicode calls the end of a line or of a paragraph ends none here.
    text = "\ufeff" + end.join(["", *events(*TOWN, "", "customer,,a\u2028b\u2029c", "charter")]).lstrip()
    (tmp_path / "events.csv").write_bytes(text.encode())

    result = CliRunner().invoke(
        command, [str(tmp_path / "events.csv"), "--database", f"sqlite:///{tmp_path / 'books.sqlite3'}"]
    )

    assert result.exit_code == 0, result.output
    assert '"transfers": 1' in result.stdout
    assert '"a\u2028b\u2029c": {' in result.stdout
