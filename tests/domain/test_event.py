"""A line of a history is read strictly, and the first check that fails names the refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.domain.event import HEADER, Event, HistoryLine, WrongHeader, read

HEAD = ",".join(HEADER)
AT = "2026-01-01T00:00:00Z"
REFUSED = [
    # columns before time before kind
    ("x,nonsense", "bad_form"),
    (f"{AT},sale,bakery,ana,,1.00,,,r1,", "bad_form"),
    (f'{AT},sale,bakery,"ana,,1.00,,,r1', "bad_form"),
    (f'{AT},sale,bakery,"ana"x,,1.00,,,r1', "bad_form"),
    ("2026-01-01,sale,bakery,ana,,1.00,,,r1", "bad_form"),
    (f"{AT},Sale,bakery,ana,,1.00,,,r1", "bad_form"),
    (f"{AT}, sale,bakery,ana,,1.00,,,r1", "bad_form"),
    (f"{AT},sweep,bakery,ana,,1.00,,,r1", "bad_form"),
    # required columns and labels before amounts
    (f"{AT},sale,bakery,,,1.0,,,r1", "bad_form"),
    (f"{AT},sale,bakery,ana,,1.0,,,", "bad_form"),
    (f"{AT},pay,bakery,ana,,,,60,p1", "bad_form"),
    (f"{AT},pay,bakery,ana,,1.0,,,p1", "bad_form"),
    (f"{AT},gift,,ana,,1.0,,,g1", "bad_form"),
    (f"{AT},supply,bakery,,,1.0,,,s1", "bad_form"),
    (f"{AT},customer,,,,,,,", "bad_form"),
    (f"{AT},coop,bakery,,,,,,", "bad_form"),
    (f"{AT},sale,{'b' * 65},ana,,1.0,,,r1", "bad_form"),
    (f"{AT},sale,bakery,a\x01na,,1.0,,,r1", "bad_form"),
    # amounts before minutes before zero
    (f"{AT},pay,bakery,ana,,1.0,,x,p1", "bad_amount"),
    (f"{AT},sale,bakery,ana,,1.00,1,,r1", "bad_amount"),
    (f"{AT},pay,bakery,ana,,-1.00,,60,p1", "bad_amount"),
    (f"{AT},coop,bakery,,,10000000000.00,,,", "bad_amount"),
    (f"{AT},pay,bakery,ana,,0.00,,06,p1", "bad_form"),
    (f"{AT},pay,bakery,ana,,1.00,,10000000,p1", "bad_form"),
    (f"{AT},pay,bakery,ana,,1.00,,６0,p1", "bad_form"),
    (f"{AT},pay,bakery,ana,,0.00,,60,p1", "bad_amount"),
    (f"{AT},sale,bakery,ana,,,,,r1", "bad_amount"),
    (f"{AT},sale,bakery,ana,,0.00,0.00,,r1", "bad_amount"),
    (f"{AT},refund,,,,,,,r1", "bad_amount"),
    (f"{AT},gift,,ana,ben,0.00,,,g1", "bad_amount"),
    (f"{AT},supply,bakery,,farm,0.00,,,s1", "bad_amount"),
    (f"{AT},fund,bakery,,,0.00,,,f1", "bad_amount"),
]
ACCEPTED = [
    (f"{AT},charter,,,,,,,", {"kind": "charter"}),
    (f"{AT},charter,x,y,z,9,9,9,9", {"kind": "charter"}),
    (f"{AT},coop,bakery,,,0.00,,,", {"kind": "coop", "coop": "bakery"}),
    (f"{AT},coop,bakery,,,500.00,x,y,", {"kind": "coop", "coop": "bakery", "amount_minor": 50_000}),
    (f'{AT},coop,bakery,,"{"x" * 200_000}",500.00,,,', {"kind": "coop", "coop": "bakery", "amount_minor": 50_000}),
    (f"{AT},coop_leaves,bakery,,,,,,", {"kind": "coop_leaves", "coop": "bakery"}),
    (f"{AT},member,bakery,ana,,,,,", {"kind": "member", "coop": "bakery", "member": "ana"}),
    (f"{AT},customer,,zoé,,,,,", {"kind": "customer", "member": "zoé"}),
    (
        f"{AT},pay,bakery,ana,,100.00,,0,p1",
        {"kind": "pay", "coop": "bakery", "member": "ana", "amount_minor": 10_000, "ref": "p1"},
    ),
    (
        f"{AT},sale,bakery,ana,,,2.50,,r1",
        {"kind": "sale", "coop": "bakery", "member": "ana", "cash_minor": 250, "ref": "r1"},
    ),
    (
        f'"{AT}","sale","the ""old"", bakery",ana,,1.00,,,r1',
        {"kind": "sale", "coop": 'the "old", bakery', "member": "ana", "amount_minor": 100, "ref": "r1"},
    ),
    (f"{AT},refund,,,,1.00,0.50,,r1", {"kind": "refund", "amount_minor": 100, "cash_minor": 50, "ref": "r1"}),
    (
        f"{AT},gift,,ana,ben,1.00,,,g1",
        {"kind": "gift", "member": "ana", "other": "ben", "amount_minor": 100, "ref": "g1"},
    ),
]


def one(text: str) -> HistoryLine:
    """Read a file of one line."""
    lines = list(read([HEAD, text]))
    assert len(lines) == 1
    return lines[0]


def event(text: str) -> Event:
    """Read a line that is an event."""
    found = one(text).event
    assert found is not None
    return found


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_a_line_is_refused_by_the_first_check_that_fails(text: str, code: str) -> None:
    line = one(text)

    assert (line.number, line.code, line.event) == (2, code, None)


@pytest.mark.parametrize(("text", "fields"), ACCEPTED)
def test_a_line_is_read_by_the_columns_its_kind_uses(text: str, fields: dict[str, object]) -> None:
    assert event(text) == Event(at=event(text).at, **fields)  # type: ignore[arg-type]


def test_lines_are_counted_from_the_header_and_blank_ones_are_skipped() -> None:
    lines = list(read([HEAD + "\r\n", "\n", f"{AT},charter,,,,,,,\r\n", "  \n", "nonsense\n"]))

    assert [(line.number, line.code) for line in lines] == [(3, None), (5, "bad_form")]


def test_a_dated_line_moves_the_clock_even_when_refused() -> None:
    later, latest = "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"
    lines = list(
        read(
            [
                HEAD,
                f"{AT},charter,,,,,,,",
                f"{latest},nonsense",
                f"{later},nonsense,,,,,,,",
                f"{AT},customer,,ana,,,,,",
                f"{later},customer,,ana,,,,,",
            ]
        )
    )

    assert [line.code for line in lines] == [None, "bad_form", "bad_form", "bad_form", None]
    assert [line.at is None for line in lines] == [False, True, False, True, False]


@pytest.mark.parametrize("head", ["", "at,kind", HEAD + ",more", HEAD.upper(), " " + HEAD, "\n"])
def test_a_wrong_header_refuses_the_file(head: str) -> None:
    with pytest.raises(WrongHeader):
        read([head, f"{AT},charter,,,,,,,"])


def test_an_empty_file_has_a_wrong_header() -> None:
    with pytest.raises(WrongHeader):
        read([])


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"])), max_size=12))
def test_no_line_stops_the_reading(cells: list[str]) -> None:
    for line in read([HEAD, ",".join(cells), f"{AT},charter,,,,,,,"]):
        assert (line.event is None) is (line.code is not None)
