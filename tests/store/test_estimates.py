"""What a dividend would bring a member if a period closed today."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests import cast
from tests.clock import Clock
from wallet.domain.dividend import DividendEstimate
from wallet.domain.fiscal import Spell
from wallet.kit import Kit
from wallet.services import dividends
from wallet.store import charters, pool
from wallet.store.charters import InHand
from wallet.store.engine import snapshot
from wallet.store.views import dividends as dividend_view
from wallet.store.views import estimates
from wallet.store.views.estimates import Everybody


@pytest.fixture
def town(kit: Kit, clock: Clock) -> Kit:
    """Let Ana and Ben, whose 240.00 RES came for 16 hours, spend at each other's co-op in March; May begins."""
    cast.share_out(kit)
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    return kit


def in_hand(kit: Kit) -> InHand:
    with snapshot(kit.engine) as connection:
        hand = charters.in_hand(connection, kit.charter, kit.clock())
    assert hand is not None
    return hand


def everybody(kit: Kit) -> Everybody:
    with snapshot(kit.engine) as connection:
        draft = dividend_view.draft(connection)
        pool_minor, key = pool.balance(connection), None if draft is None else draft.id
        return estimates.everybody(connection, kit.charter, pool_minor, key, kit.clock())


def of_ana(kit: Kit, hand: InHand) -> tuple[DividendEstimate | None, DividendEstimate | None]:
    with snapshot(kit.engine) as connection:
        mine, draft = dividend_view.counts_of(connection, "ana"), dividend_view.draft(connection)
    return estimates.estimates(hand, draft, mine, everybody(kit))


def test_the_pool_is_estimated_as_it_is_and_with_what_is_open(town: Kit) -> None:
    # In month 4 of 180, 176 parts go by 180.00 of 240.00 and the rest by 12 of 16 hours; the bakery owes 1.80.
    assert of_ana(town, in_hand(town)) == (
        DividendEstimate(cast.POT, 366_66, 8_34),
        DividendEstimate(cast.POT + 1_80, 367_98, 8_37),
    )


def test_what_a_draft_shares_out_is_not_estimated_again(town: Kit) -> None:
    dividends.draft(town, "flo", date(2026, 4, 1), cast.POT - 100_00)

    beside, _filled = of_ana(town, in_hand(town))

    # The draft has counted all hours.
    assert beside == DividendEstimate(100_00, 73_32, 0)


def test_a_time_without_dividends_brings_nothing_and_the_period_before_it_what_it_came_to(town: Kit) -> None:
    hand = in_hand(town)

    assert of_ana(town, replace(hand, spell=Spell(hand.since, None))) == (None, None)
    until_march = of_ana(town, replace(hand, spell=Spell(date(2026, 3, 1), None)))[0]
    # In month 2 of 180.
    assert until_march == DividendEstimate(cast.POT, 370_83, 4_17)
