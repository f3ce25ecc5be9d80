"""Every screen of the wallet, a file for each part of it: how one gets there, and what must be on it."""

from tests.browser.screens import (
    activity,
    ballots,
    code,
    disputes,
    dividend,
    gifts,
    home,
    pay,
    payday,
    places,
    refunds,
    share,
    shifts,
    supplies,
    suspension,
    tablet,
    till,
)

# The ballots come last: they change what home and the dividend show.
ROOMS = (
    home,
    pay,
    code,
    activity,
    gifts,
    refunds,
    share,
    places,
    dividend,
    payday,
    disputes,
    supplies,
    till,
    tablet,
    shifts,
    suspension,
    ballots,
)
SCREENS = tuple(screen for room in ROOMS for screen in room.SCREENS)
