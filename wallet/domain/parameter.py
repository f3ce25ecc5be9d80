"""The parameters of the charter that ballots change: in what they are written, how far they go, what it takes."""

from dataclasses import dataclass

from wallet.domain.ballot import EVERY, MOST, Majority
from wallet.domain.ratio import WHOLE_BP

SUNSET = "sunset_months"
DIVIDEND = "dividend_on"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Hold a parameter of the charter.

    Units: `unit` is part and points (basis points), money (minor units), hours (minutes), days, months, switch (0, 1);
    `starts` tells whether a change begins with a month or with a period. The bounds are such that no two values
    contradict each other, whichever ballots pass.
    """

    name: str
    unit: str
    least: int
    most: int
    starts: str = "month"
    majority: Majority = MOST

    def allows(self, value: int) -> bool:
        """Tell whether it may have a value; hours are whole."""
        return self.least <= value <= self.most and (self.unit != "hours" or value % 60 == 0)


PARAMETERS = {
    one.name: one
    for one in (
        # A hundred years: what is further away is a slip of the pen.
        Parameter(SUNSET, "months", 1, 1_200, "period", EVERY),
        Parameter(DIVIDEND, "switch", 0, 1, "period"),
        Parameter("pool_rate_bp", "part", 0, 1_000, "period"),
        Parameter("floor_bp", "part", 0, 5_000),
        Parameter("cap_bp", "part", 5_000, WHOLE_BP),
        Parameter("headroom_bp", "points", 0, 5_000),
        Parameter("rise_bp", "points", 100, WHOLE_BP),
        Parameter("fall_bp", "points", 0, WHOLE_BP),
        Parameter("window_months", "months", 1, 12),
        Parameter("frozen_below_minor", "money", 1, 1_000_000),
        Parameter("own_set_days", "days", 1, 730),
        Parameter("count_logged_cash", "switch", 0, 1),
        Parameter("logged_cash_day_minor", "money", 0, 1_000_000),
        Parameter("rate_max_minor", "money", 100, 100_000),
        Parameter("month_minutes_max", "hours", 60, 44_640),
        Parameter("ballot_days", "days", 7, 90),
    )
}
