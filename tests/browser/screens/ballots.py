"""Ballots, the charter that they change, and the dividend that one has switched off."""

from tests.browser import polls
from tests.browser.screens.screen import Screen, at
from tests.browser.world import World

SCREENS = (
    Screen("home-ballot", polls.reminded, "Home", ".dock .button", ".notice a"),
    Screen("charter", at("/charter"), "The charter", ".topbar .icon-button", "dl.facts div"),
    Screen("ballot-charter", polls.of_the_charter, "Ballot", ".dock .button", "li.coop"),
    Screen("ballots-desk", polls.at_the_desk("/federation/ballots"), "Ballots", ".button", "ul.rows li"),
    Screen(
        "ballots-propose", polls.at_the_desk("/federation/ballots/new/rise_bp"), "Propose a ballot", ".button", ".field"
    ),
    Screen("home-off", polls.without_dividend("/", World.member), "Home", ".dock .button", "p.muted"),
    Screen("dividend-off", polls.without_dividend("/dividend", World.member), "Dividend", "a.row", ".notice"),
    Screen(
        "dividend-off-pool",
        polls.without_dividend("/dividend/pool", World.member),
        "The pool",
        ".topbar .icon-button",
        ".notice",
    ),
    Screen(
        "dividend-off-runs",
        polls.without_dividend("/federation/dividend", World.facilitator),
        "Dividend",
        "a",
        ".notice",
    ),
    Screen("ballots", polls.asked("all"), "Ballots", ".topbar .icon-button", "ul.rows li"),
    Screen("ballot", polls.asked(), "Ballot", ".dock .button", "li.coop"),
    Screen("ballot-roll", polls.asked("/roll"), "The roll", ".topbar .icon-button", "ul.rows li"),
    Screen("ballot-check", polls.checked, "Check your vote", "form .button", "dl.facts div"),
    Screen("ballot-stored", polls.stored, "Your vote is stored", ".dock .button", "ul.rows li"),
    # The last one closes what the others opened.
    Screen("ballot-result", polls.counted, "Ballot result", ".topbar .icon-button", "li.coop"),
)
