"""The large benchmark works, so small that it takes a moment; what it writes are books in order."""

import pytest

from bench import large
from bench.table import Table
from bench.year import Size

ROWS = {
    "members", "home, opened first", "/, then", "/activity, then", "home, eleven", "a dividend's split",
    "its lines kept", "the dividend posted", "verify",
}  # fmt: skip


@pytest.mark.only_on("postgresql")
def test_a_year_is_written_as_the_wallet_would_and_its_dividend_is_paid(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table()

    large.year(table, database_url, Size.of(40, 200))

    names = [row["name"] for row in table.rows]
    assert all(any(part in name for name in names) for part in ROWS), names
    assert all(row["value"] > 0 for row in table.rows)
    assert "40 members, 200 sales written" in capsys.readouterr().out


@pytest.mark.parametrize(("members", "sales"), [(1_000_000, 20_000_000), (10_000, 200_000), (40, 40)])
def test_a_size_is_what_was_asked_for(members: int, sales: int) -> None:
    size = Size.of(members, sales)

    assert (size.members, size.sales) == (members, sales)
