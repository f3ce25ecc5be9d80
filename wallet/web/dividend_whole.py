"""A dividend as a whole: its period, what it gave by what, how that spread, the dues; for the desk and for members."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from wallet.domain.fiscal import Spell
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.store import dues as dues_rows
from wallet.store import pool
from wallet.store.dues import Due
from wallet.store.engine import snapshot
from wallet.store.views import dividend_spread, dividends
from wallet.store.views.dividend_spread import Spread
from wallet.store.views.dividends import DividendLine, DividendRun
from wallet.web import charters, sold
from wallet.web.current import kit, signed_in
from wallet.web.today import federation_zone


@dataclass(frozen=True, slots=True)
class Whole:
    """Hold a run with its period, the pool before it, its spread, the dues of its period, and the viewer's own line.

    `posts_at` is when a draft can be posted, at the earliest, and `leaves_out` the time that it takes out of what is
    paid.
    """

    run: DividendRun
    since: date
    posts_at: datetime
    pool_minor: int | None
    spread: Spread | None
    dues: list[Due]
    line: DividendLine | None
    leaves_out: Spell | None

    @property
    def kept_minor(self) -> int:
        """Give what of the pot stays in the pool, since nobody has anything to count with in a part of it."""
        return self.run.pot_minor - self.run.given_minor

    @property
    def by_hundred_minor(self) -> int:
        """Give what a basis of 100.00 brings."""
        return self.run.history_minor * 100_00 // self.run.basis_minor if self.run.basis_minor else 0

    @property
    def by_hundred_hours_minor(self) -> int:
        """Give what a hundred new hours bring."""
        return self.run.hours_minor * 100 * 60 // self.run.new_minutes if self.run.new_minutes else 0

    @property
    def due_minor(self) -> int:
        """Give what co-ops were asked for."""
        return sum(due.due_minor for due in self.dues)

    @property
    def put_in_minor(self) -> int:
        """Give what they have put in."""
        return sum(due.paid_minor for due in self.dues)

    @property
    def open_minor(self) -> int:
        """Give what they were asked for and have not put in."""
        return sum(due.open_minor for due in self.dues)

    @property
    def beyond_minor(self) -> int:
        """Give what was put in beyond what was asked of those who put it in."""
        return self.open_minor - self.due_minor + self.put_in_minor


def standing(connection: sa.Connection, run_id: int) -> DividendRun:
    """Give a run that is a draft or was posted.

    Raises: unknown_page, which says so of a draft that was withdrawn.
    """
    run = dividends.known(connection, run_id)
    if run.state == "withdrawn":
        raise refuse("unknown_page", _("This draft of a dividend was withdrawn. No money moved."))
    return run


def looked_up(run_id: int) -> Whole:
    """Give a run that stands as a whole, its dues as they stood when it was posted.

    Raises: unknown_page.
    """
    zone = federation_zone()
    with snapshot(kit().engine) as connection:
        run, hand = standing(connection, run_id), charters.in_hand(connection)
        if hand is None:
            raise refuse("unknown_page")
        then = hand.of_run(run.ends_on)
        period = dues_rows.period(connection, then, zone, run.ends_on, kit().clock(), run.closed_at)
        asked = dues_rows.of_all(connection, period, then, zone, sold.some_minutes_ago)
        posted = run.closed_at is not None
        return Whole(
            run,
            then.since,
            run.drafted_at + kit().deployment.draft_waits,
            dividend_spread.pool_before(connection, run.id) if posted else pool.balance(connection),
            dividend_spread.of_run(connection, run.id, run.paid),
            # Who was asked for nothing and put nothing in may not have been there yet.
            [due for due in asked if due.due_minor or due.paid_minor],
            dividends.line_of(connection, run.id, signed_in().handle),
            None if posted else hand.cut_by(run.ends_on),
        )
