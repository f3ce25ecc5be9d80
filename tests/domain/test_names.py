"""The order of names as people expect it."""

from wallet.domain.names import sort_key


def test_numbers_in_names_are_sorted_as_numbers_and_capitals_and_forms_of_letters_do_not_matter() -> None:
    names = ["Counter 11", "counter 2", "Bar", "Counter 1", "Counter", "2nd floor", "Counter 2 left", "10th floor"]

    ordered = ["2nd floor", "10th floor", "Bar", "Counter", "Counter 1", "counter 2", "Counter 2 left", "Counter 11"]
    assert sorted(names, key=sort_key) == ordered
    assert sort_key("Ｃounter ２") == sort_key("counter 2")
