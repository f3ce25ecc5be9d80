"""What RES is, some minutes old, as pages show it."""

from datetime import datetime

from wallet.services import circulation as acts
from wallet.store.engine import snapshot
from wallet.store.views import circulation
from wallet.store.views.circulation import Circulation
from wallet.web.current import kit
from wallet.web.kept import some_minutes_old


def figures(held_minor: int) -> Circulation:
    """Give the figures, some minutes old, but never such that all hold less than the `held_minor` of who reads them."""
    return some_minutes_old("circulation", _summed, lambda known: known.outstanding_minor >= held_minor)


def _summed(now: datetime) -> Circulation:
    acts.keep_months(kit())
    with snapshot(kit().engine) as connection:
        return circulation.summed(connection, now)
