"""A member's own limits: what may be paid without a passkey, at once and in a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# The two ways in which a member pays without a passkey.
MEANS = ("phone", "code")


@dataclass(frozen=True, slots=True)
class Most:
    """Hold the most that may be paid at once and in a day; 0 asks always."""

    payment_minor: int
    day_minor: int

    @property
    def at_once_minor(self) -> int:
        """Give the most that one payment may take."""
        return min(self.payment_minor, self.day_minor)

    def left_minor(self, spent_minor: int) -> int:
        """Give the most that one payment may take still on a day on which `spent_minor` went already."""
        return max(0, min(self.payment_minor, self.day_minor - spent_minor))

    def lower(self, other: "Most") -> "Most":
        """Give the lower of both in each part."""
        return Most(min(self.payment_minor, other.payment_minor), min(self.day_minor, other.day_minor))

    def exceeds(self, other: "Most") -> bool:
        """Tell whether any part is above that of `other`."""
        return self.lower(other) != self


# What holds for a member who has never wished otherwise.
USUAL = Most(50_00, 150_00)


@dataclass(frozen=True, slots=True)
class Raise:
    """Hold the most that may be paid from an instant on."""

    most: Most
    from_at: datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """Hold what is in force and the raise that waits, if any."""

    most: Most
    raised: Raise | None = None

    def changed(self, wish: Most, now: datetime, wait: timedelta) -> "Limit":
        """Give the limit for which a member wishes `now`: what is lower holds at once, what is higher waits.

        A raise that waits already, and is not exceeded by the wish, goes on waiting and does not begin anew.
        """
        if not wish.exceeds(self.most):
            return Limit(wish)
        waits = self.raised is not None and not wish.exceeds(self.raised.most)
        from_at = self.raised.from_at if self.raised and waits else now + wait
        return Limit(self.most.lower(wish), Raise(wish, from_at))
