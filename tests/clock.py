"""The tests' clock: it stands still until it is moved, or is made to go."""

from datetime import UTC, datetime, timedelta

MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Clock:
    """Tell the instant it was set to, as aware UTC; a kit calls it like the server's clock.

    `goes` is how far it goes on each time that it is asked, as a real one does.
    """

    def __init__(self, now: datetime = MONDAY_NOON) -> None:
        self.now = now
        self.goes = timedelta(0)

    def __call__(self) -> datetime:
        """Tell the time."""
        self.now += self.goes
        return self.now

    def set(self, at: datetime) -> None:
        """Stand at `at` from now on."""
        assert at.tzinfo is not None, "an instant has a zone"
        self.now = at.astimezone(UTC)

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move forwards by this much."""
        self.now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
