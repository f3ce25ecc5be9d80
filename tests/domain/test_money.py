"""Amounts are read exactly or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.domain.money import MAX_MINOR, format_amount, parse_amount, parse_typed
from wallet.errors import Refusal

EXACT = {"0.00": 0, "0.01": 1, "12.50": 1250, "9999999999.99": MAX_MINOR, "1000000000.00": 100_000_000_000}
NOT_EXACT = [
    "",
    "12",
    "12.5",
    "12.500",
    "012.50",
    "00.00",
    "-1.00",
    "+1.00",
    "1,00",
    " 1.00",
    "1.00 ",
    "1.00\n",
    "1e2",
    "1_0.00",
    "10000000000.00",
    "１.00",
    "1.０0",
    ".50",
    "1.",
    "1 000.00",
    "1.2.3",
    "NaN",
    "١.٠٠",
    None,
    True,
    1,
    1.0,
    ["1.00"],
    b"1.00",
]
TYPED = {
    "12": 1200,
    "12.5": 1250,
    "12,5": 1250,
    "12.50": 1250,
    "12,50": 1250,
    " 7 ": 700,
    "0": 0,
    "0,05": 5,
    "007": 700,
    "9999999999.99": MAX_MINOR,
}
NOT_TYPED = [
    "",
    " ",
    "12.505",
    "1,000",
    "1.000",
    "1,000.00",
    "1'000",
    "1 000",
    "-1",
    "+1",
    "1e2",
    "1_0",
    "12.",
    ".5",
    "１２",
    "12\n",
    "12\t",
    "10000000000",
    "0" * 5000,
    "12€",
    None,
    12,
    True,
    ["12"],
]


@pytest.mark.parametrize(("text", "minor"), EXACT.items())
def test_an_exact_amount_is_read(text: str, minor: int) -> None:
    assert parse_amount(text) == minor


@pytest.mark.parametrize("text", NOT_EXACT)
def test_anything_but_an_exact_amount_is_refused(text: object) -> None:
    with pytest.raises(Refusal) as refusal:
        parse_amount(text)

    assert refusal.value.code == "bad_amount"


@pytest.mark.parametrize(("text", "minor"), TYPED.items())
def test_an_amount_is_read_as_people_type_it(text: str, minor: int) -> None:
    assert parse_typed(text) == minor


@pytest.mark.parametrize("text", ["10000000000", " 99999999999,99 "])
def test_a_sum_that_is_too_large_is_told_the_largest(text: str) -> None:
    with pytest.raises(Refusal, match="bad_amount") as refusal:
        parse_typed(text)

    assert "9,999,999,999.99" in refusal.value.sentence


@pytest.mark.parametrize("text", NOT_TYPED)
def test_what_could_mean_two_amounts_is_refused(text: object) -> None:
    with pytest.raises(Refusal) as refusal:
        parse_typed(text)

    assert refusal.value.code == "bad_amount"


@given(st.integers(0, MAX_MINOR))
def test_what_is_written_is_read_again(minor: int) -> None:
    assert parse_amount(format_amount(minor)) == minor
    assert parse_typed(format_amount(minor).replace(".", ",")) == minor


@given(st.text())
def test_no_text_reads_as_more_than_the_wallet_holds(text: str) -> None:
    for parse in (parse_amount, parse_typed):
        try:
            minor = parse(text)
        except Refusal:
            continue
        assert 0 <= minor <= MAX_MINOR


def test_a_debt_is_written_with_a_minus() -> None:
    assert [format_amount(minor) for minor in (-5, -1250, 0, 1250)] == ["-0.05", "-12.50", "0.00", "12.50"]
