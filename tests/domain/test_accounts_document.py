"""The example of docs/accounts.md is executed as it stands there, and Beancount loads what it prints."""

import doctest
from pathlib import Path

from beancount import loader

DOCUMENT = Path(__file__).parents[2] / "docs" / "accounts.md"


def test_the_example_of_the_document_comes_out_as_written() -> None:
    found = doctest.testfile(str(DOCUMENT), module_relative=False, encoding="utf-8")

    assert found.attempted > 8
    assert found.failed == 0


def test_beancount_loads_the_example() -> None:
    examples = doctest.DocTestParser().get_examples(DOCUMENT.read_text(encoding="utf-8"))
    text = next(one.want for one in examples if one.want.startswith("; Accounts")).replace("<BLANKLINE>", "")

    entries, errors, _options = loader.load_string(text)

    assert errors == []
    assert len(entries) > 12


def test_a_balance_that_is_a_cent_off_does_not_load() -> None:
    examples = doctest.DocTestParser().get_examples(DOCUMENT.read_text(encoding="utf-8"))
    text = next(one.want for one in examples if one.want.startswith("; Accounts")).replace("<BLANKLINE>", "")

    _entries, errors, _options = loader.load_string(text.replace("  2.00 ~", "  2.01 ~"))

    assert len(errors) == 1
