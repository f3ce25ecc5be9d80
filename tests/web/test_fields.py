"""Every reader of a field: the last that it takes, the first that it refuses, from people and from scripts."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from wallet.domain.names import NAME_MAX
from wallet.errors import Refusal
from wallet.web.exact_json import Number
from wallet.web.fields import (
    Field,
    amount,
    count,
    credential,
    day,
    flag,
    key,
    label,
    name,
    note,
    percent,
    remark,
    sentences,
    signed_amount,
    text,
    whole,
)  # fmt: skip
from wallet.web.forms import says_what

BOTH, TYPED, SENT = (True, False), (True,), (False,)
DIGITS = "9" * 18
# Written from right to left, with the marks and joiners that belong to it; and signs that are joined of several.
LIVELY = ("می‌خواهم ۳ نان", "לחם 2 (a)\u200f", "مرحبا\u200e!", "\u061c12", "क्‍ष", "👩‍🌾 ❤️", "🙏🏽")
TURNED = tuple(f"bread{each}daerb" for each in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def said() -> Field:
    return remark(64)


@pytest.mark.parametrize(
    ("field", "ways", "value", "read"),
    [
        (whole(), BOTH, "0", 0),
        (whole(), BOTH, DIGITS, int(DIGITS)),
        (whole(), SENT, Number("7"), 7),
        (count(), TYPED, " 30 ", 30),
        (amount(), SENT, "0.01", 1),
        (amount(zero=True), SENT, "0.00", 0),
        (amount(zero=True), TYPED, "0", 0),
        (signed_amount(), SENT, "-1.05", -105),
        (signed_amount(), BOTH, "0.00", 0),
        (signed_amount(), TYPED, " −2,5 ", -250),
        (signed_amount(), TYPED, "-2", -200),
        (percent(), BOTH, "100.00", 10_000),
        (percent(), SENT, "0.00", 0),
        (percent(), TYPED, "12,5", 1_250),
        (day(), BOTH, "1900-01-01", date(1900, 1, 1)),
        (day(), BOTH, "2199-12-31", date(2199, 12, 31)),
        (sentences(), BOTH, "  so\n it was\t", "so it was"),
        (sentences(4), BOTH, " four ", "four"),
        (note(), BOTH, f" {'n' * 38} ", "n" * 38),
        (note(), BOTH, "\u200b \u2063", ""),
        *((field(), BOTH, words, words) for field in (note, sentences, said) for words in LIVELY),
        (remark(4), BOTH, "abc ", "abc"),
        (remark(4), BOTH, "\u3164", ""),
        (text(3), BOTH, "abc", "abc"),
        (text(3), BOTH, "", ""),
        (text(), BOTH, "x" * 64, "x" * 64),
        (sentences(), BOTH, "x" * 1_000, "x" * 1_000),
        (name(optional=True), BOTH, " ", ""),
        (name(optional=True), BOTH, "Ana Reis", "Ana Reis"),
        (name(), BOTH, "x" * NAME_MAX, "x" * NAME_MAX),
        (label(), BOTH, "h" * 64, "h" * 64),
        (flag(), TYPED, "1", True),
        (flag(), TYPED, "0", False),
        (flag(), SENT, False, False),
        (credential(), SENT, {"id": "x"}, {"id": "x"}),
        (credential(), TYPED, '{"id": "x"}', {"id": "x"}),
    ],
)
def test_what_is_right_is_read(field: Field, ways: tuple[bool, ...], value: Any, read: object) -> None:
    for typed in ways:
        assert field.reader(value, typed) == read


@pytest.mark.parametrize(
    ("field", "ways", "value", "code"),
    [
        *((whole(), BOTH, value, "bad_form") for value in ("", "-1", "01", "1.0", f"1{DIGITS}", "٣", 7, None, "1\n")),
        (whole(), SENT, Number("1.0"), "bad_form"),
        (count(), SENT, " 30 ", "bad_form"),
        (count(), TYPED, "30\t", "bad_form"),
        *((amount(zero=True), BOTH, value, "bad_amount") for value in (7, Number("7.00"), None, ["7.00"], True)),
        (amount(), TYPED, "0", "bad_amount"),
        *((signed_amount(), BOTH, value, "bad_amount") for value in ("--1.00", "", "-", 7, Number("-1.00"))),
        *((signed_amount(), SENT, value, "bad_amount") for value in ("−1.00", " 1.00", "- 1.00", "-1")),
        *((percent(), BOTH, value, "bad_amount") for value in ("100.01", "-1.00", "", Number("1.00"), None, 7)),
        (percent(), SENT, "12,5", "bad_amount"),
        *((day(), BOTH, value, "bad_form") for value in ("1899-12-31", "2200-01-01", "2026-02-29", "2026-1-01", 7, "")),
        *((sentences(4), BOTH, value, "bad_form") for value in ("fives", " \n", "", 7, None, "a\0b")),
        *((sentences(), BOTH, value, "bad_form") for value in ("\u200b", "\u3164", "\u2800 \u00ad", "\ufe0f")),
        *((field(), BOTH, value, "bad_form") for field in (note, sentences, said, name) for value in TURNED),
        *((note(), BOTH, value, "bad_form") for value in ("n" * 41, f" {'n' * 40}", 7, "a\x85b")),
        *((text(3), BOTH, value, "bad_form") for value in ("abcd", 7, None, "\ud800")),
        (text(), BOTH, "x" * 65, "bad_form"),
        (sentences(), BOTH, "x" * 1_001, "bad_form"),
        *((name(), BOTH, value, "bad_form") for value in ("", " ", "x" * (NAME_MAX + 1), "x" * 4 * NAME_MAX, 7)),
        *((label(), BOTH, value, "bad_form") for value in ("", "h" * 65, "a\nb", 7)),
        *((flag(), TYPED, value, "bad_form") for value in ("true", "2", "")),
        *((flag(), SENT, value, "bad_form") for value in ("1", 1, Number("1"), None)),
        *((credential(), BOTH, value, "bad_form") for value in ("[]", "{", 7, None, [])),
        (credential(), SENT, '{"id": "x"}', "bad_form"),
    ],
)
def test_what_is_not_is_refused(field: Field, ways: tuple[bool, ...], value: Any, code: str) -> None:
    for typed in ways:
        with pytest.raises(Refusal, match=code):
            field.reader(value, typed)


@pytest.mark.parametrize("field", [note, sentences, said, name])
def test_who_is_refused_for_signs_that_nobody_sees_is_told_so(field: Callable[[], Field]) -> None:
    for value in TURNED:
        with pytest.raises(Refusal) as refused:
            field().reader(value, True)
        assert says_what(refused.value)


def test_what_is_absent_is_nothing_or_none() -> None:
    absent = (amount, signed_amount, percent, text, name, label, whole, credential)

    assert [field(optional=True).absent for field in absent] == [0, 0, None, "", "", None, None, None]  # type: ignore[operator]
    assert (note().absent, flag().absent) == ("", False)
    assert note().optional
    assert flag().optional
    assert not [field for field in (*absent, count, day, sentences, key) if field().optional]
