"""Rates: how often an act may be tried, by whom, before it has to wait."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wallet.domain.deployment import Deployment


@dataclass(frozen=True, slots=True)
class Rate:
    """Hold a bucket's size, `times` tokens, of which as many come back within `span`."""

    name: str
    times: int
    span: timedelta

    @property
    def each(self) -> timedelta:
        """Give the time in which one token comes back."""
        return self.span // self.times

    @property
    def wait_seconds(self) -> int:
        """Give the whole seconds after which an empty bucket holds a token again."""
        return max(1, -(-self.each // timedelta(seconds=1)))

    def empty_from(self, now: datetime) -> datetime:
        """Give the instant after which a bucket must not become full only: then it holds no token `now`."""
        return now + self.span - self.each

    def absurd_from(self, now: datetime) -> datetime:
        """Give the instant after which only a clock that was set back since lets a bucket become full."""
        return now + 2 * self.span

    def here(self, deployment: Deployment) -> "Rate":
        """Give the rate as it holds here: in a demo with many times as many tokens."""
        return self if deployment.tries == 1 else replace(self, times=self.times * deployment.tries)


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

SIGN_IN = Rate("sign-in", 10, MINUTE)
INVITATION = Rate("invitation", 20, HOUR)
BILL_CODE_OF_PERSON = Rate("bill-code", 10, MINUTE)
BILL_CODE_OF_NETWORK = Rate("bill-code", 60, MINUTE)
SHOWN_CODE = Rate("shown-code", 60, MINUTE)
CHALLENGE_OF_PERSON = Rate("challenge", 60, MINUTE)
CHALLENGE_OF_NETWORK = Rate("challenge", 600, MINUTE)
MEMBER_CODE = Rate("member-code", 10, MINUTE)
MEMBER_CODE_AT_TILL = Rate("member-code", 30, MINUTE)
ENROLMENT = Rate("enrolment", 20, HOUR)
NAMES_OF_PERSON = Rate("names", 20, MINUTE)
MONEY_OF_PERSON = Rate("money", 30, MINUTE)
MONEY_OF_TILL = Rate("money", 120, MINUTE)
