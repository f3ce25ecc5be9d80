"""What Alder Valley votes on: a ballot in spring that one co-op stopped, and one that is open now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from wallet.domain.demo.act import DemoAct
from wallet.domain.demo.dice import Dice
from wallet.domain.demo.people import FACILITATORS, PEOPLE

OPEN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Poll:
    """Hold a ballot; those of the co-op `against` vote no, and visitors have not voted yet where it is open."""

    parameter: str
    to_value: int
    reason: str
    against: str = ""


PAST = Poll(
    "sunset_months",
    156,
    "Whoever joins us later should not wait fifteen years until every hour of work counts the same.",
    against="joinery",
)
NOW = Poll(
    "headroom_bp",
    1_500,
    "Who spends half of their RES at others stops at a fifth of their pay. With more room the share climbs on.",
)
BY_NUMBER = {1: PAST, 2: NOW}
# Opened so many days ago; those whom visitors meet first have not voted.
OPENED_DAYS, VISITED = 9, 9


def both(past_at: datetime, today: datetime, dice: Dice) -> Iterator[DemoAct]:
    """Give what happens in both ballots, yet without numbers; `past_at` is when the first was opened."""
    yield from _acts(1, PAST, past_at, dice, closed=True)
    yield from _acts(2, NOW, today - timedelta(days=OPENED_DAYS), dice, closed=False)


def _acts(number: int, poll: Poll, at: datetime, dice: Dice, *, closed: bool) -> Iterator[DemoAct]:
    first, second = FACILITATORS
    yield DemoAct(at, 0, "ballot", person=first, other=second, of=number)
    most = (OPEN_DAYS if closed else OPENED_DAYS) * 24 * 60 - 120
    for someone in PEOPLE if closed else PEOPLE[VISITED:]:
        for coop in someone.works_at:
            choice = "no" if coop == poll.against or dice.one_in(9) else "blank" if dice.one_in(15) else "yes"
            if not dice.one_in(8 if closed else 2):
                voted = at + timedelta(minutes=60 + dice.below(most - 60))
                yield DemoAct(voted, 0, "vote", coop, someone.handle, of=number, words=choice)
    if closed:
        yield DemoAct(at + timedelta(days=OPEN_DAYS, hours=1), 0, "counted", of=number)
