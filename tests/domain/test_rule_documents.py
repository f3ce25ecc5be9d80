"""The worked examples of the documents that say a rule are executed as they stand there."""

import doctest
from pathlib import Path

import pytest

from wallet.domain.charter import Charter

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("name", "examples"), [("pay-share", 20), ("dividend", 15), ("payday", 5), ("ballots", 35), ("growth", 7)]
)
def test_every_example_of_the_document_comes_out_as_written(name: str, examples: int) -> None:
    found = doctest.testfile(str(DOCS / f"{name}.md"), module_relative=False, encoding="utf-8")

    assert found.attempted > examples
    assert found.failed == 0


def test_the_settings_that_the_document_names_are_those_in_force() -> None:
    text, charter = (DOCS / "pay-share.md").read_text(encoding="utf-8"), Charter()

    for name in ("window_months", "cap_bp", "headroom_bp", "rise_bp", "fall_bp", "floor_bp"):
        assert f"`{name}` {getattr(charter, name)}" in text
