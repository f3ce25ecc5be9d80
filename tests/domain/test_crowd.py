"""A crowd: of fewer than five people nothing is told."""

import pytest

from wallet.domain.crowd import told


@pytest.mark.parametrize(("people", "shown"), [(0, None), (4, None), (5, 5), (1_204, 1_204)])
def test_fewer_than_five_people_are_not_told_of(people: int, shown: int | None) -> None:
    assert told(people) == shown
