"""Decisions are kept by number: each number is one decision, and none is left out."""

from tests.imports import ROOT


def test_each_decision_has_a_number_of_its_own_that_its_heading_repeats() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(file.name[:4]) for file in files]

    assert numbers == list(range(1, len(files) + 1))
    for number, file in zip(numbers, files, strict=True):
        assert file.read_text(encoding="utf-8").startswith(f"# {number}. "), file.name
