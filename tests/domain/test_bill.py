"""A bill's code forgives the hand that types it; its state follows from the time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.domain import base32, bill
from wallet.domain.handle import is_label
from wallet.errors import Refusal

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
END = NOON + timedelta(seconds=180)
STATES = [
    # stored, claimed at second, bound, now at second, state
    ("open", None, False, 0, "open"),
    ("open", None, False, 179, "open"),
    ("open", None, False, 180, "expired"),
    ("open", 10, False, 10, "claimed"),
    ("open", 10, False, 39, "claimed"),
    ("open", 10, False, 40, "open"),
    ("open", 170, False, 179, "claimed"),
    ("open", 170, False, 180, "expired"),
    ("open", None, True, 0, "claimed"),
    ("open", 0, True, 100, "claimed"),
    ("open", 0, True, 180, "expired"),
    ("paid", 10, False, 500, "paid"),
    ("declined", None, True, 500, "declined"),
    ("cancelled", None, False, 0, "cancelled"),
]
TYPED = [
    "ABCD1230",
    "abcd1230",
    "AbCd-1230",
    " abcd 1230 ",
    "ABCDI23O",
    "abcdl23o",
    "A-B-C-D-1-2-3-0",
    *(f"ABCD{dash}1230" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"),
    *(f"ABCD{space}1230" for space in "\u00a0\u2007\u2009\u202f"),
]
NOT_CODES = [
    "",
    "ABCD123",
    "ABCD12300",
    "ABCDU230",
    "ABCD123é",
    "ABCD\t1230",
    "ÁBCD1230",
    "ABCD12ı0",
    "ABCD１230",
    "-" * 100,
    None,
    12345678,
]


@pytest.mark.parametrize(("stored", "claimed", "bound", "second", "state"), STATES)
def test_a_bills_state_follows_from_the_time(
    stored: str, claimed: int | None, bound: bool, second: int, state: str
) -> None:
    claimed_at = None if claimed is None else NOON + timedelta(seconds=claimed)

    assert bill.state_of(stored, END, claimed_at, bound, NOON + timedelta(seconds=second)) == state


def test_a_bill_lives_three_minutes_and_a_scan_one() -> None:
    assert bill.expiry_of(NOON) - NOON == timedelta(minutes=3)
    assert bill.expiry_of(NOON, scanned=True) - NOON == timedelta(minutes=1)


@pytest.mark.parametrize("text", TYPED)
def test_a_typed_code_is_forgiven_its_spelling(text: str) -> None:
    assert bill.normalise(text) == "ABCD1230"


@pytest.mark.parametrize("text", NOT_CODES)
def test_what_is_no_code_is_refused(text: object) -> None:
    with pytest.raises(Refusal) as refusal:
        bill.normalise(text)

    assert refusal.value.code == "bad_form"


@given(st.binary(min_size=8, max_size=8))
def test_every_made_code_reads_as_itself(random_bytes: bytes) -> None:
    code = base32.written(random_bytes)

    assert bill.normalise(code) == code == bill.normalise(code.lower())


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("ana", True),
        ("x" * 64, True),
        ("Käthe 7", True),
        ("🍞", True),
        (" ", True),
        ("", False),
        ("x" * 65, False),
        ("a\tb", False),
        ("a\x00", False),
        ("a\x85", False),
        ("a\x7f", False),
        (None, False),
        (7, False),
        (["a"], False),
    ],
)
def test_a_label_is_a_short_text_without_control_characters(text: object, ok: bool) -> None:
    assert is_label(text) is ok
