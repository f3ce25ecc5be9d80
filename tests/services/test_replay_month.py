"""A month of a public counter trace replays as the oracle says: thousands of lines in the order of a real counter."""

from tests import trace
from tests.model_events import History, rows
from wallet.cli.replay import BOOK
from wallet.kit import Kit
from wallet.services.replay import replay


def test_a_month_at_the_counter_ends_as_the_oracle_says(kit: Kit) -> None:
    text = trace.month()

    report = replay(kit, text.splitlines(), BOOK)

    assert report == History().run(rows(text))
    assert report["transfers"] > 10_000
    assert report["replayed"] > 30
    assert report["sum"] == 0
