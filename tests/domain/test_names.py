"""Names: their order as people expect it, and what is one name to whoever reads it."""

import pytest

from wallet.domain.names import initials, read_name, searchable, sort_key
from wallet.errors import Refusal


def test_numbers_in_names_are_sorted_as_numbers_and_capitals_and_forms_of_letters_do_not_matter() -> None:
    names = ["Counter 11", "counter 2", "Bar", "Counter 1", "Counter", "2nd floor", "Counter 2 left", "10th floor"]

    ordered = ["2nd floor", "10th floor", "Bar", "Counter", "Counter 1", "counter 2", "Counter 2 left", "Counter 11"]
    assert sorted(names, key=sort_key) == ordered
    assert sort_key("Ｃounter ２") == sort_key("counter 2")


@pytest.mark.parametrize(
    ("name", "letters"), [("Ana Reis", "AR"), ("Gus van Orth", "GO"), ("zoë", "Z"), ("مريم علي", "مع"), ("", "")]
)
def test_a_name_is_told_by_the_first_letters_of_its_first_and_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize("unseen", ["\u200c", "\u200d", "\u2060", "\u034f", "\ufe0f", "\u180b", "\U000e0101"])
def test_what_nobody_sees_makes_no_name_another(unseen: str) -> None:
    assert searchable(f"Bread{unseen} & Roses{unseen}") == searchable("Bread & Roses")


def test_what_is_seen_does() -> None:
    apart = ["Bread & Roses", "Bread & Rose", "کتاب", "کتب", "की", "कु", "👨‍👩‍👧", "👩"]

    assert len({searchable(name) for name in apart}) == len(apart)


@pytest.mark.parametrize("name", ["می‌خواهم", "שרה", "مريم", "Ana ❤️", "Ana 👩‍🌾", "क्‍ष"])
def test_a_name_is_kept_as_its_script_writes_it(name: str) -> None:
    assert read_name(name) == name


@pytest.mark.parametrize("name", ["\u3164", "Ana\u115f", "Ana\u2800Rio", "\u200bAna", "Ana\u202e", "Ana\u2066", ""])
def test_a_name_that_nobody_can_read_is_none(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_name(name)
    assert refused.value.code == "bad_form"
