"""Today: the federation's time zone, and the day and the month that it is there."""

from datetime import date
from typing import cast

from flask import current_app

from wallet.domain import period
from wallet.store import federation
from wallet.store.engine import reading
from wallet.web.current import kit


def federation_zone() -> str:
    """Tell the federation's time zone; once found it is kept, for it is fixed at the first transfer."""
    found = current_app.extensions.get("federation_zone")
    if found is None:
        with reading(kit().engine) as connection:
            found = federation.founded_zone(connection)
        if found is not None:
            current_app.extensions["federation_zone"] = found
    return cast(str, found or "UTC")


def this_day() -> date:
    """Tell the day that it is."""
    return period.date_of(kit().clock(), federation_zone())


def this_month() -> str:
    """Tell the month that it is: `2026-07`."""
    return period.month_of(kit().clock(), federation_zone())
