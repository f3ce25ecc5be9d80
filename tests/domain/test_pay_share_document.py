"""The worked examples of docs/pay-share.md are executed as they stand there."""

import doctest
from pathlib import Path

from wallet.domain.charter import Charter

DOCUMENT = Path(__file__).parents[2] / "docs" / "pay-share.md"


def test_every_example_of_the_document_comes_out_as_written() -> None:
    found = doctest.testfile(str(DOCUMENT), module_relative=False, encoding="utf-8")

    assert found.attempted > 20
    assert found.failed == 0


def test_the_settings_that_the_document_names_are_those_in_force() -> None:
    text, charter = DOCUMENT.read_text(encoding="utf-8"), Charter()

    for name in ("window_months", "cap_bp", "headroom_bp", "rise_bp", "fall_bp", "floor_bp"):
        assert f"`{name}` {getattr(charter, name)}" in text
